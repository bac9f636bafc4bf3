//! A message as expectations read it.

use std::cell::OnceCell;

use wardgate_core::port;
use wardgate_expression::Json;

use crate::{
    locate,
    location::Location,
    message::Message,
    view::{TooLarge, view},
};

/// A message and, once somebody has asked for it, its view.
pub(crate) struct Reading<'a> {
    message: Message<'a>,
    view: OnceCell<Result<Json, TooLarge>>,
}

impl<'a> Reading<'a> {
    /// Reads the payload of a frame.
    pub(crate) fn new(payload: &'a [u8]) -> Result<Self, String> {
        Ok(Self {
            message: Message::parse(payload).map_err(|error| error.to_string())?,
            view: OnceCell::new(),
        })
    }
}

impl port::Reading for Reading<'_> {
    fn json(&self) -> Result<&Json, String> {
        self.view
            .get_or_init(|| view(&self.message))
            .as_ref()
            .map_err(ToString::to_string)
    }

    fn locate(&self, locator: &str) -> Result<Vec<Json>, String> {
        let location = Location::parse(locator).map_err(|error| error.to_string())?;
        let found = locate::find(&self.message, &location).map_err(|error| error.to_string())?;
        Ok(found
            .into_iter()
            .map(|found| Json::String(found.text))
            .collect())
    }
}
