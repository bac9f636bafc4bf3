//! Barriers: waiting until nothing more can come.

use std::time::Duration;

use wardgate_core::{
    event::{Barrier, EventKind},
    lane::Waiting,
};

use super::Executor;

/// How often a candidate that is not idle is asked again at most.
pub(super) const ASK_EVERY: Duration = Duration::from_millis(50);

/// What an idle candidate answered.
enum Said {
    Idle,
    NotYet(String),
}

impl Executor {
    /// Waits until nothing more can come, and says in the log how that is known, or that it could not be had.
    pub(super) async fn come_to_rest(&mut self) {
        if let Some(barrier) = self.barrier().await {
            self.lane.append(EventKind::Barrier(barrier));
        }
    }

    /// Waits in the same way, but closes nothing: more stimuli follow.
    pub(super) async fn rest(&mut self) {
        self.barrier().await;
    }

    async fn barrier(&mut self) -> Option<Barrier> {
        let (unanswered, open_until) = {
            let mut held = self.lane.lock();
            let fold = held.fold();
            (fold.is_unanswered(), fold.open_until())
        };
        if unanswered || self.ears.exit().is_some() {
            return None;
        }
        // What a contract gives more time is waited for longer.
        let until = (self.lane.elapsed() + self.plan.limits.barrier).max(open_until);
        let had_files = !self.dropped.is_empty();
        let barrier = match self.picked_up(until).await {
            Some(missed) => missed,
            None if self.instance.idle().is_some() => self.idle(until).await,
            None => self.quiet(until, had_files).await,
        };
        self.ears.exit().is_none().then_some(barrier)
    }

    /// Waits until the files that were dropped have left their folder.
    async fn picked_up(&mut self, until: Duration) -> Option<Barrier> {
        let within = self.remaining(until);
        let mut pause = Duration::from_millis(1);
        while let Some(path) = self.dropped.last() {
            if !tokio::fs::try_exists(path).await.unwrap_or(false) {
                self.dropped.pop();
                continue;
            }
            if self.lane.elapsed() >= until || self.ears.exit().is_some() {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                return Some(Barrier::Missed {
                    reason: format!("the file {name} was not picked up within {within:?}"),
                });
            }
            self.ears.hear(tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        None
    }

    /// How long it is until then, in whole milliseconds.
    fn remaining(&self, until: Duration) -> Duration {
        let left = until.saturating_sub(self.lane.elapsed());
        Duration::from_millis(
            u64::try_from(left.as_millis())
                .unwrap_or(u64::MAX)
                .saturating_add(1),
        )
    }

    /// Asks the candidate until it says that it is idle.
    async fn idle(&mut self, until: Duration) -> Barrier {
        let within = self.remaining(until);
        let mut pause = Duration::from_millis(1);
        loop {
            let seen = match self.ask().await {
                Said::Idle => return Barrier::Idle,
                Said::NotYet(seen) => seen,
            };
            if self.lane.elapsed() >= until || self.ears.exit().is_some() {
                return Barrier::Missed {
                    reason: format!("it was not idle within {within:?}: {seen}"),
                };
            }
            self.ears.hear(tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(ASK_EVERY);
        }
    }

    /// Asks once. The answer counts only if nothing crossed a wire while it was asked.
    async fn ask(&mut self) -> Said {
        let before = self.lane.last_wire();
        let Some(idle) = self.instance.idle() else {
            return Said::NotYet(String::from("it cannot be asked"));
        };
        let answer = self.ears.hear(idle.get(self.plan.limits.within)).await;
        // What it had sent before it answered is taken in first.
        tokio::task::yield_now().await;
        match answer {
            Ok(response) if !(200..300).contains(&response.status()) => {
                Said::NotYet(format!("it answered {}", response.status()))
            }
            Err(reason) => Said::NotYet(reason),
            Ok(_) if self.lane.has_delayed() => {
                Said::NotYet(String::from("a late reply of ours is still to come"))
            }
            Ok(_) if self.lane.last_wire() != before => {
                Said::NotYet(String::from("it was still talking"))
            }
            Ok(_) => Said::Idle,
        }
    }

    /// Whether the candidate is idle although something is still open; the log says so then, and it is over.
    /// Only asked when every reply is there: one that still works on a reply may believe itself idle.
    pub(super) async fn is_plainly_idle(&mut self) -> bool {
        let answered = self.lane.lock().fold().waiting(true) == Waiting::Settled;
        if !answered || !self.dropped_are_gone().await {
            return false;
        }
        let idle = matches!(self.ask().await, Said::Idle);
        if idle {
            self.lane.append(EventKind::Barrier(Barrier::Idle));
        }
        idle
    }

    async fn dropped_are_gone(&mut self) -> bool {
        for path in &self.dropped {
            if tokio::fs::try_exists(path).await.unwrap_or(false) {
                return false;
            }
        }
        true
    }

    /// Waits until nothing has crossed a wire for the quiet window.
    async fn quiet(&mut self, until: Duration, had_files: bool) -> Barrier {
        let window = self.instance.quiet().unwrap_or(self.plan.limits.quiet);
        let began = self.lane.elapsed();
        let within = self.remaining(until);
        loop {
            let now = self.lane.elapsed();
            // That a file was picked up crossed no wire, and the work on it begins only then.
            let since = self
                .lane
                .last_wire()
                .max(if had_files { began } else { Duration::ZERO });
            let over = since + window;
            if now >= over && !self.lane.has_delayed() {
                return Barrier::Quiet {
                    window_ms: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
                };
            }
            if now >= until.max(began + window) || self.ears.exit().is_some() {
                return Barrier::Missed {
                    reason: format!(
                        "its wires did not fall silent for {window:?} within {within:?}"
                    ),
                };
            }
            let wait = if now >= over {
                ASK_EVERY
            } else {
                over.saturating_sub(now)
            };
            self.ears.hear(tokio::time::sleep(wait)).await;
        }
    }
}
