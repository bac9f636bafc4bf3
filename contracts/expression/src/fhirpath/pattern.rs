//! Regular expressions, kept within bounds.

use regex::{Regex, RegexBuilder};

/// How much memory a compiled pattern may take, in bytes.
const SIZE_BYTES_MAX: usize = 1 << 20;

/// Compiles a pattern; `.` matches line ends too, as FHIRPath has it. `whole` makes it match whole texts only.
/// The error is a fragment for a message.
pub(crate) fn compile(pattern: &str, whole: bool) -> Result<Regex, String> {
    let anchored;
    let text = if whole {
        anchored = format!(r"\A(?:{pattern})\z");
        &anchored
    } else {
        pattern
    };
    RegexBuilder::new(text)
        .dot_matches_new_line(true)
        .size_limit(SIZE_BYTES_MAX)
        .build()
        .map_err(|fault| match fault {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
            fault => {
                let text = fault.to_string();
                let reason = text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                format!("not a regular expression: {reason}")
            }
        })
}
