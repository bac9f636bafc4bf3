//! How much memory a tree takes.

use std::mem::size_of;

use super::Json;

impl Json {
    /// About how many bytes of memory it takes, itself included.
    ///
    /// ```
    /// use wardgate_expression::Json;
    ///
    /// let one = Json::from("a word").memory();
    /// let three = Json::from_iter(["a word", "a word", "a word"].map(Json::from)).memory();
    /// assert!(one < three && three < 10 * one);
    /// ```
    pub fn memory(&self) -> usize {
        let own = size_of::<Self>();
        own + match self {
            Self::Null | Self::Bool(_) => 0,
            Self::Number(number) => number.as_str().len(),
            Self::String(text) => text.len(),
            Self::Array(items) => items.iter().map(Self::memory).sum(),
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| size_of::<String>() + name.len() + value.memory())
                .sum(),
        }
    }
}
