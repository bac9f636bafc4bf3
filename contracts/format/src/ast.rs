//! The syntax tree of a contract file.
//!
//! It says what the author wrote, no more: variations are not yet cases and templates not yet filled.
//! Names are those of the file format; `contracts/README.md` documents every key.

use std::{sync::Arc, time::Duration};

use crate::{Node, Source, Span, Spanned};

/// What two participants agreed, as written.
#[derive(Clone, Debug)]
pub struct Contract {
    /// `contract:`, unique among the files of a run, such as `registration/adt-a04`.
    pub id: Spanned<String>,
    /// `version:`, a semantic version.
    pub version: Spanned<String>,
    /// `title:`, one line for people.
    pub title: Option<Spanned<String>>,
    /// `consumer:`, who relies on the promise.
    pub consumer: Spanned<String>,
    /// `provider:`, who makes it: the candidate.
    pub provider: Spanned<String>,
    /// `workflow:`, what `--workflow` selects by.
    pub workflow: Spanned<String>,
    /// `criticality:`.
    pub criticality: Criticality,
    /// `owner:`, whom to ask.
    pub owner: Option<Spanned<String>>,
    /// `partners:`, played by stubs.
    pub partners: Vec<Partner>,
    /// `data:`, drawn afresh for every case, in this order.
    pub data: Vec<Draw>,
    /// `given:` of the whole contract, before that of each interaction.
    pub given: Vec<Given>,
    /// `interactions:`.
    pub interactions: Vec<Interaction>,
    /// `properties:`.
    pub properties: Vec<Property>,
    /// The file itself.
    pub source: Arc<Source>,
}

/// What a failing contract means for the release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Criticality {
    /// A failure stops the release.
    #[default]
    Required,
    /// A failure is reported.
    Advisory,
}

/// One entry of `partners:`.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The name by which expectations and `candidate.toml` speak of it.
    pub name: Spanned<String>,
    /// `stub:`, the protocol that plays it.
    pub protocol: Spanned<String>,
    /// Every other key, for the protocol to read, as a mapping.
    pub options: Node,
}

/// One entry of `data:`: a value that each case draws for itself.
#[derive(Clone, Debug)]
pub struct Draw {
    /// The name under which `${name.…}` and `%name` reach it.
    pub name: Spanned<String>,
    /// `draw:`, the kind of synthetic record.
    pub kind: Spanned<String>,
    /// `where:`, an expression over the record that must be true.
    pub filter: Option<Spanned<String>>,
    /// `with:`, fields that are set to a template's value after drawing.
    pub with: Vec<(Spanned<String>, Spanned<String>)>,
}

/// One entry of `given:`: what is already so before the case begins.
#[derive(Clone, Debug)]
pub enum Given {
    /// A partner already holds records.
    Holds {
        /// The partner.
        partner: Spanned<String>,
        /// `holds:`, what the partner's protocol files it under, such as `Patient` or `customers`.
        collection: Spanned<String>,
        /// `records:`, each a mapping or a template such as `"${patient}"`.
        records: Vec<Node>,
    },
    /// The candidate is asked to bring itself into a state, through its provider-state URL.
    State {
        /// `state:`, the state's name.
        name: Spanned<String>,
        /// `with:`, the state's parameters, as a mapping.
        with: Option<Node>,
    },
}

/// One exchange to replay.
#[derive(Clone, Debug)]
pub struct Interaction {
    /// `name:`, unique within the contract.
    pub name: Spanned<String>,
    /// `given:`.
    pub given: Vec<Given>,
    /// `steps:`, or the one step that `send:` and `expect:` make.
    pub steps: Vec<Step>,
    /// `variations:`, each a case of its own beside the plain one.
    pub variations: Vec<Variation>,
    /// The whole entry.
    pub span: Span,
}

/// One stimulus and what is expected of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// `name:`.
    pub name: Option<Spanned<String>>,
    /// `send:`; a step without it only expects.
    pub send: Option<Send>,
    /// `expect:`.
    pub expect: Vec<Expect>,
    /// `capture:`.
    pub captures: Vec<Capture>,
    /// The whole entry.
    pub span: Span,
}

