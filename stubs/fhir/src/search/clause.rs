//! One condition of a query: a parameter, a modifier and the values of which one must match.

use wardgate_expression::Json;

use super::{
    Parameter, ParameterKind, ResourceType, date::DateQuery, number::NumberQuery,
    reference::ReferenceQuery, text::TextMatch, token::TokenQuery,
};

/// What a search must know of the exchange that it is part of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The server's base URL as the client wrote it: references below it are to our own resources.
    pub(crate) base: &'a str,
    /// The logical time, which "about" is counted from.
    pub(crate) now_unix_ms: i64,
}

/// One condition of a query.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    parameter: &'static Parameter,
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Missing(bool),
    Date(Vec<DateQuery>),
    Number(Vec<NumberQuery>),
    Reference(Vec<ReferenceQuery>),
    Text(TextMatch, Vec<String>),
    Token(Vec<TokenQuery>),
    Uri(Vec<(bool, String)>),
}

impl Clause {
    /// Reads `code:modifier=values`; the error says what is wrong with the modifier or the values.
    pub(crate) fn parse(
        parameter: &'static Parameter,
        modifier: Option<&str>,
        values: &str,
        scope: Scope<'_>,
    ) -> Result<Self, String> {
        let code = parameter.code;
        let parts = split_escaped(values, ',');
        if parts.iter().any(String::is_empty) {
            return Err(format!("'{code}' has an empty value"));
        }
        let unsupported = |modifier: &str| {
            Err(format!(
                "the modifier ':{modifier}' is not supported on '{code}', which is a {} parameter",
                parameter.kind.code()
            ))
        };
        let clause = |test| {
            Ok(Self {
                parameter,
                negated: false,
                test,
            })
        };
        if modifier == Some("missing") {
            return match values {
                "true" => clause(Test::Missing(true)),
                "false" => clause(Test::Missing(false)),
                other => Err(format!("'{code}:missing' is true or false, not '{other}'")),
            };
        }
        match (parameter.kind, modifier) {
            (ParameterKind::Token, None) => {
                each_token(&parts, code).and_then(|queries| clause(Test::Token(queries)))
            }
            (ParameterKind::Token, Some("not")) => Ok(Self {
                parameter,
                negated: true,
                test: Test::Token(each_token(&parts, code)?),
            }),
            (ParameterKind::String, _) => {
                let how = match modifier {
                    None => TextMatch::Starts,
                    Some("contains") => TextMatch::Contains,
                    Some("exact") => TextMatch::Exact,
                    Some(other) => return unsupported(other),
                };
                clause(Test::Text(
                    how,
                    parts
                        .iter()
                        .map(|part| how.prepare(&unescape(part)))
                        .collect(),
                ))
            }
            (ParameterKind::Reference, named) => {
                if let Some(named) = named
                    && ResourceType::find(named).is_none()
                {
                    return unsupported(named);
                }
                clause(Test::Reference(
                    parts
                        .iter()
                        .map(|part| ReferenceQuery::parse(&unescape(part), named, scope.base))
                        .collect(),
                ))
            }
            (ParameterKind::Uri, None | Some("below")) => clause(Test::Uri(
                parts
                    .iter()
                    .map(|part| (modifier.is_some(), unescape(part)))
                    .collect(),
            )),
            (ParameterKind::Date, None) => each(&parts, code, "a date", |part| {
                DateQuery::parse(part, scope.now_unix_ms)
            })
            .and_then(|queries| clause(Test::Date(queries))),
            (ParameterKind::Number, None) => each(&parts, code, "a number", |part| {
                NumberQuery::parse(part, false)
            })
            .and_then(|queries| clause(Test::Number(queries))),
            (ParameterKind::Quantity, None) => {
                each(&parts, code, "a number with an optional unit", |part| {
                    NumberQuery::parse(part, true)
                })
                .and_then(|queries| clause(Test::Number(queries)))
            }
            (_, Some(other)) => unsupported(other),
        }
    }

