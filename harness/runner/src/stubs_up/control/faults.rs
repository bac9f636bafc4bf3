//! Ways to behave badly, as a request names them.

use wardgate_contract::duration;
use wardgate_core::port::Fault;
use wardgate_expression::{Json, Object};

use super::answer::Problem;

const EXPECTED: &str = r#"one or more of {"down": 2}, {"refuse": {"with": "503", "attempts": 2}}, {"slow": {"by": "800ms", "attempts": 2}}, {"lose_reply": 1}, {"garble": 1}; a number counts the attempts, 1 where none is given"#;

/// Reads faults out of an object; none is had unless all of it is understood.
pub(super) fn read(body: &Json) -> Result<Vec<Fault>, Problem> {
    let members = body
        .as_object()
        .filter(|members| !members.is_empty() && members.duplicate_keys().is_empty())
        .ok_or_else(|| {
            Problem::bad(
                format!(
                    "this is not an object that names faults but {}",
                    body.kind()
                ),
                EXPECTED,
            )
        })?;
    members
        .iter()
        .map(|(name, value)| {
            fault(name, value)
                .map_err(|reason| Problem::bad(format!("'{name}': {reason}"), EXPECTED))
        })
        .collect()
}

fn fault(name: &str, value: &Json) -> Result<Fault, String> {
    let details = Details::read(value, name)?;
    let attempts = details.attempts;
    match name {
        "down" => Ok(Fault::Down { attempts }),
        "lose_reply" => Ok(Fault::LoseReply { attempts }),
        "garble" => Ok(Fault::Garble { attempts }),
        "refuse" => Ok(Fault::Refuse {
            with: details.with,
            attempts,
        }),
        "slow" => {
            let text = details.by.ok_or("'by' is missing")?;
            let by = duration::parse(&text)
                .ok_or_else(|| format!("'{text}' is not a length of time such as 800ms or 2s"))?;
            Ok(Fault::Slow { by, attempts })
        }
        _ => Err(String::from("there is no such fault")),
    }
}

/// What stands under a fault's name.
struct Details {
    attempts: u32,
    with: Option<String>,
    by: Option<String>,
}

impl Details {
    fn read(value: &Json, name: &str) -> Result<Self, String> {
        let mut details = Self {
            attempts: 1,
            with: None,
            by: None,
        };
        let members = match value {
            Json::Number(_) => {
                details.attempts = attempts(value)?;
                return Ok(details);
            }
            Json::Object(members) => members,
            other => return Err(format!("{} says nothing here", other.kind())),
        };
        details.fill(members, name)?;
        Ok(details)
    }

    fn fill(&mut self, members: &Object, name: &str) -> Result<(), String> {
        for (key, value) in members {
            match (key, name) {
                ("attempts", _) => self.attempts = attempts(value)?,
                ("with", "refuse") => self.with = Some(word(value)?),
                ("by", "slow") => self.by = Some(word(value)?),
                _ => return Err(format!("it has no '{key}'")),
            }
        }
        Ok(())
    }
}

fn attempts(value: &Json) -> Result<u32, String> {
    value
        .as_i64()
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("{value} attempts cannot be; at least 1 can"))
}

/// Text, or a number as its digits: a status is written either way.
fn word(value: &Json) -> Result<String, String> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.as_str().to_owned()),
        other => Err(format!("{} is not text", other.kind())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wardgate_expression::json;

    use super::*;

    #[test]
    fn every_fault_is_read() {
        let body = json!({
            "down": 2, "refuse": {"with": 503, "attempts": 3}, "slow": {"by": "1.5s"}, "lose_reply": {}, "garble": {"attempts": 4},
        });
        assert_eq!(
            read(&body),
            Ok(vec![
                Fault::Down { attempts: 2 },
                Fault::Refuse {
                    with: Some(String::from("503")),
                    attempts: 3
                },
                Fault::Slow {
                    by: Duration::from_millis(1_500),
                    attempts: 1
                },
                Fault::LoseReply { attempts: 1 },
                Fault::Garble { attempts: 4 },
            ])
        );
        let refuse = read(&json!({"refuse": 1}));
        assert_eq!(
            refuse,
            Ok(vec![Fault::Refuse {
                with: None,
                attempts: 1
            }])
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_as_a_whole() {
        for body in [
            json!([]),
            json!({}),
            json!(null),
            json!({"down": 1, "up": 1}),
            json!({"down": 0}),
            json!({"down": true}),
            json!({"down": {"with": "503"}}),
            json!({"slow": 1}),
            json!({"slow": {"by": "soon"}}),
            json!({"slow": {"by": []}}),
            json!({"refuse": {"attempts": 5_000_000_000_i64}}),
        ] {
            let problem = read(&body).expect_err("it means nothing");
            assert_eq!(problem.expected, EXPECTED, "{body}");
        }
    }
}
