//! Drawing the values of one attempt.

use std::cell::RefCell;

use jiff::{Timestamp, tz::TimeZone};
use wardgate_contract::{ast::Draw as Written, lint::IDENTIFIERS};
use wardgate_expression::{Json, Object, fhirpath::Expression};
use wardgate_synth::{Draw, IdentifierType, Identifiers, Kind};

use crate::{
    bindings::Bindings,
    plan::{Case, CaseKind, Plan},
};

/// The identifiers of an attempt.
pub(super) struct Drawn {
    /// All of them.
    pub identifiers: Vec<String>,
    /// Those of its messages.
    pub control_ids: Vec<String>,
}

/// Draws the values of an attempt into its bindings and gives every identifier among them.
///
/// Records come from the case's seed alone; identifiers come from the run's start and the attempt as well, so that a
/// candidate that remembers an earlier run with the same seed, or an earlier attempt, does not take one for the other.
pub(super) fn draw(
    case: &Case,
    plan: &Plan,
    bindings: &mut Bindings,
    attempt: u32,
    values: Vec<(Json, Option<&'static str>)>,
) -> Result<Drawn, String> {
    let identifiers =
        Identifiers::new(&case.seed, &plan.started_unix_ms.to_string()).child(attempt as usize);
    let mut known = Vec::new();
    let mut control_ids = Vec::new();
    for name in IDENTIFIERS {
        if let Some(kind) = IdentifierType::of_field(name) {
            let token = identifiers.mint(kind, name);
            bindings.bind(name, Json::from(token.as_str()), None);
            known.push(token);
        }
    }
    for step in 0..=case
        .stimuli
        .iter()
        .map(|stimulus| stimulus.step)
        .max()
        .unwrap_or(0)
    {
        for name in [control_id(step, false), control_id(step, true)] {
            let token = identifiers.mint(IdentifierType::Control, &name);
            if control_ids.is_empty() {
                bindings.bind("control_id", Json::from(token.as_str()), None);
            }
            bindings.bind(&name, Json::from(token.as_str()), None);
            control_ids.push(token);
        }
    }
    bindings.bind("seed", Json::from(plan.seed.to_string()), None);
    bindings.bind("case", Json::from(case.name.as_str()), None);
    let today = Timestamp::from_millisecond(plan.started_unix_ms);
    let today = TimeZone::UTC
        .to_datetime(today.unwrap_or(Timestamp::UNIX_EPOCH))
        .date();
    for written in case.draws.iter() {
        let fields = record(written, case, bindings, &identifiers, today)?;
        collect(&fields, &mut known);
        let kind = Kind::parse(&written.kind.value).map(Kind::name);
        bindings.bind(&written.name.value, fields, kind);
    }
    if let CaseKind::Property(property) = &case.kind {
        for ((name, _), (value, kind)) in property.forall.iter().zip(values) {
            let stamped = bindings.fill_json(identifiers.child(name.as_str()).stamp(&value))?;
            collect(&stamped, &mut known);
            bindings.bind(name, stamped, kind);
        }
    }
    known.extend(control_ids.iter().cloned());
    Ok(Drawn {
        identifiers: known,
        control_ids,
    })
}

/// The name that a step's own control ID is bound to. A message that is broken on purpose has one of its own: a
/// candidate that answers a control ID once and for all would otherwise refuse the good message after it.
pub(super) fn control_id(step: usize, is_broken: bool) -> String {
    if is_broken {
        format!("control_id of the broken message of step {step}")
    } else {
        format!("control_id of step {step}")
    }
}

fn record(
    written: &Written,
    case: &Case,
    bindings: &Bindings,
    identifiers: &Identifiers,
    today: jiff::civil::Date,
) -> Result<Json, String> {
    let name = written.name.value.as_str();
    let kind = Kind::parse(&written.kind.value).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!(
            "there is no kind of record '{}'; known are {}",
            written.kind.value,
            known.join(", ")
        )
    })?;
    let filter = written
        .filter
        .as_ref()
        .map(|text| Expression::parse(&text.value).map_err(|error| error.to_string()))
        .transpose()?;
    // A condition that cannot be evaluated is met by no record; then its reason says more than that none fits.
    let unclear = RefCell::new(None);
    let fits = |fields: &Json| {
        filter
            .as_ref()
            .is_none_or(|filter| match filter.is_true(&bindings.context(fields)) {
                Ok(fits) => fits,
                Err(error) => {
                    unclear.borrow_mut().get_or_insert(error.to_string());
                    false
                }
            })
    };
    let seed = case.seed.child("data").child(name);
    let own = identifiers.child(name);
    let mut draw = Draw::new(kind, &seed, &own, today).filter(&fits);
    let earlier = |wanted: &str| {
        bindings
            .iter()
            .find(|(_, bound)| bound.kind.as_deref() == Some(wanted))
            .map(|(_, bound)| &bound.value)
    };
    // Later records are about the first patient, visit, order and practitioner that were drawn.
    if let Some(patient) = earlier("patient").filter(|_| kind != Kind::Patient) {
        draw = draw.patient(patient);
    }
    if let Some(practitioner) = earlier("practitioner").filter(|_| kind != Kind::Practitioner) {
        draw = draw.practitioner(practitioner);
    }
    if let Some(encounter) = earlier("encounter").filter(|_| kind != Kind::Encounter) {
        draw = draw.encounter(encounter);
    }
    if let Some(order) = earlier("order").filter(|_| kind != Kind::Order) {
        draw = draw.order(order);
    }
    let record = draw
        .record()
        .map_err(|error| match unclear.borrow().as_deref() {
            Some(reason) => format!("'{name}' cannot be drawn: {error}: {reason}"),
            None => format!("'{name}' cannot be drawn: {error}"),
        })?;
    let mut fields: Object = record.fields.as_object().cloned().unwrap_or_default();
    for (member, template) in &written.with {
        let value = bindings.fill_value(&template.value)?.value;
        fields.insert(member.value.clone(), value);
    }
    Ok(Json::Object(fields))
}

/// Every identifier in a value.
fn collect(value: &Json, known: &mut Vec<String>) {
    match value {
        Json::String(text) if Identifiers::is_token(text) => known.push(text.clone()),
        // A generated message carries its identifiers within.
        Json::String(text) => known.extend(
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| Identifiers::is_token(word))
                .map(str::to_owned),
        ),
        Json::Array(items) => items.iter().for_each(|item| collect(item, known)),
        Json::Object(object) => object.iter().for_each(|(_, member)| collect(member, known)),
        _ => {}
    }
}
