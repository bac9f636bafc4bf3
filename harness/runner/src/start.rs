//! What a run begins with where nobody says otherwise.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

/// A seed that nobody chose: 53 bits, so that every JSON reader keeps it whole.
pub fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 11
}

/// This moment, in milliseconds since 1970-01-01T00:00:00Z: a run's logical start.
pub fn now_unix_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_that_nobody_chose_differ_and_are_whole_in_every_json_reader() {
        let seeds: Vec<u64> = (0..4).map(|_| fresh_seed()).collect();
        assert!(seeds.iter().all(|seed| *seed < 1 << 53));
        assert!(seeds.iter().any(|seed| *seed != seeds[0]));
    }
}
