//! The records of one entity in one company, found by id and by a few texts.

use std::{collections::HashMap, sync::Arc};

use wardgate_core::port::Moment;
use wardgate_expression::Json;

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its GUID.
    pub(crate) id: String,
    /// When it last changed.
    pub(crate) changed: Moment,
    /// Its members, with those that only contracts see.
    pub(crate) json: Json,
}

/// Records in the order of their creation. A look-up costs the same whatever their number; so does a clone, until one of
/// the two is written to.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Arc<Rows>,
}

#[derive(Clone, Debug)]
struct Rows {
    /// A deleted record leaves its place empty, so that the places of others stay.
    slots: Vec<Option<Arc<Row>>>,
    by_id: HashMap<String, usize>,
    indexes: Vec<(&'static str, HashMap<String, Vec<usize>>)>,
}

impl Table {
    /// An empty table with an index for each of these properties.
    pub(crate) fn new(properties: &[&'static str]) -> Self {
        let indexes = properties
            .iter()
            .map(|name| (*name, HashMap::new()))
            .collect();
        Self {
            rows: Arc::new(Rows {
                slots: Vec::new(),
                by_id: HashMap::new(),
                indexes,
            }),
        }
    }

    /// Adds a record, or replaces the one with its id.
    pub(crate) fn put(&mut self, row: Row) {
        Arc::make_mut(&mut self.rows).put(row);
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &str) {
        Arc::make_mut(&mut self.rows).remove(id);
    }

    /// The record of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Row>> {
        self.rows.slots[*self.rows.by_id.get(id)?].as_ref()
    }

    /// The records of which this property has exactly this text, in the order of their creation; none if there is no
    /// index for the property.
    pub(crate) fn with_text(&self, property: &str, text: &str) -> Option<Vec<&Arc<Row>>> {
        if property == "id" {
            return Some(self.get(text).into_iter().collect());
        }
        let (_, index) = self
            .rows
            .indexes
            .iter()
            .find(|(name, _)| *name == property)?;
        let slots = index.get(text).map_or(&[][..], Vec::as_slice);
        Some(
            slots
                .iter()
                .filter_map(|slot| self.rows.slots[*slot].as_ref())
                .collect(),
        )
    }

    /// Whether a record other than this one has this text.
    pub(crate) fn has_other(&self, property: &str, text: &str, id: &str) -> bool {
        self.with_text(property, text)
            .is_some_and(|rows| rows.iter().any(|row| row.id != id))
    }

    /// All records in the order of their creation.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.slots.iter().flatten()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.by_id.is_empty()
    }
}

impl Rows {
    fn put(&mut self, row: Row) {
        let slot = if let Some(slot) = self.by_id.get(&row.id).copied() {
            self.unlist(slot);
            slot
        } else {
            self.by_id.insert(row.id.clone(), self.slots.len());
            self.slots.push(None);
            self.slots.len() - 1
        };
        for (name, index) in &mut self.indexes {
            if let Some(text) = row.json.get(name).and_then(Json::as_str) {
                let slots = index.entry(text.to_owned()).or_default();
                let at = slots.partition_point(|known| *known < slot);
                slots.insert(at, slot);
            }
        }
        self.slots[slot] = Some(Arc::new(row));
    }

    fn remove(&mut self, id: &str) {
        if let Some(slot) = self.by_id.remove(id) {
            self.unlist(slot);
            self.slots[slot] = None;
        }
    }

    fn unlist(&mut self, slot: usize) {
        let Some(row) = self.slots[slot].clone() else {
            return;
        };
        for (name, index) in &mut self.indexes {
            if let Some(text) = row.json.get(name).and_then(Json::as_str)
                && let Some(slots) = index.get_mut(text)
            {
                slots.retain(|known| *known != slot);
                if slots.is_empty() {
                    index.remove(text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wardgate_expression::json;

    use super::*;

    fn row(id: &str, number: &str) -> Row {
        Row {
            id: id.to_owned(),
            changed: Moment {
                elapsed: Duration::ZERO,
                unix_ms: 0,
            },
            json: json!({"number": number}),
        }
    }

    fn ids(rows: Option<Vec<&Arc<Row>>>) -> Vec<&str> {
        rows.expect("it is indexed")
            .iter()
            .map(|row| row.id.as_str())
            .collect()
    }

    #[test]
    fn an_index_follows_changes_and_removals() {
        let mut table = Table::new(&["number"]);
        for id in ["a", "b", "c"] {
            table.put(row(id, "1"));
        }
        table.put(row("a", "2"));
        assert_eq!(ids(table.with_text("number", "1")), ["b", "c"]);
        table.put(row("a", "1"));
        assert_eq!(ids(table.with_text("number", "1")), ["a", "b", "c"]);
        assert_eq!(ids(table.with_text("number", "2")), [""; 0]);
        table.remove("b");
        assert_eq!(ids(table.with_text("number", "1")), ["a", "c"]);
        assert_eq!(
            table.rows().map(|row| row.id.as_str()).collect::<Vec<_>>(),
            ["a", "c"]
        );
        assert!(table.has_other("number", "1", "a"));
        table.remove("c");
        assert!(!table.has_other("number", "1", "a"));
        assert!(table.with_text("other", "1").is_none());
        table.remove("a");
        assert!(table.is_empty());
    }

    #[test]
    fn a_clone_does_not_follow_its_original() {
        let mut table = Table::new(&["number"]);
        table.put(row("a", "1"));
        let copy = table.clone();
        table.put(row("a", "2"));
        table.put(row("b", "1"));
        assert_eq!(ids(copy.with_text("number", "1")), ["a"]);
        assert_eq!(copy.rows().count(), 1);
    }
}
