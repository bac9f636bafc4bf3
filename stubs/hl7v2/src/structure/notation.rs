//! How the fact tables write a structure, a field and a component.
//!
//! ```text
//! structure  = item { " " item }
//! item       = ( segment | "ANY" ) [ mark ] | GROUP [ mark ] "(" structure ")" | "<" item { "|" item } ">" [ mark ]
//! mark       = "?" (may be there once) | "*" (any number of times) | "+" (at least once)
//! definition = type [ "!" ] [ "*" [ most ] ] [ ":" length ] [ "#" table ] | "-"
//! ```
//!
//! `ANY` is any segment, or a type that another field names; `!` is required, `-` is withdrawn or never defined.

/// One entry of a message structure.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// The name of the segment or group; empty for a choice.
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) repeats: bool,
    /// What a group holds in order, or what a choice chooses from.
    pub(crate) children: Vec<Node>,
}

/// What an entry of a structure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One segment.
    Segment,
    /// Several in order, under a name.
    Group,
    /// One of several.
    Choice,
    /// Any segment at all.
    Any,
}

/// What the standard says of one field or component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Its data type; `ANY` where another field names it.
    pub(crate) data_type: &'static str,
    /// Whether it is required; what is required under a condition is not.
    pub(crate) required: bool,
    /// The most repetitions; None for any number.
    pub(crate) repetitions: Option<usize>,
    /// The most characters of one repetition, its delimiters included.
    pub(crate) length: Option<usize>,
    /// The number of its table.
    pub(crate) table: Option<u16>,
    /// Whether this version withdrew it, or never gave it a meaning.
    pub(crate) is_withdrawn: bool,
}

/// Reads a structure; None where it does not follow the notation.
pub(super) fn structure(text: &'static str) -> Option<Vec<Node>> {
    let mut reader = Reader { text, at: 0 };
    let nodes = reader.sequence()?;
    (reader.at == text.len()).then_some(nodes)
}

struct Reader {
    text: &'static str,
    at: usize,
}

impl Reader {
    fn take(&mut self, character: char) -> bool {
        let taken = self.text[self.at..].starts_with(character);
        self.at += usize::from(taken);
        taken
    }

    fn sequence(&mut self) -> Option<Vec<Node>> {
        let mut nodes = vec![self.item()?];
        while self.take(' ') {
            nodes.push(self.item()?);
        }
        Some(nodes)
    }

    fn item(&mut self) -> Option<Node> {
        if self.take('<') {
            let mut children = vec![self.item()?];
            while self.take('|') {
                children.push(self.item()?);
            }
            if !self.take('>') {
                return None;
            }
            let (required, repeats) = self.mark();
            return Some(Node {
                kind: Kind::Choice,
                name: "",
                required,
                repeats,
                children,
            });
        }
        let rest = &self.text[self.at..];
        let length = rest
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        let name = &rest[..length];
        self.at += length;
        let (required, repeats) = self.mark();
        let (kind, children) = if self.take('(') {
            let children = self.sequence()?;
            if !self.take(')') {
                return None;
            }
            (Kind::Group, children)
        } else if name == "ANY" {
            (Kind::Any, Vec::new())
        } else if name.len() == 3 {
            (Kind::Segment, Vec::new())
        } else {
            return None;
        };
        Some(Node {
            kind,
            name,
            required,
            repeats,
            children,
        })
    }

    /// Whether it is required, and whether it repeats.
    fn mark(&mut self) -> (bool, bool) {
        if self.take('?') {
            (false, false)
        } else if self.take('*') {
            (false, true)
        } else if self.take('+') {
            (true, true)
        } else {
            (true, false)
        }
    }
}

/// Reads a list of fields or components; None where it does not follow the notation.
pub(super) fn definitions(text: &'static str) -> Option<Vec<Definition>> {
    text.split(' ').map(definition).collect()
}

fn definition(text: &'static str) -> Option<Definition> {
    let end = text.find(['!', '*', ':', '#', '-']).unwrap_or(text.len());
    let (data_type, mut rest) = text.split_at(end);
    let mut read = Definition {
        data_type,
        required: false,
        repetitions: Some(1),
        length: None,
        table: None,
        is_withdrawn: false,
    };
    if rest == "-" && data_type.is_empty() {
        read.is_withdrawn = true;
        return Some(read);
    }
    if let Some(after) = rest.strip_prefix('!') {
        read.required = true;
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('*') {
        let (most, after) = digits(after);
        read.repetitions = if most.is_empty() {
            None
        } else {
            Some(most.parse().ok()?)
        };
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(':') {
        let (length, after) = digits(after);
        read.length = Some(length.parse().ok()?);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('#') {
        let (table, after) = digits(after);
        read.table = Some(table.parse().ok()?);
        rest = after;
    }
    (rest.is_empty() && !data_type.is_empty()).then_some(read)
}

fn digits(text: &'static str) -> (&'static str, &'static str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_read() {
        let nodes = structure("MSH ORDER+(ORC <OBR|RXO>? OBX*) ANY?").unwrap();
        assert_eq!(nodes.len(), 3);
        let order = &nodes[1];
        assert_eq!(
            (order.kind, order.name, order.required, order.repeats),
            (Kind::Group, "ORDER", true, true)
        );
        assert_eq!(order.children[1].kind, Kind::Choice);
        assert!(!order.children[1].required);
        assert_eq!(order.children[1].children[1].name, "RXO");
        assert_eq!(nodes[2].kind, Kind::Any);
        for text in ["", "MSH ", "MSH(PID", "<PID", "LONG", "MSH)"] {
            assert!(structure(text).is_none(), "{text}");
        }
    }

    #[test]
    fn definitions_are_read() {
        let read = definitions("CX!*10:250#61 - ANY* ST").unwrap();
        assert_eq!(
            read[0],
            Definition {
                data_type: "CX",
                required: true,
                repetitions: Some(10),
                length: Some(250),
                table: Some(61),
                is_withdrawn: false,
            }
        );
        assert!(read[1].is_withdrawn);
        assert_eq!((read[2].data_type, read[2].repetitions), ("ANY", None));
        assert!(definitions("CX!x").is_none());
        assert!(definitions("!").is_none());
    }
}
