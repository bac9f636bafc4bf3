//! The filter `x12`: dates and codes of synthetic records as X12 writes them.

/// The filter's name.
pub(crate) const NAME: &str = "x12";

/// A date or time as CCYYMMDD (data element 373), `male`, `female` and the like as the code of data element 1068;
/// anything else as it is, in capitals.
pub(crate) fn apply(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "male" => return String::from("M"),
        "female" => return String::from("F"),
        "unknown" | "other" => return String::from("U"),
        _ => {}
    }
    date(text).unwrap_or_else(|| text.to_uppercase())
}

/// The day of a date or time of ISO 8601 as CCYYMMDD.
pub(crate) fn date(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let bytes = day.as_bytes();
    let is_day = bytes.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let rest = &text[10..];
    (is_day && (rest.is_empty() || rest.starts_with('T'))).then(|| day.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_codes_are_written_as_x12_has_them() {
        for (text, expected) in [
            ("1980-02-29", "19800229"),
            ("2026-03-01T09:30:00Z", "20260301"),
            ("female", "F"),
            ("Ada", "ADA"),
            ("2026-03-01x", "2026-03-01X"),
            ("é", "É"),
        ] {
            assert_eq!(apply(text), expected);
        }
    }
}
