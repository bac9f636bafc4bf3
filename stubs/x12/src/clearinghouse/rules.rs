//! How claims are adjudicated: a list of rules, of which the first that fits a service line decides about it.
//!
//! `rules: [ { payer: P1, procedure: "99213", deny: { carc: "50", rarc: N115 } }, { over: 1000, pend: true }, { pay: 0.8 } ]`.
//! What no rule fits is paid in full.

use rust_decimal::Decimal;
use wardgate_expression::{Json, Object};

use super::claim::{Claim, Line};

/// The most rules that a partner may have.
const RULES_MAX: usize = 1000;

/// The keys of a rule: conditions, then outcomes.
const KEYS: &str =
    "payer, procedure, diagnosis, member, over, under, pay, allowed, adjust, deny, pend";

/// What becomes of a service line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// This share of the charge is paid, from 0 to 1.
    Share(Decimal),
    /// At most this amount is paid.
    Allowed(Decimal),
    /// Nothing is paid: a claim adjustment reason code, and a remittance advice remark code where there is one.
    Deny { carc: String, rarc: String },
    /// It is not decided yet, and with it the whole claim.
    Pend,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    payer: Option<String>,
    procedure: Option<String>,
    diagnosis: Option<String>,
    member: Option<String>,
    /// The claim's total is more than this.
    over: Option<Decimal>,
    /// The claim's total is less than this.
    under: Option<Decimal>,
    pub(crate) outcome: Outcome,
    /// Group and reason of what is not paid: CAS01 and CAS02.
    pub(crate) adjust: (String, String),
}

impl Rule {
    /// Whether the rule is about this line of this claim.
    fn fits(&self, claim: &Claim, line: &Line) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        is(&self.payer, &claim.payer.id)
            && is(&self.procedure, line.code())
            && is(&self.member, claim.member())
            && self
                .diagnosis
                .as_ref()
                .is_none_or(|wanted| claim.diagnoses.contains(wanted))
            && self.over.is_none_or(|bound| claim.charge > bound)
            && self.under.is_none_or(|bound| claim.charge < bound)
    }
}

/// The first rule that fits a line.
pub(crate) fn find<'r>(rules: &'r [Rule], claim: &Claim, line: &Line) -> Option<&'r Rule> {
    rules.iter().find(|rule| rule.fits(claim, line))
}

/// Reads the rules; the error names the rule, counted from 1, and says what was expected.
pub(crate) fn read(value: &Json) -> Result<Vec<Rule>, String> {
    let rules = value
        .as_array()
        .ok_or("'rules' is a list of mappings such as { payer: P1, pay: 0.8 }")?;
    if rules.len() > RULES_MAX {
        return Err(format!("'rules' has more than {RULES_MAX} rules"));
    }
    rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let members = rule.as_object().ok_or_else(|| String::from("is a mapping"));
            members
                .and_then(one)
                .map_err(|reason| format!("rule {} of 'rules' {reason}", index + 1))
        })
        .collect()
}

fn one(members: &Object) -> Result<Rule, String> {
    let mut rule = Rule {
        payer: None,
        procedure: None,
        diagnosis: None,
        member: None,
        over: None,
        under: None,
        outcome: Outcome::Share(Decimal::ONE),
        adjust: (String::from("CO"), String::from("45")),
    };
    let mut outcomes = 0;
    for (key, value) in members {
        match key {
            "payer" => rule.payer = Some(word(key, value)?),
            "procedure" => rule.procedure = Some(word(key, value)?),
            // Diagnoses are sent without their point.
            "diagnosis" => rule.diagnosis = Some(word(key, value)?.replace('.', "")),
            "member" => rule.member = Some(word(key, value)?),
            "over" => rule.over = Some(amount(key, value)?),
            "under" => rule.under = Some(amount(key, value)?),
            "pay" => rule.outcome = Outcome::Share(share(value)?),
            "allowed" => rule.outcome = Outcome::Allowed(amount(key, value)?),
            "deny" => rule.outcome = deny(value)?,
            "pend" if value.as_bool() == Some(true) => rule.outcome = Outcome::Pend,
            "pend" => return Err(String::from("has a 'pend' that is not true")),
            "adjust" => rule.adjust = adjust(value)?,
            _ => return Err(format!("has no key '{key}'; there are: {KEYS}")),
        }
        outcomes += usize::from(matches!(key, "pay" | "allowed" | "deny" | "pend"));
    }
    if outcomes == 1 {
        Ok(rule)
    } else {
        Err(String::from(
            "has to have exactly one of pay, allowed, deny and pend",
        ))
    }
}

/// A text or a number as text: codes such as 99213 are written without quotes.
fn word(key: &str, value: &Json) -> Result<String, String> {
    match value {
        Json::String(text) if !text.is_empty() => Ok(text.clone()),
        Json::Number(_) => Ok(value.to_string()),
        _ => Err(format!("has a '{key}' that is no text")),
    }
}

