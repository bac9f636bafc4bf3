//! Whatever is done to an interchange, it is answered by what is sound, or refused. The client checks every answer.

use bytes::Bytes;
use proptest::prelude::*;
use wardgate_core::wire::HttpRequest;
use wardgate_expression::json;

use crate::client::Client;

const FIXTURES: [&str; 6] = [
    include_str!("../fixtures/837p.x12"),
    include_str!("../fixtures/837i.x12"),
    include_str!("../fixtures/837d.x12"),
    include_str!("../fixtures/270.x12"),
    include_str!("../fixtures/276.x12"),
    include_str!("../fixtures/835.x12"),
];

/// What stands in an element instead.
const VALUES: [&str; 26] = [
    "",
    "0",
    "-5",
    "0.01",
    "999999999999999.99",
    "7",
    "8",
    "X",
    "20260230",
    "ZZ",
    "é",
    "A:B",
    "1^2",
    "EXAMPLE",
    "RD8",
    "20260101-20260301",
    "FI",
    "EI",
    "F8",
    "6R",
    "472",
    "434",
    "2",
    "30^98",
    "HC:99213:25:26:27:28",
    "12345678901234567890123456789012345678",
];

#[derive(Clone, Debug)]
enum Change {
    Element(usize, usize, usize),
    Drop(usize),
    Repeat(usize),
    Move(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let place = 0_usize..60;
    prop_oneof![
        4 => (place.clone(), 1_usize..12, 0..VALUES.len()).prop_map(|(at, element, value)| Change::Element(at, element, value)),
        1 => place.clone().prop_map(Change::Drop),
        1 => place.clone().prop_map(Change::Repeat),
        1 => (place.clone(), place).prop_map(|(from, to)| Change::Move(from, to)),
    ]
}

/// The interchange with these changes, its segments counted anew.
fn altered(text: &str, changes: &[Change]) -> String {
    let mut segments: Vec<String> = text.split_terminator("~\n").map(str::to_owned).collect();
    for change in changes {
        // Most of the envelope stays, or nothing of the rest would be looked at.
        let inner = segments.len().saturating_sub(6).max(1);
        let place = |at: usize| 3 + at % inner;
        match *change {
            Change::Element(at, element, value) => {
                if let Some(segment) = segments.get_mut(place(at)) {
                    let mut elements: Vec<&str> = segment.split('*').collect();
                    let last = elements.len() - 1;
                    if last > 0 {
                        elements[1 + (element - 1) % last] = VALUES[value];
                    }
                    *segment = elements.join("*");
                }
            }
            Change::Drop(at) if place(at) < segments.len() => {
                segments.remove(place(at));
            }
            Change::Repeat(at) if place(at) < segments.len() => {
                let again = segments[place(at)].clone();
                segments.insert(place(at), again);
            }
            Change::Move(from, to) if place(from).max(place(to)) < segments.len() => {
                let moved = segments.remove(place(from));
                let to = place(to).min(segments.len());
                segments.insert(to, moved);
            }
            _ => {}
        }
    }
    let start = segments
        .iter()
        .position(|segment| segment.starts_with("ST*"));
    let end = segments
        .iter()
        .position(|segment| segment.starts_with("SE*"));
    if let (Some(start), Some(end)) = (start, end) {
        let number = segments[end]
            .rsplit('*')
            .next()
            .unwrap_or_default()
            .to_owned();
        segments[end] = format!("SE*{}*{number}", (end + 1).saturating_sub(start));
    }
    segments.join("~\n") + "~\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn altered_interchanges_are_answered_soundly(
        which in 0..FIXTURES.len(),
        changes in proptest::collection::vec(change(), 1..4),
    ) {
        let mut client = Client::new(json!({ "rules": [{ "procedure": "99213", "pay": "0.5" }] }));
        client.give("members", json!({ "member": "M00000001", "plan": "GOLD" }));
        let text = altered(FIXTURES[which], &changes);
        let (status, _, _) = client.post(&text);
        prop_assert!(matches!(status, 200 | 400), "{}", status);
        client.pick_up("/outbox/SENDER");
    }

    #[test]
    fn any_bytes_are_answered_or_refused(
        which in 0..FIXTURES.len(),
        at in 0_usize..2000,
        bytes in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut client = Client::new(json!({}));
        let mut body = FIXTURES[which].as_bytes().to_vec();
        let at = at.min(body.len());
        let end = (at + bytes.len()).min(body.len());
        body.splice(at..end, bytes);
        let request = HttpRequest::new("POST", "/", &[], Bytes::from(body));
        let (response, _) = client.send(request);
        prop_assert!(matches!(response.status(), 200 | 400));
    }
}
