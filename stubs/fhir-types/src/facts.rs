//! The small data types that every resource shares, as plain facts.

use crate::ExactDecimal;

/// A business identifier: FHIR `Identifier` with system and value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identifier {
    /// Namespace URI; empty when the sender gave none.
    pub system: String,
    /// The value within the namespace.
    pub value: String,
}

/// One code of one code system: FHIR `Coding`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coding {
    /// Code system URI.
    pub system: Option<String>,
    /// The code itself.
    pub code: Option<String>,
    /// What people read.
    pub display: Option<String>,
}

/// FHIR `CodeableConcept`: codings for machines, text for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concept {
    /// The codings, the preferred one first.
    pub codings: Vec<Coding>,
    /// The text as the sender wrote it.
    pub text: Option<String>,
}

/// FHIR `Reference`: literal, logical (by business identifier), or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reference {
    /// Resource type of the target, such as `Patient`.
    pub resource_type: Option<String>,
    /// Literal reference, such as `Patient/17`.
    pub literal: Option<String>,
    /// Logical reference.
    pub identifier: Option<Identifier>,
    /// What people read.
    pub display: Option<String>,
}

impl Reference {
    /// A logical reference to the `resource_type` that carries `identifier`.
    pub fn logical(resource_type: &str, identifier: Identifier) -> Self {
        Self {
            resource_type: Some(resource_type.to_owned()),
            identifier: Some(identifier),
            ..Self::default()
        }
    }
}

/// FHIR `Quantity` with its digits exactly as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The number.
    pub value: ExactDecimal,
    /// `<`, `<=`, `>=` or `>`.
    pub comparator: Option<String>,
    /// The unit as people read it.
    pub unit: Option<String>,
    /// System of the coded unit, usually UCUM.
    pub system: Option<String>,
    /// The coded unit.
    pub code: Option<String>,
}

impl Quantity {
    /// A bare number without unit or comparator.
    pub fn new(value: ExactDecimal) -> Self {
        Self {
            value,
            comparator: None,
            unit: None,
            system: None,
            code: None,
        }
    }
}
