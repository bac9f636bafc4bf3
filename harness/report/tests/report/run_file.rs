//! What is written down reads back, and what is broken says where.

use std::time::Duration;

use proptest::prelude::*;
use wardgate_core::{
    event::{Barrier, Event, EventKind, Lifecycle, Party, Wire},
    port::{Control, Fault},
    wire::Direction,
};
use wardgate_expression::Json;
use wardgate_report::run_file::{EventLine, encode};

use crate::recorded::{read, recorded};

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![
        any::<usize>().prop_map(Party::Endpoint),
        any::<usize>().prop_map(Party::Partner),
    ]
}

fn bytes() -> impl Strategy<Value = bytes::Bytes> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60).prop_map(bytes::Bytes::from),
        any::<String>().prop_map(bytes::Bytes::from),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let by = any::<u64>().prop_map(Duration::from_nanos);
    prop_oneof![
        any::<u32>().prop_map(|attempts| Fault::Down { attempts }),
        (by, any::<u32>()).prop_map(|(by, attempts)| Fault::Slow { by, attempts }),
        (any::<Option<String>>(), any::<u32>())
            .prop_map(|(with, attempts)| Fault::Refuse { with, attempts }),
        any::<u32>().prop_map(|attempts| Fault::LoseReply { attempts }),
        any::<u32>().prop_map(|attempts| Fault::Garble { attempts }),
    ]
}

