//! Every fault, in the words of HL7.

use std::time::Duration;

use wardgate_core::port::{Action, Control, Fault, Input};
use wardgate_expression::Json;

use crate::partner::{CHANNEL, GOOD, Partner, codes, moment};

fn told(fault: Fault) -> Partner {
    let mut partner = Partner::new(Json::Null);
    partner.tell(&Control::Fault(fault));
    partner
}

#[test]
fn it_refuses_in_the_words_that_are_asked_for() {
    for (asked, with, expected) in [
        ("", None, "AE"),
        ("", Some("AR"), "AR"),
        ("", Some("CE"), "CE"),
        ("AL|AL", None, "CE"),
        ("AL|AL", Some("AE"), "AE"),
        ("NE|AL", None, "AE"),
        ("AL|NE", Some("CR"), "CR"),
    ] {
        let with = with.map(str::to_owned);
        let mut partner = told(Fault::Refuse { with, attempts: 1 });
        let message = GOOD.replace("|2.5.1\n", &format!("|2.5.1|||{asked}\n"));
        let reaction = partner.receive(&message);
        assert_eq!(
            codes(&reaction),
            [format!("{expected} CZ00000000001")],
            "{asked}"
        );
        assert!(reaction.unhandled && reaction.effects.is_empty());
        assert_eq!(partner.kept().len(), 0);
        let next = partner.receive(&message);
        assert_eq!(next.effects.len(), 1, "what was refused may come again");
    }
}

#[test]
fn a_refusal_that_nobody_reads_ends_the_connection() {
    let mut partner = told(Fault::Refuse {
        with: None,
        attempts: 1,
    });
    let reaction = partner.receive(&GOOD.replace("|2.5.1\n", "|2.5.1|||NE|NE\n"));
    assert!(matches!(reaction.actions[..], [Action::Close { .. }]));
}

#[test]
fn it_is_down_for_so_many_attempts() {
    let mut partner = Partner::new(Json::Null);
    let reaction = partner.tell(&Control::Fault(Fault::Down { attempts: 1 }));
    assert_eq!(
        reaction.actions,
        [Action::Close {
            channel: CHANNEL,
            abort: true
        }]
    );
    let connected = |partner: &mut Partner| {
        let reaction = partner
            .stub
            .receive(moment(), Input::Connected { channel: 9 });
        reaction.actions.len()
    };
    assert_eq!(connected(&mut partner), 1);
    assert_eq!(connected(&mut partner), 0);
    assert_eq!(partner.receive(GOOD).effects.len(), 1);
}

#[test]
fn its_answers_are_late() {
    let by = Duration::from_millis(700);
    let mut partner = told(Fault::Slow { by, attempts: 1 });
    let reaction = partner.receive(&GOOD.replace("|2.5.1\n", "|2.5.1|||AL|AL\n"));
    let delays: Vec<_> = reaction
        .actions
        .iter()
        .map(|action| match action {
            Action::Reply { after, .. } => *after,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(delays, [by, by]);
}

#[test]
fn its_answer_is_lost_and_the_repetition_has_no_second_effect() {
    let mut partner = told(Fault::LoseReply { attempts: 1 });
    let reaction = partner.receive(GOOD);
    assert!(matches!(
        reaction.actions[..],
        [Action::Close { abort: false, .. }]
    ));
    assert_eq!(reaction.effects.len(), 1);
    let again = partner.receive(GOOD);
    assert_eq!(
        (codes(&again), again.effects.len()),
        (vec![String::from("AA CZ00000000001")], 0)
    );
    assert_eq!(partner.kept().len(), 1);
}

#[test]
fn its_answer_is_cut_and_the_first_of_two_is_whole() {
    let mut partner = told(Fault::Garble { attempts: 1 });
    let reaction = partner.receive(&GOOD.replace("|2.5.1\n", "|2.5.1|||AL|AL\n"));
    assert!(matches!(
        reaction.actions[..],
        [Action::Reply { .. }, Action::ReplyCut { .. }]
    ));
    assert_eq!(partner.kept().len(), 1);
}

#[test]
fn it_behaves_again_when_it_is_told_to() {
    let mut partner = told(Fault::Refuse {
        with: None,
        attempts: 5,
    });
    partner.tell(&Control::ClearFaults);
    assert_eq!(partner.receive(GOOD).effects.len(), 1);
    partner.tell(&Control::Reset);
    assert_eq!(partner.kept().len(), 0);
    assert_eq!(
        partner.receive(GOOD).effects.len(),
        1,
        "it remembers nothing"
    );
}
