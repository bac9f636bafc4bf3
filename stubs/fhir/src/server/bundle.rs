//! batch and transaction (FHIR R4, http): several interactions in one Bundle.

use wardgate_core::port::Effect;
use wardgate_expression::{Json, Object, json};

use super::{
    Content, Done, Server, Setting, accept,
    document::BundleText,
    entry::{Entry, located},
    envelope,
    headers::{Preferences, Returns},
    outcome::Refusal,
};

/// The most entries in one Bundle.
const ENTRIES_MAX: usize = 10_000;

impl Server {
    /// Processes a Bundle that was posted to the base.
    pub(super) fn process_bundle(
        &mut self,
        setting: Setting<'_>,
        preferences: Preferences,
        bundle: Json,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        if accept::kind_of(&bundle).map(|kind| kind.name) != Some("Bundle") {
            return Err(
                Refusal::new(400, "invalid", "only a Bundle can be posted to the base")
                    .at("resourceType"),
            );
        }
        let kind = bundle
            .get("type")
            .and_then(Json::as_str)
            .unwrap_or("")
            .to_owned();
        if kind != "batch" && kind != "transaction" {
            return Err(Refusal::new(
                400,
                "value",
                format!("the Bundle is to be a batch or a transaction, not '{kind}'"),
            )
            .at("Bundle.type"));
        }
        envelope::check(&bundle)?;
        let entries = members(bundle);
        if entries.len() > ENTRIES_MAX {
            return Err(Refusal::new(
                413,
                "too-long",
                format!("a Bundle has at most {ENTRIES_MAX} entries"),
            ));
        }
        let rigour = self.options.rigour;
        let read = entries
            .iter()
            .map(|entry| Entry::read(entry, setting.base, rigour));
        let outcomes = if kind == "batch" {
            read.map(|entry| {
                entry.and_then(|entry| self.perform(setting, entry.interaction(), effects))
            })
            .collect()
        } else {
            let read: Vec<Entry> = read
                .enumerate()
                .map(|(index, entry)| entry.map_err(|refusal| located(refusal, index)))
                .collect::<Result<_, _>>()?;
            let (before, effects_before) = (self.store.clone(), effects.len());
            match self.transaction(setting, read, effects) {
                Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
                Err(refusal) => {
                    // All or nothing: the copy shares everything that did not change.
                    self.store = before;
                    effects.truncate(effects_before);
                    return Err(refusal);
                }
            }
        };
        Ok(Done::text(response_bundle(
            &kind,
            setting,
            preferences,
            outcomes,
        )))
    }
}

/// The entries of a Bundle.
fn members(bundle: Json) -> Vec<Json> {
    let Json::Object(mut bundle) = bundle else {
        return Vec::new();
    };
    match bundle.remove("entry") {
        Some(Json::Array(entries)) => entries,
        _ => Vec::new(),
    }
}

fn response_bundle(
    kind: &str,
    setting: Setting<'_>,
    preferences: Preferences,
    outcomes: Vec<Result<Done, Refusal>>,
) -> bytes::Bytes {
    let mut bundle = BundleText::new(&format!("{kind}-response"), None, &[]);
    for outcome in outcomes {
        let mut response = Object::new();
        match outcome {
            Err(refusal) => {
                response.push("status", status_line(refusal.status));
                response.push("outcome", refusal.outcome());
                bundle.entry(None, None, &json!({"response": response}));
            }
            Ok(done) => {
                response.push("status", status_line(done.status));
                let mut full_url = None;
                if let Some(version) = &done.version {
                    let url = format!("{}/{}", setting.base, version.reference());
                    if done.located {
                        response.push("location", format!("{url}/_history/{}", version.number));
                    }
                    response.push("etag", version.etag());
                    response.push("lastModified", crate::time::instant(version.at.unix_ms));
                    full_url = Some(url).filter(|_| version.is_live());
                }
                let resource = match (&done.content, preferences.returns) {
                    (Content::Text(text), _) => Some(text.clone()),
                    (Content::Written, Some(Returns::Representation)) => {
                        done.version.as_ref().map(|version| version.text.clone())
                    }
                    _ => None,
                };
                bundle.entry(
                    full_url.as_deref(),
                    resource.as_deref(),
                    &json!({"response": response}),
                );
            }
        }
    }
    bundle.finish()
}

/// `Bundle.entry.response.status` starts with the code; the words behind it are for people.
fn status_line(status: u16) -> String {
    let words = match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        422 => "Unprocessable Content",
        _ => return status.to_string(),
    };
    format!("{status} {words}")
}
