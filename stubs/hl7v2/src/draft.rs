//! A first contract around one message that was found or recorded.
//!
//! What has to be new for each attempt becomes a template: the time, the control ID and the numbers of patient, visit,
//! order, appointment and charge. Who the patient is becomes the synthetic patient, and what else says so in the
//! segments of [`PERSONAL`] is left out. Free text (NTE, OBX-5) stays, for the author to read through.

use wardgate_core::port::{Draft, DraftRecord};
use wardgate_expression::Json;

use crate::{
    ack::{AckCode, AckMode},
    charset::Charset,
    compare,
    delimiters::Delimiters,
    element::Segment,
    message::Message,
};

/// What stands in a field instead of what was found.
enum Instead {
    /// This, whatever was there.
    Whole(&'static str),
    /// These components.
    Components(&'static [&'static str]),
    /// This in the first component of the first repetition, the others as they were. Other values than the first one
    /// at such a place get a number behind it.
    Identifier(&'static str),
}

use Instead::{Components, Identifier, Whole};

/// The name and kind of a record that templates use.
type Drawn = (&'static str, &'static str);

/// Fields and what replaces them, with the record that it is taken from.
const REPLACED: &[(&str, usize, Instead, Option<Drawn>)] = &[
    ("MSH", 7, Whole("${now|hl7}"), None),
    ("MSH", 10, Whole("${control_id}"), None),
    ("EVN", 2, Whole("${now|hl7}"), None),
    ("PID", 3, Identifier("${patient.mrn}"), PATIENT),
    (
        "PID",
        5,
        Components(&["${patient.family}", "${patient.given}"]),
        PATIENT,
    ),
    ("PID", 7, Whole("${patient.birth_date|hl7}"), PATIENT),
    ("PID", 8, Whole("${patient.sex|hl7}"), PATIENT),
    (
        "PID",
        11,
        Components(&[
            "${patient.street}",
            "",
            "${patient.city}",
            "${patient.state}",
            "${patient.postal_code}",
            "${patient.country}",
        ]),
        PATIENT,
    ),
    ("PID", 13, Whole("${patient.phone}"), PATIENT),
    ("PID", 18, Identifier("${patient.account}"), PATIENT),
    (
        "MRG",
        1,
        Identifier("${prior.mrn}"),
        Some(("prior", "patient")),
    ),
    (
        "PV1",
        19,
        Identifier("${visit.visit_number}"),
        Some(("visit", "encounter")),
    ),
    ("SCH", 1, Identifier("${appointment.placer}"), APPOINTMENT),
    ("SCH", 2, Identifier("${appointment.filler}"), APPOINTMENT),
    ("ORC", 2, Identifier("${order.order_number}"), ORDER),
    ("OBR", 2, Identifier("${order.order_number}"), ORDER),
    ("ORC", 3, Identifier("${order.filler_number}"), ORDER),
    ("OBR", 3, Identifier("${order.filler_number}"), ORDER),
    (
        "FT1",
        2,
        Identifier("${charge.charge_number}"),
        Some(("charge", "charge")),
    ),
];

const PATIENT: Option<Drawn> = Some(("patient", "patient"));
const APPOINTMENT: Option<Drawn> = Some(("appointment", "appointment"));
const ORDER: Option<Drawn> = Some(("order", "order"));

/// Fields that say who a person is, of the patient and of relatives, guarantors and insured persons.
const PERSONAL: &[(&str, &[usize])] = &[
    ("PID", &[2, 4, 6, 9, 12, 14, 19, 20, 21, 23]),
    ("MRG", &[2, 3, 4, 5, 6, 7]),
    ("PV1", &[50]),
    ("NK1", &[2, 4, 5, 6, 7, 16, 30, 31, 32, 33, 37]),
    ("GT1", &[2, 3, 4, 5, 6, 7, 8, 12, 16, 17, 18, 19]),
    ("IN1", &[16, 18, 19, 36, 49]),
    ("IN2", &[1, 2, 6, 8, 61]),
];

/// The workflow that a message type usually belongs to.
const WORKFLOWS: &[(&str, &[&str])] = &[
    ("registration", &["ADT"]),
    ("appointments", &["SIU", "SRM"]),
    ("lab", &["ORU", "OUL", "OML", "ORM", "OMG"]),
    ("medication", &["RDE", "RDS", "RAS", "RGV", "OMP"]),
    ("billing", &["DFT", "BAR"]),
];

/// The draft for a message; none for an acknowledgement and for what is no message.
pub(crate) fn draft(content: &[u8]) -> Option<Draft> {
    let (payload, more) = first_message(content);
    let found = Message::parse(payload).ok()?;
    if found.segment("MSA").is_some() {
        return None;
    }
    // From here on everything is text, and its bytes are UTF-8.
    let text = found.charset().decode(payload);
    let message = Message::parse(text.as_bytes()).ok()?;
    let mut writer = Writer::default();
    let lines: Vec<String> = message
        .segments()
        .map(|segment| writer.line(&message, segment))
        .collect();
    let message_type = message.header().message_type();
    let workflow = WORKFLOWS
        .iter()
        .find(|(_, types)| types.contains(&message_type.as_ref()))
        .map_or("messages", |(workflow, _)| workflow);
    Some(Draft {
        title: format!("an {} is accepted", compare::name(&message)),
        workflow,
        data: writer
            .data
            .into_iter()
            .map(|drawn| DraftRecord {
                condition: writable_in(found.charset()).filter(|_| Some(drawn) == PATIENT),
                ..DraftRecord::from(drawn)
            })
            .collect(),
        send: format!("message: {}{}", scalar(&lines), charset_line(&found)),
        reply: String::from("hl7v2: { MSA-1: AA, MSA-2: \"${control_id}\" }\n"),
        variations: &["duplicate delivery", "split frames", "malformed input"],
        remark: more.then_some("The file holds more than one message; this is the first."),
        identifiers: writer
            .seen
            .into_iter()
            .map(|(_, found)| found)
            .chain([message.header().control_id().into_owned()])
            .filter(|found| !found.is_empty())
            .collect(),
    })
}

/// The first message of a file, and whether there are more. Files come from logs and captures, so a byte order mark, blank
/// lines, the framing of MLLP and the wrapping of a batch are not the message's.
fn first_message(content: &[u8]) -> (&[u8], bool) {
    const AROUND: [u8; 5] = [0x0B, 0x1C, b'\r', b'\n', b' '];
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let ends = |at: usize| at == 0 || AROUND.contains(&content[at - 1]);
    let mut starts = memchr::memmem::find_iter(content, b"MSH").filter(|at| ends(*at));
    let wrapped = [b"FHS", b"BHS"]
        .iter()
        .any(|name| content.starts_with(*name));
    let begin = content
        .iter()
        .position(|byte| !AROUND.contains(byte))
        .unwrap_or(0);
    let Some(start) = starts.next().filter(|at| *at == begin || wrapped) else {
        return (content, false);
    };
    let next = starts.next();
    let end = next.unwrap_or(content.len());
    let mut message = &content[start..end];
    // What closes a batch is no segment of its last message.
    for trailer in [b"\rBTS", b"\nBTS", b"\rFTS", b"\nFTS"] {
        if let Some(at) = memchr::memmem::find(message, trailer).filter(|_| wrapped) {
            message = &message[..at];
        }
    }
    while let [rest @ .., 0x0B | 0x1C | b'\n' | b' '] = message {
        message = rest;
    }
    while let [rest @ .., b'\r', 0x1C] | [rest @ .., 0x1C, b'\r'] = message {
        message = rest;
    }
    (message, next.is_some())
}

/// What must be true of a patient whose name and address are to be written in a character set. The parts of ISO 8859
/// share no more than ASCII that could be said in a few words; the first is what most systems speak.
fn writable_in(charset: Charset) -> Option<&'static str> {
    match charset {
        Charset::Utf8 | Charset::Utf16Be | Charset::Utf16Le => None,
        Charset::Iso8859(1) => {
            Some("(family & given & street & city & state).matchesFull('[ -~\\u00A0-\\u00FF]*')")
        }
        Charset::Ascii | Charset::Iso8859(_) => {
            Some("(family & given & street & city & state).matchesFull('[ -~]*')")
        }
    }
}

