//! What a contract file may say, as data.
//!
//! One table of shapes drives three things: the check of a file ([`check`]), the JSON Schema for editors
//! ([`crate::schema`]) and the key reference for people ([`crate::reference`]). So the three cannot disagree.

mod check;
mod claims;
mod syntax;
mod tables;
mod variations;

pub use check::check;
pub use claims::{ANSWER, CLAIM, MATCHER_KEYS, MatcherKey};
pub use syntax::{CONTRACT_ID, SLUG, Syntax, Unquoted};
pub use tables::CONTRACT;
pub use variations::{VARIATION_WORDS, VARIATIONS};

pub(crate) use syntax::{DURATION, parse_attempts, parse_bound};

/// What may stand as a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A single value, read as text of this syntax.
    Text(&'static Syntax),
    /// One of a few words.
    Word(&'static [Word]),
    /// A mapping with known keys.
    Mapping(&'static Table),
    /// A mapping whose keys the author names.
    Named {
        /// What a key may be.
        name: &'static Syntax,
        /// What each value is.
        each: &'static Shape,
    },
    /// A list.
    List(&'static Shape),
    /// One of several shapes, told apart by being a single value, a list or a mapping.
    Either(&'static [Shape]),
    /// A matcher; see [`MATCHER_KEYS`].
    Matcher,
    /// A mapping that a protocol reads.
    Record,
    /// Any value.
    Value,
}

/// A word that may stand as a value.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word or words.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Table {
    /// Its name in the schema and in links, in kebab case.
    pub name: &'static str,
    /// What one such mapping is, with its article: `an interaction`.
    pub what: &'static str,
    /// What it is for, for the reference.
    pub doc: &'static str,
    /// Its keys in the order of the reference.
    pub keys: &'static [Key],
    /// What any other key is, where others are allowed.
    pub others: Option<Others>,
    /// Which keys go together.
    pub rules: &'static [Rule],
}

/// A key of a [`Table`].
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, one or two sentences.
    pub doc: &'static str,
    /// The value of an example, in YAML's flow notation.
    pub example: &'static str,
}

/// Keys that the table does not name.
#[derive(Debug)]
pub struct Others {
    /// What stands as the key: `PARTNER`.
    pub placeholder: &'static str,
    /// What a key may be.
    pub name: &'static Syntax,
    /// Which names there are.
    pub among: Among,
    /// What the value is.
    pub shape: Shape,
    /// What it means.
    pub doc: &'static str,
    /// A whole example.
    pub example: &'static str,
}

/// Which names the other keys of a table may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Any that the syntax admits.
    Anything,
    /// The contract's partners.
    Partners,
    /// The protocol of the message at hand.
    Protocol,
}

/// Which keys of a table go together.
#[derive(Debug)]
pub enum Rule {
    /// One of these must be there, and only one.
    ExactlyOne(&'static [&'static str]),
    /// One of these must be there.
    AtLeastOne(&'static [&'static str]),
    /// With the first, the others must be there.
    Needs(&'static str, &'static [&'static str]),
    /// There must be one key, whichever it is.
    Single,
    /// With the first, the others must not be there.
    Excludes(&'static str, &'static [&'static str]),
}

impl Table {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Shape {
    /// What is expected, with its article, for messages and the reference: `a length of time, such as 2s`.
    pub fn describe(&self) -> String {
        match self {
            Self::Text(syntax) => syntax.describe(),
            Self::Word(words) => {
                let names: Vec<_> = words
                    .iter()
                    .map(|word| format!("`{}`", word.name))
                    .collect();
                names.join(" or ")
            }
            Self::Mapping(table) => table.what.to_owned(),
            Self::Named { name, each } => {
                format!("a mapping from {} to {}", name.what, each.describe())
            }
            Self::List(item) => match item {
                Self::Mapping(table) => format!("a list, each item {}", table.what),
                item => format!("a list, each item {}", item.describe()),
            },
            Self::Either(shapes) => {
                let parts: Vec<_> = shapes.iter().map(Self::describe).collect();
                parts.join(", or ")
            }
            Self::Matcher => String::from("a value or a matcher"),
            Self::Record => String::from("a mapping that the protocol reads"),
            Self::Value => String::from("any value"),
        }
    }

    /// Every table that can be reached, this one's first, each once.
    pub fn tables(&self) -> Vec<&'static Table> {
        let mut found = Vec::new();
        self.collect_tables(&mut found);
        found
    }

    fn collect_tables(&self, found: &mut Vec<&'static Table>) {
        match self {
            Self::Mapping(table) => {
                if found.iter().any(|known| known.name == table.name) {
                    return;
                }
                found.push(table);
                for key in table.keys {
                    key.shape.collect_tables(found);
                }
                if let Some(others) = &table.others {
                    others.shape.collect_tables(found);
                }
            }
            Self::Named { each, .. } => each.collect_tables(found),
            Self::List(item) => item.collect_tables(found),
            Self::Either(shapes) => shapes.iter().for_each(|shape| shape.collect_tables(found)),
            Self::Text(_) | Self::Word(_) | Self::Matcher | Self::Record | Self::Value => {}
        }
    }
}
