//! Small pieces of markup; the one place where outside text becomes HTML.

use std::fmt;

use wardgate_core::verdict::Outcome;

use crate::{diff::Part, text};

/// Outside text, fit for an element or a quoted attribute; line feeds and tabs stay.
#[derive(Clone, Copy, Debug)]
pub struct Esc<'a>(pub &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        // Most of what a page says is short and plain, and there is much of it.
        if self
            .0
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !special(byte))
        {
            return f.write_str(self.0);
        }
        let shown = text::lines(self.0);
        let mut rest = shown.as_ref();
        while let Some(at) = rest.bytes().position(special) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// Stretches of a text, those that differ marked.
#[derive(Clone, Copy, Debug)]
pub struct Marked<'a>(pub &'a [Part<'a>]);

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0 {
            if part.differs {
                write!(f, "<mark>{}</mark>", Esc(part.text))?;
            } else {
                write!(f, "{}", Esc(part.text))?;
            }
        }
        Ok(())
    }
}

/// The attribute that makes an `a` lead to a case, if the page has it.
pub fn link(case: Option<usize>) -> String {
    case.map_or_else(String::new, |case| format!(" href=\"#c{case}\""))
}

/// The sign of an outcome: its shape says as much as its colour.
pub fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "<span class=\"sign pass\" role=\"img\" aria-label=\"passed\">✓</span>",
        Outcome::Fail => "<span class=\"sign fail\" role=\"img\" aria-label=\"failed\">✕</span>",
        Outcome::Error => "<span class=\"sign error\" role=\"img\" aria-label=\"error\">!</span>",
        Outcome::Skip => "<span class=\"sign skip\" role=\"img\" aria-label=\"skipped\">–</span>",
    }
}

/// The same for the name of an outcome, as it stands in a run file.
pub fn sign_of(name: &str) -> &'static str {
    let known = [Outcome::Pass, Outcome::Fail, Outcome::Skip];
    let found = known.into_iter().find(|outcome| outcome.name() == name);
    sign(found.unwrap_or(Outcome::Error))
}
