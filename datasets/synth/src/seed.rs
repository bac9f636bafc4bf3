//! One seed, split by path.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// Hashed in front of a number that seeds a run, so that the key is not the number itself.
const ROOT_TAG: &[u8] = b"wardgate seed 1";

/// A source of reproducible randomness, named by a root and a path.
///
/// A child's key is SHA-256 over the parent's key (32 bytes) and the step's UTF-8 text; a root made from a number has
/// the SHA-256 of a fixed tag and its eight bytes, most significant first. Keys therefore depend on the path alone:
/// drawing more from one seed, or adding a sibling, changes no other seed. The derivation is fixed; changing it
/// changes every data set, and [`GENERATOR_VERSION`](crate::GENERATOR_VERSION) with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed {
    key: [u8; 32],
    root: Root,
    path: String,
}

/// What the path starts from, kept so that a report can print it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Number(u64),
    Bytes([u8; 32]),
}

impl Seed {
    /// The root that a user names with a number.
    pub fn from_u64(number: u64) -> Self {
        let key = Sha256::new()
            .chain_update(ROOT_TAG)
            .chain_update(number.to_be_bytes())
            .finalize()
            .into();
        Self {
            key,
            root: Root::Number(number),
            path: String::new(),
        }
    }

    /// A root of 32 bytes, taken as the key.
    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self {
            key,
            root: Root::Bytes(key),
            path: String::new(),
        }
    }

    /// Reads a root as [`root`](Self::root) prints it: a decimal number below 2^64, or 64 hexadecimal digits.
    /// `None` for anything else.
    pub fn parse_root(text: &str) -> Option<Self> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let mut key = [0; 32];
            for (byte, index) in key.iter_mut().zip((0..64).step_by(2)) {
                *byte = u8::from_str_radix(&text[index..index + 2], 16).ok()?;
            }
            return Some(Self::from_bytes(key));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::from_u64);
        }
        None
    }

    /// The seed one step further down: a name or a number. A slash separates steps, and empty steps do not count, so
    /// `child("case/3")` is `child("case").child(3)` and [`path`](Self::path) leads back here from the root.
    pub fn child(&self, step: impl PathStep) -> Self {
        let text = step.text();
        let text = text.as_ref();
        let mut child = self.clone();
        for name in text.split('/').filter(|name| !name.is_empty()) {
            child.key = Sha256::new()
                .chain_update(child.key)
                .chain_update(name.as_bytes())
                .finalize()
                .into();
            if !child.path.is_empty() {
                child.path.push('/');
            }
            child.path.push_str(name);
        }
        child
    }

    /// A seed that depends on this one and on `other`, in one hash however long the other's path is.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        joined.key = Sha256::new()
            .chain_update(self.key)
            .chain_update(other.key)
            .finalize()
            .into();
        joined.path.push('+');
        joined.path.push_str(&other.path);
        joined
    }

    /// The steps from the root, joined by slashes; empty for a root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The root as text: the number, or the 32 bytes in hexadecimal.
    pub fn root(&self) -> String {
        match &self.root {
            Root::Number(number) => number.to_string(),
            Root::Bytes(bytes) => hexadecimal(bytes),
        }
    }

    /// The 32 bytes of this seed, for generators that take a key of their own.
    pub fn bytes(&self) -> [u8; 32] {
        self.key
    }

    /// A generator that starts from this seed; each call gives the same one.
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.key)
    }
}

impl fmt::Display for Seed {
    /// Root and path: `42` or `42/patient/3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root())?;
        if !self.path.is_empty() {
            write!(f, "/{}", self.path)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({self})")
    }
}

/// What may name a child of a [`Seed`]: text, or a whole number that stands for its decimal digits.
pub trait PathStep {
    /// The step as text.
    fn text(self) -> impl AsRef<str>;
}

impl PathStep for &str {
    fn text(self) -> impl AsRef<str> {
        self
    }
}

impl PathStep for &String {
    fn text(self) -> impl AsRef<str> {
        self
    }
}

impl PathStep for String {
    fn text(self) -> impl AsRef<str> {
        self
    }
}

macro_rules! number_steps {
    ($($number:ty),*) => {$(
        impl PathStep for $number {
            fn text(self) -> impl AsRef<str> {
                self.to_string()
            }
        }
    )*};
}

// `i32` is there so that a bare literal, `child(3)`, needs no suffix.
number_steps!(u32, u64, usize, i32);

/// Lower-case hexadecimal digits of some bytes.
fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every write");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::Rng;

    #[test]
    fn the_derivation_is_the_documented_one_and_does_not_drift() {
        let patient = Seed::from_u64(42).child("patient").child(3);
        assert_eq!(
            hexadecimal(&patient.bytes()),
            GOLDEN,
            "changing this changes every data set: raise GENERATOR_VERSION with it"
        );
        assert_eq!(patient.path(), "patient/3");
        assert_eq!(patient.to_string(), "42/patient/3");
    }

    /// Computed once outside of this crate, with a shell's sha256sum over the documented bytes.
    const GOLDEN: &str = "a8dc63c69aa6b15010c87a05dfe1fcf9d5ba853baa5468bcdb678422b46f8ca9";

    #[test]
    fn a_path_leads_back_to_its_seed() {
        let root = Seed::from_u64(1);
        let deep = root.child("registration/adt-a04").child(7).child("patient");
        assert_eq!(root.child(deep.path()), deep);
        assert_eq!(root.child(""), root);
    }

    #[test]
    fn drawing_more_in_one_place_changes_nothing_elsewhere() {
        let root = Seed::from_u64(9);
        let before = root.child("b").rng().next_u64();
        let mut greedy = root.child("a").rng();
        for _ in 0..1_000 {
            greedy.next_u64();
        }
        assert_eq!(root.child("b").rng().next_u64(), before);
        assert_ne!(root.child("a").rng().next_u64(), before);
        assert_ne!(
            root.child("b").child("a").bytes(),
            root.child("a").child("b").bytes()
        );
    }

    #[test]
    fn roots_print_and_parse() {
        for root in [
            Seed::from_u64(0),
            Seed::from_u64(u64::MAX),
            Seed::from_bytes([0xa5; 32]),
        ] {
            assert_eq!(Seed::parse_root(&root.root()), Some(root));
        }
        for text in ["", "-1", "+1", "18446744073709551616", "seed", "0x10"] {
            assert_eq!(Seed::parse_root(text), None, "{text}");
        }
    }
}