fn control() -> impl Strategy<Value = Control> {
    // Digits, order and repeated names of a seeded record survive.
    let record = prop_oneof![
        Just(r#"{"amount":10.00,"big":123456789012345678901234567890,"amount":1e400}"#),
        Just("[null,true,\"\\u0000\"]"),
    ];
    prop_oneof![
        fault().prop_map(Control::Fault),
        Just(Control::ClearFaults),
        (any::<String>(), record).prop_map(|(collection, record)| Control::Seed {
            collection,
            record: Json::parse(record).expect("JSON"),
        }),
        Just(Control::Reset),
    ]
}

fn wire() -> impl Strategy<Value = EventKind> {
    (
        any::<u32>(),
        party(),
        any::<bool>(),
        any::<Option<usize>>(),
        any::<Option<String>>(),
        bytes(),
        any::<Option<String>>(),
    )
        .prop_map(|(channel, party, from, stimulus, name, bytes, fault)| {
            EventKind::Wire(Wire {
                channel,
                party,
                direction: if from {
                    Direction::FromCandidate
                } else {
                    Direction::ToCandidate
                },
                stimulus,
                name,
                bytes,
                fault,
            })
        })
}

fn kind() -> impl Strategy<Value = EventKind> {
    let life = prop_oneof![
        Just(Lifecycle::Started),
        Just(Lifecycle::Ready),
        Just(Lifecycle::Killed),
        any::<String>().prop_map(|status| Lifecycle::Exited { status }),
        any::<String>().prop_map(|reason| Lifecycle::NeverReady { reason }),
    ];
    let barrier = prop_oneof![
        Just(Barrier::Idle),
        any::<u64>().prop_map(|window_ms| Barrier::Quiet { window_ms }),
        any::<String>().prop_map(|reason| Barrier::Missed { reason }),
    ];
    let other = prop_oneof![
        (any::<usize>(), any::<u32>())
            .prop_map(|(case, attempt)| EventKind::CaseStarted { case, attempt }),
        Just(EventKind::CaseFinished),
        (any::<u32>(), party()).prop_map(|(channel, party)| EventKind::Opened { channel, party }),
        (any::<u32>(), party(), any::<bool>()).prop_map(|(channel, party, by_candidate)| {
            EventKind::Closed {
                channel,
                party,
                by_candidate,
            }
        }),
        any::<usize>().prop_map(|stimulus| EventKind::Written { stimulus }),
        (any::<usize>(), any::<String>())
            .prop_map(|(stimulus, reason)| EventKind::Undelivered { stimulus, reason }),
        (any::<usize>(), control())
            .prop_map(|(partner, control)| EventKind::Control { partner, control }),
        (any::<usize>(), any::<u64>())
            .prop_map(|(partner, timer)| EventKind::Timer { partner, timer }),
        life.prop_map(EventKind::Candidate),
        (any::<String>(), any::<Option<String>>())
            .prop_map(|(state, failure)| EventKind::StateSet { state, failure }),
        any::<String>().prop_map(|reason| EventKind::Unrunnable { reason }),
        Just(EventKind::Deadline),
        barrier.prop_map(EventKind::Barrier),
    ];
    prop_oneof![1 => wire(), 2 => other]
}

proptest! {
    #[test]
    fn every_event_reads_back(sequence: u64, ns: u64, lane: usize, kind in kind()) {
        let event = Event { sequence, elapsed: Duration::from_nanos(ns), kind };
        let line = encode(&EventLine::new(lane, &event));
        let starts = line.starts_with("{\"type\":\"event\"");
        prop_assert!(starts, "the reader looks for the type first");
        prop_assert!(!line.contains('\n'));
        let read: EventLine<'_> = serde_json::from_str(&line).expect("it reads");
        prop_assert_eq!(read.lane, lane);
        prop_assert_eq!(read.into_event().expect("an event"), event);
    }

    #[test]
    fn a_file_cut_anywhere_keeps_what_came_before(at in 0_usize..100_000) {
        let text = recorded(None);
        let cut = at % text.len();
        let first_line = text.find('\n').expect("lines");
        let whole = read(&text).expect("it reads");
        match wardgate_report::run_file::RunFile::read(&text.as_bytes()[..cut]) {
            Err(error) => {
                prop_assert!(cut <= first_line, "{error}");
                prop_assert_eq!(error.line, 1);
            }
            Ok(file) => {
                prop_assert!(cut > first_line);
                // All but the line feed of the end line is the whole file.
                prop_assert_eq!(file.has_end(), cut == text.len() - 1);
                let kept = String::from_utf8_lossy(&text.as_bytes()[..cut]);
                let lines = kept.matches("{\"type\":\"event\"").count();
                let events = file.lanes.first().map_or(0, Vec::len);
                prop_assert!(events == lines || events + 1 == lines);
                prop_assert_eq!(&whole.lanes[0][..events], file.lanes.first().map_or(&[][..], |lane| &lane[..]));
            }
        }
    }

    #[test]
    fn a_corrupted_file_is_an_error_or_reads_and_never_panics(at in 0_usize..100_000, byte: u8) {
        let mut bytes = recorded(None).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let line = bytes[..at].split(|byte| *byte == b'\n').count();
        if let Err(error) = wardgate_report::run_file::RunFile::read(&bytes[..]) {
            // A line feed within a line, or one that is gone, shows on the line or the one after it.
            prop_assert!(error.line >= line && error.line <= line + 1, "{error}, changed on {line}");
        }
    }
}

#[test]
fn a_run_reads_back() {
    let text = recorded(None);
    let file = read(&text).expect("it reads");
    assert!(file.has_end());
    let mut lines = vec![encode(&file.run)];
    for (lane, events) in file.lanes.iter().enumerate() {
        lines.extend(
            events
                .iter()
                .map(|event| encode(&EventLine::new(lane, event))),
        );
    }
    lines.extend(file.verdicts.iter().map(encode));
    lines.push(encode(&file.end.expect("an end")));
    assert_eq!(lines.join("\n") + "\n", text);
}

/// The error of a recorded run after a change to its text.
fn error_of(change: impl Fn(&str) -> String) -> String {
    read(&change(&recorded(None)))
        .expect_err("an error")
        .to_string()
}

#[test]
fn what_is_broken_says_where() {
    type Change<'a> = &'a dyn Fn(&str) -> String;
    let first_event = "{\"type\":\"event\",\"lane\":0,\"n\":1,";
    let cases: [(Change<'_>, &str); 12] = [
        (
            &|_| String::new(),
            "line 1: the file is empty; expected a line of type \"run\"",
        ),
        (&|_| String::from("<html>\n"), "line 1: it is not JSON"),
        (
            &|_| String::from("{\"type\":\"event\"}\n"),
            "line 1: expected a line of type \"run\": is this a run.jsonl?",
        ),
        (
            &|text| text.replacen("\"format\":2", "\"format\":7", 1),
            "line 1: it is of format 7; this version reads format 2",
        ),
        (
            &|text| text.replacen("\"seed\":11", "\"seed\":-1", 1),
            "line 1: it is no \"run\" line",
        ),
        (
            &|text| text.replacen("\"workers\":1", "\"workers\":99999999", 1),
            "line 1: it speaks of 99999999 workers",
        ),
        (
            &|text| text.replacen(first_event, "{\"type\":\"event\",\"lane\":0,\"n\":2,", 1),
            "line 3: event 1 of lane 0 was expected, but this is 2",
        ),
        (
            &|text| text.replacen(first_event, "{\"type\":\"event\",\"lane\":3,\"n\":1,", 1),
            "line 3: it speaks of lane 3, but the run had 1",
        ),
        (
            &|text| text.replacen(first_event, "{\"type\":\"evnt\",\"lane\":0,\"n\":1,", 1),
            "line 3: its type is evnt; expected",
        ),
        (
            &|text| text.replacen("\"case\":0", "\"case\":9", 1),
            "line 2: it speaks of case 9, but the plan has 4",
        ),
        (
            &|text| {
                text.replace(
                    "\"type\":\"verdict\",\"case\":1",
                    "\"type\":\"verdict\",\"case\":0",
                )
            },
            "it is a second verdict on case 0",
        ),
        (
            &|text| format!("{text}{{\"type\":\"event\"}}\n"),
            "there is more after the \"end\" line",
        ),
    ];
    for (change, expected) in cases {
        let said = error_of(change);
        assert!(said.contains(expected), "'{expected}' is not in '{said}'");
    }
    let mut bytes = recorded(None).into_bytes();
    let at = bytes.len() - 4;
    bytes[at] = 0xff;
    let said = wardgate_report::run_file::RunFile::read(&bytes[..]).expect_err("an error");
    assert!(said.message.contains("it is not UTF-8"), "{said}");
}

#[test]
fn base64_that_is_none_and_bytes_twice_are_refused() {
    let line = |rest: &str| {
        let text = format!(
            "{{\"type\":\"event\",\"lane\":0,\"n\":0,\"t\":0,\"what\":\"wire\",\"channel\":0,\"party\":{{\"partner\":0}},\"from_candidate\":true{rest}}}"
        );
        let read: EventLine<'_> = serde_json::from_str(&text).expect("a line");
        read.into_event().map(drop).expect_err("no event")
    };
    assert!(line(",\"base64\":\"%\"").contains("does not decode"));
    assert!(line("").contains("either text or base64"));
    assert!(line(",\"text\":\"\",\"base64\":\"\"").contains("either text or base64"));
}
