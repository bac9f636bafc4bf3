//! A stub without a network: messages in, reactions out.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Input, Moment, Reaction, Stub, StubOptions},
    wire::{HttpRequest, Message},
};
use wardgate_expression::Json;
use wardgate_synth::Seed;

/// A stub of this protocol with these options.
pub fn stub(protocol: &str, options: Json) -> Box<dyn Stub> {
    let catalog = wardgate_stub_catalog::catalog();
    let protocol = catalog.get(protocol).expect("the catalog has it");
    protocol
        .stub(&StubOptions {
            partner: String::from("partner"),
            options,
            seed: Seed::from_u64(7),
        })
        .expect("the options are sound")
}

/// A request; a body is JSON.
pub fn request(method: &str, target: &str, body: &str) -> Message {
    let host = ("host", "partner.example");
    let json = ("content-type", "application/json");
    let headers: &[(&str, &str)] = if body.is_empty() {
        &[host]
    } else {
        &[host, json]
    };
    Message::Request(HttpRequest::new(
        method,
        target,
        headers,
        Bytes::copy_from_slice(body.as_bytes()),
    ))
}

/// What a stub does about a message.
pub fn receive(stub: &mut dyn Stub, message: &Message) -> Reaction {
    let at = Moment {
        elapsed: Duration::from_secs(1),
        // 2026-03-01T09:30:00Z
        unix_ms: 1_772_357_400_000,
    };
    let input = Input::Message {
        channel: 1,
        message,
        current: true,
    };
    stub.receive(at, input)
}
