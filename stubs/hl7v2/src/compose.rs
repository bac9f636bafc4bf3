//! A message out of the body of a `send`, and the check of that body before anything runs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use wardgate_contract::{Finding, Node, Template, Value, template::Piece};
use wardgate_core::{
    bindings::{Bindings, Bound},
    port::Names,
};
use wardgate_expression::Json;
use wardgate_stub_kit::lint;

use crate::{
    charset::{Charset, UnknownCharset},
    delimiters::Delimiters,
    escape,
    guide::SEND_KEYS,
    lint as structure_lint,
    message::Message,
    render, sending,
};

/// What stands for a value that is not known before a case runs: a character for private use, which no one writes.
const TOKEN: &str = "\u{E000}";

/// Composes the payload of a frame.
pub(crate) fn compose(body: &Node, bindings: &Bindings) -> Result<Bytes, String> {
    let written = body
        .get("message")
        .and_then(Node::as_text)
        .ok_or("'message' is missing, or is no text")?;
    let mut filled = if is_single_value(written) {
        match whole(&bindings.fill_value(written.trim())?, bindings)? {
            Whole::Text(text) => with_carriage_returns(&text),
            Whole::Bytes(bytes) => return Ok(bytes.into()),
        }
    } else {
        let text = with_carriage_returns(written);
        let delimiters = delimiters_of(&text);
        bindings.fill_text(&text, &|value| {
            escape::encode(value, &delimiters).into_owned()
        })?
    };
    sending::fill(body, &mut filled)?;
    let charset = match body.get("charset").and_then(Node::as_text) {
        Some(name) => Charset::from_name(&bindings.fill_text(name, &str::to_owned)?)
            .map_err(|error| error.to_string())?,
        None => declared(&filled).unwrap_or(Charset::Utf8),
    };
    match charset {
        Charset::Utf8 => Ok(filled.into()),
        charset => charset
            .encode(&filled)
            .map(Bytes::from)
            .map_err(|error| error.to_string()),
    }
}

/// What a message that is one `${…}` turns out to be.
enum Whole {
    Text(String),
    Bytes(Vec<u8>),
}

/// A value that is a message as it stands. What a synthetic record says is never filled again; only its control ID and
/// its time are those of the attempt.
fn whole(bound: &Bound, bindings: &Bindings) -> Result<Whole, String> {
    if let Some(kind) = &bound.kind {
        let control_id = bindings.fill_text("${control_id}", &str::to_owned)?;
        let now = bindings.fill_text("${now|hl7}", &str::to_owned)?;
        return render::message_of_attempt(kind, &bound.value, &control_id, &now)
            .map(Whole::Text)
            .ok_or_else(|| format!("a {kind} has no HL7 v2 message of its own"));
    }
    if let Json::String(text) = &bound.value {
        return Ok(Whole::Text(text.clone()));
    }
    let encoded = bound.value.get("base64").and_then(Json::as_str).ok_or(
        "a whole message is a text, a synthetic record, or an object with its bytes as 'base64'",
    )?;
    STANDARD
        .decode(encoded)
        .map(Whole::Bytes)
        .map_err(|error| format!("'base64' cannot be decoded: {error}"))
}

/// The text with a carriage return at the end of every line, the last included.
fn with_carriage_returns(text: &str) -> String {
    let mut lines = text.replace("\r\n", "\r").replace('\n', "\r");
    if !lines.is_empty() && !lines.ends_with('\r') {
        lines.push('\r');
    }
    lines
}

/// The delimiters that the text declares; the usual ones where it declares none that can be used.
fn delimiters_of(text: &str) -> Delimiters {
    let header = text.split('\r').find(|line| !line.trim().is_empty());
    header
        .filter(|line| line.starts_with("MSH"))
        .and_then(|line| Delimiters::of_header(line.as_bytes()).ok())
        .unwrap_or_default()
}

/// What MSH-18 declares, where it is a character set that is spoken here.
fn declared(text: &str) -> Option<Charset> {
    let message = Message::parse(text.as_bytes()).ok()?;
    let name = message.header().segment().field(18)?.repetition(1)?;
    if name.is_absent() {
        return None;
    }
    Charset::from_name(&name.text()).ok()
}

