//! Templates and expressions: whether they parse, and whether their names are known.

use wardgate_expression::{
    fhirpath::{Access, Expression, Root},
    jsonpath::JsonPath,
};

use super::{Lint, Part, Scope};
use crate::{Finding, Span, Spanned, Template, suggest, template::Segment};

impl Lint<'_> {
    /// Judges a text that may hold `${…}`. `place` is where it was read from.
    pub(super) fn template(&mut self, text: &str, place: Span, scope: &Scope) {
        if !text.contains("${") {
            return;
        }
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(error) => {
                let span = self.place(place, text, error.span);
                self.findings.push(
                    Finding::error("template-syntax", span, error.message)
                        .label("expected `${name}`, `${name.member}` or `${name|filter}`")
                        .help("write `$${` where `${` is meant literally"),
                );
                return;
            }
        };
        for reference in template.references() {
            if !scope.has(reference.name()) {
                let span = self.place(place, text, reference.span);
                self.unresolved(
                    reference.name(),
                    &format!("`${{{reference}}}`"),
                    span,
                    scope,
                );
            }
            let parts: Vec<_> = reference.path.iter().skip(1).map(part).collect();
            let span = self.place(place, text, reference.span);
            self.way(
                reference.name(),
                &parts,
                &format!("`${{{reference}}}`"),
                span,
                scope,
            );
            let Some(vocabulary) = self.vocabulary else {
                continue;
            };
            let known = vocabulary.filters();
            for filter in reference
                .filters
                .iter()
                .filter(|filter| !known.contains(filter))
            {
                let span = self.place(place, text, reference.span);
                let filter = Spanned::new(filter.clone(), span);
                self.unknown(
                    "unknown-filter",
                    &filter,
                    "is not a filter",
                    "expected a filter after `|`",
                    &known,
                );
            }
        }
    }

    /// Judges a FHIRPath expression.
    pub(super) fn expression(&mut self, text: &Spanned<String>, scope: &Scope) {
        self.expression_within(&text.value, text.span, scope);
    }

    /// Judges an expression that stands somewhere within a place.
    pub(super) fn expression_within(&mut self, text: &str, place: Span, scope: &Scope) {
        if let Some(at) = text.find("${") {
            let end = text[at..]
                .find('}')
                .map_or(text.len(), |length| at + length + 1);
            let name = text[at..end].trim_start_matches("${").trim_end_matches('}');
            let name = name.split('|').next().unwrap_or_default();
            let span = self.place(place, text, Span::new(at, end));
            self.findings.push(
                Finding::error("template-in-expression", span, "text is never pasted into an expression")
                    .label("expected a variable")
                    .help(format!("write `%{name}`: the value is then compared as it is, also where it holds quotes")),
            );
            return;
        }
        let expression = match Expression::parse(text) {
            Ok(expression) => expression,
            Err(error) => {
                let span = error.span();
                let span = self.place(place, text, Span::new(span.start, span.end));
                let mut finding = Finding::error(
                    "expression",
                    span,
                    format!("the expression cannot be read: {}", error.message()),
                )
                .label("in this FHIRPath expression");
                finding.help = Some(error.help().map_or_else(
                    || String::from("for example `name.first().family = %patient.family`"),
                    str::to_owned,
                ));
                self.findings.push(finding);
                return;
            }
        };
        for name in expression.variables() {
            if !scope.has(name) {
                let variable = format!("%{name}");
                let at = text.find(&variable).unwrap_or_default();
                let span = self.place(place, text, Span::new(at, at + variable.len()));
                self.unresolved(name, &format!("`{variable}`"), span, scope);
            }
        }
        for access in expression.accesses() {
            if let Root::Variable(name) = access.root {
                let parts = parts(&access);
                let span = self.place(place, text, Span::new(access.span.start, access.span.end));
                let written = format!("`%{name}.{}`", access.path.join("."));
                self.way(name, &parts, &written, span, scope);
            }
        }
    }

    /// Judges a JSONPath. Nothing is filled into one, so a `${…}` in it would only be searched for as it stands.
    pub(super) fn json_path(&mut self, path: &Spanned<String>) {
        if let Some(at) = path.value.find("${") {
            let span = self.place(path.span, path, Span::new(at, path.value.len()));
            self.findings.push(
                Finding::error("template-in-expression", span, "text is never pasted into a JSONPath")
                    .label("expected a path without `${…}`")
                    .help("match the value instead, as in `\"$..mrn\": \"${mrn}\"`, or use `fhirpath` with `%mrn`"),
            );
            return;
        }
        if let Err(error) = JsonPath::parse(path) {
            let at = Span::new(error.offset(), path.value.len());
            let span = self.place(path.span, path, at);
            self.findings.push(
                Finding::error(
                    "jsonpath",
                    span,
                    format!("the path cannot be read: {}", error.message()),
                )
                .label("in this JSONPath")
                .help(
                    "for example `$.name[0].family`, `$..id` or `$.lines[?@.code == 'A'].amount`",
                ),
            );
        }
    }

    fn unresolved(&mut self, name: &str, written: &str, span: Span, scope: &Scope) {
        let known = scope.names();
        let mut finding = Finding::error(
            "unresolved-name",
            span,
            format!("{written} refers to nothing"),
        )
        .label("expected the name of a drawn, generated or captured value");
        finding.help = suggest::nearest(name, known.iter().copied()).map_or_else(
            || {
                Some(format!(
                    "add it under `data:`, or capture it in an earlier step; known here: {}",
                    known.join(", ")
                ))
            },
            |near| Some(format!("did you mean `{near}`?")),
        );
        self.findings.push(finding);
    }
}

/// The way of an expression to a member.
pub(super) fn parts<'e>(access: &Access<'e>) -> Vec<Part<'e>> {
    access
        .path
        .iter()
        .map(|name| Part::MemberOfEach(name))
        .collect()
}

fn part(segment: &Segment) -> Part<'_> {
    match segment {
        Segment::Name(name) => Part::Member(name),
        Segment::Index(_) => Part::Item,
    }
}
