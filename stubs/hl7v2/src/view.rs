//! A message as JSON, for the expression language.
//!
//! Each segment name is a member that holds every segment of that name in order; each field that is not absent is
//! `f` and its number, and holds every repetition; each repetition holds its text, its components `c1`, `c2` … and
//! their subcomponents `c1s1`, `c1s2` …:
//!
//! ```text
//! PID|1||123^^^HOSP&1.2.3&ISO^MR~456^^^X||O\T\Brien^Ann
//!
//! { "PID": [ {
//!     "f1": [ { "text": "1", "c1": "1", "c1s1": "1" } ],
//!     "f3": [ { "text": "123^^^HOSP&1.2.3&ISO^MR", "c1": "123", "c1s1": "123",
//!               "c4": "HOSP&1.2.3&ISO", "c4s1": "HOSP", "c4s2": "1.2.3", "c4s3": "ISO", "c5": "MR", "c5s1": "MR" },
//!             { "text": "456^^^X", … } ],
//!     "f5": [ { "text": "O\T\Brien^Ann", "c1": "O&Brien", "c1s1": "O&Brien", "c2": "Ann", "c2s1": "Ann" } ] } ] }
//! ```
//!
//! Every member has one type, whatever a sender puts in it: a component is a text even where it has subcomponents,
//! and its first subcomponent is there even where it has none, as the standard holds `HOSP` and `HOSP&` for the same.
//! So an expression does not depend on how much the sender had to say:
//!
//! - `PID.f3.where(c5 = 'MR').c1 = %patient.mrn`
//! - `PID.f3.where(c4s1 = 'HOSP').exists()`
//! - `OBX.where(f3.c1 = 'WBC').f5.text = '7.5'`
//! - `PID.f5.c2.first() = 'Ann'`
//!
//! Texts are those of [`Element::text`]: decoded for a single value, with delimiters and escape sequences for a
//! composite. Null is `""` (two quotes); what is absent has no member. `MSH.f1` and `MSH.f2` hold the delimiters.
//! Nothing here is a number or boolean: HL7 has text, and `'7.50'` is not `'7.5'` until an expression says so.

use std::collections::HashMap;

use thiserror::Error;
use wardgate_expression::{Json, Object};

use crate::element::{Element, Segment};
use crate::message::Message;

/// How many members a view may have. The view of a message takes many times the memory of its bytes, and a peer decides
/// how many bytes there are.
pub const MEMBERS_MAX: usize = 1_000_000;

/// The message holds more values than a view may have members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the message has more than {MEMBERS_MAX} values, too many for an expression; name a location instead"
)]
pub struct TooLarge;

/// The JSON view of a message.
pub fn view(message: &Message<'_>) -> Result<Json, TooLarge> {
    view_up_to(message, MEMBERS_MAX)
}

