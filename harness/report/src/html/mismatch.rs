//! One broken expectation: where, what was expected, what came, side by side.

use std::fmt::Write as _;

use super::{
    markup::{Esc, Marked, sign_of},
    source::source,
};
use crate::{
    diff,
    run_file::{MismatchLine, VerdictLine},
    summary::Summary,
    text,
};

/// The most differences of one expectation, and the most bytes of one value.
const SHOWN_MAX: usize = 50;
const VALUE_MAX: usize = 16_384;

/// The expectation with its differences and the lines of the contract that promise it.
pub fn broken(page: &mut String, summary: &Summary, one: &VerdictLine) {
    let _ = write!(
        page,
        "<section class=\"broken {}\"><h4>{} {}</h4><p class=\"dim\"><code>{}</code> · settled: {}</p>",
        if one.outcome == "fail" {
            "fail"
        } else {
            "error"
        },
        sign_of(&one.outcome),
        Esc(&one.expectation),
        Esc(&one.place),
        Esc(&one.settled)
    );
    for found in one.mismatches.iter().take(SHOWN_MAX) {
        difference(page, found);
    }
    if one.mismatches.len() > SHOWN_MAX {
        let _ = write!(
            page,
            "<p class=\"dim\">and {} more</p>",
            one.mismatches.len() - SHOWN_MAX
        );
    }
    if one.mismatches.is_empty() {
        let _ = write!(
            page,
            "<pre class=\"value\">{}</pre>",
            Esc(&text::cut(&one.actual, VALUE_MAX))
        );
    }
    source(page, summary, &one.place);
    page.push_str("</section>");
}

fn difference(page: &mut String, found: &MismatchLine) {
    let expected = text::cut(&found.expected, VALUE_MAX);
    let actual = text::cut(&found.actual, VALUE_MAX);
    let (left, right) = diff::parts(&expected, &actual);
    let at = if found.at.is_empty() {
        String::new()
    } else {
        format!(" at <code>{}</code>", Esc(&found.at))
    };
    let _ = write!(
        page,
        "<div class=\"difference\"><p><b class=\"kind\">{}</b>{at}</p><div class=\"pair\">\
         <div><h5>expected</h5><pre class=\"value want\">{}</pre></div><div><h5>actual</h5><pre class=\"value got\">{}</pre></div>\
         </div></div>",
        Esc(&found.kind),
        Marked(&left),
        Marked(&right)
    );
}
