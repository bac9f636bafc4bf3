//! Control IDs and resource ids that are never given out twice, across restarts too.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

/// A source of identifiers: the microsecond of the start and a counter, in base 36.
///
/// The start fills ten digits until the year 2085, so start and counter cannot run into each other, and an identifier
/// stays within the 20 characters that MSH-10 allows.
#[derive(Debug)]
pub struct Ids {
    start: String,
    next: AtomicU64,
}

impl Ids {
    /// Identifiers of a process that started then.
    pub fn new(started_at: Timestamp) -> Self {
        let start = u64::try_from(started_at.as_microsecond()).unwrap_or_default();
        Self {
            start: base36(start),
            next: AtomicU64::new(0),
        }
    }

    /// The next identifier, beginning with `prefix`.
    pub fn next(&self, prefix: char) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{prefix}{}{}", self.start, base36(number))
    }
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut reversed = Vec::new();
    loop {
        reversed.push(char::from(
            DIGITS[usize::try_from(number % 36).unwrap_or_default()],
        ));
        number /= 36;
        if number == 0 {
            return reversed.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_fit() {
        let ids = Ids::new("2026-07-10T07:30:00Z".parse().unwrap());
        let first = ids.next('H');
        let second = ids.next('H');
        assert_ne!(first, second);
        assert_eq!(first.len(), 12);
        assert_eq!(base36(35), "Z");
        assert_eq!(base36(36), "10");
    }
}
