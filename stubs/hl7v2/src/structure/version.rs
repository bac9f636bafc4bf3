//! The versions of the standard that facts are held for.

use crate::message::Message;

/// A version of HL7 v2 whose structures are known, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2.3
    V2_3,
    /// 2.3.1
    V2_3_1,
    /// 2.4
    V2_4,
    /// 2.5
    V2_5,
    /// 2.5.1
    V2_5_1,
    /// 2.6
    V2_6,
    /// 2.7
    V2_7,
    /// 2.8
    V2_8,
}

impl Version {
    /// Every one, oldest first.
    pub const ALL: [Self; 8] = [
        Self::V2_3,
        Self::V2_3_1,
        Self::V2_4,
        Self::V2_5,
        Self::V2_5_1,
        Self::V2_6,
        Self::V2_7,
        Self::V2_8,
    ];

    /// As MSH-12 writes it, such as `2.5.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2_3 => "2.3",
            Self::V2_3_1 => "2.3.1",
            Self::V2_4 => "2.4",
            Self::V2_5 => "2.5",
            Self::V2_5_1 => "2.5.1",
            Self::V2_6 => "2.6",
            Self::V2_7 => "2.7",
            Self::V2_8 => "2.8",
        }
    }

    /// The version whose rules a message is read by: the one that MSH-12 declares, or else the nearest before it, or the
    /// first. What cannot be read counts as 2.5.1.
    pub fn of(message: &Message<'_>) -> Self {
        Self::nearest(&message.header().version())
    }

    /// The same for the text of MSH-12.1.
    pub fn nearest(text: &str) -> Self {
        let Some(asked) = numbers(text) else {
            return Self::V2_5_1;
        };
        let mut known = Self::ALL.into_iter().rev();
        known
            .find(|version| numbers(version.as_str()).is_some_and(|numbers| numbers <= asked))
            .unwrap_or(Self::V2_3)
    }

    /// Reads a span of the fact tables, `2.5` or `2.5-2.6`.
    pub(super) fn span(text: &str) -> Option<(Self, Self)> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let named = |text: &str| {
            Self::ALL
                .into_iter()
                .find(|version| version.as_str() == text)
        };
        Some((named(first)?, named(last)?))
    }
}

fn numbers(text: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.trim().split('.');
    numbers[0] = parts.next()?.parse().ok()?;
    for number in &mut numbers[1..] {
        *number = parts
            .next()
            .and_then(|part| part.parse().ok())
            .unwrap_or_default();
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_one_before_rules() {
        for (text, version) in [
            ("2.3", Version::V2_3),
            ("2.1", Version::V2_3),
            ("2.3.2", Version::V2_3_1),
            ("2.5.1", Version::V2_5_1),
            ("2.5.2", Version::V2_5_1),
            ("2.7.1", Version::V2_7),
            ("2.8.2", Version::V2_8),
            ("2.9", Version::V2_8),
            ("", Version::V2_5_1),
            ("two", Version::V2_5_1),
        ] {
            assert_eq!(Version::nearest(text), version, "{text}");
        }
    }

    #[test]
    fn spans_name_known_versions() {
        assert_eq!(
            Version::span("2.3-2.5.1"),
            Some((Version::V2_3, Version::V2_5_1))
        );
        assert_eq!(Version::span("2.4"), Some((Version::V2_4, Version::V2_4)));
        assert_eq!(Version::span("2.9"), None);
    }
}
