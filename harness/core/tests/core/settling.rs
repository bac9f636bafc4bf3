//! When an expectation is closed, and whom it blames.

use std::time::Duration;

use wardgate_core::{
    event::{Barrier, EventKind, Party},
    lane::Waiting,
    verdict::{MismatchKind, Outcome, Settled},
};

use crate::script::{ONCE, Script, assert_verdict, contract, mrn, of};

const SHOP: &str = "shop received POST /orders";

#[test]
fn once_is_met_on_sight_but_closed_only_at_the_barrier() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    assert!(matches!(script.lane.waiting(false), Waiting::Until(_)));
    script.order(&mine);
    assert_eq!(script.lane.waiting(false), Waiting::Settled);
    script.idle();
    let verdict = script.finish();
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert_eq!(of(&verdict, SHOP).settled, Settled::Idle);
    assert_eq!(of(&verdict, "reply").settled, Settled::OnSight);
}

#[test]
fn a_second_one_after_the_first_sight_fails() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.order(&format!("again {mine}"));
    script.idle();
    let verdict = script.finish();
    assert_verdict(&verdict, SHOP, Outcome::Fail, Some(MismatchKind::Surplus));
    assert_eq!(of(&verdict, SHOP).events.len(), 2);
}

#[test]
fn without_a_barrier_once_is_not_believed() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&mine);
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Error,
        Some(MismatchKind::Unjudged),
    );
}

#[test]
fn a_candidate_that_never_rests_fails() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.tell(EventKind::Barrier(Barrier::Missed {
        reason: String::from("it was busy for 5 s"),
    }));
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Fail,
        Some(MismatchKind::Late),
    );
}

#[test]
fn what_has_not_come_by_its_deadline_is_missing_for_good() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    let Waiting::Until(deadline) = script.lane.waiting(false) else {
        panic!("the order is waited for");
    };
    assert_eq!(deadline, script.events[1].elapsed + Duration::from_secs(3));
    script.pass(3_000);
    script.tell(EventKind::Deadline);
    assert!(script.lane.has_failed());
    script.order(&mine);
    script.idle();
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Fail,
        Some(MismatchKind::Missing),
    );
}

/// The last byte of a message that trickles in may come when the first is older than any answer may take.
#[test]
fn time_counts_from_when_the_message_is_whole() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.pass(1_900);
    script.tell(EventKind::Written { stimulus: 0 });
    script.pass(1_900);
    script.tell(EventKind::Deadline);
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);

    let mut script = Script::begun(&contract(ONCE), 0);
    script.send(0);
    script.tell(EventKind::Written { stimulus: 0 });
    script.pass(2_000);
    script.tell(EventKind::Deadline);
    assert!(script.lane.has_failed());
}

#[test]
fn a_deadline_event_before_its_time_closes_nothing() {
    let mut script = Script::begun(&contract(ONCE), 0);
    let mine = mrn(&script.send(0));
    script.tell(EventKind::Deadline);
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
}

#[test]
fn an_idle_candidate_has_nothing_more_to_send() {
    let mut script = Script::begun(&contract(ONCE), 0);
    script.send(0);
    script.reply(0, 200, "{}");
    script.idle();
    assert_eq!(script.lane.waiting(false), Waiting::Settled);
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Fail,
        Some(MismatchKind::Missing),
    );
}

#[test]
fn a_wrong_reply_fails_on_sight_and_says_both_sides() {
    let mut script = Script::begun(&contract(ONCE), 0);
    script.send(0);
    script.reply(0, 500, "{}");
    let verdict = script.finish();
    assert_verdict(&verdict, "reply", Outcome::Fail, Some(MismatchKind::Value));
    let found = &of(&verdict, "reply").mismatches[0];
    assert_eq!(
        (
            found.at.as_str(),
            found.expected.as_str(),
            found.actual.as_str()
        ),
        ("status", "200", "500")
    );
    assert_verdict(&verdict, "answered", Outcome::Pass, None);
}

#[test]
fn no_reply_fails_the_transport_and_leaves_the_rest_unjudged() {
    for broken in [
        EventKind::Undelivered {
            stimulus: 0,
            reason: String::from("refused"),
        },
        EventKind::Closed {
            channel: 1,
            party: Party::Endpoint(0),
            by_candidate: true,
        },
    ] {
        let mut script = Script::begun(&contract(ONCE), 0);
        script.send(0);
        script.tell(broken);
        assert!(script.lane.is_unanswered());
        let verdict = script.finish();
        assert_verdict(
            &verdict,
            "answered",
            Outcome::Fail,
            Some(MismatchKind::Missing),
        );
        assert_eq!(of(&verdict, "reply").outcome, Outcome::Skip);
        assert_eq!(verdict.outcome, Outcome::Fail);
    }
}

#[test]
fn a_candidate_that_is_gone_is_to_blame_only_after_a_stimulus() {
    let mut script = Script::begun(&contract(ONCE), 0);
    script.exit();
    assert_eq!(script.finish().outcome, Outcome::Error);
    let mut script = Script::begun(&contract(ONCE), 0);
    script.send(0);
    script.exit();
    let verdict = script.finish();
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_verdict(
        &verdict,
        "candidate runs",
        Outcome::Fail,
        Some(MismatchKind::Lost),
    );
}

#[test]
fn a_case_in_which_nothing_happened_is_an_error() {
    let mut script = Script::begun(&contract(ONCE), 0);
    assert_eq!(script.finish().outcome, Outcome::Error);
}

const TWO: &str = "interactions:
  - name: first
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\" } }
    expect: { reply: { status: 200 }, shop: { received: POST /orders, times: 1 } }
  - name: second
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\" } }
    expect: { reply: { status: 200 }, shop: { received: POST /orders, times: 1 } }
";

#[test]
fn the_late_traffic_of_an_earlier_case_stains_nobody() {
    let mut script = Script::begun(&contract(TWO), 0);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&first);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
    script.start(1);
    let second = mrn(&script.send(0));
    assert_ne!(first, second);
    script.reply(0, 200, "{}");
    script.order(&format!("a late retry of {first}"));
    script.order(&second);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
    assert_eq!(script.lane.strays().0.len(), 0);
}

#[test]
fn what_fits_no_case_counts_for_none_and_is_reported() {
    let mut script = Script::begun(&contract(ONCE), 0);
    script.send(0);
    script.reply(0, 200, "{}");
    script.order("an order that names nobody");
    script.idle();
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Fail,
        Some(MismatchKind::Missing),
    );
    let (strays, dropped) = script.lane.strays();
    assert_eq!((strays.len(), dropped), (1, 0));
    assert!(strays[0].effect);
}

#[test]
fn a_replay_judges_the_same() {
    let mut script = Script::begun(&contract(TWO), 0);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&first);
    script.order(&first);
    script.idle();
    let live = vec![script.finish()];
    assert_eq!(script.replayed(), live);
}
