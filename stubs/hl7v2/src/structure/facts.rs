//! The facts themselves: which structures, segments and data types each version has.
//!
//! Four tables of text, compiled in. Segment order, cardinality, types and table numbers were derived from hl7apy 1.3.5
//! (MIT, CRS4), lengths from hl7-dictionary 1.0.1 (MIT, Fernando Serrano), by the script beside them, which names the
//! steps. They are facts about HL7 2.3 to 2.8 without names, wording or code lists of the standard. Which structure a
//! trigger event has is in `events.tsv`, written by hand. A row of a table is split off at first use and read when it is
//! first asked for.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::notation::{self, Definition, Node};
use super::version::Version;

/// What a table holds under one name: its readings, oldest first.
type Table<T> = BTreeMap<&'static str, Vec<Row<T>>>;

#[derive(Debug)]
struct Row<T> {
    /// The last version that it holds for; the first is the one behind the row before, or counts as it.
    last: Version,
    text: &'static str,
    read: OnceLock<Vec<T>>,
}

static STRUCTURES: LazyLock<Table<Node>> =
    LazyLock::new(|| table(include_str!("facts/structures.tsv")));
static SEGMENTS: LazyLock<Table<Definition>> =
    LazyLock::new(|| table(include_str!("facts/segments.tsv")));
static TYPES: LazyLock<Table<Definition>> =
    LazyLock::new(|| table(include_str!("facts/types.tsv")));
static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| events(include_str!("facts/events.tsv")));

fn table<T>(text: &'static str) -> Table<T> {
    let mut table = Table::new();
    for line in text.lines() {
        let mut columns = line.splitn(3, '\t');
        if let (Some(name), Some(span), Some(text)) =
            (columns.next(), columns.next(), columns.next())
            && let Some((_, last)) = Version::span(span)
        {
            table.entry(name).or_insert_with(Vec::new).push(Row {
                last,
                text,
                read: OnceLock::new(),
            });
        }
    }
    table
}

/// The reading of a version; where it has none, that of the next version that has one, or else of the last.
fn fact<T>(
    table: &'static Table<T>,
    name: &str,
    version: Version,
    read: fn(&'static str) -> Option<Vec<T>>,
) -> Option<&'static [T]> {
    let rows = table.get(name)?;
    let row = rows
        .iter()
        .find(|row| row.last >= version)
        .or_else(|| rows.last())?;
    Some(row.read.get_or_init(|| read(row.text).unwrap_or_default()))
}

/// The entries of a structure in a version.
pub(crate) fn structure(name: &str, version: Version) -> Option<&'static [Node]> {
    fact(&STRUCTURES, name, version, notation::structure)
}

/// The fields of a segment in a version, from 1.
pub(crate) fn segment(name: &str, version: Version) -> Option<&'static [Definition]> {
    fact(&SEGMENTS, name, version, notation::definitions)
}

/// The components of a data type in a version, from 1; None for a primitive type.
pub(crate) fn data_type(name: &str, version: Version) -> Option<&'static [Definition]> {
    fact(&TYPES, name, version, notation::definitions)
}

/// The name of a data type with components, as the tables hold it.
pub(crate) fn type_name(name: &str) -> Option<&'static str> {
    TYPES.get_key_value(name).map(|(known, _)| *known)
}

/// The names of all structures, as the tables hold them.
pub(crate) fn structure_names() -> impl Iterator<Item = &'static str> {
    STRUCTURES.keys().copied()
}

/// The name of a structure as the tables hold it.
pub(crate) fn structure_name(name: &str) -> Option<&'static str> {
    STRUCTURES.get_key_value(name).map(|(known, _)| *known)
}

struct Event {
    structure: &'static str,
    first: Version,
    last: Version,
    message_type: &'static str,
    events: &'static str,
}