fn view_up_to(message: &Message<'_>, members_max: usize) -> Result<Json, TooLarge> {
    let mut members = Members { left: members_max };
    let mut names: Vec<(&str, Vec<Json>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let segments: Vec<_> = message.segments().collect();
    for segment in &segments {
        let shown = Json::Object(members.of_segment(*segment)?);
        let place = *places.entry(segment.name()).or_insert_with(|| {
            names.push((segment.name(), Vec::new()));
            names.len() - 1
        });
        names[place].1.push(shown);
    }
    Ok(Json::Object(
        names
            .into_iter()
            .map(|(name, same)| (name, Json::Array(same)))
            .collect(),
    ))
}

/// Builds objects and counts their members. Names within one object differ by their numbers, so none is looked for
/// before it is added.
struct Members {
    left: usize,
}

impl Members {
    fn take(&mut self, members: usize) -> Result<(), TooLarge> {
        self.left = self.left.checked_sub(members).ok_or(TooLarge)?;
        Ok(())
    }

    fn of_segment(&mut self, segment: Segment<'_>) -> Result<Object, TooLarge> {
        self.take(1)?;
        let mut fields = Object::new();
        for (number, field) in segment.fields().filter(|(_, field)| !field.is_absent()) {
            let repetitions = field
                .repetitions()
                .map(|repetition| Ok(Json::Object(self.of_repetition(repetition)?)));
            fields.push(
                name("f", number),
                Json::Array(repetitions.collect::<Result<_, _>>()?),
            );
        }
        Ok(fields)
    }

    /// An absent repetition between others keeps its place as an empty object. A value without parts is decoded once,
    /// whatever the number of its names.
    fn of_repetition(&mut self, repetition: Element<'_>) -> Result<Object, TooLarge> {
        self.take(1)?;
        let mut parts = Object::new();
        if repetition.is_absent() {
            return Ok(parts);
        }
        let whole = repetition.text();
        if !repetition.is_composite() {
            self.take(2)?;
            parts.push("text", &*whole);
            parts.push("c1", &*whole);
            parts.push("c1s1", whole.into_owned());
            return Ok(parts);
        }
        parts.push("text", whole.into_owned());
        for (component, number) in repetition.components().zip(1..) {
            if component.is_absent() {
                continue;
            }
            self.take(1)?;
            let own = name("c", number);
            let whole = component.text();
            if !component.is_composite() {
                self.take(1)?;
                let first = [own.as_str(), "s1"].concat();
                parts.push(own, &*whole);
                parts.push(first, whole.into_owned());
                continue;
            }
            parts.push(own.as_str(), whole.into_owned());
            let own = own + "s";
            for (part, number) in component.subcomponents().zip(1..) {
                if !part.is_absent() {
                    self.take(1)?;
                    parts.push(name(&own, number), part.text().into_owned());
                }
            }
        }
        Ok(parts)
    }
}

/// A letter and a number. Names are written a few hundred times a message, and numbers beyond two digits are rare.
fn name(letter: &str, number: usize) -> String {
    const DIGITS: &[u8; 10] = b"0123456789";
    let digit = |digit: usize| char::from(DIGITS[digit % 10]);
    if number > 99 {
        return format!("{letter}{number}");
    }
    let mut name = String::with_capacity(letter.len() + 2);
    name.push_str(letter);
    if number > 9 {
        name.push(digit(number / 10));
    }
    name.push(digit(number));
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wardgate_expression::fhirpath::{Context, Expression};

    fn shown(raw: &str) -> String {
        view(&Message::parse(raw.as_bytes()).unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn every_level_is_shown() {
        let raw =
            "MSH|^~\\&\rPID|1||123^^^HOSP&1.2&ISO^MR~~4||O\\T\\Brien^Ann|\"\"\rNTE|1\rNTE|2\r";
        let expected = concat!(
            r#"{"MSH":[{"f1":[{"text":"|","c1":"|","c1s1":"|"}],"f2":[{"text":"^~\\&","c1":"^~\\&","c1s1":"^~\\&"}]}],"#,
            r#""PID":[{"f1":[{"text":"1","c1":"1","c1s1":"1"}],"#,
            r#""f3":[{"text":"123^^^HOSP&1.2&ISO^MR","c1":"123","c1s1":"123","c4":"HOSP&1.2&ISO","c4s1":"HOSP","#,
            r#""c4s2":"1.2","c4s3":"ISO","c5":"MR","c5s1":"MR"},{},{"text":"4","c1":"4","c1s1":"4"}],"#,
            r#""f5":[{"text":"O\\T\\Brien^Ann","c1":"O&Brien","c1s1":"O&Brien","c2":"Ann","c2s1":"Ann"}],"#,
            r#""f6":[{"text":"\"\"","c1":"\"\"","c1s1":"\"\""}]}],"#,
            r#""NTE":[{"f1":[{"text":"1","c1":"1","c1s1":"1"}]},{"f1":[{"text":"2","c1":"2","c1s1":"2"}]}]}"#,
        );
        assert_eq!(shown(raw).replace(": ", ":").replace(", ", ","), expected);
    }

    #[test]
    fn a_view_has_a_limit() {
        // One segment, and five members for each of its values and of the two delimiters in MSH.
        let raw = b"MSH|^~\\&\rZZZ|a|a|a\r";
        let message = Message::parse(raw).unwrap();
        let members = 2 + 3 * (2 + 3);
        assert!(view_up_to(&message, members).is_ok());
        assert_eq!(view_up_to(&message, members - 1), Err(TooLarge));
    }

    #[test]
    fn expressions_read_it() {
        let raw = "MSH|^~\\&|A\rPID|||123^^^HOSP&1.2&ISO^MR~456^^^X^AN||O'Brien^Ann\rOBX|1|NM|WBC^x||7.5\rOBX|2|NM|HGB||13\r";
        let shown = view(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        let context = Context::new(&shown)
            .with_variable("mrn", Json::String("123".to_owned()))
            .with_variable("family", Json::String("O'Brien".to_owned()));
        for (expression, holds) in [
            ("PID.f3.where(c5 = 'MR').c1 = %mrn", true),
            ("PID.f3.where(c5 = 'AN').c1 = %mrn", false),
            ("PID.f3.where(c4s1 = 'HOSP').exists()", true),
            ("PID.f3.where(c4s1 = 'X').exists()", true),
            ("PID.f5.c1 = %family", true),
            ("OBX.where(f3.c1 = 'WBC').f5.text = '7.5'", true),
            ("OBX.where(f3.c1 = 'WBC').f5.c1.toDecimal() < 7.50001", true),
            ("OBX.count() = 2 and PV1.empty()", true),
            ("MSH.f3.text = 'A'", true),
        ] {
            assert_eq!(
                Expression::parse(expression).unwrap().is_true(&context),
                Ok(holds),
                "{expression}"
            );
        }
    }

    #[test]
    fn the_guide_shows_what_it_gives() {
        let raw = "MSH|^~\\&|A\rPID|||123^^^HOSP&1.2.3&ISO^MR~456||O\\T\\Brien^Ann\r";
        let shown = view(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        let guide = include_str!("../../../contracts/README.md");
        let example = guide
            .split("```json\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .find(|example| example.contains("\"PID\""))
            .unwrap();
        let example = Json::parse(example).unwrap();
        assert_eq!(example.get("PID"), shown.get("PID"));
    }

    /// Every member by the rule that the module tells, one decoding each.
    fn by_the_rule(message: &Message<'_>) -> Vec<(String, String)> {
        let mut members = Vec::new();
        for (index, segment) in message.segments().enumerate() {
            for (number, field) in segment.fields() {
                for (place, repetition) in field.repetitions().enumerate() {
                    let mut add = |name: String, element: Element<'_>| {
                        if !element.is_absent() {
                            let name = format!("{index} f{number}[{place}].{name}");
                            members.push((name, element.text().into_owned()));
                        }
                    };
                    add(String::from("text"), repetition);
                    for (component, number) in repetition.components().zip(1..) {
                        add(format!("c{number}"), component);
                        for (part, sub) in component.subcomponents().zip(1..) {
                            add(format!("c{number}s{sub}"), part);
                        }
                    }
                }
            }
        }
        members
    }

    proptest! {
        #[test]
        fn every_member_follows_the_rule(
            values in prop::collection::vec("[ab|^~&\\\\F\"é]{0,12}", 0..5),
            many in 0_usize..130,
        ) {
            let rest = values.join("\rZZZ|");
            let raw = format!("MSH|^~\\&|A\rZZZ|{rest}\rZLY|{}x", "|".repeat(many));
            let message = Message::parse(raw.as_bytes()).unwrap();
            let shown = view(&message).unwrap();
            let mut counts: HashMap<&str, usize> = HashMap::new();
            let mut members = Vec::new();
            for (index, segment) in message.segments().enumerate() {
                let nth = counts.entry(segment.name()).or_default();
                let fields = shown.get(segment.name()).and_then(|same| same.at(*nth)).unwrap();
                *nth += 1;
                for (field, repetitions) in fields.as_object().unwrap() {
                    for (place, parts) in repetitions.as_array().unwrap().iter().enumerate() {
                        for (name, text) in parts.as_object().unwrap() {
                            let name = format!("{index} {field}[{place}].{name}");
                            members.push((name, text.as_str().unwrap().to_owned()));
                        }
                    }
                }
            }
            prop_assert_eq!(members, by_the_rule(&message));
        }
    }
}
