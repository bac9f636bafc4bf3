//! `$filter`: read against an entity's properties, and asked of its records.

use rust_decimal::prelude::ToPrimitive;
use wardgate_expression::Json;

use super::{
    lexer::{Token, tokens},
    operand::{Function, Literal, Operand},
};
use crate::{
    refusal::{Outcome, Refusal},
    schema::{Entity, Kind, plain_choice},
};

/// How deep parentheses and negations may be nested.
const DEPTH_MAX: usize = 32;

/// A condition on records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// All of them.
    All(Vec<Filter>),
    /// Any of them.
    Any(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
    /// A property compared with a value.
    Compare(Operand, Comparison, Literal),
    /// A text that starts with, ends with or contains another.
    Contains(Operand, Place, String),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where in a text another is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Start,
    End,
    Anywhere,
}

/// Which version of Business Central's own query language a request speaks (`$schemaversion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Without `in`, and without functions of functions.
    Usual,
    /// 2.1, which has both.
    Extended,
}

impl Filter {
    /// Reads a filter over the properties of an entity.
    pub(crate) fn read(text: &str, entity: &'static Entity, dialect: Dialect) -> Outcome<Self> {
        let tokens = tokens(text)?;
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            entity,
            dialect,
        };
        let filter = reader.any(0)?;
        if reader.at < tokens.len() {
            return Err(Refusal::bad_request("$filter goes on after its end."));
        }
        Ok(filter)
    }

    /// A text property that every record in question has exactly this value of, if the filter says so: the way
    /// through an index.
    pub(crate) fn exact_text(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let conditions = match self {
            Self::All(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        conditions.iter().filter_map(|condition| match condition {
            Self::Compare(operand, Comparison::Equal, Literal::Text(text))
                if operand.functions.is_empty()
                    && matches!(operand.property.kind, Kind::Text(_) | Kind::Guid) =>
            {
                Some((operand.property.name, text.as_str()))
            }
            _ => None,
        })
    }

    /// Whether a record fulfils it.
    pub(crate) fn is_true_of(&self, record: &Json) -> bool {
        match self {
            Self::All(all) => all.iter().all(|filter| filter.is_true_of(record)),
            Self::Any(any) => any.iter().any(|filter| filter.is_true_of(record)),
            Self::Not(filter) => !filter.is_true_of(record),
            Self::Compare(operand, comparison, literal) => operand
                .order(record, literal)
                .is_some_and(|order| comparison.accepts(order)),
            Self::Contains(operand, place, needle) => {
                let text = operand.text(record);
                match place {
                    Place::Start => text.starts_with(needle.as_str()),
                    Place::End => text.ends_with(needle.as_str()),
                    Place::Anywhere => text.contains(needle.as_str()),
                }
            }
        }
    }

    /// The one property that it is about; none where there are several.
    fn sole_property(&self) -> Option<&'static str> {
        match self {
            Self::Compare(operand, ..) | Self::Contains(operand, ..) => Some(operand.property.name),
            Self::Not(filter) => filter.sole_property(),
            Self::All(filters) | Self::Any(filters) => {
                let mut names = filters.iter().map(Self::sole_property);
                let first = names.next()??;
                names.all(|name| name == Some(first)).then_some(first)
            }
        }
    }
}

impl Comparison {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    entity: &'static Entity,
    dialect: Dialect,
}

