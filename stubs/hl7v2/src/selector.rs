//! Which messages a `received:` means: `ADT^A04`, `ADT` or `ANY`.

use crate::message::Message;

/// A selector that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selector<'a> {
    /// Any message but an acknowledgement.
    Any,
    /// A message type, and its trigger event where one is named.
    Type(&'a str, Option<&'a str>),
}

impl<'a> Selector<'a> {
    /// Reads a selector; the error says what was expected.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        if text == "ANY" {
            return Ok(Self::Any);
        }
        let (message_type, event) = match text.split_once('^') {
            Some((message_type, event)) => (message_type, Some(event)),
            None => (text, None),
        };
        let is_code = |code: &str| {
            code.len() == 3
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        if is_code(message_type) && event.is_none_or(is_code) {
            Ok(Self::Type(message_type, event))
        } else {
            Err(format!(
                "'{text}' names no messages; expected a message type and trigger event such as ADT^A04, a message type \
                 such as ADT, or ANY"
            ))
        }
    }

    /// Whether this message is one that it means.
    pub(crate) fn selects(&self, message: &Message<'_>) -> bool {
        let header = message.header();
        match self {
            Self::Any => header.message_type() != "ACK",
            Self::Type(message_type, event) => {
                header.message_type() == *message_type
                    && event.is_none_or(|event| header.trigger_event() == event)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_events_and_all_are_told_apart() {
        let cases = [
            ("ADT^A04", "ADT^A04^ADT_A01", true),
            ("ADT^A04", "ADT^A08^ADT_A01", false),
            ("ADT", "ADT^A08", true),
            ("ADT", "ORU^R01", false),
            ("ANY", "ORU^R01", true),
            ("ANY", "ACK^A04", false),
            ("ACK", "ACK^A04", true),
        ];
        for (selector, message_type, selected) in cases {
            let raw = format!("MSH|^~\\&|A|B|C|D|1||{message_type}|42|P|2.5\r");
            let message = Message::parse(raw.as_bytes()).unwrap();
            let selector = Selector::parse(selector).unwrap();
            assert_eq!(
                selector.selects(&message),
                selected,
                "{selector:?} {message_type}"
            );
        }
    }

    #[test]
    fn what_names_no_messages_is_refused() {
        for text in [
            "",
            "adt",
            "ADT^",
            "ADT^A4",
            "ADT^A04^ADT_A01",
            "PUT Patient",
            "*",
        ] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
