//! Findings as miette diagnostics: the source with a mark at the place. Colours are the caller's business.

use std::fmt;

use miette::{LabeledSpan, NamedSource, SourceSpan};

use crate::{Finding, Severity, Source};

/// A finding together with the text that it speaks of.
#[derive(Debug)]
pub struct Diagnostic {
    finding: Finding,
    source: NamedSource<String>,
}

/// Ties a finding to its source, to be rendered by any of miette's handlers.
pub fn report(source: &Source, finding: &Finding) -> Diagnostic {
    Diagnostic {
        finding: finding.clone(),
        source: NamedSource::new(&source.name, source.text.clone()),
    }
}

impl Diagnostic {
    /// The finding.
    pub fn finding(&self) -> &Finding {
        &self.finding
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.finding
            .help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let length = self.source.inner().len();
        let start = self.finding.span.start.min(length);
        let end = self.finding.span.end.clamp(start, length);
        let place = SourceSpan::from((start, end - start));
        let label = Some(self.finding.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            label, place,
        ))))
    }
}
