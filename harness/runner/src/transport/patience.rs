//! How long a peer may take over one message.
//!
//! The time runs from when a message has begun until it is whole: more bytes of it win none. What is whole at once, as
//! nearly every message is, costs no look at the clock and no timer.

use std::{future::pending, time::Duration};

use tokio::time::{Instant, sleep_until};

/// The time limit on the message that is unfinished, if there is one.
#[derive(Debug)]
pub(crate) struct Patience {
    within: Duration,
    until: Option<Instant>,
}

impl Patience {
    /// Nothing has begun; what will may take so long.
    pub(crate) fn new(within: Duration) -> Self {
        Self {
            within,
            until: None,
        }
    }

    /// Takes note of how things stand after what has arrived was looked at: whether a message was `completed` since the
    /// last time, and whether one is `partial` now. Says whether its time is over.
    pub(crate) fn is_over(&mut self, completed: bool, partial: bool) -> bool {
        if !partial {
            self.until = None;
            return false;
        }
        let now = Instant::now();
        match self.until {
            Some(until) if !completed => until <= now,
            _ => {
                self.until = now.checked_add(self.within);
                false
            }
        }
    }

    /// Waits until the time is over; for ever where nothing is unfinished.
    pub(crate) async fn over(&self) {
        match self.until {
            Some(until) => sleep_until(until).await,
            None => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_message_that_was_completed_gives_the_next_its_own_time() {
        let mut patience = Patience::new(Duration::from_secs(30));
        assert!(!patience.is_over(true, false));
        assert_eq!(patience.until, None);
        assert!(!patience.is_over(false, true));
        let first = patience.until.expect("a message has begun");
        assert!(!patience.is_over(false, true));
        assert_eq!(patience.until, Some(first), "more bytes win no time");
        std::thread::sleep(Duration::from_millis(1));
        assert!(!patience.is_over(true, true));
        assert!(patience.until.is_some_and(|until| until > first));
        assert!(!patience.is_over(true, false));
        assert_eq!(patience.until, None);
    }

    #[test]
    fn the_time_is_over_also_where_bytes_never_cease() {
        let mut patience = Patience::new(Duration::ZERO);
        assert!(!patience.is_over(false, true));
        assert!(patience.is_over(false, true));
        assert!(!patience.is_over(false, false));
    }
}
