//! What Wardgate needs to know of a protocol.

use std::fmt::Debug;

use proptest::strategy::BoxedStrategy;
use wardgate_contract::{Finding, Node, guide::Guide};
use wardgate_expression::Json;

use super::{Stub, StubOptions};
use crate::{
    bindings::Bindings,
    verdict::Mismatch,
    wire::{Message, Transport},
};

/// Everything that Wardgate knows of one protocol, as a set of pure functions.
pub trait Protocol: Debug + Send + Sync {
    /// What authors of contracts are told of it; schema and reference are made from it.
    fn guide(&self) -> &'static Guide;

    /// The name in contract files: `fhir`, `hl7v2`, `x12`, `erp`, `http`, `file`.
    fn name(&self) -> &'static str {
        self.guide().name
    }

    /// How its messages travel.
    fn transport(&self) -> Transport;

    // Lint.

    /// Checks the body of a `send`, as far as that can be done before templates are filled.
    fn check_send(&self, body: &Node, names: &dyn Names) -> Vec<Finding>;

    /// Checks a `received:` selector; the error says what was expected.
    fn check_selector(&self, selector: &str) -> Result<(), String>;

    /// Checks a location such as `MSA-1` or `status`; the error says what was expected.
    fn check_locator(&self, locator: &str) -> Result<(), String>;

    /// Checks a `holds:` collection; the error says what was expected.
    fn check_collection(&self, collection: &str) -> Result<(), String>;

    /// Checks a collection under `given:`; the error says what was expected. By default what can be held can be given.
    fn check_given(&self, collection: &str) -> Result<(), String> {
        self.check_collection(collection)
    }

    /// Checks a record under `given:` for a partner with these options, as far as that can be done before templates are filled:
    /// what its stub would not take is an error.
    fn check_record(&self, _options: &Json, _collection: &str, _record: &Node) -> Vec<Finding> {
        Vec::new()
    }

    /// Checks a `with:` refusal such as `503` or `AE`; the error says what was expected.
    fn check_refusal(&self, refusal: &str) -> Result<(), String>;

    // Compose.

    /// Composes the message that a `send` describes, every template filled and escaped for where it stands.
    fn compose(&self, body: &Node, bindings: &Bindings) -> Result<Message, String>;

    /// This protocol's own form of a synthetic record (a FHIR Patient of a `patient`), if it has one.
    fn render(&self, kind: &str, record: &Json) -> Option<Json>;

    /// The collection that this protocol's form of a record belongs to, such as `Patient` or `customers`.
    fn collection_of(&self, _kind: &str, _rendered: &Json) -> Option<String> {
        None
    }

    /// Passes a text through one of this protocol's filters; none if it has no filter of this name.
    /// Their names are in the [`guide`](Protocol::guide).
    fn filter(&self, name: &str, text: &str) -> Option<Result<String, String>>;

    // Read.

    /// Whether the values of the records that its stub holds have types.
    fn typing(&self) -> Typing {
        Typing::Json
    }

    /// What a locator finds in a record that a partner holds; none where it is no locator, but the path of a member, as
    /// everywhere unless the protocol says otherwise.
    fn locate_in(&self, _record: &Json, _locator: &str) -> Option<Vec<Json>> {
        None
    }

    /// Reads a message; the error says, located, why it cannot be read.
    fn read<'a>(&self, message: &'a Message) -> Result<Box<dyn Reading + 'a>, String>;

    /// A few words for pictures and messages, such as `ADT^A04` or `PUT /Patient/1`, of any bytes.
    fn label(&self, message: &Message) -> String;

    /// Whether a message that a partner received is one that the selector means.
    fn selects(&self, selector: &str, message: &Message) -> bool;

    /// What makes a repeated message the same message: equal for a message and its retry.
    fn identity(&self, message: &Message) -> Vec<u8>;

    /// Whether this message answers that one, where the protocol can tell (MSA-2 echoes MSH-10).
    fn answers(&self, request: &Message, reply: &Message) -> Option<bool>;

    /// Whether a request has nothing by which a reply could name it, in a protocol whose replies name their requests.
    fn is_nameless(&self, _request: &Message) -> bool {
        false
    }

    /// Whether a reply is a commit acknowledgement (CA, CE, CR) rather than the application's answer.
    fn is_accept(&self, reply: &Message) -> bool;

    /// Whether a reply refuses its request in the protocol's own way (4xx or 5xx, AE, AR).
    fn is_refusal(&self, reply: &Message) -> bool;

    /// Whether a sound sender tries again after this refusal (`with:` of a contract; none is the protocol's usual one):
    /// it speaks of the receiver's state, not of the message.
    fn is_passing_refusal(&self, with: Option<&str>) -> bool {
        with.is_none()
    }

    /// How the replies to a message and to its duplicate differ where they must be the same.
    fn compare_replies(&self, first: &Message, second: &Message) -> Vec<Mismatch>;

    // Generate.

    /// Broken forms of a good message that any receiver should refuse, each with a name out of
    /// [`Guide::malformations`] and a case of its own; a form that this message cannot take is left out.
    fn malform(&self, message: &Message) -> Vec<Malformed>;

    /// The names of the broken forms that the message of such a `send` can take, as far as that shows before templates are
    /// filled; by default all of them.
    fn forms_of(&self, _send: &Node) -> Vec<&'static str> {
        Guide::names(self.guide().malformations)
    }

    /// The generator of this name without the protocol's prefix (`Patient` of `fhir.Patient`), if it has one.
    /// Identifiers in what it yields are templates such as `${mrn}`, stamped afresh for each attempt. Their names are in the
    /// [`guide`](Protocol::guide).
    fn generator(&self, name: &str) -> Option<BoxedStrategy<Json>>;

    /// A first contract around one message, for its author to edit: a recorded one, or a file of its content. None
    /// where it is not this protocol's.
    fn draft(&self, _message: &Message) -> Option<Draft> {
        None
    }

    /// What a contract promises of a reply like this one to that request, which a `send` described in these words: the
    /// YAML under `reply:`, not indented. None where there is nothing that could be promised.
    fn promise_of(&self, _send: &Node, _request: &Message, _reply: &Message) -> Option<String> {
        None
    }

    /// The `received:` selector that means messages like this one, such as `PUT Patient`.
    fn selector_of(&self, _message: &Message) -> Option<String> {
        None
    }

    // Play.

    /// A stub in its first state.
    fn stub(&self, options: &StubOptions) -> Result<Box<dyn Stub>, String>;
}

