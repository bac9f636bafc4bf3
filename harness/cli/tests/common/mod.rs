//! Running the built `wardgate` as its users do.

mod command;
pub mod desk;
mod folder;
pub mod junit;
pub mod processes;

pub use command::{Invocation, Run, Started, root, until, wardgate};
pub use folder::{Folder, Summary, text};

/// `wardgate verify`, its run folders in this folder.
pub fn verify(out: &Folder) -> Invocation {
    wardgate().words("verify --out").arg(out.path())
}

/// A `candidate.toml` for the reference hub, with this defect where one is named.
pub fn hub_candidate(defect: &str) -> String {
    let hub = include_str!("../../src/hub-candidate.toml");
    if defect.is_empty() {
        return hub.to_owned();
    }
    let command = format!("\"hub\", \"--defect\", \"{defect}\",");
    let with = hub.replacen("\"hub\",", &command, 1);
    assert_ne!(with, hub, "the hub is started otherwise");
    with
}
