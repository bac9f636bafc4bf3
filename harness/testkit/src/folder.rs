//! A folder for what candidates leave behind.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A new folder under the system's folder for temporary files, removed when this is dropped unless it is kept.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    /// Makes one that nobody else has.
    pub(crate) fn new() -> Result<Self, String> {
        let parent = std::env::temp_dir();
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("wardgate-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path, kept: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot make {}: {error}", path.display())),
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it where it is, for people to look into.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is the system's to clean up.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_unless_it_is_kept() {
        let (one, mut other) = (Folder::new().expect("made"), Folder::new().expect("made"));
        let (gone, kept) = (one.path().to_owned(), other.path().to_owned());
        assert_ne!(gone, kept);
        other.keep();
        drop((one, other));
        assert!(!gone.exists() && kept.exists());
        fs::remove_dir_all(kept).expect("it is there");
    }
}
