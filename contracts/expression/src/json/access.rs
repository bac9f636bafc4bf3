//! Reaching into a document.

use std::borrow::Cow;

use super::{Json, Number, Object};

impl Json {
    /// The member of that name, when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// The member of that name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        self.as_object_mut()?.get_mut(key)
    }

    /// The item at that index from 0, when this is an array that has it.
    pub fn at(&self, index: usize) -> Option<&Json> {
        self.as_array()?.get(index)
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, when this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The items, to be changed.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Json>> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, when this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members, to be changed.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The number, when this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Json::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The number as an integer, when it is written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The JSON name of the type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// The value a JSON Pointer (RFC 6901) names: `/name/0/family`; the empty pointer is the whole document.
    ///
    /// `None` when the pointer is malformed or leads nowhere (`-`, the place after an array's end, included).
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        tokens(pointer)?.try_fold(self, |here, token| match here {
            Json::Object(object) => object.get(&token?),
            Json::Array(items) => items.get(array_index(&token?)?),
            _ => None,
        })
    }

    /// The value a JSON Pointer (RFC 6901) names, to be changed.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        tokens(pointer)?.try_fold(self, |here, token| match here {
            Json::Object(object) => object.get_mut(&token?),
            Json::Array(items) => items.get_mut(array_index(&token?)?),
            _ => None,
        })
    }
}

/// The unescaped reference tokens of a pointer; a token with a stray `~` is `None`.
fn tokens(pointer: &str) -> Option<impl Iterator<Item = Option<Cow<'_, str>>>> {
    let rest = match pointer.strip_prefix('/') {
        Some(rest) => Some(rest),
        None if pointer.is_empty() => None,
        None => return None,
    };
    Some(
        rest.into_iter()
            .flat_map(|rest| rest.split('/'))
            .map(unescape),
    )
}

fn unescape(token: &str) -> Option<Cow<'_, str>> {
    let mut pieces = token.split('~');
    let first = pieces.next()?;
    if first.len() == token.len() {
        return Some(Cow::Borrowed(token));
    }
    let mut text = first.to_owned();
    for piece in pieces {
        text.push(match piece.as_bytes().first()? {
            b'0' => '~',
            b'1' => '/',
            _ => return None,
        });
        text.push_str(&piece[1..]);
    }
    Some(Cow::Owned(text))
}

/// Array indices are digits without a leading zero (RFC 6901, section 4).
fn array_index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|byte| byte.is_ascii_digit())
        && (token == "0" || !token.starts_with('0'));
    plain.then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use crate::{Json, json};

    #[test]
    fn pointers_reach_members_items_and_escaped_names() {
        let mut document = json!({"a/b": [10, {"m~n": true}], "": 1, "list": [1]});
        assert_eq!(document.pointer(""), Some(&document));
        assert_eq!(document.pointer("/"), Some(&json!(1)));
        assert_eq!(document.pointer("/a~1b/0"), Some(&json!(10)));
        assert_eq!(document.pointer("/a~1b/1/m~0n"), Some(&json!(true)));
        for nowhere in [
            "a",
            "/list/01",
            "/list/-",
            "/list/1",
            "/list/+0",
            "/a~2b",
            "/a~",
            "/list/0/x",
        ] {
            assert_eq!(document.pointer(nowhere), None, "{nowhere}");
        }
        *document.pointer_mut("/list/0").unwrap() = json!("changed");
        assert_eq!(
            document
                .get("list")
                .and_then(|list| list.at(0))
                .and_then(Json::as_str),
            Some("changed")
        );
    }
}
