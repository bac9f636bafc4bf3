//! The lines of a contract that a verdict speaks of.

use std::fmt::Write as _;

use super::markup::Esc;
use crate::{summary::Summary, text};

const BEFORE: usize = 3;
const AFTER: usize = 3;

/// The lines around `file:line`, the line itself marked; nothing if the run does not hold the file.
pub fn source(page: &mut String, summary: &Summary, place: &str) {
    let Some((file, line)) = place.rsplit_once(':') else {
        return;
    };
    let Some(line) = line.parse::<usize>().ok().filter(|line| *line > 0) else {
        return;
    };
    let contract = summary.run.contracts.iter().find(|one| one.file == file);
    let Some(contract) = contract else { return };
    let first = line.saturating_sub(BEFORE).max(1);
    let shown: Vec<&str> = contract
        .text
        .lines()
        .skip(first - 1)
        .take(line - first + 1 + AFTER)
        .collect();
    if shown.len() <= line - first {
        return;
    }
    page.push_str("<pre class=\"source\" aria-label=\"the contract\">");
    for (index, content) in shown.iter().enumerate() {
        let number = first + index;
        let class = if number == line {
            " class=\"here\""
        } else {
            ""
        };
        let _ = write!(
            page,
            "<span{class}><i>{number:>4}</i> {}\n</span>",
            Esc(&text::cut_chars(content, 300))
        );
    }
    page.push_str("</pre>");
}
