//! Where two texts differ, so that the eye finds it at once.

/// The most words that are compared one by one; beyond it only what both begin and end with is the same.
const WORDS_MAX: usize = 400;

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The stretch.
    pub text: &'a str,
    /// Whether the other text has something else here.
    pub differs: bool,
}

/// Both texts in stretches that are the same and stretches that differ. Joined, each gives its text again.
///
/// Words are compared whole. Two texts with little in common differ as a whole: scattered marks would hide that.
pub fn parts<'a>(left: &'a str, right: &'a str) -> (Vec<Part<'a>>, Vec<Part<'a>>) {
    if left == right {
        return (whole(left, false), whole(right, false));
    }
    let (one, other) = (words(left), words(right));
    let common = if one.len() <= WORDS_MAX && other.len() <= WORDS_MAX {
        longest_common(&one, &other)
    } else {
        edges(&one, &other)
    };
    let kept: usize = common
        .iter()
        .map(|(index, _)| one[*index].trim().len())
        .sum();
    if kept * 3 < left.len().min(right.len()) {
        return (whole(left, true), whole(right, true));
    }
    let in_left: Vec<usize> = common.iter().map(|(index, _)| *index).collect();
    let in_right: Vec<usize> = common.iter().map(|(_, index)| *index).collect();
    (join(left, &one, &in_left), join(right, &other, &in_right))
}

fn whole(text: &str, differs: bool) -> Vec<Part<'_>> {
    if text.is_empty() {
        return Vec::new();
    }
    vec![Part { text, differs }]
}

/// A text as words (letters and digits together) and single other characters.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

/// The pairs of equal words of a longest common subsequence.
fn longest_common(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    // lengths[i * width + j]: the longest common subsequence of left[i..] and right[j..].
    let mut lengths = vec![0_u16; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            lengths[i * width + j] = if left[i] == right[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            pairs.push((i, j));
            i += 1;
            j += 1;
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

fn edges(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let prefix = left
        .iter()
        .zip(right)
        .take_while(|(one, other)| one == other)
        .count();
    let suffix = left[prefix..]
        .iter()
        .rev()
        .zip(right[prefix..].iter().rev())
        .take_while(|(one, other)| one == other)
        .count();
    let mut pairs: Vec<(usize, usize)> = (0..prefix).map(|index| (index, index)).collect();
    pairs.extend(
        (0..suffix)
            .rev()
            .map(|back| (left.len() - 1 - back, right.len() - 1 - back)),
    );
    pairs
}

/// Stretches of consecutive words that are alike in being common or not.
fn join<'a>(text: &'a str, words: &[&'a str], common: &[usize]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut common = common.iter().peekable();
    let (mut start, mut at) = (0, 0);
    let mut differs = None;
    for (index, word) in words.iter().enumerate() {
        let other = common.next_if(|next| **next == index).is_none();
        if differs.is_some_and(|differs| differs != other) {
            parts.push(Part {
                text: &text[start..at],
                differs: !other,
            });
            start = at;
        }
        differs = Some(other);
        at += word.len();
    }
    if let Some(differs) = differs {
        parts.push(Part {
            text: &text[start..],
            differs,
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(parts: &[Part<'_>]) -> String {
        parts
            .iter()
            .map(|part| {
                if part.differs {
                    format!("[{}]", part.text)
                } else {
                    part.text.to_owned()
                }
            })
            .collect()
    }

    #[test]
    fn only_what_differs_is_marked() {
        let (left, right) = parts("PID|1||4711^^^HOSP", "PID|1||4712^^^HOSP");
        assert_eq!(marked(&left), "PID|1||[4711]^^^HOSP");
        assert_eq!(marked(&right), "PID|1||[4712]^^^HOSP");
        let (left, right) = parts("Weiß, Jürgen", "Weiß, Jürgen Karl");
        assert_eq!(marked(&left), "Weiß, Jürgen");
        assert_eq!(marked(&right), "Weiß, Jürgen[ Karl]");
    }

    #[test]
    fn texts_with_little_in_common_differ_as_a_whole() {
        let (left, right) = parts("exactly 1", "none came");
        assert_eq!(
            (marked(&left), marked(&right)),
            ("[exactly 1]".into(), "[none came]".into())
        );
        let (left, right) = parts("", "x");
        assert_eq!(
            (marked(&left), marked(&right)),
            (String::new(), "[x]".into())
        );
    }

    #[test]
    fn long_texts_keep_their_edges() {
        let body = "word ".repeat(1_000);
        let (left, right) = (format!("{body}a end"), format!("{body}b end"));
        let (one, other) = parts(&left, &right);
        assert_eq!(marked(&one), format!("{body}[a] end"));
        assert_eq!(marked(&other), format!("{body}[b] end"));
    }

    proptest! {
        #[test]
        fn the_parts_give_the_texts_again(left in "[a-c |é]{0,30}", right in "[a-c |é]{0,30}") {
            let (one, other) = parts(&left, &right);
            prop_assert_eq!(one.iter().map(|part| part.text).collect::<String>(), left.clone());
            prop_assert_eq!(other.iter().map(|part| part.text).collect::<String>(), right.clone());
            let same = |parts: &[Part<'_>]| parts.iter().filter(|part| !part.differs).map(|part| part.text).collect::<String>();
            prop_assert_eq!(same(&one), same(&other));
            prop_assert_eq!(left == right, one.iter().chain(&other).all(|part| !part.differs));
        }
    }
}
