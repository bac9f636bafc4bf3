//! How dates, numbers and quantities are compared (FHIR R4, search, "Prefixes").

/// The two letters in front of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// `eq`, or none.
    Equal,
    /// `ne`.
    NotEqual,
    /// `gt`.
    Greater,
    /// `lt`.
    Less,
    /// `ge`.
    GreaterOrEqual,
    /// `le`.
    LessOrEqual,
    /// `sa`.
    StartsAfter,
    /// `eb`.
    EndsBefore,
    /// `ap`.
    About,
}

impl Prefix {
    /// Cuts the prefix off a value.
    pub(crate) fn split(text: &str) -> (Self, &str) {
        let prefix = match text.get(..2) {
            Some("eq") => Self::Equal,
            Some("ne") => Self::NotEqual,
            Some("gt") => Self::Greater,
            Some("lt") => Self::Less,
            Some("ge") => Self::GreaterOrEqual,
            Some("le") => Self::LessOrEqual,
            Some("sa") => Self::StartsAfter,
            Some("eb") => Self::EndsBefore,
            Some("ap") => Self::About,
            _ => return (Self::Equal, text),
        };
        (prefix, &text[2..])
    }
}
