//! What each variation does and demands.

use wardgate_core::{
    event::EventKind,
    plan::Act,
    port::{Control, Fault},
    verdict::{MismatchKind, Outcome},
};

use crate::script::{ONCE, Script, assert_verdict, contract, mrn, of};

const SHOP: &str = "shop received POST /orders";

fn varied(variation: &str) -> String {
    contract(&format!("{ONCE}    variations:\n      - {variation}\n"))
}

#[test]
fn a_duplicate_must_get_the_same_reply_and_have_no_second_effect() {
    let mut script = Script::begun(&varied("duplicate delivery"), 1);
    let first = script.send(0);
    script.reply(0, 200, "{\"n\":1}");
    script.order(&mrn(&first));
    let again = script.send(1);
    assert_eq!(first, again);
    script.reply(1, 200, "{\"n\":1}");
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);

    let mut script = Script::begun(&varied("duplicate delivery"), 1);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{\"n\":1}");
    script.order(&first);
    script.send(1);
    script.reply(1, 200, "{\"n\":2}");
    script.order(&first);
    script.idle();
    let verdict = script.finish();
    assert_verdict(
        &verdict,
        "same reply",
        Outcome::Fail,
        Some(MismatchKind::Unequal),
    );
    assert_verdict(&verdict, SHOP, Outcome::Fail, Some(MismatchKind::Surplus));
}

#[test]
fn a_duplicate_has_no_second_effect_also_where_no_count_is_promised() {
    let text = varied("duplicate delivery").replace(", times: 1", "");
    let mut script = Script::begun(&text, 1);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{\"n\":1}");
    script.order(&first);
    script.send(1);
    script.reply(1, 200, "{\"n\":1}");
    script.order(&first);
    script.idle();
    assert_verdict(
        &script.finish(),
        "no second effect",
        Outcome::Fail,
        Some(MismatchKind::Surplus),
    );
}

#[test]
fn an_ack_that_was_lost_must_come_again() {
    let mut script = Script::begun(&varied("{ ack lost: inbound }"), 1);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&first);
    script.send(1);
    script.reply(1, 409, "{}");
    script.idle();
    let verdict = script.finish();
    assert_verdict(
        &verdict,
        "same reply",
        Outcome::Fail,
        Some(MismatchKind::Unequal),
    );
    assert_verdict(&verdict, "reply", Outcome::Fail, Some(MismatchKind::Value));
    assert_verdict(&verdict, SHOP, Outcome::Pass, None);
}

#[test]
fn a_retry_after_a_lost_reply_is_the_same_message_and_another_is_not() {
    for (retry, outcome) in [("order of", Outcome::Pass), ("another of", Outcome::Fail)] {
        let mut script = Script::begun(&varied("{ ack lost: shop }"), 1);
        let fault = Control::Fault(Fault::LoseReply { attempts: 1 });
        assert!(script.plan.cases[1].script.iter().any(|act| matches!(
            act,
            Act::Fault {
                fault: Fault::LoseReply { attempts: 1 },
                ..
            }
        )));
        script.tell(EventKind::Control {
            partner: 0,
            control: fault,
        });
        let mine = mrn(&script.send(0));
        script.reply(0, 200, "{}");
        script.order(&format!("order of {mine}"));
        script.order(&format!("{retry} {mine}"));
        script.idle();
        assert_eq!(of(&script.finish(), SHOP).outcome, outcome, "{retry}");
    }
}

#[test]
fn what_a_fault_refused_was_not_received() {
    let mut script = Script::begun(
        &varied("{ partner refusing: shop, with: 503, for: 2 attempts }"),
        1,
    );
    let refuse = Fault::Refuse {
        with: Some(String::from("503")),
        attempts: 2,
    };
    script.tell(EventKind::Control {
        partner: 0,
        control: Control::Fault(refuse),
    });
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.order(&mine);
    assert!(
        script.lane.waiting(false) != wardgate_core::lane::Waiting::Settled,
        "refused orders do not count"
    );
    script.order(&mine);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
}

#[test]
fn broken_input_must_be_refused_without_effect_and_the_next_must_be_taken() {
    let text = varied("malformed input");
    let mut script = Script::begun(&text, 1);
    let broken = script.send(0);
    script.reply(0, 200, "{}");
    script.order(&mrn(&broken));
    script.idle();
    let verdict = script.finish();
    assert_verdict(
        &verdict,
        "refused",
        Outcome::Fail,
        Some(MismatchKind::Value),
    );
    assert_verdict(
        &verdict,
        "no effect",
        Outcome::Fail,
        Some(MismatchKind::Surplus),
    );

    let mut script = Script::begun(&text, 1);
    script.send(0);
    script.reply(0, 400, "{}");
    script.idle();
    let good = script.send(1);
    script.reply(1, 200, "{}");
    script.order(&mrn(&good));
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
}

#[test]
fn an_effect_of_broken_input_counts_also_where_it_names_nobody() {
    let mut script = Script::begun(&varied("malformed input"), 1);
    script.send(0);
    script.reply(0, 400, "{}");
    script.order("what was left of it");
    script.idle();
    assert_verdict(
        &script.finish(),
        "no effect",
        Outcome::Fail,
        Some(MismatchKind::Surplus),
    );
}

#[test]
fn a_restart_comes_after_the_reply_and_before_the_effects() {
    let script = Script::new(&varied("candidate restarted"));
    let acts = &script.plan.cases[1].script;
    let replies = acts
        .iter()
        .position(|act| *act == Act::Settle { replies_only: true });
    let restart = acts.iter().position(|act| *act == Act::Restart);
    let effects = acts.iter().position(|act| {
        *act == Act::Settle {
            replies_only: false,
        }
    });
    assert!(
        replies.is_some() && replies < restart && restart < effects,
        "{acts:?}"
    );
}

#[test]
fn a_second_delivery_may_get_the_reply_that_the_contract_names_for_it() {
    let text = varied(
        "{ variation: duplicate delivery, expect: { reply: { status: 409 }, shop: { received: POST /orders, times: 1 } } }",
    );
    for (second, outcome) in [(409, Outcome::Pass), (200, Outcome::Fail)] {
        let mut script = Script::begun(&text, 1);
        let first = mrn(&script.send(0));
        script.reply(0, 200, "{}");
        script.order(&first);
        script.send(1);
        script.reply(1, second, "{}");
        script.idle();
        assert_eq!(script.finish().outcome, outcome, "{second}");
    }
    // The first delivery is still held to the step's own words.
    let mut script = Script::begun(&text, 1);
    script.send(0);
    script.reply(0, 409, "{}");
    script.idle();
    assert_verdict(
        &script.finish(),
        "reply",
        Outcome::Fail,
        Some(MismatchKind::Value),
    );
}

#[test]
fn a_repeat_after_a_lost_ack_may_get_the_reply_that_the_contract_names_for_it() {
    let text = varied(
        "{ ack lost: inbound, expect: { reply: { status: 409 }, shop: { received: POST /orders, times: 1 } } }",
    );
    let mut script = Script::begun(&text, 1);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&first);
    script.send(1);
    script.reply(1, 409, "{}");
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
}
