//! What the hub says on standard error, whether or not anybody reads it: a service must not end because its log has.

use std::fmt::Arguments;
use std::io::Write as _;

/// Says a line, as `eprintln!` does, but never panics.
macro_rules! note {
    ($($text:tt)*) => {
        $crate::log::line(format_args!($($text)*))
    };
}
pub(crate) use note;

/// Says a line in one write, so that lines of several threads stay whole. [`note!`] is the way to call it.
pub(crate) fn line(text: Arguments<'_>) {
    let text = format!("hub: {text}\n");
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
