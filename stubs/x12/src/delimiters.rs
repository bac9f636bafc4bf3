//! The delimiters that an interchange header declares (ASC X12.5, ISA; ASC X12.6, section on delimiters).

/// The bytes that separate the levels of an interchange, as its ISA declares them.
///
/// X12 has no escapes: a delimiter can stand in no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between elements: the fourth byte of ISA, usually `*`.
    pub element: u8,
    /// Between the components of a composite: ISA16, usually `:`.
    pub component: u8,
    /// Between repetitions of an element: ISA11 from version 00402 on, usually `^`. None in 4010, and where ISA11 holds
    /// a letter such as the `U` of older versions.
    pub repetition: Option<u8>,
    /// Behind every segment: the byte after ISA16, usually `~`.
    pub terminator: u8,
}

impl Default for Delimiters {
    /// The set that the health care guides show: `*`, `:`, `^` and `~`.
    fn default() -> Self {
        Self {
            element: b'*',
            component: b':',
            repetition: Some(b'^'),
            terminator: b'~',
        }
    }
}

impl Delimiters {
    /// Whether this byte is one of them, and so can stand in no value.
    pub fn contains(&self, byte: u8) -> bool {
        byte == self.element
            || byte == self.component
            || byte == self.terminator
            || self.repetition == Some(byte)
    }

    /// Whether they can be told apart from each other and from values.
    pub fn are_usable(&self) -> bool {
        let all = [Some(self.element), Some(self.component), self.repetition];
        let all = all.into_iter().flatten().chain([self.terminator]);
        let distinct = all
            .clone()
            .enumerate()
            .all(|(place, byte)| all.clone().skip(place + 1).all(|other| other != byte));
        distinct && all.clone().all(is_usable)
    }
}

/// Letters, digits and spaces stand in every value; as delimiters they would leave nothing to read.
pub(crate) fn is_usable(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b' '
}

#[cfg(test)]
mod tests {
    use super::Delimiters;

    #[test]
    fn they_differ_and_are_no_letters() {
        assert!(Delimiters::default().are_usable());
        for (element, component, repetition, terminator) in [
            (b'*', b'*', None, b'~'),
            (b'*', b':', Some(b'~'), b'~'),
            (b'*', b':', None, b'A'),
            (b' ', b':', None, b'~'),
        ] {
            let delimiters = Delimiters {
                element,
                component,
                repetition,
                terminator,
            };
            assert!(!delimiters.are_usable(), "{delimiters:?}");
        }
    }
}