impl Reader<'_> {
    fn any(&mut self, depth: usize) -> Outcome<Filter> {
        let mut filters = vec![self.all(depth)?];
        while self.takes("or") {
            filters.push(self.all(depth)?);
        }
        if filters.len() == 1 {
            return Ok(filters.swap_remove(0));
        }
        let filter = Filter::Any(filters);
        if filter.sole_property().is_none() {
            return Err(Refusal::bad_request(
                "An 'or' in $filter over different fields is not supported.",
            ));
        }
        Ok(filter)
    }

    fn all(&mut self, depth: usize) -> Outcome<Filter> {
        let mut filters = vec![self.one(depth)?];
        while self.takes("and") {
            filters.push(self.one(depth)?);
        }
        Ok(if filters.len() == 1 {
            filters.swap_remove(0)
        } else {
            Filter::All(filters)
        })
    }

    fn one(&mut self, depth: usize) -> Outcome<Filter> {
        if depth >= DEPTH_MAX {
            return Err(Refusal::bad_request("$filter is nested too deeply."));
        }
        if self.takes("not") {
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        match self.next() {
            Some(Token::Open) => {
                let filter = self.any(depth + 1)?;
                self.expect(&Token::Close, "a closing parenthesis")?;
                Ok(filter)
            }
            Some(Token::Word(name)) => {
                let place = match name.as_str() {
                    "startswith" => Place::Start,
                    "endswith" => Place::End,
                    "contains" => Place::Anywhere,
                    _ => return self.comparison(&name),
                };
                self.contains(place)
            }
            _ => Err(Refusal::bad_request(
                "$filter needs a condition here: a property compared with a value, startswith, endswith, contains, or not; a text property may stand in tolower, toupper or substring.",
            )),
        }
    }

    fn contains(&mut self, place: Place) -> Outcome<Filter> {
        self.expect(&Token::Open, "an opening parenthesis")?;
        let operand = self.inner(1)?;
        if !matches!(operand.property.kind, Kind::Text(_) | Kind::Choice(_)) {
            return Err(Refusal::bad_request(format!(
                "{} is not a text.",
                operand.property.name
            )));
        }
        self.expect(&Token::Comma, "a comma")?;
        let Some(Token::Text(needle)) = self.next() else {
            return Err(Refusal::bad_request(
                "A function in $filter needs a text in quotes second.",
            ));
        };
        self.expect(&Token::Close, "a closing parenthesis")?;
        Ok(Filter::Contains(operand, place, needle))
    }

    fn comparison(&mut self, name: &str) -> Outcome<Filter> {
        let operand = self.operand(name, 0)?;
        let comparison = match self.next() {
            Some(Token::Word(word)) if word == "in" => {
                return self.one_of(&operand);
            }
            Some(Token::Word(word)) => Comparison::of(&word).ok_or_else(|| {
                Refusal::bad_request(
                    "An operator in $filter is not supported; supported are eq, ne, lt, le, gt, ge, and, or, not.",
                )
            })?,
            _ => return Err(Refusal::bad_request("$filter needs an operator after a property.")),
        };
        let literal = self.literal(&operand)?;
        Ok(Filter::Compare(operand, comparison, literal))
    }

    /// The values of `in`.
    fn one_of(&mut self, operand: &Operand) -> Outcome<Filter> {
        self.needs_extended("'in'")?;
        self.expect(&Token::Open, "an opening parenthesis")?;
        let mut any = Vec::new();
        loop {
            let literal = self.literal(operand)?;
            any.push(Filter::Compare(operand.clone(), Comparison::Equal, literal));
            match self.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(Filter::Any(any)),
                _ => {
                    return Err(Refusal::bad_request(
                        "$filter needs a comma or a closing parenthesis after a value of 'in'.",
                    ));
                }
            }
        }
    }

    fn needs_extended(&self, what: &str) -> Outcome<()> {
        match self.dialect {
            Dialect::Extended => Ok(()),
            Dialect::Usual => Err(Refusal::bad_request(format!(
                "{what} in $filter is supported with $schemaversion=2.1 alone."
            ))),
        }
    }

    /// A value of the type of a property.
    fn literal(&mut self, operand: &Operand) -> Outcome<Literal> {
        let property = operand.property;
        Ok(match (property.kind, self.next()) {
            (Kind::Text(_), Some(Token::Text(text)))
            | (Kind::Guid, Some(Token::Guid(text)))
            | (Kind::Date, Some(Token::Date(text)))
            | (Kind::Instant, Some(Token::Instant(text))) => Literal::Text(text),
            (Kind::Choice(_), Some(Token::Text(text))) => Literal::Text(plain_choice(&text)),
            (Kind::Decimal(_) | Kind::Integer, Some(Token::Number(number))) => {
                Literal::Number(number)
            }
            (Kind::Bool, Some(Token::Word(word))) if word == "true" => Literal::Bool(true),
            (Kind::Bool, Some(Token::Word(word))) if word == "false" => Literal::Bool(false),
            (kind, _) => {
                return Err(Refusal::bad_request(format!(
                    "{} has to be compared with {}.",
                    property.name,
                    match kind {
                        Kind::Text(_) | Kind::Choice(_) => "a text in quotes",
                        Kind::Guid => "a GUID without quotes",
                        Kind::Date => "a date such as 2026-03-01 without quotes",
                        Kind::Instant =>
                            "a date and time such as 2026-03-01T09:30:00Z without quotes",
                        Kind::Decimal(_) | Kind::Integer => "a number",
                        Kind::Bool => "true or false",
                    }
                )));
            }
        })
    }

    /// The first argument of a function: a property, or a function where functions may be nested.
    fn inner(&mut self, depth: usize) -> Outcome<Operand> {
        let Some(Token::Word(word)) = self.next() else {
            return Err(Refusal::bad_request(
                "A function in $filter needs a property first.",
            ));
        };
        self.operand(&word, depth)
    }

    /// A property, or a function of one. `depth` is the number of functions around it.
    fn operand(&mut self, name: &str, depth: usize) -> Outcome<Operand> {
        if !matches!(name, "tolower" | "toupper" | "substring") {
            return self.property(name);
        }
        if depth > 0 {
            self.needs_extended("A function of a function")?;
        }
        if depth >= DEPTH_MAX {
            return Err(Refusal::bad_request("$filter is nested too deeply."));
        }
        self.expect(&Token::Open, "an opening parenthesis")?;
        let mut operand = self.inner(depth + 1)?;
        if !matches!(operand.property.kind, Kind::Text(_)) {
            return Err(Refusal::bad_request(format!(
                "{} is not a text.",
                operand.property.name
            )));
        }
        operand.functions.push(match name {
            "tolower" => Function::Lower,
            "toupper" => Function::Upper,
            _ => {
                self.expect(&Token::Comma, "a comma")?;
                let from = self.position()?;
                let length = if self.takes_comma() {
                    Some(self.position()?)
                } else {
                    None
                };
                Function::Substring { from, length }
            }
        });
        self.expect(&Token::Close, "a closing parenthesis")?;
        Ok(operand)
    }

    fn property(&self, name: &str) -> Outcome<Operand> {
        let property = self.entity.property(name).ok_or_else(|| {
            Refusal::bad_request(format!(
                "A name in $filter is neither a property of {} nor a supported function: {}.",
                self.entity.name,
                name.chars().take(40).collect::<String>()
            ))
        })?;
        Ok(Operand {
            property,
            functions: Vec::new(),
        })
    }

    /// A number of characters.
    fn position(&mut self) -> Outcome<usize> {
        match self.next() {
            Some(Token::Number(number)) if number.is_integer() => number.to_usize(),
            _ => None,
        }
        .ok_or_else(|| {
            Refusal::bad_request("substring in $filter needs whole numbers from zero up.")
        })
    }

    fn takes_comma(&mut self) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Comma);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(known)) if known == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, name: &str) -> Outcome<()> {
        if self.next().as_ref() == Some(token) {
            Ok(())
        } else {
            Err(Refusal::bad_request(format!("$filter needs {name}.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wardgate_expression::json;

    use super::*;
    use crate::schema::{CUSTOMER, SALES_INVOICE};

    fn invoice() -> Json {
        json!({
            "id": "0a000000-0000-4000-8000-000000000001", "number": "O'Brien-1", "externalDocumentNumber": "E1",
            "postingDate": "2026-03-01", "status": "In_x0020_Review", "pricesIncludeTax": false,
            "totalAmountIncludingTax": 12, "lastModifiedDateTime": "2026-03-01T09:30:00.000Z",
        })
    }

    #[test]
    fn conditions_hold_as_they_say() {
        for (text, expected) in [
            ("number eq 'O''Brien-1'", true),
            ("number ne 'O''Brien-1'", false),
            ("startswith(number,'O''B')", true),
            ("endswith(number, '-1')", true),
            ("contains(number,'zz')", false),
            ("tolower(number) eq 'o''brien-1'", true),
            ("contains(toupper(number),'BRIEN')", true),
            ("substring(number,2) eq 'Brien-1'", true),
            ("substring(number,2,5) eq 'Brien'", true),
            ("substring(number,40) eq ''", true),
            ("substring(number,0,1) ne 'O'", false),
            ("tolower(substring(number,2,2)) eq 'br'", true),
            ("contains(substring(toupper(number),7),'-1')", true),
            ("number in ('a','O''Brien-1')", true),
            ("number in ('a')", false),
            ("totalAmountIncludingTax in (1, 12.0)", true),
            ("tolower(number) in ('o''brien-1')", true),
            ("not (number in ('a'))", true),
            ("totalAmountIncludingTax eq 12.00", true),
            (
                "totalAmountIncludingTax gt 11.99 and totalAmountIncludingTax lt 12.01",
                true,
            ),
            (
                "totalAmountIncludingTax ge 12.01 or totalAmountIncludingTax le -1",
                false,
            ),
            ("not (totalAmountIncludingTax lt 12)", true),
            (
                "postingDate ge 2026-03-01 and postingDate le 2026-03-01",
                true,
            ),
            ("lastModifiedDateTime gt 2026-03-01T10:29:59+01:00", true),
            ("lastModifiedDateTime gt 2026-03-01T09:30:00Z", false),
            ("id eq 0A000000-0000-4000-8000-000000000001", true),
            ("pricesIncludeTax eq false", true),
            ("status eq 'In Review'", true),
            ("status eq 'In_x0020_Review'", true),
            (
                "status ne 'Draft' and (number eq 'a' or number eq 'O''Brien-1')",
                true,
            ),
            (
                "number eq 'a' and number eq 'b' or number eq 'O''Brien-1'",
                true,
            ),
        ] {
            let filter = Filter::read(text, &SALES_INVOICE, Dialect::Extended).expect(text);
            assert_eq!(filter.is_true_of(&invoice()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        for text in [
            "",
            "number",
            "number eq",
            "number eq 1",
            "number eq 'a",
            "number eq \"a\"",
            "number eq 'a' or externalDocumentNumber eq 'b'",
            "number in ('a','b')",
            "contains(toupper(number),'A')",
            "tolower(toupper(number)) eq 'a'",
            "substring(number) eq 'a'",
            "substring(number,-1) eq 'a'",
            "substring(number,1.5) eq 'a'",
            "substring(number,'1') eq 'a'",
            "substring(number,1,2,3) eq 'a'",
            "substring(totalAmountIncludingTax,1) eq 'a'",
            "nosuch eq 'a'",
            "customer/number eq 'a'",
            "lines/any(l: l/quantity gt 1)",
            "substringof('a',number)",
            "length(number) eq 3",
            "totalAmountIncludingTax add 1 eq 2",
            "id eq 'x'",
            "id eq x",
            "postingDate eq '2026-03-01'",
            "postingDate eq 2026-02-30",
            "pricesIncludeTax eq 1",
            "contains(number)",
            "contains(totalAmountIncludingTax,'1')",
            "tolower(postingDate) eq 'a'",
            "(number eq 'a'",
            "number eq 'a') ",
            "number eq 'a' number eq 'b'",
            "number eq null",
            "NUMBER eq 'a'",
        ] {
            assert!(
                Filter::read(text, &SALES_INVOICE, Dialect::Usual).is_err(),
                "{text}"
            );
        }
        let deep = format!("{}number eq 'a'{}", "(".repeat(1_000), ")".repeat(1_000));
        assert!(Filter::read(&deep, &SALES_INVOICE, Dialect::Usual).is_err());
        assert!(
            Filter::read(
                &format!("{}number eq 'a'", "not ".repeat(1_000)),
                &SALES_INVOICE,
                Dialect::Usual
            )
            .is_err()
        );
        assert!(
            Filter::read(
                &format!("number eq '{}'", "a".repeat(9_000)),
                &SALES_INVOICE,
                Dialect::Usual
            )
            .is_err()
        );
    }

    #[test]
    fn a_list_of_values_is_well_formed() {
        for text in [
            "number in 'a'",
            "number in ()",
            "number in ('a'",
            "number in ('a' 'b')",
            "number in (1)",
            "number in ('a') or externalDocumentNumber eq 'b'",
        ] {
            let read = Filter::read(text, &SALES_INVOICE, Dialect::Extended);
            assert!(read.is_err(), "{text}");
        }
        let nested = format!("{}number{} eq 'a'", "tolower(".repeat(100), ")".repeat(100));
        assert!(Filter::read(&nested, &SALES_INVOICE, Dialect::Extended).is_err());
    }

    #[test]
    fn an_exact_text_leads_through_an_index() {
        let filter = |text: &str| Filter::read(text, &CUSTOMER, Dialect::Usual).expect(text);
        let exact = filter("number eq 'a' and blocked eq 'All'");
        assert_eq!(exact.exact_text().collect::<Vec<_>>(), [("number", "a")]);
        for none in [
            "number ne 'a'",
            "tolower(number) eq 'a'",
            "number eq 'a' or number eq 'b'",
            "not (number eq 'a')",
        ] {
            assert_eq!(filter(none).exact_text().count(), 0, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = Filter::read(&text, &CUSTOMER, Dialect::Usual);
        }

        #[test]
        fn words_of_filters_are_read_or_refused(words in prop::collection::vec(
            prop::sample::select(vec!["number", "eq", "'a'", "(", ")", "and", "or", "not", "contains(", "substring(", "in", ",", "1", "true"]), 0..14,
        )) {
            let _ = Filter::read(&words.join(" "), &CUSTOMER, Dialect::Extended);
        }

        #[test]
        fn a_quoted_text_means_itself(text in "[a-z'&%+ éß]{0,12}") {
            let filter = Filter::read(&format!("displayName eq '{}'", text.replace('\'', "''")), &CUSTOMER, Dialect::Usual);
            let record = json!({"displayName": text});
            prop_assert!(filter.expect("it is well formed").is_true_of(&record));
        }
    }
}
