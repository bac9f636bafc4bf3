//! What can go wrong between facts and resources.

/// Why facts did not become a resource, or a text did not become facts.
///
/// The messages name elements, never the values found in them, so that they may be logged or sent to a peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FhirTypesError {
    /// The text is no JSON at all; line and column count from 1.
    #[error("malformed JSON at line {line}, column {column}")]
    Json {
        /// Line of the first offending character.
        line: usize,
        /// Column of the first offending character.
        column: usize,
    },
    /// The JSON is of another resource type than the one asked for, or names none.
    #[error("expected a {expected} resource")]
    ResourceType {
        /// The resource type that was asked for.
        expected: &'static str,
    },
    /// The JSON is well formed, but not a resource of that type (wrong shape, unknown code, bad date).
    #[error("not a valid {resource} resource")]
    Shape {
        /// The resource type that was asked for.
        resource: &'static str,
    },
    /// An element that the receiver needs is absent.
    #[error("{element} is missing")]
    Missing {
        /// FHIR path of the element.
        element: &'static str,
    },
    /// A value does not fit the FHIR type of its element: a code that FHIR does not list, or a malformed date.
    #[error("{element} is not valid")]
    Invalid {
        /// FHIR path of the element.
        element: &'static str,
    },
    /// A number that the grammar of JSON does not allow.
    #[error("not a decimal number")]
    Decimal,
}
