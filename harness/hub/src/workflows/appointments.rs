//! Appointments: SIU^S12, S13 and S15 become a FHIR Appointment; nobody is booked twice at a time.

use jiff::Timestamp;
use wardgate_fhir_types as fhir;

use super::{Context, mrn, required};
use crate::defect::Defect;
use crate::hl7_time::Moment;
use crate::message::{Message, Segment};
use crate::rejection::{ErrorCode, Rejection};
use crate::state::{AppointmentState, Change, Decision, Effects, Known, resolve};
use crate::work::{Work, WorkItem};

/// SIU^S12: books an appointment. One that is booked already is brought up to date.
pub fn book(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let sch = required(message, "SCH", "schedule activity information is missing")?;
    let names = names(sch)?;
    let before = find(&names, context, known)?;
    if is_outdated(before.as_ref(), context) {
        return Ok(Effects::default());
    }
    let after = read(message, sch, &names, before.as_ref(), context, known)?;
    settle(before, after, &names, context, known)
}

/// SIU^S13: moves an appointment that stands.
pub fn reschedule(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let sch = required(message, "SCH", "schedule activity information is missing")?;
    let names = names(sch)?;
    let before = find(&names, context, known)?;
    if is_outdated(before.as_ref(), context) {
        return Ok(Effects::default());
    }
    if !before.as_ref().is_some_and(|before| before.live) {
        return Err(unknown_appointment());
    }
    let after = read(message, sch, &names, before.as_ref(), context, known)?;
    settle(before, after, &names, context, known)
}

/// SIU^S15: cancels an appointment and frees its time.
pub fn cancel(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let sch = required(message, "SCH", "schedule activity information is missing")?;
    let names = names(sch)?;
    let before = find(&names, context, known)?.ok_or(unknown_appointment())?;
    if is_outdated(Some(&before), context)
        || !before.live
        || context.defects.has(Defect::CancelIgnored)
    {
        return Ok(Effects::default());
    }
    let mut after = before.clone();
    after.live = false;
    after.changed_at = context.sent_at;
    after.cancellation = text(sch, 6);
    settle(Some(before), after, &names, context, known)
}

/// By what names an appointment goes: the filler's ID leads, the placer's stands in for it.
struct Names {
    id: String,
    alias: Option<String>,
}

fn names(sch: Segment<'_>) -> Result<Names, Rejection> {
    let (placer, filler) = (sch.value(1, 1), sch.value(2, 1));
    match (filler, placer) {
        (Some(id), alias) => Ok(Names { id, alias }),
        (None, Some(id)) => Ok(Names { id, alias: None }),
        (None, None) => {
            let text = "appointment has neither placer nor filler ID";
            Err(Rejection::error(
                "SCH",
                1,
                ErrorCode::RequiredFieldMissing,
                text,
            ))
        }
    }
}

fn find(
    names: &Names,
    context: &Context<'_>,
    known: &dyn Known,
) -> Result<Option<AppointmentState>, Rejection> {
    if let Some(found) = known.appointment(context.tenant, &names.id)? {
        return Ok(Some(found));
    }
    match &names.alias {
        Some(alias) => Ok(known.appointment(context.tenant, alias)?),
        None => Ok(None),
    }
}

fn unknown_appointment() -> Rejection {
    Rejection::error(
        "SCH",
        2,
        ErrorCode::UnknownKey,
        "this appointment is not on record or no longer stands",
    )
}

/// Whether a newer message about the appointment has been applied; the late one then changes nothing.
fn is_outdated(before: Option<&AppointmentState>, context: &Context<'_>) -> bool {
    before.is_some_and(|before| context.sent_at < before.changed_at)
}

