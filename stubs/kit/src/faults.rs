//! Which ways of behaving badly are on, and how often still.

use std::time::Duration;

use wardgate_core::port::Fault;

/// How many attempts each kind of fault still has. A new fault replaces an older one of its kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    down: u32,
    slow: (Duration, u32),
    refuse: (Option<String>, u32),
    lose: u32,
    garble: u32,
}

impl Faults {
    /// Turns one on.
    pub(crate) fn set(&mut self, fault: &Fault) {
        match fault {
            Fault::Down { attempts } => self.down = *attempts,
            Fault::Slow { by, attempts } => self.slow = (*by, *attempts),
            Fault::Refuse { with, attempts } => self.refuse = (with.clone(), *attempts),
            Fault::LoseReply { attempts } => self.lose = *attempts,
            Fault::Garble { attempts } => self.garble = *attempts,
        }
    }

    /// Whether connections are reset now.
    pub(crate) fn is_down(&self) -> bool {
        self.down > 0
    }

    /// Uses up one attempt to connect.
    pub(crate) fn take_down(&mut self) -> bool {
        take(&mut self.down)
    }

    /// Uses up one refusal.
    pub(crate) fn take_refusal(&mut self) -> bool {
        take(&mut self.refuse.1)
    }

    /// The words that refusals are to be in, if they were given.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.refuse.0.as_deref()
    }

    /// Uses up one lost reply.
    pub(crate) fn take_loss(&mut self) -> bool {
        take(&mut self.lose)
    }

    /// Uses up one cut reply.
    pub(crate) fn take_cut(&mut self) -> bool {
        take(&mut self.garble)
    }

    /// Uses up one late reply; how late it is.
    pub(crate) fn take_delay(&mut self) -> Option<Duration> {
        take(&mut self.slow.1).then_some(self.slow.0)
    }
}

fn take(attempts: &mut u32) -> bool {
    let some = *attempts > 0;
    *attempts = attempts.saturating_sub(1);
    some
}
