//! Who is covered: the records of the collection `members`.

use wardgate_expression::{Json, Object};

use crate::contract::dates;

/// The keys of a member; the identifier is required.
pub(crate) const KEYS: [&str; 10] = [
    "member",
    "family",
    "given",
    "birth_date",
    "sex",
    "payer",
    "plan",
    "covered",
    "from",
    "to",
];

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// NM109 of the subscriber.
    pub(crate) id: String,
    pub(crate) family: String,
    pub(crate) given: String,
    /// CCYYMMDD; empty where it is not known.
    pub(crate) birth_date: String,
    /// The payer whose member it is; empty where any may be meant.
    pub(crate) payer: String,
    /// EB05.
    pub(crate) plan: String,
    /// Whether there is coverage at all.
    pub(crate) covered: bool,
    /// First and last day of coverage, CCYYMMDD; empty where it is open.
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Member {
    /// Reads a record; the error says what was expected.
    pub(crate) fn read(record: &Json) -> Result<Self, String> {
        let members = record.as_object().ok_or("a member is a mapping")?;
        for (key, value) in members {
            check(key, value)?;
        }
        let text = |name: &str| plain(members, name);
        let id = text("member");
        if id.is_empty() {
            return Err(String::from("'member', the identifier, is missing"));
        }
        let day = |name: &str| {
            let text = text(name);
            dates::date(&text).unwrap_or(text)
        };
        Ok(Self {
            id,
            family: text("family"),
            given: text("given"),
            birth_date: day("birth_date"),
            payer: text("payer"),
            plan: text("plan"),
            covered: members
                .get("covered")
                .and_then(Json::as_bool)
                .unwrap_or(true),
            from: day("from"),
            to: day("to"),
        })
    }

    /// Whether there is coverage on a day, CCYYMMDD.
    pub(crate) fn is_covered(&self, day: &str) -> bool {
        self.covered
            && (self.from.is_empty() || self.from.as_str() <= day)
            && (self.to.is_empty() || day <= self.to.as_str())
    }
}

/// A value as text: identifiers may be written without quotes.
fn plain(members: &Object, name: &str) -> String {
    match members.get(name) {
        Some(Json::String(text)) => text.clone(),
        Some(value @ Json::Number(_)) => value.to_string(),
        _ => String::new(),
    }
}

/// Checks one member of a record; the error says what was expected, with the key in quotes.
pub(crate) fn check(key: &str, value: &Json) -> Result<(), String> {
    if !KEYS.contains(&key) {
        return Err(format!(
            "'{key}' is no key of a member; there are: {}",
            KEYS.join(", ")
        ));
    }
    // Null stands for what is not known yet.
    let is_sound = match (key, value) {
        (_, Json::Null) => true,
        ("covered", value) => value.as_bool().is_some(),
        ("birth_date" | "from" | "to", value) => value.as_str().is_some_and(|text| {
            dates::date(text).is_some()
                || text.is_empty()
                || (text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()))
        }),
        ("member", Json::String(text)) => (2..=80).contains(&text.chars().count()),
        (_, Json::String(text)) => text.chars().count() <= 60,
        (_, Json::Number(_)) => true,
        _ => false,
    };
    if is_sound {
        return Ok(());
    }
    Err(match key {
        "covered" => String::from("'covered' is true or false"),
        "birth_date" | "from" | "to" => format!("'{key}' is a date such as 1980-02-29"),
        "member" => String::from("'member' is a text of 2 to 80 characters"),
        _ => format!("'{key}' is a text of at most 60 characters"),
    })
}

/// The member that a synthetic patient is: its record number is the identifier.
pub(crate) fn render(patient: &Json) -> Json {
    let mut member = Object::new();
    for (to, from) in [
        ("member", "mrn"),
        ("family", "family"),
        ("given", "given"),
        ("birth_date", "birth_date"),
        ("sex", "sex"),
    ] {
        if let Some(value) = patient.get(from) {
            member.push(to, value);
        }
    }
    member.push("plan", "GOLD");
    member.push("covered", true);
    Json::Object(member)
}
