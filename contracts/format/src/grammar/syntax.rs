//! The notations of single values.

use crate::{duration, template::is_name};

/// The notation of a single value.
#[derive(Debug)]
pub struct Syntax {
    /// What it is, with its article: `a length of time`.
    pub what: &'static str,
    /// An example.
    pub example: &'static str,
    /// Its pattern for the JSON Schema (ECMA 262); none admits any text.
    pub pattern: Option<&'static str>,
    /// What may follow the notation though YAML takes it for more than text when it is not quoted.
    pub unquoted: Unquoted,
    /// Whether a text follows the notation.
    pub admits: fn(&str) -> bool,
}

/// What YAML takes for more than text.
#[derive(Clone, Copy, Debug)]
pub enum Unquoted {
    /// Nothing: only text follows the notation.
    Nothing,
    /// Numbers from the first to the second.
    Numbers(u32, u32),
    /// Numbers and booleans.
    Anything,
}

impl Syntax {
    /// `a length of time, such as 2s`.
    pub fn describe(&self) -> String {
        if self.pattern.is_some() {
            format!("{}, such as `{}`", self.what, self.example)
        } else {
            self.what.to_owned()
        }
    }
}

/// Any text but none.
pub static TEXT: Syntax = Syntax {
    what: "text",
    example: "a few words",
    pattern: None,
    unquoted: Unquoted::Anything,
    admits: |text| !text.is_empty(),
};

/// A name that reports and command lines show as it is.
pub static LINE: Syntax = Syntax {
    what: "a line of text without control characters",
    example: "an A04 registers the patient",
    pattern: Some("^[^\\u0000-\\u001f\\u007f-\\u009f]+$"),
    unquoted: Unquoted::Anything,
    admits: |text| !text.is_empty() && !text.chars().any(char::is_control),
};

/// The version of the format.
pub static FORMAT_VERSION: Syntax = Syntax {
    what: "a format version that this Wardgate reads",
    example: "1",
    pattern: Some("^1$"),
    unquoted: Unquoted::Numbers(1, 1),
    admits: |text| text == "1",
};

/// A contract's id.
pub static CONTRACT_ID: Syntax = Syntax {
    what: "a contract id: lower-case letters, digits, `-`, `_` and `.` in parts between `/`",
    example: "registration/adt-a04",
    pattern: Some("^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$"),
    unquoted: Unquoted::Anything,
    admits: |text| text.split('/').all(is_slug),
};

/// A word such as a workflow, an owner or an endpoint.
pub static SLUG: Syntax = Syntax {
    what: "a name: lower-case letters, digits, `-`, `_` and `.`",
    example: "registration",
    pattern: Some("^[a-z0-9][a-z0-9._-]*$"),
    unquoted: Unquoted::Anything,
    admits: is_slug,
};

/// A name that expressions use: `%patient`, `ledger.customers`.
pub static NAME: Syntax = Syntax {
    what: "a name: letters, digits and `_`",
    example: "patient",
    pattern: Some("^[A-Za-z_][A-Za-z0-9_]*$"),
    unquoted: Unquoted::Anything,
    admits: is_name,
};

/// A semantic version.
pub static VERSION: Syntax = Syntax {
    what: "a semantic version",
    example: "1.2.0",
    pattern: Some(
        "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$",
    ),
    unquoted: Unquoted::Nothing,
    admits: is_semantic_version,
};

/// A length of time.
pub static DURATION: Syntax = Syntax {
    what: "a length of time",
    example: "2s",
    pattern: Some("^\\s*[0-9]{1,15}(\\.[0-9]{1,9})?\\s*(ms|s|m|min|h|d)\\s*$"),
    unquoted: Unquoted::Nothing,
    admits: |text| duration::parse(text).is_some(),
};

/// A whole number from one.
pub static POSITIVE: Syntax = Syntax {
    what: "a whole number from 1 to 100000",
    example: "200",
    pattern: Some("^[1-9][0-9]{0,5}$"),
    unquoted: Unquoted::Numbers(1, 100_000),
    admits: |text| parse_positive(text).is_some(),
};

/// A whole number from zero.
pub static COUNT: Syntax = Syntax {
    what: "a whole number",
    example: "1",
    pattern: Some("^(0|[1-9][0-9]{0,8})$"),
    unquoted: Unquoted::Numbers(0, 999_999_999),
    admits: |text| parse_count(text).is_some(),
};

/// How many, in a word or a number.
pub static BOUND: Syntax = Syntax {
    what: "a number of times: N, `at least N`, `at most N` or `absent`",
    example: "1",
    pattern: Some("^(absent|((at least|at most) )?(0|[1-9][0-9]{0,8}))$"),
    unquoted: Unquoted::Numbers(0, 999_999_999),
    admits: |text| parse_bound(text).is_some(),
};

/// How many attempts.
pub static ATTEMPTS: Syntax = Syntax {
    what: "a number of attempts",
    example: "2 attempts",
    pattern: Some("^[1-9][0-9]{0,5}( (attempts?|replies|reply))?$"),
    unquoted: Unquoted::Numbers(1, 100_000),
    admits: |text| parse_attempts(text).is_some(),
};

