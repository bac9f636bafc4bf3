//! A client of the pure stub: requests in, responses out, no socket in between.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Effect, Input, Moment, Protocol as _, Reaction, Stub, StubOptions},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::Json;
use wardgate_stub_fhir::Fhir;
use wardgate_synth::Seed;

/// 2026-11-23T22:39:50.123Z.
pub const START_MS: i64 = 1_795_473_590_123;

/// A stub, its channel and its clock, which moves a second with every request.
#[derive(Debug)]
pub struct Client {
    pub stub: Box<dyn Stub>,
    pub elapsed: Duration,
    pub effects: Vec<Effect>,
}

impl Client {
    pub fn new() -> Self {
        Self::with_options(Json::Null)
    }

    pub fn with_options(options: Json) -> Self {
        let options = StubOptions {
            partner: "ehr".to_owned(),
            options,
            seed: Seed::from_u64(7),
        };
        Self {
            stub: Fhir.stub(&options).expect("the options are sound"),
            elapsed: Duration::ZERO,
            effects: Vec::new(),
        }
    }

    fn moment(&mut self) -> Moment {
        self.elapsed += Duration::from_secs(1);
        Moment {
            elapsed: self.elapsed,
            unix_ms: START_MS + i64::try_from(self.elapsed.as_millis()).expect("tests are short"),
        }
    }

    pub fn control(&mut self, control: &Control) -> Reaction {
        let at = self.moment();
        self.stub.receive(at, Input::Control(control))
    }

    pub fn seed(&mut self, collection: &str, record: &str) -> Reaction {
        self.control(&Control::Seed {
            collection: collection.to_owned(),
            record: Json::parse(record).expect("a seeded record is JSON"),
        })
    }

    pub fn react(&mut self, request: &HttpRequest) -> Reaction {
        let at = self.moment();
        let message = Message::Request(request.clone());
        let reaction = self.stub.receive(
            at,
            Input::Message {
                channel: 1,
                message: &message,
                current: true,
            },
        );
        self.effects.clone_from(&reaction.effects);
        reaction
    }

    /// Sends a request; its one reply.
    pub fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        let mut reaction = self.react(request);
        assert_eq!(reaction.actions.len(), 1, "{request:?}");
        match reaction.actions.remove(0) {
            Action::Reply {
                message: Message::Response(response),
                ..
            } => response,
            other => panic!("no reply: {other:?}"),
        }
    }

    /// Sends a request with headers; a body is sent as FHIR's JSON.
    pub fn request(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> HttpResponse {
        let mut all = vec![("host", "ehr.test:8080")];
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/fhir+json"));
        }
        all.extend_from_slice(headers);
        self.send(&HttpRequest::new(
            method,
            target,
            &all,
            Bytes::copy_from_slice(body.as_bytes()),
        ))
    }

    pub fn get(&mut self, target: &str) -> HttpResponse {
        self.request("GET", target, &[], "")
    }

    pub fn post(&mut self, target: &str, body: &str) -> HttpResponse {
        self.request("POST", target, &[], body)
    }

    pub fn put(&mut self, target: &str, body: &str) -> HttpResponse {
        self.request("PUT", target, &[], body)
    }

    pub fn delete(&mut self, target: &str) -> HttpResponse {
        self.request("DELETE", target, &[], "")
    }

    /// Creates a resource; its id.
    pub fn create(&mut self, kind: &str, body: &str) -> String {
        let response = self.post(&format!("/fhir/{kind}"), body);
        assert_eq!(response.status(), 201, "{}", text(&response));
        string(&json(&response), "/id")
    }

    /// The ids of the resources that a search finds, in order, with the total it states.
    pub fn search(&mut self, target: &str) -> (Vec<String>, i64) {
        let response = self.get(target);
        assert_eq!(response.status(), 200, "{target}: {}", text(&response));
        found(&json(&response))
    }
}

/// The ids of the matches of a searchset, in order, and its total.
pub fn found(bundle: &Json) -> (Vec<String>, i64) {
    let entries = bundle.get("entry").and_then(Json::as_array).unwrap_or(&[]);
    let ids = entries
        .iter()
        .filter(|entry| entry.pointer("/search/mode").and_then(Json::as_str) == Some("match"))
        .map(|entry| string(entry, "/resource/id"))
        .collect();
    (
        ids,
        bundle
            .get("total")
            .and_then(Json::as_i64)
            .expect("a searchset has a total"),
    )
}

/// The URL of a Bundle's link of this relation.
pub fn link(bundle: &Json, relation: &str) -> Option<String> {
    let links = bundle.get("link").and_then(Json::as_array)?;
    links
        .iter()
        .find(|link| link.get("relation").and_then(Json::as_str) == Some(relation))
        .map(|link| string(link, "/url"))
}

pub fn json(response: &HttpResponse) -> Json {
    Json::parse_bytes(response.body()).unwrap_or_else(|error| panic!("{error}: {}", text(response)))
}

pub fn text(response: &HttpResponse) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

pub fn string(json: &Json, pointer: &str) -> String {
    json.pointer(pointer)
        .and_then(Json::as_str)
        .unwrap_or_else(|| panic!("nothing at {pointer} of {json}"))
        .to_owned()
}