/// The promise that a reply like this one makes: its code, and that it names the message where it does.
pub(crate) fn promise_of(written: &str, request: &[u8], reply: &[u8]) -> Option<String> {
    let code = compare::code(reply)?;
    let request = Message::parse(request).ok();
    let sent = request.as_ref().map(|found| found.header().control_id());
    let reply = Message::parse(reply).ok()?;
    let echoed = reply.segment("MSA")?.field(2).map(|field| field.text());
    let names_it = match (sent, echoed, control_id(written)) {
        (Some(sent), Some(echoed), Some(written)) if !sent.is_empty() && sent == echoed => {
            format!(", MSA-2: {}", Json::from(written))
        }
        _ => String::new(),
    };
    Some(format!("hl7v2: {{ MSA-1: {}{names_it} }}\n", code.as_str()))
}

/// MSH-10 of a message that is still to be filled: its templates may hold the field separator.
fn control_id(written: &str) -> Option<String> {
    let header = written.split(['\r', '\n']).next()?;
    let separator = header.strip_prefix("MSH")?.chars().next()?;
    let (mut fields, mut depth) = (vec![String::new()], 0_usize);
    let mut before = ' ';
    for character in header.chars() {
        match character {
            '{' if before == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = character;
        if character == separator && depth == 0 {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(character);
        }
    }
    fields.into_iter().nth(9).filter(|field| !field.is_empty())
}

/// The key `charset` where MSH-18 would not lead to the bytes that were found.
fn charset_line(found: &Message<'_>) -> String {
    let declared = found
        .header()
        .segment()
        .field(18)
        .and_then(|field| field.repetition(1))
        .and_then(|name| Charset::from_name(&name.text()).ok());
    match found.charset() {
        charset if declared == Some(charset) => String::new(),
        Charset::Utf8 if declared.is_none() => String::new(),
        charset => format!("charset: {}\n", charset.name()),
    }
}

/// The lines as a YAML block, or as one quoted text where they hold what a block cannot.
fn scalar(lines: &[String]) -> String {
    let is_plain = |line: &String| {
        !line.contains(|character: char| {
            character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
        })
    };
    if lines.iter().all(is_plain) {
        return format!("|\n  {}\n", lines.join("\n  "));
    }
    let mut text = Json::from(lines.join("\n")).to_string();
    // JSON leaves these as they are, and to YAML they are no characters of a text.
    for character in ('\u{7F}'..='\u{9F}').chain(['\u{2028}', '\u{2029}', '\u{FEFF}']) {
        if text.contains(character) {
            text = text.replace(character, &format!("\\u{:04X}", u32::from(character)));
        }
    }
    format!("{text}\n")
}

/// Writes the lines of a draft and remembers which records its templates use.
#[derive(Default)]
struct Writer {
    data: Vec<Drawn>,
    /// Each identifier that was found, by the template that stands for it.
    seen: Vec<(&'static str, String)>,
}

impl Writer {
    fn line(&mut self, message: &Message<'_>, segment: Segment<'_>) -> String {
        let delimiters = segment.delimiters();
        let separator = char::from(delimiters.field);
        let text = String::from_utf8_lossy(segment.raw());
        let mut parts: Vec<String> = text.split(separator).map(literal).collect();
        // The field separator is the first field of a header.
        let offset = usize::from(segment.is_header());
        let name = segment.name();
        for (_, numbers) in PERSONAL.iter().filter(|(known, _)| *known == name) {
            for number in *numbers {
                if let Some(part) = parts.get_mut(number - offset) {
                    part.clear();
                }
            }
        }
        let waits_for_none = AckMode::of(message) != AckMode::Original
            && !AckMode::of(message).wants(AckCode::ApplicationAccept);
        if name == "MSH" && waits_for_none {
            // A contract is about an answer, so the message asks for the usual one.
            for part in parts.iter_mut().skip(15 - offset).take(2) {
                part.clear();
            }
        }
        for (_, number, instead, record) in REPLACED.iter().filter(|(known, ..)| *known == name) {
            let Some(part) = parts
                .get_mut(number - offset)
                .filter(|part| !part.is_empty())
            else {
                continue;
            };
            *part = self.instead(instead, part, delimiters);
            if let Some(record) = record
                && !self.data.contains(record)
            {
                self.data.push(*record);
            }
        }
        parts.join(&separator.to_string())
    }

    fn instead(&mut self, instead: &Instead, found: &str, delimiters: Delimiters) -> String {
        let component = char::from(delimiters.component);
        match instead {
            Whole(template) => (*template).to_owned(),
            Components(templates) => templates.join(&component.to_string()),
            Identifier(template) => {
                let first = match delimiters.repetition {
                    Some(repetition) => found.split(char::from(repetition)).next(),
                    None => None,
                }
                .unwrap_or(found);
                let (identifier, rest) = match first.split_once(component) {
                    Some((identifier, rest)) => (identifier, format!("{component}{rest}")),
                    None => (first, String::new()),
                };
                format!("{}{rest}", self.numbered(template, identifier))
            }
        }
    }

    fn numbered(&mut self, template: &'static str, identifier: &str) -> String {
        let known = self.seen.iter().filter(|(known, _)| *known == template);
        let position = known.clone().position(|(_, value)| value == identifier);
        let number = position.unwrap_or_else(|| known.count()) + 1;
        if position.is_none() {
            self.seen.push((template, identifier.to_owned()));
        }
        if number == 1 {
            template.to_owned()
        } else {
            format!("{template}-{number}")
        }
    }
}

/// Text that was found, so that nothing in it reads as a template.
fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: &str = "MSH|^~\\&|PAS|H|HUB|H|20200101||ORU^R01^ORU_R01|1|P|2.5.1\r\
        PID|1|OLD|77^^^H^MR~9^^^^SS||Real^Person^X||19800101|F|Alias||1 Street^^Town||555|666||||A1^^^H|123\r\
        PV1|1|O|||||||||||||||||V9^^^H\r\
        ORC|RE|O1|F1\rOBR|1|O1|F1|WBC\rOBX|1|NM|WBC||${7.5}\rORC|RE|O2|F2\rOBR|2|O2|F2|HGB\r\
        NK1|1|Real^Mother|MTH|1 Street\r";

    fn send(found: &str) -> String {
        draft(found.as_bytes()).unwrap().send
    }

    #[test]
    fn what_is_new_each_time_is_a_template_and_nobody_real_is_left() {
        let draft = draft(FOUND.as_bytes()).unwrap();
        assert_eq!(
            (draft.title.as_str(), draft.workflow),
            ("an ORU^R01 is accepted", "lab")
        );
        assert_eq!(
            draft.send,
            "message: |\n  \
             MSH|^~\\&|PAS|H|HUB|H|${now|hl7}||ORU^R01^ORU_R01|${control_id}|P|2.5.1\n  \
             PID|1||${patient.mrn}^^^H^MR||${patient.family}^${patient.given}||${patient.birth_date|hl7}|${patient.sex|hl7}|||\
             ${patient.street}^^${patient.city}^${patient.state}^${patient.postal_code}^${patient.country}||${patient.phone}|||||\
             ${patient.account}^^^H|\n  \
             PV1|1|O|||||||||||||||||${visit.visit_number}^^^H\n  \
             ORC|RE|${order.order_number}|${order.filler_number}\n  \
             OBR|1|${order.order_number}|${order.filler_number}|WBC\n  \
             OBX|1|NM|WBC||$${7.5}\n  \
             ORC|RE|${order.order_number}-2|${order.filler_number}-2\n  \
             OBR|2|${order.order_number}-2|${order.filler_number}-2|HGB\n  \
             NK1|1||MTH|\n"
        );
        assert_eq!(
            draft.data,
            [
                ("patient", "patient"),
                ("visit", "encounter"),
                ("order", "order")
            ]
            .map(DraftRecord::from)
        );
    }

    #[test]
    fn the_bytes_stay_in_their_character_set() {
        let header = "MSH|^~\\&|A|B|C|D|1||ADT^A04|1|P|2.5||||||";
        let found = |declared: &str, name: &[u8]| {
            let raw = [
                header.as_bytes(),
                declared.as_bytes(),
                b"\rZNM|",
                name,
                b"\r",
            ]
            .concat();
            draft(&raw).unwrap().send
        };
        assert!(found("", b"Ren\xE9").ends_with("ZNM|René\ncharset: 8859/1\n"));
        for declared in ["8859/1", "8859/1~UNICODE"] {
            assert!(found(declared, b"Ren\xE9").ends_with("ZNM|René\n"));
        }
        assert!(found("", "René".as_bytes()).ends_with("ZNM|René\n"));
        assert!(found("BIG-5", b"Ren\xE9").ends_with("charset: 8859/1\n"));
    }

    #[test]
    fn what_a_block_cannot_hold_is_quoted() {
        let found = "MSH|^~\\&|A|B|C|D|1||ADT^A04|1|P|2.5\rZNM|a\u{1}b\u{85}c\u{2028}d\"e\r";
        let send = send(found);
        assert!(
            send.ends_with("\\nZNM|a\\u0001b\\u0085c\\u2028d\\\"e\"\n"),
            "{send}"
        );
    }

    #[test]
    fn a_message_that_asks_for_no_answer_is_made_to_ask() {
        let found = |conditions: &str| {
            send(&format!(
                "MSH|^~\\&|A|B|C|D|1||ADT^A04|1|P|2.5|||{conditions}\rZNM|a\r"
            ))
        };
        assert!(found("AL|NE").contains("|2.5||||\n"), "{}", found("AL|NE"));
        assert!(found("AL|AL").contains("|2.5|||AL|AL\n"));
    }

    #[test]
    fn a_reply_is_promised_as_it_came() {
        let request = b"MSH|^~\\&|A|B|C|D|1||ADT^A04|X-7|P|2.5\r";
        let reply = |msa: &str| format!("MSH|^~\\&|C|D|A|B|1||ACK|9|P|2.5\r{msa}\r").into_bytes();
        let written = "MSH|^~\\&|A|B|C|D|${now|hl7}||ADT^A04|X-${control_id}|P|2.5\nZZZ|1\n";
        let promise = |written: &str, msa: &str| promise_of(written, request, &reply(msa));
        for (written, msa, expected) in [
            (
                written,
                "MSA|AE|X-7",
                "hl7v2: { MSA-1: AE, MSA-2: \"X-${control_id}\" }\n",
            ),
            (written, "MSA|AR", "hl7v2: { MSA-1: AR }\n"),
            ("${m}", "MSA|AA|X-7", "hl7v2: { MSA-1: AA }\n"),
        ] {
            assert_eq!(promise(written, msa).as_deref(), Some(expected), "{msa}");
        }
        assert_eq!(promise(written, "MSA|XX|X-7"), None);
    }

    #[test]
    fn what_stands_around_the_first_message_of_a_file_is_left_out() {
        let message = "MSH|^~\\&|A|B|C|D|1||ADT^A04|1|P|2.5\rZNM|a\r";
        let plain = draft(message.as_bytes()).unwrap();
        assert_eq!(plain.remark, None);
        for (before, after, more) in [
            ("\u{FEFF}", "", false),
            ("\n\n", "\n", false),
            ("\u{B}", "\u{1C}\r", false),
            ("\u{B}", "\u{1C}\r\n", false),
            ("", message, true),
            ("\u{B}", "\u{1C}\r\u{B}MSH|^~\\&|", true),
            ("FHS|^~\\&|A\rBHS|^~\\&|A\r", "BTS|1\rFTS|1\r", false),
        ] {
            let found = draft(format!("{before}{message}{after}").as_bytes());
            let found = found.unwrap_or_else(|| panic!("{before:?} {after:?}"));
            assert_eq!(found.send, plain.send, "{before:?} {after:?}");
            assert_eq!(found.remark.is_some(), more, "{before:?} {after:?}");
        }
    }

    #[test]
    fn there_is_none_around_other_content() {
        assert!(draft(b"{}").is_none());
        assert!(draft(b"MSH|^~\\&|A|B|C|D|1||ACK|1|P|2.5\rMSA|AA|1\r").is_none());
    }
}
