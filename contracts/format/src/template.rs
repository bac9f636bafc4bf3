//! Text with places to fill: `MRN-${patient.mrn|hl7}`.
//!
//! A place is `${path}`, `${path|filter|filter}` or `${path+5m}`. A path is a name, followed by members (`.name`) and
//! list positions (`[0]`). `$${` writes a literal `${`. What the names mean and what the filters do is the planner's
//! business; here they are only read, so that a typing error is found before anything runs.

use jiff::SignedDuration;

use crate::{Span, duration};

/// A text that was read for its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// A stretch of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that stays as it is.
    Text(String),
    /// A place to fill.
    Reference(Reference),
}

/// One `${…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Which value: at least one segment, the first of them a name.
    pub path: Vec<Segment>,
    /// What is added to a date or time: `+5m` in `${now+5m}`.
    pub offset: Option<SignedDuration>,
    /// What is done with the value, from left to right.
    pub filters: Vec<String>,
    /// Where the whole `${…}` stands, in bytes of the template's text.
    pub span: Span,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A name at the start, or `.name`.
    Name(String),
    /// `[n]`, counted from zero.
    Index(usize),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// Where, in bytes of the template's text.
    pub span: Span,
}

/// Why a template could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`${{{reference}}}` cannot be filled: {message}")]
pub struct FillError {
    /// The place as written, without `${` and `}`.
    pub reference: String,
    /// What the resolver said.
    pub message: String,
    /// Where, in bytes of the template's text.
    pub span: Span,
}

impl Template {
    /// Reads a text. Text without `${` is a template that fills to itself.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find('$').map(|found| at + found) {
            literal.push_str(&text[at..found]);
            let rest = &text[found..];
            if rest.starts_with("$${") {
                literal.push_str("${");
                at = found + 3;
            } else if rest.starts_with("${") {
                let Some(length) = rest.find('}') else {
                    return Err(TemplateError {
                        message: String::from("`${` has no closing `}`"),
                        span: Span::new(found, text.len()),
                    });
                };
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                let span = Span::new(found, found + length + 1);
                let reference = parse_reference(&rest[2..length], span)?;
                pieces.push(Piece::Reference(reference));
                at = span.end;
            } else {
                literal.push('$');
                at = found + 1;
            }
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The stretches in order.
    pub fn segments(&self) -> &[Piece] {
        &self.pieces
    }

    /// The places in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Reference(reference) => Some(reference),
            Piece::Text(_) => None,
        })
    }

    /// The first names of the places, in order, repeated ones each time.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.references().map(Reference::name)
    }

    /// Whether the whole text is one place without filters or offset: then a JSON value takes its place whole, not as
    /// text.
    pub fn is_single_value(&self) -> bool {
        self.single_value().is_some()
    }

    /// The one place that is the whole text, without filters or offset.
    pub fn single_value(&self) -> Option<&Reference> {
        match self.pieces.as_slice() {
            [Piece::Reference(reference)]
                if reference.filters.is_empty() && reference.offset.is_none() =>
            {
                Some(reference)
            }
            _ => None,
        }
    }

    /// The text without any place, where there is none.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Fills every place with what `resolve` gives for it, escaped for where the text stands. Literal text is not
    /// escaped: its author wrote it for that place.
    pub fn fill(
        &self,
        resolve: &dyn Fn(&Reference) -> Result<String, String>,
        escape: &dyn Fn(&str) -> String,
    ) -> Result<String, FillError> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Reference(reference) => {
                    let value = resolve(reference).map_err(|message| FillError {
                        reference: reference.to_string(),
                        message,
                        span: reference.span,
                    })?;
                    filled.push_str(&escape(&value));
                }
            }
        }
        Ok(filled)
    }
}

impl Reference {
    /// The first name of the path.
    pub fn name(&self) -> &str {
        match self.path.first() {
            Some(Segment::Name(name)) => name,
            _ => "",
        }
    }
}

impl std::fmt::Display for Reference {
    /// The path, offset and filters in the notation they were read from, offsets in milliseconds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, segment) in self.path.iter().enumerate() {
            match segment {
                Segment::Name(name) if position == 0 => write!(f, "{name}")?,
                Segment::Name(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        if let Some(offset) = self.offset {
            write!(f, "{:+}ms", offset.as_millis())?;
        }
        self.filters
            .iter()
            .try_for_each(|filter| write!(f, "|{filter}"))
    }
}

/// Reads what stands between `${` and `}`. `span` is that of the whole place.
fn parse_reference(inner: &str, span: Span) -> Result<Reference, TemplateError> {
    let error = |message: String| TemplateError { message, span };
    let mut parts = inner.split('|');
    let value = parts.next().unwrap_or_default().trim();
    if value.is_empty() {
        return Err(error(String::from("`${}` names nothing")));
    }
    let (path, offset) = match value.find(['+', '-']) {
        None => (value, None),
        Some(at) => {
            let length = value[at + 1..].trim();
            let magnitude = duration::parse(length)
                .and_then(|length| SignedDuration::try_from(length).ok())
                .ok_or_else(|| {
                    error(format!(
                        "`{length}` is not a length of time, as in `${{now+5m}}`; names have no `+` or `-`"
                    ))
                })?;
            let negative = value.as_bytes()[at] == b'-';
            (
                value[..at].trim_end(),
                Some(if negative { -magnitude } else { magnitude }),
            )
        }
    };
    let path = parse_path(path).ok_or_else(|| {
        error(format!(
            "`{path}` is not a path, as in `patient.name[0].family`"
        ))
    })?;
    let mut filters = Vec::new();
    for filter in parts {
        let filter = filter.trim();
        let sound = filter.starts_with(|first: char| first.is_ascii_alphabetic())
            && filter
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '-'));
        if !sound {
            return Err(error(format!(
                "`{filter}` is not the name of a filter, as in `${{now|hl7}}`"
            )));
        }
        filters.push(filter.to_owned());
    }
    Ok(Reference {
        path,
        offset,
        filters,
        span,
    })
}

