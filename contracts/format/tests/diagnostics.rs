//! Every class of fault, as its author sees it: what is wrong, where, what was expected, what to do.
//!
//! Each test breaks the sound contract below in one place. The snapshots under `snapshots/` are the rendered
//! diagnostics; `INSTA_UPDATE=always cargo test` writes them anew.

use std::{fmt::Write, sync::Arc};

use miette::{GraphicalReportHandler, GraphicalTheme};
use wardgate_contract::{
    Finding, Source,
    ast::Contract,
    lint::{self, Content, Member, Vocabulary as _},
    read, read_with, report,
};

const SOUND: &str = "\
wardgate: 1
contract: registration/adt-a04
version: 1.2.0
consumer: pas
provider: integration-hub
workflow: registration
partners:
  ehr: { stub: fhir, version: R4 }
  ledger: { stub: erp }
data:
  patient: { draw: patient, where: \"age >= 18\" }
interactions:
  - name: an A04 registers the patient
    send:
      hl7v2:
        to: adt
        message: |
          MSH|^~\\&|PAS|WARD|HUB|HOSP|${now|hl7}||ADT^A04|${control_id}|P|2.5.1
          PID|1||${patient.mrn}
    expect:
      reply:
        within: 2s
        hl7v2: { MSA-1: AA, MSA-2: \"${control_id}\" }
      ehr:
        - received: PUT Patient
          times: 1
          fhirpath: name.family = %patient.family
    variations:
      - duplicate delivery
";

fn render(source: &Source, findings: &[Finding]) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(110)
        .with_links(false)
        .with_context_lines(1);
    let mut text = String::new();
    for finding in findings {
        handler
            .render_report(&mut text, &report(source, finding))
            .unwrap();
        text.push('\n');
    }
    text
}

/// Reads and lints a text; gives every diagnostic.
fn diagnostics(text: &str) -> String {
    let source = Arc::new(Source::new("adt-a04.yaml", text));
    let reading = read(Arc::clone(&source));
    let mut findings = reading.findings;
    if let Some(contract) = &reading.contract {
        findings.extend(lint::lint(contract));
    }
    render(&source, &findings)
}

/// The diagnostics after one replacement in the sound contract.
fn broken(from: &str, to: &str) -> String {
    assert_eq!(SOUND.matches(from).count(), 1, "{from:?} stands once");
    diagnostics(&SOUND.replace(from, to))
}

#[test]
fn the_sound_contract_is_sound() {
    assert_eq!(diagnostics(SOUND), "");
}

macro_rules! cases {
    ($($name:ident: $from:expr => $to:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(stringify!($name), broken($from, $to));
            });
        }
    )*};
}

