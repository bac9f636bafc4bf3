//! What a stub is: a state machine over inputs, with logical time.

use std::{borrow::Cow, fmt::Debug, time::Duration};

use wardgate_expression::Json;
use wardgate_synth::Seed;

use crate::wire::Message;

/// A partner's stub: a state machine that is told what happened and says what to do.
///
/// It is a pure function of its inputs: two stubs made from the same options and given the same inputs at the
/// same moments are the same, which is how a replay rebuilds what a partner held.
pub trait Stub: Debug + Send {
    /// Takes in what happened and says what to do about it.
    fn receive(&mut self, at: Moment, input: Input<'_>) -> Reaction;

    /// The records of one collection, such as `Patient` or `customers`, in a stable order.
    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String>;

    /// The names of the collections that hold something.
    fn collections(&self) -> Vec<String>;

    /// A copy of the whole state, cheap enough to be taken before every reset.
    fn snapshot(&self) -> Box<dyn Stub>;
}

/// What a stub is made from.
#[derive(Clone, Debug)]
pub struct StubOptions {
    /// The partner's name.
    pub partner: String,
    /// The keys beside `stub:` under `partners:`, as an object.
    pub options: Json,
    /// What its identifiers are drawn from.
    pub seed: Seed,
}

/// A point in logical time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Since the lane was opened.
    pub elapsed: Duration,
    /// The run's logical wall clock, in milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
}

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The candidate connected.
    Connected {
        /// The connection.
        channel: u32,
    },
    /// A whole message came.
    Message {
        /// The connection.
        channel: u32,
        /// The message.
        message: &'a Message,
        /// Whether it belongs to the case in hand: faults that count attempts count only these.
        current: bool,
    },
    /// Bytes came that are no message.
    Garbage {
        /// The connection.
        channel: u32,
        /// Why they are none.
        reason: &'a str,
    },
    /// The connection closed.
    Closed {
        /// The connection.
        channel: u32,
    },
    /// A timer that the stub armed has fired.
    Timer {
        /// The stub's own number for it.
        timer: u64,
    },
    /// A message that the stub sent of its own accord was delivered, or was not.
    SendResult {
        /// The connection.
        channel: u32,
        /// Whether it was delivered.
        delivered: bool,
    },
    /// It is told something from outside the protocol.
    Control(&'a Control),
}

/// What a stub can be told from outside its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Behave badly in one of the named ways.
    Fault(Fault),
    /// Behave well again.
    ClearFaults,
    /// Hold this record too, as if a client had put it there; nothing is answered.
    Seed {
        /// The collection, such as `Patient`.
        collection: String,
        /// The record in the protocol's own form.
        record: Json,
    },
    /// Go back to the state right after the stub was made and seeded for the run.
    Reset,
}

/// The named ways to behave badly that every protocol shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Connections are accepted and reset, so many times; those that are open are reset at once.
    Down {
        /// How many attempts.
        attempts: u32,
    },
    /// Replies are this late, so many times.
    Slow {
        /// How late.
        by: Duration,
        /// How many replies.
        attempts: u32,
    },
    /// Messages are refused without effect, so many times.
    Refuse {
        /// In which words of the protocol (`503`, `AE`); the protocol's usual ones when left out.
        with: Option<String>,
        /// How many attempts.
        attempts: u32,
    },
    /// Messages are processed, but the connection closes instead of the reply, so many times.
    LoseReply {
        /// How many replies.
        attempts: u32,
    },
    /// Messages are processed, but the reply is cut in the middle, so many times.
    Garble {
        /// How many replies.
        attempts: u32,
    },
}

/// What a stub wants done and what it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// What is to be done, in this order.
    pub actions: Vec<Action>,
    /// What changed in the stub's state.
    pub effects: Vec<Effect>,
    /// Whether a fault kept the message from being handled: it does not count as received.
    pub unhandled: bool,
    /// What a fault did to the input, for a line in a live view, such as `refused: 503`.
    pub remark: Option<String>,
}

impl Reaction {
    /// A reply at once and nothing else.
    pub fn reply(channel: u32, message: Message) -> Self {
        Self {
            actions: vec![Action::Reply {
                channel,
                message,
                after: Duration::ZERO,
            }],
            ..Self::default()
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Answer the last message on this connection (or send one more on it).
    Reply {
        /// The connection.
        channel: u32,
        /// The answer.
        message: Message,
        /// How late.
        after: Duration,
    },
    /// Write only the first half of this answer, then close.
    ReplyCut {
        /// The connection.
        channel: u32,
        /// The answer that is cut.
        message: Message,
    },
    /// Close the connection.
    Close {
        /// The connection.
        channel: u32,
        /// Whether by a TCP reset.
        abort: bool,
    },
    /// Wake the stub later.
    Arm {
        /// The stub's own number for it.
        timer: u64,
        /// When, counted from now.
        after: Duration,
    },
    /// Do not wake the stub after all.
    Cancel {
        /// The stub's own number for it.
        timer: u64,
    },
}

/// What changed in a stub's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What was done.
    pub verb: Verb,
    /// To what, such as `Patient/17` or `customers(…)`.
    pub subject: String,
    /// Identifiers that the stub gave out in doing so: later messages that carry them belong to the same case.
    pub keys: Vec<String>,
}

/// What was done to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It is gone.
    Deleted,
    /// A message was taken in.
    Accepted,
}

/// A record that a stub holds.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its identifier within the collection.
    pub id: &'a str,
    /// The record.
    pub record: Record<'a>,
    /// When it last changed.
    pub changed: Moment,
}

impl<'a> Held<'a> {
    /// The record. What is made of something else may be made anew each time, so it is asked for once.
    pub fn record(&self) -> Cow<'a, Json> {
        match self.record {
            Record::Stored(record) => Cow::Borrowed(record),
            Record::Made(of) => of.make(),
        }
    }
}

/// How a stub has a record.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// As it is shown.
    Stored(&'a Json),
    /// As something else, such as a message that takes a hundredth of the memory.
    Made(&'a dyn MakeRecord),
}

/// Something that a record can be made of.
pub trait MakeRecord: Debug {
    /// The record, always the same one.
    fn make(&self) -> Cow<'_, Json>;
}
