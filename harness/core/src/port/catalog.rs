//! The protocols that a run knows.

use std::sync::Arc;

use super::{Guide, Protocol};

/// The protocols that a run knows, in a fixed order.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    protocols: Vec<Arc<dyn Protocol>>,
}

impl Catalog {
    /// A catalog of these.
    pub fn new(protocols: Vec<Arc<dyn Protocol>>) -> Self {
        Self { protocols }
    }

    /// The protocol of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Protocol>> {
        self.protocols
            .iter()
            .find(|protocol| protocol.name() == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Protocol>> {
        self.protocols.iter()
    }

    /// What authors of contracts are told of each.
    pub fn guides(&self) -> Vec<&'static Guide> {
        self.protocols
            .iter()
            .map(|protocol| protocol.guide())
            .collect()
    }

    /// All names, for messages.
    pub fn names(&self) -> Vec<&'static str> {
        self.protocols
            .iter()
            .map(|protocol| protocol.name())
            .collect()
    }

    /// Passes a text through the filter of this name (`|hl7`), built in or of a protocol.
    /// None means that no filter has this name; an inner error says why the text does not suit it.
    pub fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        match name {
            "upper" => return Some(Ok(text.to_uppercase())),
            "lower" => return Some(Ok(text.to_lowercase())),
            "trim" => return Some(Ok(text.trim().to_owned())),
            // The calendar day of a date or time.
            "date" => {
                return Some(
                    text.get(..10)
                        .map(str::to_owned)
                        .ok_or_else(|| format!("'{text}' is not a date or time")),
                );
            }
            _ => {}
        }
        self.protocols
            .iter()
            .find_map(|protocol| protocol.filter(name, text))
    }

    /// The names of every filter, for messages.
    pub fn filter_names(&self) -> Vec<&'static str> {
        let mut names = vec!["upper", "lower", "trim", "date"];
        for protocol in &self.protocols {
            names.extend(Guide::names(protocol.guide().filters));
        }
        names
    }
}
