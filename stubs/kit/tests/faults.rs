//! Every named fault, played over a state machine that remembers what it was sent.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Effect, Fault, Held, Input, Moment, Reaction, Record, Stub, Verb},
    wire::Message,
};
use wardgate_expression::{Json, json};
use wardgate_stub_kit::{Core, Faulty, Handled};

const CHANNEL: u32 = 7;

/// Keeps every frame that does not start with `?`, and answers each with `ok`.
#[derive(Clone, Debug, Default)]
struct Mailbox {
    kept: Vec<Arc<Json>>,
    closed: u32,
}

impl Core for Mailbox {
    fn handle(&mut self, _at: Moment, _channel: u32, message: &Message) -> Handled {
        let text = String::from_utf8_lossy(message.content()).into_owned();
        let reply = frame("ok");
        if text.starts_with('?') {
            return Handled::reply(reply);
        }
        self.kept.push(Arc::new(json!({"text": &text})));
        Handled::write(reply, vec![created(&text)])
    }

    fn refusal(&self, _at: Moment, _message: &Message, with: Option<&str>) -> Option<Message> {
        (with != Some("silence")).then(|| frame(with.unwrap_or("no")))
    }

    fn seed(
        &mut self,
        _at: Moment,
        collection: &str,
        record: &Json,
    ) -> Result<Vec<Effect>, String> {
        if collection != "kept" {
            return Err(format!("there is no collection '{collection}'"));
        }
        self.kept.push(Arc::new(record.clone()));
        Ok(vec![created("seeded")])
    }

    fn garbage(&self, _at: Moment, reason: &str) -> Option<Message> {
        Some(frame(reason))
    }

    fn closed(&mut self, _channel: u32) {
        self.closed += 1;
    }

    fn collection(&self, _name: &str) -> Result<Vec<Held<'_>>, String> {
        Ok(self
            .kept
            .iter()
            .map(|record| Held {
                id: "",
                record: Record::Stored(record),
                changed: moment(),
            })
            .collect())
    }

    fn collections(&self) -> Vec<String> {
        vec![String::from("kept")]
    }
}

fn created(subject: &str) -> Effect {
    Effect {
        verb: Verb::Created,
        subject: subject.to_owned(),
        keys: Vec::new(),
    }
}

fn frame(text: &str) -> Message {
    Message::Frame(Bytes::copy_from_slice(text.as_bytes()))
}

fn moment() -> Moment {
    Moment {
        elapsed: Duration::ZERO,
        unix_ms: 0,
    }
}

fn stub() -> Faulty<Mailbox> {
    let mut stub = Faulty::new(Mailbox::default());
    stub.receive(moment(), Input::Connected { channel: CHANNEL });
    stub
}

fn send(stub: &mut dyn Stub, text: &str, current: bool) -> Reaction {
    let message = frame(text);
    stub.receive(
        moment(),
        Input::Message {
            channel: CHANNEL,
            message: &message,
            current,
        },
    )
}

fn control(stub: &mut dyn Stub, control: &Control) -> Reaction {
    stub.receive(moment(), Input::Control(control))
}

fn fault(stub: &mut dyn Stub, fault: Fault) -> Reaction {
    control(stub, &Control::Fault(fault))
}

fn kept(stub: &dyn Stub) -> usize {
    stub.collection("kept").expect("it is known").len()
}

fn replied(text: &str, after: Duration) -> Vec<Action> {
    vec![Action::Reply {
        channel: CHANNEL,
        message: frame(text),
        after,
    }]
}

fn closed(abort: bool) -> Vec<Action> {
    vec![Action::Close {
        channel: CHANNEL,
        abort,
    }]
}

#[test]
fn without_faults_it_answers_and_keeps() {
    let mut stub = stub();
    let reaction = send(&mut stub, "a", true);
    assert_eq!(reaction.actions, replied("ok", Duration::ZERO));
    assert_eq!(reaction.effects, [created("a")]);
    assert!(!reaction.unhandled);
    assert_eq!(kept(&stub), 1);
}

#[test]
fn down_resets_open_connections_and_the_next_ones() {
    let mut stub = stub();
    let reaction = fault(&mut stub, Fault::Down { attempts: 2 });
    assert_eq!(reaction.actions, closed(true));
    assert_eq!(stub.core().closed, 1);
    let raced = send(&mut stub, "raced", true);
    assert_eq!((raced.actions, raced.unhandled), (closed(true), true));
    for _ in 0..2 {
        let reaction = stub.receive(moment(), Input::Connected { channel: CHANNEL });
        assert_eq!(reaction.actions, closed(true));
        assert!(reaction.unhandled);
    }
    let reaction = stub.receive(moment(), Input::Connected { channel: CHANNEL });
    assert_eq!(reaction, Reaction::default());
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
    assert_eq!(kept(&stub), 1);
}

#[test]
fn refusals_count_only_messages_of_the_case_in_hand() {
    let mut stub = stub();
    let with = Some(String::from("AE"));
    fault(&mut stub, Fault::Refuse { with, attempts: 1 });
    assert_eq!(
        send(&mut stub, "late", false).actions,
        replied("ok", Duration::ZERO)
    );
    let refused = send(&mut stub, "a", true);
    assert_eq!(refused.actions, replied("AE", Duration::ZERO));
    assert_eq!((refused.unhandled, refused.effects.len()), (true, 0));
    assert_eq!(refused.remark.as_deref(), Some("refused: AE"));
    assert_eq!(kept(&stub), 1);
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
    assert_eq!(kept(&stub), 2);
}

