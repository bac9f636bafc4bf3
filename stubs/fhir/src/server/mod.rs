//! The stub's server: a pure function of requests, moments and what it holds.
//!
//! A request becomes an [`Interaction`], which is performed on the store and comes to a [`Done`] or a
//! [`Refusal`](outcome::Refusal); entries of batches and transactions go the same way.

mod accept;
mod bundle;
mod capability;
mod document;
mod entry;
mod envelope;
mod headers;
mod history;
mod narrative;
mod outcome;
mod precondition;
mod read;
mod respond;
mod results;
mod rewrite;
mod target;
mod transaction;
mod write;

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use wardgate_core::{
    port::{Effect, Held, Moment, Record, Verb},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::Json;
use wardgate_stub_kit::{Core, Handled, Identifiers, http::refusal_status};

use crate::{
    options::Options,
    search::{ResourceType, Scope},
    store::{Change, Shelf, Store, Version},
};
use headers::Preferences;
use outcome::Refusal;
use precondition::Preconditions;
use target::{Kind, Route, Target};

#[cfg(test)]
pub(crate) use accept::check as check_resource;
pub(crate) use target::{Route as UrlRoute, is_id};

/// A FHIR server as a state machine. A clone shares what both hold until one of them changes it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    store: Store,
    identifiers: Identifiers,
    options: Options,
}

/// What an interaction must know of the request that it came in.
#[derive(Clone, Copy, Debug)]
struct Setting<'a> {
    at: Moment,
    /// The base URL as the client wrote it, without a slash at its end.
    base: &'a str,
    /// Whether unknown search parameters are ignored.
    lenient: bool,
}

/// One interaction, from a request or from an entry of a batch or transaction.
#[derive(Clone, Debug)]
struct Interaction<'a> {
    method: &'a str,
    target: Target,
    /// The query, percent-encoded.
    query: Cow<'a, str>,
    /// The resource that came with it, checked.
    resource: Option<Json>,
    preconditions: Preconditions<'a>,
}

/// What came of an interaction.
#[derive(Clone, Debug)]
struct Done {
    status: u16,
    /// The version that it speaks of: ETag, Last-Modified and, where `located`, Location are its.
    version: Option<Arc<Version>>,
    located: bool,
    content: Content,
}

/// What an interaction answers with.
#[derive(Clone, Debug)]
enum Content {
    Nothing,
    /// A resource as text that was asked for.
    Text(Bytes),
    /// The version itself, after a write: `Prefer: return` decides.
    Written,
}

impl Server {
    /// A server that holds nothing.
    pub(crate) fn new(options: Options, identifiers: Identifiers) -> Self {
        Self {
            store: Store::default(),
            identifiers,
            options,
        }
    }

    /// Answers a request; what changed is added to `effects`.
    fn respond(
        &mut self,
        at: Moment,
        request: &HttpRequest,
        effects: &mut Vec<Effect>,
    ) -> HttpResponse {
        let preferences = Preferences::of(request);
        let route = Route::of(request.path());
        let base = respond::base(request, route.prefix);
        let setting = Setting {
            at,
            base: &base,
            lenient: preferences.lenient.unwrap_or(self.options.lenient),
        };
        let outcome = self
            .interaction(request, &route)
            .and_then(|interaction| match interaction {
                Interaction {
                    method: "POST",
                    target: Target::System,
                    resource: Some(bundle),
                    ..
                } => self.process_bundle(setting, preferences, bundle, effects),
                interaction => self.perform(setting, interaction, effects),
            });
        respond::response(request, setting, preferences, outcome)
    }

