//! The location language of contracts.
//!
//! ```text
//! location   = { group [ index ] "." } segment [ index ] [ "-" field [ index ] [ "." component [ "." subcomponent ] ] ]
//! index      = "[" ( number | "*" ) "]"
//! ```
//!
//! | location | what it names |
//! |---|---|
//! | `MSH-9.1` | the message type |
//! | `PID-3` | the first repetition of PID-3 |
//! | `PID-3[2].4.1` | the first subcomponent of the fourth component of the second repetition |
//! | `PID-3[*].1` | the first component of every repetition |
//! | `OBX[3]-5` | the value of the third OBX of the message |
//! | `OBSERVATION[2].OBX-5` | the value of the first OBX of the second OBSERVATION group |
//! | `ORDER_OBSERVATION[1].OBX[*]-5` | all values of the first order |
//! | `PATIENT_RESULT.ORDER_OBSERVATION[2].OBX-5` | the first value of the first patient's second order |
//! | `PID` | the whole first PID segment |
//!
//! Groups are those of the message's structure in its version ([`crate::structure`]); levels between may be left out, and
//! an index counts within the group before it. All numbers count from 1 as the standard does, and MSH-1 is the field separator. Where no index stands the first
//! one is meant.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use wardgate_contract::suggest;

use crate::structure;

/// Highest number that a location may hold.
const NUMBER_MAX: u32 = 99_999;

/// Which of several occurrences is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Index {
    /// The one at this place, from 1.
    Nth(usize),
    /// Every one.
    All,
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nth(1) => Ok(()),
            Self::Nth(number) => write!(f, "[{number}]"),
            Self::All => f.write_str("[*]"),
        }
    }
}

/// A field, and what within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// Its number, from 1.
    pub field: usize,
    /// Which of its repetitions.
    pub repetition: Index,
    /// The component, from 1.
    pub component: Option<usize>,
    /// The subcomponent, from 1; only where there is a component.
    pub subcomponent: Option<usize>,
}

/// A place in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The groups that lead to the segment, outermost first.
    pub groups: Vec<(String, Index)>,
    /// The name of the segment.
    pub segment: String,
    /// Which segment of that name within the groups, or within the message.
    pub occurrence: Index,
    /// What within the segment; None for the whole of it.
    pub field: Option<FieldPath>,
}

/// Why a text is not a location.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} at character {offset} of the location{}", hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct LocationError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
    /// A likely correction.
    pub hint: Option<String>,
}

