//! What the stub answers and keeps.

use wardgate_core::port::{Action, Control, Guide, Input, Protocol, StubOptions, Verb};
use wardgate_expression::{Json, json};
use wardgate_stub_hl7v2::{Hl7v2, malform};
use wardgate_synth::Seed;

use crate::partner::{CHANNEL, GOOD, Partner, codes, moment, replies};

/// The good message with other values in MSH-15 and MSH-16.
fn asking(accept: &str, application: &str) -> String {
    GOOD.replace("|2.5.1\n", &format!("|2.5.1|||{accept}|{application}\n"))
}

#[test]
fn an_acknowledgement_is_addressed_and_dated() {
    let mut partner = Partner::new(Json::Null);
    let reaction = partner.receive(GOOD);
    let [reply] = &replies(&reaction)[..] else {
        panic!("one answer: {reaction:?}")
    };
    let (header, rest) = reply.split_once('\r').unwrap();
    let fields: Vec<&str> = header.split('|').collect();
    assert_eq!(
        &fields[2..7],
        ["LAB", "HOSP", "PAS", "HOSP", "20261123223950+0000"]
    );
    assert_eq!(fields[8], "ACK^A04^ACK");
    assert_eq!((fields[9].len(), fields[11]), (20, "2.5.1"));
    assert_eq!(rest, "MSA|AA|CZ00000000001\r");
    let effect = &reaction.effects[0];
    assert_eq!(
        (effect.verb, effect.subject.as_str()),
        (Verb::Accepted, "ADT^A04")
    );
    assert_eq!(effect.keys, ["CZ00000000001", fields[9]]);
}

/// By default a message is taken in whatever its structure; with `validate: structure` the first fault is named.
#[test]
fn structure_is_judged_where_it_is_asked_for() {
    let sound = GOOD;
    let strict = || Partner::new(json!({"validate": "structure"}));
    let answer = |partner: &mut Partner, text: &str| replies(&partner.receive(text)).join("\n");
    assert!(answer(&mut strict(), sound).contains("MSA|AA|"));
    for (text, error) in [
        (
            sound.replace("PV1|1|O\n", ""),
            "ERR||PV1^1|100^Segment sequence error^HL70357|E||||PV1: ADT_A01 needs this segment here",
        ),
        (
            sound.replace("PV1|1|O", "PV1|1"),
            "ERR||PV1^1^2|101^Required field missing^HL70357|E||||PV1-2: a value is required",
        ),
        (
            sound.replace("EVN|A04|20260704", "EVN|A04|tomorrow"),
            "ERR||EVN^1^2^1^1|102^Data type error^HL70357|E",
        ),
        (
            sound.replace("PV1|1|O", "PV1|1|O~I"),
            "ERR||PV1^1^2^2|102^Data type error^HL70357|E",
        ),
    ] {
        let refused = answer(&mut strict(), &text);
        assert!(
            refused.contains("MSA|AE|") && refused.contains(error),
            "{refused}"
        );
        assert!(!refused.contains("tomorrow"), "no values");
        assert!(answer(&mut Partner::new(Json::Null), &text).contains("MSA|AA|"));
    }
    let misnamed = sound.replace("ADT^A04^ADT_A01", "ADT^A04^ADT_A39");
    assert!(
        answer(&mut strict(), &misnamed).contains("MSA|AA|"),
        "a wrong MSH-9.3 is no reason to refuse"
    );
}

#[test]
fn each_mode_answers_as_it_is_asked() {
    let refused = json!({"refuse": ["ADT^A04"]});
    for (mode, accept, application, yes, no) in [
        ("as-asked", "", "", &["AA"][..], &["AR"][..]),
        ("as-asked", "\"\"", "\"\"", &["AA"], &["AR"]),
        ("as-asked", "\"\"", "AL", &["AA"], &["AR"]),
        ("as-asked", "", "||\"\"", &["AA"], &["AR"]),
        ("as-asked", "AL", "AL", &["CA", "AA"], &["CR"]),
        ("as-asked", "AL", "NE", &["CA"], &["CR"]),
        ("as-asked", "NE", "AL", &["AA"], &["AR"]),
        ("as-asked", "ER", "AL", &["AA"], &["CR"]),
        ("as-asked", "SU", "ER", &["CA"], &["AR"]),
        ("as-asked", "NE", "NE", &[], &[]),
        ("original", "AL", "AL", &["AA"], &["AR"]),
        ("enhanced", "", "", &["CA", "AA"], &["CR"]),
        ("enhanced", "AL", "", &["CA"], &["CR"]),
    ] {
        for (more, expected) in [(Json::Null, yes), (refused.clone(), no)] {
            let mut options = json!({"mode": mode});
            for (key, value) in more.as_object().into_iter().flatten() {
                options.as_object_mut().unwrap().insert(key, value.clone());
            }
            let mut partner = Partner::new(options);
            let reaction = partner.receive(&asking(accept, application));
            let expected: Vec<String> = expected
                .iter()
                .map(|code| format!("{code} CZ00000000001"))
                .collect();
            assert_eq!(codes(&reaction), expected, "{mode} {accept} {application}");
            assert_eq!(partner.kept().len(), usize::from(more.is_null()));
        }
    }
}

