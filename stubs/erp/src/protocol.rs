//! The protocol `erp`.

use bytes::Bytes;
use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::{
    Faulty,
    http::{self, Dialect, HttpReading, Locator},
};

use crate::{
    collections, dates, given,
    guide::{GUIDE, NO_SUCH_PROPERTY},
    render, selector,
    server::Server,
    settings::Settings,
};

const DIALECT: Dialect = Dialect {
    json: "application/json",
    text: "application/json",
    accept: Some("application/json"),
};

/// Business Central's API v2.0, as far as the flows here need it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Erp;

impl Protocol for Erp {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        http::check_send(body, names)
    }

    fn check_selector(&self, selector: &str) -> Result<(), String> {
        selector::check(selector)
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        Locator::parse(locator).map(|_| ())
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        collections::check_collection(collection)
    }

    fn check_given(&self, collection: &str) -> Result<(), String> {
        given::check_collection(collection)
    }

    fn check_record(&self, _options: &Json, collection: &str, record: &Node) -> Vec<Finding> {
        given::check_record(collection, record)
    }

    fn check_refusal(&self, refusal: &str) -> Result<(), String> {
        http::check_refusal(refusal)
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        http::compose(body, bindings, DIALECT, &render::render)
    }

    fn render(&self, kind: &str, record: &Json) -> Option<Json> {
        render::render(kind, record)
    }

    fn collection_of(&self, kind: &str, _rendered: &Json) -> Option<String> {
        render::collection(kind).map(str::to_owned)
    }

    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        (name == "erp").then(|| Ok(dates::date(text)))
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(HttpReading::new(message)?))
    }

    fn label(&self, message: &Message) -> String {
        selector::label(message)
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        selector::selects(selector, message)
    }

    fn identity(&self, message: &Message) -> Vec<u8> {
        http::identity(message)
    }

    fn answers(&self, _request: &Message, _reply: &Message) -> Option<bool> {
        None
    }

    fn is_accept(&self, _reply: &Message) -> bool {
        false
    }

    fn is_refusal(&self, reply: &Message) -> bool {
        http::is_refusal(reply)
    }

    fn is_passing_refusal(&self, with: Option<&str>) -> bool {
        http::is_passing_refusal(with)
    }

    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch> {
        http::compare_replies(first, second)
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        let mut forms = http::malform::forms(message);
        if let Message::Request(request) = message
            && !request.body().is_empty()
        {
            let mut members = match Json::parse_bytes(request.body()) {
                Ok(Json::Object(members)) => members,
                _ => Object::default(),
            };
            members.push("noSuchProperty", Object::new());
            let body = Bytes::from(Json::Object(members).to_string());
            forms.push(http::malform::form(NO_SUCH_PROPERTY, request, body));
        }
        forms
    }

    fn forms_of(&self, send: &Node) -> Vec<&'static str> {
        if http::malform::has_body(send) {
            Guide::names(GUIDE.malformations)
        } else {
            Vec::new()
        }
    }

    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>> {
        render::generator(name)
    }

    fn promise_of(&self, _send: &Node, _request: &Message, reply: &Message) -> Option<String> {
        http::promise_of(reply)
    }

    fn selector_of(&self, message: &Message) -> Option<String> {
        selector::of(message)
    }

    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        let settings = Settings::read(&options.options)?;
        Ok(Box::new(Faulty::new(Server::new(settings, &options.seed))))
    }
}
