//! The one place that writes to standard output and standard error. Their readers may leave early
//! (`wardgate contract list | head`): what nobody reads is no fault of ours.
//!
//! What goes to standard output is asked for, so that it could not be written is an error. What goes to standard error
//! is said in passing: whether anybody hears it changes nothing of what a command comes to.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write as _},
    sync::{Mutex, PoisonError},
};

/// Why something could not be printed, other than that nobody reads on.
static FAILURE: Mutex<Option<String>> = Mutex::new(None);

/// Prints a line, as `println!` does, but never panics.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::print::line(format_args!($($text)*))
    };
}
pub(crate) use say;

/// Prints a line. [`say!`] is the way to call it.
pub fn line(text: Arguments<'_>) {
    note(writeln!(io::stdout().lock(), "{text}"));
}

/// Says a line on standard error, as `eprintln!` does, but never panics.
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::print::aside(format_args!($($text)*))
    };
}
pub(crate) use tell;

/// Says a line on standard error, in one write so that lines of several threads stay whole. [`tell!`] is the way to
/// call it.
pub fn aside(text: Arguments<'_>) {
    let _ = io::stderr()
        .lock()
        .write_all(format!("{text}\n").as_bytes());
}

/// Prints bytes as they are.
pub fn bytes(text: &[u8]) {
    note(io::stdout().lock().write_all(text));
}

/// Hands on what is left; the error says why something that was to be read could not be printed.
pub fn finish() -> Result<(), String> {
    note(io::stdout().lock().flush());
    let failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    failure.clone().map_or(Ok(()), Err)
}

fn note(result: io::Result<()>) {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| error.to_string());
        }
        _ => {}
    }
}
