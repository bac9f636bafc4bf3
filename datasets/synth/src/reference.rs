//! The reference of the kinds for authors of contracts, as a part of `contracts/README.md`.

use std::fmt::Write;

use crate::{FieldType, Kind};

/// What may be drawn, and the members of each, as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "\n### Records that are drawn\n\nThe kinds for `draw:` and, as generators, for `forall:`, with their members: `${name.member}`.\n",
    );
    for kind in Kind::ALL {
        _ = writeln!(
            out,
            "\n#### `{kind}`\n\n{}.\n\n| member | value | meaning | for example |\n|---|---|---|---|",
            kind.doc()
        );
        for field in kind.fields() {
            _ = writeln!(
                out,
                "| `{}` | {} | {} | {} |",
                field.name,
                value(field.field_type),
                field.description.replace('|', "\\|"),
                example(field.example)
            );
        }
    }
    out
}

fn value(field_type: FieldType) -> String {
    match field_type {
        FieldType::Identifier => String::from("identifier, unique in a run"),
        FieldType::Text => String::from("text"),
        FieldType::Code => String::from("code"),
        FieldType::Date => String::from("date"),
        FieldType::DateTime => String::from("date and time"),
        FieldType::Integer => String::from("whole number"),
        FieldType::Decimal => String::from("decimal"),
        FieldType::Record(kind) => format!("a [{kind}](#{kind})"),
        FieldType::List(kind) => format!("list of [{kind}](#{kind})"),
    }
}

fn example(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{}`", text.replace('|', "\\|"))
    }
}
