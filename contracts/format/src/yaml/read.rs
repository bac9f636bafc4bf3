//! From text to a tree of nodes, with every size bounded.

use std::{borrow::Cow, cell::Cell, collections::HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::{Node, Scalar, Value};
use crate::{Finding, Source, Span, Spanned, finding::FINDINGS_MAX};

/// The largest file that is read, in bytes.
pub const BYTES_MAX: usize = 1 << 20;
/// How deep mappings and lists may stand in one another.
pub const DEPTH_MAX: usize = 64;
/// How many nodes a document may have after its aliases are written out.
pub const NODES_MAX: usize = 100_000;
/// How much text the aliases of a document may repeat, in bytes.
const REPEATED_BYTES_MAX: usize = 4 << 20;

/// How often a file is read again after tabs that the parser stumbled over became blanks.
const TRIES_MAX: usize = 50;

/// Reads the one YAML 1.2 document of a file.
///
/// Aliases are written out as copies, within limits. The tree is there unless the text is no YAML at all or beyond a
/// limit; findings may stand beside a tree (repeated keys, of which the first counts).
pub fn read(source: &Source) -> (Option<Node>, Vec<Finding>) {
    if source.text.len() > BYTES_MAX {
        let finding = Finding::error(
            "too-large",
            Span::new(0, 0),
            format!("the file has more than {} KiB", BYTES_MAX >> 10),
        )
        .help("split the contract into several files, or reference large payloads");
        return (None, vec![finding]);
    }
    let mut text = Cow::Borrowed(source.text.as_str());
    let mut tries = 0;
    let mut builder = loop {
        let mut builder = Builder::new(source);
        match builder.run(&text) {
            Ok(()) => break builder,
            Err(finding) => {
                tries += 1;
                if let Some(plainer) = without_tabs_that_part(&text, finding.span.start)
                    && tries < TRIES_MAX
                {
                    text = Cow::Owned(plainer);
                    continue;
                }
                builder.findings.push(finding);
                return (None, builder.findings);
            }
        }
    };
    if builder.root.is_none() {
        builder.findings.push(
            Finding::error("empty-file", Span::new(0, 0), "the file holds no contract")
                .label("expected a mapping that begins with `wardgate: 1`")
                .help("`wardgate contract new` writes a first one to edit"),
        );
    }
    (builder.root, builder.findings)
}

/// A mapping or list whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    Items(Vec<Node>),
    Members {
        members: Vec<(Spanned<String>, Node)>,
        /// The key that waits for its value.
        key: Option<Spanned<String>>,
        seen: HashMap<String, Span>,
    },
}

/// How many nodes and bytes a tree has.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

