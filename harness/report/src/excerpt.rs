//! A few messages of a case as text, for places that show no pictures.

use std::fmt::Write as _;

use wardgate_core::{
    event::{Event, Party, Wire},
    wire::Direction,
};

use crate::{
    run_file::VerdictsLine,
    text,
    traffic::{Traffic, elapsed_ns, wire_of},
};

/// How much an excerpt may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many messages.
    pub messages: usize,
    /// How many bytes of each.
    pub bytes: usize,
}

/// The messages that the failed expectations cite, and the last ones before the end; empty if none were kept.
pub fn excerpt(traffic: &Traffic<'_>, verdict: &VerdictsLine, bounds: Bounds) -> String {
    let crossed: Vec<&Event> = traffic
        .timeline(verdict)
        .into_iter()
        .filter(|event| wire_of(event).is_some())
        .collect();
    if crossed.is_empty() || bounds.messages == 0 {
        return String::new();
    }
    let chosen = choose(&crossed, verdict, bounds.messages);
    let began = traffic.began(verdict);
    let mut out = String::new();
    let _ = match crossed.len() - chosen.len() {
        0 => writeln!(out, "wire (lane {}):", verdict.lane),
        left => writeln!(
            out,
            "wire (lane {}; {left} of {} messages are left out here, run.jsonl has them):",
            verdict.lane,
            crossed.len()
        ),
    };
    for event in chosen {
        let Some(wire) = wire_of(event) else { continue };
        let since = elapsed_ns(event).saturating_sub(began);
        let _ = writeln!(
            out,
            "+{} s  {}  {}",
            text::seconds(since),
            way(traffic, wire),
            text::cut_chars(&traffic.label(wire), 120)
        );
        let kept = &wire.bytes[..wire.bytes.len().min(bounds.bytes)];
        let shown = text::wire(kept);
        for line in shown.lines() {
            let _ = writeln!(out, "    {line}");
        }
        if kept.len() < wire.bytes.len() {
            let _ = writeln!(out, "    … ({} more bytes)", wire.bytes.len() - kept.len());
        }
    }
    out
}

/// Who sent a message to whom: `driver → adt`, `candidate → ehr`.
pub fn way(traffic: &Traffic<'_>, wire: &Wire) -> String {
    let peer = text::line(&traffic.party(wire.party)).into_owned();
    match (wire.party, wire.direction) {
        (Party::Endpoint(_), Direction::ToCandidate) => format!("driver → {peer}"),
        (Party::Endpoint(_), Direction::FromCandidate) => format!("{peer} → driver"),
        (Party::Partner(_), Direction::FromCandidate) => format!("candidate → {peer}"),
        (Party::Partner(_), Direction::ToCandidate) => format!("{peer} → candidate"),
    }
}

/// Cited messages first, then the latest, in the order in which they crossed.
fn choose<'a>(crossed: &[&'a Event], verdict: &VerdictsLine, max: usize) -> Vec<&'a Event> {
    let cited: Vec<u64> = verdict
        .expectations
        .iter()
        .filter(|one| one.outcome != "pass" && one.outcome != "skip")
        .flat_map(|one| one.events.iter().copied())
        .collect();
    let (first, rest): (Vec<&Event>, Vec<&Event>) = crossed
        .iter()
        .copied()
        .partition(|event| cited.contains(&event.sequence));
    let mut chosen: Vec<&Event> = first.into_iter().take(max).collect();
    let room = max - chosen.len();
    chosen.extend(rest.into_iter().rev().take(room));
    chosen.sort_by_key(|event| event.sequence);
    chosen
}
