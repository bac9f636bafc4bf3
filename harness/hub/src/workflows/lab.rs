//! Laboratory results: ORU^R01 becomes DiagnosticReports and Observations; a final result never goes back.

mod value;

use wardgate_fhir_types as fhir;

use self::value::{concept, fhir_time, interpretation, range, unit, value};
use super::{Context, mrn, required};
use crate::defect::Defect;
use crate::message::{Message, Repetition, Segment};
use crate::rejection::{ErrorCode, Rejection};
use crate::state::{Change, Decision, Effects, Known, ResultState, resolve};
use crate::work::{Work, WorkItem};

/// One OBR with the segments that belong to it.
struct Order<'a> {
    obr: Segment<'a>,
    occurrence: usize,
    orc: Option<Segment<'a>>,
    results: Vec<Observed<'a>>,
}

/// One OBX with its comments.
struct Observed<'a> {
    obx: Segment<'a>,
    occurrence: usize,
    notes: Vec<String>,
}

/// ORU^R01.
pub fn results(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let pid = required(message, "PID", "patient identification is missing")?;
    let (mrn, _) = resolve(known, context.tenant, &mrn(pid, 3, "PID", context)?)?;
    let orders = orders(message)?;
    let first_filler = orders.first().map(filler).transpose()?;
    let mut effects = Effects::default();
    for order in &orders {
        let own_filler = filler(order)?;
        let results_filler = match &first_filler {
            Some(first) if context.defects.has(Defect::ResultToWrongOrder) => first,
            _ => &own_filler,
        };
        report(
            order,
            &own_filler,
            results_filler,
            &mrn,
            context,
            known,
            &mut effects,
        )?;
    }
    Ok(effects)
}

/// Groups the segments: each OBR with the ORC before it and the OBX and NTE after it.
fn orders(message: &Message) -> Result<Vec<Order<'_>>, Rejection> {
    let mut orders: Vec<Order<'_>> = Vec::new();
    let (mut orc, mut order_count, mut result_count) = (None, 0, 0);
    for segment in message.segments() {
        match segment.name() {
            "ORC" => orc = Some(segment),
            "OBR" => {
                order_count += 1;
                orders.push(Order {
                    obr: segment,
                    occurrence: order_count,
                    orc: orc.take(),
                    results: Vec::new(),
                });
            }
            "OBX" => {
                result_count += 1;
                let Some(order) = orders.last_mut() else {
                    let text = "a result comes before its order";
                    return Err(Rejection::error(
                        "OBX",
                        0,
                        ErrorCode::RequiredFieldMissing,
                        text,
                    ));
                };
                order.results.push(Observed {
                    obx: segment,
                    occurrence: result_count,
                    notes: Vec::new(),
                });
            }
            "NTE" => {
                if let Some(observed) = orders.last_mut().and_then(|order| order.results.last_mut())
                {
                    observed
                        .notes
                        .extend(segment.repetitions(3).filter_map(Repetition::text));
                }
            }
            _ => {}
        }
    }
    if orders.is_empty() {
        return Err(Rejection::error(
            "OBR",
            0,
            ErrorCode::RequiredFieldMissing,
            "observation request is missing",
        ));
    }
    Ok(orders)
}

/// OBR-3, or ORC-3 where that is empty, or the placer's number where the filler gave none.
fn filler(order: &Order<'_>) -> Result<String, Rejection> {
    let from_orc = |field| order.orc.and_then(|orc| orc.value(field, 1));
    order
        .obr
        .value(3, 1)
        .or_else(|| from_orc(3))
        .or_else(|| placer(order))
        .ok_or(
            Rejection::error(
                "OBR",
                3,
                ErrorCode::RequiredFieldMissing,
                "order number is missing",
            )
            .at(order.occurrence),
        )
}

fn placer(order: &Order<'_>) -> Option<String> {
    order
        .obr
        .value(2, 1)
        .or_else(|| order.orc.and_then(|orc| orc.value(2, 1)))
}

