//! The watched folder: complete files are read, booked or refused as a whole, and moved out of the way.
//!
//! A writer should write under a name that does not end in `.csv`, or in another folder of the same file system, and
//! rename the finished file into place. One that writes in place is waited for: a file is judged once it ends with the
//! trailer line that closes a batch, or once it has not changed for [`QUIET`], after which nobody is writing any more.

use std::collections::HashMap;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::defect::{Defect, Defects};
use crate::ids::Ids;
use crate::log::note;
use crate::store::{Store, StoreError};
use crate::workflows::batch::{self, BatchError};
use crate::workflows::billing::hex;

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// How long a file without a closing trailer must lie unchanged until it is judged as it is.
const QUIET: Duration = Duration::from_millis(500);
/// How much of a file's end is searched for its trailer line; a longer one is none.
const TRAILER_BYTES_MAX: u64 = 256;
/// Pause after the folder could not be used.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);
/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Whether a batch file waits in the folder.
pub fn has_work(folder: &Path) -> bool {
    std::fs::read_dir(folder)
        .is_ok_and(|entries| entries.flatten().any(|entry| is_batch(&entry.path())))
}

fn is_batch(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "csv") && path.is_file()
}

/// The watcher's own.
pub struct Folder {
    path: PathBuf,
    store: Store,
    ids: Arc<Ids>,
    defects: Defects,
    /// The files of the last look.
    seen: HashMap<PathBuf, Seen>,
}

/// How a file was last seen.
struct Seen {
    /// Size and time of change.
    state: (u64, Option<SystemTime>),
    /// Since when it has been so.
    since: Instant,
}

impl Folder {
    /// A watcher of a folder, which is made with its subfolders.
    pub fn new(path: PathBuf, store: Store, ids: Arc<Ids>, defects: Defects) -> io::Result<Self> {
        for folder in ["archive", "error"] {
            std::fs::create_dir_all(path.join(folder))?;
        }
        Ok(Self {
            path,
            store,
            ids,
            defects,
            seen: HashMap::new(),
        })
    }

    /// Watches for ever. Ends with an error when the database fails.
    pub async fn run(mut self) -> StoreError {
        loop {
            match self.look().await {
                Ok(()) => {}
                Err(LookError::Store(error)) => return error,
                Err(LookError::Io(error)) => {
                    note!("charges folder: {error}");
                    tokio::time::sleep(AFTER_TROUBLE).await;
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// One look: takes in each file that is complete.
    async fn look(&mut self) -> Result<(), LookError> {
        let mut present = HashMap::new();
        let mut complete = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            if !is_batch(&path) {
                continue;
            }
            // A file that was moved away between listing and asking is looked at no more.
            let Ok(about) = std::fs::metadata(&path) else {
                continue;
            };
            let state = (about.len(), about.modified().ok());
            let unchanged = self.seen.get(&path).filter(|seen| seen.state == state);
            let since = unchanged.map_or_else(Instant::now, |seen| seen.since);
            let is_complete =
                unchanged.is_some() && (since.elapsed() >= QUIET || is_closed(&path, about.len()));
            if is_complete {
                complete.push((path.clone(), about.len()));
            }
            present.insert(path, Seen { state, since });
        }
        self.seen = present;
        complete.sort();
        for (path, size) in complete {
            self.take(&path, size).await?;
            self.seen.remove(&path);
        }
        Ok(())
    }

    /// Books or refuses one file, then moves it. A crash between the two leaves the file, whose digest is known then.
    async fn take(&self, path: &Path, size: u64) -> Result<(), LookError> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if size > FILE_BYTES_MAX {
            return Ok(self.set_aside(path, &name, "the file is larger than 16 MiB")?);
        }
        let bytes = tokio::fs::read(path).await?;
        if u64::try_from(bytes.len()) != Ok(size) {
            // It has grown since it was looked at; the next look sees to it.
            return Ok(());
        }
        let digest = hex(&Sha256::digest(&bytes));
        let is_careless = self.defects.has(Defect::BatchTwice);
        let mark = if is_careless {
            self.ids.next('B')
        } else {
            digest[..8].to_owned()
        };
        let mut batch = batch::read(&bytes, &mark, &name, self.defects);
        let is_sound = batch.refusal.is_none();
        let mut work = std::mem::take(&mut batch.work);
        let is_new = self
            .store
            .write(move |transaction| {
                if !is_careless && transaction.is_booked(&digest)? {
                    return Ok(false);
                }
                batch::follow_merges(&mut work, transaction)?;
                transaction.enqueue(&work)?;
                if is_sound {
                    transaction.book(&digest, &Timestamp::now().to_string())?;
                }
                Ok(true)
            })
            .await
            .map_err(LookError::Store)?;
        match batch.refusal {
            None => {
                let note = if is_new {
                    "booked"
                } else {
                    "known already, nothing booked"
                };
                note!("batch file {note}");
                Ok(std::fs::rename(
                    path,
                    free_name(&self.path.join("archive"), &name),
                )?)
            }
            Some(refusal) => Ok(self.set_aside(path, &name, &refusal_text(&refusal))?),
        }
    }

    /// Moves a refused file away, with the reason beside it.
    fn set_aside(&self, path: &Path, name: &str, reason: &str) -> io::Result<()> {
        note!("batch file refused: {reason}");
        let target = free_name(&self.path.join("error"), name);
        let mut note = target.clone().into_os_string();
        note.push(".reason.txt");
        std::fs::write(note, format!("{reason}\n"))?;
        std::fs::rename(path, target)
    }
}

/// Whether a file ends with a whole trailer line. One that cannot be read is not known to.
fn is_closed(path: &Path, size: u64) -> bool {
    let end = || -> io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(size.saturating_sub(TRAILER_BYTES_MAX)))?;
        let mut end = Vec::new();
        file.take(TRAILER_BYTES_MAX).read_to_end(&mut end)?;
        Ok(end)
    };
    end().is_ok_and(|end| batch::ends_with_trailer(&end))
}

fn refusal_text(refusal: &BatchError) -> String {
    refusal.to_string()
}

/// The name itself, or with a number before its ending when it is taken.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let stem = name.strip_suffix(".csv").unwrap_or(name);
    let numbered = (2_u32..).map(|number| folder.join(format!("{stem}.{number}.csv")));
    std::iter::once(folder.join(name))
        .chain(numbered)
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| folder.join(name))
}

enum LookError {
    Store(StoreError),
    Io(io::Error),
}

impl From<io::Error> for LookError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
