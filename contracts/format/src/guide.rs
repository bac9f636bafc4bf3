//! What an author has to know of one protocol. Protocols give it; schema, reference and messages are made from it.

pub use crate::grammar::Word;

/// Everything that a contract may say in the words of one protocol.
#[derive(Debug)]
pub struct Guide {
    /// The protocol's name in contract files.
    pub name: &'static str,
    /// The protocol as people call it.
    pub title: &'static str,
    /// What the stub follows and what it is worth knowing about it, in a few sentences.
    pub about: &'static str,
    /// The keys under `send: { <name>: … }`.
    pub send: &'static [KeyDoc],
    /// The keys beside `stub: <name>` under `partners:`.
    pub options: &'static [KeyDoc],
    /// What may stand where, and what it means there.
    pub places: &'static [PlaceDoc],
    /// The generators of `forall:`, without the protocol's prefix.
    pub generators: &'static [Word],
    /// The filters that it adds to templates.
    pub filters: &'static [Word],
    /// The cases that `malformed input` makes.
    pub malformations: &'static [Word],
}

/// A key with what it takes.
#[derive(Clone, Copy, Debug)]
pub struct KeyDoc {
    /// The key.
    pub name: &'static str,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// An example value, as YAML.
    pub example: &'static str,
}

/// A place in a contract that takes the protocol's own words.
#[derive(Clone, Copy, Debug)]
pub struct PlaceDoc {
    /// The key whose value it is, such as `received`.
    pub place: &'static str,
    /// What may stand there and what it means.
    pub doc: &'static str,
    /// Values that may stand there.
    pub examples: &'static [&'static str],
}

impl Guide {
    /// The names of these words.
    pub fn names(words: &[Word]) -> Vec<&'static str> {
        words.iter().map(|word| word.name).collect()
    }

    /// The names of these keys.
    pub fn names_of(keys: &[KeyDoc]) -> Vec<&'static str> {
        keys.iter().map(|key| key.name).collect()
    }
}
