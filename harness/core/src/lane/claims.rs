//! How single claims stand: on replies, on messages received.

use wardgate_expression::Json;

use super::attempt::{Answer, Attempt, Sending, Standing};
use crate::{
    matching::{self, Checked, Ground},
    plan::PlannedCheck,
    port::Protocol,
    verdict::{Mismatch, MismatchKind},
};

/// How a claim stands.
pub(super) struct Judgement {
    /// Whether what it asks for at least is there.
    pub met: bool,
    /// Every difference, as it would stand in a verdict now.
    pub mismatches: Vec<Mismatch>,
    pub actual: String,
    pub events: Vec<u64>,
    /// Whether nothing that may still come can change it.
    pub is_final: bool,
    /// Where the contract says the first thing that is not so, where that is known.
    pub span: Option<wardgate_contract::Span>,
}

impl Judgement {
    pub fn waiting(expected: &str) -> Self {
        Self {
            met: false,
            mismatches: vec![mismatch(MismatchKind::Missing, "", expected, "nothing")],
            actual: String::from("nothing"),
            events: Vec::new(),
            is_final: false,
            span: None,
        }
    }
}

pub(super) fn mismatch(kind: MismatchKind, at: &str, expected: &str, actual: &str) -> Mismatch {
    Mismatch {
        kind,
        at: at.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
    }
}

/// Where the application's reply stands among the answers: the first that is no commit acknowledgement, and of those the
/// first that names the request, where one does.
pub(super) fn application_reply(
    attempt: &Attempt,
    stimulus: usize,
    protocol: &dyn Protocol,
) -> Option<usize> {
    let sending = &attempt.stimuli[stimulus];
    let is_application = |answer: &Answer| {
        answer
            .message
            .as_ref()
            .map_or(true, |message| !protocol.is_accept(message))
    };
    let mut replies = sending.replies.iter();
    replies
        .clone()
        .position(|answer| is_application(answer) && names(sending, answer, protocol) == Some(true))
        .or_else(|| replies.position(is_application))
}

/// Whether an answer names the message that it answers, where both can be told.
fn names(sending: &Sending, answer: &Answer, protocol: &dyn Protocol) -> Option<bool> {
    let request = sending.sent.as_ref()?.message.as_ref()?;
    protocol.answers(request, answer.message.as_ref().ok()?)
}

pub(super) fn replied(attempt: &Attempt, stimulus: usize) -> Judgement {
    let sending = &attempt.stimuli[stimulus];
    if let Some(answer) = sending.replies.first() {
        let mismatches = match &answer.message {
            Ok(_) => Vec::new(),
            Err(reason) => vec![mismatch(
                MismatchKind::Malformed,
                "",
                "a reply that can be read",
                reason,
            )],
        };
        let after = answer.elapsed.saturating_sub(
            sending
                .sent
                .as_ref()
                .map_or(answer.elapsed, |sent| sent.elapsed),
        );
        return Judgement {
            met: mismatches.is_empty(),
            is_final: true,
            span: None,
            mismatches,
            actual: format!("a reply after {:.3} ms", after.as_secs_f64() * 1e3),
            events: vec![answer.sequence],
        };
    }
    if let Some((sequence, reason)) = &sending.broken {
        return Judgement {
            met: false,
            mismatches: vec![mismatch(MismatchKind::Missing, "", "a reply", reason)],
            actual: reason.clone(),
            events: vec![*sequence],
            is_final: true,
            span: None,
        };
    }
    Judgement {
        events: sending.sent.iter().map(|sent| sent.sequence).collect(),
        ..Judgement::waiting("a reply")
    }
}