    /// The parameter.
    pub(crate) fn parameter(&self) -> &'static Parameter {
        self.parameter
    }

    /// Whether every resource that matches has one of [`keys`](Self::keys).
    pub(crate) fn narrows(&self) -> bool {
        !self.negated
            && match &self.test {
                Test::Token(queries) => queries.iter().all(|query| query.code.is_some()),
                Test::Reference(_) => true,
                _ => false,
            }
    }

    /// Something to tell clauses that an index serves from those that none does.
    pub(crate) fn key(&self) -> Option<&str> {
        if self.narrows() {
            self.keys().next()
        } else {
            None
        }
    }

    /// The index keys of the values asked for.
    pub(crate) fn keys(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.test {
            Test::Token(queries) => {
                Box::new(queries.iter().filter_map(|query| query.code.as_deref()))
            }
            Test::Reference(queries) => Box::new(queries.iter().map(ReferenceQuery::key)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Whether a resource satisfies the condition.
    pub(crate) fn matches(&self, resource: &Json, scope: Scope<'_>) -> bool {
        if let Test::Missing(wanted) = self.test {
            let mut there = false;
            self.visit(resource, &mut |_| there = true);
            return there != wanted;
        }
        let mut hit = false;
        self.visit(resource, &mut |value| {
            hit = hit || self.test.admits(value, scope);
        });
        hit != self.negated
    }

    fn visit<'a>(&self, resource: &'a Json, found: &mut dyn FnMut(&'a Json)) {
        for path in &self.parameter.paths {
            path.visit(resource, found);
        }
    }
}

impl Test {
    fn admits(&self, value: &Json, scope: Scope<'_>) -> bool {
        match self {
            Self::Missing(_) => false,
            Self::Date(queries) => queries.iter().any(|query| query.matches(value)),
            Self::Number(queries) => queries.iter().any(|query| query.matches(value)),
            Self::Reference(queries) => {
                queries.iter().any(|query| query.matches(value, scope.base))
            }
            Self::Text(how, wanted) => wanted.iter().any(|wanted| how.matches(value, wanted)),
            Self::Token(queries) => queries.iter().any(|query| query.matches(value)),
            Self::Uri(wanted) => value.as_str().is_some_and(|found| {
                wanted.iter().any(|(below, wanted)| {
                    if *below {
                        found.starts_with(wanted.as_str())
                    } else {
                        found == wanted
                    }
                })
            }),
        }
    }
}

fn each<Q>(
    parts: &[String],
    code: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<Q>,
) -> Result<Vec<Q>, String> {
    parts
        .iter()
        .map(|part| {
            parse(&unescape(part)).ok_or_else(|| format!("'{code}' takes {expected}, not '{part}'"))
        })
        .collect()
}

fn each_token(parts: &[String], code: &str) -> Result<Vec<TokenQuery>, String> {
    parts
        .iter()
        .map(|part| {
            token(part).ok_or_else(|| {
                format!("'{code}' takes a code with an optional system in front, not '{part}'")
            })
        })
        .collect()
}

fn token(part: &str) -> Option<TokenQuery> {
    let mut sides = split_escaped(part, '|')
        .into_iter()
        .map(|side| unescape(&side));
    let query = match (sides.next(), sides.next()) {
        (Some(system), Some(code)) => TokenQuery {
            system: Some(system),
            code: Some(code).filter(|code| !code.is_empty()),
        },
        (code, _) => TokenQuery { system: None, code },
    };
    sides.next().is_none().then_some(query)
}

/// Splits at a character that no backslash stands in front of; the backslashes stay.
fn split_escaped(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        if c == separator && !escaped {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        escaped = c == '\\' && !escaped;
        part.push(c);
    }
    parts.push(part);
    parts
}

/// Takes the backslashes away that stand in front of `\ , | $` (FHIR R4, search, "Escaping Search Parameters").
fn unescape(text: &str) -> String {
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.chars().peekable());
    while let Some(c) = letters.next() {
        match letters.peek() {
            Some('\\' | ',' | '|' | '$') if c == '\\' => plain.extend(letters.next()),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    const SCOPE: Scope<'_> = Scope {
        base: "http://here/fhir",
        now_unix_ms: 0,
    };

    fn clause(code: &str, modifier: Option<&str>, values: &str) -> Result<Clause, String> {
        let patient = ResourceType::find("Patient").expect("R4 has patients");
        Clause::parse(
            patient.parameter(code).expect("it is a parameter"),
            modifier,
            values,
            SCOPE,
        )
    }

    fn found(code: &str, modifier: Option<&str>, values: &str, resource: &Json) -> bool {
        clause(code, modifier, values)
            .expect("it is well formed")
            .matches(resource, SCOPE)
    }

    #[test]
    fn values_are_alternatives_and_escapes_are_literal() {
        let resource = json!({"gender": "male", "identifier": [{"system": "s", "value": "a,b|c"}]});
        assert!(found("gender", None, "female,male", &resource));
        assert!(found("identifier", None, "s|a\\,b\\|c", &resource));
        assert!(!found("identifier", None, "a,b", &resource));
        assert!(found("gender", Some("not"), "female", &resource));
        assert!(!found("gender", Some("not"), "female,male", &resource));
        assert!(found("gender", Some("not"), "female", &json!({})));
        assert!(found("birthdate", Some("missing"), "true", &resource));
        assert!(!found("gender", Some("missing"), "true", &resource));
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for (code, modifier, values) in [
            ("gender", None, ""),
            ("gender", None, "male,"),
            ("gender", Some("exact"), "male"),
            ("name", Some("not"), "x"),
            ("birthdate", None, "soon"),
            ("birthdate", Some("exact"), "2020"),
            ("gender", Some("missing"), "perhaps"),
            ("identifier", None, "s|a|b"),
            ("identifier", Some("not"), "s|a|b"),
            ("organization", Some("Nonsense"), "1"),
        ] {
            assert!(
                clause(code, modifier, values).is_err(),
                "{code}:{modifier:?}={values}"
            );
        }
    }
}
