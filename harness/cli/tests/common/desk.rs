//! A candidate in another language: a small HTTP service in Python.

use std::{path::PathBuf, process::Command, sync::OnceLock};

use super::{Folder, Invocation, verify};

/// What the desk promises, and what breaks it.
const CONTRACT: &str = "\
wardgate: 1
contract: desk/answers
version: 1.0.0
consumer: tests
provider: desk
workflow: desk
interactions:
  - name: it answers
    send: { http: { path: /open } }
    expect: { reply: { status: 200 } }
  - name: it ends
    send: { http: { path: /exit } }
    expect: { reply: { status: 200 } }
  - name: it hangs
    send: { http: { path: /hang } }
    expect: { reply: { within: HANG, status: 200 } }
  - name: it answers again
    send: { http: { path: /open } }
    expect: { reply: { status: 200 } }
";

/// A desk, its contract and its `candidate.toml`, in a folder of their own.
pub struct Desk {
    /// The folder, which runs go to as well.
    pub folder: Folder,
}

impl Desk {
    /// A desk of this mode, whose `/hang` may take so long; none where there is no Python, which is said.
    pub fn new(mode: &str, hang: &str) -> Option<Self> {
        static PYTHON: OnceLock<bool> = OnceLock::new();
        let has_python = PYTHON.get_or_init(|| {
            let version = Command::new("python3").arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        });
        if !has_python {
            eprintln!("skipped: there is no python3 to run the desk with");
            return None;
        }
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/desk.py");
        let words = format!(
            "\"python3\", '{}', \"{mode}\", \"${{ports.http}}\"",
            script.display()
        );
        Some(Self::started_by(&words, "20s", hang))
    }

    /// A desk that never opens: a line of shell that serves nothing.
    pub fn closed(line: &str) -> Self {
        Self::started_by(&format!("\"sh\", \"-c\", \"{line}\""), "1s", "1s")
    }

    fn started_by(words: &str, ready_within: &str, hang: &str) -> Self {
        let folder = Folder::new();
        folder.write("desk.yaml", CONTRACT.replace("HANG", hang));
        let candidate = format!(
            "name = \"desk\"\n\
             command = [{words}, \"${{run.dir}}\"]\n\
             [endpoints]\n\
             http = {{ url = \"http://127.0.0.1:${{ports.http}}\" }}\n\
             [ready]\n\
             tcp = \"http\"\n\
             within = \"{ready_within}\"\n\
             [stop]\n\
             grace = \"50ms\"\n"
        );
        folder.write("candidate.toml", candidate);
        Self { folder }
    }

    /// `wardgate verify` of the desk.
    pub fn verify(&self) -> Invocation {
        verify(&self.folder)
            .within(self.folder.path())
            .words("--candidate candidate.toml desk.yaml")
    }
}
