//! The clearinghouse as clients see it: what is posted is taken in, what is in the outbox is picked up.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use rust_decimal::Decimal;
use wardgate_core::{
    port::{Effect, Held, Moment, Record, Verb},
    wire::{BODY_MAX, HttpRequest, HttpResponse, Message, fault},
};
use wardgate_expression::Json;
use wardgate_stub_kit::{
    Core, Handled, Identifiers,
    http::{content_coding, percent, refusal_status},
};
use wardgate_synth::Seed;

use super::intake::Intake;
use super::journal::Journal;
use super::members::Member;
use super::outbox::{Outbox, Remittances};
use super::settings::{Defect, Settings};
use super::store::Claims;
use crate::contract::MEDIA_TYPE;
use crate::core_rule::CoreEnvelope;

/// The collections that `holds` can name.
pub(crate) const COLLECTIONS: [&str; 4] = ["interchanges", "claims", "remittances", "members"];

/// The collections that can be given.
pub(crate) const GIVEN: [&str; 2] = ["members", "interchanges"];

/// How many members are held.
const MEMBERS_MAX: usize = 100_000;

/// A member that is held.
#[derive(Debug)]
struct MemberRow {
    member: Member,
    json: Json,
    changed: Moment,
}

/// A clearinghouse that behaves well, but for the defects that it is given.
#[derive(Clone, Debug)]
pub(crate) struct Clearinghouse {
    pub(super) settings: Arc<Settings>,
    pub(super) journal: Journal,
    pub(super) claims: Claims,
    pub(super) outbox: Outbox,
    pub(super) remittances: Remittances,
    /// By identifier and payer.
    members: BTreeMap<(String, String), Arc<MemberRow>>,
    /// By payer and provider: what is carried forward, and the trace number of the remittance that did so.
    pub(super) owed: BTreeMap<(String, String), (Decimal, String)>,
    pub(super) identifiers: Identifiers,
    last_control_number: u32,
}

/// An answer, and what changed; or a status that refuses, and why.
type Done = Result<(HttpResponse, Vec<Effect>), (u16, String)>;

impl Clearinghouse {
    /// A clearinghouse that holds nothing.
    pub(crate) fn new(settings: Settings, seed: &Seed) -> Self {
        Self {
            settings: Arc::new(settings),
            journal: Journal::default(),
            claims: Claims::default(),
            outbox: Outbox::default(),
            remittances: Remittances::default(),
            members: BTreeMap::new(),
            owed: BTreeMap::new(),
            identifiers: Identifiers::new(seed),
            last_control_number: 0,
        }
    }

    /// ISA13 of the next interchange that is written: nine digits, which begin anew when they are used up.
    pub(super) fn control_number(&mut self) -> u32 {
        self.last_control_number = self.last_control_number % 999_999_999 + 1;
        self.last_control_number
    }

    /// The member of a payer with this identifier, or one of any payer.
    pub(super) fn member(&self, payer: &str, id: &str) -> Option<&Member> {
        let find = |payer: &str| self.members.get(&(id.to_owned(), payer.to_owned()));
        find(payer).or_else(|| find("")).map(|row| &row.member)
    }

    fn respond(&mut self, at: Moment, request: &HttpRequest) -> Done {
        let segments: Vec<&str> = request.path().trim_matches('/').split('/').collect();
        match (request.method(), segments.as_slice()) {
            ("GET", ["outbox", submitter]) => self.pick_up(at, request, submitter),
            (_, ["outbox", ..]) => Err(refusal(
                405,
                "the outbox is read by GET /outbox/{submitter}",
            )),
            ("POST", _) => self.submit(at, request),
            ("GET", _) => Err(refusal(404, "there is GET /outbox/{submitter}")),
            _ => Err(refusal(405, "interchanges are sent by POST")),
        }
    }

    fn pick_up(&mut self, at: Moment, request: &HttpRequest, submitter: &str) -> Done {
        let submitter = percent::decode(submitter)
            .ok_or_else(|| refusal(400, "the path is not percent-encoded text"))?;
        let (mut kind, mut again) = (None, false);
        for (name, value) in percent::query_pairs(request.query().unwrap_or_default()) {
            match (&*name, &*value) {
                ("kind", value) => kind = Some(value.to_owned()),
                ("again", "true" | "false") => again = value == "true",
                _ => return Err(refusal(400, "the query knows kind=835 and again=true")),
            }
        }
        let (picked, first) = self
            .outbox
            .pick_up(at, submitter.trim_end(), kind.as_deref(), again);
        let response = if picked.is_empty() {
            HttpResponse::new(204, &[], Bytes::new())
        } else {
            interchanges(Bytes::from(picked.concat()))
        };
        Ok((response, picked_up(submitter.trim_end(), first)))
    }

    fn submit(&mut self, at: Moment, request: &HttpRequest) -> Done {
        if request.body().len() > BODY_MAX {
            return Err(refusal(
                fault::status(fault::BODY_TOO_LONG),
                fault::BODY_TOO_LONG,
            ));
        }
        if content_coding(request).is_some() {
            return Err(refusal(415, "the body has a Content-Encoding"));
        }
        let content_type = request.header("content-type").unwrap_or(MEDIA_TYPE);
        if let Some(envelope) = CoreEnvelope::read(content_type, request.body()) {
            let envelope = envelope.map_err(|reason| refusal(400, &reason))?;
            return Ok(self.core(at, &envelope));
        }
        let media_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let is_known = media_type.starts_with("text/")
            || matches!(
                media_type.as_str(),
                MEDIA_TYPE
                    | "application/x12"
                    | "application/edi-consent"
                    | "application/octet-stream"
            );
        if !is_known {
            return Err(refusal(
                415,
                "an interchange is application/edi-x12, text or multipart/form-data",
            ));
        }
        let intake = self
            .take_in(at, request.body())
            .map_err(|reason| refusal(400, &reason))?;
        let is_lost = self.is_lost(&intake);
        let mut body = Vec::new();
        for answered in &intake.answers {
            for (kind, bytes) in answered.parts() {
                if kind == "277CA" && self.settings.to_outbox {
                    continue;
                }
                if !is_lost {
                    body.extend_from_slice(bytes);
                }
            }
        }
        if self.settings.to_outbox && !intake.effects.is_empty() {
            self.post(at, &intake, |kind| kind == "277CA");
        }
        Ok((interchanges(Bytes::from(body)), intake.effects))
    }

