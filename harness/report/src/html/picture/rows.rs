//! The rows of a sequence picture: which events are worth one, and what they say.

use std::collections::HashSet;

use wardgate_core::event::{Barrier, Event, EventKind, Lifecycle, Party, Wire};

use crate::{
    html::wire::cited,
    run_file::VerdictsLine,
    script, text,
    traffic::{Traffic, elapsed_ns},
};

/// A silence that is worth saying, in nanoseconds.
const SILENCE_NS: u64 = 100_000_000;

/// One row.
pub struct Row<'a> {
    pub sequence: u64,
    pub since_ns: u64,
    pub silence: Option<String>,
    pub what: What<'a>,
}

/// What a row shows.
pub enum What<'a> {
    /// A message between the candidate and somebody.
    Message {
        wire: &'a Wire,
        party: Party,
        label: String,
        cited: bool,
    },
    /// A connection at a partner that was cut off before anything crossed it.
    Cut { partner: usize },
    /// A message that a partner was promised and did not get.
    Absent { partner: usize, text: String },
    /// Something said of a partner, or of the candidate.
    Note {
        partner: Option<usize>,
        text: String,
    },
    /// The candidate ended.
    Stopped { text: String },
    /// The candidate began.
    Started { text: String },
    /// Something that concerns everybody.
    Across { text: String, bad: bool },
}

impl What<'_> {
    /// The partner that takes part in it.
    pub fn partner(&self) -> Option<usize> {
        match self {
            Self::Message {
                party: Party::Partner(partner),
                ..
            }
            | Self::Cut { partner }
            | Self::Absent { partner, .. } => Some(*partner),
            Self::Note { partner, .. } => *partner,
            _ => None,
        }
    }
}

/// The rows of a case, in order.
pub fn rows<'a>(traffic: &Traffic<'a>, verdict: &VerdictsLine) -> Vec<Row<'a>> {
    let timeline = traffic.timeline(verdict);
    let began = traffic.began(verdict);
    let cited = cited(verdict);
    let used: HashSet<(Party, u32)> = timeline
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Wire(wire) => Some((wire.party, wire.channel)),
            _ => None,
        })
        .collect();
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut before = began;
    for event in timeline {
        let Some(what) = what(traffic, event, &cited, &used) else {
            continue;
        };
        let at = elapsed_ns(event);
        let silence = at.saturating_sub(before);
        before = at;
        rows.push(Row {
            sequence: event.sequence,
            since_ns: at.saturating_sub(began),
            silence: (silence >= SILENCE_NS).then(|| text::duration(silence)),
            what,
        });
    }
    let after = rows
        .last()
        .map_or((verdict.last, 0), |row| (row.sequence, row.since_ns));
    rows.extend(absent(traffic, verdict).map(|what| Row {
        sequence: after.0,
        since_ns: after.1,
        silence: None,
        what,
    }));
    rows
}

/// What partners were promised and did not get at all.
fn absent<'a>(traffic: &Traffic<'_>, verdict: &VerdictsLine) -> impl Iterator<Item = What<'a>> {
    verdict.expectations.iter().filter_map(|one| {
        let partner = traffic.partner(one.leg.strip_suffix(" received")?)?;
        let is_missing = one.mismatches.iter().any(|found| found.kind == "missing");
        if one.outcome != "fail" || !is_missing || !one.events.is_empty() {
            return None;
        }
        let said = one.expectation.split_once(" received ");
        let wanted = said.map_or(one.expectation.as_str(), |(_, wanted)| wanted);
        Some(What::Absent {
            partner,
            text: format!("no {}", text::line(wanted)),
        })
    })
}

fn what<'a>(
    traffic: &Traffic<'a>,
    event: &'a Event,
    cited: &HashSet<u64>,
    used: &HashSet<(Party, u32)>,
) -> Option<What<'a>> {
    let note = |partner: Option<usize>, text: String| Some(What::Note { partner, text });
    let across = |text: String, bad: bool| Some(What::Across { text, bad });
    match &event.kind {
        EventKind::Wire(wire) => Some(What::Message {
            wire,
            party: wire.party,
            label: traffic.label(wire),
            cited: cited.contains(&event.sequence),
        }),
        EventKind::Opened {
            channel,
            party: Party::Partner(partner),
        } if !used.contains(&(Party::Partner(*partner), *channel)) => {
            Some(What::Cut { partner: *partner })
        }
        EventKind::Undelivered { reason, .. } => {
            across(format!("not delivered: {}", text::line(reason)), true)
        }
        EventKind::Control { partner, control } => note(
            Some(*partner),
            text::line(&script::control(control)).into_owned(),
        ),
        EventKind::Candidate(lifecycle) => Some(life(lifecycle)),
        EventKind::StateSet { state, failure } => match failure {
            None => note(None, format!("in the state '{}'", text::line(state))),
            Some(failure) => across(
                format!(
                    "did not take the state '{}': {}",
                    text::line(state),
                    text::line(failure)
                ),
                true,
            ),
        },
        EventKind::Unrunnable { reason } => across(text::line(reason).into_owned(), true),
        EventKind::Deadline => across(String::from("the deadline passed"), true),
        EventKind::Barrier(barrier) => match barrier {
            Barrier::Idle => across(
                String::from("the candidate is idle: nothing more comes"),
                false,
            ),
            Barrier::Quiet { window_ms } => {
                across(format!("nothing crossed a wire for {window_ms} ms"), false)
            }
            Barrier::Missed { reason } => across(
                format!("no end could be found: {}", text::line(reason)),
                true,
            ),
        },
        EventKind::CaseStarted { .. }
        | EventKind::CaseFinished
        | EventKind::Opened { .. }
        | EventKind::Written { .. }
        | EventKind::Closed { .. }
        | EventKind::Timer { .. } => None,
    }
}

fn life<'a>(lifecycle: &Lifecycle) -> What<'a> {
    let said = |text: &str| text::line(text).into_owned();
    match lifecycle {
        Lifecycle::Started => What::Started {
            text: String::from("is started"),
        },
        Lifecycle::Ready => What::Note {
            partner: None,
            text: String::from("is ready"),
        },
        Lifecycle::Killed => What::Stopped {
            text: String::from("is killed"),
        },
        Lifecycle::Exited { status } => What::Stopped {
            text: format!("ends by itself: {}", said(status)),
        },
        Lifecycle::NeverReady { reason } => What::Stopped {
            text: format!("never ready: {}", said(reason)),
        },
    }
}
