//! Registration: ADT^A01, A04 and A08 become FHIR Patient and ERP customer; ADT^A40 merges two of them.

use jiff::civil::Date;
use wardgate_fhir_types as fhir;

use super::{Context, mrn, required};
use crate::defect::Defect;
use crate::hl7_time::Moment;
use crate::message::{Message, Repetition, Segment, Update};
use crate::rejection::{ErrorCode, Rejection};
use crate::state::{AddressState, Change, Decision, Effects, Known, PatientState, Telecom};
use crate::work::{Customer, Work, WorkItem};

/// ADT^A01, A04 and A08: registers the patient, or brings it up to date. An A08 for an unknown patient registers it.
pub fn register(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let pid = required(message, "PID", "patient identification is missing")?;
    let mrn = mrn(pid, 3, "PID", context)?;
    let before = known.patient(context.tenant, &mrn)?;
    if let Some(before) = &before {
        if context.sent_at < before.changed_at && !context.defects.has(Defect::OutOfOrderUpdateWins)
        {
            return Ok(Effects::default());
        }
        if before.merged_into.is_some() {
            let text = "this patient identifier was retired by a merge";
            return Err(Rejection::error("PID", 3, ErrorCode::UnknownKey, text));
        }
    }
    let patient = demographics(pid, mrn, before, context)?;
    let work = vec![
        put_patient(&patient, context)?,
        save_customer(&patient, context),
    ];
    Ok(Effects {
        changes: vec![Change::Patient(patient)],
        work,
    })
}

/// ADT^A40 (structure ADT_A39): the patient of MRG-1 is retired in favour of the one of PID-3.
pub fn merge(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    if message.segments_named("MRG").count() > 1 {
        let text = "only one merge in a message is served";
        return Err(Rejection::error("MRG", 0, ErrorCode::DataTypeError, text).at(2));
    }
    let pid = required(message, "PID", "patient identification is missing")?;
    let mrg = required(message, "MRG", "merge information is missing")?;
    let survivor = mrn(pid, 3, "PID", context)?;
    let retired = mrn(mrg, 1, "MRG", context)?;
    if survivor == retired {
        return Err(Rejection::error(
            "MRG",
            1,
            ErrorCode::DuplicateKey,
            "a patient cannot be merged into itself",
        ));
    }
    let unknown = |segment, field| {
        Rejection::error(
            segment,
            field,
            ErrorCode::UnknownKey,
            "this patient identifier is not on record",
        )
    };
    let (survivor, retired) = if context.defects.has(Defect::WrongPatientAfterMerge) {
        (retired, survivor)
    } else {
        (survivor, retired)
    };
    let mut survivor = known
        .patient(context.tenant, &survivor)?
        .ok_or(unknown("PID", 3))?;
    let mut retired = known
        .patient(context.tenant, &retired)?
        .ok_or(unknown("MRG", 1))?;
    for (patient, segment, field) in [(&survivor, "PID", 3), (&retired, "MRG", 1)] {
        if patient.merged_into.is_some() {
            let text = "this patient identifier was retired by an earlier merge";
            return Err(Rejection::error(
                segment,
                field,
                ErrorCode::UnknownKey,
                text,
            ));
        }
    }
    retired.merged_into = Some(survivor.mrn.clone());
    survivor.replaces.push(retired.mrn.clone());
    for patient in [&mut survivor, &mut retired] {
        patient.changed_at = patient.changed_at.max(context.sent_at);
    }
    let block = WorkItem {
        lane: context.lane("ledger", "customer", &retired.mrn),
        origin: context.origin.to_owned(),
        work: Work::BlockCustomer {
            facility: context.tenant.to_owned(),
            number: retired.mrn.clone(),
        },
    };
    let work = vec![
        put_patient(&survivor, context)?,
        put_patient(&retired, context)?,
        block,
    ];
    Ok(Effects {
        changes: vec![Change::Patient(survivor), Change::Patient(retired)],
        work,
    })
}