fn events(text: &'static str) -> Vec<Event> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut columns = line.split('\t');
        let structure = columns.next()?;
        let (first, last) = Version::span(columns.next()?)?;
        Some(Event {
            structure,
            first,
            last,
            message_type: columns.next()?,
            events: columns.next()?,
        })
    })
    .collect()
}

/// The structures that a message type and trigger event may have in a version, the one that rules first; none where
/// nothing is known of them in any version.
pub(crate) fn of_event(message_type: &str, event: &str, version: Version) -> Vec<&'static str> {
    let of_type = || {
        EVENTS.iter().filter(|row| {
            row.message_type == message_type
                && row
                    .events
                    .split(' ')
                    .any(|known| known == event || known == "*")
        })
    };
    let of_version = of_type().filter(|row| row.first <= version && version <= row.last);
    let mut found: Vec<_> = of_version.map(|row| row.structure).collect();
    if found.is_empty() {
        let own = format!("{message_type}_{event}");
        found.extend(structure_name(&own));
    }
    if found.is_empty() {
        found.extend(of_type().next().map(|row| row.structure));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every<T>(table: &'static Table<T>, text: &str, read: fn(&'static str) -> Option<Vec<T>>) {
        let rows: usize = table.values().map(Vec::len).sum();
        assert_eq!(rows, text.lines().count(), "a row has no known version");
        for (name, rows) in table {
            for row in rows {
                assert!(read(row.text).is_some(), "{name}: {}", row.text);
            }
            assert!(
                rows.windows(2).all(|pair| pair[0].last < pair[1].last),
                "{name}: the oldest comes first"
            );
        }
    }

    #[test]
    fn every_row_is_read() {
        every(
            &STRUCTURES,
            include_str!("facts/structures.tsv"),
            notation::structure,
        );
        every(
            &SEGMENTS,
            include_str!("facts/segments.tsv"),
            notation::definitions,
        );
        every(
            &TYPES,
            include_str!("facts/types.tsv"),
            notation::definitions,
        );
    }

    /// Every structure that an event names is there, and so are the segments of every structure.
    #[test]
    fn the_tables_fit_each_other() {
        fn segments(nodes: &'static [Node], found: &mut Vec<&'static str>) {
            for node in nodes {
                if node.kind == notation::Kind::Segment {
                    found.push(node.name);
                }
                segments(&node.children, found);
            }
        }
        assert!(EVENTS.len() > 50);
        for event in EVENTS.iter() {
            assert!(
                structure_name(event.structure).is_some(),
                "{}",
                event.structure
            );
        }
        let mut unknown = Vec::new();
        for name in structure_names() {
            for version in Version::ALL {
                let mut found = Vec::new();
                segments(structure(name, version).unwrap(), &mut found);
                unknown.extend(
                    found
                        .into_iter()
                        .filter(|name| segment(name, version).is_none()),
                );
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        assert_eq!(unknown, Vec::<&str>::new());
    }

    #[test]
    fn versions_differ() {
        let fields = |version| segment("PID", version).unwrap().len();
        assert_eq!((fields(Version::V2_3), fields(Version::V2_5_1)), (30, 39));
        assert!(
            segment("SPM", Version::V2_3).is_some(),
            "as later versions have it"
        );
        assert!(data_type("ST", Version::V2_5).is_none());
        assert_eq!(
            of_event("ADT", "A28", Version::V2_3_1),
            ["ADT_A01"],
            "2.3.1 had no ADT_A05"
        );
        assert_eq!(of_event("ADT", "A28", Version::V2_5), ["ADT_A05"]);
        assert_eq!(
            of_event("ADT", "A12", Version::V2_5),
            ["ADT_A12", "ADT_A09"]
        );
        assert_eq!(of_event("VXU", "V04", Version::V2_5_1), ["VXU_V04"]);
        assert_eq!(of_event("ACK", "A01", Version::V2_8), ["ACK"]);
        assert_eq!(of_event("ZZZ", "Z01", Version::V2_8), Vec::<&str>::new());
    }
}
