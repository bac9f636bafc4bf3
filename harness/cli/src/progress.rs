//! The live progress line.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wardgate_core::verdict::{CaseVerdict, Outcome};

use crate::print::tell;

/// A line that says how far the run is; on a terminal it moves, elsewhere it is printed at every tenth.
pub struct Progress {
    bar: ProgressBar,
    total: usize,
    done: AtomicUsize,
    bad: AtomicUsize,
    plain: bool,
}

impl Progress {
    /// A line for this many cases.
    pub fn new(total: usize, quiet: bool) -> Self {
        let live = !quiet && std::io::stderr().is_terminal();
        let target = if live {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {pos}/{len} cases  {elapsed}  {msg}")
        {
            bar.set_style(style);
        }
        if live {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self {
            bar,
            total,
            done: AtomicUsize::new(0),
            bad: AtomicUsize::new(0),
            plain: !quiet && !live,
        }
    }

    /// Says what is being run.
    pub fn started(&self, name: &str) {
        self.bar.set_message(name.to_owned());
    }

    /// Counts a case.
    pub fn finished(&self, verdict: &CaseVerdict) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let fine = matches!(verdict.outcome, Outcome::Pass | Outcome::Skip);
        let bad = self.bad.fetch_add(usize::from(!fine), Ordering::Relaxed) + usize::from(!fine);
        self.bar.inc(1);
        let step = self.total.div_ceil(10).max(1);
        if self.plain && done.is_multiple_of(step) && done < self.total {
            tell!("{done}/{} cases, {bad} not passed", self.total);
        }
    }

    /// A case that was counted as passed is not.
    pub fn revised(&self) {
        self.bad.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
