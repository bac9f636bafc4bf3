//! The key reference of `contracts/README.md`, made from the grammar and from what protocols say of themselves.

use std::fmt::Write;

mod protocols;

use crate::{
    grammar::{CONTRACT, MATCHER_KEYS, Rule, Shape, Table, VARIATION_WORDS, Word},
    guide::Guide,
};

/// What stands in the README before the generated part.
pub const BEGIN: &str = "<!-- reference: generated, do not edit between here and the end mark -->";
/// What stands after it.
pub const END: &str = "<!-- reference: end -->";

/// The reference with these protocols as Markdown, without the marks.
pub fn reference(guides: &[&Guide]) -> String {
    let mut out = String::new();
    for table in (Shape::Mapping(&CONTRACT)).tables() {
        section(&mut out, table);
    }
    matchers(&mut out);
    out.push_str("### The words of variations\n\n");
    words(
        &mut out,
        "word",
        "what is done, and what must hold",
        VARIATION_WORDS,
    );
    for guide in guides {
        protocols::section(&mut out, guide);
    }
    out
}

fn section(out: &mut String, table: &Table) {
    _ = writeln!(out, "### {}\n\n{}\n", heading(table), table.doc);
    out.push_str("| key | value | meaning | for example |\n|---|---|---|---|\n");
    for key in table.keys {
        let required = if key.required { " (required)" } else { "" };
        row(
            out,
            &[
                &format!("`{}`{required}", key.name),
                &value(&key.shape),
                &meaning(&key.shape, key.doc),
                &code(key.example),
            ],
        );
    }
    if let Some(others) = &table.others {
        row(
            out,
            &[
                &format!("*{}*", others.placeholder),
                &value(&others.shape),
                others.doc,
                &code(others.example),
            ],
        );
    }
    out.push('\n');
    for rule in table.rules {
        _ = writeln!(out, "- {}", sentence(rule));
    }
    if !table.rules.is_empty() {
        out.push('\n');
    }
}

fn heading(table: &Table) -> String {
    match table.name {
        "contract" => String::from("The file"),
        "reply" => String::from("`reply:` and `accept:`"),
        "message" => String::from("A message under `send:`"),
        "send" | "expect" => format!("`{}:`", table.name),
        name => {
            let mut letters = name.chars();
            let first = letters
                .next()
                .map(|first| first.to_uppercase().to_string())
                .unwrap_or_default();
            format!("{first}{}", letters.as_str())
        }
    }
}

fn value(shape: &Shape) -> String {
    match shape {
        Shape::Mapping(table) => link(table),
        Shape::List(Shape::Mapping(table)) => format!("list of {}", link(table)),
        Shape::List(item) => format!("list of {}", value(item)),
        Shape::Named { name, each } => format!("mapping from {} to {}", name.what, value(each)),
        Shape::Either(shapes) => shapes.iter().map(value).collect::<Vec<_>>().join(" or "),
        Shape::Matcher => String::from("value or [matcher](#matchers)"),
        Shape::Word(words) if words.len() > 3 => String::from("a [word](#the-words-of-variations)"),
        Shape::Text(syntax) => syntax.what.to_owned(),
        Shape::Word(_) | Shape::Record | Shape::Value => shape.describe(),
    }
}

/// Words with a meaning of their own are explained beside the key, where there are few.
fn meaning(shape: &Shape, doc: &str) -> String {
    match shape {
        Shape::Word(words) if words.len() <= 3 => {
            let words: Vec<_> = words
                .iter()
                .map(|word| format!("`{}`: {}", word.name, word.doc))
                .collect();
            format!("{doc} {}.", words.join("; "))
        }
        _ => doc.to_owned(),
    }
}

fn link(table: &Table) -> String {
    let anchor: String = heading(table)
        .to_lowercase()
        .chars()
        .filter(|next| next.is_alphanumeric() || matches!(next, ' ' | '-'))
        .map(|next| if next == ' ' { '-' } else { next })
        .collect();
    format!("[{}](#{anchor})", table.name)
}

fn sentence(rule: &Rule) -> String {
    let list = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match rule {
        Rule::ExactlyOne(names) => format!("Exactly one of {} stands here.", list(names)),
        Rule::AtLeastOne(names) => format!("At least one of {} stands here.", list(names)),
        Rule::Single => String::from("Exactly one key stands here."),
        Rule::Needs(name, needed) => format!("`{name}` needs {} beside it.", list(needed)),
        Rule::Excludes(name, excluded) => format!("`{name}` does not go with {}.", list(excluded)),
    }
}

fn matchers(out: &mut String) {
    out.push_str("### Matchers\n\n");
    out.push_str("A mapping is a matcher when its only key is one of these (with the keys that may stand beside it).\n\n");
    out.push_str("| key | value | meaning | for example |\n|---|---|---|---|\n");
    for key in MATCHER_KEYS {
        let beside = key.beside.iter().fold(String::new(), |mut cell, name| {
            _ = write!(cell, " (+ `{name}`)");
            cell
        });
        row(
            out,
            &[
                &format!("`{}`{beside}", key.name),
                key.value,
                key.doc,
                &code(key.example),
            ],
        );
    }
    out.push('\n');
}

fn words(out: &mut String, what: &str, meaning: &str, words: &[Word]) {
    _ = writeln!(out, "| {what} | {meaning} |\n|---|---|");
    for word in words {
        row(out, &[&code(word.name), word.doc]);
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    _ = writeln!(out, "| {} |", cells.join(" | "));
}
