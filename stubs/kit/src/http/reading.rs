//! An HTTP message read once.

use std::cell::OnceCell;

use wardgate_core::{
    port::{Reading, Typing},
    wire::Message,
};
use wardgate_expression::Json;

use super::Locator;

/// An HTTP message whose body is parsed when it is first asked for.
#[derive(Debug)]
pub struct HttpReading<'a> {
    message: &'a Message,
    json: OnceCell<Result<Json, String>>,
}

impl<'a> HttpReading<'a> {
    /// Reads a request or a response; the error says that it is neither.
    pub fn new(message: &'a Message) -> Result<Self, String> {
        match message {
            Message::Request(_) | Message::Response(_) => Ok(Self {
                message,
                json: OnceCell::new(),
            }),
            Message::Frame(_) | Message::OddFrame { .. } | Message::File { .. } => {
                Err(String::from("this is not an HTTP message"))
            }
        }
    }
}

impl Reading for HttpReading<'_> {
    fn json(&self) -> Result<&Json, String> {
        self.json
            .get_or_init(|| {
                let body = self.message.content();
                if body.is_empty() {
                    return Err(String::from("the body is empty"));
                }
                Json::parse_bytes(body).map_err(|error| format!("the body is not JSON: {error}"))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn locate(&self, locator: &str) -> Result<Vec<Json>, String> {
        Locator::parse(locator)?.find(self.message, || self.json())
    }

    fn typing(&self, locator: Option<&str>) -> Typing {
        let is_text = locator
            .is_some_and(|locator| !matches!(Locator::parse(locator), Ok(Locator::Expression(_))));
        if is_text { Typing::Text } else { Typing::Json }
    }
}