/// What is sent to the candidate.
#[derive(Clone, Debug)]
pub struct Send {
    /// The one key under `send:`, a protocol's name.
    pub protocol: Spanned<String>,
    /// `to:`, a named endpoint of the candidate.
    pub to: Option<Spanned<String>>,
    /// Everything under the protocol's key (with `to:`), for the protocol to compose.
    pub body: Node,
    /// The whole entry.
    pub span: Span,
}

/// One entry of `expect:`.
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is claimed.
    pub claim: Claim,
    /// `within:`, counted from the step's stimulus.
    pub within: Option<Spanned<Duration>>,
    /// The whole entry, which mismatches cite.
    pub span: Span,
}

/// What an expectation claims.
#[derive(Clone, Debug)]
pub enum Claim {
    /// `reply:`, the application's answer to the stimulus.
    Reply {
        /// What must be true of it.
        checks: Vec<Check>,
    },
    /// `accept:`, the commit acknowledgement of an enhanced-mode exchange.
    Accept {
        /// What must be true of it.
        checks: Vec<Check>,
    },
    /// `<partner>: [{ received: … }]`, messages that the candidate sent to a partner.
    Received {
        /// The partner.
        partner: Spanned<String>,
        /// Which messages, in the words of the partner's protocol, such as `PUT Patient`.
        selector: Spanned<String>,
        /// `times:`.
        times: Bound,
        /// What must be true of a message for it to count.
        checks: Vec<Check>,
    },
    /// `<partner>: [{ holds: … }]`, the partner's state.
    Holds {
        /// The partner.
        partner: Spanned<String>,
        /// What the protocol files records under, such as `customers`.
        collection: Spanned<String>,
        /// `where:`, which records; none means those that came since the case began.
        filter: Option<Filter>,
        /// `count:`.
        count: Bound,
        /// What must be true of each record that is held.
        checks: Vec<Check>,
    },
}

/// `where:`.
#[derive(Clone, Debug)]
pub enum Filter {
    /// A mapping of member paths to the values they must have.
    Members(Vec<(Spanned<String>, Matcher)>),
    /// An expression over the record.
    Expression(Spanned<String>),
}

/// How many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// At least this many.
    pub min: u32,
    /// At most this many; none is no upper bound.
    pub max: Option<u32>,
    /// Where it was written, if it was.
    pub span: Option<Span>,
}

impl Bound {
    /// At least one, which is what leaving it out means.
    pub const AT_LEAST_ONE: Self = Self {
        min: 1,
        max: None,
        span: None,
    };

    /// Whether a count satisfies the bound.
    pub fn admits(&self, count: usize) -> bool {
        count >= self.min as usize && self.max.is_none_or(|max| count <= max as usize)
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "exactly {min}"),
            (0, Some(max)) => write!(f, "at most {max}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
            (min, None) => write!(f, "at least {min}"),
        }
    }
}

/// One thing that must be true of a message or a record.
#[derive(Clone, Debug)]
pub enum Check {
    /// A located value matches: `hl7v2: { MSA-1: AA }`, `status: 201`, `headers: { Location: … }`.
    At {
        /// Where, in the words of the protocol: `MSA-1`, `status`, `header.Location`.
        locator: Spanned<String>,
        /// What must stand there.
        matcher: Matcher,
    },
    /// `body:`, the whole body matches.
    Body {
        /// What it must be.
        matcher: Matcher,
    },
    /// One entry of `fhirpath:`, an expression that must be true.
    Expression(Spanned<String>),
    /// One entry of `jsonpath:`, what a JSONPath leads to.
    JsonPath {
        /// The path.
        path: Spanned<String>,
        /// What must stand there.
        matcher: Matcher,
    },
}

/// What a value must be.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The kind.
    pub kind: MatcherKind,
    /// Where it was written.
    pub span: Span,
}

