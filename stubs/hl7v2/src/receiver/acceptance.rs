//! What a careful receiver checks before it takes a message in.

use crate::{
    ack::{AckError, ErrorCode},
    message::Message,
    place::Place,
    selector::Selector,
    validate::{Finding, Rule, Severity, validate},
};

use super::options::{Options, Validate};

/// The message types of table 0076 (HL7 v2.5.1, appendix A), and those that later versions added.
const TYPES: &str = "ACK ADR ADT BAR BPS BRP BRT BTS CCF CCI CCM CCQ CCR CCU CQU CRM CSU DBC DBU DEL DEO DER DFT DOC DPR \
    DRC DRG DSR EAC EAN EAR EDR EHC EQQ ERP ESR ESU INR INU LSR LSU MCF MDM MFD MFK MFN MFQ MFR NMD NMQ NMR OMB OMD OMG \
    OMI OML OMN OMP OMQ OMS OPL OPR OPU ORA ORB ORD ORF ORG ORI ORL ORM ORN ORP ORR ORS ORU ORX OSM OSQ OSR OSU OUL PEX \
    PGL PIN PMU PPG PPP PPR PPT PPV PRR PTR QBP QCK QCN QRF QRY QSB QSX QVR RAR RAS RCI RCL RDE RDR RDS RDY REF RER RGR \
    RGV ROR RPA RPI RPL RPR RQA RQC RQI RQP RQQ RRA RRD RRE RRG RRI RSP RTB SCN SDN SDR SIU SLN SLR SMD SPQ SQM SQR SRM \
    SRR SSR SSU STC STI SUR TBR TCR TCU UDM VQQ VTQ VXQ VXR VXU VXX";

/// Table 0103: what a message is for.
const PROCESSING: &str = "D P T";
/// Table 0104: the versions of the standard.
const VERSIONS: &str =
    "2.0 2.0D 2.1 2.2 2.3 2.3.1 2.3.2 2.4 2.5 2.5.1 2.6 2.7 2.7.1 2.8 2.8.1 2.8.2 2.9 2.9.1";
/// Table 0155: when an acknowledgement is wanted.
const CONDITIONS: &str = "AL ER NE SU";

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Whether the message as such is not one for this receiver (AR, CR), rather than wrong in its content (AE, CE).
    pub is_reject: bool,
    /// What ERR says.
    pub error: Box<AckError>,
}

impl Refusal {
    /// A rejection that concerns one field of MSH.
    pub(super) fn header(field: usize, code: ErrorCode, text: &str) -> Self {
        Self {
            is_reject: true,
            error: Box::new(AckError {
                code,
                location: Some(Place::segment("MSH", 1).field(field)),
                text: text.to_owned(),
            }),
        }
    }

    /// A rejection of what is no message at all.
    pub(super) fn unreadable(text: String) -> Self {
        Self {
            is_reject: true,
            error: Box::new(AckError {
                code: ErrorCode::SegmentSequence,
                location: None,
                text,
            }),
        }
    }

    /// An error at the first place that breaks the structure of the version.
    fn structure(finding: &Finding) -> Self {
        let code = match finding.rule {
            Rule::MissingField | Rule::MissingComponent => ErrorCode::RequiredFieldMissing,
            Rule::WrongCode => ErrorCode::TableValueNotFound,
            Rule::UnknownStructure
            | Rule::WrongStructureName
            | Rule::MissingSegment
            | Rule::SegmentOutOfOrder
            | Rule::SegmentTooOften
            | Rule::SegmentNotInStructure => ErrorCode::SegmentSequence,
            Rule::FieldBeyond
            | Rule::Withdrawn
            | Rule::FieldTooOften
            | Rule::ComponentBeyond
            | Rule::WrongType
            | Rule::TooLong => ErrorCode::DataType,
        };
        Self {
            is_reject: false,
            error: Box::new(AckError {
                code,
                location: Some(finding.place.clone()),
                text: finding.to_string(),
            }),
        }
    }

    fn patient(field: Option<usize>, code: ErrorCode, text: &str) -> Self {
        let place = Place::segment("PID", 1);
        Self {
            is_reject: false,
            error: Box::new(AckError {
                code,
                location: Some(match field {
                    Some(field) => place.field(field),
                    None => place,
                }),
                text: text.to_owned(),
            }),
        }
    }
}