/// The patient after the message: what PID says over what was known (HL7 v2.5.1, chapter 2.7.1).
fn demographics(
    pid: Segment<'_>,
    mrn: String,
    before: Option<PatientState>,
    context: &Context<'_>,
) -> Result<PatientState, Rejection> {
    let mut patient = before.unwrap_or_else(|| PatientState {
        facility: context.tenant.to_owned(),
        mrn,
        ..PatientState::default()
    });
    patient.changed_at = context.sent_at;
    if let Some((family, given)) = name(pid, context) {
        patient.family = family;
        patient.given = given;
    }
    if patient.family.is_none() && patient.given.is_empty() {
        return Err(Rejection::error(
            "PID",
            5,
            ErrorCode::RequiredFieldMissing,
            "patient name is missing",
        ));
    }
    let birth_date = match pid.update(7, 1) {
        Update::Set(text) => Update::Set(
            Moment::parse(&text)
                .map_err(|_| {
                    Rejection::error(
                        "PID",
                        7,
                        ErrorCode::DataTypeError,
                        "birth date is not a date",
                    )
                })?
                .fhir_date(),
        ),
        other => other,
    };
    birth_date.apply(&mut patient.birth_date);
    let gender = match pid.update(8, 1) {
        Update::Set(code) => Update::Set(gender(&code)?.to_owned()),
        other => other,
    };
    gender.apply(&mut patient.gender);
    if pid.is_null(11) {
        patient.address = None;
    } else if let Some(address) = pid.repetitions(11).find_map(address) {
        patient.address = Some(address);
    }
    for (field, purpose, telecom) in [
        (13, "home", &mut patient.home_telecom),
        (14, "work", &mut patient.work_telecom),
    ] {
        if pid.update(field, 1) == Update::Clear {
            telecom.clear();
        } else {
            let sent: Vec<Telecom> = pid
                .repetitions(field)
                .flat_map(|xtn| contacts(xtn, purpose))
                .collect();
            if !sent.is_empty() {
                *telecom = sent;
            }
        }
    }
    check_lengths(&customer(&patient))?;
    Ok(patient)
}

/// Family and given names of PID-5, the first repetition that has any.
pub(super) fn name(
    pid: Segment<'_>,
    context: &Context<'_>,
) -> Option<(Option<String>, Vec<String>)> {
    let cut = |name: String| {
        if context.defects.has(Defect::SilentTruncation) {
            name.chars().take(20).collect()
        } else {
            name
        }
    };
    pid.repetitions(5).find_map(|xpn| {
        let family = xpn.value(1).map(cut);
        let given: Vec<String> = [2, 3]
            .into_iter()
            .filter_map(|part| xpn.value(part))
            .map(cut)
            .collect();
        (family.is_some() || !given.is_empty()).then_some((family, given))
    })
}

/// HL7 table 0001 to FHIR administrative gender.
fn gender(code: &str) -> Result<&'static str, Rejection> {
    match code {
        "M" => Ok("male"),
        "F" => Ok("female"),
        "O" | "A" => Ok("other"),
        "U" | "N" => Ok("unknown"),
        _ => Err(Rejection::error(
            "PID",
            8,
            ErrorCode::TableValueNotFound,
            "administrative sex is not in table 0001",
        )),
    }
}

fn address(xad: Repetition<'_>) -> Option<AddressState> {
    let address = AddressState {
        lines: [1, 2]
            .into_iter()
            .filter_map(|part| xad.value(part))
            .collect(),
        city: xad.value(3),
        state: xad.value(4),
        postal_code: xad.value(5),
        country: xad.value(6),
    };
    (address != AddressState::default()).then_some(address)
}

/// The number and the mail address of one XTN, wherever the version put them.
fn contacts(xtn: Repetition<'_>, purpose: &str) -> Vec<Telecom> {
    let kind = [xtn.value(2), xtn.value(3)];
    let is = |wanted: &str| {
        kind.iter()
            .flatten()
            .any(|kind| kind.eq_ignore_ascii_case(wanted))
    };
    let purpose = if is("CP") { "mobile" } else { purpose };
    let contact = |system: &str, value: String| Telecom {
        system: system.to_owned(),
        value,
        purpose: purpose.to_owned(),
    };
    let first = xtn.value(1).or_else(|| xtn.value(12));
    if is("NET") || is("Internet") {
        return xtn
            .value(4)
            .or(first)
            .map(|value| contact("email", value))
            .into_iter()
            .collect();
    }
    let parts = || {
        let parts: Vec<String> = [5, 6, 7]
            .into_iter()
            .filter_map(|part| xtn.value(part))
            .collect();
        xtn.value(7).map(|_| parts.join(" "))
    };
    let phone = first.or_else(parts).map(|value| contact("phone", value));
    let email = xtn.value(4).map(|value| contact("email", value));
    phone.into_iter().chain(email).collect()
}

