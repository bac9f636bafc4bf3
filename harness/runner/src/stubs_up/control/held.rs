//! What a partner holds: shown in pages, and given more of.

use hyper::StatusCode;
use wardgate_core::port::Held;
use wardgate_expression::{Json, json};

use super::{
    answer::{Problem, Reply, array_within, ok, reply},
    query::{Parameter, numbers},
    received::instant,
};
use crate::stubs_up::LiveStub;

/// About how many bytes of records one page holds at most.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// How many records each collection of a partner holds.
pub(super) fn counts(stub: &LiveStub) -> Json {
    let counts = stub.collections().into_iter().map(|name| {
        let count = stub.held(&name, |held| held.len()).unwrap_or(0);
        (name, Json::from(count))
    });
    Json::Object(counts.collect())
}

/// A page of a collection.
pub(super) fn page(
    stub: &LiveStub,
    collection: &str,
    query: Option<&str>,
) -> Result<Reply, Problem> {
    let [offset, limit] = numbers(
        query,
        [
            Parameter {
                name: "offset",
                usual: 0,
                least: 0,
                most: u64::MAX,
            },
            Parameter {
                name: "limit",
                usual: 100,
                least: 1,
                most: 10_000,
            },
        ],
    )?;
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // The stub waits meanwhile, so no more records are made than the page has room for.
    let ((text, written), count) = stub
        .protocol()
        .check_collection(collection)
        .and_then(|()| {
            stub.held(collection, |held| {
                let page = held.iter().skip(from).take(limit).map(shown);
                (array_within(PAGE_BYTES, page), held.len())
            })
        })
        .map_err(|reason| {
            Problem::missing(
                format!("'{}' has no collection '{collection}'", stub.name()),
                reason,
            )
        })?;
    let next = Some(from.saturating_add(written)).filter(|next| *next < count);
    Ok(reply(
        StatusCode::OK,
        format!(
            "{{\"partner\":{},\"collection\":{},\"count\":{count},\"next\":{},\"records\":{text}}}",
            Json::from(stub.name()),
            Json::from(collection),
            Json::from(next),
        ),
    ))
}

fn shown(held: &Held<'_>) -> Json {
    json!({ "id": held.id, "changed": instant(held.changed), "record": held.record().into_owned() })
}

/// Holds what a body carries: one record, an array of them or NDJSON.
pub(super) fn seed(stub: &LiveStub, collection: &str, body: &[u8]) -> Result<Reply, Problem> {
    let (records, lines) = records(body)?;
    let held = stub.seed(collection, records).map_err(|error| {
        let place = match &lines {
            Some(lines) => format!("line {}", lines.get(error.index).copied().unwrap_or(0)),
            None => format!("record {}", error.index + 1),
        };
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "{place} cannot be held, so none of them is: {}",
                error.reason
            ),
            format!(
                "records that a partner of protocol '{}' can hold in '{collection}'",
                stub.protocol().name()
            ),
        )
    })?;
    Ok(ok(
        &json!({ "partner": stub.name(), "collection": collection, "held": held }),
    ))
}

/// The records of a body, and the line of each where every line is one.
fn records(body: &[u8]) -> Result<(Vec<Json>, Option<Vec<usize>>), Problem> {
    let empty = || Problem::bad("there is no record in it", EXPECTED);
    let fault = match Json::parse_bytes(body) {
        Ok(Json::Array(records)) if records.is_empty() => return Err(empty()),
        Ok(Json::Array(records)) => return Ok((records, None)),
        Ok(record) => return Ok((vec![record], None)),
        Err(fault) => fault,
    };
    if body.trim_ascii().is_empty() {
        return Err(empty());
    }
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    let numbered = body.split(|byte| *byte == b'\n').zip(1..);
    for (line, number) in numbered.filter(|(line, _)| !line.trim_ascii().is_empty()) {
        match Json::parse_bytes(line) {
            Ok(record) => {
                records.push(record);
                lines.push(number);
            }
            // A first line that is no record begins no NDJSON: the document's own fault says more.
            Err(_) if records.is_empty() => {
                return Err(Problem::bad(
                    format!("the body is not JSON: {fault}"),
                    EXPECTED,
                ));
            }
            Err(fault) => {
                let place = format!("line {number}, column {}", fault.column());
                let (wanted, found) = (fault.expected(), fault.found());
                return Err(Problem::bad(
                    format!("{place}: expected {wanted}, found {found}"),
                    EXPECTED,
                ));
            }
        }
    }
    Ok((records, Some(lines)))
}

const EXPECTED: &str = "one record as JSON, an array of records, or one record a line (NDJSON)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_an_array_and_lines_are_records() {
        for (body, expected) in [
            ("{\"a\":1}", (1, None)),
            (" \"MSH|…\" ", (1, None)),
            ("[{},{}]", (2, None)),
            ("{\n \"a\": 1\n}\n", (1, None)),
            ("{}\n{}\n", (2, Some(vec![1, 2]))),
            ("\n{}\r\n\n\"x\"", (2, Some(vec![2, 4]))),
        ] {
            let (records, lines) = records(body.as_bytes()).expect(body);
            assert_eq!((records.len(), lines), expected, "{body}");
        }
    }

    #[test]
    fn what_is_none_is_located() {
        for (body, place) in [
            ("", "no record"),
            (" \n", "no record"),
            ("[]", "no record"),
            ("{\n \"a\": }\n", "line 2, column 7"),
            ("{}\n{}\n{]", "line 3, column 2"),
            ("nonsense", "line 1, column 1"),
        ] {
            let problem = records(body.as_bytes()).expect_err(body);
            assert!(problem.error.contains(place), "{body}: {}", problem.error);
        }
    }
}
