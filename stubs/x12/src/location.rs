//! The location language of contracts.
//!
//! ```text
//! location = { loop [ index ] "/" } segment [ index ] [ "-" element [ repetition ] [ "-" component ] ]
//! index    = "[" ( number | "*" | qualifier ) "]"
//! qualifier = element "=" value
//! repetition = "[" ( number | "*" ) "]"
//! ```
//!
//! | location | what it names |
//! |---|---|
//! | `CLM-02` or `CLM02` | the second element of the first CLM |
//! | `SV1[3]-01-2` | the second component of the first element of the third SV1 |
//! | `REF[01=G1]-02` | the second element of the first REF whose first element is G1 |
//! | `DMG-05[*]-2` | the second component of every repetition of DMG05 |
//! | `2300[2]/CLM-05-1` | the first component of CLM05 in the second claim |
//! | `2300/2400[*]/SV1-02` | the charge of every service line of the first claim |
//! | `CLM` | the whole first CLM |
//!
//! All numbers count from 1. Where no index stands the first one is meant.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Highest number that a location may hold.
const NUMBER_MAX: usize = 9_999_999;

/// Which of several occurrences is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Index {
    /// The one at this place, from 1.
    Nth(usize),
    /// Every one.
    All,
    /// The first one whose element of this number holds this value. For a loop: an element of its first segment.
    Where(usize, String),
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nth(1) => Ok(()),
            Self::Nth(number) => write!(f, "[{number}]"),
            Self::All => f.write_str("[*]"),
            Self::Where(element, value) => write!(f, "[{element:02}={value}]"),
        }
    }
}

/// An element, and what within it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ElementPath {
    /// Its number, from 1.
    pub element: usize,
    /// Which of its repetitions; never [`Index::Where`].
    pub repetition: Index,
    /// The component, from 1; None for the whole element.
    pub component: Option<usize>,
}

/// A place in a transaction set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The loops that lead to the segment, outermost first; loops between them may be left out.
    pub loops: Vec<(String, Index)>,
    /// The segment's identifier.
    pub segment: String,
    /// Which segment of that identifier within the loops, or within the transaction set.
    pub occurrence: Index,
    /// What within the segment; None for the whole of it.
    pub element: Option<ElementPath>,
}

/// Why a text is not a location.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} at character {offset} of the location{}", hint.map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct LocationError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
    /// How to put it right.
    pub hint: Option<&'static str>,
}

impl Location {
    /// Reads a location.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let mut reader = Reader { text, at: 0 };
        let mut loops = Vec::new();
        loop {
            let start = reader.at;
            let name = reader.name()?;
            let (segment, short) = match designator(name) {
                Some((segment, element)) if !reader.is_loop() => (segment, Some(element)),
                _ => (name, None),
            };
            let index = match short {
                Some(_) => Index::Nth(1),
                None => reader.index(true)?,
            };
            if reader.take('/') {
                loops.push((name.to_owned(), index));
                continue;
            }
            if !is_segment(segment) {
                return Err(fault(
                    start,
                    format!("{name} is not a segment identifier"),
                    Some("a loop is followed by a segment, as in 2300/CLM-02"),
                ));
            }
            let element = match short {
                Some(element) => Some(reader.path(element)?),
                None if reader.take('-') => {
                    let element = reader.number("an element number")?;
                    Some(reader.path(element)?)
                }
                None => None,
            };
            if !reader.rest().is_empty() {
                return Err(fault(
                    reader.at,
                    format!("expected the end, found {}", reader.found()),
                    None,
                ));
            }
            return Ok(Self {
                loops,
                segment: segment.to_owned(),
                occurrence: index,
                element,
            });
        }
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, index) in &self.loops {
            write!(f, "{name}{index}/")?;
        }
        write!(f, "{}{}", self.segment, self.occurrence)?;
        let Some(path) = &self.element else {
            return Ok(());
        };
        write!(f, "-{:02}{}", path.element, path.repetition)?;
        match path.component {
            Some(component) => write!(f, "-{component}"),
            None => Ok(()),
        }
    }
}