    /// Whether the answer is lost, which happens to claims that are taken in just now.
    pub(super) fn is_lost(&self, intake: &Intake) -> bool {
        self.settings.has(Defect::LostAcknowledgement) && intake.has_claims
    }

    /// Puts parts of the answers into the outbox of their submitters.
    pub(super) fn post(&mut self, at: Moment, intake: &Intake, is_posted: impl Fn(&str) -> bool) {
        for answered in &intake.answers {
            for (kind, bytes) in answered.parts().filter(|(kind, _)| is_posted(kind)) {
                self.outbox
                    .put(&answered.submitter, kind, bytes.clone(), at.elapsed);
            }
        }
    }

    fn give(&mut self, at: Moment, record: &Json) -> Result<Vec<Effect>, String> {
        let member = Member::read(record)?;
        if self.members.len() >= MEMBERS_MAX {
            return Err(format!("no more than {MEMBERS_MAX} members are held"));
        }
        let subject = format!("members/{}", member.id);
        let key = (member.id.clone(), member.payer.clone());
        let row = MemberRow {
            member,
            json: record.clone(),
            changed: at,
        };
        let verb = match self.members.insert(key, Arc::new(row)) {
            None => Verb::Created,
            Some(_) => Verb::Updated,
        };
        Ok(vec![Effect {
            verb,
            subject,
            keys: Vec::new(),
        }])
    }
}

impl Core for Clearinghouse {
    fn handle(&mut self, at: Moment, _channel: u32, message: &Message) -> Handled {
        let Message::Request(request) = message else {
            return Handled::reply(Message::Response(plain(400, "this is no request")));
        };
        match self.respond(at, request) {
            Ok((response, effects)) => Handled::write(Message::Response(response), effects),
            Err((status, reason)) => {
                let mut response = plain(status, &reason);
                if status == 405 {
                    let is_outbox = request.path().starts_with("/outbox");
                    response.add_header("allow", if is_outbox { "GET" } else { "POST" });
                }
                if status == 415 && content_coding(request).is_some() {
                    response.add_header("accept-encoding", "identity");
                }
                Handled::reply(Message::Response(response))
            }
        }
    }

    fn refusal(&self, _at: Moment, _message: &Message, with: Option<&str>) -> Option<Message> {
        let status = with.and_then(refusal_status).unwrap_or(503);
        Some(Message::Response(plain(
            status,
            "the clearinghouse was told to refuse this",
        )))
    }

    fn garbage(&self, _at: Moment, reason: &str) -> Option<Message> {
        Some(Message::Response(plain(fault::status(reason), reason)))
    }

    /// A member is a mapping; an interchange is text, and is taken in as if it had been sent.
    fn seed(&mut self, at: Moment, collection: &str, record: &Json) -> Result<Vec<Effect>, String> {
        match collection {
            "members" => self.give(at, record),
            "interchanges" => {
                let text = record
                    .as_str()
                    .or_else(|| record.get("text").and_then(Json::as_str))
                    .ok_or("an interchange is given as text")?;
                let intake = self.take_in(at, &Bytes::from(text.trim_start().to_owned()))?;
                if intake.effects.is_empty() {
                    return Err(String::from("the interchange is refused"));
                }
                Ok(intake.effects)
            }
            _ => Err(format!(
                "an x12 partner can be given {}, not '{collection}'",
                GIVEN.join(" and ")
            )),
        }
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        match name {
            "interchanges" => Ok(self.journal.held()),
            "claims" => Ok(self.claims.held()),
            "remittances" => Ok(self.remittances.held()),
            "members" => Ok(self
                .members
                .values()
                .map(|row| Held {
                    id: &row.member.id,
                    record: Record::Stored(&row.json),
                    changed: row.changed,
                })
                .collect()),
            _ => Err(format!(
                "there is no collection '{name}'; there are: {}",
                COLLECTIONS.join(", ")
            )),
        }
    }

    fn collections(&self) -> Vec<String> {
        let filled = [
            !self.journal.is_empty(),
            !self.claims.is_empty(),
            !self.remittances.is_empty(),
            !self.members.is_empty(),
        ];
        COLLECTIONS
            .iter()
            .zip(filled)
            .filter(|(_, is_filled)| *is_filled)
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }
}

/// An answer of interchanges.
fn interchanges(body: Bytes) -> HttpResponse {
    HttpResponse::new(200, &[("content-type", MEDIA_TYPE)], body)
}

fn refusal(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

/// An answer in words.
fn plain(status: u16, text: &str) -> HttpResponse {
    let body = Bytes::from(format!("{text}\n"));
    HttpResponse::new(
        status,
        &[("content-type", "text/plain; charset=utf-8")],
        body,
    )
}

pub(super) fn picked_up(submitter: &str, first: usize) -> Vec<Effect> {
    if first == 0 {
        return Vec::new();
    }
    vec![Effect {
        verb: Verb::Updated,
        subject: format!("outbox/{submitter}"),
        keys: Vec::new(),
    }]
}
