//! What lint finds with the words of all protocols.

use std::sync::Arc;

use wardgate_contract::{Severity, Source, ast::Contract};
use wardgate_core::{
    lane::Composed,
    lint::{lint, lint_set},
    plan::{PlanError, Request, make},
    wire::Message,
};

use crate::script::{Script, catalog};

const HEAD: &str =
    "wardgate: 1\ncontract: test/lint\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: test\n";

fn read(name: &str, text: &str) -> Contract {
    let reading = wardgate_contract::read(Arc::new(Source::new(name, text)));
    reading
        .contract
        .unwrap_or_else(|| panic!("{:?}\n{text}", reading.findings))
}

/// Every finding in a contract with this under its head, as `the marked text: message (help)`; warnings begin with `?`.
fn findings(rest: &str) -> Vec<String> {
    let contract = read("c.yaml", &format!("{HEAD}{rest}"));
    let told = lint(&contract, &catalog()).into_iter().map(|finding| {
        let marked = &contract.source.text[finding.span.start..finding.span.end];
        let sign = match finding.severity {
            Severity::Error => "",
            Severity::Warning => "? ",
        };
        let help = finding.help.map(|help| format!(" ({help})"));
        format!(
            "{sign}{marked}: {}{}",
            finding.message,
            help.unwrap_or_default()
        )
    });
    told.collect()
}

/// A contract whose interaction sends this.
fn sending(head: &str, send: &str) -> String {
    format!(
        "{head}interactions:\n  - name: it is sent\n    send: {{ {send} }}\n    expect: {{ reply: {{}} }}\n"
    )
}

fn partners(partner: &str) -> String {
    sending(
        &format!("partners: {{ x: {{ {partner} }} }}\n"),
        "http: { path: / }",
    )
}

#[test]
fn members_of_drawn_records_are_known() {
    let text = sending(
        "data: { stay: { draw: stay, where: \"patient.agee > 18 and charges.amount.exists()\" }, p: { draw: patient, with: { familly: X } } }\n",
        "http: { path: \"/${stay.charges[0].amuont}\", body: { a: \"${stay.patient.family}\", b: \"${p.familly}\", c: \"${p.mnr}\" } }",
    );
    assert_eq!(
        findings(&text),
        [
            "agee: `stay.patient`, a `patient`, has no member `agee` (did you mean `age`?)",
            "familly: `p`, a `patient`, has no member `familly` (did you mean `family`?)",
            "${stay.charges[0].amuont}: `${stay.charges[0].amuont}` refers to nothing: `stay.charges`, a `charge-line`, has no member `amuont` (did you mean `amount`?)",
            "${p.mnr}: `${p.mnr}` refers to nothing: `p`, a `patient`, has no member `mnr` (did you mean `mrn`?)",
        ]
    );
}

#[test]
fn other_names_of_kinds_can_be_drawn_and_generated() {
    let text = "data: { v: { draw: visit } }\nproperties:\n  - name: p\n    forall: { s: stay }\n    steps:\n      - send: { http: { path: \"/${v.visit_number}/${s.gross_total}\" } }\n        expect: { reply: {} }\n";
    assert_eq!(findings(text), [""; 0]);
    // A record by another name is one to later draws, and to the protocol that renders it.
    let text = sending(
        "data: { v: { draw: visit }, c: { draw: charge } }\n",
        "fhir: { path: \"/${v.visit_number}/${c.visit_number}\", body: \"${v}\" }",
    );
    let mut script = Script::begun(&format!("{HEAD}{text}"), 0);
    let Ok(Composed {
        message: Message::Request(request),
        ..
    }) = script.lane.compose(0)
    else {
        panic!("a request is composed");
    };
    let (visit, of_charge) = request.path()[1..].split_once('/').expect("both are there");
    assert_eq!(visit, of_charge);
    assert!(String::from_utf8_lossy(request.body()).contains("\"resourceType\":\"Encounter\""));
}

#[test]
fn a_claim_over_all_partners_names_what_they_hold() {
    let text = "partners: { ledger: { stub: erp }, svc: { stub: http } }\nproperties:\n  - name: p\n    forall: { s: stay }\n    steps: [ { send: { http: { path: / } } } ]\n    holds: ledgr.customers.count() = 1 and svc.requets.where(body.a = %s.net_total).exists() and sum(ledger.salesInvoices.totalTaxAmount) >= 0\n";
    assert_eq!(
        findings(text),
        [
            "ledgr: `ledgr` is not a partner of this contract (did you mean `ledger`?)",
            "requets: `requets` is not something that `http` files records under (correct the word, or the protocol: it is the partner's `stub`, or the key under `send`)",
        ]
    );
}