/// The Observations of one order, then its DiagnosticReport.
fn report(
    order: &Order<'_>,
    own_filler: &str,
    results_filler: &str,
    mrn: &str,
    context: &Context<'_>,
    known: &dyn Known,
    effects: &mut Effects,
) -> Result<(), Rejection> {
    let at = |rejection: Rejection| rejection.at(order.occurrence);
    let report_status = order
        .obr
        .value(25, 1)
        .map(|code| report_status(&code))
        .transpose()
        .map_err(at)?;
    let based_on: Vec<fhir::Reference> = placer(order)
        .map(|placer| {
            fhir::Reference::logical(
                "ServiceRequest",
                context.identifier("placer-order", &placer),
            )
        })
        .into_iter()
        .collect();
    let effective = fhir_time(order.obr, 7, context.zone).map_err(|()| {
        at(Rejection::error(
            "OBR",
            7,
            ErrorCode::DataTypeError,
            "observation time is not a date",
        ))
    })?;
    let mut results = Vec::with_capacity(order.results.len());
    let mut all_final = true;
    for (index, observed) in order.results.iter().enumerate() {
        let read = observation(
            observed,
            index,
            results_filler,
            &based_on,
            effective.as_ref(),
            report_status,
            context,
        )
        .map_err(|rejection| rejection.at(observed.occurrence))?;
        let Read {
            identifier,
            mut facts,
        } = read;
        all_final &= rank(&facts.status) >= FINAL;
        facts.subject = Some(context.patient(mrn));
        results.push(fhir::Reference::logical(
            "Observation",
            context.identifier("result", &identifier),
        ));
        let body = fhir::observation(&facts).map_err(|_| {
            Rejection::error("OBX", 5, ErrorCode::DataTypeError, "result is not valid")
                .at(observed.occurrence)
        })?;
        put(
            "Observation",
            "result",
            &identifier,
            &facts.status,
            body,
            results_filler,
            context,
            known,
            effects,
        )?;
    }
    let code = concept(order.obr, 4, context).ok_or(at(Rejection::error(
        "OBR",
        4,
        ErrorCode::RequiredFieldMissing,
        "requested service is missing",
    )))?;
    let issued = fhir_time(order.obr, 22, context.zone).map_err(|()| {
        at(Rejection::error(
            "OBR",
            22,
            ErrorCode::DataTypeError,
            "report time is not a date",
        ))
    })?;
    let status = report_status.unwrap_or(if all_final { "final" } else { "preliminary" });
    let body = fhir::diagnostic_report(&fhir::DiagnosticReportFacts {
        identifiers: vec![context.identifier("order", own_filler)],
        based_on,
        status: status.to_owned(),
        code,
        subject: Some(context.patient(mrn)),
        effective,
        // A FHIR instant needs a time of day; a mere date says too little.
        issued: issued.filter(|issued| issued.contains('T')),
        results,
    })
    .map_err(|_| {
        at(Rejection::error(
            "OBR",
            0,
            ErrorCode::DataTypeError,
            "report is not valid",
        ))
    })?;
    put(
        "DiagnosticReport",
        "order",
        own_filler,
        status,
        body,
        own_filler,
        context,
        known,
        effects,
    )
}

/// Queues a resource unless a more final or newer one has been applied. A report and its results share the lane of their
/// order, so that no report comes before what it refers to.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one fact about the resource; a struct would name them twice"
)]
fn put(
    resource_type: &str,
    kind: &str,
    identifier: &str,
    status: &str,
    body: String,
    filler: &str,
    context: &Context<'_>,
    known: &dyn Known,
    effects: &mut Effects,
) -> Result<(), Rejection> {
    let key = format!("{}/{kind}/{identifier}", context.tenant);
    let state = ResultState {
        rank: rank(status),
        changed_at: context.sent_at,
    };
    let goes_back = known.result(&key)?.is_some_and(|held| {
        state.rank < held.rank.min(CORRECTED) && held.rank >= FINAL
            || state.rank == held.rank && state.changed_at < held.changed_at
            || state.rank < FINAL && held.rank < FINAL && state.changed_at < held.changed_at
    });
    if goes_back && !context.defects.has(Defect::PreliminaryOverwritesFinal) {
        return Ok(());
    }
    effects.changes.push(Change::Result { key, state });
    effects.work.push(WorkItem {
        lane: context.lane("ehr", "order", filler),
        origin: context.origin.to_owned(),
        work: Work::PutResource {
            resource_type: resource_type.to_owned(),
            system: context.system(kind),
            value: identifier.to_owned(),
            body,
        },
    });
    Ok(())
}

