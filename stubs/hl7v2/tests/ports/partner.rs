//! A stub with a client at its only connection.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Input, Moment, Protocol, Reaction, Stub, StubOptions},
    wire::Message,
};
use wardgate_expression::Json;
use wardgate_stub_hl7v2::Hl7v2;
use wardgate_synth::Seed;

pub const CHANNEL: u32 = 3;

/// A good message, line ends as an author writes them.
pub const GOOD: &str = "MSH|^~\\&|PAS|HOSP|LAB|HOSP|20260704||ADT^A04^ADT_A01|CZ00000000001|P|2.5.1\n\
    EVN|A04|20260704\nPID|1||MZ1^^^HOSP^MR||Doe^Jane\nPV1|1|O\n";

pub struct Partner {
    pub stub: Box<dyn Stub>,
}

impl Partner {
    pub fn new(options: Json) -> Self {
        let options = StubOptions {
            partner: String::from("lab"),
            options,
            seed: Seed::from_u64(5),
        };
        let mut stub = Hl7v2.stub(&options).expect("the options are sound");
        stub.receive(moment(), Input::Connected { channel: CHANNEL });
        Self { stub }
    }

    pub fn receive(&mut self, text: &str) -> Reaction {
        self.receive_bytes(text.replace('\n', "\r").as_bytes())
    }

    pub fn receive_bytes(&mut self, payload: &[u8]) -> Reaction {
        let message = Message::Frame(Bytes::copy_from_slice(payload));
        self.stub.receive(
            moment(),
            Input::Message {
                channel: CHANNEL,
                message: &message,
                current: true,
            },
        )
    }

    pub fn tell(&mut self, control: &Control) -> Reaction {
        self.stub.receive(moment(), Input::Control(control))
    }

    pub fn kept(&self) -> Vec<String> {
        let held = self.stub.collection("messages").expect("it is known");
        held.iter().map(|held| held.id.to_owned()).collect()
    }
}

pub fn moment() -> Moment {
    Moment {
        elapsed: Duration::from_secs(1),
        // 2026-11-23T22:39:50.123Z
        unix_ms: 1_795_473_590_123,
    }
}

/// The payloads that a reaction answers with.
pub fn replies(reaction: &Reaction) -> Vec<String> {
    reaction
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Reply { message, .. } => {
                Some(String::from_utf8_lossy(message.content()).into_owned())
            }
            _ => None,
        })
        .collect()
}

/// `MSA-1 MSA-2` of each answer.
pub fn codes(reaction: &Reaction) -> Vec<String> {
    replies(reaction)
        .iter()
        .map(|reply| {
            let message = Message::Frame(Bytes::from(reply.clone()));
            let reading = Hl7v2.read(&message).expect("an answer reads");
            let text = |locator| {
                let values = reading.locate(locator).expect("a location");
                values
                    .first()
                    .and_then(Json::as_str)
                    .unwrap_or("-")
                    .to_owned()
            };
            format!("{} {}", text("MSA-1"), text("MSA-2"))
        })
        .collect()
}