/// Judges what a reply says.
pub(super) fn said(
    attempt: &Attempt,
    stimulus: usize,
    reply: Option<usize>,
    checks: &[PlannedCheck],
    protocol: &dyn Protocol,
    expected: &str,
) -> Judgement {
    let sending = &attempt.stimuli[stimulus];
    let Some(answer) = reply.map(|index| &sending.replies[index]) else {
        let mut waiting = Judgement::waiting(expected);
        waiting.is_final = sending.broken.is_some();
        return waiting;
    };
    let checked = match &answer.message {
        Err(reason) => unreadable(reason),
        Ok(message) => match protocol.read(message) {
            Err(reason) if !checks.is_empty() => unreadable(&reason),
            Err(_) => Checked::default(),
            Ok(reading) => {
                let render = |kind: &str, record: &Json| protocol.render(kind, record);
                let ground = Ground {
                    bindings: &attempt.bindings,
                    render: &render,
                };
                matching::check_message(checks, reading.as_ref(), &ground)
            }
        },
    };
    let mut checked = checked;
    if names(sending, answer, protocol) == Some(false) {
        checked.mismatches.push(mismatch(
            MismatchKind::Value,
            "",
            "an answer to this message",
            "an answer that names another",
        ));
    }
    let label = answer
        .message
        .as_ref()
        .map_or_else(|_| String::new(), |message| protocol.label(message));
    Judgement {
        met: checked.mismatches.is_empty(),
        mismatches: checked.mismatches,
        actual: std::iter::once(label)
            .chain(checked.actual)
            .collect::<Vec<_>>()
            .join("; "),
        events: vec![answer.sequence],
        is_final: true,
        span: checked.span,
    }
}

pub(super) fn same_reply(
    attempt: &Attempt,
    first: usize,
    second: usize,
    protocol: &dyn Protocol,
) -> Judgement {
    let heard = |stimulus: usize| {
        application_reply(attempt, stimulus, protocol)
            .map(|index| &attempt.stimuli[stimulus].replies[index])
    };
    let Some(later) = heard(second) else {
        let mut waiting = Judgement::waiting("the same reply again");
        waiting.is_final = attempt.stimuli[second].broken.is_some();
        return waiting;
    };
    let Some(earlier) = heard(first) else {
        let mut waiting = Judgement::waiting("a reply to the first delivery");
        waiting.is_final = attempt.stimuli[first].broken.is_some();
        return waiting;
    };
    let mismatches = match (&earlier.message, &later.message) {
        (Ok(one), Ok(other)) => protocol
            .compare_replies(one, other)
            .into_iter()
            .map(|found| Mismatch {
                kind: MismatchKind::Unequal,
                ..found
            })
            .collect(),
        (Err(reason), _) | (_, Err(reason)) => {
            vec![mismatch(
                MismatchKind::Malformed,
                "",
                "a reply that can be read",
                reason,
            )]
        }
    };
    Judgement {
        met: mismatches.is_empty(),
        actual: String::from(if mismatches.is_empty() {
            "the same reply"
        } else {
            "another reply"
        }),
        mismatches,
        events: vec![earlier.sequence, later.sequence],
        is_final: true,
        span: None,
    }
}

pub(super) fn refused(attempt: &Attempt, stimulus: usize, protocol: &dyn Protocol) -> Judgement {
    let sending = &attempt.stimuli[stimulus];
    let refusal = sending.replies.iter().find(|answer| {
        answer
            .message
            .as_ref()
            .is_ok_and(|message| protocol.is_refusal(message))
    });
    if let Some(answer) = refusal {
        return Judgement {
            met: true,
            mismatches: Vec::new(),
            actual: answer
                .message
                .as_ref()
                .map_or_else(|_| String::new(), |message| protocol.label(message)),
            events: vec![answer.sequence],
            is_final: true,
            span: None,
        };
    }
    // A commit acknowledgement may come before the refusal.
    let Some(answer) = application_reply(attempt, stimulus, protocol) else {
        let mut waiting = Judgement::waiting("a refusal");
        waiting.is_final = sending.broken.is_some();
        return waiting;
    };
    let answer = &sending.replies[answer];
    let actual = match &answer.message {
        Ok(message) => protocol.label(message),
        Err(reason) => reason.clone(),
    };
    Judgement {
        met: false,
        mismatches: vec![mismatch(MismatchKind::Value, "", "a refusal", &actual)],
        actual,
        events: vec![answer.sequence],
        is_final: true,
        span: None,
    }
}

