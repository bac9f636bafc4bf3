//! Tokens as an expression.

use std::ops::Range;

use super::ParseError;
use super::ast::{Call, Expr, ExprKind, Literal, Member, Operator, TYPE_BINDING};
use super::function::Function;
use super::lexer::{Token, TokenKind, tokens};
use super::temporal::CalendarUnit;
use super::types::{TypeName, is_system_type, may_be_fhir_type};

/// How deep an expression may be nested, a chain of steps or operators counting one for each. Expressions that people
/// write stay below 30; the limit keeps generated ones from exhausting the stack.
pub(crate) const DEPTH_MAX: usize = 150;

/// Reads a whole expression.
pub(crate) fn parse(text: &str) -> Result<Expr, ParseError> {
    read(text).map(|expression| *expression)
}

/// A part of an expression on the heap: nesting must not cost more stack than needed.
type Parsed = Result<Box<Expr>, ParseError>;

fn read(text: &str) -> Parsed {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    if *parser.kind() == TokenKind::End {
        return Err(ParseError::new("the expression is empty", 0..text.len()));
    }
    let expression = parser.expression(0)?;
    match parser.kind() {
        TokenKind::End => Ok(expression),
        found => {
            let error = ParseError::new(
                format!(
                    "expected an operator or the end of the expression, found {}",
                    describe(found)
                ),
                parser.span(),
            );
            Err(match found {
                TokenKind::Name(_) => error.hint("operators that are words: and, or, xor, implies, in, contains, is, as, div, mod"),
                _ => error,
            })
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn kind(&self) -> &TokenKind {
        &self.tokens[self.at].kind
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].span.clone()
    }

    /// Takes the current token; the last one stays.
    fn take(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.kind(), TokenKind::Sign(found) if *found == sign);
        if found {
            self.take();
        }
        found
    }

    fn expect_sign(
        &mut self,
        sign: &'static str,
        context: &str,
    ) -> Result<Range<usize>, ParseError> {
        let span = self.span();
        if self.take_sign(sign) {
            return Ok(span);
        }
        Err(ParseError::new(
            format!(
                "expected `{sign}` {context}, found {}",
                describe(self.kind())
            ),
            span,
        ))
    }

    /// Puts parts together, keeping count of the depth.
    fn node(kind: ExprKind, span: Range<usize>, depth_below: usize) -> Parsed {
        let depth = depth_below + 1;
        if depth > DEPTH_MAX {
            return Err(ParseError::new(
                format!("the expression is nested deeper than {DEPTH_MAX} levels"),
                span,
            ));
        }
        Ok(Box::new(Expr { kind, span, depth }))
    }

    /// Reads operators that bind at least as tightly as `tightness`.
    fn expression(&mut self, tightness: u8) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::new(
                format!("the expression is nested deeper than {DEPTH_MAX} levels"),
                self.span(),
            ));
        }
        let mut left = self.signed()?;
        loop {
            let text = match self.kind() {
                TokenKind::Sign(sign) => *sign,
                TokenKind::Name(name) => name.as_str(),
                _ => break,
            };
            if matches!(text, "is" | "as") && TYPE_BINDING >= tightness {
                let cast = text == "as";
                self.take();
                let (name, end) = self.type_name()?;
                let (span, depth) = (left.span.start..end, left.depth);
                let kind = ExprKind::Type {
                    operand: left,
                    cast,
                    name,
                };
                left = Self::node(kind, span, depth)?;
                continue;
            }
            let Some((operator, binding)) =
                Operator::from_text(text).filter(|&(_, binding)| binding >= tightness)
            else {
                break;
            };
            self.take();
            let right = self.expression(binding + 1)?;
            let (span, depth) = (left.span.start..right.span.end, left.depth.max(right.depth));
            let kind = ExprKind::Binary {
                operator,
                left,
                right,
            };
            left = Self::node(kind, span, depth)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        let start = self.span().start;
        let mut signs = Vec::new();
        while let TokenKind::Sign(sign @ ("+" | "-")) = *self.kind() {
            signs.push((sign == "-", self.take().span.start));
        }
        let mut operand = self.steps()?;
        for (negative, at) in signs.into_iter().rev() {
            let (span, depth) = (at.max(start)..operand.span.end, operand.depth);
            operand = Self::node(ExprKind::Sign { negative, operand }, span, depth)?;
        }
        Ok(operand)
    }

    /// A term and the `.step`s and `[index]`es after it.
    fn steps(&mut self) -> Parsed {
        let mut base = self.term()?;
        loop {
            if self.take_sign(".") {
                let step = self.invocation()?;
                let (span, depth) = (base.span.start..step.span.end, base.depth.max(step.depth));
                base = Self::node(ExprKind::Step { base, step }, span, depth)?;
            } else if self.take_sign("[") {
                let index = self.expression(0)?;
                let end = self.expect_sign("]", "after the index")?.end;
                let (span, depth) = (base.span.start..end, base.depth.max(index.depth));
                base = Self::node(ExprKind::Item { base, index }, span, depth)?;
            } else {
                return Ok(base);
            }
        }
    }

    fn term(&mut self) -> Parsed {
        match self.kind() {
            TokenKind::Sign("(") => self.parenthesis(),
            TokenKind::Name(word) if !matches!(word.as_str(), "true" | "false") => {
                self.invocation()
            }
            _ => self.literal(),
        }
    }

    fn parenthesis(&mut self) -> Parsed {
        let start = self.take().span.start;
        let mut inner = self.expression(0)?;
        let end = self.expect_sign(")", "to close the parenthesis")?.end;
        inner.span = start..end;
        Ok(inner)
    }

    /// A value written out, or a variable.
    fn literal(&mut self) -> Parsed {
        let span = self.span();
        let literal = |literal| Self::node(ExprKind::Literal(literal), span.clone(), 0);
        match self.kind().clone() {
            TokenKind::Sign("{") => {
                self.take();
                let end = self.expect_sign("}", "(`{}` is the empty collection)")?.end;
                Self::node(ExprKind::Empty, span.start..end, 0)
            }
            TokenKind::String(text) => {
                self.take();
                literal(Literal::String(text))
            }
            TokenKind::Date(date) => {
                self.take();
                literal(Literal::Date(date))
            }
            TokenKind::DateTime(moment) => {
                self.take();
                literal(Literal::DateTime(moment))
            }
            TokenKind::Time(time) => {
                self.take();
                literal(Literal::Time(time))
            }
            TokenKind::Number(digits) => self.number(&digits),
            TokenKind::Variable(name) => {
                self.take();
                Self::node(ExprKind::Variable(name), span, 0)
            }
            TokenKind::Name(word) if matches!(word.as_str(), "true" | "false") => {
                self.take();
                literal(Literal::Boolean(word == "true"))
            }
            _ => self.invocation(),
        }
    }

    /// A number, with a unit where one follows.
    fn number(&mut self, digits: &str) -> Parsed {
        let span = self.take().span;
        let too_large = || {
            ParseError::new(
                "the number has more digits than exact arithmetic holds",
                span.clone(),
            )
        };
        let value = super::number::decimal(digits).ok_or_else(too_large)?;
        let unit_end = self.span().end;
        let (literal, end) = match self.kind().clone() {
            TokenKind::String(code) => {
                self.take();
                (Literal::Quantity(value, code), unit_end)
            }
            TokenKind::Name(word) if CalendarUnit::from_word(&word).is_some() => {
                self.take();
                let unit = CalendarUnit::from_word(&word).unwrap_or(CalendarUnit::Day);
                (Literal::Duration(value, unit, word), unit_end)
            }
            _ if digits.contains('.') => (Literal::Decimal(value), span.end),
            _ => (
                Literal::Integer(digits.parse().map_err(|_| too_large())?),
                span.end,
            ),
        };
        Self::node(ExprKind::Literal(literal), span.start..end, 0)
    }

    /// A member, a function or one of the `$` words.
    fn invocation(&mut self) -> Parsed {
        let is_call = matches!(self.kind(), TokenKind::Name(_))
            && matches!(self.tokens.get(self.at + 1), Some(next) if next.kind == TokenKind::Sign("("));
        if is_call {
            self.call()
        } else {
            self.plain_invocation()
        }
    }

    fn plain_invocation(&mut self) -> Parsed {
        let Token { kind, span } = self.take();
        match kind {
            TokenKind::Special(name) => {
                let kind = match name.as_str() {
                    "index" => ExprKind::Index,
                    "total" => ExprKind::Total,
                    _ => ExprKind::This,
                };
                Self::node(kind, span, 0)
            }
            // These words cannot be elements; the others (`is`, `as`, `in`, `contains`) can.
            TokenKind::Name(name)
                if matches!(
                    name.as_str(),
                    "and" | "or" | "xor" | "implies" | "div" | "mod" | "true" | "false"
                ) =>
            {
                let message = format!("expected a value, found the operator `{name}`");
                let hint = format!("an element of that name is written `{name}` in backticks");
                Err(ParseError::new(message, span).hint(hint))
            }
            TokenKind::Name(name) | TokenKind::QuotedName(name) => Self::member(name, span),
            found => {
                let error = ParseError::new(
                    format!("expected a value, found {}", describe(&found)),
                    span,
                );
                Err(if found == TokenKind::Sign("*") {
                    error
                        .hint("`children()` gives every part, `descendants()` every part of a part")
                } else {
                    error
                })
            }
        }
    }

    fn member(name: String, span: Range<usize>) -> Parsed {
        Self::node(ExprKind::Member(Member::new(name)), span, 0)
    }

    /// A function: its name, and its arguments in parentheses.
    fn call(&mut self) -> Parsed {
        let name = self.take();
        self.take();
        let mut arguments = Vec::new();
        let end = if matches!(self.kind(), TokenKind::Sign(")")) {
            self.take().span.end
        } else {
            loop {
                arguments.push(*self.expression(0)?);
                if !self.take_sign(",") {
                    break;
                }
            }
            self.expect_sign(")", "after the arguments")?.end
        };
        let span = name.span.start..end;
        match &name.kind {
            TokenKind::Name(text) => finish_call(text, &name.span, arguments, span),
            found => Err(ParseError::new(
                format!("expected a function, found {}", describe(found)),
                name.span,
            )),
        }
    }

    /// The type after `is` or `as`, and where it ends.
    fn type_name(&mut self) -> Result<(TypeName, usize), ParseError> {
        let span = self.span();
        let first = self.type_part()?;
        let mut end = span.end;
        let name = if self.take_sign(".") {
            end = self.span().end;
            TypeName {
                namespace: Some(first),
                name: self.type_part()?,
            }
        } else {
            TypeName {
                namespace: None,
                name: first,
            }
        };
        Ok((check_type(name, &(span.start..end))?, end))
    }

    fn type_part(&mut self) -> Result<String, ParseError> {
        match self.kind().clone() {
            TokenKind::Name(name) | TokenKind::QuotedName(name) => {
                self.take();
                Ok(name)
            }
            found => Err(ParseError::new(
                format!("expected the name of a type, found {}", describe(&found)),
                self.span(),
            )),
        }
    }
}