struct Builder<'s> {
    source: &'s Source,
    /// The byte offset at which each line starts.
    lines: Vec<usize>,
    /// The line, the column and the byte offset last asked for: long lines are walked once, not once a node.
    last: Cell<(usize, usize, usize)>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Weight)>,
    nodes: usize,
    repeated_bytes: usize,
    root: Option<Node>,
    findings: Vec<Finding>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Source) -> Self {
        let bytes = source.text.as_bytes();
        let mut lines = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            // YAML 1.2, section 5.4: CR LF, LF and a lone CR each end a line.
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends {
                lines.push(at + 1);
            }
        }
        Self {
            source,
            lines,
            last: Cell::new((0, 0, 0)),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            repeated_bytes: 0,
            root: None,
            findings: Vec::new(),
        }
    }

    /// The byte offset of a marker. The parser's own index mixes bytes and characters, its line and column do not.
    fn offset(&self, marker: Marker) -> usize {
        let text = &self.source.text;
        let Some(start) = self.lines.get(marker.line().saturating_sub(1)).copied() else {
            return text.len();
        };
        let (line, column, offset) = self.last.get();
        let (skipped, from) = if line == marker.line() && column <= marker.col() {
            (column, offset)
        } else {
            (0, start)
        };
        let offset = text[from..]
            .char_indices()
            .nth(marker.col() - skipped)
            .map_or(text.len(), |(at, _)| from + at);
        self.last.set((marker.line(), marker.col(), offset));
        offset
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.offset(span.start);
        let end = self.offset(span.end).max(start);
        // A block scalar's span reaches into the white space after it.
        let trimmed = self.source.text[start..end].trim_end().len();
        Span::new(start, start + trimmed)
    }

    /// Reads the source's text, or one whose every byte stands in the same place.
    fn run(&mut self, text: &str) -> Result<(), Finding> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, place) = event.map_err(|error| self.syntax(&error))?;
            let span = self.span(place);
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Finding::error(
                            "second-document",
                            span,
                            "a contract file holds one document",
                        )
                        .label("a second one begins here")
                        .help("put it into a file of its own"));
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let is_text = self.is_string_tag(tag.as_deref(), span);
                    let plain = style == ScalarStyle::Plain && !is_text;
                    let node = Node {
                        value: Value::Scalar(Scalar {
                            text: text.into_owned(),
                            plain,
                        }),
                        span,
                    };
                    self.place(node, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.no_tag(tag.as_deref(), span);
                    self.enter(span, anchor, Content::Items(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.no_tag(tag.as_deref(), span);
                    let content = Content::Members {
                        members: Vec::new(),
                        key: None,
                        seen: HashMap::new(),
                    };
                    self.enter(span, anchor, content)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.leave(span)?,
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(())
    }

    fn syntax(&self, error: &ScanError) -> Finding {
        let told = self.offset(*error.marker());
        // The parser may notice a tab before or after it; the tab is what there is to see.
        let offset = tab_near(&self.source.text, told, error.info()).unwrap_or(told);
        let width = self.source.text[offset..]
            .chars()
            .next()
            .filter(|next| *next == '\t' || !next.is_control())
            .map_or(0, char::len_utf8);
        let finding = Finding::error(
            "yaml-syntax",
            Span::new(offset, offset + width),
            format!("this is not YAML: {}", error.info()),
        )
        .label("the text cannot be read from here on");
        finding.help(advice(&self.source.text, offset, error.info()))
    }

    /// Whether a tag makes a scalar a string. Any other tag is a finding.
    fn is_string_tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let is_string = tag.is_some_and(|tag| {
            (tag.is_yaml_core_schema() && tag.suffix == "str")
                || (tag.handle.is_empty() && tag.suffix == "!")
        });
        if !is_string {
            self.no_tag(tag, span);
        }
        is_string
    }

    fn no_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag {
            self.findings.push(
                Finding::error(
                    "yaml-tag",
                    span,
                    format!(
                        "the tag `{}{}` has no meaning in a contract",
                        tag.handle, tag.suffix
                    ),
                )
                .label("expected a value without a tag")
                .help("remove the tag; quote a value to make it text"),
            );
        }
    }

    fn enter(&mut self, span: Span, anchor: usize, content: Content) -> Result<(), Finding> {
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep(span));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            content,
        });
        Ok(())
    }

    fn leave(&mut self, end: Span) -> Result<(), Finding> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let flow = matches!(
            self.source.text.as_bytes().get(open.start),
            Some(b'{' | b'[')
        );
        let (value, last) = match open.content {
            Content::Items(items) => {
                let last = items.last().map(|node| node.span.end);
                (Value::Sequence(items), last)
            }
            Content::Members { members, .. } => {
                let last = members
                    .last()
                    .map(|(key, node)| node.span.end.max(key.span.end));
                (Value::Mapping(members), last)
            }
        };
        // Where a block ends is where its last member ends; only a flow collection has an end of its own. A block's
        // last member may be an alias, whose copy stands earlier.
        let end = if flow {
            end.end
        } else {
            last.unwrap_or(end.end)
        };
        let span = Span::new(open.start, end.max(open.start));
        self.place(Node { value, span }, open.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Finding> {
        let Some((node, weight)) = self.anchors.get(&anchor) else {
            return Err(Finding::error(
                "yaml-syntax",
                span,
                "an alias must not stand inside the value that it names",
            )
            .label("this value contains itself"));
        };
        self.repeated_bytes = self.repeated_bytes.saturating_add(weight.bytes);
        if self.nodes.saturating_add(weight.nodes) > NODES_MAX
            || self.repeated_bytes > REPEATED_BYTES_MAX
        {
            return Err(too_many(span));
        }
        if self.open.len() + weight.depth > DEPTH_MAX {
            return Err(too_deep(span));
        }
        self.nodes += weight.nodes.saturating_sub(1);
        let mut node = node.clone();
        node.span = span;
        self.place(node, 0)
    }

    /// Puts a finished node where it belongs: as key, as value, as item or as the document.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Finding> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(too_many(node.span));
        }
        if anchor != 0 {
            let weight = weigh(&node);
            self.repeated_bytes = self.repeated_bytes.saturating_add(weight.bytes);
            if self.repeated_bytes > REPEATED_BYTES_MAX {
                return Err(too_many(node.span));
            }
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Items(items) => items.push(node),
            Content::Members { members, key, seen } => match key.take() {
                None => *key = Some(as_key(node)?),
                Some(name) => {
                    if let Some(first) = seen.get(&name.value) {
                        if self.findings.len() > FINDINGS_MAX {
                            return Ok(());
                        }
                        let (line, _) = self.source.line_column(first.start);
                        self.findings.push(
                            Finding::error(
                                "duplicate-key",
                                name.span,
                                format!("the key `{}` stands here a second time", name.value),
                            )
                            .label(format!("first written in line {line}"))
                            .help("keep one of the two"),
                        );
                    } else {
                        seen.insert(name.value.clone(), name.span);
                        members.push((name, node));
                    }
                }
            },
        }
        Ok(())
    }
}

