//! A client of the stub, without a network.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Input, Moment, Protocol, Reaction, Stub, StubOptions},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::Json;
use wardgate_stub_erp::Erp;
use wardgate_synth::Seed;

/// A stub, and a client that talks to one of its companies.
pub struct Client {
    pub stub: Box<dyn Stub>,
    pub company: String,
    clock_ms: i64,
}

/// A status and a body; `Json::Null` where there is none.
pub type Answer = (u16, Json);

impl Client {
    /// A stub with these options and a client of its first company.
    pub fn new(options: Json) -> Self {
        let options = StubOptions {
            partner: String::from("ledger"),
            options,
            seed: Seed::from_u64(7),
        };
        let stub = Erp.stub(&options).expect("the options are sound");
        let mut client = Self {
            stub,
            company: String::new(),
            // 2026-03-01T09:30:00Z
            clock_ms: 1_772_357_400_000,
        };
        client.company = client.companies().remove(0);
        client
    }

    /// The ids of the companies.
    pub fn companies(&mut self) -> Vec<String> {
        let (_, body) = self.send("GET", "/api/v2.0/companies", &[], "");
        let companies = body.get("value").and_then(Json::as_array).expect("a list");
        companies
            .iter()
            .map(|company| {
                company
                    .get("id")
                    .and_then(Json::as_str)
                    .expect("an id")
                    .to_owned()
            })
            .collect()
    }

    fn now(&mut self) -> Moment {
        self.clock_ms += 1_000;
        Moment {
            elapsed: Duration::from_secs(1),
            unix_ms: self.clock_ms,
        }
    }

    /// What the stub does about a request to an absolute path.
    pub fn react(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reaction {
        let mut all = vec![("host", "erp.example")];
        if !body.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            all.push(("content-type", "application/json"));
        }
        all.extend_from_slice(headers);
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.play(&HttpRequest::new(method, target, &all, body))
    }

    fn play(&mut self, request: &HttpRequest) -> Reaction {
        let message = Message::Request(request.clone());
        let at = self.now();
        self.stub.receive(
            at,
            Input::Message {
                channel: 1,
                message: &message,
                current: true,
            },
        )
    }

    /// The reply to a request to an absolute path.
    pub fn exchange(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> HttpResponse {
        let reaction = self.react(method, target, headers, body);
        match reaction.actions.into_iter().next() {
            Some(Action::Reply {
                message: Message::Response(response),
                ..
            }) => response,
            other => panic!("not a reply: {other:?}"),
        }
    }

    /// The status and body of the reply to a request to an absolute path.
    pub fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        answer(&self.exchange(method, target, headers, body))
    }

    /// The status and body of the reply to a request as it is.
    pub fn raw(&mut self, request: &HttpRequest) -> Answer {
        answer(&reply(self.play(request)))
    }

    /// The path of something in the company.
    pub fn path(&self, below: &str) -> String {
        format!("/api/v2.0/companies({})/{below}", self.company)
    }

    pub fn get(&mut self, below: &str) -> Answer {
        let path = self.path(below);
        self.send("GET", &path, &[], "")
    }

    pub fn post(&mut self, below: &str, body: &Json) -> Answer {
        let path = self.path(below);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send("POST", &path, &[], &body)
    }

    /// Changes whatever state the record is in.
    pub fn patch(&mut self, below: &str, body: &Json) -> Answer {
        let path = self.path(below);
        self.send("PATCH", &path, &[("if-match", "*")], &body.to_string())
    }

    pub fn delete(&mut self, below: &str) -> Answer {
        let path = self.path(below);
        self.send("DELETE", &path, &[("if-match", "*")], "")
    }

    /// Creates a customer of this number; its id.
    pub fn customer(&mut self, number: &str) -> String {
        let body = wardgate_expression::json!({"number": number, "displayName": "Ada Example"});
        let (status, body) = self.post("customers", &body);
        assert_eq!(status, 201, "{body}");
        id(&body)
    }

    /// Creates an invoice; its id.
    pub fn invoice(&mut self, body: &Json) -> String {
        let (status, body) = self.post("salesInvoices", body);
        assert_eq!(status, 201, "{body}");
        id(&body)
    }

    pub fn seed(&mut self, collection: &str, record: Json) -> Reaction {
        self.control(&Control::Seed {
            collection: collection.to_owned(),
            record,
        })
    }

    pub fn control(&mut self, control: &Control) -> Reaction {
        let at = self.now();
        self.stub.receive(at, Input::Control(control))
    }

    /// The records of a collection.
    pub fn held(&self, collection: &str) -> Vec<Json> {
        self.stub
            .collection(collection)
            .expect("it is known")
            .iter()
            .map(|held| held.record().into_owned())
            .collect()
    }
}

/// The `id` of a record.
pub fn id(record: &Json) -> String {
    record
        .get("id")
        .and_then(Json::as_str)
        .expect("an id")
        .to_owned()
}

/// The text of a member of a record, whatever its type.
pub fn member(record: &Json, pointer: &str) -> String {
    match record.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => panic!("there is no {pointer} in {record}"),
    }
}

/// The code of an error.
pub fn code(answer: &Answer) -> (u16, String) {
    (answer.0, member(&answer.1, "/error/code"))
}

fn reply(reaction: Reaction) -> HttpResponse {
    match reaction.actions.into_iter().next() {
        Some(Action::Reply {
            message: Message::Response(response),
            ..
        }) => response,
        other => panic!("not a reply: {other:?}"),
    }
}

fn answer(response: &HttpResponse) -> Answer {
    let body = if response.body().is_empty() {
        Json::Null
    } else {
        Json::parse_bytes(response.body()).expect("the body is JSON")
    };
    (response.status(), body)
}
