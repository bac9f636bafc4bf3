//! One request while it is answered, and the answers that hold one record.

use wardgate_core::{
    port::{Effect, Moment},
    wire::{BODY_MAX, HttpRequest, fault},
};
use wardgate_expression::Json;
use wardgate_stub_kit::http::content_coding;

use crate::{
    answer::{Answer, Shape},
    books::Company,
    collections::find,
    odata::Options,
    refusal::{Outcome, Refusal},
    schema::{COMPANY, ETAG, Entity, is_guid},
};

/// What one request needs while it is answered.
#[derive(Clone, Copy)]
pub(crate) struct Call<'r> {
    pub(crate) at: Moment,
    pub(crate) request: &'r HttpRequest,
    /// The absolute address of the API.
    pub(crate) root: &'r str,
}

/// What a request came to.
pub(crate) type Done = Outcome<(Answer, Vec<Effect>)>;

impl Call<'_> {
    /// The method. What HEAD asks for is what GET answers, less its body.
    pub(crate) fn method(&self) -> &str {
        match self.request.method() {
            "HEAD" => "GET",
            method => method,
        }
    }

    /// Refuses other methods than these, which are as an `allow` header lists them.
    pub(crate) fn only(&self, methods: &'static str) -> Outcome<()> {
        let own = self.request.method();
        if methods.split(", ").any(|method| method == own) {
            Ok(())
        } else {
            Err(Refusal::method(methods))
        }
    }

    /// The body as JSON.
    pub(crate) fn body(&self) -> Outcome<Json> {
        let body = self.request.body();
        if body.len() > BODY_MAX {
            return Err(Refusal::garbage(fault::BODY_TOO_LONG));
        }
        if content_coding(self.request).is_some() {
            return Err(Refusal::coded());
        }
        if let Some(media_type) = self.request.header("content-type") {
            let media_type = media_type.split(';').next().unwrap_or("").trim();
            if !media_type.eq_ignore_ascii_case("application/json") {
                return Err(Refusal::media_type());
            }
        }
        Json::parse_bytes(body).map_err(|error| {
            Refusal::bad_request(format!(
                "The body is not JSON from line {}, column {}.",
                error.line(),
                error.column()
            ))
        })
    }
}

/// The answer that holds one record; `deep` is written out besides what was asked for.
pub(crate) fn one(
    call: Call<'_>,
    company: &Company,
    entity: &'static Entity,
    record: &Json,
    status: u16,
    deep: &[&'static str],
) -> Outcome<Answer> {
    let mut options = Options::read(call.request.query(), entity, false)?;
    for name in deep {
        if !options.expand.contains(name) {
            options.expand.push(name);
        }
    }
    let context = if entity.set == COMPANY.set {
        format!("{}/$metadata#companies/$entity", call.root)
    } else {
        format!(
            "{}/$metadata#companies({})/{}/$entity",
            call.root, company.row.id, entity.set
        )
    };
    let shape = Shape {
        options: &options,
        company: Some(company),
    };
    let mut body = String::with_capacity(1024);
    shape.write(Some(&context), record, &mut body);
    let mut answer = Answer::new(status, body);
    answer.etag = record.get(ETAG).and_then(Json::as_str).map(str::to_owned);
    Ok(answer)
}

/// The answer that holds a new record, with the lines that were given with it.
pub(crate) fn created(
    call: Call<'_>,
    company: &Company,
    entity: &'static Entity,
    id: &str,
    deep: &[&'static str],
    effects: Vec<Effect>,
) -> Done {
    let record = find(company, entity, id).ok_or_else(Refusal::not_found)?;
    let mut answer = one(call, company, entity, record, 201, deep)?;
    answer.location = Some(format!(
        "{}/companies({})/{}({id})",
        call.root, company.row.id, entity.set
    ));
    Ok((answer, effects))
}

/// An answer to a request that changed nothing.
pub(crate) fn unchanged(answer: Answer) -> (Answer, Vec<Effect>) {
    (answer, Vec::new())
}

/// A GUID in lower case.
pub(crate) fn guid(text: &str) -> Outcome<String> {
    if is_guid(text) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Refusal::bad_request("The id of a record has to be a GUID."))
    }
}