/// A key must be text; merge keys are YAML 1.1 and would silently mean nothing here.
fn as_key(node: Node) -> Result<Spanned<String>, Finding> {
    match node.value {
        Value::Scalar(scalar) if scalar.plain && scalar.text == "<<" => Err(Finding::error(
            "merge-key",
            node.span,
            "merge keys (`<<`) are not part of YAML 1.2",
        )
        .label("expected the name of a key")
        .help("write the members out; `&name` and `*name` repeat a whole value")),
        Value::Scalar(scalar) => Ok(Spanned::new(scalar.text, node.span)),
        _ => Err(Finding::error("key-not-text", node.span, "a key must be text")
            .label(format!("expected text, found {}", node.describe()))
            .help("put a value that begins with `[` or `{` in quotes: inside braces, `${…}` and `PID-3[2]` need them")),
    }
}

fn too_deep(span: Span) -> Finding {
    Finding::error(
        "too-deep",
        span,
        format!("mappings and lists stand more than {DEPTH_MAX} deep in one another"),
    )
    .label("too deep from here on")
    .help("no contract needs this; look for a bracket that is never closed")
}

fn too_many(span: Span) -> Finding {
    Finding::error(
        "too-large",
        span,
        format!(
            "the document has more than {NODES_MAX} values, or its aliases repeat too much text"
        ),
    )
    .label("the limit is reached here")
    .help("write fewer aliases (`*name`), or split the contract")
}

fn weigh(node: &Node) -> Weight {
    let inner = |weight: Weight, node: &Node| {
        let part = weigh(node);
        Weight {
            nodes: weight.nodes + part.nodes,
            bytes: weight.bytes + part.bytes,
            depth: weight.depth.max(part.depth + 1),
        }
    };
    let own = Weight {
        nodes: 1,
        bytes: node.as_text().map_or(0, str::len),
        depth: 0,
    };
    match &node.value {
        Value::Scalar(_) => own,
        Value::Sequence(items) => items.iter().fold(Weight { depth: 1, ..own }, inner),
        Value::Mapping(members) => {
            members
                .iter()
                .fold(Weight { depth: 1, ..own }, |weight, (key, node)| {
                    let weight = inner(weight, node);
                    Weight {
                        bytes: weight.bytes + key.len(),
                        ..weight
                    }
                })
        }
    }
}

/// The tab that indents the line of this place, if one does; where the parser speaks of a tab, also the next line that is not
/// blank.
fn tab_near(text: &str, offset: usize, info: &str) -> Option<usize> {
    let mut start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    for line in text[start..].split_inclusive('\n') {
        let indentation = &line[..line.len() - line.trim_start().len()];
        if let Some(tab) = indentation.find('\t') {
            return Some(start + tab);
        }
        let is_over = !info.contains("tab") || (start > offset && !line.trim().is_empty());
        if is_over {
            break;
        }
        start += line.len();
    }
    None
}

