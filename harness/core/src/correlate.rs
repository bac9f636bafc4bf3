//! Which case a message belongs to: by what it carries, never by when it came.
//!
//! Every case draws identifiers that nobody else uses (MRN, control ID, account), and stubs give out
//! identifiers of their own. A message belongs to the case one of whose identifiers it carries as a whole word.

use std::collections::{HashMap, VecDeque};

/// The shortest word that is looked up: identifiers are longer, and most words of a message are shorter.
const WORD_MIN: usize = 8;
/// The longest word that is looked up.
const WORD_MAX: usize = 64;
/// How many identifiers are remembered, so that the late retries of earlier cases are still known.
const KNOWN_MAX: usize = 100_000;

/// An attempt of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// The case's index in the plan.
    pub case: usize,
    /// The attempt.
    pub attempt: u32,
}

/// Knows the identifiers of a lane's cases.
#[derive(Clone, Debug, Default)]
pub struct Correlator {
    owners: HashMap<Box<[u8]>, Owner>,
    order: VecDeque<Box<[u8]>>,
}

impl Correlator {
    /// Remembers that this identifier belongs to this attempt. Text that is no single word of the right length,
    /// or that somebody else already owns, is left alone.
    pub fn learn(&mut self, identifier: &str, owner: Owner) -> bool {
        let word = identifier.as_bytes();
        let whole = word.len() >= WORD_MIN
            && word.len() <= WORD_MAX
            && word.iter().all(|byte| is_word(*byte));
        if !whole || self.owners.contains_key(word) {
            return false;
        }
        if self.order.len() >= KNOWN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.owners.remove(&oldest);
        }
        self.owners.insert(word.into(), owner);
        self.order.push_back(word.into());
        true
    }

    /// Whether these bytes name an identifier of this attempt other than these.
    pub fn names(&self, bytes: &[u8], owner: Owner, others: &[String]) -> bool {
        words(bytes).any(|word| {
            self.owners.get(word) == Some(&owner)
                && !others.iter().any(|other| other.as_bytes() == word)
        })
    }

    /// The attempt that these bytes belong to. Where they carry identifiers of several, the one named most often
    /// owns them, and of equals the latest.
    pub fn owner(&self, bytes: &[u8]) -> Option<Owner> {
        let mut votes: Vec<(Owner, usize)> = Vec::new();
        for word in words(bytes) {
            if let Some(owner) = self.owners.get(word) {
                match votes.iter_mut().find(|(known, _)| known == owner) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((*owner, 1)),
                }
            }
        }
        votes
            .into_iter()
            .max_by_key(|(owner, count)| (*count, *owner))
            .map(|(owner, _)| owner)
    }
}

/// Whether a captured text is an identifier that may be learned: a plain word, a number of few digits or a date would
/// draw every message to its case that happens to hold it.
pub fn is_identifying(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if digits == 0 {
        return false;
    }
    // Dates and times: `2026-01-31`, `20260131083000`, `2026-01-31T08:30:00Z` and their parts.
    let year = text.get(..4).is_some_and(|year| {
        matches!(year.parse(), Ok(1800..=2200)) && year.bytes().all(|byte| byte.is_ascii_digit())
    });
    let dated = year
        && letters <= 2
        && (text.as_bytes().get(4) == Some(&b'-') || matches!(digits, 8 | 12 | 14..=17));
    !dated
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// The words of a message: runs of letters, digits and hyphens, and the parts between the hyphens. Percent
/// escapes of URLs and backslash escapes of JSON and HL7 v2 end a word, so that `%7CMZ12345678` holds `MZ12345678`.
fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let byte = bytes[at];
            if is_word(byte) {
                let start = at;
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                return Some(&bytes[start..at]);
            }
            at += match byte {
                b'%' if hex(bytes, at + 1, 2) => 3,
                b'\\' if bytes.get(at + 1) == Some(&b'u') && hex(bytes, at + 2, 4) => 6,
                b'\\' => 2,
                _ => 1,
            };
        }
        None
    })
    .flat_map(|word: &[u8]| {
        let parts = word
            .contains(&b'-')
            .then(|| word.split(|byte| *byte == b'-'));
        std::iter::once(word).chain(parts.into_iter().flatten())
    })
    .filter(|word| word.len() >= WORD_MIN && word.len() <= WORD_MAX)
}

fn hex(bytes: &[u8], from: usize, count: usize) -> bool {
    bytes
        .get(from..from + count)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: Owner = Owner {
        case: 1,
        attempt: 0,
    };
    const YOURS: Owner = Owner {
        case: 2,
        attempt: 3,
    };

    fn known() -> Correlator {
        let mut known = Correlator::default();
        assert!(known.learn("MZ7K2Q9P4X", MINE));
        assert!(known.learn("0f6c1d2e-aaaa-4bbb-8ccc-121212121212", YOURS));
        known
    }

    #[test]
    fn identifiers_are_found_in_urls_json_and_hl7() {
        let known = known();
        for text in [
            "GET /Patient?identifier=urn:x%7CMZ7K2Q9P4X HTTP/1.1",
            r#"{"number":"MZ7K2Q9P4X"}"#,
            r#"{"text":"a\nMZ7K2Q9P4X"}"#,
            r#"{"text":"\u00e9MZ7K2Q9P4X"}"#,
            "PID|1||MZ7K2Q9P4X^^^HOSP^MR",
            "invoice MZ7K2Q9P4X-17",
        ] {
            assert_eq!(known.owner(text.as_bytes()), Some(MINE), "{text}");
        }
        let url = "/customers(0f6c1d2e-aaaa-4bbb-8ccc-121212121212)/x";
        assert_eq!(known.owner(url.as_bytes()), Some(YOURS));
    }

    #[test]
    fn a_part_of_a_longer_word_is_not_an_identifier() {
        assert_eq!(known().owner(b"AMZ7K2Q9P4X MZ7K2Q9P4XB MZ7K2Q9P4"), None);
    }

    #[test]
    fn only_what_looks_like_an_identifier_is_one() {
        for text in [
            "1f0c7a2e-77aa",
            "MZ7K2Q9P4X",
            "100017",
            "20991",
            "Patient/17",
            "99990101",
        ] {
            assert!(is_identifying(text), "{text}");
        }
        for text in [
            "accepted",
            "in-progress",
            "2026-01-31",
            "20260131",
            "20260131083000",
            "2026-01-31T08:30:00Z",
        ] {
            assert!(!is_identifying(text), "{text}");
        }
    }

    #[test]
    fn what_a_message_names_besides_its_control_id_is_told() {
        let known = known();
        let others = vec![String::from("MZ7K2Q9P4X")];
        assert!(known.names(b"PID|1||MZ7K2Q9P4X", MINE, &[]));
        assert!(!known.names(b"PID|1||MZ7K2Q9P4X", MINE, &others));
        assert!(!known.names(b"PID|1||MZ7K2Q9P4X", YOURS, &[]));
    }

    #[test]
    fn the_first_owner_keeps_an_identifier() {
        let mut known = known();
        assert!(!known.learn("MZ7K2Q9P4X", YOURS));
        assert_eq!(known.owner(b"MZ7K2Q9P4X"), Some(MINE));
    }
}
