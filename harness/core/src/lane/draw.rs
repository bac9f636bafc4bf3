//! Drawing the values of one attempt.

use jiff::{Timestamp, tz::TimeZone};
use wardgate_contract::{ast::Draw as Written, lint::IDENTIFIERS};
use wardgate_expression::{
    Json, Object,
    fhirpath::{Context, Expression},
};
use wardgate_synth::{Draw, IdentifierType, Identifiers, Kind};

use crate::{
    bindings::Bindings,
    plan::{Case, CaseKind, Plan},
};

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
) -> Result<Vec<String>, String> {
    let identifiers =
        Identifiers::new(&case.seed, &plan.started_unix_ms.to_string()).child(attempt as usize);
    let mut known = Vec::new();
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
        let name = format!("control_id of step {step}");
        let token = identifiers.mint(IdentifierType::Control, &name);
        if step == 0 {
            bindings.bind("control_id", Json::from(token.as_str()), None);
        }
        bindings.bind(&name, Json::from(token.as_str()), None);
        known.push(token);
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
    Ok(known)
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
    let fits = |fields: &Json| {
        filter.as_ref().is_none_or(|filter| {
            let context = bindings
                .iter()
                .fold(Context::new(fields), |context, (name, bound)| {
                    context.with_variable_ref(name, &bound.value)
                });
            filter.is_true(&context).unwrap_or(false)
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
        .map_err(|error| format!("'{name}' cannot be drawn: {error}"))?;
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
