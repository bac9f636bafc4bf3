//! What a plan is made of.

use std::{collections::HashSet, fmt::Write as _};

use wardgate_core::plan::{Claim, PlanError, Request, Selection, Shard, make};

use crate::script::{ONCE, catalog, contract, request};

fn many() -> Request {
    let mut interactions = String::new();
    for n in 0..17 {
        let _ = write!(
            interactions,
            "  - name: case {n}\n    send: {{ http: {{ to: app, method: GET, path: /{n} }} }}\n    \
             expect: {{ reply: {{ status: 200 }} }}\n    variations: [ duplicate delivery ]\n"
        );
    }
    request(&contract(&format!("interactions:\n{interactions}")))
}

#[test]
fn shards_are_a_partition_of_one_plan() {
    let catalog = catalog();
    let whole = make(many(), &catalog).expect("it can be planned");
    for of in [1, 2, 3, 5, 40] {
        let mut seen = HashSet::new();
        for index in 1..=of {
            let part = make(
                Request {
                    shard: Some(Shard { index, of }),
                    ..many()
                },
                &catalog,
            )
            .expect("it can be planned");
            assert_eq!(part.digest, whole.digest);
            for case in part.selected {
                assert!(seen.insert(case), "case {case} is in two of {of} shards");
            }
        }
        assert_eq!(seen.len(), whole.selected.len());
    }
}

#[test]
fn the_digest_changes_with_whatever_decides_the_cases() {
    let catalog = catalog();
    let digest = |request: Request| make(request, &catalog).expect("it can be planned").digest;
    let same = digest(many());
    assert_eq!(
        same,
        digest(Request {
            started_unix_ms: 1,
            ..many()
        }),
        "when a shard starts is its own business"
    );
    assert_ne!(same, digest(Request { seed: 8, ..many() }));
    assert_ne!(
        same,
        digest(Request {
            property_cases: Some(3),
            ..many()
        })
    );
    let selection = Selection {
        filter: Some(String::from("case 1")),
        ..Selection::default()
    };
    assert_ne!(
        same,
        digest(Request {
            selection,
            ..many()
        })
    );
    assert_ne!(same, digest(request(&contract(ONCE))));
}

#[test]
fn nothing_to_run_is_an_error() {
    let catalog = catalog();
    let none = Selection {
        filter: Some(String::from("no such case")),
        ..Selection::default()
    };
    for request in [
        Request::default(),
        Request {
            selection: none,
            ..many()
        },
    ] {
        assert!(matches!(
            make(request, &catalog),
            Err(PlanError::Nothing { .. })
        ));
    }
}

#[test]
fn two_contracts_of_one_id_are_refused_with_both_places() {
    let mut twice = many();
    twice.contracts.extend(many().contracts);
    let error = make(twice, &catalog()).expect_err("one id, one contract");
    assert!(
        error.to_string().contains("test/fold") && error.to_string().contains("test.yaml:2"),
        "{error}"
    );
}

#[test]
fn every_case_has_a_name_of_its_own_and_something_to_check() {
    let plan = make(many(), &catalog()).expect("it can be planned");
    let names: HashSet<&str> = plan.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), 34);
    assert!(plan.cases.iter().all(|case| !case.expectations.is_empty()));
}

#[test]
fn cases_draw_values_of_their_own() {
    let text = contract(
        "interactions:\n  - name: a\n    send: { http: { to: app, method: GET, path: \"/${mrn}\" } }\n    expect: { reply: {} }\n    variations: [ duplicate delivery ]\n",
    );
    let drawn: HashSet<String> = (0..2)
        .map(|case| {
            let mut script = crate::script::Script::begun(&text, case);
            script.send(0).path().to_owned()
        })
        .collect();
    assert_eq!(drawn.len(), 2);
}

#[test]
fn one_variation_can_be_done_to_several_steps() {
    let text = contract(
        "interactions:\n  - name: a\n    steps:\n      - name: one\n        send: { http: { to: app, method: GET, path: /1 } }\n        \
         expect: { reply: {} }\n      - name: two\n        send: { http: { to: app, method: GET, path: /2 } }\n        \
         expect: { reply: {} }\n    variations:\n      - duplicate delivery\n      \
         - { variation: duplicate delivery, at: one }\n",
    );
    let plan = make(request(&text), &catalog()).expect("their titles differ");
    let titles: Vec<&str> = plan.cases.iter().map(|case| case.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "a",
            "a [duplicate delivery]",
            "a [duplicate delivery at 'one']"
        ]
    );
}

#[test]
fn a_broken_file_is_held_to_its_effects_since_nobody_answers_it() {
    let text = contract(
        "interactions:\n  - name: a\n    send: { file: { to: drop, name: \"${account}.csv\", content: \"${account}\" } }\n    \
         expect: { shop: { received: POST /orders, times: 1 } }\n    variations: [ duplicate delivery, malformed input ]\n",
    );
    let plan = make(request(&text), &catalog()).expect("it can be planned");
    assert!(plan.cases.len() > 3);
    let claims = || plan.cases.iter().flat_map(|case| case.expectations.iter());
    assert!(claims().any(|expectation| matches!(expectation.claim, Claim::NoEffect { .. })));
    assert!(!claims().any(|expectation| matches!(
        expectation.claim,
        Claim::Refused { .. } | Claim::Replied { .. } | Claim::SameReply { .. }
    )));
}

#[test]
fn only_the_broken_forms_that_fit_the_message_are_planned() {
    let sending = |more: &str| {
        request(&contract(&format!(
            "interactions:\n  - name: it\n    send: {{ http: {{ path: /x{more} }} }}\n    expect: {{ reply: {{ status: 400 }} }}\n    \
             variations: [ malformed input ]\n"
        )))
    };
    let plan = make(sending(", method: POST, body: { a: 1 }"), &catalog()).expect("it has a body");
    assert_eq!(plan.cases.len(), 5);
    let refused = make(sending(""), &catalog()).expect_err("there is nothing to break");
    let text = refused.to_string();
    assert!(text.contains("no broken form of 'http' fits"), "{text}");
}
