//! What each message means: pure functions from a message and what is remembered to effects or a refusal.

pub mod appointments;
pub mod batch;
pub mod billing;
pub mod lab;
pub mod medication;
pub mod registration;
#[cfg(test)]
mod test_support;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::defect::{Defect, Defects};
use crate::hl7_time::Moment;
use crate::message::{Message, Segment};
use crate::rejection::{ErrorCode, Rejection};
use crate::state::{Decision, Known};
use crate::store::key;
use wardgate_fhir_types::{Identifier, Reference};

/// Facilities that the hub serves. Each is a tenant with its own patients and its own company in the ERP.
const FACILITIES: [&str; 2] = ["HOSP", "CLINIC"];

/// Versions of HL7 v2 whose messages the hub reads.
const VERSIONS: [&str; 9] = [
    "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8",
];

/// What holds for the whole message.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The facility that owns the patient.
    pub tenant: &'a str,
    /// The sender's control ID.
    pub origin: &'a str,
    /// Application and facility that sent it: control IDs are unique within these only.
    pub sender: [&'a str; 2],
    /// When the sender made the message, microseconds since 1970; when it came, where MSH-7 is empty.
    pub sent_at: i64,
    /// The zone of times that name none.
    pub zone: &'a TimeZone,
    /// Faults that are switched on.
    pub defects: Defects,
}

impl Context<'_> {
    /// The namespace of the tenant's identifiers of that kind, such as `mrn`.
    pub fn system(&self, kind: &str) -> String {
        system(self.tenant, kind)
    }

    /// An identifier of the tenant.
    pub fn identifier(&self, kind: &str, value: &str) -> Identifier {
        Identifier {
            system: self.system(kind),
            value: value.to_owned(),
        }
    }

    /// A logical reference to the tenant's patient.
    pub fn patient(&self, mrn: &str) -> Reference {
        Reference::logical("Patient", self.identifier("mrn", mrn))
    }

    /// The lane of deliveries to a partner that must not overtake each other: those about one thing, by its kind and its
    /// own identifier. Not those about one patient, since a merge gives a thing another patient while its earlier
    /// deliveries still wait.
    pub fn lane(&self, partner: &str, kind: &str, identifier: &str) -> String {
        key(&[partner, self.tenant, kind, identifier])
    }
}

/// The namespace of a facility's identifiers of that kind.
pub fn system(facility: &str, kind: &str) -> String {
    format!("urn:wardgate:{facility}:{kind}")
}

/// The facility of that name, or of none that the hub serves.
pub fn tenant(name: &str, defects: Defects) -> Option<&'static str> {
    if defects.has(Defect::TenantMixUp) {
        return Some(FACILITIES[0]);
    }
    FACILITIES.into_iter().find(|facility| *facility == name)
}

/// Decides about a message whose bytes could be read.
pub fn decide(
    message: &Message,
    received_at: Timestamp,
    zone: &TimeZone,
    defects: Defects,
    known: &dyn Known,
) -> Decision {
    let header = &message.header;
    if header.control_id.is_empty() {
        return Err(Rejection::reject(
            10,
            ErrorCode::RequiredFieldMissing,
            "message control ID is missing",
        ));
    }
    if !VERSIONS.contains(&header.version.as_str()) {
        return Err(Rejection::reject(
            12,
            ErrorCode::UnsupportedVersionId,
            "this HL7 version is not served",
        ));
    }
    if header.processing_id != "P" {
        return Err(Rejection::reject(
            11,
            ErrorCode::UnsupportedProcessingId,
            "only production messages are served",
        ));
    }
    let served = ["ADT", "SIU", "ORU", "DFT"];
    if !served.contains(&header.code.as_str()) {
        return Err(Rejection::reject(
            9,
            ErrorCode::UnsupportedMessageType,
            "this message type is not served",
        ));
    }
    let Some(tenant) = tenant(header.facility(), defects) else {
        return Err(Rejection::reject(
            4,
            ErrorCode::UnknownKey,
            "this sending facility is not served",
        ));
    };
    let sent_at = if header.time.is_empty() {
        received_at
    } else {
        Moment::parse(&header.time)
            .and_then(|moment| moment.instant(zone))
            .map_err(|_| {
                Rejection::error(
                    "MSH",
                    7,
                    ErrorCode::DataTypeError,
                    "message time is not a date and time",
                )
            })?
    };
    let context = Context {
        tenant,
        origin: &header.control_id,
        sender: [&header.sending_application, &header.sending_facility],
        sent_at: sent_at.as_microsecond(),
        zone,
        defects,
    };
    match (header.code.as_str(), header.trigger.as_str()) {
        ("ADT", "A01" | "A04" | "A08") => registration::register(message, &context, known),
        ("ADT", "A40") => registration::merge(message, &context, known),
        ("SIU", "S12") => appointments::book(message, &context, known),
        ("SIU", "S13") => appointments::reschedule(message, &context, known),
        ("SIU", "S15") => appointments::cancel(message, &context, known),
        ("ORU", "R01") => lab::results(message, &context, known),
        ("DFT", "P03") => billing::charges(message, &context, known),
        _ => Err(Rejection::reject(
            9,
            ErrorCode::UnsupportedEventCode,
            "this trigger event is not served",
        )),
    }
}

/// The segment that must be there.
fn required<'a>(
    message: &'a Message,
    name: &'static str,
    text: &'static str,
) -> Result<Segment<'a>, Rejection> {
    message.segment(name).ok_or(Rejection::error(
        name,
        0,
        ErrorCode::RequiredFieldMissing,
        text,
    ))
}

/// The MRN in a list of identifiers (PID-3, MRG-1): the one of type MR, or of the facility, or the first.
fn mrn(
    segment: Segment<'_>,
    field: usize,
    name: &'static str,
    context: &Context<'_>,
) -> Result<String, Rejection> {
    let missing = Rejection::error(
        name,
        field,
        ErrorCode::RequiredFieldMissing,
        "patient identifier is missing",
    );
    let candidates = || {
        segment
            .repetitions(field)
            .filter(|repetition| repetition.value(1).is_some())
    };
    let chosen = candidates()
        .find(|repetition| repetition.value(5).as_deref() == Some("MR"))
        .or_else(|| {
            candidates().find(|repetition| repetition.value(4).as_deref() == Some(context.tenant))
        })
        .or_else(|| candidates().next())
        .ok_or(missing)?;
    let mrn = chosen.value(1).ok_or(missing)?.trim().to_owned();
    if mrn.is_empty() {
        return Err(missing);
    }
    if mrn.chars().count() > 20 {
        let text = "patient identifier is longer than 20 characters";
        return Err(Rejection::error(
            name,
            field,
            ErrorCode::DataTypeError,
            text,
        ));
    }
    Ok(mrn)
}

/// What an error text of a faulty hub gives away about the patient of a message.
pub fn patient_words(message: &Message) -> String {
    let Some(pid) = message.segment("PID") else {
        return String::new();
    };
    [(5, 2), (5, 1), (3, 1)]
        .into_iter()
        .filter_map(|(field, component)| pid.value(field, component))
        .collect::<Vec<_>>()
        .join(" ")
}
