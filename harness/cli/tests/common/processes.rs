//! Processes, as `/proc` shows them.

use std::{fs, path::Path};

use super::command::until;

/// A process: its id and when it started, so that an id that was given out again is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
    started: u64,
}

impl Process {
    /// Its id.
    pub fn id(self) -> u32 {
        self.id
    }

    /// Whether it runs; one that has ended and only waits to be reaped does not.
    pub fn runs(self) -> bool {
        look(self.id).is_some_and(|seen| seen.process == self && seen.state != 'Z')
    }
}

struct Seen {
    process: Process,
    parent: u32,
    state: char,
}

fn look(id: u32) -> Option<Seen> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Seen {
        process: Process {
            id,
            started: fields.get(19)?.parse().ok()?,
        },
        parent: fields.get(1)?.parse().ok()?,
        state: fields.first()?.chars().next()?,
    })
}

fn all() -> Vec<Seen> {
    fs::read_dir("/proc")
        .expect("/proc can be read")
        .flatten()
        .filter_map(|entry| look(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Everything that this process has started, and what that has started.
pub fn descendants(of: u32) -> Vec<Process> {
    let all = all();
    let mut parents = vec![of];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        for child in all.iter().filter(|seen| seen.parent == parent) {
            parents.push(child.process.id);
            found.push(child.process);
        }
    }
    found
}

/// Every process whose command line speaks of this folder.
pub fn speaking_of(folder: &Path) -> Vec<Process> {
    let folder = folder.to_string_lossy().into_owned();
    all()
        .into_iter()
        .filter(|seen| {
            fs::read(format!("/proc/{}/cmdline", seen.process.id))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&folder))
        })
        .map(|seen| seen.process)
        .collect()
}

/// Waits until none of these runs.
#[track_caller]
pub fn until_gone(processes: &[Process]) {
    until("they are gone", || !processes.iter().any(|one| one.runs()));
}