/// The patient as the ERP's customer.
fn customer(patient: &PatientState) -> Customer {
    let address = patient.address.clone().unwrap_or_default();
    let phone = patient
        .home_telecom
        .iter()
        .chain(&patient.work_telecom)
        .find(|telecom| telecom.system == "phone");
    Customer {
        number: patient.mrn.clone(),
        display_name: display_name(patient.given.first(), patient.family.as_ref()),
        address_line1: address.lines.first().cloned().unwrap_or_default(),
        city: address.city.unwrap_or_default(),
        postal_code: address.postal_code.unwrap_or_default(),
        phone_number: phone
            .map(|telecom| telecom.value.clone())
            .unwrap_or_default(),
    }
}

/// First given name and family name.
pub(super) fn display_name(given: Option<&String>, family: Option<&String>) -> String {
    given
        .into_iter()
        .chain(family)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What the ERP cannot hold is refused here rather than cut or lost there.
pub(super) fn check_lengths(customer: &Customer) -> Result<(), Rejection> {
    let limits = [
        (
            &customer.display_name,
            100,
            5,
            "patient name is longer than the ledger's 100 characters",
        ),
        (
            &customer.address_line1,
            100,
            11,
            "street is longer than the ledger's 100 characters",
        ),
        (
            &customer.city,
            30,
            11,
            "city is longer than the ledger's 30 characters",
        ),
        (
            &customer.postal_code,
            20,
            11,
            "postal code is longer than the ledger's 20 characters",
        ),
        (
            &customer.phone_number,
            30,
            13,
            "telephone number is longer than the ledger's 30 characters",
        ),
    ];
    for (text, characters_max, field, refusal) in limits {
        if text.chars().count() > characters_max {
            return Err(Rejection::error(
                "PID",
                field,
                ErrorCode::DataTypeError,
                refusal,
            ));
        }
    }
    Ok(())
}

fn save_customer(patient: &PatientState, context: &Context<'_>) -> WorkItem {
    WorkItem {
        lane: context.lane("ledger", "customer", &patient.mrn),
        origin: context.origin.to_owned(),
        work: Work::SaveCustomer {
            facility: context.tenant.to_owned(),
            customer: customer(patient),
        },
    }
}

fn put_patient(patient: &PatientState, context: &Context<'_>) -> Result<WorkItem, Rejection> {
    let link = |kind: &str, mrn: &String| fhir::PatientLink {
        kind: kind.to_owned(),
        other: context.patient(mrn),
    };
    let links = patient
        .merged_into
        .iter()
        .map(|survivor| link("replaced-by", survivor))
        .chain(
            patient
                .replaces
                .iter()
                .map(|retired| link("replaces", retired)),
        );
    let retired =
        patient.merged_into.is_some() && !context.defects.has(Defect::MergeKeepsBothActive);
    let telecom = patient
        .home_telecom
        .iter()
        .chain(&patient.work_telecom)
        .map(|telecom| fhir::ContactPoint {
            system: Some(telecom.system.clone()),
            value: telecom.value.clone(),
            purpose: Some(telecom.purpose.clone()),
        });
    let gender = match patient.gender.as_deref() {
        Some("male") if context.defects.has(Defect::WrongSex) => Some("female".to_owned()),
        Some("female") if context.defects.has(Defect::WrongSex) => Some("male".to_owned()),
        _ => patient.gender.clone(),
    };
    let birth_date = patient
        .birth_date
        .clone()
        .map(|written| match written.parse::<Date>() {
            Ok(date) if context.defects.has(Defect::BirthDateSlip) => date
                .yesterday()
                .map_or(written, |slipped| slipped.to_string()),
            _ => written,
        });
    let body = fhir::patient(&fhir::PatientFacts {
        id: None,
        identifiers: vec![context.identifier("mrn", &patient.mrn)],
        active: Some(!retired),
        family: patient.family.clone(),
        given: patient.given.clone(),
        gender,
        birth_date,
        address: patient.address.clone().map(|address| fhir::Address {
            lines: address.lines,
            city: address.city,
            state: address.state,
            postal_code: address.postal_code,
            country: address.country,
        }),
        telecom: telecom.collect(),
        links: links.collect(),
    })
    .map_err(|_| {
        Rejection::error(
            "PID",
            0,
            ErrorCode::DataTypeError,
            "patient identification is not valid",
        )
    })?;
    Ok(WorkItem {
        lane: context.lane("ehr", "patient", &patient.mrn),
        origin: context.origin.to_owned(),
        work: Work::PutResource {
            resource_type: "Patient".to_owned(),
            system: context.system("mrn"),
            value: patient.mrn.clone(),
            body,
        },
    })
}

#[cfg(test)]
mod tests;
