//! One event as a line.
//!
//! The line is one flat object whose members are those of its kind of event: a tagged enum would be buffered by serde
//! before it is read, and a run has many events.

use std::{borrow::Cow, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wardgate_core::{
    event::{Barrier, Event, EventKind, Lifecycle, Party, Wire},
    wire::Direction,
};

use super::control::{ControlLine, control_line, control_of};

/// One event of one lane. Which members stand beside the first five follows from `what`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine<'a> {
    /// Always `event`.
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    /// The lane.
    pub lane: usize,
    /// Its number in the lane.
    pub n: u64,
    /// Nanoseconds since the lane was opened.
    pub t: u64,
    /// What happened, as [`EventKind`] has it.
    pub what: What,
    /// The case's index in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<usize>,
    /// The attempt, from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<u32>,
    /// Whose port it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyLine>,
    /// Whether the candidate sent the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_candidate: Option<bool>,
    /// Whether the candidate closed the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_candidate: Option<bool>,
    /// The stimulus, as numbered in the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stimulus: Option<usize>,
    /// The partner's index in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<usize>,
    /// The stub's own number for its timer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<u64>,
    /// A file's name.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub name: Option<Cow<'a, str>>,
    /// The message's bytes, where they are UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub text: Option<Cow<'a, str>>,
    /// The message's bytes, where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub base64: Option<Cow<'a, str>>,
    /// Why the bytes are no message.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub fault: Option<Cow<'a, str>>,
    /// Why, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub reason: Option<Cow<'a, str>>,
    /// A provider state's name, or what became of the candidate: `started`, `ready`, `killed`, `exited`, `never-ready`.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub state: Option<Cow<'a, str>>,
    /// Why the state could not be taken.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub failure: Option<Cow<'a, str>>,
    /// How the candidate ended, or why it never was ready.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub detail: Option<Cow<'a, str>>,
    /// What closed the case: `idle`, `quiet` or `missed`.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub by: Option<Cow<'a, str>>,
    /// The quiet window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_ms: Option<u64>,
    /// What the stub was told.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub control: Option<ControlLine<'a>>,
}

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
// Each is documented at `wardgate_core::event::EventKind`.
pub enum What {
    CaseStarted,
    CaseFinished,
    Opened,
    Wire,
    Closed,
    Written,
    Undelivered,
    Control,
    Timer,
    Candidate,
    StateSet,
    Unrunnable,
    Deadline,
    Barrier,
}

/// Whose port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyLine {
    /// An endpoint of the candidate.
    Endpoint(usize),
    /// A partner's stub.
    Partner(usize),
}

fn party(party: Party) -> PartyLine {
    match party {
        Party::Endpoint(index) => PartyLine::Endpoint(index),
        Party::Partner(index) => PartyLine::Partner(index),
    }
}

impl From<PartyLine> for Party {
    fn from(line: PartyLine) -> Self {
        match line {
            PartyLine::Endpoint(index) => Self::Endpoint(index),
            PartyLine::Partner(index) => Self::Partner(index),
        }
    }
}

impl<'a> EventLine<'a> {
    /// The line of an event; nothing is copied but bytes that are no text.
    pub fn new(lane: usize, event: &'a Event) -> Self {
        let t = u64::try_from(event.elapsed.as_nanos()).unwrap_or(u64::MAX);
        let bare = |what| Self::bare(lane, event.sequence, t, what);
        match &event.kind {
            EventKind::CaseStarted { case, attempt } => Self {
                case: Some(*case),
                attempt: Some(*attempt),
                ..bare(What::CaseStarted)
            },
            EventKind::CaseFinished => bare(What::CaseFinished),
            EventKind::Opened {
                channel,
                party: whose,
            } => Self {
                channel: Some(*channel),
                party: Some(party(*whose)),
                ..bare(What::Opened)
            },
            EventKind::Wire(wire) => bare(What::Wire).with_wire(wire),
            EventKind::Closed {
                channel,
                party: whose,
                by_candidate,
            } => Self {
                channel: Some(*channel),
                party: Some(party(*whose)),
                by_candidate: Some(*by_candidate),
                ..bare(What::Closed)
            },
            EventKind::Written { stimulus } => Self {
                stimulus: Some(*stimulus),
                ..bare(What::Written)
            },
            EventKind::Undelivered { stimulus, reason } => Self {
                stimulus: Some(*stimulus),
                reason: Some(Cow::Borrowed(reason)),
                ..bare(What::Undelivered)
            },
            EventKind::Control { partner, control } => Self {
                partner: Some(*partner),
                control: Some(control_line(control)),
                ..bare(What::Control)
            },
            EventKind::Timer { partner, timer } => Self {
                partner: Some(*partner),
                timer: Some(*timer),
                ..bare(What::Timer)
            },
            EventKind::Candidate(lifecycle) => {
                let (state, detail) = life(lifecycle);
                Self {
                    state: Some(Cow::Borrowed(state)),
                    detail: detail.map(Cow::Borrowed),
                    ..bare(What::Candidate)
                }
            }
            EventKind::StateSet { state, failure } => Self {
                state: Some(Cow::Borrowed(state)),
                failure: failure.as_deref().map(Cow::Borrowed),
                ..bare(What::StateSet)
            },
            EventKind::Unrunnable { reason } => Self {
                reason: Some(Cow::Borrowed(reason)),
                ..bare(What::Unrunnable)
            },
            EventKind::Deadline => bare(What::Deadline),
            EventKind::Barrier(barrier) => bare(What::Barrier).with_barrier(barrier),
        }
    }

