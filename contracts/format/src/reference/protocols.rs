//! The reference of one protocol.

use std::fmt::Write;

use super::{code, row, words};
use crate::guide::{Guide, KeyDoc, Word};

/// Everything that a contract may say in the words of one protocol.
pub(super) fn section(out: &mut String, guide: &Guide) {
    let Guide {
        name, title, about, ..
    } = guide;
    _ = writeln!(out, "\n### The protocol `{name}`\n\n{title}. {about}\n");
    keys(
        out,
        &format!("key under `send: {{ {name}: … }}`"),
        guide.send,
    );
    if !guide.options.is_empty() {
        keys(out, &format!("option beside `stub: {name}`"), guide.options);
    }
    out.push_str("| where | what may stand there | for example |\n|---|---|---|\n");
    for place in guide.places {
        let examples: Vec<String> = place.examples.iter().map(|example| code(example)).collect();
        let places: Vec<String> = place.place.split(", ").map(code).collect();
        row(out, &[&places.join(", "), place.doc, &examples.join(", ")]);
    }
    table(
        out,
        &format!("generator of `forall:`, behind `{name}.`"),
        guide.generators,
    );
    table(out, "filter of templates", guide.filters);
    table(out, "case of `malformed input`", guide.malformations);
}

fn keys(out: &mut String, what: &str, keys: &[KeyDoc]) {
    _ = writeln!(out, "| {what} | meaning | for example |\n|---|---|---|");
    for key in keys {
        let required = if key.required { " (required)" } else { "" };
        row(
            out,
            &[
                &format!("{}{required}", code(key.name)),
                key.doc,
                &code(&on_one_line(key.example)),
            ],
        );
    }
    out.push('\n');
}

/// A block of YAML as it may stand in a cell.
fn on_one_line(example: &str) -> String {
    let text = example.trim_start_matches("|\n");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn table(out: &mut String, what: &str, list: &[Word]) {
    if !list.is_empty() {
        out.push('\n');
        words(out, what, "meaning", list);
    }
}
