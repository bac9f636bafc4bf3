//! A submitter, without a network.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Input, Moment, Protocol, Reaction, Stub, StubOptions},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::Json;
use wardgate_stub_x12::{Envelope, File, Interchange, X12, validate};
use wardgate_synth::Seed;

/// Two professional claims of one provider and payer: A00000001 over 300.5 and A00000002 over 75.
pub const CLAIMS: &str = include_str!("../fixtures/837p.x12");

/// A clearinghouse, and a submitter that talks to it.
pub struct Client {
    pub stub: Box<dyn Stub>,
    clock_ms: i64,
}

impl Client {
    /// A clearinghouse with these options.
    pub fn new(options: Json) -> Self {
        let options = StubOptions {
            partner: String::from("clearinghouse"),
            options,
            seed: Seed::from_u64(7),
        };
        Self {
            stub: X12.stub(&options).expect("the options are sound"),
            clock_ms: 0,
        }
    }

    fn now(&mut self) -> Moment {
        self.clock_ms += 10;
        Moment {
            elapsed: Duration::from_millis(self.clock_ms.unsigned_abs()),
            // 2026-03-01T09:30:00Z
            unix_ms: 1_772_357_400_000 + self.clock_ms,
        }
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: i64) {
        self.clock_ms += ms;
    }

    /// Sends a request and gives what came of it.
    pub fn send(&mut self, request: HttpRequest) -> (HttpResponse, Reaction) {
        let message = Message::Request(request);
        let input = Input::Message {
            channel: 1,
            message: &message,
            current: true,
        };
        let at = self.now();
        let mut reaction = self.stub.receive(at, input);
        let Action::Reply {
            message: Message::Response(response),
            ..
        } = reaction.actions.remove(0)
        else {
            panic!("no answer: {reaction:?}");
        };
        (response, reaction)
    }

    /// Posts an interchange and gives the status, what is answered and how much changed.
    pub fn post(&mut self, text: &str) -> (u16, String, usize) {
        let headers = [("content-type", "application/edi-x12")];
        let body = Bytes::copy_from_slice(text.as_bytes());
        let (response, reaction) = self.send(HttpRequest::new("POST", "/", &headers, body));
        let body = String::from_utf8(response.body().to_vec()).expect("it is text");
        if response.status() == 200 {
            assert_sound(&body);
        }
        (response.status(), body, reaction.effects.len())
    }

    /// What is there to be picked up; checked to be sound.
    pub fn pick_up(&mut self, target: &str) -> String {
        let (response, _) = self.send(HttpRequest::new("GET", target, &[], Bytes::new()));
        assert!(matches!(response.status(), 200 | 204), "{response:?}");
        let body = String::from_utf8(response.body().to_vec()).expect("it is text");
        assert_sound(&body);
        body
    }

    /// Lets it hold a record.
    pub fn give(&mut self, collection: &str, record: Json) -> Reaction {
        let control = Control::Seed {
            collection: collection.to_owned(),
            record,
        };
        let at = self.now();
        self.stub.receive(at, Input::Control(&control))
    }

    /// The records of a collection.
    pub fn held(&self, collection: &str) -> Vec<Json> {
        let held = self.stub.collection(collection).expect("it is known");
        held.iter().map(|held| held.record().into_owned()).collect()
    }
}

/// Every interchange that the clearinghouse writes passes the judgement of this crate.
pub fn assert_sound(text: &str) {
    if text.is_empty() {
        return;
    }
    let file = File::parse(text.as_bytes()).expect("it can be read");
    assert!(file.behind().is_empty(), "{text}");
    for interchange in file.interchanges() {
        let judged = validate::interchange(interchange);
        assert_eq!(judged.findings, [], "{text}");
        assert_eq!(judged.unknown, 0, "{text}");
    }
}

/// The segments of what is answered that begin so, in order.
pub fn segments(text: &str, prefix: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let file = File::parse(text.as_bytes()).expect("it can be read");
    let segments = file.interchanges().iter().flat_map(Interchange::segments);
    segments
        .map(|segment| String::from_utf8_lossy(segment.raw()).into_owned())
        .filter(|segment| segment.starts_with(prefix))
        .collect()
}

/// The kinds of the transaction sets in what is answered.
pub fn sets(text: &str) -> Vec<String> {
    let file = File::parse(text.as_bytes()).expect("it can be read");
    let sets = file.interchanges().iter().flat_map(|interchange| {
        let envelope = Envelope::read(interchange);
        let ta1 = envelope
            .acknowledgements
            .iter()
            .map(|_| String::from("TA1"));
        let sets = envelope.transactions().map(|(_, set)| set.id().to_owned());
        ta1.chain(sets).collect::<Vec<_>>()
    });
    sets.collect()
}

/// A member of a record as text.
pub fn text(record: &Json, name: &str) -> String {
    match record.get(name) {
        Some(Json::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// The claims under another interchange control number.
pub fn renumbered(text: &str, control: u32) -> String {
    text.replace("*000000001", &format!("*{control:09}"))
}

/// The first claim alone, as a replacement or void of another one.
pub fn again(control: u32, frequency: &str, original: &str, charge: &str) -> String {
    let end = CLAIMS.find("HL*3*1*22*1~").expect("it is there");
    let rest: f64 = charge.parse::<f64>().expect("it is a number") - 100.5;
    let claim = format!("11:B:{frequency}*Y*A*Y*Y~\nREF*F8*{original}~");
    let text = CLAIMS[..end]
        .replace("11:B:1*Y*A*Y*Y~", &claim)
        .replace("*300.5*", &format!("*{charge}*"))
        .replace("SV1*HC:80053*200*", &format!("SV1*HC:80053*{rest}*"));
    // SE counts itself, but neither ISA, whose component separator is no end, nor GS.
    let count = text.matches("~\n").count() - 2 + 1;
    let text = format!("{text}SE*{count}*0001~\nGE*1*1~\nIEA*1*000000001~\n");
    renumbered(&text, control)
}