cases! {
    // YAML.
    yaml_unclosed_quote: "version: R4 }" => "version: \"R4 }";
    yaml_two_colons: "consumer: pas" => "consumer: pas: old";
    yaml_unquoted_place: "hl7v2: { MSA-1: AA, MSA-2: \"${control_id}\" }" => "hl7v2: { MSA-1: AA, MSA-2: ${control_id} }";
    yaml_tab: "    expect:\n" => "\texpect:\n";
    yaml_tab_in_a_text: "within: 2s" => "within:\n\t2s";
    yaml_tag: "to: adt" => "to: !endpoint adt";
    yaml_merge_key: "  ledger: { stub: erp }" => "  ledger: { <<: *x }";
    yaml_key_not_text: "MSA-1: AA" => "[MSA-1]: AA";
    yaml_second_document: "interactions:\n" => "---\ninteractions:\n";
    duplicate_key: "workflow: registration\n" => "workflow: registration\nconsumer: pas\n";

    // The grammar.
    unknown_key: "within: 2s" => "withn: 2s";
    unknown_key_far: "workflow: registration\n" => "workflow: registration\ncolour: red\n";
    unknown_key_protocol: "hl7v2: { MSA-1" => "hl7: { MSA-1";
    missing_key: "version: 1.2.0\n" => "";
    wrong_type: "  ehr: { stub: fhir, version: R4 }" => "  ehr: fhir";
    wrong_type_nothing: "workflow: registration" => "workflow:";
    wrong_type_list: "          times: 1" => "          times: [1]";
    wrong_duration: "within: 2s" => "within: 2 seconds";
    wrong_version: "version: 1.2.0" => "version: 1.2";
    wrong_format_version: "wardgate: 1" => "wardgate: 2";
    wrong_id: "contract: registration/adt-a04" => "contract: Registration/ADT A04";
    wrong_name: "  ledger: { stub: erp }" => "  the-ledger: { stub: erp }";
    wrong_case_name: "  - name: an A04 registers the patient" => "  - name: \"an A04\\nregisters\"";
    wrong_count: "times: 1" => "times: once";
    unknown_word: "workflow: registration\n" => "workflow: registration\ncriticality: requird\n";
    unknown_variation: "      - duplicate delivery" => "      - duplicate-delivery";
    no_claim: "received: PUT Patient" => "fields: { a: b }";
    two_claims: "times: 1" => "holds: Patient";
    two_protocols: "    expect:\n" => "      fhir: { method: GET }\n    expect:\n";
    steps_beside_send: "    variations:" => "    steps: [{ expect: { reply: {} } }]\n    variations:";
    variation_needs_by: "      - duplicate delivery" => "      - { partner slow: ehr }";
    variation_takes_no_with: "      - duplicate delivery" => "      - { partner down: ehr, with: 503 }";
    given_without_records: "interactions:\n" => "given: [{ partner: ehr, holds: Patient }]\ninteractions:\n";

    // Reading.
    no_steps: "interactions:\n" => "properties:\n  - { name: p, forall: { a: b }, steps: [] }\ninteractions:\n";
    bound_upside_down: "times: 1" => "times: { at least: 2, at most: 1 }";
    which_partner: "      - duplicate delivery" => "      - { ack lost: outbound }";
    capture_syntax: "    variations:" => "    capture: { id: reply.id }\n    variations:";
    capture_method: "    variations:" => "    capture: { id: reply.fhirpth(\"id\") }\n    variations:";
    matcher_regex: "MSA-1: AA" => "MSA-1: { regex: \"A(\" }";
    matcher_several: "MSA-1: AA" => "MSA-1: { regex: A., present: true }";
    matcher_mixed: "MSA-1: AA" => "MSA-1: { regex: A., min: 3 }";
    matcher_misspelt: "MSA-1: AA" => "MSA-1: { oneof: [AA, CA] }";
    matcher_wrong_value: "MSA-1: AA" => "MSA-1: { one_of: AA }";
    matcher_absent_false: "MSA-1: AA" => "MSA-1: { absent: false }";
    matcher_range: "MSA-1: AA" => "MSA-1: { range: 3 }";
    matcher_range_upside_down: "MSA-1: AA" => "MSA-1: { range: { min: 10, max: 9.5 } }";
    matcher_distance: "MSA-1: AA" => "MSA-1: { date_within: soon }";

    // Lint.
    wrong_status: "within: 2s" => "status: { one_of: [200, created, 2001, \"${patient.age}\"] }";
    demands_nothing: "times: 1" => "times: at least 0";
    unknown_partner: "      ehr:\n" => "      her:\n";
    unknown_partner_of_a_variation: "      - duplicate delivery" => "      - { partner down: ledgr }";
    unresolved_place: "${patient.mrn}" => "${patent.mrn}";
    unresolved_place_far: "${patient.mrn}" => "${payer.number}";
    unresolved_variable: "%patient.family" => "%pat.family";
    template_syntax: "${patient.mrn}" => "${patient mrn}";
    template_in_expression: "%patient.family" => "'${patient.family}'";
    expression: "name.family = %patient.family" => "name.where(";
    json_path: "fhirpath: name.family = %patient.family" => "jsonpath: { \"$.name[0\": Smith }";
    template_in_json_path: "fhirpath: name.family = %patient.family" => "jsonpath: { \"$..[?@.value == '${patient.mrn}']\": { present: true } }";
    expression_function: "name.family = %patient.family" => "name.exist()";
    doubtful_number: "MSA-1: AA" => "MSA-1: 007";
    duplicate_interaction: "    variations:\n      - duplicate delivery\n" => "  - name: an A04 registers the patient\n    send: { hl7v2: {} }\n    expect: { reply: {} }\n";
    duplicate_name: "    variations:" => "    capture: { patient: reply.at(\"MSA-2\") }\n    variations:";
    reserved_name: "  patient: { draw" => "  now: { draw";
    reserved_partner: "  ledger: { stub: erp }" => "  reply: { stub: erp }";
    unknown_step: "      - duplicate delivery" => "      - { variation: split frames, at: the booking }";
    nothing_received: "    variations:" => "    capture: { id: ledger.received.at(\"number\") }\n    variations:";
    expects_nothing: "    expect:\n      reply:\n        within: 2s\n        hl7v2: { MSA-1: AA, MSA-2: \"${control_id}\" }\n      ehr:\n        - received: PUT Patient\n          times: 1\n          fhirpath: name.family = %patient.family\n" => "";
}

