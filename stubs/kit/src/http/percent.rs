//! Percent coding (RFC 3986, section 2.1) and query strings.

use std::{borrow::Cow, fmt::Write as _};

/// Decodes `%XX`. None where an escape is not two hexadecimal digits or the result is not UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    decode_with(text, false)
}

/// Decodes a part of a query: as [`decode`], and a plus is a space.
pub fn decode_query(text: &str) -> Option<Cow<'_, str>> {
    decode_with(text, true)
}

fn decode_with(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    let is_coded = |byte| byte == b'%' || (plus_is_space && byte == b'+');
    if !text.bytes().any(is_coded) {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let high = hex(*bytes.get(at + 1)?)?;
                let low = hex(*bytes.get(at + 2)?)?;
                decoded.push(high << 4 | low);
                at += 3;
            }
            b'+' if plus_is_space => {
                decoded.push(b' ');
                at += 1;
            }
            byte => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Encodes everything but the unreserved characters (RFC 3986, section 2.3): safe as one path segment and as a name or
/// value in a query.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The decoded names and values of a query, in order; pairs that do not decode are left as they stand.
pub fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (lenient(name), lenient(value))
        })
}

fn lenient(text: &str) -> Cow<'_, str> {
    decode_query(text).unwrap_or(Cow::Borrowed(text))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in [
            "",
            "plain",
            "O'Brien & Søn/2?x=1+1",
            "100%",
            "naïve \u{1F600}",
        ] {
            let encoded = encode(text);
            assert!(encoded.is_ascii());
            assert_eq!(decode(&encoded).as_deref(), Some(text));
            assert_eq!(decode_query(&encoded).as_deref(), Some(text));
        }
    }

    #[test]
    fn broken_escapes_do_not_decode() {
        for text in ["%", "%4", "%zz", "%FF", "a%+1"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_is_pairs_in_order() {
        let pairs: Vec<_> = query_pairs("a=1&b&&c=x+y%3Dz&d=%").collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(pairs, [("a", "1"), ("b", ""), ("c", "x y=z"), ("d", "%")]);
    }
}
