//! The HTTP side: FHIR orders in, health and status out.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::defect::{Defect, Defects};
use crate::folder;
use crate::ids::Ids;
use crate::log::note;
use crate::state::resolve;
use crate::store::{Store, StoreError, StoredOrder, key};
use crate::work::Subject;
use crate::workflows;
use crate::workflows::medication::{self, Draft, Refusal};

/// Largest request body.
const BODY_BYTES_MAX: usize = 1 << 20;
/// How long a client may take to send a request.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// Most connections at a time.
const CONNECTIONS_MAX: usize = 256;
/// Most failed deliveries that the status page lists, newest first.
const FAILURES_SHOWN_MAX: usize = 100;

/// The answer to an order under a known identifier that says something else.
const CHANGED_ORDER: Refusal = Refusal::new(
    409,
    "duplicate",
    "an identifier of the order stands for another order",
);

const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

type Reply = Response<Full<Bytes>>;

/// The listener's own.
pub struct HttpApi {
    store: Store,
    ids: Arc<Ids>,
    charges: PathBuf,
    defects: Defects,
}

impl HttpApi {
    /// An API over `store`; `charges` is the watched folder, whose files count as work.
    pub fn new(store: Store, ids: Arc<Ids>, charges: PathBuf, defects: Defects) -> Arc<Self> {
        Arc::new(Self {
            store,
            ids,
            charges,
            defects,
        })
    }

    /// Accepts connections for ever.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    note!("http accept: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            // Without it small answers wait for the peer's delayed acknowledgement; the connection works either way.
            let _ = stream.set_nodelay(true);
            let api = Arc::clone(&self);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let api = Arc::clone(&api);
                    async move { Ok::<_, Infallible>(api.answer(request).await) }
                });
                // A connection that breaks has nothing more to say.
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(Duration::from_mins(1))
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
                drop(place);
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        let path = head.uri.path().trim_end_matches('/').to_owned();
        let is_read = matches!(head.method, Method::GET | Method::HEAD);
        match path.as_str() {
            "/health" if is_read => {
                reply(StatusCode::OK, "application/json", "{\"status\":\"up\"}")
            }
            "/status" if is_read => self.status(),
            "/metadata" | "/fhir/metadata" if is_read => reply(
                StatusCode::OK,
                FHIR_JSON,
                capability_statement().to_string(),
            ),
            "/fhir/MedicationRequest" if head.method == Method::POST => {
                let limited = Limited::new(body, BODY_BYTES_MAX);
                let body = match tokio::time::timeout(REQUEST_MAX, limited.collect()).await {
                    Ok(Ok(body)) => body.to_bytes(),
                    Ok(Err(error)) if error.is::<LengthLimitError>() => {
                        return outcome(
                            StatusCode::PAYLOAD_TOO_LARGE,
                            "too-long",
                            "the body is larger than 1 MiB",
                        );
                    }
                    Ok(Err(_)) => {
                        return outcome(
                            StatusCode::BAD_REQUEST,
                            "incomplete",
                            "the body ended early",
                        );
                    }
                    Err(_) => {
                        return outcome(
                            StatusCode::REQUEST_TIMEOUT,
                            "timeout",
                            "the body took too long",
                        );
                    }
                };
                match self.take_order(&head.headers, &body).await {
                    Ok(reply) => reply,
                    Err(refusal) => self.refuse(&refusal, &body),
                }
            }
            "/health" | "/status" | "/metadata" | "/fhir/metadata" => not_allowed("GET, HEAD"),
            "/fhir/MedicationRequest" => not_allowed("POST"),
            _ => match path.strip_prefix("/fhir/MedicationRequest/") {
                Some(id) if is_read => self.read_order(&head.headers, id),
                Some(_) => not_allowed("GET, HEAD"),
                None => outcome(StatusCode::NOT_FOUND, "not-found", "nothing is served here"),
            },
        }
    }

    /// Takes an order in: validates it, stores it with the message for the pharmacy, and only then says so.
    async fn take_order(&self, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Refusal> {
        let tenant = self.tenant(headers)?;
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or_default());
        medication::check_content_type(content_type)?;
        let condition = headers
            .get("if-none-exist")
            .map(|value| medication::condition(value.to_str().unwrap_or_default()))
            .transpose()?;
        let order = medication::read(body, tenant)?;
        let (id, control_id, now) = (self.ids.next('M'), self.ids.next('W'), Timestamp::now());
        let resource = medication::with_identity(body, &id, now)?;
        let condition = condition.iter().map(|identifier| (identifier, true));
        let own = order
            .identifiers
            .iter()
            .map(|identifier| (identifier, false));
        let identifiers: Vec<(String, bool)> = condition
            .chain(own)
            .filter(|(identifier, _)| !identifier.value.is_empty())
            .map(|(identifier, is_condition)| {
                let name = key(&[tenant, &identifier.system, &identifier.value]);
                (name, is_condition)
            })
            .collect();
        let defects = self.defects;
        let stored = StoredOrder {
            facility: tenant.to_owned(),
            resource,
            stored_at: now.as_microsecond(),
        };
        let outcome = self.store.write(move |transaction| {
            for (identifier, is_condition) in &identifiers {
                if let Some((id, earlier)) = transaction.order_by_identifier(identifier)? {
                    // A condition that is met is answered whatever the body says (FHIR R4, conditional create); an
                    // identifier alone stands for one content, and another must not be taken for done.
                    let is_known =
                        *is_condition || medication::is_same(&earlier.resource, &stored.resource);
                    return Ok(is_known
                        .then_some((StatusCode::OK, id, earlier))
                        .ok_or(CHANGED_ORDER));
                }
            }
            let (subject, patient) = match medication::subject(&order) {
                Subject::Mrn(mrn) => {
                    let (mrn, patient) = resolve(transaction, tenant, &mrn)?;
                    (Subject::Mrn(mrn), patient)
                }
                reference @ Subject::Reference(_) => (reference, None),
            };
            let draft = Draft {
                order: &order,
                tenant,
                id: &id,
                control_id,
                at: now,
                subject,
                patient,
            };
            let names = identifiers.into_iter().map(|(identifier, _)| identifier);
            transaction.put_order(&id, &stored, names)?;
            transaction.enqueue(&[draft.work_item(defects)])?;
            Ok(Ok((StatusCode::CREATED, id, stored)))
        });
        let (status, id, order) = outcome.await.map_err(|error| storage_trouble(&error))??;
        let mut reply = resource_reply(status, &order);
        let location = format!("/fhir/MedicationRequest/{id}");
        if let Ok(location) = HeaderValue::from_str(&location) {
            reply.headers_mut().insert(header::LOCATION, location);
        }
        Ok(reply)
    }

    fn read_order(&self, headers: &HeaderMap, id: &str) -> Reply {
        let tenant = match self.tenant(headers) {
            Ok(tenant) => tenant,
            Err(refusal) => return self.refuse(&refusal, &[]),
        };
        match self.store.order(id) {
            Ok(Some(order)) if order.facility == tenant => resource_reply(StatusCode::OK, &order),
            // Another tenant's order is not there for this one.
            Ok(_) => outcome(StatusCode::NOT_FOUND, "not-found", "there is no such order"),
            Err(error) => self.refuse(&storage_trouble(&error), &[]),
        }
    }

    fn tenant(&self, headers: &HeaderMap) -> Result<&'static str, Refusal> {
        let name = headers
            .get("x-facility")
            .map_or("HOSP", |name| name.to_str().unwrap_or_default());
        workflows::tenant(name, self.defects).ok_or(Refusal::new(
            400,
            "value",
            "this facility is not served",
        ))
    }

    fn refuse(&self, refusal: &Refusal, body: &[u8]) -> Reply {
        let status =
            StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.defects.has(Defect::PhiInError) {
            let text = format!("{}: {}", refusal.text, String::from_utf8_lossy(body));
            return outcome(status, refusal.code, &text);
        }
        outcome(status, refusal.code, refusal.text)
    }

    /// 200 when nothing is left to do, 503 while there is, so that it serves as an idle endpoint.
    fn status(&self) -> Reply {
        // Work is handed on from the folder to the outbox, and is in both before it leaves the first: whoever looks in that
        // order cannot miss it. Messages and orders are in the outbox before they are answered, failures are recorded
        // before they leave it.
        let has_files = folder::has_work(&self.charges);
        let pending = self.store.outstanding();
        let is_idle = !has_files && pending == 0;
        let failed = match self.store.failures(FAILURES_SHOWN_MAX) {
            Ok(failed) => failed,
            Err(error) => return self.refuse(&storage_trouble(&error), &[]),
        };
        let status = if is_idle {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let body = json!({ "idle": is_idle, "pending": pending, "failed": failed });
        reply(status, "application/json", body.to_string())
    }
}