/// A message read by its protocol.
pub trait Reading {
    /// The view that expressions and `body:` matchers work on; the error says why the content is not readable.
    fn json(&self) -> Result<&Json, String>;

    /// The values at a location: none when nothing stands there, several when the location names several.
    fn locate(&self, locator: &str) -> Result<Vec<Json>, String>;

    /// Whether the values at a location have types; without a location, those of the view as a whole.
    fn typing(&self, _locator: Option<&str>) -> Typing {
        Typing::Text
    }
}

/// Whether values have types, which decides how they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// Everything is text, as in HL7 v2, a header or a file: `5` and `"5"` are the same there.
    Text,
    /// Values have the types of JSON: `5` is not `"5"`.
    Json,
}

/// Which names a template may use where it stands.
pub trait Names {
    /// Whether `${name…}` is known.
    fn knows(&self, name: &str) -> bool;
}

/// The parts of a first contract that a protocol can write from one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// A few words about the message, such as `an ADT^A04 is accepted`.
    pub title: String,
    /// The workflow that it usually belongs to, such as `registration`.
    pub workflow: &'static str,
    /// The records that its templates use.
    pub data: Vec<DraftRecord>,
    /// The YAML under `send: { <protocol>: … }`, not indented, its identifiers replaced by templates.
    pub send: String,
    /// The YAML under `reply:`, not indented.
    pub reply: String,
    /// The variations that apply to any such message that is accepted.
    pub variations: &'static [&'static str],
    /// What else there was to be said of what was found, in a sentence.
    pub remark: Option<&'static str>,
    /// The identifiers that were found. A message that is sent with them again is the same message again.
    pub identifiers: Vec<String>,
}

/// A record that the templates of a draft use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftRecord {
    /// Its name in templates.
    pub name: &'static str,
    /// Its kind, such as `patient`.
    pub kind: &'static str,
    /// What must be true of it, as an expression that holds no double quote, lest the message could not be written.
    pub condition: Option<&'static str>,
}

impl From<(&'static str, &'static str)> for DraftRecord {
    fn from((name, kind): (&'static str, &'static str)) -> Self {
        Self {
            name,
            kind,
            condition: None,
        }
    }
}

/// A broken form of a good message.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// A few words that name the case, such as `no MSH segment`.
    pub name: &'static str,
    /// The broken message.
    pub message: Message,
}
