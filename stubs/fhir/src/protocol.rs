//! [`Fhir`]: the protocol as contracts, plans and judges meet it.

use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Draft, Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_kit::{
    Faulty, Identifiers,
    http::{self, Dialect, HttpReading, Locator},
};

use crate::{
    draft, filter, generate, guide::GUIDE, label, lint, malform, options::Options, render,
    search::ResourceType, selector, server::Server,
};

/// FHIR R4 over HTTP, in JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fhir;

impl Protocol for Fhir {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        lint::check_send(body, names)
    }

    fn check_selector(&self, selector: &str) -> Result<(), String> {
        selector::check(selector)
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        Locator::parse(locator).map(drop)
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        match ResourceType::find(collection) {
            Some(_) => Ok(()),
            None => Err(format!(
                "expected a resource type of FHIR R4 such as Patient, not '{collection}'"
            )),
        }
    }

    fn check_record(&self, options: &Json, collection: &str, record: &Node) -> Vec<Finding> {
        lint::check_record(options, collection, record)
    }

    fn check_refusal(&self, refusal: &str) -> Result<(), String> {
        http::check_refusal(refusal)
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        let dialect = Dialect {
            json: "application/fhir+json",
            text: "application/fhir+json",
            accept: Some("application/fhir+json"),
        };
        http::compose(body, bindings, dialect, &render::render)
    }

    fn render(&self, kind: &str, record: &Json) -> Option<Json> {
        render::render(kind, record)
    }

    fn collection_of(&self, _kind: &str, rendered: &Json) -> Option<String> {
        Some(rendered.get("resourceType")?.as_str()?.to_owned())
    }

    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        (name == filter::NAME).then(|| filter::apply(text))
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(HttpReading::new(message)?))
    }

    fn label(&self, message: &Message) -> String {
        label::label(message)
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        matches!(message, Message::Request(request) if selector::selects(selector, request))
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
        malform::malform(message)
    }

    fn forms_of(&self, send: &Node) -> Vec<&'static str> {
        if http::malform::has_body(send) {
            Guide::names(GUIDE.malformations)
        } else {
            malform::WITHOUT_BODY.to_vec()
        }
    }

    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>> {
        generate::generator(name)
    }

    fn draft(&self, message: &Message) -> Option<Draft> {
        draft::draft(message)
    }

    fn promise_of(&self, _send: &Node, _request: &Message, reply: &Message) -> Option<String> {
        http::promise_of(reply)
    }

    fn selector_of(&self, message: &Message) -> Option<String> {
        draft::selector_of(message)
    }

    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        let server = Server::new(
            Options::read(&options.options)?,
            Identifiers::new(&options.seed),
        );
        Ok(Box::new(Faulty::new(server)))
    }
}
