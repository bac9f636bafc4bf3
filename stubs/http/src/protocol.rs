//! The protocol `http`.

use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_kit::{
    Faulty,
    http::{self, Dialect, HttpReading, Locator, Selector},
};

use crate::{
    guide::GUIDE,
    options,
    table::{self, Table},
};

const DIALECT: Dialect = Dialect {
    json: "application/json",
    text: "text/plain; charset=utf-8",
    accept: None,
};

/// Plain HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http;

impl Protocol for Http {
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
        Selector::parse(selector).map(|_| ())
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        Locator::parse(locator).map(|_| ())
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        match collection {
            "requests" => Ok(()),
            _ => Err(String::from(
                "expected 'requests', what the partner received",
            )),
        }
    }

    fn check_given(&self, collection: &str) -> Result<(), String> {
        match collection {
            table::GIVEN => Ok(()),
            _ => Err(format!(
                "expected '{}', further answers of the partner",
                table::GIVEN
            )),
        }
    }

    fn check_record(&self, _options: &Json, _collection: &str, record: &Node) -> Vec<Finding> {
        options::check_route(record).into_iter().collect()
    }

    fn check_refusal(&self, refusal: &str) -> Result<(), String> {
        http::check_refusal(refusal)
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        http::compose(body, bindings, DIALECT, &|kind, record| {
            self.render(kind, record)
        })
    }

    /// Plain HTTP has no form of its own: a record is sent as it is.
    fn render(&self, _kind: &str, _record: &Json) -> Option<Json> {
        None
    }

    fn filter(&self, _name: &str, _text: &str) -> Option<Result<String, String>> {
        None
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(HttpReading::new(message)?))
    }

    fn label(&self, message: &Message) -> String {
        http::label(message)
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        let (Ok(selector), Message::Request(request)) = (Selector::parse(selector), message) else {
            return false;
        };
        selector.is_method_of(request) && http::segments_match(selector.pattern, request.path())
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
        http::malform::forms(message)
    }

    fn forms_of(&self, send: &Node) -> Vec<&'static str> {
        if http::malform::has_body(send) {
            http::malform::NAMES.to_vec()
        } else {
            Vec::new()
        }
    }

    fn generator(&self, _name: &str) -> Option<BoxedStrategy<Json>> {
        None
    }

    fn promise_of(&self, _send: &Node, _request: &Message, reply: &Message) -> Option<String> {
        http::promise_of(reply)
    }

    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        let routes = options::routes(&options.options)?;
        Ok(Box::new(Faulty::new(Table::new(routes))))
    }
}
