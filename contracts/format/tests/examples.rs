//! The examples of the format, read as their authors mean them.

use std::{sync::Arc, time::Duration};

use wardgate_contract::{
    Source,
    ast::{
        CaptureFrom, CaptureVia, Check, Claim, Contract, Criticality, Filter, MatcherKind,
        VariationKind,
    },
    read,
};

fn contract(name: &str, text: &str) -> Contract {
    let reading = read(Arc::new(Source::new(name, text)));
    assert_eq!(reading.findings, [], "{name}");
    reading.contract.unwrap()
}

#[test]
fn a_registration_across_three_systems() {
    let text = include_str!("examples/registration.yaml");
    let contract = contract("registration.yaml", text);
    assert_eq!(contract.id.value, "registration/adt-a04");
    assert_eq!(contract.criticality, Criticality::Required);
    assert_eq!(
        contract.partners[0]
            .options
            .get("version")
            .unwrap()
            .as_text(),
        Some("R4")
    );
    assert!(contract.partners[0].options.get("stub").is_none());
    let interaction = &contract.interactions[0];
    let step = &interaction.steps[0];
    let send = step.send.as_ref().unwrap();
    assert_eq!(
        (send.protocol.as_str(), send.to.as_ref().unwrap().as_str()),
        ("hl7v2", "adt")
    );
    assert!(
        send.body
            .get("message")
            .unwrap()
            .as_text()
            .unwrap()
            .starts_with("MSH|^~\\&|PAS")
    );

    let [reply, received, holds] = step.expect.as_slice() else {
        panic!("three expectations");
    };
    assert_eq!(reply.within.as_ref().unwrap().value, Duration::from_secs(2));
    assert!(text[reply.span.start..].starts_with("reply:"));
    let Claim::Reply { checks } = &reply.claim else {
        panic!("a reply")
    };
    let Check::At { locator, matcher } = &checks[1] else {
        panic!("a location")
    };
    assert_eq!(locator.value, "MSA-2");
    assert_eq!(
        &text[matcher.span.start..matcher.span.end],
        "\"${control_id}\""
    );
    let Claim::Received {
        partner,
        selector,
        times,
        checks,
    } = &received.claim
    else {
        panic!("received")
    };
    assert_eq!(
        (partner.as_str(), selector.as_str()),
        ("ehr", "PUT Patient")
    );
    assert_eq!(times.to_string(), "exactly 1");
    assert!(matches!(
        checks.as_slice(),
        [Check::Expression(_), Check::Expression(_)]
    ));
    let Claim::Holds {
        filter: Some(Filter::Members(members)),
        count,
        ..
    } = &holds.claim
    else {
        panic!("holds")
    };
    assert_eq!(members[0].0.value, "number");
    assert_eq!(count.to_string(), "exactly 1");

    let kinds: Vec<_> = interaction
        .variations
        .iter()
        .map(|variation| &variation.kind)
        .collect();
    assert!(matches!(
        kinds.as_slice(),
        [
            VariationKind::DuplicateDelivery,
            VariationKind::AckLostInbound,
            VariationKind::PartnerDown { attempts: 2, .. },
            VariationKind::CandidateRestarted,
        ]
    ));
}

#[test]
fn properties_over_generated_values() {
    let contract = contract("properties.yaml", include_str!("examples/properties.yaml"));
    let [round_trip, books] = contract.properties.as_slice() else {
        panic!("two properties")
    };
    assert_eq!(round_trip.cases, 200);
    assert_eq!(round_trip.forall[0].1.value, "fhir.Patient");
    assert_eq!(
        round_trip.steps[0].captures[0].via,
        CaptureVia::Expression(String::from("id"))
    );
    let Claim::Reply { checks } = &round_trip.steps[1].expect[0].claim else {
        panic!("a reply")
    };
    let Check::Body { matcher } = &checks[1] else {
        panic!("a body")
    };
    let MatcherKind::Equals {
        ignoring,
        open: false,
        ..
    } = &matcher.kind
    else {
        panic!("equals")
    };
    assert_eq!(ignoring.len(), 3);
    assert_eq!(books.cases, 100);
    assert_eq!(books.steps.len(), 1);
    assert!(books.holds.as_ref().unwrap().starts_with("sum("));
}

#[test]
fn every_key_once() {
    let contract = contract("every-key.yaml", include_str!("examples/every-key.yaml"));
    assert_eq!(contract.criticality, Criticality::Advisory);
    let interaction = &contract.interactions[0];
    let first = &interaction.steps[0];
    assert!(matches!(first.expect[0].claim, Claim::Accept { .. }));
    assert_eq!(
        first.captures[0].from,
        CaptureFrom::Received(String::from("ehr"))
    );
    assert_eq!(
        first.captures[1].via,
        CaptureVia::Locator(String::from("MSA-2"))
    );
    let Claim::Received { times, checks, .. } = &first.expect[2].claim else {
        panic!("received")
    };
    assert_eq!((times.min, times.max), (1, Some(2)));
    let Check::At { locator, .. } = &checks[0] else {
        panic!("a header")
    };
    assert_eq!(locator.value, "header.Content-Type");
    assert_eq!(interaction.variations.len(), 12);
    assert_eq!(
        interaction.variations[6].at.as_ref().unwrap().value,
        "the slot is booked"
    );
    let refusing = interaction.variations.last().unwrap();
    assert!(matches!(
        &refusing.kind,
        VariationKind::PartnerRefusing { with: Some(with), attempts: 2, .. } if with.value == "503"
    ));
    assert_eq!(refusing.expect.as_ref().unwrap().len(), 1);
}
