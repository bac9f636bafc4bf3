//! Telling a FHIR data type by its parts, where nothing else tells it.
//!
//! Without definitions, `descendants().ofType(Reference)` still has to find the references. An element is taken for a
//! type when it has no part that the type lacks, and at least one that it has.

use crate::Object;

/// The parts of common data types besides `id` and `extension`, in R4.
const PARTS: [(&str, &[&str]); 23] = [
    (
        "Address",
        &[
            "use",
            "type",
            "text",
            "line",
            "city",
            "district",
            "state",
            "postalCode",
            "country",
            "period",
        ],
    ),
    (
        "Attachment",
        &[
            "contentType",
            "language",
            "data",
            "url",
            "size",
            "hash",
            "title",
            "creation",
        ],
    ),
    ("CodeableConcept", &["coding", "text"]),
    (
        "Coding",
        &["system", "version", "code", "display", "userSelected"],
    ),
    ("ContactDetail", &["name", "telecom"]),
    (
        "ContactPoint",
        &["system", "value", "use", "rank", "period"],
    ),
    (
        "Duration",
        &["value", "comparator", "unit", "system", "code"],
    ),
    ("Age", &["value", "comparator", "unit", "system", "code"]),
    ("Count", &["value", "comparator", "unit", "system", "code"]),
    (
        "Distance",
        &["value", "comparator", "unit", "system", "code"],
    ),
    (
        "HumanName",
        &[
            "use", "text", "family", "given", "prefix", "suffix", "period",
        ],
    ),
    (
        "Identifier",
        &["use", "type", "system", "value", "period", "assigner"],
    ),
    (
        "Meta",
        &[
            "versionId",
            "lastUpdated",
            "source",
            "profile",
            "security",
            "tag",
        ],
    ),
    ("Money", &["value", "currency"]),
    ("Narrative", &["status", "div"]),
    ("Period", &["start", "end"]),
    (
        "Quantity",
        &["value", "comparator", "unit", "system", "code"],
    ),
    ("Range", &["low", "high"]),
    ("Ratio", &["numerator", "denominator"]),
    ("Reference", &["reference", "type", "identifier", "display"]),
    (
        "SampledData",
        &[
            "origin",
            "period",
            "factor",
            "lowerLimit",
            "upperLimit",
            "dimensions",
            "data",
        ],
    ),
    (
        "Signature",
        &[
            "type",
            "when",
            "who",
            "onBehalfOf",
            "targetFormat",
            "sigFormat",
            "data",
        ],
    ),
    ("Timing", &["modifierExtension", "event", "repeat", "code"]),
];

/// Whether an element has the shape of a data type. `Element` and `BackboneElement` are the shape of any.
pub(crate) fn has_shape(object: &Object, type_name: &str) -> bool {
    if matches!(type_name, "Element" | "BackboneElement") {
        return true;
    }
    let plain = |key: &'_ str| key.strip_prefix('_').unwrap_or(key).to_owned();
    if type_name == "Extension" {
        return object.get("url").is_some_and(|url| url.as_str().is_some())
            && object.keys().all(|key| {
                let key = plain(key);
                matches!(key.as_str(), "id" | "extension" | "url") || key.starts_with("value")
            });
    }
    let Some((_, parts)) = PARTS.iter().find(|(known, _)| *known == type_name) else {
        return false;
    };
    let mut own = 0;
    for key in object.keys() {
        let key = plain(key);
        if parts.contains(&key.as_str()) {
            own += 1;
        } else if !matches!(key.as_str(), "id" | "extension") {
            return false;
        }
    }
    own > 0
}

#[cfg(test)]
mod tests {
    use super::has_shape;
    use crate::json;

    #[test]
    fn parts_tell_the_type() {
        let has = |json: crate::Json, name: &str| has_shape(json.as_object().unwrap(), name);
        assert!(has(
            json!({"reference": "Patient/1", "display": "x"}),
            "Reference"
        ));
        assert!(!has(
            json!({"reference": "Patient/1", "note": "x"}),
            "Reference"
        ));
        assert!(has(
            json!({"_family": {"id": "1"}, "given": ["A"]}),
            "HumanName"
        ));
        assert!(!has(json!({"id": "1"}), "Period"));
        assert!(has(json!({"url": "x", "valueString": "y"}), "Extension"));
        assert!(!has(json!({"url": "x", "name": "y"}), "Extension"));
        assert!(has(json!({"anything": 1}), "BackboneElement"));
        assert!(!has(json!({"anything": 1}), "Dosage"));
    }
}