/// The appointment as the message has it; who and where are kept from before when it does not say.
fn read(
    message: &Message,
    sch: Segment<'_>,
    names: &Names,
    before: Option<&AppointmentState>,
    context: &Context<'_>,
    known: &dyn Known,
) -> Result<AppointmentState, Rejection> {
    let mrn = match (message.segment("PID"), before) {
        (Some(pid), _) => resolve(known, context.tenant, &mrn(pid, 3, "PID", context)?)?.0,
        (None, Some(before)) => before.mrn.clone(),
        (None, None) => {
            let text = "patient identification is missing";
            return Err(Rejection::error(
                "PID",
                0,
                ErrorCode::RequiredFieldMissing,
                text,
            ));
        }
    };
    let (start, end) = times(message, sch, context)?;
    let practitioner = message.segments_named("AIP").find_map(|aip| {
        let name = [aip.value(3, 3), aip.value(3, 2)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        Some((aip.value(3, 1)?, (!name.is_empty()).then_some(name)))
    });
    let location = message.segments_named("AIL").find_map(location);
    Ok(AppointmentState {
        facility: context.tenant.to_owned(),
        id: before.map_or_else(|| names.id.clone(), |before| before.id.clone()),
        mrn,
        practitioner: practitioner
            .or_else(|| before.and_then(|before| before.practitioner.clone())),
        location: location.or_else(|| before.and_then(|before| before.location.clone())),
        start: start.as_microsecond(),
        end: end.as_microsecond(),
        live: true,
        reason: text(sch, 7).or_else(|| before.and_then(|before| before.reason.clone())),
        cancellation: None,
        changed_at: context.sent_at,
    })
}

/// AIL-3 (PL): point of care, room and bed, as far as they are given.
fn location(ail: Segment<'_>) -> Option<String> {
    let parts: Vec<String> = (1..=3).filter_map(|part| ail.value(3, part)).collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

/// Text or else code of a coded field.
fn text(sch: Segment<'_>, field: usize) -> Option<String> {
    sch.value(field, 2).or_else(|| sch.value(field, 1))
}

/// SCH-11.4 and SCH-11.5, or TQ1-7 and TQ1-8 as later versions have it; an end that is not given follows from SCH-9.
fn times(
    message: &Message,
    sch: Segment<'_>,
    context: &Context<'_>,
) -> Result<(Timestamp, Timestamp), Rejection> {
    let tq1 = message.segment("TQ1");
    let from_tq1 = |field| tq1.and_then(|tq1| tq1.value(field, 1));
    let bad = Rejection::error(
        "SCH",
        11,
        ErrorCode::DataTypeError,
        "appointment time is not a date and time",
    );
    let instant = |written: String| {
        let moment = Moment::parse(&written).map_err(|_| bad)?;
        if moment.precision() != crate::hl7_time::Precision::Time {
            return Err(bad);
        }
        let instant = if context.defects.has(Defect::TimezoneSlip) {
            moment.instant_ignoring_zones()
        } else {
            moment.instant(context.zone)
        };
        instant.map_err(|_| bad)
    };
    let missing = |text| Rejection::error("SCH", 11, ErrorCode::RequiredFieldMissing, text);
    let start = sch
        .value(11, 4)
        .or_else(|| from_tq1(7))
        .ok_or(missing("appointment start is missing"))?;
    let start = instant(start)?;
    let end = if let Some(end) = sch.value(11, 5).or_else(|| from_tq1(8)) {
        instant(end)?
    } else {
        let duration =
            duration_seconds(sch).ok_or(missing("appointment has neither end nor duration"))?;
        Timestamp::from_second(start.as_second() + duration).map_err(|_| bad)?
    };
    if end <= start {
        let text = "appointment does not end after its start";
        return Err(Rejection::error("SCH", 11, ErrorCode::DataTypeError, text));
    }
    Ok((start, end))
}

/// SCH-9 in the unit of SCH-10, minutes where that is empty.
fn duration_seconds(sch: Segment<'_>) -> Option<i64> {
    let number: i64 = sch
        .value(9, 1)?
        .trim()
        .parse()
        .ok()
        .filter(|number| (1..=100_000).contains(number))?;
    match sch
        .value(10, 1)
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "" | "m" | "min" | "minutes" => Some(number * 60),
        "h" | "hr" | "hours" => Some(number * 3600),
        "s" | "sec" | "seconds" => Some(number),
        _ => None,
    }
}

/// Refuses a clash, or gives the effects.
fn settle(
    before: Option<AppointmentState>,
    after: AppointmentState,
    names: &Names,
    context: &Context<'_>,
    known: &dyn Known,
) -> Decision {
    if after.live && !context.defects.has(Defect::DoubleBookingAllowed) {
        for resource in after.resources() {
            let clash = known
                .bookings(context.tenant, &resource)?
                .into_iter()
                .any(|booking| {
                    booking.appointment != after.id
                        && booking.start < after.end
                        && after.start < booking.end
                });
            if clash {
                let text = "practitioner or location is booked at that time";
                return Err(Rejection::error("SCH", 11, ErrorCode::DuplicateKey, text));
            }
        }
    }
    let item = WorkItem {
        lane: context.lane("ehr", "appointment", &after.id),
        origin: context.origin.to_owned(),
        work: Work::PutResource {
            resource_type: "Appointment".to_owned(),
            system: context.system("appointment"),
            value: after.id.clone(),
            body: resource(&after, context)?,
        },
    };
    let alias = [Some(&names.id), names.alias.as_ref()]
        .into_iter()
        .flatten()
        .find(|name| **name != after.id);
    let alias = alias.cloned();
    Ok(Effects {
        changes: vec![Change::Appointment {
            before,
            after,
            alias,
        }],
        work: vec![item],
    })
}

fn resource(appointment: &AppointmentState, context: &Context<'_>) -> Result<String, Rejection> {
    let invalid = || {
        Rejection::error(
            "SCH",
            0,
            ErrorCode::DataTypeError,
            "appointment is not valid",
        )
    };
    let instant = |at: i64| {
        Timestamp::from_microsecond(at)
            .map(|at| Some(at.to_string()))
            .map_err(|_| invalid())
    };
    let concept = |text: &Option<String>| {
        text.clone().map(|text| fhir::Concept {
            text: Some(text),
            ..fhir::Concept::default()
        })
    };
    let mut participants = vec![context.patient(&appointment.mrn)];
    if let Some((id, name)) = &appointment.practitioner {
        let reference =
            fhir::Reference::logical("Practitioner", context.identifier("practitioner", id));
        participants.push(fhir::Reference {
            display: name.clone(),
            ..reference
        });
    }
    if let Some(id) = &appointment.location {
        participants.push(fhir::Reference::logical(
            "Location",
            context.identifier("location", id),
        ));
    }
    fhir::appointment(&fhir::AppointmentFacts {
        identifiers: vec![context.identifier("appointment", &appointment.id)],
        status: if appointment.live {
            "booked"
        } else {
            "cancelled"
        }
        .to_owned(),
        cancellation_reason: concept(&appointment.cancellation),
        reason: concept(&appointment.reason),
        start: instant(appointment.start)?,
        end: instant(appointment.end)?,
        participants,
    })
    .map_err(|_| invalid())
}

#[cfg(test)]
mod tests;
