//! Writing a part of a contract as YAML again: block style, every scalar of the type that it was read as.

use wardgate_contract::{Node, Value, yaml::DEPTH_MAX};
use wardgate_expression::Json;

/// Adds `key: value` to the text, indented by so many blanks.
pub fn member(out: &mut String, key: &str, value: &Node, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(&self::key(key));
    out.push(':');
    tail(out, value, indent + 2, 0);
}

/// The value behind a key or a dash, with its line feed.
fn tail(out: &mut String, value: &Node, indent: usize, depth: usize) {
    match &value.value {
        // What was read lies no deeper, so this is never reached; a text without end would be worse than a gap.
        _ if depth > DEPTH_MAX => out.push('\n'),
        Value::Scalar(scalar) => {
            let text = if scalar.plain {
                scalar.text.clone()
            } else {
                self::scalar(&scalar.text, indent)
            };
            if !text.is_empty() {
                out.push(' ');
                out.push_str(&text);
            }
            out.push('\n');
        }
        Value::Sequence(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Mapping(members) if members.is_empty() => out.push_str(" {}\n"),
        Value::Sequence(items) => {
            out.push('\n');
            for item in items {
                out.extend(std::iter::repeat_n(' ', indent));
                out.push('-');
                tail(out, item, indent + 2, depth + 1);
            }
        }
        Value::Mapping(members) => {
            out.push('\n');
            for (name, value) in members {
                out.extend(std::iter::repeat_n(' ', indent));
                out.push_str(&key(&name.value));
                out.push(':');
                tail(out, value, indent + 2, depth + 1);
            }
        }
    }
}

/// A text as a scalar that is read as text: a block where it has lines, quoted otherwise.
fn scalar(text: &str, indent: usize) -> String {
    let lines: Vec<&str> = text
        .strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .collect();
    let blank = |line: &&str| line.trim().is_empty();
    let is_block = text.contains('\n')
        && !text.contains(is_special)
        && !text.starts_with([' ', '\t'])
        && !lines.first().is_none_or(&blank)
        && !lines.last().is_none_or(blank);
    if !is_block {
        return quoted(text);
    }
    let mut out = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    out
}

/// What a block cannot hold.
fn is_special(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// A text in double quotes.
pub fn quoted(text: &str) -> String {
    let mut out = Json::from(text.to_owned()).to_string();
    // JSON leaves these as they are, and to YAML they are no characters of a text.
    for c in ('\u{7F}'..='\u{9F}').chain(['\u{2028}', '\u{2029}', '\u{FEFF}']) {
        if out.contains(c) {
            out = out.replace(c, &format!("\\u{:04X}", u32::from(c)));
        }
    }
    out
}

fn key(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    // Words that YAML takes for something else than text.
    let other = matches!(
        text,
        "true" | "false" | "null" | "yes" | "no" | "on" | "off"
    );
    let words = || {
        text.split(' ')
            .all(|word| !word.is_empty() && word.chars().all(is_word))
    };
    if starts && !other && words() {
        text.to_owned()
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use wardgate_contract::{Source, yaml};

    use super::*;

    /// The tree without its places.
    fn shape(node: &Node) -> String {
        match &node.value {
            Value::Scalar(scalar) => format!("{:?}/{}", scalar.text, scalar.plain),
            Value::Sequence(items) => format!("{:?}", items.iter().map(shape).collect::<Vec<_>>()),
            Value::Mapping(members) => {
                let members = members.iter().map(|(key, node)| (&key.value, shape(node)));
                format!("{:?}", members.collect::<Vec<_>>())
            }
        }
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let text = "a: { b: [1.10, '1.10', true, \"yes\", ~, '', {}, []], 'c d': \"x\\ty\" }\n\
                    'true': no\n'9': |\n  MSH|^~\\&|A\n  PID|1|${x}\n\ntext: |-\n  one\n\n  two\nodd: \"\\n a\\n\"\n\
                    nested:\n- - 1\n  - 2\n- { k: v, w: 'a: b # c' }\nends: \"a\\n\\n\"\n";
        let (node, findings) = yaml::read(&Source::new("a.yaml", text));
        assert!(findings.is_empty(), "{findings:?}");
        let node = node.expect("it is YAML");
        let mut out = String::new();
        for (key, value) in node.as_mapping().expect("a mapping") {
            member(&mut out, &key.value, value, 0);
        }
        let (again, findings) = yaml::read(&Source::new("b.yaml", out.clone()));
        assert!(findings.is_empty(), "{findings:?}\n{out}");
        assert_eq!(shape(&again.expect("it is YAML")), shape(&node), "{out}");
    }
}