/// Looks a function up and checks its arguments.
fn finish_call(
    name: &str,
    name_span: &Range<usize>,
    mut arguments: Vec<Expr>,
    span: Range<usize>,
) -> Parsed {
    let Some((function, fewest, most)) = Function::find(name) else {
        let error = ParseError::new(format!("there is no function `{name}`"), name_span.clone());
        return Err(match Function::nearest(name) {
            Some(near) => error.hint(format!("did you mean `{near}()`?")),
            None => error,
        });
    };
    if !(fewest..=most).contains(&arguments.len()) {
        let wanted = match (fewest, most) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (fewest, most) if fewest == most => format!("{fewest} arguments"),
            (fewest, most) => format!("{fewest} to {most} arguments"),
        };
        let message = format!("`{name}()` takes {wanted}, not {}", arguments.len());
        return Err(ParseError::new(message, span));
    }
    let mut type_name = None;
    if matches!(function, Function::Is | Function::As | Function::OfType) {
        let argument = arguments.remove(0);
        let not_a_type = || {
            ParseError::new(
                format!("`{name}()` takes the name of a type"),
                argument.span.clone(),
            )
        };
        let name = as_type_name(&argument.kind).ok_or_else(not_a_type)?;
        type_name = Some(check_type(name, &argument.span)?);
    }
    let pattern = literal_pattern(function, &arguments)?;
    let depth = arguments
        .iter()
        .map(|argument| argument.depth)
        .max()
        .unwrap_or(0);
    let call = Call {
        function,
        arguments,
        type_name,
        pattern,
    };
    Parser::node(ExprKind::Call(Box::new(call)), span, depth)
}