#[test]
fn options_that_a_stub_refuses_are_found_at_their_place() {
    for (partner, found) in [
        (
            "stub: http, rotes: []",
            "rotes: `rotes` is not an option of `http` (did you mean `routes`?)",
        ),
        (
            "stub: http, routes: [{ path: /a }, { pth: /b }]",
            "pth: routes[1]: a route has no 'pth'; it has: method, path, status, headers, body",
        ),
        (
            "stub: http, routes: [{ path: /a, status: 99 }]",
            "status: routes[0]: 'status' is not a number from 200 to 599",
        ),
        (
            "stub: fhir, version: R5",
            "R5: a fhir stub speaks R4, not 'R5'",
        ),
        (
            "stub: erp, compnies: [A]",
            "compnies: `compnies` is not an option of `erp` (did you mean `companies`?)",
        ),
        (
            "stub: hl7v2, refuse: [SIU, adt]",
            "adt: 'adt' names no messages; expected a message type and trigger event such as ADT^A04, a message type such as ADT, or ANY",
        ),
    ] {
        let told = findings(&partners(partner));
        assert_eq!(told, [found], "{partner}");
    }
    let told = findings(&partners("stub: fhir, versoin: R4, version: R5"));
    assert_eq!(told.len(), 2, "{told:?}");
    for sound in [
        "stub: fhir, version: R4, validation: form",
        "stub: erp, companies: [A]",
        "stub: hl7v2, mode: enhanced",
        "stub: http, routes: [{ path: / }]",
    ] {
        assert_eq!(findings(&partners(sound)), [""; 0], "{sound}");
    }
    assert_eq!(findings(&partners("stub: file")).len(), 1);
}

#[test]
fn elements_that_no_resource_has_are_told_whatever_templates_stand_beside_them() {
    let send = |method: &str, path: &str, body: &str| {
        findings(&sending(
            "data: { patient: { draw: patient } }\n",
            &format!("fhir: {{ method: {method}, path: {path}, body: {body} }}"),
        ))
    };
    let misspelt = send(
        "POST",
        "/Patient",
        "{ resourceType: Patient, nmae: [{ family: \"${patient.family}\" }], birthDate: \"${patient.birth_date}\" }",
    );
    assert_eq!(
        misspelt,
        [
            "? nmae: this is not a valid resource: Patient.nmae: there is no element 'nmae' here (keep it if the candidate is to refuse it)"
        ]
    );
    let as_text = send(
        "POST",
        "/Patient",
        "'{\"resourceType\":\"Patient\",\"multipleBirthInteger\":${patient.age},\"actve\":true}'",
    );
    assert!(as_text[0].contains("Patient.actve: there is no element"));
    let elsewhere = send(
        "PUT",
        "\"/Patient/${mrn}\"",
        "{ resourceType: Observation, status: final, code: { text: \"${case}\" } }",
    );
    assert_eq!(
        elsewhere,
        [
            "? Observation: the body's type is Observation, and the path names Patient (correct the path or the resourceType; keep both if the candidate is to refuse this)"
        ]
    );
    for (method, path, body) in [
        ("POST", "/Patient", "\"${patient}\""),
        (
            "POST",
            "/",
            "{ resourceType: Bundle, type: transaction, entry: [{ resource: \"${patient}\" }] }",
        ),
        ("POST", "/Patient/$match", "{ resourceType: Parameters }"),
        (
            "PUT",
            "/Patient/1",
            "{ resourceType: Patient, id: \"1\", name: \"${patient.family}\" }",
        ),
    ] {
        assert_eq!(send(method, path, body), [""; 0], "{body}");
    }
}

#[test]
fn methods_that_http_does_not_have_are_told() {
    let send = |method: &str| {
        findings(&sending(
            "",
            &format!("http: {{ method: {method}, path: / }}"),
        ))
    };
    assert_eq!(
        send("PSOT"),
        ["? PSOT: `PSOT` is not one of HTTP's own methods (did you mean `POST`?)"]
    );
    assert_eq!(send("post").len(), 1);
    assert_eq!(send("PATCH"), [""; 0]);
    assert_eq!(send("\"${case}\""), [""; 0]);
}

