//! Encodings and escapes of texts.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::{EvalError, Value};
use super::single_text;
use crate::Json;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let name = call.function.name();
    let Some(text) = single_text(input, &format!("the input of `{name}()`"))? else {
        return Ok(Vec::new());
    };
    let format = evaluation.argument(call, 0, scope)?;
    let Some(format) = single_text(&format, "the format")? else {
        return Ok(Vec::new());
    };
    let result = match (call.function, format.as_ref()) {
        (Function::Encode, "base64") => Some(STANDARD.encode(text.as_bytes())),
        (Function::Encode, "urlbase64") => Some(URL_SAFE.encode(text.as_bytes())),
        (Function::Encode, "hex") => Some(to_hex(text.as_bytes())),
        (Function::Decode, "base64") => STANDARD.decode(text.as_bytes()).ok().and_then(utf8),
        (Function::Decode, "urlbase64") => URL_SAFE.decode(text.as_bytes()).ok().and_then(utf8),
        (Function::Decode, "hex") => from_hex(&text).and_then(utf8),
        (Function::Escape, "html") => Some(escape_html(&text)),
        (Function::Escape, "json") => {
            let quoted = Json::from(text.as_ref()).to_string();
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
        (Function::Unescape, "html") => Some(unescape_html(&text)),
        (Function::Unescape, "json") => unescape_json(&text),
        (_, other) => {
            return Err(EvalError::new(format!(
                "`{name}()` does not know the format '{other}'"
            )));
        }
    };
    match result {
        Some(text) => Ok(vec![Value::from(text)]),
        None => Err(EvalError::new(format!(
            "the text is not valid {format}: '{text}'"
        ))),
    }
}

fn utf8(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<Vec<_>>>()?;
    let pairs = digits.chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Undoes the escapes of JSON; quotes may stand bare, since the text has none around it.
fn unescape_json(text: &str) -> Option<String> {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut escaped = false;
    for c in text.chars() {
        if c == '"' && !escaped {
            quoted.push('\\');
        }
        escaped = c == '\\' && !escaped;
        quoted.push(c);
    }
    quoted.push('"');
    Json::parse(&quoted).ok()?.as_str().map(str::to_owned)
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescape_html(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let reference = rest[1..]
            .split_once(';')
            .and_then(|(name, _)| Some((name.len() + 2, named(name)?)));
        // An ampersand that starts no reference stands for itself.
        let (length, c) = reference.unwrap_or((1, '&'));
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

fn named(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
