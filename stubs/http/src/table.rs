//! The stub: a table of answers and a journal of what came.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use wardgate_core::{
    port::{Effect, Held, MakeRecord, Moment, Record, Verb},
    wire::{HttpRequest, HttpResponse, Message, fault},
};
use wardgate_expression::{Json, Object, json};
use wardgate_stub_kit::{
    Core, Handled, View, Views,
    http::{content_coding, percent, refusal_status},
};

use crate::options::{Route, route};

/// The collection that the partner can be given.
pub(crate) const GIVEN: &str = "routes";

/// What a refusal's body is.
const TEXT: (&str, &str) = ("content-type", "text/plain; charset=utf-8");

/// How many requests the journal keeps; the oldest go first.
const REQUESTS_MAX: usize = 10_000;

/// How many bytes of requests the journal keeps.
const JOURNAL_BYTES_MAX: usize = 64 << 20;

/// Answers by path and then by method: a look-up costs the same whatever the number of routes.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    routes: Arc<HashMap<String, Vec<(String, Message)>>>,
    received: VecDeque<Arc<Received>>,
    received_bytes: usize,
    received_count: u64,
    views: Views,
    missing: Message,
}

/// A request that came, and the record that `holds` sees.
#[derive(Debug)]
struct Received {
    id: String,
    at: Moment,
    request: HttpRequest,
    bytes: usize,
    view: View,
}

impl MakeRecord for Received {
    fn make(&self) -> Cow<'_, Json> {
        self.view.get(|| record(&self.request))
    }
}

impl Table {
    /// A table with these routes; of two for one method and path the later one answers.
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        let mut table = Self {
            routes: Arc::default(),
            received: VecDeque::new(),
            received_bytes: 0,
            received_count: 0,
            views: Views::default(),
            missing: refusal(404, "there is no such route"),
        };
        for route in routes {
            table.mount(route);
        }
        table
    }

    fn mount(&mut self, route: Route) {
        let methods = Arc::make_mut(&mut self.routes)
            .entry(route.path)
            .or_default();
        match methods
            .iter_mut()
            .find(|(method, _)| *method == route.method)
        {
            Some((_, reply)) => *reply = route.reply,
            None => methods.push((route.method, route.reply)),
        }
    }

    fn find(&self, request: &HttpRequest) -> Option<&Message> {
        let path = request.path();
        let methods = self.routes.get(path).or_else(|| {
            let decoded = percent::decode(path).filter(|_| path.contains('%'))?;
            self.routes.get(&*decoded)
        })?;
        let of = |wanted: &str| methods.iter().find(|(method, _)| method == wanted);
        // What HEAD asks for is what GET answers, less its body, unless it has a route of its own.
        let head = || of("GET").filter(|_| request.method() == "HEAD");
        of(request.method()).or_else(head).map(|(_, reply)| reply)
    }

    fn keep(&mut self, at: Moment, request: &HttpRequest) {
        self.received_count += 1;
        let bytes = request.target().len() + request.body().len() + 64;
        self.received_bytes += bytes;
        self.received.push_back(Arc::new(Received {
            id: self.received_count.to_string(),
            at,
            request: request.clone(),
            bytes,
            view: self.views.view(),
        }));
        while self.received.len() > REQUESTS_MAX || self.received_bytes > JOURNAL_BYTES_MAX {
            let Some(oldest) = self.received.pop_front() else {
                break;
            };
            self.received_bytes -= oldest.bytes;
        }
    }
}

impl Core for Table {
    fn handle(&mut self, at: Moment, _channel: u32, message: &Message) -> Handled {
        let Message::Request(request) = message else {
            return Handled::reply(refusal(400, "this is not a request"));
        };
        self.keep(at, request);
        if let Some(coding) = content_coding(request) {
            return Handled::reply(coded(coding));
        }
        let Some(reply) = self.find(request) else {
            return Handled::reply(self.missing.clone());
        };
        let is_read = matches!(request.method(), "GET" | "HEAD" | "OPTIONS");
        let is_accepted = matches!(reply, Message::Response(reply) if reply.status() < 400);
        if is_read || !is_accepted {
            return Handled::reply(reply.clone());
        }
        let effect = Effect {
            verb: Verb::Accepted,
            subject: format!("{} {}", request.method(), request.path()),
            keys: Vec::new(),
        };
        Handled::write(reply.clone(), vec![effect])
    }

    fn refusal(&self, _at: Moment, _message: &Message, with: Option<&str>) -> Option<Message> {
        let status = with.and_then(refusal_status).unwrap_or(503);
        Some(refusal(status, "refused"))
    }

    fn garbage(&self, _at: Moment, reason: &str) -> Option<Message> {
        Some(refusal(fault::status(reason), reason))
    }

    fn seed(
        &mut self,
        _at: Moment,
        collection: &str,
        record: &Json,
    ) -> Result<Vec<Effect>, String> {
        if collection != GIVEN {
            return Err(format!(
                "an http partner can be given '{GIVEN}', not '{collection}'"
            ));
        }
        let route = route(record)?;
        let effect = Effect {
            verb: Verb::Created,
            subject: format!("route {} {}", route.method, route.path),
            keys: Vec::new(),
        };
        self.mount(route);
        Ok(vec![effect])
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        if name != "requests" {
            return Err(format!(
                "there is no collection '{name}'; there is: requests"
            ));
        }
        Ok(self
            .received
            .iter()
            .map(|received| Held {
                id: &received.id,
                record: Record::Made(&**received),
                changed: received.at,
            })
            .collect())
    }

    fn collections(&self) -> Vec<String> {
        if self.received.is_empty() {
            Vec::new()
        } else {
            vec![String::from("requests")]
        }
    }
}

/// A request as a record: `method`, `path`, `query`, `headers` in lower case, and `body` as JSON or else as text.
fn record(request: &HttpRequest) -> Json {
    let mut query = Object::new();
    for (name, value) in percent::query_pairs(request.query().unwrap_or("")) {
        query.insert(name, value);
    }
    let mut headers = Object::new();
    for (name, value) in request.headers() {
        headers.insert(name.to_ascii_lowercase(), value);
    }
    let body = match request.body() {
        body if body.is_empty() => Json::Null,
        body => {
            Json::parse_bytes(body).unwrap_or_else(|_| Json::from(String::from_utf8_lossy(body)))
        }
    };
    let path = percent::decode(request.path()).unwrap_or_else(|| request.path().into());
    json!({
        "method": request.method(), "path": path, "query": query, "headers": headers, "body": body,
    })
}

/// Refuses a body that was coded before it was sent.
fn coded(coding: &str) -> Message {
    let text = format!("a body is taken as it is, not coded as '{coding}'");
    let headers = [TEXT, ("accept-encoding", "identity")];
    Message::Response(HttpResponse::new(415, &headers, Bytes::from(text)))
}

fn refusal(status: u16, text: &str) -> Message {
    Message::Response(HttpResponse::new(
        status,
        &[TEXT],
        Bytes::copy_from_slice(text.as_bytes()),
    ))
}