/// `CLM02` as segment and element.
fn designator(name: &str) -> Option<(&str, usize)> {
    let (segment, element) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let number: usize = element.parse().ok().filter(|number| *number > 0)?;
    (is_segment(segment) && element.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some((segment, number))
}

fn is_segment(name: &str) -> bool {
    matches!(name.len(), 2 | 3) && name.starts_with(|first: char| first.is_ascii_uppercase())
}

fn fault(offset: usize, message: impl Into<String>, hint: Option<&'static str>) -> LocationError {
    LocationError {
        message: message.into(),
        offset,
        hint,
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, character: char) -> bool {
        let taken = self.rest().starts_with(character);
        if taken {
            self.at += character.len_utf8();
        }
        taken
    }

    fn found(&self) -> String {
        self.rest()
            .chars()
            .next()
            .map_or("the end".to_owned(), |character| format!("{character:?}"))
    }

    /// Whether what was just read is a loop: a slash follows, perhaps behind an index.
    fn is_loop(&self) -> bool {
        let rest = self.rest();
        rest.starts_with('/') || rest.starts_with('[') && rest.contains("]/")
    }

    fn name(&mut self) -> Result<&'t str, LocationError> {
        let rest = self.rest();
        let length = rest
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        let name = &rest[..length];
        if name.is_empty() {
            return Err(fault(
                self.at,
                format!("expected a segment or a loop, found {}", self.found()),
                Some("write it as in CLM-02 or 2300/CLM-02"),
            ));
        }
        if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(fault(self.at, format!("{name} is not in capitals"), None));
        }
        self.at += length;
        Ok(name)
    }

    fn index(&mut self, may_qualify: bool) -> Result<Index, LocationError> {
        if !self.take('[') {
            return Ok(Index::Nth(1));
        }
        let index = if self.take('*') {
            Index::All
        } else {
            let number = self.number("an index")?;
            if may_qualify && self.take('=') {
                let rest = self.rest();
                let length = rest.find(']').unwrap_or(rest.len());
                self.at += length;
                Index::Where(number, rest[..length].to_owned())
            } else {
                Index::Nth(number)
            }
        };
        if self.take(']') {
            Ok(index)
        } else {
            Err(fault(
                self.at,
                format!("expected ] after the index, found {}", self.found()),
                None,
            ))
        }
    }

    fn number(&mut self, what: &str) -> Result<usize, LocationError> {
        let rest = self.rest();
        let length = rest
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(rest.len());
        match rest[..length].parse::<usize>() {
            Ok(0) => Err(fault(
                self.at,
                format!("{what} is 0"),
                Some("X12 counts from 1"),
            )),
            Ok(number) if number <= NUMBER_MAX => {
                self.at += length;
                Ok(number)
            }
            _ if length == 0 => Err(fault(
                self.at,
                format!("expected {what}, a number, found {}", self.found()),
                None,
            )),
            _ => Err(fault(
                self.at,
                format!("{what} is beyond {NUMBER_MAX}"),
                None,
            )),
        }
    }

    /// What may stand behind the number of an element.
    fn path(&mut self, element: usize) -> Result<ElementPath, LocationError> {
        let repetition = self.index(false)?;
        let component = if self.take('-') {
            Some(self.number("a component number")?)
        } else {
            None
        };
        Ok(ElementPath {
            element,
            repetition,
            component,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn they_are_written_in_one_way() {
        for (text, canonical) in [
            ("CLM-02", "CLM-02"),
            ("CLM02", "CLM-02"),
            ("N102", "N1-02"),
            ("SV101-2", "SV1-01-2"),
            ("SV1[3]-1-2", "SV1[3]-01-2"),
            ("2300[1]/CLM[1]-05-1", "2300/CLM-05-1"),
            ("2300/2400[*]/SV1-02", "2300/2400[*]/SV1-02"),
            ("2010AA/NM109", "2010AA/NM1-09"),
            ("REF[01=G1]-02", "REF[01=G1]-02"),
            ("2000A[03=20]/HL", "2000A[03=20]/HL"),
            ("DMG05[*]-2", "DMG-05[*]-2"),
            ("TA1", "TA1"),
            ("CLM-105", "CLM-105"),
        ] {
            let location = Location::parse(text).unwrap();
            assert_eq!(location.to_string(), canonical);
            assert_eq!(Location::parse(canonical).unwrap(), location);
        }
    }

    #[test]
    fn errors_say_where() {
        for (text, offset) in [
            ("", 0),
            ("clm-02", 0),
            ("2300", 0),
            ("2300/", 5),
            ("CLMX-02", 0),
            ("CLM-", 4),
            ("CLM-0", 4),
            ("CLM-02-", 7),
            ("CLM-02-1-1", 8),
            ("CLM-02[01=A]", 9),
            ("CLM[", 4),
            ("CLM[1", 5),
            ("CLM.2", 3),
            ("CLM-99999999", 4),
            ("CLM-02é", 6),
        ] {
            assert_eq!(Location::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[A-Z0-9\\[\\]*/=\\-é]{0,16}") {
            if let Ok(location) = Location::parse(&text) {
                prop_assert_eq!(Location::parse(&location.to_string()), Ok(location));
            }
        }
    }
}
