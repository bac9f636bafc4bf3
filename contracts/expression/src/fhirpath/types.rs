//! The names of types: those of FHIRPath's own system and those of FHIR's data types.
//!
//! Which elements a FHIR type has is not known here; a [`Model`] tells, where one is given.

/// What FHIR's definitions say about elements and types, as far as expressions need it.
///
/// Without a model, expressions work on the shape of the document alone: the suffix of a choice element and
/// `resourceType` still tell types, everything else is judged by its JSON. With one, `is`, `as`, `ofType` and `type()`
/// are exact, and [`Context::strict`](super::Context::strict) can refuse elements that do not exist.
pub trait Model {
    /// The type of the element `name` of the type `parent`: `("Patient", "gender")` is `code`. Types that are defined
    /// in place are named by their path (`Patient.contact`), and such a path may be a `parent`.
    fn element<'m>(&'m self, parent: &str, name: &str) -> Option<ElementType<'m>>;

    /// The type that `name` specialises (`Patient` is a `DomainResource`), where it is neither one of the data types
    /// known here nor defined in place.
    fn base<'m>(&'m self, name: &str) -> Option<&'m str>;

    /// Whether there is a type of that name.
    fn is_type(&self, name: &str) -> bool;
}

/// The type of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType<'m> {
    /// It has this one type.
    One(&'m str),
    /// It is a choice: the type is the suffix of its name in the document.
    Choice,
}

/// A type as an expression names it: `Quantity`, `FHIR.Quantity`, `System.String`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl TypeName {
    /// Whether it may denote a FHIR type.
    pub(crate) fn admits_fhir(&self) -> bool {
        self.namespace
            .as_deref()
            .is_none_or(|namespace| namespace == "FHIR")
    }

    /// Whether it may denote a type of FHIRPath's own.
    pub(crate) fn admits_system(&self) -> bool {
        self.namespace
            .as_deref()
            .is_none_or(|namespace| namespace == "System")
    }
}

/// FHIRPath's own types.
const SYSTEM: [&str; 9] = [
    "Any", "Boolean", "Date", "DateTime", "Decimal", "Integer", "Quantity", "String", "Time",
];

/// Whether FHIRPath has a type of that name.
pub(crate) fn is_system_type(name: &str) -> bool {
    SYSTEM.contains(&name)
}

/// FHIR's data types (R4, and what R4B and R5 add) with what each specialises; sorted by name.
const DATA_TYPES: [(&str, &str); 73] = [
    ("Address", "Element"),
    ("Age", "Quantity"),
    ("Annotation", "Element"),
    ("Attachment", "Element"),
    ("Availability", "Element"),
    ("BackboneElement", "Element"),
    ("CodeableConcept", "Element"),
    ("CodeableReference", "Element"),
    ("Coding", "Element"),
    ("ContactDetail", "Element"),
    ("ContactPoint", "Element"),
    ("Contributor", "Element"),
    ("Count", "Quantity"),
    ("DataRequirement", "Element"),
    ("Distance", "Quantity"),
    ("Dosage", "BackboneElement"),
    ("Duration", "Quantity"),
    ("ElementDefinition", "BackboneElement"),
    ("Expression", "Element"),
    ("ExtendedContactDetail", "Element"),
    ("Extension", "Element"),
    ("HumanName", "Element"),
    ("Identifier", "Element"),
    ("MarketingStatus", "BackboneElement"),
    ("Meta", "Element"),
    ("MonetaryComponent", "Element"),
    ("Money", "Element"),
    ("MoneyQuantity", "Quantity"),
    ("Narrative", "Element"),
    ("ParameterDefinition", "Element"),
    ("Period", "Element"),
    ("Population", "BackboneElement"),
    ("ProdCharacteristic", "BackboneElement"),
    ("ProductShelfLife", "BackboneElement"),
    ("Quantity", "Element"),
    ("Range", "Element"),
    ("Ratio", "Element"),
    ("RatioRange", "Element"),
    ("Reference", "Element"),
    ("RelatedArtifact", "Element"),
    ("SampledData", "Element"),
    ("Signature", "Element"),
    ("SimpleQuantity", "Quantity"),
    ("SubstanceAmount", "BackboneElement"),
    ("Timing", "BackboneElement"),
    ("TriggerDefinition", "Element"),
    ("UsageContext", "Element"),
    ("VirtualServiceDetail", "Element"),
    ("base64Binary", "Element"),
    ("boolean", "Element"),
    ("canonical", "uri"),
    ("code", "string"),
    ("date", "Element"),
    ("dateTime", "Element"),
    ("decimal", "Element"),
    ("id", "string"),
    ("instant", "Element"),
    ("integer", "Element"),
    ("integer64", "Element"),
    ("markdown", "string"),
    ("oid", "uri"),
    ("positiveInt", "integer"),
    ("string", "Element"),
    ("time", "Element"),
    ("unsignedInt", "integer"),
    ("uri", "Element"),
    ("url", "uri"),
    ("uuid", "uri"),
    ("xhtml", "Element"),
    // Abstract ones, and what they rest on.
    ("BackboneType", "Element"),
    ("DataType", "Element"),
    ("DomainResource", "Resource"),
    ("PrimitiveType", "Element"),
];

