//! A file read as text.

use std::cell::OnceCell;

use bytes::Bytes;
use wardgate_core::port::Reading;
use wardgate_expression::{
    Json,
    fhirpath::{Context, Expression, Value},
    json,
};

/// A file as `{"name": …, "lines": […]}`, made when it is first asked for. Lines are without their ends, and an empty
/// one after the last line end does not count.
#[derive(Debug)]
pub(crate) struct FileReading<'a> {
    name: &'a str,
    content: &'a Bytes,
    json: OnceCell<Result<Json, String>>,
}

impl<'a> FileReading<'a> {
    pub(crate) fn new(name: &'a str, content: &'a Bytes) -> Self {
        Self {
            name,
            content,
            json: OnceCell::new(),
        }
    }

    fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(self.content).map_err(|error| {
            format!(
                "the file is not UTF-8 text from byte {}",
                error.valid_up_to()
            )
        })
    }
}

impl Reading for FileReading<'_> {
    fn json(&self) -> Result<&Json, String> {
        self.json
            .get_or_init(|| {
                let lines: Json = self.text()?.lines().collect();
                Ok(json!({"name": self.name, "lines": lines}))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn locate(&self, locator: &str) -> Result<Vec<Json>, String> {
        match locator.trim() {
            "name" => Ok(vec![Json::from(self.name)]),
            "content" => Ok(vec![Json::from(self.text()?)]),
            locator => Ok(expression(locator)?
                .evaluate(&Context::new(self.json()?))
                .map_err(|error| error.to_string())?
                .iter()
                .map(Value::to_json)
                .collect()),
        }
    }
}

/// Reads a location that is neither `name` nor `content`.
pub(crate) fn expression(locator: &str) -> Result<Expression, String> {
    Expression::parse(locator).map_err(|error| {
        format!(
            "expected name, content or an expression over name and lines, such as lines[0]: {error}"
        )
    })
}
