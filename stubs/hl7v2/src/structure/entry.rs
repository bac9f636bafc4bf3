//! Whether and how a segment enters an entry of a structure, and what an entry cannot do without.

use super::notation::{Kind, Node};

/// How well a segment begins an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entry {
    /// Somewhere within it, behind something that is required.
    Inside,
    /// Behind what is optional.
    Late,
    /// It is what the entry begins with.
    First,
}

impl Node {
    pub(super) fn entry(&self, segment: &str) -> Option<Entry> {
        match self.kind {
            Kind::Any => None,
            Kind::Segment => (self.name == segment).then_some(Entry::First),
            Kind::Choice => self
                .children
                .iter()
                .filter_map(|child| child.entry(segment))
                .max(),
            Kind::Group => {
                let mut limit = Entry::First;
                let mut best = None;
                for child in &self.children {
                    best = best.max(child.entry(segment).map(|entry| entry.min(limit)));
                    let next = if child.is_needed() {
                        Entry::Inside
                    } else {
                        Entry::Late
                    };
                    limit = limit.min(next);
                }
                best
            }
        }
    }

    /// Whether it cannot be left out: a required group of nothing but optional segments can.
    pub(super) fn is_needed(&self) -> bool {
        self.required
            && match self.kind {
                Kind::Segment => true,
                // Who knows what it would have been.
                Kind::Any => false,
                Kind::Choice => self.children.iter().all(Node::is_needed),
                Kind::Group => self.children.iter().any(Node::is_needed),
            }
    }

    /// Whether any segment may stand here.
    pub(super) fn is_any(&self) -> bool {
        self.kind == Kind::Any
            || self.kind == Kind::Choice && self.children.iter().any(Self::is_any)
    }

    /// Whether it is this segment, or a choice that has it.
    pub(super) fn is_directly(&self, segment: &str) -> bool {
        match self.kind {
            Kind::Segment => self.name == segment,
            Kind::Choice => self.children.iter().any(|child| child.is_directly(segment)),
            Kind::Group | Kind::Any => false,
        }
    }

    /// The first segment that it cannot do without.
    pub(super) fn first_needed(&self) -> &'static str {
        match self.kind {
            Kind::Segment | Kind::Any => self.name,
            Kind::Choice | Kind::Group => {
                let needed = self.children.iter().find(|child| child.is_needed());
                needed.map_or("", Self::first_needed)
            }
        }
    }
}