#[test]
fn a_refusal_in_the_usual_words_and_one_without_words() {
    let mut stub = stub();
    fault(
        &mut stub,
        Fault::Refuse {
            with: None,
            attempts: 1,
        },
    );
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("no", Duration::ZERO)
    );
    let with = Some(String::from("silence"));
    fault(&mut stub, Fault::Refuse { with, attempts: 1 });
    assert_eq!(send(&mut stub, "a", true).actions, closed(false));
    assert_eq!(kept(&stub), 0);
}

#[test]
fn a_lost_reply_is_the_reply_to_a_write() {
    let mut stub = stub();
    fault(&mut stub, Fault::LoseReply { attempts: 1 });
    assert_eq!(
        send(&mut stub, "?", true).actions,
        replied("ok", Duration::ZERO)
    );
    assert_eq!(
        send(&mut stub, "late", false).actions,
        replied("ok", Duration::ZERO)
    );
    let lost = send(&mut stub, "a", true);
    assert_eq!(lost.actions, closed(false));
    assert_eq!((lost.effects.len(), lost.unhandled), (1, false));
    assert_eq!(kept(&stub), 2);
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
}

#[test]
fn a_garbled_reply_is_cut() {
    let mut stub = stub();
    fault(&mut stub, Fault::Garble { attempts: 1 });
    assert_eq!(
        send(&mut stub, "?", true).actions,
        replied("ok", Duration::ZERO)
    );
    let cut = send(&mut stub, "a", true);
    assert_eq!(
        cut.actions,
        [Action::ReplyCut {
            channel: CHANNEL,
            message: frame("ok"),
        }]
    );
    assert_eq!(kept(&stub), 1);
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
}

#[test]
fn slow_replies_are_late_as_often_as_told() {
    let mut stub = stub();
    let by = Duration::from_millis(300);
    fault(&mut stub, Fault::Slow { by, attempts: 2 });
    assert_eq!(
        send(&mut stub, "late", false).actions,
        replied("ok", Duration::ZERO)
    );
    for text in ["?", "a"] {
        let slow = send(&mut stub, text, true);
        assert_eq!(slow.actions, replied("ok", by));
        assert_eq!(slow.remark.as_deref(), Some("late by 300 ms"));
    }
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
}

#[test]
fn a_refusal_can_be_late_too() {
    let mut stub = stub();
    let by = Duration::from_millis(5);
    fault(&mut stub, Fault::Slow { by, attempts: 1 });
    fault(
        &mut stub,
        Fault::Refuse {
            with: None,
            attempts: 1,
        },
    );
    assert_eq!(send(&mut stub, "a", true).actions, replied("no", by));
}

#[test]
fn cleared_faults_are_gone() {
    let mut stub = stub();
    fault(
        &mut stub,
        Fault::Refuse {
            with: None,
            attempts: 9,
        },
    );
    fault(&mut stub, Fault::LoseReply { attempts: 9 });
    control(&mut stub, &Control::ClearFaults);
    assert_eq!(
        send(&mut stub, "a", true).actions,
        replied("ok", Duration::ZERO)
    );
}

#[test]
fn reset_goes_back_to_what_was_seeded_before_the_first_other_input() {
    let mut stub = Faulty::new(Mailbox::default());
    let seed = Control::Seed {
        collection: String::from("kept"),
        record: json!({"text": "seeded"}),
    };
    assert_eq!(control(&mut stub, &seed).effects, [created("seeded")]);
    stub.receive(moment(), Input::Connected { channel: CHANNEL });
    control(&mut stub, &seed);
    send(&mut stub, "a", true);
    fault(
        &mut stub,
        Fault::Refuse {
            with: None,
            attempts: 9,
        },
    );
    assert_eq!(kept(&stub), 3);
    for _ in 0..2 {
        control(&mut stub, &Control::Reset);
        assert_eq!(kept(&stub), 1);
        assert_eq!(
            send(&mut stub, "a", true).actions,
            replied("ok", Duration::ZERO)
        );
        assert_eq!(kept(&stub), 2);
    }
}

#[test]
fn a_record_that_cannot_be_held_is_told() {
    let mut stub = stub();
    let reaction = control(
        &mut stub,
        &Control::Seed {
            collection: String::from("other"),
            record: Json::Null,
        },
    );
    assert_eq!(
        reaction.remark.as_deref(),
        Some("not seeded: there is no collection 'other'")
    );
}

#[test]
fn garbage_is_answered_and_the_connection_closed() {
    let mut stub = stub();
    let input = Input::Garbage {
        channel: CHANNEL,
        reason: "what?",
    };
    let reaction = stub.receive(moment(), input);
    let mut expected = replied("what?", Duration::ZERO);
    expected.extend(closed(false));
    assert_eq!((reaction.actions, reaction.unhandled), (expected, true));
}

#[test]
fn a_snapshot_does_not_change_with_its_original() {
    let mut stub = stub();
    send(&mut stub, "a", true);
    let mut snapshot = stub.snapshot();
    send(&mut stub, "b", true);
    assert_eq!((kept(&*snapshot), kept(&stub)), (1, 2));
    send(&mut *snapshot, "c", true);
    send(&mut *snapshot, "d", true);
    assert_eq!((kept(&*snapshot), kept(&stub)), (3, 2));
}
