//! The protocol `x12`.

use proptest::strategy::{BoxedStrategy, Strategy};
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions, Typing},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_kit::{Faulty, http};
use wardgate_synth::{Kind, strategy};

use super::{compare, compose, dates, given, malform, reading, selector, words::GUIDE};
use crate::clearinghouse::{COLLECTIONS, Clearinghouse, Settings, members};

/// ASC X12 interchanges of health care over HTTP, and the clearinghouse that takes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct X12;

impl Protocol for X12 {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        compose::check_send(body, names)
    }

    fn check_selector(&self, selector: &str) -> Result<(), String> {
        selector::check(selector)
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        reading::check_locator(locator)
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        if COLLECTIONS.contains(&collection) {
            Ok(())
        } else {
            let all = COLLECTIONS.join(", ");
            Err(format!("expected one of {all}, not '{collection}'"))
        }
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
        compose::compose(body, bindings)
    }

    fn render(&self, kind: &str, record: &Json) -> Option<Json> {
        (Kind::parse(kind)? == Kind::Patient).then(|| members::render(record))
    }

    fn collection_of(&self, kind: &str, _rendered: &Json) -> Option<String> {
        (Kind::parse(kind)? == Kind::Patient).then(|| String::from("members"))
    }

    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        (name == dates::NAME).then(|| Ok(dates::apply(text)))
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(reading::Reading::new(message)?))
    }

    fn label(&self, message: &Message) -> String {
        selector::label(message)
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        selector::selects(selector, message)
    }

    fn identity(&self, message: &Message) -> Vec<u8> {
        compare::identity(message)
    }

    fn answers(&self, _request: &Message, _reply: &Message) -> Option<bool> {
        None
    }

    fn is_accept(&self, _reply: &Message) -> bool {
        false
    }

    fn is_refusal(&self, reply: &Message) -> bool {
        compare::is_refusal(reply)
    }

    fn is_passing_refusal(&self, with: Option<&str>) -> bool {
        http::is_passing_refusal(with)
    }

    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch> {
        compare::compare_replies(first, second)
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        malform::forms(message)
    }

    fn forms_of(&self, send: &Node) -> Vec<&'static str> {
        if send.get("core").is_some() {
            Vec::new()
        } else {
            Guide::names(GUIDE.malformations)
        }
    }

    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>> {
        (name == "member").then(|| {
            strategy(Kind::Patient)
                .prop_map(|patient| members::render(&patient))
                .boxed()
        })
    }

    fn promise_of(&self, _send: &Node, _request: &Message, reply: &Message) -> Option<String> {
        http::promise_of(reply)
    }

    fn selector_of(&self, message: &Message) -> Option<String> {
        selector::of(message)
    }

    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        let settings = Settings::read(&options.options)?;
        let clearinghouse = Clearinghouse::new(settings, &options.seed);
        Ok(Box::new(Faulty::new(clearinghouse)))
    }
}
