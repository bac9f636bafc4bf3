//! Our reading against that of the `er7` crate, value by value, on well-formed messages.

use std::borrow::Cow;
use std::path::Path;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use wardgate_expression::Json;
use wardgate_stub_hl7v2::{Message, generate};

/// Compares every value of the message and gives how many there were.
fn agree(text: &str) -> usize {
    let ours = Message::parse(text.as_bytes()).unwrap();
    let theirs = er7::parse(text).unwrap();
    assert_eq!(ours.segments().len(), theirs.segments.len());
    let mut values = 0;
    for (our, their) in ours.segments().zip(&theirs.segments) {
        assert_eq!(our.name(), their.name);
        for (number, field) in our.fields().filter(|(_, field)| !field.raw().is_empty()) {
            let their_field = their.field(number).unwrap();
            for (at, repetition) in field.repetitions().enumerate() {
                for (component_at, component) in repetition.components().enumerate() {
                    for (part_at, part) in component.subcomponents().enumerate() {
                        let theirs = their_field
                            .repetition(at + 1)
                            .and_then(|repetition| repetition.component(component_at + 1))
                            .and_then(|component| component.subcomponent(part_at + 1));
                        let expected =
                            theirs.map_or("".into(), |part| part.value(&ours_separators(&ours)));
                        // Theirs leaves the line break of formatted text to whoever shows it.
                        let expected = expected.replace("\\.br\\", "\n");
                        // It gives null an empty value; ours keeps the two quotes.
                        let text = if part.is_null() {
                            Cow::Borrowed("")
                        } else {
                            part.text()
                        };
                        assert_eq!(text, expected, "{}-{number} in {text}", our.name());
                        values += 1;
                    }
                }
            }
        }
    }
    values
}

fn ours_separators(message: &Message<'_>) -> er7::Separators {
    er7::parse(&String::from_utf8_lossy(message.raw()))
        .unwrap()
        .separators
}

#[test]
fn generated_messages_read_alike() {
    let mut runner = TestRunner::deterministic();
    for name in generate::NAMES
        .into_iter()
        .filter(|name| !matches!(*name, "bytes" | "stream"))
    {
        let strategy = generate::strategy(name).unwrap();
        for _ in 0..12 {
            let Json::String(text) = strategy.new_tree(&mut runner).unwrap().current() else {
                panic!("a string")
            };
            assert!(agree(&text) > 20);
        }
    }
}

#[test]
fn messages_of_other_people_read_alike() {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return;
    };
    let folder = Path::new(&corpora).join("hl7v2/cosyte/fixtures/canonical");
    let mut values = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        values += agree(&text);
    }
    println!("{values} values read alike");
    assert!(values > 800);
}
