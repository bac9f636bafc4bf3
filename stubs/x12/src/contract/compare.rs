//! Identities, refusals and the comparison of replies.

use wardgate_core::{
    verdict::{Mismatch, MismatchKind},
    wire::Message,
};
use wardgate_stub_kit::http;

use super::{payload, selector};
use crate::interchange::{File, Interchange};

/// A message and its retry carry the same interchanges to the same place; what a CORE envelope says around them may
/// differ.
pub(crate) fn identity(message: &Message) -> Vec<u8> {
    match message {
        Message::Request(request) => {
            let mut identity = format!("{} {}\n", request.method(), request.target()).into_bytes();
            let bytes = payload::of(message);
            if bytes.is_empty() {
                identity.extend_from_slice(selector::label(message).as_bytes());
            }
            identity.extend_from_slice(&bytes);
            identity
        }
        _ => http::identity(message),
    }
}

/// The codes that say what became of what was sent: TA104, IK501, AK901, STC01 and AAA03, in order.
fn outcomes(message: &Message) -> Vec<(String, String)> {
    let bytes = payload::of(message);
    let Ok(file) = File::parse(&bytes) else {
        return Vec::new();
    };
    let segments = file.interchanges().iter().flat_map(Interchange::segments);
    let mut outcomes = Vec::new();
    for segment in segments {
        let element = match segment.id() {
            "TA1" => 4,
            "IK5" | "AK9" | "STC" => 1,
            "AAA" => 3,
            _ => continue,
        };
        let text = segment.text(element).unwrap_or_default().to_owned();
        outcomes.push((format!("{}-{element:02}", segment.id()), text));
    }
    outcomes
}

/// Whether a reply refuses what was sent: by its status, TA104 R or AK901 R.
pub(crate) fn is_refusal(reply: &Message) -> bool {
    http::is_refusal(reply)
        || outcomes(reply)
            .iter()
            .any(|(at, code)| matches!(at.as_str(), "TA1-04" | "AK9-01") && code == "R")
}

/// How two replies differ in status and in the codes that say what became of what was sent. Their control numbers and
/// times are theirs.
pub(crate) fn compare_replies(first: &Message, second: &Message) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut compare = |at: &str, one: String, other: String| {
        if one != other {
            mismatches.push(Mismatch {
                kind: MismatchKind::Unequal,
                at: at.to_owned(),
                expected: one,
                actual: other,
            });
        }
    };
    if let (Message::Response(one), Message::Response(other)) = (first, second) {
        compare(
            "status",
            one.status().to_string(),
            other.status().to_string(),
        );
    }
    let (one, other) = (outcomes(first), outcomes(second));
    for index in 0..one.len().max(other.len()) {
        let at = one.get(index).or(other.get(index));
        let at = at.map_or("", |(at, _)| at.as_str());
        let shown = |outcome: Option<&(String, String)>| {
            outcome.map_or_else(
                || String::from("nothing"),
                |(at, code)| format!("{at} {code}"),
            )
        };
        compare(at, shown(one.get(index)), shown(other.get(index)));
    }
    mismatches
}
