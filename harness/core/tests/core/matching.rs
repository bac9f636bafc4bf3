//! Every matcher, through replies of a candidate.

use wardgate_core::verdict::{MismatchKind, Outcome};

use crate::script::{Script, contract, mrn, of};

/// What comes of a reply with this body where the contract expects this.
fn judged(expected: &str, body: &str) -> (Outcome, Vec<(MismatchKind, String)>) {
    let text = contract(&format!(
        "interactions:\n  - name: a\n    send: {{ http: {{ to: app, method: GET, path: \"/a/${{mrn}}\" }} }}\n    expect:\n      reply: {expected}\n"
    ));
    let mut script = Script::begun(&text, 0);
    script.send(0);
    script.reply(0, 200, body);
    let verdict = script.finish();
    let reply = of(&verdict, "reply");
    let found = reply
        .mismatches
        .iter()
        .map(|found| (found.kind, found.at.clone()))
        .collect();
    (reply.outcome, found)
}

fn passes(expected: &str, body: &str) {
    let (outcome, found) = judged(expected, body);
    assert_eq!(
        outcome,
        Outcome::Pass,
        "{expected} against {body}: {found:?}"
    );
}

fn fails(expected: &str, body: &str, kind: MismatchKind, at: &str) {
    let (outcome, found) = judged(expected, body);
    assert_eq!(outcome, Outcome::Fail, "{expected} against {body}");
    assert!(
        found.contains(&(kind, at.to_owned())),
        "{expected} against {body}: {found:?}"
    );
}

