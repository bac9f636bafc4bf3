//! String search (FHIR R4, search, "string"): starts with, case and accents aside.

use wardgate_expression::Json;

/// The parts of a HumanName and of an Address that a search by the whole of it looks at.
const PARTS: [&str; 11] = [
    "text",
    "family",
    "given",
    "prefix",
    "suffix",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
];

/// How a string is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextMatch {
    /// It starts with the text, folded.
    Starts,
    /// It contains the text, folded (`:contains`).
    Contains,
    /// It is the text, case and accents included (`:exact`).
    Exact,
}

impl TextMatch {
    /// Prepares a text to be looked for.
    pub(crate) fn prepare(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Starts | Self::Contains => fold(text),
        }
    }

    /// Whether a value is what is asked for; `wanted` was prepared.
    pub(crate) fn matches(self, value: &Json, wanted: &str) -> bool {
        let mut hit = false;
        visit_texts(value, &mut |text| {
            hit = hit
                || match self {
                    Self::Exact => text == wanted,
                    Self::Starts if is_plain(text) => text
                        .get(..wanted.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(wanted)),
                    Self::Starts => fold(text).starts_with(wanted),
                    Self::Contains => fold(text).contains(wanted),
                };
        });
        hit
    }
}

/// Hands every text in a string, a HumanName or an Address to `found`.
pub(crate) fn visit_texts<'a>(value: &'a Json, found: &mut dyn FnMut(&'a str)) {
    match value {
        Json::String(text) => found(text),
        Json::Array(items) => {
            for item in items {
                if let Json::String(text) = item {
                    found(text);
                }
            }
        }
        Json::Object(members) => {
            for part in PARTS {
                match members.get(part) {
                    Some(Json::String(text)) => found(text),
                    Some(Json::Array(items)) => {
                        items.iter().filter_map(Json::as_str).for_each(&mut *found);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// A text in lower case, without accents, runs of white space as one blank.
pub(crate) fn fold(text: &str) -> String {
    if is_plain(text) {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            // Combining marks, by which accents may also be written.
            '\u{300}'..='\u{36f}' => {}
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c => match base_letters(c) {
                Some(base) => folded.push_str(base),
                None => folded.push(c),
            },
        }
    }
    folded
}

/// Whether folding a text changes nothing but the case of its ASCII letters. Scans of many names live on it.
fn is_plain(text: &str) -> bool {
    let mut after_blank = false;
    text.bytes().all(|byte| {
        let is_blank = byte == b' ';
        let plain = byte.is_ascii() && !byte.is_ascii_control() && !(is_blank && after_blank);
        after_blank = is_blank;
        plain
    })
}

/// The plain letters of an accented lower-case Latin letter (Latin-1 Supplement and Latin Extended-A).
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn case_accents_and_blanks_are_folded() {
        assert_eq!(fold("MÜLLER  Łukasz\u{a0}Groß"), "muller lukasz gross");
        assert_eq!(fold("e\u{301}"), "e");
        assert_eq!(fold("Ann  B"), "ann b");
        assert_eq!(fold("Ann\tB"), "ann b");
        assert_eq!(fold("山田"), "山田");
    }

    #[test]
    fn each_part_of_a_name_is_looked_at() {
        let name = json!({"family": "O'Brien", "given": ["Séan", "Patrick"], "use": "official"});
        let found = |how: TextMatch, text: &str| how.matches(&name, &how.prepare(text));
        assert!(found(TextMatch::Starts, "sean"));
        assert!(found(TextMatch::Starts, "O'B"));
        assert!(!found(TextMatch::Starts, "rien"));
        assert!(!found(TextMatch::Starts, "O'Brien "));
        assert!(!found(TextMatch::Starts, "official"));
        assert!(found(TextMatch::Contains, "RIEN"));
        assert!(found(TextMatch::Exact, "Séan"));
        assert!(!found(TextMatch::Exact, "Sean"));
    }
}
