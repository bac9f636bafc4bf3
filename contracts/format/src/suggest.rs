//! "Did you mean …?"

/// The candidate that a word was most likely meant to be; none where nothing is near.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
    let word = plain(word);
    // A long word cannot be near and is not worth comparing.
    if word.len() > 60 {
        return None;
    }
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let name = plain(candidate);
            // A word cut short, such as `hl7` for `hl7v2`, is near however much is missing.
            let cut = word.len() >= 3 && name.starts_with(&word);
            let distance = if cut {
                1
            } else {
                strsim::damerau_levenshtein(&word, &name)
            };
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A sentence of help: the nearest candidate, or all of them.
pub fn help(word: &str, candidates: &[impl AsRef<str>]) -> Option<String> {
    if let Some(near) = nearest(word, candidates.iter().map(AsRef::as_ref)) {
        return Some(format!("did you mean `{near}`?"));
    }
    if candidates.is_empty() {
        return None;
    }
    let list: Vec<_> = candidates
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    Some(format!("known here: {}", list.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let keys = [
            "within",
            "status",
            "headers",
            "body",
            "duplicate delivery",
            "each_like",
        ];
        assert_eq!(nearest("withn", keys), Some("within"));
        assert_eq!(nearest("Status", keys), Some("status"));
        assert_eq!(
            nearest("duplicate_delivery", keys),
            Some("duplicate delivery")
        );
        assert_eq!(nearest("eachLike", keys), Some("each_like"));
        assert_eq!(nearest("dup", keys), Some("duplicate delivery"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
