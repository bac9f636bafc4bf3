//! Reading files that somebody names: never more than there may be, and never from what does not end.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

/// Reads a file of at most `max` bytes. A larger one gives one byte more than that, by which it is known.
///
/// A pipe may never say anything and a device never stop, so nothing but a regular file is opened.
pub fn read(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?;
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        ));
    }
    let most = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a text of at most `max` bytes.
pub fn read_text(path: &Path, max: usize) -> io::Result<String> {
    let bytes = read(path, max)?;
    if bytes.len() > max {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {} KiB", max >> 10),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.split(|byte| *byte == b'\n').count();
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("line {line} is not UTF-8"),
        )
    })
}