/// The type that a data type specialises.
pub(crate) fn data_type_base(name: &str) -> Option<&'static str> {
    DATA_TYPES
        .iter()
        .find_map(|&(known, base)| (known == name).then_some(base))
}

/// Whether the name is that of a FHIR data type, or could be that of a resource type.
///
/// Resource types come and go with versions, so any capitalised name is taken for one.
pub(crate) fn may_be_fhir_type(name: &str) -> bool {
    data_type_base(name).is_some() || name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// The type that the suffix of a choice element names: `Quantity` in `valueQuantity`, `dateTime` in `valueDateTime`.
pub(crate) fn choice_suffix(suffix: &str) -> Option<&'static str> {
    let first = suffix.bytes().next().filter(u8::is_ascii_uppercase)?;
    DATA_TYPES.iter().find_map(|&(known, _)| {
        let same_start = known.as_bytes()[0].eq_ignore_ascii_case(&first);
        (same_start && known.len() == suffix.len() && known[1..] == suffix[1..]).then_some(known)
    })
}

/// The names of FHIR's choice elements (R4, and what R5 adds), sorted. Elsewhere a type's name at the end of an element's
/// name is a coincidence: `birthDate` is no choice called `birth`.
const CHOICES: [&str; 79] = [
    "abatement",
    "additive",
    "age",
    "allowed",
    "amount",
    "answer",
    "asNeeded",
    "author",
    "born",
    "bounds",
    "characteristic",
    "chargeItem",
    "code",
    "collected",
    "content",
    "created",
    "date",
    "deceased",
    "defaultValue",
    "definingSubstance",
    "definition",
    "detail",
    "diagnosis",
    "done",
    "dose",
    "doseNumber",
    "due",
    "effective",
    "entity",
    "event",
    "example",
    "fastingStatus",
    "fixed",
    "identified",
    "indication",
    "item",
    "legallyBinding",
    "location",
    "manufacturer",
    "maxValue",
    "medication",
    "minValue",
    "minimumVolume",
    "module",
    "multipleBirth",
    "name",
    "occurred",
    "occurrence",
    "offset",
    "onset",
    "participantEffective",
    "pattern",
    "performed",
    "probability",
    "procedure",
    "product",
    "quantity",
    "rate",
    "reported",
    "scheduled",
    "seriesDoses",
    "serviced",
    "source",
    "start",
    "statusReason",
    "studyEffective",
    "subject",
    "substance",
    "target",
    "time",
    "timing",
    "topic",
    "used",
    "value",
    "versionAlgorithm",
    "what",
    "when",
    "where",
    "why",
];

/// Whether FHIR has choice elements of that name.
pub(crate) fn may_be_choice(name: &str) -> bool {
    CHOICES.binary_search(&name).is_ok()
}

/// Whether a data type is one of the primitives, whose value is a single JSON scalar.
pub(crate) fn is_primitive(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && data_type_base(name).is_some()
}

/// Whether `name` is `wanted` or specialises it.
pub(crate) fn specialises<'m>(name: &'m str, wanted: &str, model: Option<&'m dyn Model>) -> bool {
    let mut current = name;
    // The longest chain of FHIR has five links; a circular model must not hang us.
    for _ in 0..16 {
        if current == wanted {
            return true;
        }
        let base = if let Some(base) = data_type_base(current) {
            base
        } else if let Some(base) = model.and_then(|model| model.base(current)) {
            base
        } else if current.contains('.') {
            "BackboneElement"
        } else if matches!(current, "Element" | "Resource") {
            return false;
        } else if matches!(current, "Bundle" | "Binary" | "Parameters") {
            "Resource"
        } else {
            "DomainResource"
        };
        current = base;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_name_their_types() {
        assert_eq!(choice_suffix("Quantity"), Some("Quantity"));
        assert_eq!(choice_suffix("DateTime"), Some("dateTime"));
        assert_eq!(choice_suffix("String"), Some("string"));
        assert_eq!(choice_suffix("string"), None);
        assert_eq!(choice_suffix("Set"), None);
        assert_eq!(choice_suffix(""), None);
    }

    #[test]
    fn choices_are_sorted_for_the_search() {
        assert!(CHOICES.is_sorted());
        assert!(
            may_be_choice("value") && may_be_choice("multipleBirth") && !may_be_choice("birth")
        );
    }

    #[test]
    fn specialisation_follows_the_chain() {
        assert!(specialises("Age", "Quantity", None));
        assert!(specialises("Age", "Element", None));
        assert!(specialises("canonical", "uri", None));
        assert!(specialises("Patient", "DomainResource", None));
        assert!(specialises("Bundle", "Resource", None));
        assert!(!specialises("Bundle", "DomainResource", None));
        assert!(specialises("Patient.contact", "BackboneElement", None));
        assert!(!specialises("Quantity", "Age", None));
    }
}
