//! An expression's text as tokens.

use std::ops::Range;

use super::temporal::{self, Literal};
use super::{Date, DateTime, ParseError, Time};

/// A word, sign or literal, and the bytes it takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A plain name; the words of the language are names too until the parser decides.
    Name(String),
    /// A name in backticks, which is never a word of the language.
    QuotedName(String),
    String(String),
    /// Digits, perhaps with a point and more digits.
    Number(String),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    /// `%name`, without the sign.
    Variable(String),
    /// `$this`, `$index`, `$total`, without the sign.
    Special(String),
    /// A sign of one or two characters.
    Sign(&'static str),
    End,
}

/// Signs, longest first.
const SIGNS: [&str; 22] = [
    "<=", ">=", "!=", "!~", ".", "[", "]", "(", ")", "{", "}", ",", "+", "-", "*", "/", "&", "|",
    "=", "~", "<", ">",
];

/// Splits an expression; the last token is always [`TokenKind::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        let kind = lexer.token()?;
        let end = kind == TokenKind::End;
        tokens.push(Token {
            kind,
            span: start..lexer.at,
        });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return Err(ParseError::new(
                        "the comment has no end",
                        self.at..self.text.len(),
                    )
                    .hint("close it with `*/`"));
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(TokenKind::End);
        };
        if is_name_start(first) {
            return Ok(TokenKind::Name(self.name()));
        }
        if first.is_ascii_digit() {
            return Ok(TokenKind::Number(self.number()));
        }
        match first {
            '`' => self.quoted('`').map(TokenKind::QuotedName),
            '\'' => self.quoted('\'').map(TokenKind::String),
            '@' => {
                self.at += 1;
                let Some((literal, length)) = temporal::literal(self.rest()) else {
                    let end = self.text[start..]
                        .find([' ', ')', ','])
                        .map_or(self.text.len(), |length| start + length);
                    return Err(
                        ParseError::new("not a date or time that exists", start..end)
                            .hint("write @2024-05-01, @2024-05-01T10:30:00Z or @T10:30"),
                    );
                };
                self.at += length;
                Ok(match literal {
                    Literal::Date(date) => TokenKind::Date(date),
                    Literal::DateTime(moment) => TokenKind::DateTime(moment),
                    Literal::Time(time) => TokenKind::Time(time),
                })
            }
            '%' => {
                self.at += 1;
                match self.rest().chars().next() {
                    Some(quote @ ('`' | '\'')) => self.quoted(quote).map(TokenKind::Variable),
                    Some(c) if is_name_start(c) => Ok(TokenKind::Variable(self.name())),
                    _ => Err(ParseError::new(
                        "a variable's name is missing after `%`",
                        start..self.at,
                    )),
                }
            }
            '$' => {
                self.at += 1;
                let name = self.name();
                if matches!(name.as_str(), "this" | "index" | "total") {
                    Ok(TokenKind::Special(name))
                } else {
                    Err(ParseError::new(format!("`${name}` is not known"), start..self.at)
                        .hint("there are `$this`, `$index` and `$total`; variables are written `%name`"))
                }
            }
            _ => self.sign(first),
        }
    }

    fn sign(&mut self, first: char) -> Result<TokenKind, ParseError> {
        let start = self.at;
        let rest = self.rest();
        let error = |length: usize, hint: &str| {
            Err(ParseError::new(
                format!("`{}` is not a sign of FHIRPath", &rest[..length]),
                start..start + length,
            )
            .hint(hint))
        };
        if rest.starts_with("==") {
            return error(2, "equality is `=`, equivalence `~`");
        }
        if rest.starts_with("&&") {
            return error(2, "write `and`");
        }
        if rest.starts_with("||") {
            return error(2, "write `or`; a single `|` is the union of collections");
        }
        if rest.starts_with("<>") {
            return error(2, "write `!=`");
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            self.at += sign.len();
            return Ok(TokenKind::Sign(sign));
        }
        match first {
            '"' => error(1, "texts stand in single quotes"),
            '!' => error(1, "negation is the function `not()`"),
            '%' => error(1, "the remainder is `mod`"),
            _ => Err(ParseError::new(
                format!("{first:?} does not belong in an expression"),
                start..start + first.len_utf8(),
            )),
        }
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_name_part(c)).unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.at += length;
        name
    }

    fn number(&mut self) -> String {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            bytes[from..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        };
        let whole = digits(0);
        let places = if bytes.get(whole) == Some(&b'.') {
            digits(whole + 1)
        } else {
            0
        };
        let length = if places > 0 {
            whole + 1 + places
        } else {
            whole
        };
        let number = self.rest()[..length].to_owned();
        self.at += length;
        number
    }

    /// Text between two quotes, its escapes undone.
    fn quoted(&mut self, quote: char) -> Result<String, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                return Err(ParseError::new(
                    "the closing quote is missing",
                    start..self.text.len(),
                )
                .hint(format!("end it with {quote}")));
            };
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(text),
                '\\' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    /// The character of an escape whose backslash has been taken.
    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at - 1;
        let c = self.rest().chars().next();
        self.at += c.map_or(0, char::len_utf8);
        Ok(match c {
            Some(c @ ('\'' | '"' | '`' | '\\' | '/')) => c,
            Some('r') => '\r',
            Some('n') => '\n',
            Some('t') => '\t',
            Some('f') => '\u{c}',
            Some('u') => return self.unicode_escape(start),
            _ => {
                return Err(ParseError::new(
                    "an escape that FHIRPath does not have",
                    start..self.at,
                )
                .hint(r"escapes are \' \` \\ \/ \r \n \t \f and \uXXXX"));
            }
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, ParseError> {
        let high = self.code_unit(start)?;
        let code = if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            self.at += 2;
            let low = self.code_unit(start)?;
            if (0xdc00..0xe000).contains(&low) {
                0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
            } else {
                high
            }
        } else {
            high
        };
        char::from_u32(code)
            .ok_or_else(|| ParseError::new("the escape names no character", start..self.at))
    }

    fn code_unit(&mut self, start: usize) -> Result<u32, ParseError> {
        let unit = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| {
                ParseError::new("four hexadecimal digits must follow \\u", start..self.at)
            })?;
        self.at += 4;
        Ok(unit)
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text)
            .unwrap()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }

    #[test]
    fn numbers_dates_and_paths_do_not_run_into_each_other() {
        assert_eq!(
            kinds("1.is(x)"),
            [
                TokenKind::Number("1".into()),
                TokenKind::Sign("."),
                TokenKind::Name("is".into()),
                TokenKind::Sign("("),
                TokenKind::Name("x".into()),
                TokenKind::Sign(")"),
                TokenKind::End,
            ]
        );
        assert_eq!(kinds("1.10")[0], TokenKind::Number("1.10".into()));
        assert_eq!(
            kinds("@2015.is")[0],
            TokenKind::Date(Date::parse("2015").unwrap())
        );
        assert_eq!(
            kinds("@2015T")[0],
            TokenKind::DateTime(DateTime::parse("2015").unwrap())
        );
        assert_eq!(kinds("@2015-1 year")[1], TokenKind::Sign("-"));
        assert_eq!(
            kinds("@T10:30.x")[0],
            TokenKind::Time(Time::parse("10:30").unwrap())
        );
    }

    #[test]
    fn escapes_and_quotes() {
        assert_eq!(
            kinds(r"'it\'s \u0041\ud83d\ude00'")[0],
            TokenKind::String("it's A😀".into())
        );
        assert_eq!(kinds("%`a b`")[0], TokenKind::Variable("a b".into()));
        assert_eq!(kinds("`div`")[0], TokenKind::QuotedName("div".into()));
    }

    #[test]
    fn faults_have_place_and_hint() {
        let fault = |text: &str| tokens(text).unwrap_err();
        assert_eq!(fault("a == b").span(), 2..4);
        assert!(fault("a == b").help().unwrap().contains("`=`"));
        assert_eq!(
            fault("x = \"y\"").help(),
            Some("texts stand in single quotes")
        );
        assert_eq!(fault("1 /* x").span(), 2..6);
        assert_eq!(fault("@2023-02-30").span(), 0..11);
        for text in [
            "'open",
            "%",
            "$that",
            "'\\q'",
            "'\\u12'",
            "a # b",
            "'\\ud800'",
            "é",
        ] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
