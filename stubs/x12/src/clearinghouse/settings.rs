//! What a contract can set about the clearinghouse.

use wardgate_expression::Json;

use super::rules::{self, Rule};

/// The keys beside `stub: x12`.
const KEYS: &str = "rules, members, replays, duplicates, acknowledge, defects";

/// A way in which real clearinghouses go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// An 837 is taken, and the first answer to it is empty.
    LostAcknowledgement,
    /// An 835 is ready only two seconds after its claims were taken.
    LateRemittance,
    /// TRN02 of an 835 is not the trace number of its payment.
    WrongTrace,
    /// Each 835 is issued a second time in another interchange.
    DuplicateRemittance,
    /// CLP01 of the first claim of an 835 is not the CLM01 that was sent.
    MismatchedClaim,
}

impl Defect {
    const ALL: [(&'static str, Self); 5] = [
        ("lost-999", Self::LostAcknowledgement),
        ("late-835", Self::LateRemittance),
        ("wrong-trace", Self::WrongTrace),
        ("duplicate-remittance", Self::DuplicateRemittance),
        ("mismatched-claim", Self::MismatchedClaim),
    ];

    fn read(value: &Json) -> Option<Self> {
        let name = value.as_str()?;
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, defect)| defect)
    }
}

/// The clearinghouse's settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one option of two words"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `rules:`, how claims are adjudicated.
    pub(crate) rules: Vec<Rule>,
    /// `members: strict`: a claim for somebody who is no member is rejected.
    pub(crate) strict_members: bool,
    /// `replays: refuse`: an interchange that comes again is refused, although it is the same.
    pub(crate) refuse_replays: bool,
    /// `duplicates: accept`: a claim that comes again is adjudicated again.
    pub(crate) accept_duplicates: bool,
    /// `acknowledge: outbox`: the 277CA is picked up instead of standing in the answer.
    pub(crate) to_outbox: bool,
    /// `defects:`.
    defects: Vec<Defect>,
}

impl Settings {
    /// Reads the options; unknown keys and values are refused.
    pub(crate) fn read(options: &Json) -> Result<Self, String> {
        let mut settings = Self::default();
        if options.is_null() {
            return Ok(settings);
        }
        let options = options
            .as_object()
            .ok_or_else(|| format!("the options are an object, not {}", options.kind()))?;
        for (key, value) in options {
            match key {
                "rules" => settings.rules = rules::read(value)?,
                "members" => settings.strict_members = choice(key, value, "free", "strict")?,
                "replays" => settings.refuse_replays = choice(key, value, "same-answer", "refuse")?,
                "duplicates" => {
                    settings.accept_duplicates = choice(key, value, "reject", "accept")?;
                }
                "acknowledge" => settings.to_outbox = choice(key, value, "reply", "outbox")?,
                "defects" => settings.defects = defects(value)?,
                _ => {
                    return Err(format!(
                        "an x12 partner has no option '{key}'; it has: {KEYS}"
                    ));
                }
            }
        }
        Ok(settings)
    }

    /// Whether it goes wrong in this way.
    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.defects.contains(&defect)
    }
}

/// Whether a value is the second of two words.
fn choice(key: &str, value: &Json, usual: &str, other: &str) -> Result<bool, String> {
    match value.as_str() {
        Some(word) if word == usual => Ok(false),
        Some(word) if word == other => Ok(true),
        _ => Err(format!("'{key}' is {usual} or {other}")),
    }
}

fn defects(value: &Json) -> Result<Vec<Defect>, String> {
    let names: Vec<_> = Defect::ALL.iter().map(|(name, _)| *name).collect();
    let expected = || format!("'defects' is a list of {}", names.join(", "));
    value
        .as_array()
        .ok_or_else(expected)?
        .iter()
        .map(|value| Defect::read(value).ok_or_else(expected))
        .collect()
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn every_key_is_read() {
        assert_eq!(Settings::read(&Json::Null), Ok(Settings::default()));
        let settings = Settings::read(&json!({
            "rules": [{ "pay": "full" }],
            "members": "strict",
            "replays": "refuse",
            "duplicates": "accept",
            "acknowledge": "outbox",
            "defects": ["lost-999", "late-835", "wrong-trace", "duplicate-remittance", "mismatched-claim"],
        }))
        .unwrap();
        assert!(settings.strict_members && settings.refuse_replays);
        assert!(settings.accept_duplicates && settings.to_outbox);
        assert!(Defect::ALL.iter().all(|(_, defect)| settings.has(*defect)));
        assert_eq!(settings.rules.len(), 1);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for options in [
            json!([]),
            json!({ "rule": [] }),
            json!({ "rules": [1] }),
            json!({ "members": "loose" }),
            json!({ "replays": true }),
            json!({ "defects": "lost-999" }),
            json!({ "defects": ["lost"] }),
        ] {
            assert!(Settings::read(&options).is_err(), "{options}");
        }
    }
}