    /// Reads a request; what is wrong with it before anything is done is refused here.
    fn interaction<'a>(
        &self,
        request: &'a HttpRequest,
        route: &Route<'_>,
    ) -> Result<Interaction<'a>, Refusal> {
        let limit = self.options.body_bytes_max;
        if request.body().len() > limit {
            return Err(Refusal::new(
                413,
                "too-long",
                format!("a body has at most {limit} bytes"),
            ));
        }
        headers::check_not_coded(request)?;
        headers::check_accepts_json(request)?;
        let target = route.target()?;
        let method = match request.method() {
            "HEAD" => "GET",
            method => method,
        };
        let mut query = Cow::Borrowed(request.query().unwrap_or(""));
        let mut resource = None;
        if method == "POST" && matches!(target, Target::Search(_)) {
            query = Cow::Owned(results::form_query(request, &query)?);
        } else if matches!(
            (method, &target),
            ("POST", Target::System | Target::Type(_))
                | ("PUT", Target::Type(_) | Target::Instance(..))
        ) {
            headers::check_sends_json(request)?;
            self.check_room()?;
            let body = accept::parse(request.body())?;
            // The entries of a Bundle at the base are looked at one by one.
            if let Target::Type(Kind(kind)) | Target::Instance(Kind(kind), _) = &target {
                write::check_type(kind, &body)?;
                accept::check(&body, self.options.rigour)?;
            }
            resource = Some(body);
        }
        Ok(Interaction {
            method,
            target,
            query,
            resource,
            preconditions: Preconditions {
                matches: request.header("if-match"),
                none_match: request.header("if-none-match"),
                none_exist: request.header("if-none-exist"),
                modified_since: request.header("if-modified-since"),
            },
        })
    }

    /// One write may go beyond the limit; after that there is room for none.
    fn check_room(&self) -> Result<(), Refusal> {
        let most = self.options.memory_bytes_max;
        if self.store.memory() < most {
            return Ok(());
        }
        Err(Refusal::new(
            507,
            "too-costly",
            format!(
                "all that this stub holds takes {most} bytes and more, and it may take no more: reset it, or start it anew"
            ),
        ))
    }

    /// Does one interaction. A Bundle at the base is not one: its entries are.
    fn perform(
        &mut self,
        setting: Setting<'_>,
        interaction: Interaction<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        let Interaction {
            method,
            target,
            query,
            resource,
            preconditions,
        } = interaction;
        match (method, target, resource) {
            ("GET", Target::Metadata, _) => Ok(Done::text(capability::statement(setting))),
            ("GET", Target::Type(kind), _) | ("POST", Target::Search(kind), _) => {
                self.search(setting, kind.0, &query)
            }
            ("GET", Target::Instance(kind, id), _) => self.read(kind.0, &id, preconditions),
            ("GET", Target::Version(kind, id, version), _) => self.vread(kind.0, &id, &version),
            ("GET", Target::InstanceHistory(kind, id), _) => {
                self.instance_history(setting, kind.0, &id, &query)
            }
            ("GET", Target::TypeHistory(kind), _) => self.type_history(setting, kind.0, &query),
            ("POST", Target::Type(kind), Some(resource)) => {
                self.create(setting, kind.0, resource, preconditions.none_exist, effects)
            }
            ("PUT", Target::Instance(kind, id), Some(resource)) => {
                self.update(setting, kind.0, &id, resource, preconditions, effects)
            }
            ("PUT", Target::Type(kind), Some(resource)) => {
                self.conditional_update(setting, kind.0, &query, resource, preconditions, effects)
            }
            ("DELETE", Target::Instance(kind, id), _) => {
                self.delete(setting, kind.0, &id, preconditions, effects)
            }
            ("DELETE", Target::Type(kind), _) => {
                self.conditional_delete(setting, kind.0, &query, preconditions, effects)
            }
            (method, target, _) => Err(not_allowed(method, &target)),
        }
    }

    /// Writes a version and notes what changed. `given_out` tells whether the id is one that the server chose.
    fn store(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &Arc<str>,
        change: Change,
        resource: Json,
        effects: &mut Vec<Effect>,
    ) -> Arc<Version> {
        let version = self
            .store
            .write(kind.name, id, setting.at, change, resource);
        let verb = match change {
            Change::Deleted => Verb::Deleted,
            _ if version.is_new => Verb::Created,
            _ => Verb::Updated,
        };
        let keys = match change {
            Change::Created => vec![id.to_string()],
            _ => Vec::new(),
        };
        effects.push(Effect {
            verb,
            subject: version.reference(),
            keys,
        });
        version
    }

    fn scope(setting: Setting<'_>) -> Scope<'_> {
        Scope {
            base: setting.base,
            now_unix_ms: setting.at.unix_ms,
        }
    }
}

impl Done {
    /// A document that was asked for.
    fn text(text: Bytes) -> Self {
        Self {
            status: 200,
            version: None,
            located: false,
            content: Content::Text(text),
        }
    }
}