/// Rank of `final`.
const FINAL: u8 = 2;
/// Rank of everything that may follow a final result.
const CORRECTED: u8 = 3;

/// How final a FHIR status is. A lower rank never replaces one of at least [`FINAL`].
fn rank(status: &str) -> u8 {
    match status {
        "registered" | "unknown" => 0,
        "preliminary" | "partial" => 1,
        "final" => FINAL,
        _ => CORRECTED,
    }
}

/// HL7 table 0085 to FHIR observation status.
fn result_status(code: &str) -> Result<&'static str, Rejection> {
    match code {
        "F" | "U" => Ok("final"),
        "P" | "R" | "S" | "B" => Ok("preliminary"),
        "C" => Ok("corrected"),
        "D" | "W" => Ok("entered-in-error"),
        "X" => Ok("cancelled"),
        "I" | "O" | "N" => Ok("registered"),
        _ => Err(Rejection::error(
            "OBX",
            11,
            ErrorCode::TableValueNotFound,
            "result status is not in table 0085",
        )),
    }
}

/// HL7 table 0123 to FHIR diagnostic report status.
fn report_status(code: &str) -> Result<&'static str, Rejection> {
    match code {
        "F" => Ok("final"),
        "P" | "R" => Ok("preliminary"),
        "A" | "S" => Ok("partial"),
        "C" => Ok("corrected"),
        "X" => Ok("cancelled"),
        "I" | "O" => Ok("registered"),
        "Y" | "Z" => Ok("unknown"),
        _ => Err(Rejection::error(
            "OBR",
            25,
            ErrorCode::TableValueNotFound,
            "report status is not in table 0123",
        )),
    }
}

/// An observation and its identifier.
struct Read {
    identifier: String,
    facts: fhir::ObservationFacts,
}

fn observation(
    observed: &Observed<'_>,
    index: usize,
    filler: &str,
    based_on: &[fhir::Reference],
    report_effective: Option<&String>,
    report_status: Option<&'static str>,
    context: &Context<'_>,
) -> Result<Read, Rejection> {
    let obx = observed.obx;
    let code = concept(obx, 3, context).ok_or(Rejection::error(
        "OBX",
        3,
        ErrorCode::RequiredFieldMissing,
        "observation identifier is missing",
    ))?;
    let status = match obx.value(11, 1) {
        Some(code) => result_status(&code)?,
        None => match report_status {
            Some("partial") => "preliminary",
            Some(status) => status,
            None => {
                let text = "result status is missing";
                return Err(Rejection::error(
                    "OBX",
                    11,
                    ErrorCode::RequiredFieldMissing,
                    text,
                ));
            }
        },
    };
    let set_id = obx.value(1, 1).unwrap_or_else(|| (index + 1).to_string());
    let name = obx
        .value(3, 1)
        .or_else(|| obx.value(3, 2))
        .unwrap_or_default();
    let effective = fhir_time(obx, 14, context.zone).map_err(|()| {
        Rejection::error(
            "OBX",
            14,
            ErrorCode::DataTypeError,
            "observation time is not a date",
        )
    })?;
    let unit = unit(obx, context);
    let facts = fhir::ObservationFacts {
        identifiers: vec![],
        status: status.to_owned(),
        code,
        subject: None,
        based_on: based_on.to_vec(),
        effective: effective.or_else(|| report_effective.cloned()),
        value: value(obx, &unit, context)?,
        interpretation: obx.repetitions(8).filter_map(interpretation).collect(),
        reference_range: obx
            .repetitions(7)
            .next()
            .and_then(Repetition::text)
            .map(|text| range(&text, &unit)),
        notes: observed.notes.clone(),
    };
    // One panel may report the same test several times, told apart by the sub-ID alone (HL7 v2.5.1, chapter 7.4.2.4).
    let position = match obx.value(4, 1) {
        Some(sub_id) => format!("{set_id}.{sub_id}"),
        None => set_id,
    };
    let identifier = format!("{filler}-{position}-{name}");
    let identifiers = vec![context.identifier("result", &identifier)];
    Ok(Read {
        identifier,
        facts: fhir::ObservationFacts {
            identifiers,
            ..facts
        },
    })
}

#[cfg(test)]
mod tests;
