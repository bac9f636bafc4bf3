//! What every protocol owes to those who know it by its port alone.

use std::{collections::HashSet, time::Duration};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use wardgate_core::{
    port::{Action, Control, Fault, Guide, Input, Moment, Protocol, Stub, StubOptions},
    wire::Transport,
};
use wardgate_expression::{Json, json};
use wardgate_stub_catalog::catalog;
use wardgate_synth::Seed;

fn moment() -> Moment {
    Moment {
        elapsed: Duration::from_secs(1),
        unix_ms: 1_772_357_400_000,
    }
}

fn stub(protocol: &dyn Protocol) -> Option<Box<dyn Stub>> {
    let options = StubOptions {
        partner: String::from("partner"),
        options: json!({}),
        seed: Seed::from_u64(1),
    };
    match (protocol.stub(&options), protocol.transport()) {
        (Ok(stub), _) => Some(stub),
        // Nobody receives files from a candidate.
        (Err(_), Transport::Files) => None,
        (Err(reason), _) => panic!("{} has no stub without options: {reason}", protocol.name()),
    }
}

#[test]
fn every_protocol_is_found_by_its_own_name() {
    let catalog = catalog();
    assert_eq!(
        catalog.names(),
        ["fhir", "hl7v2", "x12", "erp", "http", "file"]
    );
    for protocol in catalog.iter() {
        let found = catalog.get(protocol.name()).expect("it is listed");
        assert_eq!(found.name(), protocol.name());
    }
    assert!(catalog.get("astm").is_none());
}

#[test]
fn no_two_protocols_share_a_filter_and_each_filter_answers() {
    let catalog = catalog();
    let names = catalog.filter_names();
    let different: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(different.len(), names.len(), "{names:?}");
    for name in names {
        assert!(catalog.filter(name, "2026-03-01").is_some(), "{name}");
    }
    assert!(catalog.filter("nosuch", "x").is_none());
}

#[test]
fn every_key_is_explained_and_every_generator_yields() {
    let mut runner = TestRunner::deterministic();
    for protocol in catalog().iter() {
        let name = protocol.name();
        let mut keys = HashSet::new();
        for key in protocol.guide().send {
            assert!(keys.insert(key.name), "{name} has {} twice", key.name);
            assert!(
                key.doc.ends_with('.') && !key.example.is_empty(),
                "{name} {}",
                key.name
            );
        }
        for generator in Guide::names(protocol.guide().generators) {
            let strategy = protocol.generator(generator).expect("it is listed");
            let value = strategy.new_tree(&mut runner).expect("it draws").current();
            assert_ne!(value, Json::Null, "{name}.{generator}");
        }
        assert!(protocol.generator("nosuch").is_none(), "{name}");
        assert!(protocol.filter("nosuch", "x").is_none(), "{name}");
        assert_eq!(protocol.render("nosuch", &json!({})), None, "{name}");
    }
}

#[test]
fn nonsense_is_refused_with_words() {
    for protocol in catalog().iter() {
        let name = protocol.name();
        for answer in [
            protocol.check_selector(""),
            protocol.check_locator(""),
            protocol.check_collection("no such collection"),
            protocol.check_refusal("perhaps"),
        ] {
            assert!(answer.is_err_and(|reason| !reason.is_empty()), "{name}");
        }
    }
}

#[test]
fn every_stub_resets_open_connections_while_it_is_down() {
    for protocol in catalog().iter() {
        let Some(mut stub) = stub(&**protocol) else {
            continue;
        };
        stub.receive(moment(), Input::Connected { channel: 4 });
        let fault = Control::Fault(Fault::Down { attempts: 1 });
        let abort = |channel| {
            vec![Action::Close {
                channel,
                abort: true,
            }]
        };
        let reaction = stub.receive(moment(), Input::Control(&fault));
        assert_eq!(reaction.actions, abort(4), "{}", protocol.name());
        let reaction = stub.receive(moment(), Input::Connected { channel: 5 });
        assert_eq!(reaction.actions, abort(5), "{}", protocol.name());
        let reaction = stub.receive(moment(), Input::Connected { channel: 6 });
        assert_eq!(reaction.actions, [], "{}", protocol.name());
    }
}

#[test]
fn what_a_stub_holds_is_a_collection_that_lint_knows() {
    for protocol in catalog().iter() {
        let Some(mut stub) = stub(&**protocol) else {
            continue;
        };
        assert!(
            stub.collection("no such collection").is_err(),
            "{}",
            protocol.name()
        );
        let control = Control::Seed {
            collection: String::from("no such collection"),
            record: json!({}),
        };
        let reaction = stub.receive(moment(), Input::Control(&control));
        assert!(
            reaction.unhandled && reaction.remark.is_some(),
            "{}",
            protocol.name()
        );
        for collection in stub.collections() {
            assert_eq!(
                protocol.check_collection(&collection),
                Ok(()),
                "{}",
                protocol.name()
            );
            assert!(stub.collection(&collection).is_ok(), "{}", protocol.name());
        }
    }
}