#[test]
fn records_that_a_stub_would_not_take_are_found() {
    let given = |stub: &str, holds: &str, record: &str| {
        findings(&sending(
            &format!(
                "partners: {{ x: {{ stub: {stub} }} }}\ndata: {{ patient: {{ draw: patient }} }}\ngiven: [{{ partner: x, holds: {holds}, records: [{record}] }}]\n"
            ),
            "http: { path: / }",
        ))
    };
    for (stub, holds, record, found) in [
        (
            "fhir",
            "Patient",
            "{ nmae: [{ family: \"${patient.family}\" }] }",
            "nmae: the stub does not take this record: Patient.nmae: there is no element 'nmae' here",
        ),
        (
            "fhir",
            "Patient",
            "{ resourceType: Observation }",
            "Observation: this is an instance of Observation, not of Patient",
        ),
        (
            "fhir",
            "Patient",
            "Smith",
            "Smith: a resource is a mapping, not a single value (write a mapping, or a drawn value such as \"${patient}\")",
        ),
        (
            "erp",
            "customers",
            "{ number: \"${patient.mrn}\", displayNmae: A }",
            "displayNmae: the stub does not take this record: A property in the body does not exist on the type Microsoft.NAV.customer: displayNmae. (did you mean `displayName`?)",
        ),
        (
            "erp",
            "salesInvoices",
            "{ salesInvoiceLines: [{ quanttiy: \"${patient.age}\" }] }",
            "quanttiy: the stub does not take this record: A property in the body does not exist on the type Microsoft.NAV.salesInvoiceLine: quanttiy. (did you mean `quantity`?)",
        ),
        (
            "http",
            "routes",
            "{ pth: \"/${patient.mrn}\" }",
            "pth: the stub does not take this record: a route has no 'pth'; it has: method, path, status, headers, body",
        ),
        (
            "http",
            "routes",
            "{ path: /a, status: 99 }",
            "status: the stub does not take this record: 'status' is not a number from 200 to 599",
        ),
    ] {
        assert_eq!(given(stub, holds, record), [found], "{record}");
    }
    assert_eq!(given("hl7v2", "messages", "\"PID|1\"").len(), 1);
    assert_eq!(given("hl7v2", "messages", "[]").len(), 1);
    assert_eq!(given("http", "requests", "{ path: /a }").len(), 1);
    assert_eq!(given("erp", "generalLedgerEntries", "{}").len(), 1);
    for (stub, holds, record) in [
        ("fhir", "Patient", "\"${patient}\""),
        ("fhir", "Patient", "{ name: \"${patient.family}\" }"),
        ("fhir, validation: form", "Patient", "{ nmae: x }"),
        (
            "erp",
            "customers",
            "{ number: \"${patient.mrn}\", displayName: A }",
        ),
        ("erp", "customers", "\"${patient}\""),
        ("erp", "companies", "{ name: NEW }"),
        (
            "http",
            "routes",
            "{ path: \"/${patient.mrn}\", status: 201 }",
        ),
        (
            "hl7v2",
            "messages",
            "\"MSH|^~\\\\&|A|B|C|D|${now|hl7}||ADT^A04|${mrn}|P|2.5.1\"",
        ),
    ] {
        assert_eq!(given(stub, holds, record), [""; 0], "{record}");
    }
}

#[test]
fn what_cannot_be_planned_is_found_in_the_planners_own_words() {
    let text = "interactions:
  - name: a read
    send: { http: { method: GET, path: / } }
    expect: { reply: {} }
    variations: [ malformed input, split frames, split frames ]
  - name: nothing is sent
    steps: [ { expect: { reply: {} } } ]
  - name: another read
    send: { http: { method: GET, path: / } }
    expect: { reply: {} }
    variations: [ malformed input ]
";
    let told = findings(text);
    assert_eq!(told.len(), 3, "{told:#?}");
    let contract = read("c.yaml", &format!("{HEAD}{text}"));
    let request = Request {
        contracts: vec![Arc::new(contract)],
        ..Request::default()
    };
    let Err(PlanError::Contract { message, .. }) = make(request, &catalog()) else {
        panic!("the planner refuses it");
    };
    assert_eq!(told[0], format!("malformed input: {message}"));
    assert_eq!(told[2], told[0]);
    assert!(told[1].contains("nothing was sent before"), "{told:?}");
    let twice = text.replacen("malformed input, ", "", 1);
    let (twice, _) = twice.split_once("  - name: nothing").unwrap();
    assert_eq!(
        findings(twice),
        ["split frames: two cases are called 'test/lint :: a read [split frames]'"]
    );
}

#[test]
fn contracts_that_cannot_be_planned_together_are_found() {
    let contract = |name: &str, options: &str| {
        let text = format!("{HEAD}{}", partners(&format!("stub: fhir{options}")));
        read(name, &text.replace("test/lint", &format!("test/{name}")))
    };
    let contracts = [
        contract("a", ", validation: form"),
        contract("b", ""),
        contract("c", ", validation: elements"),
        contract("d", ", validation: form"),
    ];
    let found = lint_set(&contracts, &catalog());
    assert_eq!(
        found.iter().map(|(file, _)| *file).collect::<Vec<_>>(),
        [1],
        "what says nothing gets nobody else's options: {found:?}"
    );
    assert!(
        found[0].1.message.contains("has other options in a,"),
        "{found:?}"
    );
    let alike = [contracts[0].clone(), contracts[3].clone()];
    assert_eq!(lint_set(&alike, &catalog()), []);
}

#[test]
fn what_was_expected_is_said_once() {
    for protocol in catalog().iter() {
        let refused = [
            protocol.check_selector("(("),
            protocol.check_locator("(("),
            protocol.check_collection("(("),
            protocol.check_given("(("),
            protocol.check_refusal("(("),
        ];
        for reason in refused.into_iter().filter_map(Result::err) {
            let name = protocol.name();
            assert!(!reason.contains("expected expected"), "{name}: {reason}");
        }
    }
    let text = "partners: { ehr: { stub: fhir } }\ninteractions:\n  - name: a\n    send: { fhir: { path: / } }\n    expect: { ehr: { received: PUT Patinet } }\n";
    let contract = read("c.yaml", &format!("{HEAD}{text}"));
    let label = &lint(&contract, &catalog())[0].label;
    assert!(label.starts_with("expected a resource type"), "{label}");
}
