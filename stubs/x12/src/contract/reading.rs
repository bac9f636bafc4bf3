//! A message as expectations read it.

use std::cell::OnceCell;

use bytes::Bytes;
use wardgate_core::{port, wire::Message};
use wardgate_expression::Json;
use wardgate_stub_kit::http::Locator;

use super::{payload, view};
use crate::{
    envelope::Envelope,
    interchange::{File, Interchange},
    locate::{locate, locate_in},
    location::Location,
    matching::Tree,
    validate,
};

/// A message and, once somebody has asked for it, its view.
pub(crate) struct Reading<'a> {
    message: &'a Message,
    bytes: Bytes,
    view: OnceCell<Result<Json, String>>,
}

impl<'a> Reading<'a> {
    /// Reads a request or a response. Whether its body holds interchanges shows when it is asked for them.
    pub(crate) fn new(message: &'a Message) -> Result<Self, String> {
        match message {
            Message::Request(_) | Message::Response(_) => Ok(Self {
                message,
                bytes: payload::of(message),
                view: OnceCell::new(),
            }),
            Message::Frame(_) | Message::OddFrame { .. } | Message::File { .. } => {
                Err(String::from("this is not an HTTP message"))
            }
        }
    }
}

/// Checks a location; the error says what was expected.
pub(crate) fn check_locator(text: &str) -> Result<(), String> {
    if of_http(text).is_some() {
        return Ok(());
    }
    Location::parse(text.trim()).map(|_| ()).map_err(|error| {
        format!("{error}; or status, header.NAME, method, path, query.NAME or body")
    })
}

/// A place of the HTTP message rather than of the interchanges.
fn of_http(text: &str) -> Option<Locator> {
    Locator::parse(text)
        .ok()
        .filter(|locator| !matches!(locator, Locator::Expression(_)))
}

impl port::Reading for Reading<'_> {
    fn json(&self) -> Result<&Json, String> {
        self.view
            .get_or_init(|| {
                let file = File::parse(&self.bytes).map_err(|error| error.to_string())?;
                view::view(&file)
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn locate(&self, locator: &str) -> Result<Vec<Json>, String> {
        if let Some(locator) = of_http(locator) {
            return locator.find(self.message, || Err(String::from("the body is no JSON")));
        }
        let location = Location::parse(locator.trim()).map_err(|error| error.to_string())?;
        let file = File::parse(&self.bytes).map_err(|error| error.to_string())?;
        if location.loops.is_empty() {
            let segments = file.interchanges().iter().flat_map(Interchange::segments);
            return Ok(shown(locate(segments, &location)));
        }
        let mut found = Vec::new();
        for interchange in file.interchanges() {
            let envelope = Envelope::read(interchange);
            for (group, set) in envelope.transactions() {
                if let Some(guide) = validate::guide(group, set) {
                    found.extend(shown(locate_in(&Tree::build(set, guide), &location)));
                }
            }
        }
        Ok(found)
    }
}

/// What was found, without elements that say nothing.
fn shown(found: Vec<crate::locate::Found<'_>>) -> Vec<Json> {
    found
        .into_iter()
        .map(|found| found.raw())
        .filter(|raw| !raw.is_empty())
        .map(|raw| Json::from(String::from_utf8_lossy(raw).trim_end()))
        .collect()
}
