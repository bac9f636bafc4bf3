//! A YAML document as a tree in which every node knows its place.
//!
//! Scalars stay text: `1.10` is not turned into a float on its way through. [`Node::to_json`] resolves them where
//! a value is wanted.

mod read;
mod resolve;

pub use read::{BYTES_MAX, DEPTH_MAX, NODES_MAX, read};

use crate::{Source, Span, Spanned};

/// One node of a YAML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, quoted or plain.
    Scalar(Scalar),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping in the order written; keys are plain text and unique.
    Mapping(Vec<(Spanned<String>, Node)>),
}

/// A scalar as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text after YAML's own unfolding and unquoting.
    pub text: String,
    /// Whether it was plain (unquoted, not a block): only then is it a number, a boolean or null.
    pub plain: bool,
}

impl Node {
    /// The scalar's text, whatever type it would resolve to.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The members of a mapping.
    pub fn as_mapping(&self) -> Option<&[(Spanned<String>, Node)]> {
        match &self.value {
            Value::Mapping(members) => Some(members),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The member of a mapping with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, node)| node)
    }

    /// Whether this is the plain scalar `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar)
            if scalar.plain && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// `a mapping`, `a list`, `text` and so on, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Scalar(_) if self.is_null() => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Where a part of this scalar's text stands in the source, which differs from an offset into the node's span where
    /// YAML folded, indented or escaped it.
    ///
    /// `part` is a range of byte offsets into [`as_text`](Self::as_text). The answer is the whole node where the part
    /// cannot be found as written.
    pub fn span_within(&self, source: &Source, part: Span) -> Span {
        source.place_within(self.span, self.as_text().unwrap_or_default(), part)
    }
}