/// Checks what no receiver can do without: a header that says what the message is, text in its declared character
/// set, a message type that this receiver takes, and a patient with an identifier where there has to be one; and where the
/// options say so, that it follows the structure of its version.
pub(super) fn check(message: &Message<'_>, options: &Options) -> Result<(), Refusal> {
    let header = message.header();
    for (number, text) in [
        (9, "the message type is missing"),
        (10, "the control ID is missing"),
        (11, "the processing ID is missing"),
        (12, "the version ID is missing"),
    ] {
        let field = header.segment().field(number);
        if field.is_none_or(|field| field.is_absent()) {
            return Err(Refusal::header(
                number,
                ErrorCode::RequiredFieldMissing,
                text,
            ));
        }
    }
    if message.unknown_charset().is_some() {
        let text = "this character set is not spoken here";
        return Err(Refusal::header(18, ErrorCode::TableValueNotFound, text));
    }
    if message.first_undecodable().is_some() {
        let text = "the bytes are not of the declared character set";
        return Err(Refusal::header(18, ErrorCode::DataType, text));
    }
    check_tables(message)?;
    let message_type = header.message_type();
    let is_known = |name: &str| {
        TYPES.split_ascii_whitespace().any(|known| known == name)
            || options.types.iter().any(|known| known == name)
    };
    if !is_known(&message_type) {
        let text = "this message type is not taken here";
        return Err(Refusal::header(9, ErrorCode::UnsupportedMessageType, text));
    }
    let is_refused = |selector: &String| {
        Selector::parse(selector).is_ok_and(|selector| selector.selects(message))
    };
    if options.refuse.iter().any(is_refused) {
        let text = "this trigger event is not taken here";
        return Err(Refusal::header(9, ErrorCode::UnsupportedEventCode, text));
    }
    check_patient(message, &message_type)?;
    if options.validate == Validate::Structure {
        let findings = validate(message);
        let error = findings
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        if let Some(error) = error {
            return Err(Refusal::structure(error));
        }
    }
    Ok(())
}

/// The codes of MSH that come from closed HL7 tables: what is none of them is misspelt.
fn check_tables(message: &Message<'_>) -> Result<(), Refusal> {
    let header = message.header();
    let first = |number: usize| {
        let field = header.segment().field(number)?;
        field.component(1).map(|component| component.text())
    };
    for (number, known, code, text) in [
        (
            11,
            PROCESSING,
            ErrorCode::UnsupportedProcessingId,
            "the processing ID is none of table 0103",
        ),
        (
            12,
            VERSIONS,
            ErrorCode::UnsupportedVersionId,
            "the version ID is none of table 0104",
        ),
        (
            15,
            CONDITIONS,
            ErrorCode::TableValueNotFound,
            "the accept acknowledgment type is none of table 0155",
        ),
        (
            16,
            CONDITIONS,
            ErrorCode::TableValueNotFound,
            "the application acknowledgment type is none of table 0155",
        ),
    ] {
        let value = first(number).unwrap_or_default();
        let is_known = known.split_ascii_whitespace().any(|one| one == value);
        // That 11 and 12 have a value is asked before.
        if !is_known && !matches!(&*value, "" | "\"\"") {
            return Err(Refusal::header(number, code, text));
        }
    }
    Ok(())
}

fn check_patient(message: &Message<'_>, message_type: &str) -> Result<(), Refusal> {
    let Some(patient) = message.segment("PID") else {
        // A20 is about a bed, not about who lies in it.
        let is_needed = message_type == "DFT"
            || message_type == "ADT" && message.header().trigger_event() != "A20";
        return if is_needed {
            let text = "the patient identification is missing";
            Err(Refusal::patient(None, ErrorCode::SegmentSequence, text))
        } else {
            Ok(())
        };
    };
    if patient.field(3).is_none_or(|field| field.is_absent()) {
        let text = "the patient has no identifier";
        return Err(Refusal::patient(
            Some(3),
            ErrorCode::RequiredFieldMissing,
            text,
        ));
    }
    Ok(())
}
