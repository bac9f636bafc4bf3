//! The filter `hl7`: how HL7 v2 writes what other protocols write otherwise.

/// Its name in a template, as in `${patient.birth_date|hl7}`.
pub const NAME: &str = "hl7";

/// Words of the synthetic records and of FHIR, and the codes that HL7 has for them.
const CODES: [(&str, &str); 18] = [
    // Table 0001, administrative sex.
    ("female", "F"),
    ("male", "M"),
    ("other", "O"),
    ("unknown", "U"),
    // Table 0004, patient class.
    ("inpatient", "I"),
    ("outpatient", "O"),
    ("emergency", "E"),
    // TQ1-9 and ORC-7.6, priority.
    ("routine", "R"),
    ("urgent", "A"),
    ("stat", "S"),
    // Table 0085, status of an observation.
    ("final", "F"),
    ("preliminary", "P"),
    ("corrected", "C"),
    // Table 0162, route of administration.
    ("oral", "PO"),
    ("subcutaneous", "SC"),
    ("intravenous", "IV"),
    ("inhalation", "IH"),
    // Table 0278, status of an appointment.
    ("booked", "Booked"),
];

/// A text as HL7 writes it (HL7 v2.5.1, chapter 2.A, DT, TM and TS): `2026-11-23T22:39:50.123Z` is
/// `20261123223950+0000`, `1980-02-03` is `19800203`, `female` is `F`. Fractions of a second are dropped; what is
/// written as HL7 already, a code of one letter and the empty text stay. The error says what was expected.
pub fn apply(text: &str) -> Result<String, String> {
    if let Some((_, code)) = CODES.iter().find(|(word, _)| *word == text) {
        return Ok((*code).to_owned());
    }
    let is_code = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if text.is_empty() || is_code || is_time(text) {
        return Ok(text.to_owned());
    }
    let written = match text.split_once(['T', ' ']) {
        None => date(text),
        Some((day, rest)) => date(day).filter(|day| day.len() == 8).and_then(|mut day| {
            day.push_str(&time(rest)?);
            Some(day)
        }),
    };
    written.ok_or_else(|| {
        format!(
            "'{text}' is no date such as 1980-02-03, no time such as 2026-11-23T22:39:50Z and no word that HL7 has a code for"
        )
    })
}

/// Whether it is a date or time in HL7's own form.
fn is_time(text: &str) -> bool {
    let (digits, offset) = match text.find(['+', '-']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "0000"),
    };
    matches!(digits.len(), 4 | 6 | 8 | 10 | 12 | 14)
        && is_digits(digits)
        && offset.len() == 4
        && is_digits(offset)
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, without its dashes.
fn date(text: &str) -> Option<String> {
    let mut written = String::with_capacity(19);
    for (index, part) in text.split('-').enumerate() {
        let length = if index == 0 { 4 } else { 2 };
        if index > 2 || part.len() != length || !is_digits(part) {
            return None;
        }
        written.push_str(part);
    }
    Some(written)
}

/// `HH:MM` or `HH:MM:SS`, a fraction, and `Z` or an offset: without colons and fraction.
fn time(text: &str) -> Option<String> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) if &text[at..] == "Z" => (&text[..at], String::from("+0000")),
        Some(at) => {
            let (hours, minutes) = text[at + 1..].split_once(':')?;
            if hours.len() != 2 || minutes.len() != 2 || !is_digits(hours) || !is_digits(minutes) {
                return None;
            }
            (&text[..at], format!("{}{hours}{minutes}", &text[at..=at]))
        }
        None => (text, String::new()),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let is_sound = (2..=3).contains(&parts.len())
        && parts.iter().all(|part| part.len() == 2 && is_digits(part))
        && is_digits(fraction);
    is_sound.then(|| parts.concat() + &offset)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_words_become_hl7() {
        for (text, expected) in [
            ("2026-11-23T22:39:50.123Z", "20261123223950+0000"),
            ("2025-11-03T09:15:00-07:00", "20251103091500-0700"),
            ("2025-11-03T09:15+05:30", "202511030915+0530"),
            ("2025-11-03T09:15:00", "20251103091500"),
            ("1980-02-03", "19800203"),
            ("1980-02", "198002"),
            ("1980", "1980"),
            ("20261123223950+0000", "20261123223950+0000"),
            ("female", "F"),
            ("male", "M"),
            ("other", "O"),
            ("unknown", "U"),
            ("inpatient", "I"),
            ("stat", "S"),
            ("F", "F"),
            ("", ""),
        ] {
            assert_eq!(apply(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_form_is_refused() {
        for text in [
            "yesterday",
            "1980-2-3",
            "1980-02-03-04",
            "1980-02T10:00",
            "2026-11-23T2:39",
            "2026-11-23T22:39:50+1",
            "2026-11-23T22:39:50.Z",
            "2026-11-23T",
            "+0000",
            "198",
            "Ä",
        ] {
            assert!(apply(text).is_err(), "{text}");
        }
    }
}
