//! Running the built `wardgate` as its users do.

mod command;
mod folder;
pub mod junit;
pub mod processes;

pub use command::{Invocation, Run, Started, root, until, wardgate};
pub use folder::{Folder, Summary, text};

/// `wardgate verify`, its run folders in this folder.
pub fn verify(out: &Folder) -> Invocation {
    wardgate().words("verify --out").arg(out.path())
}
