//! The words of a filter (OData version 4.01, part 2, section 5.1.1).

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use wardgate_expression::Number;

use crate::{
    refusal::{Outcome, Refusal},
    schema::{instant_text, is_guid},
};

/// The longest filter, in bytes.
const LENGTH_MAX: usize = 8_192;

/// One word of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A property, an operator or a function.
    Word(String),
    /// A text in single quotes, each doubled quote standing for one.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A calendar day.
    Date(String),
    /// A date and time, in the form in which they are held.
    Instant(String),
    /// A GUID in lower case.
    Guid(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
}

/// Cuts a filter into its words.
pub(super) fn tokens(text: &str) -> Outcome<Vec<Token>> {
    if text.len() > LENGTH_MAX {
        return Err(Refusal::bad_request(format!(
            "$filter is longer than {LENGTH_MAX} bytes."
        )));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            ',' => {
                tokens.push(Token::Comma);
                1
            }
            '\'' => {
                let (text, length) = quoted(rest)?;
                tokens.push(Token::Text(text));
                length
            }
            _ => {
                let length = rest
                    .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\''))
                    .unwrap_or(rest.len());
                tokens.push(word(&rest[..length])?);
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn quoted(rest: &str) -> Outcome<(String, usize)> {
    let mut text = String::new();
    let mut at = 1;
    while let Some(end) = rest[at..].find('\'').map(|end| at + end) {
        text.push_str(&rest[at..end]);
        at = end + 1;
        if !rest[at..].starts_with('\'') {
            return Ok((text, at));
        }
        text.push('\'');
        at += 1;
    }
    Err(Refusal::bad_request("A text in $filter is not closed."))
}

fn word(text: &str) -> Outcome<Token> {
    if is_guid(text) {
        return Ok(Token::Guid(text.to_ascii_lowercase()));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        if text.len() == 10 && text.parse::<Date>().is_ok() {
            return Ok(Token::Date(text.to_owned()));
        }
        if text.contains('T') && text.parse::<Timestamp>().is_ok() {
            return instant_text(text)
                .map(Token::Instant)
                .ok_or_else(|| Refusal::bad_request("A date and time in $filter cannot be read."));
        }
        return Number::from_text(text)
            .and_then(|number| number.decimal())
            .map(Token::Number)
            .ok_or_else(|| {
                Refusal::bad_request(
                    "A value in $filter is neither a number nor a date nor a GUID.",
                )
            });
    }
    let is_name = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '$'));
    if is_name {
        Ok(Token::Word(text.to_owned()))
    } else {
        Err(Refusal::bad_request(
            "$filter contains something that is neither a name nor an operator nor a value.",
        ))
    }
}
