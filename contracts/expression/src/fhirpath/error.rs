//! What can go wrong with an expression, and where in its text.

use std::fmt;
use std::ops::Range;

/// Why a text is not an expression.
///
/// `Display` is the message alone; the span and the hint are for whoever shows the expression next to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(Box<Fault>);

/// What both kinds of error hold; on the heap, because deep recursion carries results through every level.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    message: String,
    span: Option<Range<usize>>,
    hint: Option<String>,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self(Box::new(Fault {
            message: message.into(),
            span: Some(span),
            hint: None,
        }))
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// What is wrong, as a sentence fragment in lower case.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The bytes of the expression's text that the message is about; empty at the end of the text.
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone().unwrap_or_default()
    }

    /// What the author probably meant, where that can be guessed.
    pub fn help(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ParseError {}

/// Why an expression has no value for this input: wrong types, several items where one is needed, a number that does
/// not fit, an undefined variable, or more work than the limits allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError(Box<Fault>);

impl EvalError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Fault {
            message: message.into(),
            span: None,
            hint: None,
        }))
    }

    /// Names the place, unless a more inner one has been named already.
    pub(crate) fn within(mut self, span: &Range<usize>) -> Self {
        self.0.span.get_or_insert_with(|| span.clone());
        self
    }

    /// What is wrong, as a sentence fragment in lower case.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The bytes of the expression's text that failed.
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone().unwrap_or_default()
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for EvalError {}
