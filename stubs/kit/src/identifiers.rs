//! The identifiers that a stub gives out.

use wardgate_synth::Seed;

/// Lower-case letters and digits without those that are easily taken for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An endless row of identifiers that follow from a seed: the same seed gives the same row.
///
/// All of them are long and drawn from a wide space, so that one seen as a word in later bytes is unmistakable.
#[derive(Clone, Debug)]
pub struct Identifiers {
    key: u64,
    next: u64,
}

impl Identifiers {
    /// The row that belongs to this seed.
    pub fn new(seed: &Seed) -> Self {
        let bytes = seed.bytes();
        let mut key = [0; 8];
        key.copy_from_slice(&bytes[..8]);
        Self {
            key: u64::from_be_bytes(key),
            next: 0,
        }
    }

    /// The next identifier as 20 characters of base 32, a legal FHIR logical id.
    pub fn token(&mut self) -> String {
        let (high, low) = self.draw();
        let mut bits = (u128::from(high) << 64) | u128::from(low);
        let mut text = String::with_capacity(20);
        for _ in 0..20 {
            text.push(char::from(
                ALPHABET[usize::try_from(bits & 31).unwrap_or(0)],
            ));
            bits >>= 5;
        }
        text
    }

    /// The next identifier as a GUID in lower case, of the random kind (RFC 9562, version 4).
    pub fn guid(&mut self) -> String {
        let (high, low) = self.draw();
        let high = (high & !0xf000) | 0x4000;
        let low = (low & !(0b11 << 62)) | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    fn draw(&mut self) -> (u64, u64) {
        self.next += 1;
        let high = mix(self
            .key
            .wrapping_add(self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (high, mix(high ^ self.key.rotate_left(32) ^ self.next))
    }
}

/// A bijection that spreads neighbouring numbers over all 64 bits, so the row does not repeat itself.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_row_and_another_gives_another() {
        let row = |seed: &Seed| {
            let mut identifiers = Identifiers::new(seed);
            (0..5).map(|_| identifiers.token()).collect::<Vec<_>>()
        };
        let seed = Seed::from_u64(7);
        assert_eq!(row(&seed), row(&seed));
        assert_ne!(row(&seed), row(&seed.child("other")));
    }

    #[test]
    fn nothing_is_given_out_twice() {
        let mut identifiers = Identifiers::new(&Seed::from_u64(1));
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            assert!(seen.insert(identifiers.token()));
            assert!(seen.insert(identifiers.guid()));
        }
    }

    #[test]
    fn shapes_are_the_legal_ones() {
        let mut identifiers = Identifiers::new(&Seed::from_u64(3));
        for _ in 0..100 {
            let token = identifiers.token();
            assert_eq!(token.len(), 20);
            assert!(token.bytes().all(|byte| ALPHABET.contains(&byte)));
            let guid = identifiers.guid();
            let groups: Vec<usize> = guid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12]);
            assert_eq!(&guid[14..15], "4");
            assert!(matches!(&guid[19..20], "8" | "9" | "a" | "b"));
        }
    }
}