#[test]
fn a_bare_value_is_the_same_to_the_digit() {
    use MismatchKind::{Missing, Surplus, Value};
    passes(
        "{ body: { a: 1.10, b: [x, null, true] } }",
        r#"{"b":["x",null,true],"a":1.10}"#,
    );
    fails("{ body: { a: 1.10 } }", r#"{"a":1.1}"#, Value, "a");
    fails("{ body: { a: 1 } }", r#"{"a":"1"}"#, Value, "a");
    fails("{ body: { a: 1 } }", r#"{"a":1,"b":2}"#, Surplus, "b");
    fails(
        "{ body: { a: 1, b: { c: 2 } } }",
        r#"{"a":1,"b":{}}"#,
        Missing,
        "b.c",
    );
    fails("{ body: [1, 2] }", "[1]", Missing, "");
    fails("{ body: [1, 2] }", "[1, 3]", Value, "[1]");
}

#[test]
fn what_is_looser_is_named() {
    use MismatchKind::{Missing, Surplus, Value};
    passes("{ body: { includes: { a: 1 } } }", r#"{"a":1,"b":2}"#);
    fails(
        "{ body: { includes: { a: 1 } } }",
        r#"{"b":2}"#,
        Missing,
        "a",
    );
    passes(
        "{ body: { like: { a: 1, b: x } } }",
        r#"{"a":7,"b":"y","c":0}"#,
    );
    fails("{ body: { like: { a: 1 } } }", r#"{"a":"7"}"#, Value, "a");
    passes(
        "{ body: { each_like: { a: 1 }, min: 2 } }",
        r#"[{"a":1},{"a":5}]"#,
    );
    fails(
        "{ body: { each_like: { a: 1 }, min: 2 } }",
        r#"[{"a":1}]"#,
        Missing,
        "",
    );
    passes(
        "{ body: { includes: { a: { regex: \"x[0-9]+\" } } } }",
        r#"{"a":"x12"}"#,
    );
    fails(
        "{ body: { includes: { a: { regex: \"x[0-9]+\" } } } }",
        r#"{"a":"x12y"}"#,
        Value,
        "a",
    );
    passes(
        "{ body: { includes: { a: { one_of: [1, two] } } } }",
        r#"{"a":"two"}"#,
    );
    fails(
        "{ body: { includes: { a: { one_of: [1, two] } } } }",
        r#"{"a":3}"#,
        Value,
        "a",
    );
    passes(
        "{ body: { includes: { a: { range: { min: 1, max: 2.5 } } } } }",
        r#"{"a":2.50}"#,
    );
    fails(
        "{ body: { includes: { a: { range: { min: 1, max: 2.5 } } } } }",
        r#"{"a":2.51}"#,
        Value,
        "a",
    );
    passes(
        "{ body: { includes: { a: { decimal: 10.0 } } } }",
        r#"{"a":10.00}"#,
    );
    fails(
        "{ body: { includes: { a: { decimal: 10.0 } } } }",
        r#"{"a":10.01}"#,
        Value,
        "a",
    );
    passes(
        "{ body: { includes: { a: { absent: true }, b: { present: true } } } }",
        r#"{"b":0}"#,
    );
    fails(
        "{ body: { includes: { a: { absent: true } } } }",
        r#"{"a":0}"#,
        Surplus,
        "a",
    );
    fails(
        "{ body: { includes: { b: { present: true } } } }",
        r#"{"b":null}"#,
        Missing,
        "b",
    );
    passes("{ body: { unordered: [1, { like: 5 }, 2] } }", "[2, 9, 1]");
    fails("{ body: { unordered: [1, 2] } }", "[2, 3]", Missing, "");
    passes(
        "{ body: { equals: { a: 1, b: [{ c: 1 }] }, ignoring: [ \"b.c\", d ] } }",
        r#"{"a":1,"b":[{"c":9}],"d":4}"#,
    );
}

#[test]
fn numbers_of_any_size_are_compared_exactly() {
    passes(
        "{ body: { a: { range: { min: 0 } } } }",
        r#"{"a":123456789012345678901234567890123}"#,
    );
    let long = "{ body: { a: { decimal: 0.1000000000000000000000000000000000001 } } }";
    passes(long, r#"{"a":0.10000000000000000000000000000000000010}"#);
    fails(long, r#"{"a":0.1}"#, MismatchKind::Value, "a");
}

#[test]
fn an_item_that_fits_several_does_not_take_the_only_one_of_another() {
    passes("{ body: { unordered: [{ like: 1 }, 1] } }", "[1, 2]");
    passes("{ body: { unordered: [1, { like: 1 }] } }", "[1, 2]");
}

#[test]
fn includes_leaves_room_in_lists_too() {
    use MismatchKind::{Missing, Value};
    passes("{ body: { includes: { a: [2] } } }", r#"{"a":[1,2,3]}"#);
    passes("{ body: { includes: [3, 1] } }", "[1,2,3]");
    let two = r#"{"a":[{"k":1,"z":2},{"k":2,"l":[7,8]}]}"#;
    passes("{ body: { includes: { a: [{ k: 2, l: [8] }] } } }", two);
    passes(
        "{ body: { includes: { a: [{ k: { like: 9 } }, { k: 1 }] } } }",
        two,
    );
    fails(
        "{ body: { includes: { a: [4] } } }",
        r#"{"a":[1,2,3]}"#,
        Missing,
        "a",
    );
    fails(
        "{ body: { includes: { a: [1, 1] } } }",
        r#"{"a":[1,2]}"#,
        Missing,
        "a",
    );
    // What is wrong with the nearest item is said.
    fails(
        "{ body: { includes: { a: [{ k: 2, l: [9] }] } } }",
        two,
        Missing,
        "a[1].l",
    );
    fails(
        "{ body: { includes: { a: [{ k: 3, z: 2 }] } } }",
        two,
        Value,
        "a[0].k",
    );
    // Elsewhere a list has the same items.
    fails(
        "{ body: { a: [1] } }",
        r#"{"a":[1,2]}"#,
        MismatchKind::Surplus,
        "a",
    );
}

#[test]
fn like_takes_any_number_of_items_like_those_given() {
    use MismatchKind::{Missing, Value};
    let given = r#"{"name":[{"given":["Ann","Clara"],"family":"Smith"}]}"#;
    passes(
        "{ body: { like: { name: [{ given: [Bo], family: x }] } } }",
        given,
    );
    passes(
        "{ body: { name: { each_like: { given: [Bo], family: x } } } }",
        given,
    );
    passes("{ body: { like: [1, x] } }", r#"["a", 5, "b"]"#);
    passes("{ body: { like: { a: [] } } }", r#"{"a":[1]}"#);
    fails(
        "{ body: { like: { a: [1] } } }",
        r#"{"a":[]}"#,
        Missing,
        "a",
    );
    fails(
        "{ body: { like: { a: [1] } } }",
        r#"{"a":[1,"2"]}"#,
        Value,
        "a[1]",
    );
    fails("{ body: { like: [1, x] } }", "[1, true]", Value, "[1]");
    fails(
        "{ body: { like: { name: [{ given: [Bo], family: x }] } } }",
        r#"{"name":[{"given":["Ann",7],"family":"Smith"}]}"#,
        Value,
        "name[0].given[1]",
    );
}

#[test]
fn what_stands_directly_under_equals_is_meant_literally() {
    use MismatchKind::Value;
    passes("{ body: { equals: { like: 1 } } }", r#"{"like":1}"#);
    fails("{ body: { equals: { like: 1 } } }", "7", Value, "");
    fails(
        "{ body: { equals: { like: 1 } } }",
        r#"{"like":2}"#,
        Value,
        "like",
    );
    passes(
        "{ body: { a: { equals: { regex: x } }, b: { like: { present: true } } } }",
        r#"{"a":{"regex":"x"},"b":{"present":false}}"#,
    );
    // Deeper down a matcher is one.
    passes("{ body: { equals: { a: { like: 1 } } } }", r#"{"a":7}"#);
}

#[test]
fn json_has_types_and_matchers_keep_them() {
    use MismatchKind::Value;
    for (expected, body) in [
        ("{ http: { a: 5 } }", r#"{"a":"5"}"#),
        ("{ http: { a: \"5\" } }", r#"{"a":5}"#),
        ("{ http: { a: true } }", r#"{"a":"true"}"#),
        ("{ http: { a: { one_of: [1, 5] } } }", r#"{"a":"5"}"#),
        ("{ body: { a: { one_of: [1, 5] } } }", r#"{"a":"5"}"#),
        ("{ body: { a: { one_of: [\"5\"] } } }", r#"{"a":5}"#),
        ("{ body: { a: { range: { min: 1 } } } }", r#"{"a":"5"}"#),
        ("{ body: { a: { decimal: 5.0 } } }", r#"{"a":"5"}"#),
        (
            "{ body: { a: { date_within: { of: \"2026\", distance: 1d } } } }",
            r#"{"a":20260101}"#,
        ),
    ] {
        fails(expected, body, Value, "a");
    }
    for (expected, body) in [
        (
            "{ http: { a: 5, b: \"5\", c: true, \"d.e\": [1, 2] } }",
            r#"{"a":5,"b":"5","c":true,"d":{"e":[1,2]}}"#,
        ),
        (
            "{ body: { a: { one_of: [1, 5] }, b: { decimal: 5 }, c: { range: { max: 9 } } } }",
            r#"{"a":5,"b":5.00,"c":2}"#,
        ),
        // A template that is the whole value brings its type.
        (
            "{ http: { a: \"${seed}\" }, body: { includes: { a: \"${seed}\" } } }",
            r#"{"a":"7"}"#,
        ),
    ] {
        passes(expected, body);
    }
}

#[test]
fn a_whole_template_is_a_value_of_its_type() {
    let text = contract(
        "data:
  order: { draw: medication-order }
interactions:
  - name: a
    send: { http: { to: app, method: POST, path: \"/a/${mrn}\", body: { n: \"${order.duration_days}\" } } }
    expect:
      reply:
        body: { n: \"${order.duration_days}\", t: \"${order.duration_days|trim}\" }
        http: { n: \"${order.duration_days}\", t: \"${order.duration_days|trim}\" }
",
    );
    for (as_text, outcome) in [(false, Outcome::Pass), (true, Outcome::Fail)] {
        let mut script = Script::begun(&text, 0);
        let request = script.send(0);
        let sent = std::str::from_utf8(request.body()).expect("it is text");
        let days = sent
            .trim_start_matches(r#"{"n":"#)
            .trim_end_matches('}')
            .to_owned();
        let quoted = format!("\"{days}\"");
        let n = if as_text { &quoted } else { &days };
        script.reply(0, 200, &format!(r#"{{"n":{n},"t":{quoted}}}"#));
        let verdict = script.finish();
        assert_eq!(of(&verdict, "reply").outcome, outcome, "{verdict:#?}");
    }
}

#[test]
fn where_everything_is_text_numbers_are_read_from_it() {
    for expected in [
        "{ status: 200 }",
        "{ status: \"200\" }",
        "{ status: { one_of: [\"200\"] } }",
        "{ status: { range: { min: 200, max: 299 } } }",
        "{ headers: { Content-Length: { range: { min: 1 } } } }",
        "{ headers: { Content-Length: { one_of: [1, 9] } } }",
        "{ headers: { Content-Length: { decimal: 9.0 } } }",
        "{ headers: { Content-Length: { like: 1 }, Content-Type: { like: text } } }",
        "{ headers: { Content-Length: 9 } }",
    ] {
        passes(expected, r#"{"a":"b"}"#);
    }
    fails(
        "{ headers: { Content-Type: { like: 1 } } }",
        "{}",
        MismatchKind::Value,
        "header.Content-Type",
    );
    fails(
        "{ headers: { Content-Length: 9.0 } }",
        r#"{"a":"b"}"#,
        MismatchKind::Value,
        "header.Content-Length",
    );
}

#[test]
fn a_pattern_needs_a_single_value_that_is_there() {
    use MismatchKind::{Missing, Value};
    let any = "{ body: { includes: { a: { regex: \".*\" } } } }";
    fails(any, r#"{"a":null}"#, Missing, "a");
    fails(any, "{}", Missing, "a");
    fails(any, r#"{"a":{"x":1}}"#, Value, "a");
    fails(any, r#"{"a":["x"]}"#, Value, "a");
    for body in [r#"{"a":""}"#, r#"{"a":5}"#, r#"{"a":false}"#] {
        passes(any, body);
    }
}

#[test]
fn a_name_that_stands_twice_is_malformed_whichever_is_read() {
    let twice = r#"{"a":2,"b":[{"c":1,"d":{"e":1,"e":1}}],"a":1}"#;
    for expected in [
        "{ body: { includes: { a: 1 } } }",
        "{ fhirpath: \"a = 1\" }",
        "{ http: { a: 1 } }",
    ] {
        fails(expected, twice, MismatchKind::Malformed, "a");
        fails(expected, twice, MismatchKind::Malformed, "b[0].d.e");
    }
    // Whoever does not read the body says nothing of it.
    passes("{ status: 200 }", twice);
    passes(
        "{ body: { a: { b: 1 }, c: { b: 1 } } }",
        r#"{"a":{"b":1},"c":{"b":1}}"#,
    );
}

#[test]
fn a_trial_that_cannot_be_judged_is_no_difference() {
    for expected in [
        "{ body: { a: { one_of: [\"${case.x}\", 2] } } }",
        "{ body: { includes: { a: [\"${case.x}\"] } } }",
    ] {
        let (outcome, found) = judged(expected, r#"{"a":[1]}"#);
        assert_eq!(outcome, Outcome::Error, "{expected}: {found:?}");
    }
}

#[test]
fn dates_are_near_or_not() {
    passes(
        "{ body: { includes: { at: { date_within: 1m } } } }",
        r#"{"at":"2026-09-21T14:13:20Z"}"#,
    );
    fails(
        "{ body: { includes: { at: { date_within: 1m } } } }",
        r#"{"at":"2026-09-21T14:15:20Z"}"#,
        MismatchKind::Value,
        "at",
    );
    passes(
        "{ body: { includes: { at: { date_within: { of: \"2026-01-01\", distance: 1h } } } } }",
        r#"{"at":"20260101003000+0000"}"#,
    );
    let of = |of: &str| {
        format!(
            "{{ body: {{ includes: {{ at: {{ date_within: {{ of: \"{of}\", distance: 1m }} }} }} }} }}"
        )
    };
    for (wanted, found, is_near) in [
        ("2026-01-02T22:00:00", "2026-01-02T08:30:00", false),
        ("2026-01-02T08:00:00Z", "2026-01-02T08:00:30", true),
        ("2026-01-02", "2026-01-02T23:59:00", true),
        ("2026-01-02", "2026-01-03T00:02:00", false),
        ("2026-01-02T08:00:00Z", "2026-01-02T08:01:00.000001Z", false),
    ] {
        let body = format!(r#"{{"at":"{found}"}}"#);
        if is_near {
            passes(&of(wanted), &body);
        } else {
            fails(&of(wanted), &body, MismatchKind::Value, "at");
        }
    }
}

#[test]
fn templates_are_filled_once_and_in_keys_too() {
    let text = contract(
        "interactions:
  - name: a
    steps:
      - send: { http: { to: app, method: GET, path: \"/a/${mrn}\" } }
        expect: { reply: { body: { n: \"$${mrn}\" } } }
        capture: { said: reply.at(\"n\") }
      - send: { http: { to: app, method: POST, path: \"/a/${mrn}\", body: { n: \"${said}\" } } }
        expect: { reply: { body: { \"k ${mrn}\": \"${said}\", \"$${mrn}\": \"x ${said}\" } } }
",
    );
    let mut script = Script::begun(&text, 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, r#"{"n":"${mrn}"}"#);
    assert_eq!(script.send(1).body(), &br#"{"n":"${mrn}"}"#[..]);
    let body = format!(r#"{{"k {mine}":"${{mrn}}","${{mrn}}":"x ${{mrn}}"}}"#);
    script.reply(1, 200, &body);
    let verdict = script.finish();
    assert_eq!(verdict.outcome, Outcome::Pass, "{verdict:#?}");
}

#[test]
fn expressions_say_both_sides() {
    passes("{ fhirpath: \"a = 1.0\" }", r#"{"a":1}"#);
    let (outcome, found) = judged("{ fhirpath: [\"a = 1\", \"b.exists()\"] }", r#"{"a":2}"#);
    assert_eq!((outcome, found.len()), (Outcome::Fail, 2));
    assert_eq!(found[0].1, "a = 1");
}

#[test]
fn json_paths_lead_to_values_with_their_digits() {
    use MismatchKind::{Malformed, Missing, Value};
    let body =
        r#"{"name":[{"family":"Smith","given":["Ann","Bo"]}],"id":"7","n":1.10,"m":{"id":"8"}}"#;
    passes(
        "{ jsonpath: { \"$.name[0].family\": Smith, \"$..id\": { unordered: [\"7\", \"8\"] }, $.n: 1.10, $.x: { absent: true } } }",
        body,
    );
    passes(
        "{ jsonpath: { \"$.name[?@.family == 'Smith'].given\": { like: [x] }, $.id: \"${seed}\" } }",
        body,
    );
    fails("{ jsonpath: { $.n: 1.1 } }", body, Value, "$.n");
    fails("{ jsonpath: { $.id: 7 } }", body, Value, "$.id");
    fails("{ jsonpath: { $.x: 7 } }", body, Missing, "$.x");
    fails(
        "{ jsonpath: { \"$.name[0]\": { includes: { family: Jones } } } }",
        body,
        Value,
        "$.name[0].family",
    );
    fails("{ jsonpath: { $.a: 1 } }", "{", Malformed, "$.a");
    fails(
        "{ jsonpath: { $.a: 1 } }",
        r#"{"a":2,"a":1}"#,
        Malformed,
        "a",
    );
}

#[test]
fn a_body_that_cannot_be_read_is_malformed() {
    fails("{ body: { a: 1 } }", "{", MismatchKind::Malformed, "body");
}
