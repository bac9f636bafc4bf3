//! One case of a plan: what is done, and what is expected of it.

use std::{sync::Arc, time::Duration};

use wardgate_contract::Node;
use wardgate_contract::{
    Span,
    ast::{Bound, Capture, Draw, Given, VariationKind},
};
use wardgate_expression::fhirpath::Expression;
use wardgate_synth::Seed;

use super::{CompiledFilter, PlannedCheck, PropertyCase};
use crate::{port::Fault, verdict::Leg};

/// One case: an interaction, one variation of it, or a property.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its index in the plan.
    pub index: usize,
    /// `contract :: interaction [variation]`, unique in the plan.
    pub name: String,
    /// The part of the name after the contract.
    pub title: String,
    /// The contract's index in the plan.
    pub contract: usize,
    /// What its values are drawn from.
    pub seed: Seed,
    /// Whether one example or a property.
    pub kind: CaseKind,
    /// The values to draw, in order.
    pub draws: Arc<[Draw]>,
    /// The provider states, in order.
    pub given: Arc<[Given]>,
    /// What is done, in order.
    pub script: Vec<Act>,
    /// The stimuli that the script sends.
    pub stimuli: Vec<Stimulus>,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// What is captured, and from the reply to which stimulus or since which stimulus.
    pub captures: Vec<(usize, Capture)>,
    /// Where the contract says it.
    pub span: Span,
}

/// Whether a case is one example or a property.
#[derive(Clone, Debug)]
pub enum CaseKind {
    /// An interaction as written, or a variation of it.
    Example {
        /// The variation.
        variation: Option<VariationKind>,
    },
    /// A property: many attempts with generated values.
    Property(PropertyCase),
}

/// One thing that the executor does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Bring about the provider state of this index.
    Given(usize),
    /// Make a partner behave badly.
    Fault {
        /// The partner's index.
        partner: usize,
        /// How.
        fault: Fault,
    },
    /// Make a partner behave well again.
    ClearFaults {
        /// The partner's index.
        partner: usize,
    },
    /// Send the stimulus of this index.
    Stimulus(usize),
    /// Wait until every expectation that is open is met, or its deadline has passed.
    Settle {
        /// Whether only the replies are waited for, not what follows from the stimulus elsewhere.
        replies_only: bool,
    },
    /// Wait until nothing more can come; upper bounds are closed by this.
    Barrier,
    /// Wait until nothing more can come, and close nothing: what comes of the next stimulus is told apart from what
    /// came of those before it.
    Rest,
    /// Kill the candidate and start it again.
    Restart,
}

/// One message to the candidate.
#[derive(Clone, Debug)]
pub struct Stimulus {
    /// The step that it comes from.
    pub step: usize,
    /// The endpoint's index in the plan.
    pub endpoint: usize,
    /// The protocol's name.
    pub protocol: String,
    /// What the contract says of it.
    pub body: Node,
    /// In what pieces it is sent.
    pub delivery: Delivery,
    /// What becomes of the reply.
    pub fate: Fate,
    /// The stimulus whose very bytes are sent again.
    pub repeats: Option<usize>,
    /// The broken form that it takes.
    pub malformation: Option<&'static str>,
}

/// In what pieces a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// In one write.
    Whole,
    /// In two, cut in the middle.
    Split,
    /// Byte by byte at the edges, in small pieces between.
    Trickled,
    /// In one write together with the stimulus that follows.
    WithNext,
    /// With the write of the stimulus before.
    WithPrevious,
}

/// What becomes of the reply to a stimulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is heard.
    Heard,
    /// It is lost on its way: seen on the wire, but not by the sender.
    Lost,
}

/// One checkable claim about one leg.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Unique in its case, such as `step 1: ehr received PUT Patient`.
    pub id: String,
    /// The leg.
    pub leg: Leg,
    /// The stimulus that opens it, from whose sending `within` counts; none is the beginning of the case.
    pub opens: Option<usize>,
    /// What is claimed.
    pub claim: Claim,
    /// How long it may take.
    pub within: Duration,
    /// Where the contract says it.
    pub span: Span,
}

/// Which repeated messages at a partner are retries, which do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retries {
    /// None: every message counts.
    None,
    /// A repeat of what has no positive answer yet, or had it before the candidate was lost.
    Unanswered,
    /// Every repeat.
    All,
}

/// What an expectation claims.
#[derive(Clone, Debug)]
pub enum Claim {
    /// The stimulus is answered at all.
    Replied {
        /// The stimulus.
        stimulus: usize,
    },
    /// The application's reply to the stimulus.
    Reply {
        /// The stimulus.
        stimulus: usize,
        /// What must be true of it.
        checks: Arc<[PlannedCheck]>,
    },
    /// The commit acknowledgement of the stimulus.
    Accept {
        /// The stimulus.
        stimulus: usize,
        /// What must be true of it.
        checks: Arc<[PlannedCheck]>,
    },
    /// The reply to the second is the same as to the first.
    SameReply {
        /// The first.
        first: usize,
        /// The second.
        second: usize,
    },
    /// The stimulus is refused in the protocol's own way.
    Refused {
        /// The stimulus.
        stimulus: usize,
    },
    /// No partner's state is changed by the case before this expectation's barrier.
    NoEffect {
        /// Whether writing what is already there over again is no effect: a repeat of the same message may do that.
        but_updates: bool,
    },
    /// A partner that behaves badly is met by the case: a fault that nobody runs into proves nothing.
    Faced {
        /// The partner's index.
        partner: usize,
        /// Whether the candidate has to come again, and be served, once the partner is well.
        comes_again: bool,
    },
    /// Messages that the candidate sends to a partner.
    Received {
        /// The partner's index.
        partner: usize,
        /// Which messages.
        selector: String,
        /// How many.
        times: Bound,
        /// What must be true of one for it to count.
        checks: Arc<[PlannedCheck]>,
        /// Which of them are retries, which do not count.
        retries: Retries,
    },
    /// What a partner holds.
    Holds {
        /// The partner's index.
        partner: usize,
        /// The collection.
        collection: String,
        /// Which records; none means those that came since the case began.
        filter: Option<CompiledFilter>,
        /// How many.
        count: Bound,
        /// What must be true of each.
        checks: Arc<[PlannedCheck]>,
    },
    /// A property's closing claim over what all partners hold.
    PropertyHolds {
        /// The claim.
        expression: Arc<Expression>,
    },
}

impl Claim {
    /// Whether only a barrier can close it: it says what must not happen.
    pub fn has_upper_bound(&self) -> bool {
        match self {
            // What a partner holds in the end is known only when nothing more comes.
            Self::NoEffect { .. } | Self::PropertyHolds { .. } | Self::Holds { .. } => true,
            Self::Received { times, .. } => times.max.is_some(),
            _ => false,
        }
    }
}