impl Location {
    /// Reads a location.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let mut reader = Reader { text, at: 0 };
        let mut groups = Vec::new();
        loop {
            let start = reader.at;
            let name = reader.name()?;
            let index = reader.index()?;
            if reader.text[reader.at..].starts_with('.') {
                if structure::group_names().binary_search(&name).is_ok() {
                    reader.at += 1;
                    groups.push((name.to_owned(), index));
                    continue;
                }
                return Err(reader.no_group(start, name));
            }
            if name.len() != 3 {
                let hint = if name.contains('_') {
                    format!("a segment follows a group: {name}.OBX")
                } else {
                    "a segment name has three characters, such as PID".to_owned()
                };
                return Err(fault(
                    start,
                    format!("{name} is not a segment name"),
                    Some(hint),
                ));
            }
            let field = if reader.take('-') {
                Some(reader.field(name, index)?)
            } else {
                None
            };
            reader.end(field.as_ref())?;
            return Ok(Self {
                groups,
                segment: name.to_owned(),
                occurrence: index,
                field,
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
        for (name, index) in &self.groups {
            write!(f, "{name}{index}.")?;
        }
        write!(f, "{}{}", self.segment, self.occurrence)?;
        let Some(path) = &self.field else {
            return Ok(());
        };
        write!(f, "-{}{}", path.field, path.repetition)?;
        for part in [path.component, path.subcomponent].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

fn fault(offset: usize, message: impl Into<String>, hint: Option<String>) -> LocationError {
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

    /// What stands at the cursor, for a message.
    fn found(&self) -> String {
        self.rest()
            .chars()
            .next()
            .map_or("the end".to_owned(), |character| format!("{character:?}"))
    }

    fn name(&mut self) -> Result<&'t str, LocationError> {
        let start = self.at;
        let length = self
            .rest()
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        let name = &self.rest()[..length.unwrap_or(self.rest().len())];
        let whole = name.to_ascii_uppercase();
        if name.is_empty() || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let message = format!(
                "expected the name of a segment or group, found {}",
                self.found()
            );
            return Err(fault(
                start,
                message,
                Some("write it as in PID-3.1".to_owned()),
            ));
        }
        if name != whole {
            return Err(fault(
                start,
                format!("{name} is not in capitals"),
                Some(format!("write {whole}")),
            ));
        }
        self.at += name.len();
        Ok(name)
    }

    fn index(&mut self) -> Result<Index, LocationError> {
        if self.rest().starts_with('(') {
            return Err(fault(
                self.at,
                "an index stands in square brackets",
                Some("write [2]".to_owned()),
            ));
        }
        if !self.take('[') {
            return Ok(Index::Nth(1));
        }
        let index = if self.take('*') {
            Index::All
        } else {
            Index::Nth(self.number("an index")?)
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
        let start = self.at;
        let length = self
            .rest()
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(self.rest().len());
        let digits = &self.rest()[..length];
        if digits.is_empty() {
            return Err(fault(
                start,
                format!("expected {what}, a number, found {}", self.found()),
                None,
            ));
        }
        match digits.parse::<u32>() {
            Ok(0) => Err(fault(
                start,
                format!("{what} is 0"),
                Some("HL7 counts from 1".to_owned()),
            )),
            Ok(number @ 1..=NUMBER_MAX) => {
                self.at += length;
                Ok(number as usize)
            }
            _ => Err(fault(start, format!("{what} is beyond {NUMBER_MAX}"), None)),
        }
    }

    fn field(&mut self, segment: &str, occurrence: Index) -> Result<FieldPath, LocationError> {
        let field = self.number("a field number")?;
        let repetition = self.index()?;
        if self.rest().starts_with('-') {
            let hint = format!("write {segment}{occurrence}-{field}.{}", &self.rest()[1..]);
            return Err(fault(self.at, "a component follows a dot", Some(hint)));
        }
        let component = if self.take('.') {
            Some(self.number("a component number")?)
        } else {
            None
        };
        let subcomponent = match component {
            Some(_) if self.take('.') => Some(self.number("a subcomponent number")?),
            _ => None,
        };
        Ok(FieldPath {
            field,
            repetition,
            component,
            subcomponent,
        })
    }

    fn end(&self, field: Option<&FieldPath>) -> Result<(), LocationError> {
        if self.rest().is_empty() {
            return Ok(());
        }
        let hint = match (field, self.rest().as_bytes()[0]) {
            (
                Some(FieldPath {
                    component: Some(_), ..
                }),
                b'[',
            ) => Some("only segments, groups and fields repeat".to_owned()),
            (
                Some(FieldPath {
                    subcomponent: Some(_),
                    ..
                }),
                b'.',
            ) => Some("nothing stands below a subcomponent".to_owned()),
            _ => None,
        };
        Err(fault(
            self.at,
            format!("expected the end, found {}", self.found()),
            hint,
        ))
    }

    /// A name before a dot that is no group: most often someone writes `PID.3`.
    fn no_group(&self, start: usize, name: &str) -> LocationError {
        let after = &self.rest()[1..];
        let hint = if name.len() == 3 && after.starts_with(|next: char| next.is_ascii_digit()) {
            format!("a field follows a hyphen: {name}-{after}")
        } else {
            match suggest::nearest(name, structure::group_names().iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => "ORU_R01, for one, has PATIENT_RESULT, ORDER_OBSERVATION and OBSERVATION"
                    .to_owned(),
            }
        };
        fault(
            start,
            format!("{name} is not a group of the structures that are known"),
            Some(hint),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn locations_are_read() {
        let location = Location::parse("PID-3[2].4.1").unwrap();
        assert_eq!(
            (location.segment.as_str(), location.occurrence),
            ("PID", Index::Nth(1))
        );
        assert_eq!(
            location.field,
            Some(FieldPath {
                field: 3,
                repetition: Index::Nth(2),
                component: Some(4),
                subcomponent: Some(1)
            })
        );
        let grouped = Location::parse("ORDER_OBSERVATION[2].OBSERVATION[*].OBX[*]-5").unwrap();
        assert_eq!(
            grouped.groups[0],
            ("ORDER_OBSERVATION".to_owned(), Index::Nth(2))
        );
        assert_eq!(grouped.groups[1], ("OBSERVATION".to_owned(), Index::All));
        assert_eq!(grouped.occurrence, Index::All);
        assert_eq!(Location::parse("ZP1").unwrap().field, None);
    }

    #[test]
    fn they_are_written_in_one_way() {
        for text in [
            "PID-3[2].4.1",
            "OBX[3]-5",
            "MSH-9.1",
            "OBSERVATION[2].OBX-5",
            "PID-3[*].1",
            "PID",
            "OBX[*]",
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Location::parse("PID[1]-3[1]").unwrap().to_string(), "PID-3");
    }

    #[test]
    fn errors_say_where_and_how_to_put_it_right() {
        for (text, offset, hint) in [
            ("", 0, "write it as in PID-3.1"),
            ("pid-3", 0, "write PID"),
            ("PID.3", 0, "a field follows a hyphen: PID-3"),
            ("PID-3-1", 5, "write PID-3.1"),
            ("PID-3(2)", 5, "write [2]"),
            ("PID-0", 4, "HL7 counts from 1"),
            ("PID-3.1.2.3", 9, "nothing stands below a subcomponent"),
            ("PID-3.1[2]", 7, "only segments, groups and fields repeat"),
            (
                "PIDX-3",
                0,
                "a segment name has three characters, such as PID",
            ),
            (
                "OBSERVATION_[2]",
                0,
                "a segment follows a group: OBSERVATION_.OBX",
            ),
        ] {
            let error = Location::parse(text).unwrap_err();
            assert_eq!(
                (error.offset, error.hint.as_deref()),
                (offset, Some(hint)),
                "{text}: {error}"
            );
        }
        let unknown = Location::parse("OBSERVATIONS[2].OBX-5").unwrap_err();
        assert!(
            unknown
                .to_string()
                .starts_with("OBSERVATIONS is not a group"),
            "{unknown}"
        );
        assert_eq!(unknown.hint.unwrap(), "did you mean OBSERVATION?");
        for text in [
            "PID-",
            "PID-x",
            "PID[",
            "PID[1",
            "PID[]",
            "PID-3.",
            "PID-3 ",
            "PID-999999",
            "PID-3é",
            "é",
        ] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[A-Z_a-z0-9\\[\\].*\\-(é]{0,16}") {
            if let Ok(location) = Location::parse(&text) {
                prop_assert_eq!(Location::parse(&location.to_string()), Ok(location));
            }
        }
    }
}
