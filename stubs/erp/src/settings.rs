//! What a contract can set about the ERP.

use wardgate_expression::Json;

/// The keys beside `stub: erp`.
const KEYS: [&str; 3] = ["companies", "items", "stale"];

/// The ERP's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The companies' names; each has books of its own.
    pub(crate) companies: Vec<String>,
    /// Whether an invoice line must name an item that exists (`items: strict`).
    pub(crate) strict_items: bool,
    /// The status that answers a stale `If-Match`: 409, or 412 by a flag.
    pub(crate) stale_status: u16,
}

impl Settings {
    /// Reads the options; unknown keys and values are refused.
    pub(crate) fn read(options: &Json) -> Result<Self, String> {
        let mut settings = Self {
            companies: vec![String::from("HOSP"), String::from("CLINIC")],
            strict_items: false,
            stale_status: 409,
        };
        if options.is_null() {
            return Ok(settings);
        }
        let options = options
            .as_object()
            .ok_or_else(|| format!("the options are an object, not {}", options.kind()))?;
        for (key, value) in options {
            match key {
                "companies" => settings.companies = companies(value)?,
                "items" => {
                    settings.strict_items = match value.as_str() {
                        Some("strict") => true,
                        Some("free") => false,
                        _ => return Err(String::from("'items' is free or strict")),
                    };
                }
                "stale" => {
                    settings.stale_status = value
                        .as_i64()
                        .and_then(|status| u16::try_from(status).ok())
                        .filter(|status| [409, 412].contains(status))
                        .ok_or("'stale' is 409 or 412")?;
                }
                _ => {
                    return Err(format!(
                        "an erp partner has no option '{key}'; it has: {}",
                        KEYS.join(", ")
                    ));
                }
            }
        }
        Ok(settings)
    }
}

fn companies(value: &Json) -> Result<Vec<String>, String> {
    let expected =
        || String::from("'companies' is a list of different names of at most 30 characters");
    let mut names: Vec<String> = Vec::new();
    for name in value.as_array().ok_or_else(expected)? {
        let name = name
            .as_str()
            .filter(|name| !name.is_empty() && name.chars().count() <= 30)
            .filter(|name| !names.iter().any(|known| known == name))
            .ok_or_else(expected)?;
        names.push(name.to_owned());
    }
    if names.is_empty() {
        Err(expected())
    } else {
        Ok(names)
    }
}