fn storage_trouble(error: &StoreError) -> Refusal {
    note!("{error}");
    Refusal::new(500, "exception", "the request could not be stored")
}

fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

fn resource_reply(status: StatusCode, order: &StoredOrder) -> Reply {
    let mut reply = reply(status, FHIR_JSON, order.resource.clone());
    let headers = reply.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static("W/\"1\""));
    let modified = Timestamp::from_microsecond(order.stored_at)
        .ok()
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    if let Some(modified) = modified.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    reply
}

/// 405, with the methods that are served (RFC 9110, 15.5.6).
fn not_allowed(allowed: &'static str) -> Reply {
    let text = "this method is not served here";
    let mut reply = outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", text);
    reply
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    reply
}

/// An OperationOutcome (FHIR R4) with one issue.
fn outcome(status: StatusCode, code: &str, diagnostics: &str) -> Reply {
    let body = json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": "error", "code": code, "diagnostics": diagnostics }],
    });
    reply(status, FHIR_JSON, body.to_string())
}

fn capability_statement() -> serde_json::Value {
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": { "name": "wardgate-hub", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Reference integration hub: medication orders" },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{
            "mode": "server",
            "resource": [{
                "type": "MedicationRequest",
                "interaction": [{ "code": "read" }, { "code": "create" }],
                "versioning": "no-version",
                "conditionalCreate": true,
            }],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capability_statement_is_a_sound_resource() {
        wardgate_fhir_types::typed_check(&capability_statement().to_string()).unwrap();
    }
}
