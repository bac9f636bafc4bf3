//! Sound exchanges over every transport, and every way of delivering them.

use std::fmt::Write as _;

use crate::common::{candidate, plan_of, ran, ran_plan, sound};
use wardgate_core::event::{Barrier, EventKind, Lifecycle, Party};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_http_exchange_passes() {
    let ran = ran(
        sound(),
        "- name: it answers\n  send: { http: { path: /ok } }\n  expect: { reply: { status: 200 } }",
    )
    .await;
    ran.passes();
    assert_eq!(ran.outcome.lanes.len(), 1);
    assert!(ran.outcome.lanes[0].process.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reaches_a_partner_is_counted_at_the_barrier() {
    let ran = ran(
        sound(),
        r#"
- name: once
  send: { http: { method: POST, path: /forward, body: "${mrn}" } }
  expect:
    reply: { status: 202 }
    notes: [ { received: POST /notes, times: 1 } ]
- name: twice is noticed
  send: { http: { method: POST, path: /forward, body: "TWICE-${mrn}" } }
  expect:
    notes: [ { received: POST /notes, times: 2 } ]
"#,
    )
    .await;
    ran.passes();
    assert_eq!(
        ran.count(|kind| matches!(kind, EventKind::Barrier(Barrier::Idle))),
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_too_often_fails_with_an_idle_endpoint_and_with_a_quiet_window() {
    let interaction = r#"
- name: once
  send: { http: { method: POST, path: /forward, body: "TWICE-${mrn}" } }
  expect:
    notes: [ { received: POST /notes, times: 1 } ]
"#;
    for candidate in [sound(), candidate("serve", "[idle]\nquiet = \"80ms\"")] {
        let quiet = candidate.clone();
        let ran = ran(candidate, interaction).await;
        assert_eq!(
            ran.only().outcome,
            wardgate_core::verdict::Outcome::Fail,
            "{quiet:?}\n{}",
            ran.story()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_window_closes_what_has_an_upper_bound() {
    let ran = ran(
        candidate("serve", "[idle]\nquiet = \"80ms\""),
        r#"
- name: once
  send: { http: { method: POST, path: /forward, body: "${mrn}" } }
  expect:
    notes: [ { received: POST /notes, times: 1 } ]
"#,
    )
    .await;
    ran.passes();
    assert_eq!(
        ran.count(|kind| matches!(kind, EventKind::Barrier(Barrier::Quiet { window_ms: 80 }))),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn framed_messages_are_delivered_in_every_way() {
    let ran = ran(
        sound(),
        r#"
- name: a line
  send: { line: { line: "NOTE ${mrn}" } }
  expect:
    reply: { line: { text: "OK ${mrn}" } }
    notes: [ { received: POST /notes, times: "at least 1" } ]
  variations:
    - duplicate delivery
    - split frames
    - trickled frames
    - coalesced frames
    - { ack lost: inbound }
    - malformed input
"#,
    )
    .await;
    ran.passes();
    // One connection a case, and another after the lost reply: its connection is closed by us.
    let opened = ran.count(|kind| {
        matches!(
            kind,
            EventKind::Opened {
                party: Party::Endpoint(_),
                ..
            }
        )
    });
    assert_eq!(opened, ran.outcome.verdicts.len() + 1, "{}", ran.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_messages_are_delivered_in_every_way() {
    let ran = ran(
        sound(),
        r#"
- name: a note
  send: { http: { method: POST, path: /forward, body: "${mrn}" } }
  expect:
    reply: { status: 202 }
    notes: [ { received: POST /notes } ]
  variations:
    - duplicate delivery
    - split frames
    - trickled frames
    - coalesced frames
    - { ack lost: inbound }
"#,
    )
    .await;
    ran.passes();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_misbehave_and_recover() {
    let ran = ran(
        sound(),
        r#"
- name: a note
  send: { http: { method: POST, path: /forward, body: "${mrn}" } }
  expect:
    reply: { status: 202 }
    notes: [ { received: POST /notes, times: 1 } ]
  variations:
    - { partner down: notes, for: 2 attempts }
    - { partner slow: notes, by: 120ms }
    - { partner refusing: notes, with: "503", for: 2 attempts }
    - { ack lost: notes }
"#,
    )
    .await;
    ran.passes();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_candidate_is_found_again_and_delivers_what_it_kept() {
    let ran = ran(
        sound(),
        r#"
- name: a note
  send: { http: { method: POST, path: /forward, body: "${mrn}" } }
  expect:
    reply: { status: 202 }
    notes: [ { received: POST /notes, times: 1 } ]
  variations:
    - candidate restarted
- name: afterwards
  send: { http: { path: /ok } }
  expect: { reply: { status: 200 } }
"#,
    )
    .await;
    ran.passes();
    assert_eq!(
        crate::common::ids(&ran.lane_folder(0).join("starts")).len(),
        2
    );
    assert_eq!(
        ran.count(|kind| *kind == EventKind::Candidate(Lifecycle::Killed)),
        1
    );
    assert_eq!(
        ran.count(|kind| *kind == EventKind::Candidate(Lifecycle::Ready)),
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_dropped_and_picked_up() {
    let ran = ran(
        sound(),
        r#"
- name: a file
  send: { file: { to: inbox, name: "batch.txt", content: "${mrn}" } }
  expect:
    notes: [ { received: POST /notes, times: 1 } ]
  variations:
    - duplicate delivery
"#,
    )
    .await;
    assert_eq!(ran.outcome.problem, None);
    assert_eq!(
        ran.outcomes()[0].1,
        wardgate_core::verdict::Outcome::Pass,
        "{}",
        ran.story()
    );
    assert_eq!(
        ran.count(|kind| matches!(kind, EventKind::Barrier(Barrier::Missed { .. }))),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lanes_work_side_by_side_each_with_ports_of_its_own() {
    let interactions = (0..12).fold(String::new(), |mut text, number| {
        let _ = write!(
            text,
            "- name: note {number}\n  send: {{ http: {{ method: POST, path: /forward, body: \"${{mrn}}\" }} }}\n  \
             expect: {{ reply: {{ status: 202 }}, notes: [ {{ received: POST /notes, times: 1 }} ] }}\n"
        );
        text
    });
    let ran = ran_plan(sound(), plan_of(&interactions), |options| {
        options.workers = 3;
    })
    .await;
    ran.passes();
    let lanes = &ran.outcome.lanes;
    assert_eq!(lanes.len(), 3);
    assert!(
        lanes
            .iter()
            .all(|lane| lane.partners != lanes[(lane.lane + 1) % 3].partners)
    );
    let used: std::collections::BTreeSet<usize> = ran
        .outcome
        .verdicts
        .iter()
        .map(|verdict| verdict.lane)
        .collect();
    assert!(used.len() > 1, "one lane did everything");
}
