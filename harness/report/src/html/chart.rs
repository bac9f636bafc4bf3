//! A dot plot over a logarithmic time axis: one dot a case, so that outliers stay visible.

use std::fmt::Write as _;

use wardgate_core::verdict::Outcome;

use super::markup::{Esc, link};
use crate::text;

/// One dot.
pub struct Dot {
    pub ns: u64,
    pub outcome: Outcome,
    /// The case to go to, where the page has it.
    pub case: Option<usize>,
    pub title: String,
}

const WIDTH: usize = 560;
const LEFT: usize = 12;
/// The distance of two dots, and so the width of a bin.
const STEP: usize = 9;
/// The most dots on top of each other.
const HIGH: usize = 16;

/// A plot of these, with its median, 95th percentile and longest.
pub fn dots(page: &mut String, title: &str, one: &str, mut all: Vec<Dot>) {
    if all.len() < 2 {
        return;
    }
    all.sort_by_key(|dot| (dot.ns, dot.outcome));
    let (low, high) = decades(&all);
    let bins = bins(&all, low, high);
    let fullest = bins.iter().map(Vec::len).max().unwrap_or(1);
    let each = fullest.div_ceil(HIGH).max(1);
    let rows = fullest.div_ceil(each);
    let base = 14 + rows * STEP;
    let height = base + 30;
    let at = |percent: usize| &all[(all.len() - 1) * percent / 100];
    let _ = write!(
        page,
        "<section class=\"card\"><h2>{title}</h2><p class=\"dim\">median <b>{}</b> · 95 % within <b>{}</b> · longest <b>{}</b></p>\
         <svg class=\"plot\" viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"{title}: {}\">",
        text::duration(at(50).ns),
        text::duration(at(95).ns),
        text::duration(at(100).ns),
        WIDTH + 2 * LEFT,
        text::count(all.len(), "value", "values")
    );
    axis(page, low, high, base);
    for (index, bin) in bins.iter().enumerate() {
        let x = LEFT + index * STEP;
        // The worst stand lowest, where the eye is.
        let mut bin: Vec<&&Dot> = bin.iter().collect();
        bin.sort_by_key(|dot| dot.outcome);
        for (row, group) in bin.chunks(each).enumerate() {
            let y = base - 6 - row * STEP;
            let dot = group[0];
            let _ = write!(
                page,
                "<a{} tabindex=\"-1\"><circle class=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"3.6\"><title>{}</title></circle></a>",
                link(dot.case),
                dot.outcome.name(),
                Esc(&text::cut_chars(&dot.title, 200))
            );
        }
    }
    page.push_str("</svg>");
    if each > 1 {
        let _ = write!(
            page,
            "<p class=\"dim\">one dot stands for up to {each} of its kind</p>"
        );
    } else {
        let _ = write!(
            page,
            "<p class=\"dim\">one dot is {one}; time runs logarithmically</p>"
        );
    }
    page.push_str("</section>");
}

/// The powers of ten (in nanoseconds) that hold every value; at least two decades apart.
fn decades(all: &[Dot]) -> (u32, u32) {
    let log = |ns: u64| ns.max(1_000).ilog10();
    let low = all.first().map_or(3, |dot| log(dot.ns));
    let high = all.last().map_or(6, |dot| log(dot.ns)) + 1;
    (low, high.max(low + 2))
}

fn bins(all: &[Dot], low: u32, high: u32) -> Vec<Vec<&Dot>> {
    let mut bins: Vec<Vec<&Dot>> = Vec::new();
    bins.resize_with(WIDTH / STEP + 1, Vec::new);
    for dot in all {
        let index = position(dot.ns, low, high, WIDTH / STEP);
        bins[index].push(dot);
    }
    bins
}

/// Where a value stands on an axis of this length.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a picture; the value is clamped into the axis first"
)]
fn position(ns: u64, low: u32, high: u32, length: usize) -> usize {
    let share = (ns.max(1) as f64).log10() - f64::from(low);
    let share = (share / f64::from(high - low)).clamp(0.0, 1.0);
    (share * length as f64).round() as usize
}

fn axis(page: &mut String, low: u32, high: u32, base: usize) {
    let _ = write!(
        page,
        "<path class=\"axis\" d=\"M{LEFT} {base}H{}\" fill=\"none\" stroke=\"currentColor\"/>",
        LEFT + WIDTH
    );
    for decade in low..=high {
        let ns = 10_u64.saturating_pow(decade);
        let x = LEFT + position(ns, low, high, WIDTH);
        let anchor = match decade {
            _ if decade == low => "start",
            _ if decade == high => "end",
            _ => "middle",
        };
        let x_text = if anchor == "start" { x - LEFT / 2 } else { x };
        let _ = write!(
            page,
            "<path class=\"axis\" d=\"M{x} {base}v5\" fill=\"none\" stroke=\"currentColor\"/>\
             <text x=\"{x_text}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            base + 19,
            label(ns)
        );
    }
}

fn label(ns: u64) -> String {
    match ns {
        0..1_000_000 => format!("{} µs", ns / 1_000),
        1_000_000..1_000_000_000 => format!("{} ms", ns / 1_000_000),
        _ => format!("{} s", ns / 1_000_000_000),
    }
}
