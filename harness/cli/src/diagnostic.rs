//! Findings as text for a terminal. A line, a name or a value in a contract may be as long as the whole file, so what is
//! shown of each is cut to what somebody can read.

use std::fmt::{self, Display};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};
use wardgate_contract::{Finding, Source, report};

use crate::style;

/// The longest line that is shown whole, in bytes.
const LINE_MAX: usize = 240;
/// How much of a longer line is shown before the place that is meant.
const BEFORE: usize = 60;
/// The most bytes of what is said about it.
const WORDS_MAX: usize = 600;

/// A finding with the lines that it speaks of.
pub fn text(source: &Source, finding: &Finding) -> String {
    let theme = if style::colour_on_stderr() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    let short = Short::new(source, finding);
    if handler.render_report(&mut text, &short).is_err() {
        text = short.to_string();
    }
    text
}

/// A finding of which nothing is longer than can be read.
#[derive(Debug)]
struct Short {
    full: wardgate_contract::Diagnostic,
    message: String,
    help: Option<String>,
    label: LabeledSpan,
    code: ShortSource,
}

/// A source whose long lines are cut. Places in it are told by the column that they have in the file.
#[derive(Debug)]
struct ShortSource {
    name: String,
    text: String,
    column: usize,
}

impl Short {
    fn new(source: &Source, finding: &Finding) -> Self {
        let start = source.text.floor_char_boundary(finding.span.start);
        let (text, [start_cut, end_cut]) = cut_lines(&source.text, [start, finding.span.end]);
        let place = SourceSpan::from((start_cut, end_cut.saturating_sub(start_cut)));
        let (_, column) = source.line_column(start);
        let short = Finding {
            message: cut(&finding.message),
            help: finding.help.as_deref().map(cut),
            label: cut(&finding.label),
            ..finding.clone()
        };
        Self {
            // The texts are ours; of the whole diagnostic only its weight and its rule are asked.
            full: report(&Source::new("", ""), &short),
            label: LabeledSpan::new_with_span(Some(short.label), place),
            message: short.message,
            help: short.help,
            code: ShortSource {
                name: source.name.clone(),
                text,
                column: column - 1,
            },
        }
    }
}

fn cut(text: &str) -> String {
    if text.len() <= WORDS_MAX {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(WORDS_MAX)])
}

/// The text with its long lines cut, and where these two offsets lie in it. Of the line with the first of them is kept
/// what stands around it.
fn cut_lines(text: &str, [start, end]: [usize; 2]) -> (String, [usize; 2]) {
    let mut out = String::with_capacity(text.len().min(1 << 16));
    let (mut start_cut, mut end_cut) = (0, 0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let within = |offset: usize| (at..at + line.len()).contains(&offset);
        let mut kept = 0..content.len();
        if content.len() > LINE_MAX {
            let from = if within(start) {
                (start - at).saturating_sub(BEFORE)
            } else {
                0
            };
            let from = content.floor_char_boundary(from.min(content.len()));
            let to = content.floor_char_boundary((from + LINE_MAX).min(content.len()));
            kept = from..to;
        }
        if kept.start > 0 {
            out.push('…');
        }
        let moved = |offset: usize| (offset - at).clamp(kept.start, kept.end) - kept.start;
        if within(start) {
            start_cut = out.len() + moved(start);
        }
        if within(end) {
            end_cut = out.len() + moved(end);
        }
        out.push_str(&content[kept.clone()]);
        if kept.end < content.len() {
            out.push('…');
        }
        out.push_str(&line[content.len()..]);
        at += line.len();
    }
    // A place behind the last character.
    if start >= at {
        start_cut = out.len();
    }
    if end >= at {
        end_cut = out.len();
    }
    (out, [start_cut, end_cut])
}

impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Short {}

impl Diagnostic for Short {
    fn code(&self) -> Option<Box<dyn Display + '_>> {
        self.full.code()
    }

    fn severity(&self) -> Option<Severity> {
        self.full.severity()
    }

    fn help(&self) -> Option<Box<dyn Display + '_>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

impl SourceCode for ShortSource {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, lines_before, lines_after)?;
        // Without its surroundings a place is read to be named: by the column that it has in the file.
        let column = if lines_before == 0 && lines_after == 0 {
            self.column
        } else {
            contents.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use wardgate_contract::Span;

    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place_and_the_place_keeps_its_name() {
        let line = format!("{}needle{}", "é".repeat(50_000), "x".repeat(100_000));
        let source = Source::new("a.yaml", format!("first\n{line}\n{line}\nlast\n"));
        let start = "first\n".len() + 100_000;
        let finding = Finding::error(
            "a-rule",
            Span::new(start, start + "needle".len()),
            "m".repeat(5_000),
        );
        let shown = text(&source, &finding);
        assert!(shown.len() < 4_000, "{} bytes", shown.len());
        assert!(shown.contains("[a.yaml:2:50001]"), "{shown}");
        assert!(shown.contains("éneedlex"), "{shown}");
    }

    #[test]
    fn short_lines_are_shown_as_they_are() {
        let source = Source::new("a.yaml", "a: b\r\ncolour: red\r\n");
        let finding = Finding::error("a-rule", Span::new(6, 12), "unknown");
        let shown = text(&source, &finding);
        assert!(
            shown.contains("[a.yaml:2:1]") && shown.contains("colour: red"),
            "{shown}"
        );
        let end = Finding::error("a-rule", Span::new(19, 19), "there should be more");
        assert!(text(&source, &end).contains("there should be more"));
    }
}