/// Whether a partner's fault was met, and the partner served after it where the candidate has to come again.
pub(super) fn faced(attempt: &Attempt, partner: usize, comes_again: bool) -> Judgement {
    let Some(faced) = attempt.faced.get(&partner) else {
        return Judgement::waiting("the case to reach this partner while it behaves badly");
    };
    match faced.served {
        Some(served) => Judgement {
            met: true,
            mismatches: Vec::new(),
            actual: String::from("it came again and was served"),
            events: vec![faced.met, served],
            is_final: false,
            span: None,
        },
        None if !comes_again => Judgement {
            met: true,
            mismatches: Vec::new(),
            actual: String::from("it was reached"),
            events: vec![faced.met],
            is_final: false,
            span: None,
        },
        None => Judgement {
            met: false,
            mismatches: vec![mismatch(
                MismatchKind::Missing,
                "",
                "the candidate to come again, once the partner is well",
                "nothing after what the fault did to it",
            )],
            actual: String::from("it was reached, and not again"),
            events: vec![faced.met],
            is_final: false,
            span: None,
        },
    }
}

pub(super) fn received(
    standing: &Standing,
    partner: &str,
    selector: &str,
    times: &wardgate_contract::ast::Bound,
) -> Judgement {
    let retries = standing
        .counted
        .iter()
        .filter(|counted| counted.is_retry)
        .count();
    let count = standing.counted.len() - retries;
    let mut mismatches = Vec::new();
    if !times.admits(count) {
        if count < times.min as usize {
            match &standing.near {
                // Something came that was meant: what is wrong with it says more than that it is missing.
                Some((_, checked)) => mismatches.extend(checked.mismatches.clone()),
                None => mismatches.push(mismatch(
                    MismatchKind::Missing,
                    "",
                    &format!("{selector} at {partner}, {times}"),
                    &format!("{count}"),
                )),
            }
        } else {
            mismatches.push(mismatch(
                MismatchKind::Surplus,
                "",
                &format!("{selector} at {partner}, {times}"),
                &format!("{count}"),
            ));
        }
    } else if standing.unfit > 0 && times.max.is_some_and(|max| max > 0) {
        mismatches.push(mismatch(
            MismatchKind::Surplus,
            "",
            &format!("{selector} at {partner}, {times}, and none besides"),
            &format!("{} more that fit nothing expected", standing.unfit),
        ));
        mismatches.extend(
            standing
                .near
                .iter()
                .flat_map(|(_, checked)| checked.mismatches.clone()),
        );
    }
    let mut actual = vec![format!("{count} that fit")];
    if retries > 0 {
        actual.push(format!("{retries} retries of these"));
    }
    if standing.near_count > 0 {
        actual.push(format!("{} that did not fit", standing.near_count));
    }
    actual.extend(
        standing
            .counted
            .last()
            .map(|counted| counted.actual.clone()),
    );
    actual.extend(
        standing
            .near
            .iter()
            .flat_map(|(_, checked)| checked.actual.clone()),
    );
    Judgement {
        met: count >= times.min as usize,
        mismatches,
        actual: actual.join("; "),
        events: standing
            .counted
            .iter()
            .map(|counted| counted.sequence)
            .chain(standing.near.iter().map(|(sequence, _)| *sequence))
            .collect(),
        is_final: false,
        span: standing.near.as_ref().and_then(|(_, checked)| checked.span),
    }
}

pub(super) fn unreadable(reason: &str) -> Checked {
    Checked {
        mismatches: vec![mismatch(
            MismatchKind::Malformed,
            "",
            "a message that can be read",
            reason,
        )],
        actual: vec![reason.to_owned()],
        span: None,
    }
}
