//! Finding the delimiters: the interchange header is the one segment that is read by its places
//! (ASC X12.5, ISA; TR3 appendix C.1).

use crate::delimiters::{Delimiters, is_usable};
use crate::interchange::ParseError;

/// Where the element separators of a header of full length stand.
const SEPARATORS: [usize; 16] = [
    3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103,
];

/// How many bytes a header has, its terminator included.
const LENGTH: usize = 106;

/// How many bytes are searched for the separators of a header that is not padded.
const LENGTH_MAX: usize = 512;

/// What a header says about how the rest is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) delimiters: Delimiters,
    /// Whether every element has the length that it must have.
    pub(crate) padded: bool,
}

/// Reads the header that begins at `start`.
pub(crate) fn layout(bytes: &[u8], start: usize) -> Result<Layout, ParseError> {
    let fault = |at: usize, expected| Err(ParseError::at(bytes, 1, start + at, expected));
    let isa = &bytes[start.min(bytes.len())..];
    if !isa.starts_with(b"ISA") {
        return fault(0, "an interchange header, ISA");
    }
    let Some(&element) = isa.get(3) else {
        return fault(3, "the element separator after ISA");
    };
    if !is_usable(element) {
        return fault(3, "an element separator that is no letter, digit or space");
    }
    let window = &isa[..isa.len().min(LENGTH_MAX)];
    let padded = window.len() >= LENGTH
        && SEPARATORS.iter().all(|&place| isa[place] == element)
        && memchr::memchr_iter(element, &isa[..LENGTH - 2]).count() == SEPARATORS.len();
    let mut places = SEPARATORS;
    if !padded {
        let mut found = memchr::memchr_iter(element, window);
        for place in &mut places {
            let Some(at) = found.next() else {
                return fault(window.len(), "sixteen elements in the interchange header");
            };
            *place = at;
        }
    }
    let last = places[15] + 1;
    let (Some(&component), Some(&terminator)) = (isa.get(last), isa.get(last + 1)) else {
        return fault(
            isa.len(),
            "ISA16, the component separator, and a segment terminator behind it",
        );
    };
    if !is_usable(component) || component == element {
        return fault(
            last,
            "a component separator that is no letter, digit or space",
        );
    }
    if !is_usable(terminator) || terminator == element || terminator == component {
        return fault(
            last + 1,
            "a segment terminator that differs from the other delimiters",
        );
    }
    if let Some(early) = memchr::memchr(terminator, &isa[..last]) {
        return fault(
            early,
            "no segment terminator before the end of the interchange header",
        );
    }
    let standard = &isa[places[10] + 1..places[11]];
    let version = &isa[places[11] + 1..places[12]];
    let repetition = match *standard {
        [byte] if is_usable(byte) && repeats(version) => Some(byte),
        _ => None,
    };
    if repetition.is_some_and(|byte| byte == terminator || byte == component) {
        return fault(
            places[10] + 1,
            "a repetition separator that differs from the other delimiters",
        );
    }
    Ok(Layout {
        delimiters: Delimiters {
            element,
            component,
            repetition,
            terminator,
        },
        padded,
    })
}

/// Whether a version of the control segments uses ISA11 as repetition separator: from 00402 on.
pub(crate) fn repeats(version: &[u8]) -> bool {
    version.len() == 5 && version.iter().all(u8::is_ascii_digit) && version >= &b"00402"[..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &[u8] =
        b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*0930*^*00501*000000001*0*T*:~";

    fn with(place: usize, byte: u8) -> Vec<u8> {
        let mut header = FULL.to_vec();
        header[place] = byte;
        header
    }

    #[test]
    fn a_header_of_full_length_is_read_by_its_places() {
        let found = layout(FULL, 0).unwrap();
        assert_eq!(FULL.len(), LENGTH);
        assert_eq!(found.delimiters, Delimiters::default());
        assert!(found.padded);
    }

    #[test]
    fn any_byte_may_end_segments() {
        for terminator in [b'\r', b'\n', 0x1C, 0x85, b'\'', 0] {
            let found = layout(&with(105, terminator), 0).unwrap();
            assert_eq!(found.delimiters.terminator, terminator);
        }
    }

    #[test]
    fn older_versions_have_no_repetition() {
        let older = with(86, b'4');
        assert_eq!(layout(&older, 0).unwrap().delimiters.repetition, None);
        assert_eq!(
            layout(&with(82, b'U'), 0).unwrap().delimiters.repetition,
            None
        );
        assert!(repeats(b"00402") && !repeats(b"00401") && !repeats(b"x"));
    }

    #[test]
    fn a_header_without_padding_is_read_by_its_separators() {
        let short = b"ISA*00**00**ZZ*S*ZZ*R*260301*0930*^*00501*000000001*0*T*:~";
        let found = layout(short, 0).unwrap();
        assert_eq!(found.delimiters, Delimiters::default());
        assert!(!found.padded);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (bytes, offset) in [
            (Vec::new(), 0),
            (b"IS".to_vec(), 0),
            (b"GS*HC".to_vec(), 0),
            (b"ISA".to_vec(), 3),
            (b"ISAX".to_vec(), 3),
            (b"ISA*00*".to_vec(), 7),
            (FULL[..104].to_vec(), 104),
            (FULL[..105].to_vec(), 105),
            (with(104, b'A'), 104),
            (with(105, b'G'), 105),
            (with(105, b'*'), 105),
            (with(105, b':'), 105),
            (with(82, b'~'), 82),
            (with(82, b':'), 82),
            (with(40, b'~'), 40),
        ] {
            assert_eq!(
                layout(&bytes, 0).unwrap_err().offset,
                offset,
                "{}",
                bytes.escape_ascii()
            );
        }
    }
}