/// An expression over JSON.
pub static EXPRESSION: Syntax = Syntax {
    what: "a FHIRPath expression",
    example: "name.first().family = %patient.family",
    pattern: None,
    unquoted: Unquoted::Anything,
    admits: |text| !text.is_empty(),
};

/// Text that may hold `${…}`.
pub static TEMPLATE: Syntax = Syntax {
    what: "text that may hold `${…}`",
    example: "${patient.mrn}",
    pattern: None,
    unquoted: Unquoted::Anything,
    admits: |_| true,
};

/// Where a captured value comes from.
pub static CAPTURE: Syntax = Syntax {
    what: "a place to take a value from",
    example: "reply.fhirpath(\"id\")",
    pattern: Some(
        "^(reply|[A-Za-z_][A-Za-z0-9_]*\\.received)\\.[A-Za-z_][A-Za-z0-9_]*\\((\".*\"|'.*')\\)$",
    ),
    unquoted: Unquoted::Nothing,
    admits: |text| crate::read::parse_capture(text).is_some(),
};

fn is_slug(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().next().is_some_and(lower)
        && text
            .bytes()
            .all(|byte| lower(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

/// Semantic Versioning 2.0.0: three numbers without leading zeros, then a pre-release and build data.
fn is_semantic_version(text: &str) -> bool {
    let (text, build) = text
        .split_once('+')
        .map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, release) = text
        .split_once('-')
        .map_or((text, None), |(core, release)| (core, Some(release)));
    let numeric = |part: &str| {
        !part.is_empty()
            && part.len() <= 18
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let identifier = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    core.split('.').count() == 3
        && core.split('.').all(numeric)
        && release.is_none_or(|release| release.split('.').all(identifier))
        && build.is_none_or(|build| build.split('.').all(identifier))
}

fn parse_count(text: &str) -> Option<u32> {
    let sound = (text == "0" || !text.starts_with('0'))
        && text.len() <= 9
        && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

fn parse_positive(text: &str) -> Option<u32> {
    parse_count(text).filter(|number| (1..=100_000).contains(number))
}

/// Reads `1`, `0`, `at least 1`, `at most 2` or `absent` as the fewest and the most.
pub fn parse_bound(text: &str) -> Option<(u32, Option<u32>)> {
    if text == "absent" {
        return Some((0, Some(0)));
    }
    if let Some(number) = text.strip_prefix("at least ") {
        return Some((parse_count(number)?, None));
    }
    if let Some(number) = text.strip_prefix("at most ") {
        return Some((0, Some(parse_count(number)?)));
    }
    let number = parse_count(text)?;
    Some((number, Some(number)))
}

/// Reads `2`, `2 attempts`, `1 attempt`, `3 replies`.
pub fn parse_attempts(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, "attempts"));
    matches!(unit, "attempt" | "attempts" | "reply" | "replies")
        .then(|| parse_positive(number))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_readers_agree() {
        let samples = [
            "",
            "1",
            "0",
            "01",
            "2",
            "200",
            "100000",
            "999999",
            "1.2.0",
            "1.2",
            "01.2.3",
            "1.2.3-rc.1+b5",
            "1.2.3-",
            "a",
            "A",
            "a/b",
            "a//b",
            "/a",
            "adt-a04",
            "a b",
            "patient",
            "2patient",
            "_x",
            "2s",
            "2 s",
            "2.5s",
            "s",
            "at least 1",
            "at most 0",
            "at least",
            "absent",
            "2 attempts",
            "1 reply",
            "0 attempts",
            "2 things",
            "reply.fhirpath(\"id\")",
            "ehr.received.at('MSH-10')",
            "reply.id",
            "at",
            "ü",
        ];
        let syntaxes = [
            &TEXT,
            &FORMAT_VERSION,
            &CONTRACT_ID,
            &SLUG,
            &NAME,
            &VERSION,
            &DURATION,
            &COUNT,
            &BOUND,
            &CAPTURE,
        ];
        for syntax in syntaxes {
            assert!((syntax.admits)(syntax.example), "{}", syntax.what);
            let Some(pattern) = syntax.pattern else {
                continue;
            };
            let pattern = regex::Regex::new(pattern).unwrap();
            for sample in samples {
                assert_eq!(
                    pattern.is_match(sample),
                    (syntax.admits)(sample),
                    "{}: {sample:?}",
                    syntax.what
                );
            }
        }
        // These patterns leave the upper bound to the reader.
        for syntax in [&POSITIVE, &ATTEMPTS] {
            let pattern = regex::Regex::new(syntax.pattern.unwrap()).unwrap();
            for sample in samples.into_iter().filter(|sample| *sample != "999999") {
                assert_eq!(
                    pattern.is_match(sample),
                    (syntax.admits)(sample),
                    "{sample:?}"
                );
            }
            assert!(!(syntax.admits)("999999"));
        }
    }
}