#[test]
fn what_cannot_be_taken_is_refused_where_it_is_wrong() {
    for (from, to, answer, place) in [
        ("ADT^A04^ADT_A01", "", "AR CZ00000000001", "MSH^1^9"),
        ("ADT^A04^ADT_A01", "ZZZ^Z01", "AR CZ00000000001", "MSH^1^9"),
        ("CZ00000000001", "", "AR -", "MSH^1^10"),
        ("|P|", "||", "AR CZ00000000001", "MSH^1^11"),
        ("|P|", "|Q|", "AR CZ00000000001", "MSH^1^11"),
        ("2.5.1", "", "AR CZ00000000001", "MSH^1^12"),
        ("2.5.1", "7", "AR CZ00000000001", "MSH^1^12"),
        ("2.5.1", "2.5.1|||XX", "CR CZ00000000001", "MSH^1^15"),
        ("2.5.1", "2.5.1|||al|NE", "CR CZ00000000001", "MSH^1^15"),
        ("2.5.1", "2.5.1|||NE|YES", "AR CZ00000000001", "MSH^1^16"),
        ("2.5.1", "2.5.1||||||BIG-5", "AR CZ00000000001", "MSH^1^18"),
        ("MZ1^^^HOSP^MR", "", "AE CZ00000000001", "PID^1^3"),
        (
            "PID|1||MZ1^^^HOSP^MR||Doe^Jane\n",
            "",
            "AE CZ00000000001",
            "PID^1",
        ),
    ] {
        let mut partner = Partner::new(Json::Null);
        let reaction = partner.receive(&GOOD.replace(from, to));
        assert_eq!(codes(&reaction), [answer], "{from} to {to}");
        let reply = &replies(&reaction)[0];
        // Before version 2.5 the place of an error stands in ERR-1.
        assert!(reply.contains(place), "{place} in {reply}");
        assert_eq!((reaction.effects.len(), partner.kept().len()), (0, 0));
    }
}

#[test]
fn what_is_no_message_is_rejected_and_the_connection_goes_on() {
    let mut partner = Partner::new(Json::Null);
    for (payload, answer) in [
        (&b"hello"[..], "AR -"),
        (b"", "AR -"),
        (b"\x00\x01\x02", "AR -"),
        (b"MSH|^~\\&|A|B|C|D|1||ADT^A04|77|P|2.5\rP|1\r", "AR 77"),
    ] {
        let reaction = partner.receive_bytes(payload);
        assert_eq!(codes(&reaction), [answer], "{}", payload.escape_ascii());
        assert!(
            reaction
                .actions
                .iter()
                .all(|action| matches!(action, Action::Reply { .. }))
        );
    }
    assert_eq!(codes(&partner.receive(GOOD)), ["AA CZ00000000001"]);
}

#[test]
fn every_malformed_message_is_refused_by_the_stub() {
    let good = GOOD.replace('\n', "\r");
    let message = wardgate_core::wire::Message::Frame(good.clone().into());
    let forms = Hl7v2.malform(&message);
    let names: Vec<_> = forms.iter().map(|form| form.name).collect();
    assert_eq!(names, Guide::names(Hl7v2.guide().malformations));
    assert_eq!(names, malform::NAMES);
    let mut partner = Partner::new(Json::Null);
    for form in &forms {
        let reaction = partner.receive_bytes(form.message.content());
        let answers = codes(&reaction);
        assert!(
            answers.len() == 1 && (answers[0].starts_with("AR") || answers[0].starts_with("AE")),
            "{}: {answers:?}",
            form.name
        );
        assert_eq!(reaction.effects, []);
        let Some(Action::Reply { message, .. }) = reaction.actions.first() else {
            panic!("an answer")
        };
        assert!(Hl7v2.is_refusal(message) && !Hl7v2.is_accept(message));
    }
    assert_eq!(partner.kept(), Vec::<String>::new());
    assert_eq!(
        codes(&partner.receive_bytes(good.as_bytes())),
        ["AA CZ00000000001"]
    );
}

