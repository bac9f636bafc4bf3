//! Files, dropped into a folder that the candidate watches.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

/// Drops a file so that it appears whole: written under another name, then renamed. Gives its path.
/// `written` is called before the file appears.
pub(crate) async fn drop_file(
    folder: &Path,
    name: &str,
    content: &[u8],
    written: impl FnOnce(),
) -> io::Result<PathBuf> {
    let name = Path::new(name)
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the file has no name"))?;
    tokio::fs::create_dir_all(folder).await?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".part");
    let part = folder.join(hidden);
    tokio::fs::write(&part, content).await?;
    written();
    let path = folder.join(name);
    tokio::fs::rename(&part, &path).await?;
    Ok(path)
}
