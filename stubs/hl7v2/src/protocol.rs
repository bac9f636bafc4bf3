//! The protocol `hl7v2`.

use bytes::Bytes;
use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Draft, Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions, Typing},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_kit::Faulty;

use crate::{
    ack::AckCode,
    compare, compose, draft, filter,
    framing::Mllp,
    generate,
    guide::GUIDE,
    location::Location,
    malform, message, reading,
    receiver::{COLLECTION, Receiver},
    render,
    selector::Selector,
    sending,
};

/// HL7 version 2 over MLLP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hl7v2;

impl Protocol for Hl7v2 {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Framed(&Mllp)
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        compose::check_send(body, names)
    }

    fn check_selector(&self, selector: &str) -> Result<(), String> {
        Selector::parse(selector).map(|_| ())
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        Location::parse(locator)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    fn check_collection(&self, collection: &str) -> Result<(), String> {
        if collection == COLLECTION {
            Ok(())
        } else {
            Err(format!(
                "expected '{COLLECTION}', what the partner received"
            ))
        }
    }

    fn check_record(&self, _options: &Json, _collection: &str, record: &Node) -> Vec<Finding> {
        compose::check_record(record)
    }

    fn check_refusal(&self, refusal: &str) -> Result<(), String> {
        match AckCode::from_text(refusal) {
            Some(code) if !code.is_positive() => Ok(()),
            _ => Err(format!(
                "'{refusal}' refuses nothing; expected AE, AR, CE or CR"
            )),
        }
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        sending::framed(body, compose::compose(body, bindings)?)
    }

    fn render(&self, kind: &str, record: &Json) -> Option<Json> {
        render::message(kind, record).map(Json::String)
    }

    fn collection_of(&self, _kind: &str, _rendered: &Json) -> Option<String> {
        Some(COLLECTION.to_owned())
    }

    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>> {
        (name == filter::NAME).then(|| filter::apply(text))
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    /// A location, in the message that the record is of.
    fn locate_in(&self, record: &Json, locator: &str) -> Option<Vec<Json>> {
        Location::parse(locator).ok()?;
        let text = record.get("text").and_then(Json::as_str)?;
        let reading = reading::Reading::new(text.as_bytes()).ok()?;
        reading.locate(locator).ok()
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(reading::Reading::new(message.content())?))
    }

    fn label(&self, message: &Message) -> String {
        compare::label(message.content())
    }

    fn selects(&self, selector: &str, message: &Message) -> bool {
        let (Ok(selector), Ok(message)) = (
            Selector::parse(selector),
            message::Message::parse(message.content()),
        ) else {
            return false;
        };
        selector.selects(&message)
    }

    fn identity(&self, message: &Message) -> Vec<u8> {
        compare::identity(message.content())
    }

    fn answers(&self, request: &Message, reply: &Message) -> Option<bool> {
        compare::answers(request.content(), reply.content())
    }

    fn is_nameless(&self, request: &Message) -> bool {
        compare::is_nameless(request.content())
    }

    fn is_accept(&self, reply: &Message) -> bool {
        compare::code(reply.content()).is_some_and(AckCode::is_commit)
    }

    fn is_refusal(&self, reply: &Message) -> bool {
        compare::code(reply.content()).is_some_and(|code| !code.is_positive())
    }

    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch> {
        compare::compare_replies(first.content(), second.content())
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        malform::variants(message.content())
            .into_iter()
            .map(|variant| Malformed {
                name: variant.name,
                message: Message::Frame(Bytes::from(variant.bytes)),
            })
            .collect()
    }

    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>> {
        generate::strategy(name)
    }

    fn draft(&self, message: &Message) -> Option<Draft> {
        draft::draft(message.content())
    }

    fn promise_of(&self, send: &Node, request: &Message, reply: &Message) -> Option<String> {
        draft::promise_of(
            send.get("message")?.as_text()?,
            request.content(),
            reply.content(),
        )
    }

    fn selector_of(&self, message: &Message) -> Option<String> {
        let message = message::Message::parse(message.content()).ok()?;
        let name = compare::name(&message);
        Selector::parse(&name)
            .is_ok_and(|selector| selector.selects(&message))
            .then_some(name)
    }

    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        Ok(Box::new(Faulty::new(Receiver::new(options)?)))
    }
}
