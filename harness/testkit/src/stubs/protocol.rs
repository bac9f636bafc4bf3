//! A protocol whose stubs stay within the test's reach; in everything else it is the protocol.

use std::{collections::BTreeMap, sync::Arc};

use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Malformed, Names, Protocol, Reading, SendKey, Stub, StubOptions},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;

use super::hand::Hand;

/// A protocol whose stubs stay within the test's reach.
#[derive(Debug)]
pub(super) struct Shared {
    /// The protocol.
    pub protocol: Arc<dyn Protocol>,
    /// The test's hold on each partner's stub, by name.
    pub hands: BTreeMap<String, Arc<Hand>>,
}

impl Protocol for Shared {
    /// The stub is made by the protocol; the lane gets a hold on it, and so does the test.
    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        let stub = self.protocol.stub(options)?;
        Ok(match self.hands.get(&options.partner) {
            Some(hand) => hand.take(stub),
            None => stub,
        })
    }

    fn name(&self) -> &'static str {
        self.protocol.name()
    }

    fn transport(&self) -> Transport {
        self.protocol.transport()
    }

    fn send_keys(&self) -> &'static [SendKey] {
        self.protocol.send_keys()
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        self.protocol.check_send(body, names)
    }

    fn check_selector(&self, selector: &str) -> Result<(), String> {
        self.protocol.check_selector(selector)
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        self.protocol.check_locator(locator)
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        self.protocol.check_collection(collection)
    }

    fn check_refusal(&self, refusal: &str) -> Result<(), String> {
        self.protocol.check_refusal(refusal)
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        self.protocol.compose(body, bindings)
    }

    fn render(&self, kind: &str, record: &Json) -> Option<Json> {
        self.protocol.render(kind, record)
    }

    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        self.protocol.filter(name, text)
    }

    fn filter_names(&self) -> &'static [&'static str] {
        self.protocol.filter_names()
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        self.protocol.read(message)
    }

    fn label(&self, message: &Message) -> String {
        self.protocol.label(message)
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        self.protocol.selects(selector, message)
    }

    fn identity(&self, message: &Message) -> Vec<u8> {
        self.protocol.identity(message)
    }

    fn answers(&self, request: &Message, reply: &Message) -> Option<bool> {
        self.protocol.answers(request, reply)
    }

    fn is_accept(&self, reply: &Message) -> bool {
        self.protocol.is_accept(reply)
    }

    fn is_refusal(&self, reply: &Message) -> bool {
        self.protocol.is_refusal(reply)
    }

    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch> {
        self.protocol.compare_replies(first, second)
    }

    fn malformations(&self) -> &'static [&'static str] {
        self.protocol.malformations()
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        self.protocol.malform(message)
    }

    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>> {
        self.protocol.generator(name)
    }

    fn generator_names(&self) -> &'static [&'static str] {
        self.protocol.generator_names()
    }
}