fn parse_path(text: &str) -> Option<Vec<Segment>> {
    let mut path = Vec::new();
    for member in text.split('.') {
        let name_end = member.find('[').unwrap_or(member.len());
        let name = &member[..name_end];
        if !is_name(name) {
            return None;
        }
        path.push(Segment::Name(name.to_owned()));
        let mut rest = &member[name_end..];
        while !rest.is_empty() {
            let inner = rest.strip_prefix('[')?;
            let end = inner.find(']')?;
            let digits = &inner[..end];
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            path.push(Segment::Index(digits.parse().ok()?));
            rest = &inner[end + 1..];
        }
    }
    Some(path)
}

/// Whether a text may name a drawn or captured value: it must also be a FHIRPath identifier.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fill(text: &str) -> String {
        Template::parse(text)
            .unwrap()
            .fill(&|reference| Ok(format!("<{reference}>")), &|value| {
                value.to_owned()
            })
            .unwrap()
    }

    #[test]
    fn places_are_found_among_text() {
        assert_eq!(
            fill("MSH|${now|hl7}||${ patient.name[0].family }^x"),
            "MSH|<now|hl7>||<patient.name[0].family>^x"
        );
        assert_eq!(fill("a$b $5 ${x} $"), "a$b $5 <x> $");
        assert_eq!(fill("$${x} $$${x} $$"), "${x} $${x} $$");
        assert_eq!(fill(""), "");
    }

    #[test]
    fn times_are_shifted() {
        let template = Template::parse("${now+5m} ${today - 30d|date}").unwrap();
        let offsets: Vec<_> = template
            .references()
            .map(|reference| reference.offset.unwrap())
            .collect();
        assert_eq!(
            offsets,
            [
                SignedDuration::from_mins(5),
                SignedDuration::from_hours(-30 * 24)
            ]
        );
    }

    #[test]
    fn only_a_lone_place_stands_for_the_whole_value() {
        assert!(Template::parse("${patient}").unwrap().is_single_value());
        for text in ["${patient} ", "x", "${a}${b}", "${a|hl7}", "${now+1s}", ""] {
            assert!(!Template::parse(text).unwrap().is_single_value(), "{text}");
        }
        assert_eq!(Template::parse("$${x}").unwrap().literal(), Some("${x}"));
        assert_eq!(Template::parse("${x}").unwrap().literal(), None);
    }

    #[test]
    fn values_are_escaped_and_literal_text_is_not() {
        let template = Template::parse("PID|${name}").unwrap();
        let filled = template.fill(&|_| Ok(String::from("a|b")), &|value| {
            value.replace('|', "\\F\\")
        });
        assert_eq!(filled.unwrap(), "PID|a\\F\\b");
    }

    #[test]
    fn a_resolver_that_fails_is_cited() {
        let error = Template::parse("x ${patient.nose}")
            .unwrap()
            .fill(&|_| Err(String::from("no such member")), &|value| {
                value.to_owned()
            })
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`${patient.nose}` cannot be filled: no such member"
        );
        assert_eq!(error.span, Span::new(2, 17));
    }

    #[test]
    fn faults_are_refused_at_their_place() {
        for (text, span, part) in [
            ("x ${now", (2, 7), "closing"),
            ("${}", (0, 3), "nothing"),
            ("${ | hl7}", (0, 9), "nothing"),
            ("${a b}", (0, 6), "path"),
            ("${a..b}", (0, 7), "path"),
            ("${a[x]}", (0, 7), "path"),
            ("${a[99999999999999999999999]}", (0, 29), "path"),
            ("${[0]}", (0, 6), "path"),
            ("${now+5}", (0, 8), "length of time"),
            ("${control-id}", (0, 13), "names have no"),
            ("${now|}", (0, 7), "filter"),
            ("ü ${now|a b}", (3, 13), "filter"),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert_eq!(error.span, Span::new(span.0, span.1), "{text}");
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\$\\{\\}a-z0-9\\[\\].|+ \\-ü]{0,40}") {
            if let Err(error) = Template::parse(&text) {
                prop_assert!(text.get(error.span.start..error.span.end).is_some());
            }
        }

        #[test]
        fn text_without_places_fills_to_itself(text in "[^$]{0,40}") {
            prop_assert_eq!(fill(&text), text);
        }
    }
}