/// A number as an exact decimal.
fn number(value: &Json) -> Option<Decimal> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let is_plain = text.len() <= 18
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}

fn amount(key: &str, value: &Json) -> Result<Decimal, String> {
    number(value)
        .filter(|amount| amount.normalize().scale() <= 2)
        .ok_or_else(|| format!("has a '{key}' that is no amount such as 120.50"))
}

fn share(value: &Json) -> Result<Decimal, String> {
    if value.as_str() == Some("full") {
        return Ok(Decimal::ONE);
    }
    number(value)
        .filter(|share| *share <= Decimal::ONE)
        .ok_or_else(|| {
            String::from("has a 'pay' that is neither full nor a share from 0 to 1 such as 0.8")
        })
}

fn deny(value: &Json) -> Result<Outcome, String> {
    let expected =
        || String::from("has a 'deny' that is no mapping such as { carc: \"50\", rarc: N115 }");
    let members = value.as_object().ok_or_else(expected)?;
    let (mut carc, mut rarc) = (String::new(), String::new());
    for (key, value) in members {
        match key {
            "carc" => carc = word(key, value)?,
            "rarc" => rarc = word(key, value)?,
            _ => return Err(expected()),
        }
    }
    if !is_carc(&carc) {
        return Err(String::from(
            "has a 'deny' whose 'carc' is no claim adjustment reason code such as 50 or A1",
        ));
    }
    let is_rarc = rarc.is_empty()
        || ((2..=5).contains(&rarc.len()) && rarc.starts_with(['M', 'N']) && is_code(&rarc));
    if !is_rarc {
        return Err(String::from(
            "has a 'deny' whose 'rarc' is no remittance advice remark code such as N115",
        ));
    }
    Ok(Outcome::Deny { carc, rarc })
}

fn adjust(value: &Json) -> Result<(String, String), String> {
    value
        .as_str()
        .and_then(|text| text.split_once('-'))
        .filter(|(group, carc)| matches!(*group, "CO" | "PR" | "OA" | "PI") && is_carc(carc))
        .map(|(group, carc)| (group.to_owned(), carc.to_owned()))
        .ok_or_else(|| String::from("has an 'adjust' that is no group and reason such as PR-2"))
}

fn is_carc(text: &str) -> bool {
    (1..=3).contains(&text.len()) && is_code(text)
}

fn is_code(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn every_key_is_read() {
        let rules = read(&json!([
            { "payer": "P1", "procedure": 99213, "deny": { "carc": 50, "rarc": "N115" } },
            { "diagnosis": "E11.9", "member": "M1", "over": 1000, "under": "2000.50", "pend": true },
            { "allowed": "60.25", "adjust": "PR-2" },
            { "pay": "full" },
            { "pay": "0.8" },
        ]))
        .unwrap();
        assert_eq!(rules.len(), 5);
        assert_eq!(rules[0].procedure.as_deref(), Some("99213"));
        assert_eq!(rules[1].diagnosis.as_deref(), Some("E119"));
        assert_eq!(rules[2].adjust, (String::from("PR"), String::from("2")));
        assert_eq!(rules[4].outcome, Outcome::Share(Decimal::new(8, 1)));
    }

    #[test]
    fn numbers_of_json_are_read_exactly() {
        let rules = read(&Json::parse(r#"[{"allowed": 60.10}, {"pay": 0.333}]"#).unwrap()).unwrap();
        assert_eq!(rules[0].outcome, Outcome::Allowed(Decimal::new(601, 1)));
        assert_eq!(rules[1].outcome, Outcome::Share(Decimal::new(333, 3)));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place() {
        for (rule, said) in [
            (json!(1), "is a mapping"),
            (json!({}), "exactly one of pay"),
            (json!({ "pay": 1, "pend": true }), "exactly one of pay"),
            (json!({ "pay": "1.5" }), "a share from 0 to 1"),
            (json!({ "pay": "1e-1" }), "a share from 0 to 1"),
            (json!({ "allowed": -1 }), "no amount"),
            (json!({ "allowed": "1.005" }), "no amount"),
            (json!({ "deny": true }), "no mapping"),
            (json!({ "deny": { "carc": "5000" } }), "'carc'"),
            (json!({ "deny": { "carc": "50", "rarc": "X1" } }), "'rarc'"),
            (json!({ "pend": false }), "not true"),
            (json!({ "pay": 1, "adjust": "XX-1" }), "'adjust'"),
            (json!({ "payor": "P1", "pay": 1 }), "no key 'payor'"),
            (json!({ "payer": [], "pay": 1 }), "'payer'"),
        ] {
            let error = read(&Json::Array(vec![json!({ "pay": 1 }), rule.clone()])).unwrap_err();
            assert!(
                error.starts_with("rule 2 of 'rules'") && error.contains(said),
                "{rule}: {error}"
            );
        }
        assert!(read(&json!({})).is_err());
    }
}
