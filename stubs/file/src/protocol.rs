//! The protocol `file`.

use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node};
use wardgate_core::{
    bindings::Bindings,
    port::{Guide, Malformed, Names, Protocol, Reading, Stub, StubOptions, Typing},
    verdict::Mismatch,
    wire::{Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_kit::lint;

use crate::{
    encoding,
    guide::{GUIDE, SEND_KEYS},
    malform,
    reading::{FileReading, expression},
};

/// Nothing refuses a file.
const NO_REPLY: &str = "a file has no reply";

/// Nobody receives files from the candidate.
const NO_STUB: &str = "no partner speaks 'file': the candidate only receives files";

/// Files dropped into a folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct File;

impl Protocol for File {
    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn transport(&self) -> Transport {
        Transport::Files
    }

    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding> {
        let mut findings = lint::keys(body, SEND_KEYS);
        findings.extend(lint::templates(body, names));
        for key in ["name", "content", "encoding"] {
            if let Some(node) = body.get(key)
                && node.as_text().is_none()
            {
                findings.push(
                    Finding::error(
                        "wrong-type",
                        node.span,
                        format!("'{key}' is a text, not {}", node.describe()),
                    )
                    .label("expected a text"),
                );
            }
        }
        let text = |key| body.get(key).and_then(|node| Some((node, node.as_text()?)));
        if let Some((node, name)) = text("name")
            && !name.contains("${")
            && let Err(reason) = check_name(name)
        {
            findings.push(Finding::error("bad-file-name", node.span, reason));
        }
        if let Some((node, label)) = text("encoding")
            && let Err(reason) = encoding::of_label(label)
        {
            findings.push(Finding::error("bad-encoding", node.span, reason));
        }
        findings
    }

    fn check_selector(&self, _selector: &str) -> Result<(), String> {
        Err(String::from(NO_STUB))
    }

    fn check_locator(&self, locator: &str) -> Result<(), String> {
        match locator.trim() {
            "name" | "content" => Ok(()),
            locator => expression(locator).map(|_| ()),
        }
    }

    fn check_collection(&self, _collection: &str) -> Result<(), String> {
        Err(String::from(NO_STUB))
    }

    fn check_refusal(&self, _refusal: &str) -> Result<(), String> {
        Err(String::from(NO_REPLY))
    }

    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String> {
        let text = |key: &str| body.get(key).and_then(Node::as_text);
        let name = bindings.fill_text(text("name").ok_or("'name' is missing")?, &str::to_owned)?;
        check_name(&name)?;
        let content = text("content").ok_or("'content' is missing")?;
        let content = bindings.fill_text(content, &str::to_owned)?;
        let encoding = encoding::of_label(text("encoding").unwrap_or("utf-8"))?;
        Ok(Message::File {
            name,
            content: encoding::encode(&content, encoding)?,
        })
    }

    fn render(&self, _kind: &str, _record: &Json) -> Option<Json> {
        None
    }

    fn filter(&self, _name: &str, _text: &str) -> Option<Result<String, String>> {
        None
    }

    fn typing(&self) -> Typing {
        Typing::Text
    }

    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String> {
        match message {
            Message::File { name, content } => Ok(Box::new(FileReading::new(name, content))),
            _ => Err(String::from("this is not a file")),
        }
    }

    fn label(&self, message: &Message) -> String {
        match message {
            Message::File { name, content } => format!("{name} ({} bytes)", content.len()),
            _ => String::from("no file"),
        }
    }

    fn selects(&self, _selector: &str, _message: &Message) -> bool {
        false
    }

    /// The content: the same file under another name is the same batch.
    fn identity(&self, message: &Message) -> Vec<u8> {
        message.content().to_vec()
    }

    fn answers(&self, _request: &Message, _reply: &Message) -> Option<bool> {
        Some(false)
    }

    fn is_accept(&self, _reply: &Message) -> bool {
        false
    }

    fn is_refusal(&self, _reply: &Message) -> bool {
        false
    }

    fn compare_replies(&self, _first: &Message, _second: &Message) -> Vec<Mismatch> {
        Vec::new()
    }

    fn malform(&self, message: &Message) -> Vec<Malformed> {
        malform::forms(message)
    }

    fn generator(&self, _name: &str) -> Option<BoxedStrategy<Json>> {
        None
    }

    fn stub(&self, _options: &StubOptions) -> Result<Box<dyn Stub>, String> {
        Err(String::from(NO_STUB))
    }
}

/// A name that stays in its folder on any system, and is not hidden there.
fn check_name(name: &str) -> Result<(), String> {
    let is_plain = !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && !name
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'));
    if is_plain {
        Ok(())
    } else {
        Err(String::from(
            "expected the name of a file: at most 200 bytes, no folder and no dot in front",
        ))
    }
}
