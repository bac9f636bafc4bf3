//! 271: whether a member is covered, in answer to a 270 (TR3 X279).
//!
//! EB01 is 1 for a member who is covered on the day asked about, 6 for one who is not. A subscriber who is unknown is
//! told by AAA03 of 75, a birth date that is another by 71.

use super::claim::{around, coded, days, own};
use super::letter::{Heading, echo, put};
use super::members::Member;
use crate::matching::Tree;
use crate::write::{Value, WriteError, Writer};

/// GS01 and GS08 of a 271.
pub(crate) const FUNCTIONAL_ID: &str = "HB";
pub(crate) const VERSION: &str = "005010X279A1";

/// The service type that is meant where none is asked for: health benefit plan coverage.
const PLAN_COVERAGE: &str = "30";

/// Writes the answer to each inquiry, one transaction set each. `find` gives the member of a payer with an identifier.
pub(crate) fn write<'m>(
    heading: &Heading<'_>,
    inquiries: &[Tree<'_>],
    find: &dyn Fn(&str, &str) -> Option<&'m Member>,
) -> Result<Vec<u8>, WriteError> {
    heading.answer_each("271", VERSION, inquiries, |writer, tree| {
        one(writer, tree, heading, find)
    })
}

fn one<'m>(
    writer: &mut Writer,
    tree: &Tree<'_>,
    heading: &Heading<'_>,
    find: &dyn Fn(&str, &str) -> Option<&'m Member>,
) -> Result<(), WriteError> {
    heading.begin(writer, tree, &["0022", "11"], &[])?;
    let names = [
        ("2000A", "2100A"),
        ("2000B", "2100B"),
        ("2000C", "2100C"),
        ("2000D", "2100D"),
    ];
    let levels: Vec<usize> = (0..tree.loops().len())
        .filter(|number| {
            names
                .iter()
                .any(|(id, _)| tree.loops()[*number].spec.id == *id)
        })
        .collect();
    for number in levels {
        let id = tree.loops()[number].spec.id;
        let name = names
            .iter()
            .find(|(level, _)| *level == id)
            .map_or("", |(_, name)| name);
        if let Some(level) = own(tree, number, "HL") {
            echo(writer, &level, &[1, 2, 3, 4])?;
        }
        for placed in tree
            .own(number)
            .filter(|placed| placed.segment.id() == "TRN")
        {
            let text = |place: usize| placed.segment.text(place).unwrap_or_default();
            put(writer, "TRN", &["2", text(2), text(3), text(4)])?;
        }
        let at = tree.within(number, name).next().unwrap_or(number);
        if let Some(name) = own(tree, at, "NM1") {
            echo(writer, &name, &[1, 2, 3, 4, 5, 7, 8, 9])?;
        }
        if matches!(id, "2000C" | "2000D") {
            person(writer, tree, number, at, heading, find)?;
        }
    }
    Ok(())
}

/// What is said of a subscriber or a dependent. Where dependents stand below, they are what is asked about.
fn person<'m>(
    writer: &mut Writer,
    tree: &Tree<'_>,
    number: usize,
    name: usize,
    heading: &Heading<'_>,
    find: &dyn Fn(&str, &str) -> Option<&'m Member>,
) -> Result<(), WriteError> {
    let is_subscriber = tree.loops()[number].spec.id == "2000C";
    if is_subscriber && tree.within(number, "2000D").next().is_some() {
        return Ok(());
    }
    let id_of = |level: &str, name: &str| {
        let outer = around(tree, number).find(|outer| tree.loops()[*outer].spec.id == level)?;
        let at = tree.within(outer, name).next()?;
        own(tree, at, "NM1")?.text(9)
    };
    let payer = id_of("2000A", "2100A").unwrap_or_default();
    let member = id_of("2000C", "2100C").and_then(|id| find(payer, id));
    let born = own(tree, name, "DMG").and_then(|found| found.text(2));
    let refusal = match member {
        None => Some("75"),
        Some(member) if is_subscriber && !member.birth_date.is_empty() => {
            born.filter(|born| *born != member.birth_date).map(|_| "71")
        }
        Some(_) => None,
    };
    if let Some(reason) = refusal {
        return put(writer, "AAA", &["N", "", reason, "C"]);
    }
    let Some(member) = member else {
        return Ok(());
    };
    if let Some(found) = own(tree, name, "DMG") {
        echo(writer, &found, &[1, 2, 3])?;
    }
    let asked = coded(tree, name, "DTP", "291").and_then(|found| days(&found));
    let day = asked.map_or_else(|| heading.stamp.date.clone(), |days| days.0);
    let covered = member.is_covered(&day);
    if covered && !member.from.is_empty() {
        put(writer, "DTP", &["346", "D8", &member.from])?;
    }
    let inquiry = if is_subscriber { "2110C" } else { "2110D" };
    let mut types: Vec<String> = Vec::new();
    for at in tree.within(number, inquiry) {
        let asked = own(tree, at, "EQ").and_then(|found| found.element(1));
        let asked = asked.map(|element| element.repetitions().collect::<Vec<_>>());
        types.extend(
            asked
                .unwrap_or_default()
                .iter()
                .filter(|code| !code.is_empty())
                .map(|code| code.text().into_owned()),
        );
    }
    if types.is_empty() {
        types.push(PLAN_COVERAGE.to_owned());
    }
    for service in &types {
        let values = [
            if covered { "1" } else { "6" },
            "",
            service,
            "",
            &member.plan,
        ];
        writer.segment("EB", &values.map(Value::Text))?;
    }
    Ok(())
}