/// The text with blanks for the tabs that part a key or a dash from its value: YAML allows them there (1.2, section 6.1), and the
/// parser does not. Every byte keeps its place.
fn without_tabs_that_part(text: &str, offset: usize) -> Option<String> {
    let before = text[..offset].trim_end_matches([' ', '\t', ':', '-']);
    let stretch = &text[before.len()..];
    let length = stretch.len() - stretch.trim_start_matches([' ', '\t', ':', '-']).len();
    let (parting, rest) = stretch.split_at(length);
    let is_indentation = before.is_empty() || before.ends_with('\n');
    if is_indentation || !parting.contains('\t') {
        return None;
    }
    Some(format!("{before}{}{rest}", parting.replace('\t', " ")))
}

/// What most often lies behind a syntax error at this place.
fn advice(text: &str, offset: usize, info: &str) -> &'static str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or("");
    let indentation: &str = &line[..line.len() - line.trim_start().len()];
    if indentation.contains('\t') || info.contains("tab") {
        "indent with spaces; YAML allows no tabs there"
    } else if line.contains(['{', '[']) && line.contains("${") {
        "inside `{ }` and `[ ]`, put `\"…\"` around a value that holds `${…}`"
    } else if info.contains("mapping values") {
        "put quotes around a value that contains `: `, and check the indentation of this line"
    } else if info.contains("quoted") {
        "close the quote; inside double quotes a quote is written `\\\"`"
    } else if line.trim_start().starts_with(['%', '@', '`'])
        || line.contains(": %")
        || line.contains(": @")
    {
        "put quotes around a value that begins with `%`, `@` or a backtick"
    } else if info.contains("flow") {
        "close every `{` and `[`, and put quotes around values that contain `,`, `[` or `{`"
    } else {
        "check the indentation and the quotes of this line and the one before it"
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn parse(text: &str) -> Node {
        let (node, findings) = read(&Source::new("c.yaml", text));
        assert_eq!(findings, []);
        node.unwrap()
    }

    fn rules(text: &str) -> Vec<&'static str> {
        let (_, findings) = read(&Source::new("c.yaml", text));
        findings.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn every_node_knows_its_place() {
        let text = "# für\nnäme: ü\nflow: { a: [1, 2] }\nblock: |\n  MSH|\n  PID|\nlast:\n  - x\n";
        let root = parse(text);
        let slice = |node: &Node| &text[node.span.start..node.span.end];
        assert_eq!(slice(root.get("näme").unwrap()), "ü");
        assert_eq!(slice(root.get("flow").unwrap()), "{ a: [1, 2] }");
        assert_eq!(slice(root.get("flow").unwrap().get("a").unwrap()), "[1, 2]");
        assert_eq!(root.get("block").unwrap().as_text(), Some("MSH|\nPID|\n"));
        assert!(slice(root.get("block").unwrap()).ends_with("PID|"));
        assert_eq!(slice(root.get("last").unwrap()), "- x");
        assert_eq!(root.span.end, text.trim_end().len());
    }

    #[test]
    fn a_part_of_a_scalar_is_found_in_the_source() {
        let text = "m: |\n  A|${x}|${x}\n  B|${y}\n";
        let source = Source::new("c.yaml", text);
        let root = parse(text);
        let node = root.get("m").unwrap();
        let inner = node.as_text().unwrap();
        let second = inner.rfind("${x}").unwrap();
        let span = node.span_within(&source, Span::new(second, second + 4));
        assert_eq!(span.start, text.rfind("${x}").unwrap());
    }

    #[test]
    fn aliases_are_copies_and_bombs_are_refused() {
        let root = parse("a: &x { n: 1 }\nb: *x\n");
        assert_eq!(root.to_json().to_string(), r#"{"a":{"n":1},"b":{"n":1}}"#);
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            _ = writeln!(bomb, "a{level}: &a{level} [{items}]");
        }
        assert_eq!(rules(&bomb), ["too-large"]);
        let big = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(500_000),
            vec!["*a"; 5000].join(",")
        );
        assert_eq!(rules(&big), ["too-large"]);
        assert_eq!(rules("a: &a [*a]\n"), ["yaml-syntax"]);
    }

    #[test]
    fn depth_is_bounded_in_every_style() {
        assert_eq!(rules(&"[".repeat(200)), ["too-deep"]);
        assert_eq!(rules(&"{a: ".repeat(200)), ["too-deep"]);
        assert_eq!(rules(&"- ".repeat(5000)), ["too-deep"]);
        let mut chain = String::from("a0: &a0 [x]\n");
        for level in 1..100 {
            _ = writeln!(chain, "a{level}: &a{level} [*a{}]", level - 1);
        }
        assert_eq!(rules(&chain), ["too-deep"]);
    }

    #[test]
    fn faults_have_their_rules() {
        assert_eq!(rules(""), ["empty-file"]);
        assert_eq!(rules("# only a comment\n"), ["empty-file"]);
        assert_eq!(rules("a: 1\nb: 2\na: 3\n"), ["duplicate-key"]);
        assert_eq!(rules("a: 1\n---\nb: 2\n"), ["second-document"]);
        assert_eq!(rules("a: !thing 1\n"), ["yaml-tag"]);
        assert_eq!(rules("<<: { a: 1 }\n"), ["merge-key"]);
        assert_eq!(rules("[a, b]: 1\n"), ["key-not-text"]);
        assert_eq!(rules("a: \"never closed\n"), ["yaml-syntax"]);
        assert_eq!(rules("a: b: c\n"), ["yaml-syntax"]);
        assert_eq!(rules(&"x".repeat(BYTES_MAX + 1)), ["too-large"]);
    }

    #[test]
    fn a_long_line_is_read_in_one_walk() {
        let text = format!("[{}]", vec!["ü"; 90_000].join(","));
        let (node, findings) = read(&Source::new("c.yaml", text.as_str()));
        assert_eq!(findings, []);
        let node = node.unwrap();
        let last = node.as_sequence().unwrap().last().unwrap();
        assert_eq!(&text[last.span.start..last.span.end], "ü");
    }

    #[test]
    fn the_string_tag_makes_text() {
        assert_eq!(parse("a: !!str 5\n").to_json().to_string(), r#"{"a":"5"}"#);
    }

    #[test]
    fn other_tags_are_refused_wherever_they_stand() {
        for text in [
            "a: !!int 5\n",
            "a: !!int \"5\"\n",
            "a: !!map {}\n",
            "a: !!str [1]\n",
        ] {
            assert_eq!(rules(text), ["yaml-tag"], "{text}");
        }
    }

    #[test]
    fn tabs_may_part_a_key_from_its_value() {
        let text = "a:\tü\nb: \t2\nc:\n  -\tx\n  - y:\tz\n";
        let root = parse(text);
        let places = [root.get("a").unwrap(), root.get("b").unwrap()];
        let slices = places.map(|node| &text[node.span.start..node.span.end]);
        assert_eq!(slices, ["ü", "2"]);
        assert_eq!(
            root.get("c").unwrap().to_json().to_string(),
            r#"["x",{"y":"z"}]"#
        );
        assert_eq!(
            parse("a: |\n  x:\ty\n").get("a").unwrap().as_text(),
            Some("x:\ty\n")
        );
        assert_eq!(rules("a:\n\tb: 1\n"), ["yaml-syntax"]);
        assert_eq!(rules("a:\t\"never closed\n"), ["yaml-syntax"]);
    }

    #[test]
    fn a_tab_that_indents_is_pointed_at() {
        for text in [
            "a:\n  b: c\n\td: e\n",
            "a:\n\tb: c\n",
            "a:\n  b:\n\t  - c\n",
            "a: b\n\n\tc: d\n",
        ] {
            let (_, findings) = read(&Source::new("c.yaml", text));
            let span = findings[0].span;
            assert_eq!(&text[span.start..span.end], "\t", "{text:?}: {findings:?}");
        }
    }

    #[test]
    fn line_ends_of_either_kind_are_counted() {
        let text = "a: 1\r\nb: 2\r\n";
        let root = parse(text);
        let node = root.get("b").unwrap();
        assert_eq!(&text[node.span.start..node.span.end], "2");
    }
}
