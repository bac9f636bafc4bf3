//! A request out of the body of a `send`, and the check of that body before anything runs.
//!
//! The interchange is written one segment a line, with its terminators. What its envelope leaves empty is filled in:
//! the padding of ISA, date and time (ISA09, ISA10, GS04, GS05), the control numbers of ISA and IEA, and the counts of
//! SE, GE and IEA. Line ends are taken out, unless they are the terminator.

use std::cell::Cell;

use bytes::Bytes;
use wardgate_contract::{Finding, Node, Template};
use wardgate_core::{
    bindings::{Bindings, plain},
    port::Names,
    wire::{HttpRequest, Message},
};
use wardgate_expression::Json;
use wardgate_stub_kit::lint;

use super::words::SEND_KEYS;
use crate::{core_rule, delimiters::Delimiters, interchange::File};

/// The media type of an interchange (RFC 1767).
pub(crate) const MEDIA_TYPE: &str = "application/edi-x12";

/// What the envelope's own elements are, padded: their lengths in ISA (TR3 appendix C.1).
const LENGTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// Composes the request.
pub(crate) fn compose(body: &Node, bindings: &Bindings) -> Result<Message, String> {
    let written = body
        .get("interchange")
        .and_then(Node::as_text)
        .ok_or("'interchange' is missing, or is no text")?;
    let payload = interchange(written, bindings)?;
    let text = |name: &str| -> Result<Option<String>, String> {
        let node = body.get(name).filter(|node| !node.is_null());
        node.and_then(Node::as_text)
            .map(|text| bindings.fill_text(text, &str::to_owned))
            .transpose()
    };
    let path = text("path")?.unwrap_or_else(|| String::from("/"));
    let (media_type, content) = match body.get("core").filter(|node| !node.is_null()) {
        Some(core) => envelope(core, &payload, bindings)?,
        None => (MEDIA_TYPE.to_owned(), Bytes::from(payload)),
    };
    let mut headers = vec![(String::from("content-type"), media_type)];
    let members = body.get("headers").and_then(Node::as_mapping);
    for (name, value) in members.unwrap_or_default() {
        let value = value.as_text().unwrap_or_default();
        let value = bindings.fill_text(value, &str::to_owned)?;
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name.value));
        if !value.is_empty() {
            headers.push((name.value.clone(), value));
        }
    }
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(Message::Request(HttpRequest::new(
        "POST", &path, &headers, content,
    )))
}

/// The CORE envelope around an interchange: what is not given is filled in.
fn envelope(core: &Node, payload: &[u8], bindings: &Bindings) -> Result<(String, Bytes), String> {
    let now = bindings.now();
    let id = bindings.fill_text("${control_id}", &str::to_owned)?;
    let mut fields = vec![
        (String::from("PayloadType"), String::new()),
        (String::from("ProcessingMode"), String::from("RealTime")),
        (String::from("PayloadID"), id),
        (String::from("PayloadLength"), payload.len().to_string()),
        (String::from("TimeStamp"), now),
        (String::from("SenderID"), String::from("SENDER")),
        (String::from("ReceiverID"), String::from("RECEIVER")),
        (String::from("CORERuleVersion"), String::from("2.2.0")),
    ];
    for (name, value) in core.as_mapping().unwrap_or_default() {
        let value = bindings.fill_text(value.as_text().unwrap_or_default(), &str::to_owned)?;
        match fields.iter_mut().find(|(known, _)| *known == name.value) {
            Some((_, known)) => *known = value,
            None => fields.push((name.value.clone(), value)),
        }
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(core_rule::write(&fields, Some(payload)))
}

/// The bytes of the interchange, every template filled.
fn interchange(written: &str, bindings: &Bindings) -> Result<Vec<u8>, String> {
    let is_whole = Template::parse(written.trim()).is_ok_and(|it| it.is_single_value());
    let text = if is_whole {
        match bindings.fill_value(written.trim())?.value {
            Json::String(text) => text,
            value => return Err(format!("an interchange is a text, not {}", plain(&value))),
        }
    } else {
        let delimiters = delimiters_of(written);
        let bad = Cell::new(None);
        let filled = bindings.fill_text(written, &|value| {
            let found = value
                .bytes()
                .find(|byte| delimiters.contains(*byte) || byte.is_ascii_control());
            bad.set(bad.get().or(found));
            value.to_owned()
        })?;
        if let Some(byte) = bad.get() {
            return Err(format!(
                "a value holds {:?}, a delimiter of this interchange: X12 has no way to write it",
                char::from(byte)
            ));
        }
        filled
    };
    let now = bindings.now();
    let id = bindings.fill_text("${control_id}", &str::to_owned)?;
    Ok(complete(&text, &now, control_number(&id)).into_bytes())
}

/// The delimiters that a text declares at its places or by its separators; the usual ones where they cannot be told
/// before it is filled.
fn delimiters_of(text: &str) -> Delimiters {
    let line = text.trim_start().lines().next().unwrap_or_default();
    let line = format!("{line}\n");
    File::parse(line.as_bytes())
        .ok()
        .and_then(|file| Some(file.interchanges().first()?.delimiters()))
        .unwrap_or_default()
}

/// Nine digits that follow from an identifier: another for each attempt (FNV-1a).
fn control_number(id: &str) -> u32 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u32::try_from(hash % 899_999_999).unwrap_or(0) + 100_000_000
}

