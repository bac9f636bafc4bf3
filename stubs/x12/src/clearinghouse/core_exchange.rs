//! Interchanges in CORE envelopes: answered at once in real time, picked up in batch (CAQH CORE Connectivity Rule
//! vC2.2.0, section 4.2.1).

use wardgate_core::{
    port::{Effect, Moment},
    wire::HttpResponse,
};

use super::journal::Answered;
use super::server::{Clearinghouse, picked_up};
use crate::contract::wants_results;
use crate::core_rule::{self, CoreEnvelope};

impl Clearinghouse {
    /// A CORE envelope: in real time it is answered at once, in batch the answers are picked up (CORE Connectivity
    /// Rule, section 4.2.1). What is wrong with the envelope is told by its ErrorCode.
    pub(super) fn core(
        &mut self,
        at: Moment,
        envelope: &CoreEnvelope,
    ) -> (HttpResponse, Vec<Effect>) {
        let refuse = |code: &str, message: &str| {
            (
                answer(at, envelope, "CoreEnvelopeError", (code, message), None),
                Vec::new(),
            )
        };
        if let Some(missing) = envelope.missing() {
            return refuse(
                &format!("{missing}Required"),
                "the field is missing or empty",
            );
        }
        let is_batch = match envelope.field("ProcessingMode") {
            "RealTime" => false,
            "Batch" => true,
            _ => return refuse("ProcessingModeIllegal", "it is RealTime or Batch"),
        };
        let asked = envelope.field("PayloadType");
        if wants_results(asked) {
            return self.results(at, envelope, asked);
        }
        let Some(payload) = envelope.payload().filter(|payload| !payload.is_empty()) else {
            return refuse("PayloadRequired", "the envelope has no Payload");
        };
        let length = envelope.field("PayloadLength");
        if !length.is_empty() && length != payload.len().to_string() {
            return refuse("PayloadLengthIllegal", "the Payload has another length");
        }
        let intake = match self.take_in(at, payload) {
            Ok(intake) => intake,
            Err(reason) => return refuse("PayloadIllegal", &reason),
        };
        let is_lost = self.is_lost(&intake);
        if is_batch {
            if !intake.effects.is_empty() {
                self.post(at, &intake, |kind| !is_lost || kind == "277CA");
            }
            let response = answer(at, envelope, "X12_BatchReceiptConfirmation", SUCCESS, None);
            return (response, intake.effects);
        }
        let parts: Vec<_> = intake.answers.iter().flat_map(Answered::parts).collect();
        let kind = parts.last().map_or("999", |(kind, _)| *kind);
        let body: Vec<u8> = parts.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
        let body = (!is_lost && !body.is_empty()).then_some(body);
        let response = answer(at, envelope, payload_type(kind), SUCCESS, body.as_deref());
        (response, intake.effects)
    }

    /// A CORE request for batch results.
    fn results(
        &mut self,
        at: Moment,
        envelope: &CoreEnvelope,
        asked: &str,
    ) -> (HttpResponse, Vec<Effect>) {
        let kinds = ["277CA", "835", "271", "277", "999", "TA1"];
        let kind = kinds
            .into_iter()
            .find(|kind| asked.split(['_', '.']).any(|word| word == *kind));
        let submitter = envelope.field("SenderID");
        let (picked, first) = self.outbox.pick_up(at, submitter, kind, false);
        if picked.is_empty() {
            let none = "X12_005010_Response_NoBatchResultsFile";
            return (answer(at, envelope, none, SUCCESS, None), Vec::new());
        }
        let body = picked.concat();
        let response = answer(
            at,
            envelope,
            payload_type(kind.unwrap_or("835")),
            SUCCESS,
            Some(&body),
        );
        (response, picked_up(submitter, first))
    }
}

/// No error: ErrorCode and ErrorMessage.
const SUCCESS: (&str, &str) = ("Success", "");

/// The CORE payload type of an answer of this kind.
fn payload_type(kind: &str) -> &'static str {
    match kind {
        "TA1" => "X12_TA1_Response_00501X231A1",
        "271" => "X12_271_Response_005010X279A1",
        "277" => "X12_277_Response_005010X212",
        "277CA" => "X12_277CA_Response_005010X214",
        "835" => "X12_835_Response_005010X221A1",
        _ => "X12_999_Response_005010X231A1",
    }
}

/// The answer to a CORE envelope: its sender is the receiver of the request, its PayloadID the same.
fn answer(
    at: Moment,
    asked: &CoreEnvelope,
    payload_type: &str,
    error: (&str, &str),
    payload: Option<&[u8]>,
) -> HttpResponse {
    let time = jiff::Timestamp::from_millisecond(at.unix_ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let or = |name: &str, other: &'static str| match asked.field(name) {
        "" => other.to_owned(),
        value => value.to_owned(),
    };
    let length = payload.map_or(0, <[u8]>::len).to_string();
    let fields = [
        ("PayloadType", payload_type.to_owned()),
        ("ProcessingMode", or("ProcessingMode", "RealTime")),
        ("PayloadID", or("PayloadID", "unknown")),
        ("PayloadLength", length),
        ("TimeStamp", time),
        ("SenderID", or("ReceiverID", "unknown")),
        ("ReceiverID", or("SenderID", "unknown")),
        ("CORERuleVersion", or("CORERuleVersion", "2.2.0")),
        ("ErrorCode", error.0.to_owned()),
        ("ErrorMessage", error.1.to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let (content_type, body) = core_rule::write(&fields, payload);
    HttpResponse::new(200, &[("content-type", &content_type)], body)
}