/// The methods that a target has.
fn methods(target: &Target) -> &'static str {
    match target {
        Target::System | Target::Search(_) => "POST",
        Target::Metadata
        | Target::TypeHistory(_)
        | Target::InstanceHistory(..)
        | Target::Version(..) => "GET, HEAD",
        Target::Type(_) => "GET, HEAD, POST, PUT, DELETE",
        Target::Instance(..) => "GET, HEAD, PUT, DELETE",
    }
}

fn not_allowed(method: &str, target: &Target) -> Refusal {
    let allowed = methods(target);
    Refusal::new(
        405,
        "not-supported",
        format!("{method} is not allowed here; allowed are {allowed}"),
    )
    .header("allow", allowed)
}

impl Core for Server {
    fn handle(&mut self, at: Moment, _channel: u32, message: &Message) -> Handled {
        let Message::Request(request) = message else {
            return Handled::default();
        };
        let mut effects = Vec::new();
        let response = self.respond(at, request, &mut effects);
        Handled::write(Message::Response(response), effects)
    }

    fn refusal(&self, _at: Moment, message: &Message, with: Option<&str>) -> Option<Message> {
        let Message::Request(request) = message else {
            return None;
        };
        let status = with.and_then(refusal_status).unwrap_or(503);
        let code = match status {
            401 | 403 => "security",
            404 => "not-found",
            409 | 412 => "conflict",
            429 => "throttled",
            503 => "transient",
            500.. => "exception",
            _ => "processing",
        };
        let mut refusal = Refusal::new(status, code, "the server refuses this request for now");
        // A server that is told for how many requests to refuse is back at once; one that is overrun asks for time.
        match status {
            503 => refusal = refusal.header("retry-after", "0"),
            429 => refusal = refusal.header("retry-after", "1"),
            _ => {}
        }
        Some(Message::Response(respond::refused(request, &refusal)))
    }

    fn seed(&mut self, at: Moment, collection: &str, record: &Json) -> Result<Vec<Effect>, String> {
        let kind = ResourceType::find(collection)
            .ok_or_else(|| format!("'{collection}' is not a resource type of FHIR R4"))?;
        let resource = match record {
            Json::Object(members) if !members.contains_key("resourceType") => {
                let mut whole = wardgate_expression::Object::new();
                whole.push("resourceType", kind.name);
                whole.extend(members.clone());
                Json::Object(whole)
            }
            other => other.clone(),
        };
        accept::check(&resource, self.options.rigour).map_err(|refusal| {
            let what: Vec<&str> = refusal
                .issues
                .iter()
                .map(|issue| issue.diagnostics.as_str())
                .collect();
            what.join("; ")
        })?;
        if accept::kind_of(&resource).map(|found| found.name) != Some(kind.name) {
            return Err(format!("this is not a {collection}"));
        }
        let setting = Setting {
            at,
            base: "",
            lenient: false,
        };
        let mut effects = Vec::new();
        match resource.get("id").and_then(Json::as_str) {
            Some(id) if is_id(id) => {
                let id: Arc<str> = id.into();
                self.store(setting, kind, &id, Change::Updated, resource, &mut effects);
            }
            Some(id) => return Err(format!("'{id}' is not a logical id")),
            None => {
                let id: Arc<str> = self.identifiers.token().into();
                self.store(setting, kind, &id, Change::Created, resource, &mut effects);
            }
        }
        Ok(effects)
    }

    fn garbage(&self, _at: Moment, reason: &str) -> Option<Message> {
        let refusal = outcome::of_garbage(reason);
        Some(Message::Response(respond::refusal_response(&refusal)))
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        let kind = ResourceType::find(name)
            .ok_or_else(|| format!("'{name}' is not a resource type of FHIR R4"))?;
        Ok(self
            .store
            .shelf(kind.name)
            .into_iter()
            .flat_map(Shelf::records)
            .map(|record| record.latest())
            .filter(|latest| latest.is_live())
            .map(|latest| Held {
                id: &latest.id,
                record: Record::Stored(&latest.resource),
                changed: latest.at,
            })
            .collect())
    }

    fn collections(&self) -> Vec<String> {
        self.store.kinds().map(str::to_owned).collect()
    }
}