#[test]
fn what_can_be_is_not_told() {
    for (from, to) in [
        ("within: 2s", "status: 204"),
        ("within: 2s", "status: { range: { min: 200, max: 200 } }"),
        (
            "MSA-1: AA",
            "MSA-1: { range: { min: \"${patient.age}\", max: 9 } }",
        ),
        ("times: 1", "times: at most 3"),
        (
            "received: PUT Patient\n          times: 1",
            "holds: Patient\n          fields: { status: Open }",
        ),
    ] {
        assert_eq!(broken(from, to), "", "{to}");
    }
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!("empty_file", diagnostics("# nothing yet\n"));
}

#[test]
fn a_protocol_that_nobody_knows_is_told_where_it_is_sent() {
    let text = SOUND.replace("      hl7v2:\n        to", "      hl7:\n        to");
    let source = Arc::new(Source::new("adt-a04.yaml", text.as_str()));
    let reading = read_with(Arc::clone(&source), &Words.protocols());
    let contract = reading.contract.unwrap();
    let findings = lint::lint_with(&contract, &Words);
    insta::assert_snapshot!("unknown_protocol_sent", render(&source, &findings));
    let misspelt = SOUND.replace("hl7v2: { MSA-1", "hl7: { MSA-1");
    let source = Arc::new(Source::new("adt-a04.yaml", misspelt.as_str()));
    let reading = read_with(source, &Words.protocols());
    assert_eq!(reading.findings[0].rule, "unknown-key");
}

#[test]
fn a_contract_of_nothing() {
    let (head, _) = SOUND.split_once("interactions:").unwrap();
    insta::assert_snapshot!("empty_contract_keys", diagnostics(head));
    insta::assert_snapshot!(
        "empty_contract_list",
        diagnostics(&format!("{head}interactions: []\n"))
    );
}

#[test]
fn a_list_at_the_top() {
    insta::assert_snapshot!("top_is_a_list", diagnostics("- wardgate: 1\n"));
}

#[test]
fn too_deep_and_too_large() {
    let deep = format!("{}{}{}", "[".repeat(80), "x", "]".repeat(80));
    insta::assert_snapshot!("too_deep", diagnostics(&format!("{SOUND}more: {deep}\n")));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..8 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        _ = writeln!(bomb, "a{level}: &a{level} [{items}]");
    }
    insta::assert_snapshot!("too_large", diagnostics(&bomb));
}

#[test]
fn several_faults_are_told_at_once() {
    let text = SOUND
        .replace("within: 2s", "withn: 2s")
        .replace("times: 1", "times: once")
        .replace("workflow: registration\n", "")
        .replace("MSA-1: AA", "MSA-1: { regex: \"(\" }");
    insta::assert_snapshot!("several_faults", diagnostics(&text));
}

#[test]
fn contracts_that_do_not_go_together() {
    let contract = |name: &str, text: &str| -> Contract {
        read(Arc::new(Source::new(name, text))).contract.unwrap()
    };
    let other = SOUND.replace("ledger: { stub: erp }", "ledger: { stub: http }");
    let contracts = [contract("a.yaml", SOUND), contract("b.yaml", &other)];
    let found = lint::lint_set(&contracts);
    assert!(found.iter().all(|(index, _)| *index == 1));
    let findings: Vec<_> = found.into_iter().map(|(_, finding)| finding).collect();
    insta::assert_snapshot!("contract_set", render(&contracts[1].source, &findings));
    assert_eq!(lint::lint_set(&contracts[..1]), []);
}

/// A vocabulary that knows one word of each sort.
struct Words;

impl lint::Vocabulary for Words {
    fn protocols(&self) -> Vec<String> {
        ["fhir", "erp", "hl7v2"].map(String::from).to_vec()
    }

    fn draws(&self) -> Vec<String> {
        ["patient", "stay"].map(String::from).to_vec()
    }

    fn members(&self, kind: &str) -> Option<Vec<Member>> {
        let value = |name| Member {
            name,
            content: Content::Value,
        };
        match kind {
            "patient" => Some(vec![value("mrn"), value("family"), value("age")]),
            "stay" => Some(vec![
                value("visit_number"),
                Member {
                    name: "patient",
                    content: Content::Record("patient"),
                },
                Member {
                    name: "charges",
                    content: Content::List("charge"),
                },
            ]),
            "charge" => Some(vec![value("code"), value("amount")]),
            _ => None,
        }
    }

    fn generators(&self) -> Vec<String> {
        vec![String::from("fhir.Patient"), String::from("stay")]
    }

    fn filters(&self) -> Vec<String> {
        vec![String::from("hl7")]
    }

