//! Where everything is: printed, and written to a file for those that wait.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wardgate_core::wire::Transport;
use wardgate_expression::{Json, Object, json};
use wardgate_runner::stubs_up::StubsUp;

use crate::{exit::Failure, files};

/// The member that tells a document of ours, and its format.
const MARK: &str = "wardgate_stubs";

/// How much is read of a file before it is known to be none of ours.
const OWN_MAX: u64 = 64 * 1024;

/// The addresses as one JSON object on one line.
pub fn document(up: &StubsUp) -> String {
    let partners: Object = up
        .stubs()
        .iter()
        .map(|stub| {
            let mut shown = Object::new();
            shown.push("protocol", stub.protocol().name());
            shown.push("address", stub.address().to_string());
            if matches!(stub.protocol().transport(), Transport::Http) {
                shown.push("url", format!("http://{}", stub.address()));
            }
            (stub.name().to_owned(), shown)
        })
        .collect();
    let control = up.control().map(|at| format!("http://{at}"));
    json!({ (MARK): 1, "process": std::process::id(), "control": control, "partners": partners })
        .to_string()
}

/// The file that says that everything answers, and where.
pub struct ReadyFile {
    path: PathBuf,
}

impl ReadyFile {
    /// Makes way for it: one that an earlier run left behind is removed, so that nobody takes its addresses for ours.
    /// A file of somebody else's is left alone, and then there is none.
    pub fn prepare(path: &Path) -> Result<Self, Failure> {
        let fault = |why: String| {
            Failure::could_not_run(format!("the ready file {}: {why}", path.display()))
        };
        match fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fault(error.to_string())),
            Ok(found) => {
                let text = if found.is_file() && found.len() <= OWN_MAX {
                    fs::read_to_string(path).unwrap_or_default()
                } else {
                    String::new()
                };
                let is_ours = Json::parse(&text).is_ok_and(|known| known.get(MARK).is_some());
                if !is_ours {
                    return Err(fault(String::from(
                        "it is there already and not of `wardgate stubs up`; choose another --ready-file",
                    )));
                }
                fs::remove_file(path).map_err(|error| fault(error.to_string()))?;
            }
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Writes it in one step.
    pub fn write(&self, document: &str) -> Result<(), Failure> {
        files::write(&self.path, format!("{document}\n").as_bytes())
    }

    /// Removes it, unless somebody else's stands there by now.
    pub fn remove(&self, document: &str) {
        let found = fs::read_to_string(&self.path).unwrap_or_default();
        if found.trim_end() == document {
            // Where it cannot be removed it says an address that nobody answers at, which whoever reads it finds out.
            let _ = fs::remove_file(&self.path);
        }
    }
}