    fn bare(lane: usize, n: u64, t: u64, what: What) -> Self {
        Self {
            kind: Cow::Borrowed("event"),
            lane,
            n,
            t,
            what,
            case: None,
            attempt: None,
            channel: None,
            party: None,
            from_candidate: None,
            by_candidate: None,
            stimulus: None,
            partner: None,
            timer: None,
            name: None,
            text: None,
            base64: None,
            fault: None,
            reason: None,
            state: None,
            failure: None,
            detail: None,
            by: None,
            window_ms: None,
            control: None,
        }
    }

    fn with_wire(self, wire: &'a Wire) -> Self {
        let text = std::str::from_utf8(&wire.bytes).ok();
        Self {
            channel: Some(wire.channel),
            party: Some(party(wire.party)),
            from_candidate: Some(wire.direction == Direction::FromCandidate),
            stimulus: wire.stimulus,
            name: wire.name.as_deref().map(Cow::Borrowed),
            base64: text
                .is_none()
                .then(|| Cow::Owned(STANDARD.encode(&wire.bytes))),
            text: text.map(Cow::Borrowed),
            fault: wire.fault.as_deref().map(Cow::Borrowed),
            ..self
        }
    }

    fn with_barrier(self, barrier: &'a Barrier) -> Self {
        let (by, window_ms, reason) = match barrier {
            Barrier::Idle => ("idle", None, None),
            Barrier::Quiet { window_ms } => ("quiet", Some(*window_ms), None),
            Barrier::Missed { reason } => ("missed", None, Some(reason.as_str())),
        };
        Self {
            by: Some(Cow::Borrowed(by)),
            window_ms,
            reason: reason.map(Cow::Borrowed),
            ..self
        }
    }

    /// The event of a line; the error says what is wrong with it.
    pub fn into_event(self) -> Result<Event, String> {
        Ok(Event {
            sequence: self.n,
            elapsed: Duration::from_nanos(self.t),
            kind: self.into_kind()?,
        })
    }

    fn into_kind(self) -> Result<EventKind, String> {
        let what = self.what;
        let lacks = |name: &str| format!("a {what:?} event without \"{name}\"");
        macro_rules! take {
            ($name:ident) => {
                self.$name.ok_or_else(|| lacks(stringify!($name)))?
            };
        }
        Ok(match what {
            What::CaseStarted => EventKind::CaseStarted {
                case: take!(case),
                attempt: take!(attempt),
            },
            What::CaseFinished => EventKind::CaseFinished,
            What::Opened => EventKind::Opened {
                channel: take!(channel),
                party: take!(party).into(),
            },
            What::Wire => EventKind::Wire(Wire {
                channel: take!(channel),
                party: take!(party).into(),
                direction: if take!(from_candidate) {
                    Direction::FromCandidate
                } else {
                    Direction::ToCandidate
                },
                stimulus: self.stimulus,
                name: self.name.map(Cow::into_owned),
                bytes: bytes_of(self.text, self.base64)?,
                fault: self.fault.map(Cow::into_owned),
            }),
            What::Closed => EventKind::Closed {
                channel: take!(channel),
                party: take!(party).into(),
                by_candidate: take!(by_candidate),
            },
            What::Written => EventKind::Written {
                stimulus: take!(stimulus),
            },
            What::Undelivered => EventKind::Undelivered {
                stimulus: take!(stimulus),
                reason: take!(reason).into_owned(),
            },
            What::Control => EventKind::Control {
                partner: take!(partner),
                control: control_of(&take!(control))?,
            },
            What::Timer => EventKind::Timer {
                partner: take!(partner),
                timer: take!(timer),
            },
            What::Candidate => EventKind::Candidate(lifecycle_of(
                &take!(state),
                self.detail.map(Cow::into_owned),
            )?),
            What::StateSet => EventKind::StateSet {
                state: take!(state).into_owned(),
                failure: self.failure.map(Cow::into_owned),
            },
            What::Unrunnable => EventKind::Unrunnable {
                reason: take!(reason).into_owned(),
            },
            What::Deadline => EventKind::Deadline,
            What::Barrier => EventKind::Barrier(match take!(by).as_ref() {
                "idle" => Barrier::Idle,
                "quiet" => Barrier::Quiet {
                    window_ms: take!(window_ms),
                },
                "missed" => Barrier::Missed {
                    reason: take!(reason).into_owned(),
                },
                other => return Err(format!("there is no barrier '{other}'")),
            }),
        })
    }
}

fn life(lifecycle: &Lifecycle) -> (&'static str, Option<&str>) {
    match lifecycle {
        Lifecycle::Started => ("started", None),
        Lifecycle::Ready => ("ready", None),
        Lifecycle::Killed => ("killed", None),
        Lifecycle::Exited { status } => ("exited", Some(status)),
        Lifecycle::NeverReady { reason } => ("never-ready", Some(reason)),
    }
}

fn lifecycle_of(state: &str, detail: Option<String>) -> Result<Lifecycle, String> {
    Ok(match state {
        "started" => Lifecycle::Started,
        "ready" => Lifecycle::Ready,
        "killed" => Lifecycle::Killed,
        "exited" => Lifecycle::Exited {
            status: detail.unwrap_or_default(),
        },
        "never-ready" => Lifecycle::NeverReady {
            reason: detail.unwrap_or_default(),
        },
        other => return Err(format!("there is no state '{other}' of a candidate")),
    })
}

fn bytes_of(text: Option<Cow<'_, str>>, base64: Option<Cow<'_, str>>) -> Result<Bytes, String> {
    match (text, base64) {
        (Some(text), None) => Ok(Bytes::from(text.into_owned())),
        (None, Some(encoded)) => STANDARD
            .decode(encoded.as_bytes())
            .map(Bytes::from)
            .map_err(|error| format!("the base64 of a wire event does not decode: {error}")),
        _ => Err(String::from("a wire event holds either text or base64")),
    }
}