    fn send(
        &self,
        send: &wardgate_contract::ast::Send,
        knows: &dyn Fn(&str) -> bool,
    ) -> Vec<Finding> {
        assert!(knows("patient") && knows("control_id") && !knows("nobody"));
        let message = send.body.get("message");
        let missing = Finding::error("missing-key", send.span, "the message is missing");
        message.is_none().then_some(missing).into_iter().collect()
    }

    fn selector(&self, _protocol: &str, selector: &str) -> Result<(), String> {
        (selector == "PUT Patient")
            .then_some(())
            .ok_or(String::from("expected a method and a resource type"))
    }

    fn collection(&self, protocol: &str, collection: &str) -> Result<(), String> {
        let known = protocol == "erp" && collection == "customers";
        known
            .then_some(())
            .ok_or(String::from("expected an entity set"))
    }

    fn given(&self, protocol: &str, collection: &str) -> Result<(), String> {
        self.collection(protocol, collection)
    }

    fn locator(&self, _protocol: &str, locator: &str) -> Result<(), String> {
        locator
            .starts_with("MSA")
            .then_some(())
            .ok_or(String::from("expected a location such as `MSA-1`"))
    }

    fn refusal(&self, _protocol: &str, refusal: &str) -> Result<(), String> {
        (refusal == "503")
            .then_some(())
            .ok_or(String::from("expected a status from 400 to 599"))
    }
}

fn with_words(text: &str) -> String {
    let source = Arc::new(Source::new("adt-a04.yaml", text));
    let contract = read(Arc::clone(&source)).contract.unwrap();
    render(&source, &lint::lint_with(&contract, &Words))
}

#[test]
fn the_words_of_protocols_are_asked_for() {
    assert_eq!(with_words(SOUND), "");
    let text = SOUND
        .replace("stub: erp", "stub: epr")
        .replace("draw: patient", "draw: patients")
        .replace("${now|hl7}", "${now|hl8}")
        .replace("PUT Patient", "PUTT Patient")
        .replace("MSA-1: AA", "MSH: AA")
        .replace("duplicate delivery", "{ partner refusing: ehr, with: AE }")
        .replace(
            "interactions:\n",
            "given: [{ partner: ehr, holds: customers, records: [] }]\ninteractions:\n",
        )
        + "properties:\n  - { name: p, forall: { a: fhir.Patent }, steps: [{ send: { hl7v2: {} }, expect: { reply: {} } }] }\n";
    insta::assert_snapshot!("words_of_protocols", with_words(&text));
}

#[test]
fn members_that_a_drawn_record_does_not_have() {
    let text = SOUND
        .replace("age >= 18", "agee >= 18")
        .replace(
            "\"age >= 18\" }",
            "\"age >= 18\", with: { familly: X } }\n  stay: { draw: stay }",
        )
        .replace(
            "\"agee >= 18\" }",
            "\"agee >= 18\", with: { familly: X } }\n  stay: { draw: stay }",
        )
        .replace(
            "${patient.mrn}",
            "${patient.familly}^${control_id.x}^${stay.charges.code}^${stay.patient[0].mrn}",
        )
        .replace(
            "name.family = %patient.family",
            "[name.family = %patient.fmaily.length(), \"%stay.charges.where(ammount > 1).exists()\", \"%mrn.x.y = 1\"]",
        )
        .replace("MSA-1: AA", "MSA-1: \"${stay.charges[0].cdoe}\"");
    insta::assert_snapshot!("unknown_members", with_words(&text));
}

#[test]
fn members_that_are_there_or_that_nobody_knows() {
    let text = SOUND
        .replace(
            "\"age >= 18\" }",
            "\"age >= 18\", with: { family: X } }\n  stay: { draw: stay }",
        )
        .replace(
            "${patient.mrn}",
            "${stay.patient.mrn}^${stay.charges[0].code}^${stay.charges}^${patient.family.x}",
        )
        .replace(
            "name.family = %patient.family",
            "\"%stay.charges.where(amount > 1).code.exists() and a.b = %stay.patient.family\"",
        )
        .replace(
            "    variations:",
            "    capture: { c: reply.at(\"MSA-2\") }\n    variations:",
        )
        + "properties:\n  - { name: p, forall: { r: fhir.Patient, s: stay }, steps: [{ send: { hl7v2: { message: \"${r.any[0].thing}${s.visit_number}\" } }, expect: { reply: {} } }] }\n";
    assert_eq!(with_words(&text), "");
    let text = text.replace("${s.visit_number}", "${s.visit}");
    assert!(with_words(&text).contains("`s`, a `stay`, has no member `visit`"));
}
