//! The stream of choices from which every fact is made.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

/// Hands out whole numbers, either fresh from a generator or played back from a list, and remembers them.
///
/// Facts are made from choices alone, and every choice of 0 is the plainest one. A smaller list of words therefore
/// gives a plainer fact, which is all that shrinking needs to know; where the list ends, everything is plain.
pub(crate) struct Choices {
    rng: Option<ChaCha20Rng>,
    words: Vec<u32>,
    next: usize,
}

impl Choices {
    /// Fresh choices.
    pub(crate) fn drawn(rng: ChaCha20Rng) -> Self {
        Self {
            rng: Some(rng),
            words: Vec::new(),
            next: 0,
        }
    }

    /// The choices of an earlier draw, perhaps made smaller.
    pub(crate) fn replayed(words: &[u32]) -> Self {
        Self {
            rng: None,
            words: words.to_vec(),
            next: 0,
        }
    }

    /// Every word handed out so far by a fresh stream, or the whole list of a replayed one.
    pub(crate) fn into_words(self) -> Vec<u32> {
        self.words
    }

    fn word(&mut self) -> u32 {
        if let Some(rng) = &mut self.rng {
            let word = rng.next_u32();
            self.words.push(word);
            return word;
        }
        let word = self.words.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        word
    }

    /// A number from 0 up to but not including `bound` (0 when `bound` is 0), growing with the word behind it.
    ///
    /// The product of word and bound keeps its upper half: no division, the same on every machine, and biased by less
    /// than one in a million for the bounds in use.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.word()) * u64::from(bound);
        u32::try_from(product >> 32)
            .expect("the upper half of a product of two 32-bit numbers has 32 bits")
    }

    /// One of `pool`, the first being the plainest. An empty pool is a mistake of this crate.
    pub(crate) fn pick<T: Copy>(&mut self, pool: &[T]) -> T {
        let length = u32::try_from(pool.len()).expect("pools are short");
        pool[self.below(length) as usize]
    }

    /// Whether something that happens once in `odds` happens; the plain answer is no.
    pub(crate) fn once_in(&mut self, odds: u32) -> bool {
        odds > 0 && self.below(odds) == odds - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn a_replay_makes_the_same_choices_and_is_plain_beyond_its_end() {
        let mut fresh = Choices::drawn(Seed::from_u64(5).rng());
        let drawn: Vec<u32> = (1..40).map(|bound| fresh.below(bound)).collect();
        let words = fresh.into_words();
        let mut again = Choices::replayed(&words);
        assert_eq!(
            (1..40).map(|bound| again.below(bound)).collect::<Vec<_>>(),
            drawn
        );
        assert_eq!(again.below(1_000), 0);
        assert!(!again.once_in(1_000));
    }

    #[test]
    fn choices_cover_their_range() {
        let mut fresh = Choices::drawn(Seed::from_u64(6).rng());
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            seen[fresh.below(7) as usize] += 1;
        }
        assert!(
            seen.iter().all(|&count| (800..1_200).contains(&count)),
            "{seen:?}"
        );
        assert_eq!(fresh.below(0), 0);
    }
}