#[test]
fn an_acknowledgement_is_not_acknowledged() {
    let mut partner = Partner::new(Json::Null);
    let reaction = partner.receive(
        &GOOD
            .replace("ADT^A04^ADT_A01", "ACK")
            .replace("EVN|A04", "MSA|CA"),
    );
    assert_eq!((reaction.actions.len(), reaction.effects.len()), (0, 0));
    assert_eq!(partner.kept().len(), 0);
}

#[test]
fn a_duplicate_gets_the_same_answers_and_has_no_effect() {
    let mut partner = Partner::new(Json::Null);
    let message = asking("AL", "AL");
    let first = partner.receive(&message);
    let later = partner.receive(&message.replace("|20260704||", "|20260705||"));
    assert_eq!(replies(&first), replies(&later));
    assert_eq!((first.effects.len(), later.effects.len()), (1, 0));
    let other = partner.receive(&message.replace("Jane", "Joan"));
    assert_eq!(codes(&other), ["CR CZ00000000001"]);
    assert!(
        replies(&other)[0].contains("|205^"),
        "{:?}",
        replies(&other)
    );
    assert_eq!(partner.kept(), ["CZ00000000001"]);
    // Another sender may use the same control ID.
    assert_eq!(
        partner
            .receive(&message.replace("PAS", "ADM"))
            .effects
            .len(),
        1
    );
}

#[test]
fn duplicates_can_be_accepted() {
    let mut partner = Partner::new(json!({"duplicates": "accept"}));
    let (first, later) = (partner.receive(GOOD), partner.receive(GOOD));
    assert_eq!((first.effects.len(), later.effects.len()), (1, 1));
    assert_ne!(
        replies(&first),
        replies(&later),
        "each answer has a control ID of its own"
    );
    assert_eq!(partner.kept(), ["CZ00000000001", "CZ00000000001 (2)"]);
}

#[test]
fn what_is_kept_can_be_asked_for() {
    let mut partner = Partner::new(Json::Null);
    assert_eq!(partner.stub.collections(), Vec::<String>::new());
    partner.receive(GOOD);
    assert_eq!(partner.stub.collections(), ["messages"]);
    let held = partner.stub.collection("messages").unwrap();
    let record = held[0].record();
    assert_eq!(held[0].changed, moment());
    assert_eq!(record.get("type"), Some(&json!("ADT^A04")));
    assert_eq!(record.get("control_id"), Some(&json!("CZ00000000001")));
    assert_eq!(record.get("text"), Some(&json!(GOOD.replace('\n', "\r"))));
    assert_eq!(record.pointer("/PID/0/f5/0/c2"), Some(&json!("Jane")));
    assert!(partner.stub.collection("Patient").is_err());
    // Locations are those of the message, and other words members of the record.
    let at = |locator: &str| Hl7v2.locate_in(&record, locator);
    assert_eq!(at("PID-5.2"), Some(vec![json!("Jane")]));
    assert_eq!(at("OBX-5"), Some(Vec::new()));
    assert_eq!(at("control_id"), None);
}

#[test]
fn a_message_can_be_given() {
    let mut partner = Partner::new(Json::Null);
    let seed = |collection: &str, record: Json| Control::Seed {
        collection: collection.to_owned(),
        record,
    };
    let reaction = partner.tell(&seed("messages", json!(GOOD)));
    assert_eq!(
        (reaction.actions.len(), reaction.effects[0].verb),
        (0, Verb::Created)
    );
    assert_eq!(partner.kept(), ["CZ00000000001"]);
    let again = partner.receive(GOOD);
    assert_eq!((codes(&again).len(), again.effects.len()), (1, 0));
    for wrong in [
        seed("Patient", json!(GOOD)),
        seed("messages", json!("hello")),
        seed("messages", json!(1)),
    ] {
        let reaction = partner.tell(&wrong);
        assert!(reaction.remark.is_some() && reaction.effects.is_empty());
    }
    assert_eq!(partner.kept().len(), 1);
}

#[test]
fn garbage_is_answered_and_what_comes_behind_it_is_taken() {
    let mut partner = Partner::new(Json::Null);
    let input = Input::Garbage {
        channel: CHANNEL,
        reason: "a frame beyond the limit",
    };
    let reaction = partner.stub.receive(moment(), input);
    assert_eq!(codes(&reaction), ["AR -"]);
    assert!(replies(&reaction)[0].contains("a frame beyond the limit"));
    assert_eq!(reaction.actions.len(), 1, "the connection goes on");
}

#[test]
fn wrong_options_are_refused() {
    let options = StubOptions {
        partner: String::from("lab"),
        options: json!({"moode": "original"}),
        seed: Seed::from_u64(1),
    };
    let reason = Hl7v2.stub(&options).unwrap_err();
    assert!(
        reason.contains("moode") && reason.contains("duplicates"),
        "{reason}"
    );
}
