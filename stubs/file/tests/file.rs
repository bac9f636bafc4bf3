//! Files composed, read back and broken.

use std::sync::Arc;

use bytes::Bytes;
use wardgate_contract::{Node, Source, yaml};
use wardgate_core::{
    bindings::Bindings,
    port::{Catalog, Guide, Names, Protocol, StubOptions},
    wire::Message,
};
use wardgate_expression::{Json, json};
use wardgate_stub_file::File;
use wardgate_synth::Seed;

struct Known;

impl Names for Known {
    fn knows(&self, name: &str) -> bool {
        name == "family"
    }
}

fn node(text: &str) -> Node {
    let (node, findings) = yaml::read(&Source::new("test.yaml", text));
    assert_eq!(findings, []);
    node.expect("it is YAML")
}

fn compose(text: &str) -> Result<Message, String> {
    let mut bindings = Bindings::new(Arc::new(Catalog::default()), 0);
    bindings.bind("family", json!("Ørsted"), None);
    File.compose(&node(text), &bindings)
}

fn content(message: &Message) -> &[u8] {
    message.content()
}

#[test]
fn a_file_is_its_filled_text_in_its_encoding() {
    let file = compose("name: a.csv\ncontent: |\n  x,${family}\n  y").expect("it composes");
    assert_eq!(content(&file), "x,Ørsted\ny\n".as_bytes());
    let latin =
        compose("name: a.csv\nencoding: iso-8859-1\ncontent: ${family}").expect("it composes");
    assert_eq!(content(&latin), b"\xd8rsted");
    let error =
        compose("name: a.csv\nencoding: iso-8859-2\ncontent: ${family}").expect_err("no Ø there");
    assert!(error.contains('Ø'), "{error}");
}

#[test]
fn a_name_cannot_leave_its_folder() {
    for name in ["../a", "a/b", ".a", "'a\\b'", "'c:a'", "''"] {
        assert!(
            compose(&format!("name: {name}\ncontent: x")).is_err(),
            "{name}"
        );
    }
}

#[test]
fn lint_finds_what_cannot_be_sent() {
    for (text, rules) in [
        ("name: a\ncontent: x", &[][..]),
        ("name: ${family}\ncontent: x", &[]),
        ("name: a/b\ncontent: x", &["bad-file-name"]),
        ("name: a", &["missing-key"]),
        ("name: a\ncontent: [x]", &["wrong-type"]),
        ("name: a\ncontent: x\nencoding: klingon", &["bad-encoding"]),
        ("name: a\ncontent: ${nobody}", &["unknown-name"]),
    ] {
        let found: Vec<&str> = File
            .check_send(&node(text), &Known)
            .iter()
            .map(|finding| finding.rule)
            .collect();
        assert_eq!(found, rules, "{text}");
    }
}

#[test]
fn a_file_reads_as_lines() {
    let file = Message::File {
        name: String::from("a.csv"),
        content: Bytes::from_static(b"one\r\ntwo\n"),
    };
    let reading = File.read(&file).expect("it is a file");
    assert_eq!(
        reading.json(),
        Ok(&json!({"name": "a.csv", "lines": ["one", "two"]}))
    );
    assert_eq!(reading.locate("name"), Ok(vec![json!("a.csv")]));
    assert_eq!(reading.locate("content"), Ok(vec![json!("one\r\ntwo\n")]));
    assert_eq!(File.label(&file), "a.csv (9 bytes)");
    let garbage = Message::File {
        name: String::from("a"),
        content: Bytes::from_static(b"\xff"),
    };
    assert!(File.read(&garbage).expect("it is a file").json().is_err());
}

#[test]
fn broken_forms_differ_from_the_good_one() {
    let good = compose("name: a.csv\ncontent: 'header,amount;line,12.50;trailer,1,12.50'")
        .expect("it composes");
    let forms = File.malform(&good);
    assert_eq!(
        forms.iter().map(|form| form.name).collect::<Vec<_>>(),
        Guide::names(File.guide().malformations)
    );
    for form in &forms {
        assert_ne!(content(&form.message), content(&good), "{}", form.name);
    }
    assert!(std::str::from_utf8(content(&forms[2].message)).is_err());
    assert!(content(&good).starts_with(content(&forms[0].message)));
}

#[test]
fn there_is_no_stub_and_no_reply() {
    let options = StubOptions {
        partner: String::from("batch"),
        options: Json::Null,
        seed: Seed::from_u64(1),
    };
    assert!(File.stub(&options).is_err());
    assert!(File.check_refusal("503").is_err());
    assert!(File.check_selector("GET /").is_err());
}
