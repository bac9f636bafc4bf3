//! What each route does.

use std::sync::Arc;

use hyper::StatusCode;
use wardgate_core::wire::Transport;
use wardgate_expression::{Json, Object, json};

use super::{
    answer::{Problem, Reply, ok},
    faults, held,
    query::numbers,
    received,
    route::{ROUTES, Route},
};
use crate::stubs_up::{
    LiveStub,
    aside::{aside, is_large},
};

/// A request, read as far as its route needs.
#[derive(Debug)]
pub(super) struct Request<'r> {
    /// The method; `HEAD` is asked as `GET`.
    pub(super) method: &'r str,
    /// What it is about.
    pub(super) route: Route<'r>,
    /// The query, without the `?`.
    pub(super) query: Option<&'r str>,
    /// The body; empty where the method has none.
    pub(super) body: &'r [u8],
}

/// Answers a request whose method its route has. What may take long, be it by itself or since a stub is at something long,
/// keeps nobody else waiting.
pub(super) async fn answer(
    stubs: &[Arc<LiveStub>],
    request: Request<'_>,
) -> Result<Reply, Problem> {
    if let Route::Received(name) = request.route {
        return received::page(find(stubs, name)?, request.query).await;
    }
    if is_large(request.body.len()) || stubs.iter().any(|stub| stub.is_busy()) {
        return aside(|| answer_now(stubs, &request));
    }
    answer_now(stubs, &request)
}

fn answer_now(stubs: &[Arc<LiveStub>], request: &Request<'_>) -> Result<Reply, Problem> {
    let Request { route, query, .. } = *request;
    let is_read = request.method == "GET";
    if let Route::Held(name, collection) = route
        && is_read
    {
        return held::page(find(stubs, name)?, collection, query);
    }
    let [] = numbers(query, [])?;
    let document = match route {
        Route::Root => listing(),
        Route::Partners => {
            let listed = |stub: &Arc<LiveStub>| {
                // Whoever lists all does not want to wait for the one that works.
                if stub.is_busy() {
                    busy(stub)
                } else {
                    partner(stub)
                }
            };
            json!({ "partners": stubs.iter().map(listed).collect::<Json>() })
        }
        Route::Partner(name) => partner(find(stubs, name)?),
        Route::Collections(name) => {
            let stub = find(stubs, name)?;
            json!({ "partner": stub.name(), "collections": held::counts(stub) })
        }
        Route::Held(name, collection) => {
            return held::seed(find(stubs, name)?, collection, request.body);
        }
        Route::Received(_) => Json::Null,
        Route::Faults(name) => {
            let stub = find(stubs, name)?;
            if request.method == "DELETE" {
                stub.clear_faults();
                json!({ "partner": stub.name(), "faults": {} })
            } else {
                break_it(stub, request.body)?
            }
        }
        Route::Snapshot(name) => {
            let stub = find(stubs, name)?;
            stub.snapshot();
            json!({ "partner": stub.name(), "remembered": held::counts(stub) })
        }
        Route::Reset(name) => {
            let stub = find(stubs, name)?;
            stub.reset();
            json!({ "partner": stub.name(), "holds": held::counts(stub) })
        }
        Route::SnapshotAll => {
            for stub in stubs {
                stub.snapshot();
            }
            json!({ "partners": by_name(stubs, "remembered") })
        }
        Route::ResetAll => {
            for stub in stubs {
                stub.reset();
            }
            json!({ "partners": by_name(stubs, "holds") })
        }
    };
    Ok(ok(&document))
}

fn find<'s>(stubs: &'s [Arc<LiveStub>], name: &str) -> Result<&'s Arc<LiveStub>, Problem> {
    stubs
        .iter()
        .find(|stub| stub.name() == name)
        .ok_or_else(|| {
            let names: Vec<&str> = stubs.iter().map(|stub| stub.name()).collect();
            Problem::missing(
                format!("there is no partner '{name}'"),
                format!("one of {}", names.join(", ")),
            )
        })
}

fn listing() -> Json {
    let routes: Json = ROUTES
        .iter()
        .map(|route| json!({ "method": route.method, "path": route.path, "does": route.doc }))
        .collect();
    json!({ "wardgate": env!("CARGO_PKG_VERSION"), "routes": routes })
}

/// A partner that is at something long: who it is, and that what it holds cannot be told now.
fn busy(stub: &LiveStub) -> Json {
    let mut shown = named(stub);
    shown.push("busy", true);
    Json::Object(shown)
}

fn named(stub: &LiveStub) -> Object {
    let mut shown = Object::new();
    shown.push("name", stub.name());
    shown.push("protocol", stub.protocol().name());
    shown.push("address", stub.address().to_string());
    if matches!(stub.protocol().transport(), Transport::Http) {
        shown.push("url", format!("http://{}", stub.address()));
    }
    shown
}

fn partner(stub: &LiveStub) -> Json {
    let mut shown = named(stub);
    let (kept, kept_bytes) = stub.journal_size();
    shown.push("holds", held::counts(stub));
    shown.push("received", stub.received_count());
    shown.push("received_kept", kept);
    shown.push("received_kept_bytes", kept_bytes);
    Json::Object(shown)
}

fn by_name(stubs: &[Arc<LiveStub>], what: &str) -> Json {
    stubs
        .iter()
        .map(|stub| json!({ "partner": stub.name(), (what): held::counts(stub) }))
        .collect()
}

fn break_it(stub: &Arc<LiveStub>, body: &[u8]) -> Result<Json, Problem> {
    let body = Json::parse_bytes(body).map_err(|fault| {
        Problem::bad(
            format!("the body is not JSON: {fault}"),
            r#"an object such as {"down": 2}"#,
        )
    })?;
    let faults = faults::read(&body)?;
    stub.faults(faults).map_err(|reason| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("'{}' cannot behave like that", stub.name()),
            reason,
        )
    })?;
    Ok(json!({ "partner": stub.name(), "faults": body }))
}
