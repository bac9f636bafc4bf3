//! A damaged record is data: whatever it says, the fold goes on, and says the same again.

use bytes::Bytes;
use proptest::prelude::*;
use wardgate_core::{
    event::{Barrier, EventKind, Lifecycle, Party, Wire},
    port::{Control, Fault},
    wire::Direction,
};

use crate::script::{ONCE, Script, contract};

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![
        (0usize..3).prop_map(Party::Endpoint),
        (0usize..3).prop_map(Party::Partner)
    ]
}

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Bytes::from),
        Just(Bytes::from_static(
            b"POST /orders HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"
        )),
        Just(Bytes::from_static(
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
        )),
    ]
}

fn kind() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        (0usize..6, 0u32..3).prop_map(|(case, attempt)| EventKind::CaseStarted { case, attempt }),
        Just(EventKind::CaseFinished),
        (0u32..4, party()).prop_map(|(channel, party)| EventKind::Opened { channel, party }),
        (
            0u32..4,
            party(),
            any::<bool>(),
            prop::option::of(0usize..5),
            bytes(),
            prop::option::of("[a-z]{1,5}")
        )
            .prop_map(
                |(channel, party, from, stimulus, bytes, fault)| EventKind::Wire(Wire {
                    channel,
                    party,
                    direction: if from {
                        Direction::FromCandidate
                    } else {
                        Direction::ToCandidate
                    },
                    stimulus,
                    name: None,
                    bytes,
                    fault,
                })
            ),
        (0u32..4, party(), any::<bool>()).prop_map(|(channel, party, by_candidate)| {
            EventKind::Closed {
                channel,
                party,
                by_candidate,
            }
        }),
        (0usize..5).prop_map(|stimulus| EventKind::Written { stimulus }),
        (0usize..5).prop_map(|stimulus| EventKind::Undelivered {
            stimulus,
            reason: String::from("reset")
        }),
        (0usize..3).prop_map(|partner| EventKind::Control {
            partner,
            control: Control::Fault(Fault::Down { attempts: 1 })
        }),
        (0usize..3).prop_map(|partner| EventKind::Control {
            partner,
            control: Control::Reset
        }),
        (0usize..3, any::<u64>()).prop_map(|(partner, timer)| EventKind::Timer { partner, timer }),
        Just(EventKind::Candidate(Lifecycle::Exited {
            status: String::from("signal 9")
        })),
        Just(EventKind::Candidate(Lifecycle::Killed)),
        Just(EventKind::Deadline),
        Just(EventKind::Barrier(Barrier::Idle)),
        Just(EventKind::Barrier(Barrier::Quiet { window_ms: 5 })),
    ]
}

const PROPERTY: &str = "properties:
  - name: whatever is sent is answered
    forall: { patient: patient }
    cases: 3
    steps:
      - send: { http: { to: app, method: POST, path: \"/take/${patient.mrn}\", body: \"${patient}\" } }
        expect: { reply: { status: 200 } }
    holds: shop.requests.count() >= 0
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_events_are_folded_and_replayed_alike(kinds in prop::collection::vec(kind(), 0..60)) {
        let text = contract(&format!("{ONCE}    variations: [ duplicate delivery, malformed input ]\n{PROPERTY}"));
        let mut script = Script::new(&text);
        for kind in kinds {
            script.tell(kind);
        }
        let live = script.lane.take_finished();
        prop_assert_eq!(script.replayed(), live);
    }
}
