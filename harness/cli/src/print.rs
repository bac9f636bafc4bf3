//! Standard output, whose reader may leave early (`wardgate contract list | head`): what nobody reads is no fault of ours.

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
