//! A protocol for tests: one message a line; `OK word` and `NO word` answer a line that ends in the word.

use bytes::{Bytes, BytesMut};
use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node, guide::Word};
use wardgate_core::{
    bindings::Bindings,
    port::{Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions},
    verdict::{Mismatch, MismatchKind},
    wire::{FrameDecoder, FrameItem, Framing, Message, Transport},
};
use wardgate_expression::Json;

#[derive(Debug)]
pub struct Line;

#[derive(Debug)]
struct LineFraming;

static FRAMING: LineFraming = LineFraming;

impl Framing for LineFraming {
    fn encode(&self, payload: &[u8]) -> Vec<u8> {
        [payload, b"\n"].concat()
    }

    fn payload(&self, raw: &Bytes) -> Option<Bytes> {
        raw.ends_with(b"\n").then(|| raw.slice(..raw.len() - 1))
    }

    fn decoder(&self, limit: usize) -> Box<dyn FrameDecoder> {
        Box::new(LineDecoder {
            buffer: BytesMut::new(),
            limit,
        })
    }
}

struct LineDecoder {
    buffer: BytesMut,
    limit: usize,
}

impl FrameDecoder for LineDecoder {
    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn next_item(&mut self) -> Option<FrameItem> {
        if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            return Some(FrameItem::Frame {
                raw: self.buffer.split_to(end + 1).freeze(),
            });
        }
        (self.buffer.len() > self.limit).then(|| FrameItem::Fault {
            raw: self.buffer.split().freeze(),
            reason: String::from("a line beyond the limit"),
            fatal: true,
        })
    }

    fn is_partial(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn finish(&mut self) -> Option<FrameItem> {
        (!self.buffer.is_empty()).then(|| FrameItem::Fault {
            raw: self.buffer.split().freeze(),
            reason: String::from("a line without its end"),
            fatal: true,
        })
    }
}

fn text(message: &Message) -> &str {
    std::str::from_utf8(message.content()).unwrap_or("")
}

fn word(message: &Message) -> &str {
    text(message).rsplit(' ').next().unwrap_or("")
}

struct LineReading(Json);

impl Reading for LineReading {
    fn json(&self) -> Result<&Json, String> {
        Ok(&self.0)
    }

    fn locate(&self, _locator: &str) -> Result<Vec<Json>, String> {
        Ok(vec![self.0.clone()])
    }
}

static GUIDE: Guide = Guide {
    name: "line",
    title: "Lines",
    about: "One line, one message.",
    send: &[],
    options: &[],
    places: &[],
    generators: &[],
    filters: &[],
    malformations: &[Word {
        name: "unknown verb",
        doc: "A verb that nobody knows.",
    }],
};

impl Protocol for Line {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Framed(&FRAMING)
    }

    fn check_send(&self, _body: &Node, _names: &dyn Names) -> Vec<Finding> {
        Vec::new()
    }

    fn check_selector(&self, _selector: &str) -> Result<(), String> {
        Ok(())
    }

    fn check_locator(&self, _locator: &str) -> Result<(), String> {
        Ok(())
    }

    fn check_collection(&self, _collection: &str) -> Result<(), String> {
        Ok(())
    }

    fn check_refusal(&self, _refusal: &str) -> Result<(), String> {
        Ok(())
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        let text = body
            .get("line")
            .and_then(Node::as_text)
            .ok_or("'line' is missing")?;
        Ok(Message::Frame(
            bindings.fill_text(text, &str::to_owned)?.into(),
        ))
    }

    fn render(&self, _kind: &str, _record: &Json) -> Option<Json> {
        None
    }

    fn filter(&self, _name: &str, _text: &str) -> Option<Result<String, String>> {
        None
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        Ok(Box::new(LineReading(Json::from(text(message)))))
    }

    fn label(&self, message: &Message) -> String {
        text(message).to_owned()
    }

    fn selects(&self, _selector: &str, _message: &Message) -> bool {
        true
    }

    fn identity(&self, message: &Message) -> Vec<u8> {
        message.content().to_vec()
    }

    fn answers(&self, request: &Message, reply: &Message) -> Option<bool> {
        Some(word(request) == word(reply))
    }

    fn is_accept(&self, _reply: &Message) -> bool {
        false
    }

    fn is_refusal(&self, reply: &Message) -> bool {
        text(reply).starts_with("NO")
    }

    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch> {
        if first == second {
            return Vec::new();
        }
        vec![Mismatch {
            kind: MismatchKind::Unequal,
            at: String::new(),
            expected: text(first).to_owned(),
            actual: text(second).to_owned(),
        }]
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        let broken = format!("WHAT {}", word(message));
        vec![Malformed {
            name: "unknown verb",
            message: Message::Frame(broken.into()),
        }]
    }

    fn generator(&self, _name: &str) -> Option<BoxedStrategy<Json>> {
        None
    }

    fn stub(&self, _options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        Err(String::from("nobody plays a partner of lines"))
    }
}