/// Compiles the regular expression of `matches` and its kin when it is a literal, so that a fault in it shows early.
fn literal_pattern(
    function: Function,
    arguments: &[Expr],
) -> Result<Option<regex::Regex>, ParseError> {
    let whole = match function {
        Function::MatchesFull => true,
        Function::Matches | Function::ReplaceMatches => false,
        _ => return Ok(None),
    };
    match arguments.first() {
        Some(Expr {
            kind: ExprKind::Literal(Literal::String(pattern)),
            span,
            ..
        }) => super::pattern::compile(pattern, whole)
            .map(Some)
            .map_err(|message| ParseError::new(message, span.clone())),
        _ => Ok(None),
    }
}

fn as_type_name(kind: &ExprKind) -> Option<TypeName> {
    match kind {
        ExprKind::Member(member) => Some(TypeName {
            namespace: None,
            name: member.name.clone(),
        }),
        ExprKind::Step { base, step } => match (&base.kind, &step.kind) {
            (ExprKind::Member(namespace), ExprKind::Member(name)) => Some(TypeName {
                namespace: Some(namespace.name.clone()),
                name: name.name.clone(),
            }),
            _ => None,
        },
        _ => None,
    }
}

fn check_type(name: TypeName, span: &Range<usize>) -> Result<TypeName, ParseError> {
    let known = match name.namespace.as_deref() {
        Some("System") => is_system_type(&name.name) || may_be_fhir_type(&name.name),
        None | Some("FHIR") => may_be_fhir_type(&name.name),
        Some(other) => {
            return Err(ParseError::new(
                format!("there is no namespace of types `{other}`"),
                span.clone(),
            )
            .hint("the namespaces are `System` and `FHIR`"));
        }
    };
    if known {
        Ok(name)
    } else {
        Err(ParseError::new(
            format!("there is no type `{}`", name.name),
            span.clone(),
        ))
    }
}

fn describe(kind: &TokenKind) -> String {
    match kind {
        TokenKind::Name(name) => format!("`{name}`"),
        TokenKind::QuotedName(name) => format!("`{name}` in backticks"),
        TokenKind::String(text) => format!("the text '{text}'"),
        TokenKind::Number(digits) => format!("the number {digits}"),
        TokenKind::Date(_) | TokenKind::DateTime(_) => "a date".to_owned(),
        TokenKind::Time(_) => "a time".to_owned(),
        TokenKind::Variable(name) => format!("`%{name}`"),
        TokenKind::Special(name) => format!("`${name}`"),
        TokenKind::Sign(sign) => format!("`{sign}`"),
        TokenKind::End => "the end of the expression".to_owned(),
    }
}