/// The kinds of matcher. Text in them may hold templates.
#[derive(Clone, Debug)]
pub enum MatcherKind {
    /// A bare value or `equals:`: the same value. A mapping or list compares member by member, and may hold matchers inside.
    Equals {
        /// The value.
        value: Node,
        /// `ignoring:`, member paths that are left out of the comparison.
        ignoring: Vec<Spanned<String>>,
        /// Whether extra members of mappings are allowed (a bare mapping under `body:` is not; `includes:` is).
        open: bool,
    },
    /// `like:`: the same shape and types.
    Like(Node),
    /// `each_like:`: a list of at least `min` items of this shape.
    EachLike {
        /// The shape of each.
        item: Node,
        /// `min:`.
        min: u32,
    },
    /// `regex:`: the whole text matches.
    Regex(Spanned<String>),
    /// `one_of:`.
    OneOf(Vec<Node>),
    /// `range:`: a number between two bounds, both included.
    Range {
        /// `min:`.
        min: Option<Spanned<String>>,
        /// `max:`.
        max: Option<Spanned<String>>,
    },
    /// `date_within:`: a date or time no further than this from another.
    DateWithin {
        /// `of:`, a template; `${now}` when left out.
        of: Option<Spanned<String>>,
        /// The distance.
        distance: Spanned<Duration>,
    },
    /// `decimal:`: the same number: 10.0 is 10.00.
    Decimal(Spanned<String>),
    /// `absent`: nothing stands there.
    Absent,
    /// `present`: something stands there.
    Present,
    /// `unordered:`: the same items in any order.
    Unordered(Vec<Node>),
}

/// One entry of `capture:`.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The name under which later steps reach it.
    pub name: Spanned<String>,
    /// Which message it is taken from.
    pub from: CaptureFrom,
    /// How the value is found in it.
    pub via: CaptureVia,
    /// The whole entry.
    pub span: Span,
}

/// Which message a capture is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureFrom {
    /// `reply.…`.
    Reply,
    /// `<partner>.received.…`: the last one that an expectation of the step counted.
    Received(String),
}

/// How a captured value is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureVia {
    /// `fhirpath("…")`.
    Expression(String),
    /// `at("…")`, a location of the message's protocol.
    Locator(String),
}

/// One entry of `variations:`.
#[derive(Clone, Debug)]
pub struct Variation {
    /// What is done.
    pub kind: VariationKind,
    /// `at:`, the name of the step it is done to; the last one that sends when left out.
    pub at: Option<Spanned<String>>,
    /// `expect:`, said in place of the interaction's own expectations of that step, where the variation changes them.
    pub expect: Option<Vec<Expect>>,
    /// The whole entry.
    pub span: Span,
}

/// What a variation does to a passing interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariationKind {
    /// `duplicate delivery`.
    DuplicateDelivery,
    /// `ack lost: inbound`.
    AckLostInbound,
    /// `ack lost: <partner>` (or `outbound` where there is one partner).
    AckLostOutbound {
        /// Whose reply is lost.
        partner: Spanned<String>,
    },
    /// `split frames`, `trickled frames`, `coalesced frames`.
    Frames(FrameStyle),
    /// `partner down: <partner>`.
    PartnerDown {
        /// Who.
        partner: Spanned<String>,
        /// `for:`, how many attempts it stays down for.
        attempts: u32,
    },
    /// `partner slow: <partner>`.
    PartnerSlow {
        /// Who.
        partner: Spanned<String>,
        /// `by:`, how late each reply is.
        by: Duration,
        /// `for:`, how many replies are late.
        attempts: u32,
    },
    /// `partner refusing: <partner>`.
    PartnerRefusing {
        /// Who.
        partner: Spanned<String>,
        /// `with:`, the refusal in the words of the protocol, such as `503` or `AE`.
        with: Option<Spanned<String>>,
        /// `for:`, how many attempts it refuses.
        attempts: u32,
    },
    /// `candidate restarted`.
    CandidateRestarted,
    /// `malformed input`: one case for each broken form that the protocol knows.
    MalformedInput,
}

/// In what pieces the bytes of a message arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameStyle {
    /// Two pieces, cut in the middle.
    Split,
    /// One byte at a time around the edges, small pieces between.
    Trickled,
    /// Two messages in one piece.
    Coalesced,
}

/// One entry of `properties:`.
#[derive(Clone, Debug)]
pub struct Property {
    /// `name:`, unique within the contract.
    pub name: Spanned<String>,
    /// `forall:`, names and the generators they are drawn from.
    pub forall: Vec<(Spanned<String>, Spanned<String>)>,
    /// `cases:`.
    pub cases: u32,
    /// `given:`.
    pub given: Vec<Given>,
    /// `steps:` (or `after:`).
    pub steps: Vec<Step>,
    /// `holds:`, an expression over `{ partner: { collection: [record] } }` after the steps.
    pub holds: Option<Spanned<String>>,
    /// The whole entry.
    pub span: Span,
}
