//! OperationOutcome: how the stub says that something is wrong (FHIR R4, operationoutcome).

use wardgate_core::wire::fault;
use wardgate_expression::{Json, Object, json};

/// Why an interaction is refused: a status and at least one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status, 4xx or 5xx.
    pub(crate) status: u16,
    /// What is wrong, the first issue first.
    pub(crate) issues: Vec<Issue>,
    /// Headers that go with the status, such as `allow`.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    /// `error`, `warning` or `information`.
    pub(crate) severity: &'static str,
    /// A code of the issue-type code system, such as `not-found`.
    pub(crate) code: &'static str,
    /// What is wrong, in a sentence.
    pub(crate) diagnostics: String,
    /// Where: a FHIRPath in the resource, or `http.NAME` for a header or parameter.
    pub(crate) expression: Option<String>,
}

impl Issue {
    /// An issue that keeps the interaction from being done.
    pub(crate) fn error(code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self {
            severity: "error",
            code,
            diagnostics: diagnostics.into(),
            expression: None,
        }
    }

    /// Says where.
    pub(crate) fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }
}

impl Refusal {
    /// A refusal for one reason.
    pub(crate) fn new(status: u16, code: &'static str, diagnostics: impl Into<String>) -> Self {
        Issue::error(code, diagnostics).refuse(status)
    }

    /// Says where the first issue is.
    pub(crate) fn at(mut self, expression: impl Into<String>) -> Self {
        if let Some(issue) = self.issues.first_mut() {
            issue.expression = Some(expression.into());
        }
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The OperationOutcome.
    pub(crate) fn outcome(&self) -> Json {
        outcome(&self.issues)
    }
}

impl Issue {
    /// A refusal for this reason.
    pub(crate) fn refuse(self, status: u16) -> Refusal {
        Refusal {
            status,
            issues: vec![self],
            headers: Vec::new(),
        }
    }
}

/// Why bytes that are no request, or none that can be served, are refused.
pub(crate) fn of_garbage(reason: &str) -> Refusal {
    let (status, code) = match fault::status(reason) {
        status @ 408 => (status, "timeout"),
        status @ (413 | 431) => (status, "too-long"),
        status @ 501 => (status, "not-supported"),
        status => {
            let reason = format!("this is no HTTP request: {reason}");
            return Refusal::new(status, "structure", reason);
        }
    };
    Refusal::new(status, code, reason)
}

/// An OperationOutcome of these issues.
pub(crate) fn outcome(issues: &[Issue]) -> Json {
    let issues: Vec<Json> = issues
        .iter()
        .map(|issue| {
            let mut members = Object::new();
            members.push("severity", issue.severity);
            members.push("code", issue.code);
            members.push("diagnostics", issue.diagnostics.as_str());
            if let Some(expression) = &issue.expression {
                members.push("expression", json!([expression]));
            }
            Json::Object(members)
        })
        .collect();
    json!({"resourceType": "OperationOutcome", "issue": issues})
}
