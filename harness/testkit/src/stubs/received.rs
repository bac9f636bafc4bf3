//! A message that a partner received.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use wardgate_core::{
    bindings,
    port::{Protocol, Verb},
    wire::{HttpRequest, Message},
};
use wardgate_expression::Json;
use wardgate_runner::stubs_up;

/// A message that a partner received.
#[derive(Clone)]
pub struct Received {
    protocol: Arc<dyn Protocol>,
    message: Result<Message, String>,
    raw: Bytes,
    handled: bool,
    remark: Option<String>,
    effects: Vec<(Verb, String)>,
}

impl Received {
    pub(super) fn new(protocol: Arc<dyn Protocol>, received: stubs_up::Received) -> Self {
        Self {
            message: received.message(protocol.transport()),
            protocol,
            raw: received.bytes,
            handled: received.handled,
            remark: received.remark,
            effects: received
                .effects
                .into_iter()
                .map(|effect| (effect.verb, effect.subject))
                .collect(),
        }
    }

    /// A few words about it, such as `PUT /Patient/1` or `ADT^A04`.
    pub fn label(&self) -> String {
        match &self.message {
            Ok(message) => self.protocol.label(message),
            Err(reason) => format!("bytes that are no message: {reason}"),
        }
    }

    /// Whether it is one that a contract's `received:` with this selector means, such as `PUT Patient` or `RDE^O11`.
    pub fn is(&self, selector: &str) -> bool {
        self.message
            .as_ref()
            .is_ok_and(|message| self.protocol.selects(selector, message))
    }

    /// Whether the partner took it in; not where a fault kept it from doing so, and not where it is no message.
    pub fn is_handled(&self) -> bool {
        self.handled && self.message.is_ok()
    }

    /// What a fault did to it, such as `refused: 503`.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// What it changed in what the partner holds.
    pub fn effects(&self) -> &[(Verb, String)] {
        &self.effects
    }

    /// The bytes as they crossed the wire.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The method of an HTTP request, else none.
    pub fn method(&self) -> Option<&str> {
        self.request().map(HttpRequest::method)
    }

    /// The path of an HTTP request without its query, else none.
    pub fn path(&self) -> Option<&str> {
        self.request().map(HttpRequest::path)
    }

    /// The query of an HTTP request, where it has one.
    pub fn query(&self) -> Option<&str> {
        self.request().and_then(HttpRequest::query)
    }

    /// The first header of this name of an HTTP request, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request().and_then(|request| request.header(name))
    }

    /// What it carries: a body, or an HL7 v2 message without its framing. Of bytes that are no message, all of them.
    pub fn body(&self) -> &[u8] {
        self.message
            .as_ref()
            .map_or(&self.raw, |message| message.content())
    }

    /// The same as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }

    /// The view on which contracts' expressions work; the error says why it cannot be read.
    pub fn json(&self) -> Result<Json, String> {
        let message = self.message.as_ref().map_err(String::clone)?;
        let reading = self.protocol.read(message)?;
        reading.json().cloned()
    }

    /// The values at a location in the protocol's own words, as texts: `PID-5.1`, `header.Prefer`. None where nothing stands there.
    ///
    /// # Panics
    ///
    /// When the message cannot be read, or the protocol has no such location.
    #[track_caller]
    pub fn at(&self, locator: &str) -> Vec<String> {
        match self.locate(locator) {
            Ok(values) => values.iter().map(bindings::plain).collect(),
            Err(reason) => panic!("{}: at {locator}: {reason}", self.label()),
        }
    }

    fn locate(&self, locator: &str) -> Result<Vec<Json>, String> {
        let message = self.message.as_ref().map_err(String::clone)?;
        self.protocol.check_locator(locator)?;
        self.protocol.read(message)?.locate(locator)
    }

    fn request(&self) -> Option<&HttpRequest> {
        match &self.message {
            Ok(Message::Request(request)) => Some(request),
            _ => None,
        }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("label", &self.label())
            .field("handled", &self.handled)
            .field("body", &self.text())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Received {
    /// Its label and, in parentheses, what a fault did to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())?;
        match &self.remark {
            Some(remark) => write!(f, " ({remark})"),
            None => Ok(()),
        }
    }
}
