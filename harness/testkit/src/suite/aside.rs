//! What a suite says on standard error, whether or not anybody reads it: no test fails because its log cannot be had.

use std::{fmt::Arguments, io::Write as _};

/// Says a line, as `eprintln!` does, but never panics.
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::suite::aside::line(format_args!($($text)*))
    };
}
pub(crate) use tell;

/// Says a line in one write. [`tell!`] is the way to call it.
pub(crate) fn line(text: Arguments<'_>) {
    let _ = std::io::stderr()
        .lock()
        .write_all(format!("{text}\n").as_bytes());
}
