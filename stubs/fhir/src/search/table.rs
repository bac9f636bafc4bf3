//! Which resource types and search parameters R4 defines (FHIR 4.0.1, search-parameters.json).
//!
//! The facts stand in `parameters.tsv`, which a test derives anew from the official definitions.

use std::{collections::HashMap, sync::LazyLock};

use super::path::ElementPath;

/// One resource type.
#[derive(Debug)]
pub(crate) struct ResourceType {
    /// Its name, such as `Patient`.
    pub(crate) name: &'static str,
    /// Its own search parameters, by name.
    parameters: Vec<Parameter>,
}

/// One search parameter of one resource type.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Its name in a query, such as `birthdate`.
    pub(crate) code: &'static str,
    /// What kind of values it compares.
    pub(crate) kind: ParameterKind,
    /// Where in a resource its values stand.
    pub(crate) paths: Vec<ElementPath>,
}

/// What kind of values a search parameter compares (FHIR R4, search, "Search Parameter Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Date,
    Number,
    Quantity,
    Reference,
    String,
    Token,
    Uri,
}

impl ParameterKind {
    /// The code in a CapabilityStatement.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Number => "number",
            Self::Quantity => "quantity",
            Self::Reference => "reference",
            Self::String => "string",
            Self::Token => "token",
            Self::Uri => "uri",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [
            Self::Date,
            Self::Number,
            Self::Quantity,
            Self::Reference,
            Self::String,
            Self::Token,
            Self::Uri,
        ]
        .into_iter()
        .find(|kind| kind.code() == code)
    }
}

struct Table {
    types: Vec<ResourceType>,
    places: HashMap<&'static str, usize>,
    common: Vec<Parameter>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(include_str!("parameters.tsv")));

impl ResourceType {
    /// The resource type of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        TABLE.places.get(name).map(|at| &TABLE.types[*at])
    }

    /// All resource types, by name.
    pub(crate) fn all() -> &'static [Self] {
        &TABLE.types
    }

    /// The parameter of this name, the type's own or one that every type has.
    pub(crate) fn parameter(&'static self, code: &str) -> Option<&'static Parameter> {
        self.parameters
            .binary_search_by(|parameter| parameter.code.cmp(code))
            .map(|at| &self.parameters[at])
            .ok()
            .or_else(|| TABLE.common.iter().find(|parameter| parameter.code == code))
    }

    /// Every parameter: those that all types have, then the type's own.
    pub(crate) fn parameters(&'static self) -> impl Iterator<Item = &'static Parameter> {
        TABLE.common.iter().chain(&self.parameters)
    }
}

fn parse(text: &'static str) -> Table {
    let mut types: Vec<ResourceType> = Vec::new();
    for line in text.lines() {
        let Some(line) = line.strip_prefix('\t') else {
            types.push(ResourceType {
                name: line,
                parameters: Vec::new(),
            });
            continue;
        };
        let mut columns = line.split('\t');
        let (Some(code), Some(kind), Some(paths)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        if let (Some(kind), Some(home)) = (ParameterKind::parse(kind), types.last_mut()) {
            home.parameters.push(Parameter {
                code,
                kind,
                paths: paths.split('|').map(ElementPath::parse).collect(),
            });
        }
    }
    let common = types.remove(0).parameters;
    for known in &mut types {
        known.parameters.sort_by_key(|parameter| parameter.code);
    }
    let places = types
        .iter()
        .enumerate()
        .map(|(at, known)| (known.name, at))
        .collect();
    Table {
        types,
        places,
        common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("parameters.tsv").lines();
        let (parameters, types): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with('\t'));
        assert_eq!(ResourceType::all().len() + 1, types.len());
        let read: usize = TABLE.types.iter().map(|known| known.parameters.len()).sum();
        assert_eq!(read + TABLE.common.len(), parameters.len());
    }

    #[test]
    fn parameters_are_found_by_name() {
        let patient = ResourceType::find("Patient").expect("R4 has patients");
        assert_eq!(
            patient.parameter("birthdate").map(|found| found.kind),
            Some(ParameterKind::Date)
        );
        assert_eq!(
            patient.parameter("_id").map(|found| found.kind),
            Some(ParameterKind::Token)
        );
        assert!(patient.parameter("colour").is_none());
        assert!(ResourceType::find("DomainResource").is_none());
    }
}