fn is_single_value(text: &str) -> bool {
    Template::parse(text.trim()).is_ok_and(|template| template.is_single_value())
}

/// Checks the body of a `send`: its keys, its templates, and that its text is a message with what every message needs, in the shape
/// of its version.
pub(crate) fn check_send(body: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = lint::keys(body, SEND_KEYS);
    findings.extend(lint::templates(body, names));
    if let Some(node) = body.get("message") {
        match &node.value {
            Value::Scalar(scalar) => findings.extend(check_message(node, &scalar.text)),
            _ => findings.push(
                Finding::error(
                    "wrong-type",
                    node.span,
                    format!("'message' is a text, not {}", node.describe()),
                )
                .label("expected the segments of a message, one a line"),
            ),
        }
    }
    findings.extend(sending::check(body));
    if let Some(node) = body.get("charset") {
        findings.extend(check_charset(node));
    }
    findings
}

/// Checks a message under `given:`: a text, one segment a line, or a mapping with `text`.
pub(crate) fn check_record(record: &Node) -> Vec<Finding> {
    let node = record.get("text").unwrap_or(record);
    let Some(text) = node.as_text() else {
        let reason = format!(
            "a message is given as text, one segment a line, not as {}",
            record.describe()
        );
        return vec![lint::refused_record(record, &reason)];
    };
    // A template that does not read has been reported already.
    let Some(text) = with_tokens(text) else {
        return Vec::new();
    };
    match Message::parse(with_carriage_returns(&text).as_bytes()) {
        Ok(message) => structure_lint::structure(node, &message, TOKEN),
        Err(error) => vec![lint::refused_record(node, &error.to_string())],
    }
}

fn check_charset(node: &Node) -> Option<Finding> {
    let fault = match node.as_text() {
        Some(text) if text.contains("${") => return None,
        Some(text) => match Charset::from_name(text) {
            Ok(_) => return None,
            Err(UnknownCharset { name }) => {
                format!("'{name}' is no character set that is spoken here")
            }
        },
        None => format!("'charset' is a single value, not {}", node.describe()),
    };
    Some(
        Finding::error("bad-charset", node.span, fault)
            .label("expected a name such as 8859/1")
            .help("it is one of ASCII, 8859/1 to 8859/16, UNICODE UTF-8 and UNICODE UTF-16"),
    )
}

fn check_message(node: &Node, text: &str) -> Vec<Finding> {
    // A template that does not read has been reported already.
    let Some(text) = with_tokens(text) else {
        return Vec::new();
    };
    let text = with_carriage_returns(&text);
    let fault = |rule, message: String| Finding::error(rule, node.span, message);
    let message = match Message::parse(text.as_bytes()) {
        Ok(message) => message,
        Err(error) => {
            return vec![
                fault(
                    "bad-message",
                    format!("this is not an HL7 v2 message: {error}"),
                )
                .label("expected segments, one a line, MSH first"),
            ];
        }
    };
    let header = message.header().segment();
    let missing: Vec<_> = [
        (
            9,
            "the message type and trigger event, such as ADT^A04^ADT_A01",
        ),
        (10, "the control ID, such as ${control_id}"),
        (12, "the version, such as 2.5.1"),
    ]
    .into_iter()
    .filter(|(number, _)| header.field(*number).is_none_or(|field| field.is_absent()))
    .map(|(number, what)| {
        fault("missing-field", format!("MSH-{number} is empty: {what}"))
            .label(format!("expected MSH-{number}"))
            .help("a broken message is what the variation `malformed input` is for")
    })
    .collect();
    if missing.is_empty() {
        structure_lint::structure(node, &message, TOKEN)
    } else {
        missing
    }
}

/// The text with a word in place of each `${…}`; none where it cannot be read, or is one `${…}` as a whole.
fn with_tokens(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains("${") {
        return Some(Cow::Borrowed(text));
    }
    let template = Template::parse(text).ok()?;
    if is_single_value(text) {
        return None;
    }
    let pieces = template.segments().iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Reference(_) => TOKEN,
    });
    Some(Cow::Owned(pieces.collect()))
}