/// Fills in what the envelope leaves empty. What is no interchange stays as it is.
fn complete(text: &str, now: &str, control_number: u32) -> String {
    let text = text.trim_start();
    let Ok(file) = File::parse(text.as_bytes()) else {
        return text.to_owned();
    };
    let Some(delimiters) = file
        .interchanges()
        .first()
        .map(crate::Interchange::delimiters)
    else {
        return text.to_owned();
    };
    let element = char::from(delimiters.element);
    let terminator = char::from(delimiters.terminator);
    let is_line = matches!(terminator, '\n' | '\r');
    let digits: String = now.chars().filter(char::is_ascii_digit).collect();
    let date = digits.get(..8).unwrap_or_default();
    let time = digits.get(8..12).unwrap_or_default();
    let control = format!("{control_number:09}");
    let mut out = String::with_capacity(text.len() + 128);
    let (mut segments, mut sets, mut groups) = (0_usize, 0_usize, 0_usize);
    let mut first_control = control.clone();
    for line in text.split_inclusive(terminator) {
        let body = line.trim_end_matches(terminator);
        let body = if is_line {
            body.trim_matches(['\r', '\n'])
        } else {
            body.trim()
        };
        if body.is_empty() {
            continue;
        }
        segments += 1;
        let mut values: Vec<String> = body.split(element).map(str::to_owned).collect();
        let mut fill_in = |place: usize, value: &str| {
            if let Some(found) = values
                .get_mut(place)
                .filter(|found| found.trim().is_empty())
            {
                value.clone_into(found);
            }
        };
        let id = body.split(element).next().unwrap_or_default();
        match id {
            "ISA" => {
                fill_in(9, date.get(2..).unwrap_or_default());
                fill_in(10, time);
                fill_in(13, &control);
                for (place, length) in LENGTHS.iter().enumerate() {
                    if let Some(found) = values.get_mut(place + 1) {
                        let missing = length.saturating_sub(found.chars().count());
                        found.push_str(&" ".repeat(missing));
                    }
                }
                first_control = values.get(13).cloned().unwrap_or_default();
                (sets, groups) = (0, 0);
            }
            "GS" => {
                groups += 1;
                sets = 0;
                fill_in(4, date);
                fill_in(5, time);
            }
            "ST" => {
                sets += 1;
                segments = 1;
            }
            "SE" => fill_in(1, &segments.to_string()),
            "GE" => fill_in(1, &sets.to_string()),
            "IEA" => {
                fill_in(1, &groups.to_string());
                fill_in(2, &first_control);
            }
            _ => {}
        }
        out.push_str(&values.join(&element.to_string()));
        if line.ends_with(terminator) {
            out.push(terminator);
        }
    }
    out
}

/// Checks the body of a `send`: its keys, its templates, and that its text begins an interchange.
pub(crate) fn check_send(body: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = lint::keys(body, &SEND_KEYS);
    findings.extend(lint::templates(body, names));
    findings.extend(lint::mappings(body, &["core", "headers"]));
    if let Some(node) = body.get("interchange") {
        match node.as_text() {
            None => findings.push(
                Finding::error("wrong-type", node.span, "an interchange is a text")
                    .label("expected segments, one a line"),
            ),
            Some(_) if lint::is_one_template(node) => {}
            Some(text) if !text.trim_start().starts_with("ISA") => findings.push(
                Finding::error("bad-interchange", node.span, "this is no interchange")
                    .label("expected ISA at its start"),
            ),
            Some(text) => {
                if let Err(error) = File::parse(text.trim_start().as_bytes()) {
                    findings.push(
                        Finding::error("bad-interchange", node.span, error.to_string())
                            .label("this interchange cannot be read"),
                    );
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{interchange::Interchange, validate};

    #[test]
    fn what_the_envelope_leaves_empty_is_filled_in() {
        let text = "ISA*00**00**ZZ*S*ZZ*R***^*00501**0*T*:~\nGS*HS*S*R***1*X*005010X279A1~\nST*270*0001*005010X279A1~\nBHT*0022*13*Q1*20260301*0930~\nHL*1**20*1~\nNM1*PR*2*PLAN*****PI*P1~\nHL*2*1*21*1~\nNM1*1P*2*CLINIC*****XX*1999999984~\nHL*3*2*22*0~\nNM1*IL*1*EXAMPLE*ADA****MI*M1~\nEQ*30~\nSE**0001~\nGE**1~\nIEA**~\n";
        let made = complete(text, "2026-03-01T09:30:00.000Z", 123_456_789);
        assert!(made.starts_with("ISA*00*          *00*          *ZZ*S              *ZZ*R              *260301*0930*^*00501*123456789*0*T*:~GS*HS*S*R*20260301*0930*"), "{made}");
        assert!(
            made.ends_with("SE*10*0001~GE*1*1~IEA*1*123456789~"),
            "{made}"
        );
        let interchange = Interchange::parse(made.as_bytes()).unwrap();
        let judged = validate::interchange(&interchange);
        assert!(
            judged
                .findings
                .iter()
                .all(|found| found.place.id != "ISA" && found.place.id != "SE"),
            "{:?}",
            judged.findings
        );
    }

    #[test]
    fn what_is_given_stays() {
        let text = include_str!("../../tests/fixtures/837p.x12");
        let made = complete(text, "2027-01-01T00:00:00Z", 5);
        assert_eq!(made, text.replace('\n', ""));
        assert_eq!(complete("no interchange", "", 5), "no interchange");
        assert_ne!(control_number("CZ1"), control_number("CZ2"));
    }
}
