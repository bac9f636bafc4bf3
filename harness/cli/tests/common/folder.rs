//! Run folders: what a run leaves behind.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder that runs go to.
pub struct Folder {
    path: PathBuf,
    /// Removes it with its test.
    _guard: Option<TempDir>,
}

impl Folder {
    /// A new, empty folder, removed with the test.
    pub fn new() -> Self {
        let guard = tempfile::tempdir().expect("a folder can be had");
        Self {
            path: guard.path().to_owned(),
            _guard: Some(guard),
        }
    }

    /// A new, empty folder for a run that several tests look at. Statics are never dropped, so what processes that are gone
    /// left behind is removed here.
    pub fn shared(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-runs");
        fs::create_dir_all(&home).expect("the folder can be made");
        for entry in fs::read_dir(&home)
            .expect("the folder can be read")
            .flatten()
        {
            if !Path::new("/proc").join(entry.file_name()).exists() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let path = home.join(std::process::id().to_string()).join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Self { path, _guard: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the folder can be made");
        }
        fs::write(&path, content).expect("it can be written");
        path
    }

    /// Reads a file of the run that `latest` points to.
    #[track_caller]
    pub fn latest(&self, name: &str) -> String {
        let path = self.path().join("latest").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The run folders in it, the oldest first.
    pub fn runs(&self) -> Vec<PathBuf> {
        let mut runs: Vec<PathBuf> = fs::read_dir(self.path())
            .expect("the folder can be read")
            .map(|entry| entry.expect("the folder can be read").path())
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("run-"))
            })
            .collect();
        runs.sort();
        runs
    }

    /// The summary of the run that `latest` points to.
    #[track_caller]
    pub fn summary(&self) -> Summary {
        Summary(serde_json::from_str(&self.latest("summary.json")).expect("it is JSON"))
    }
}

/// `summary.json`, or what `--json` prints.
#[derive(Clone, Debug)]
pub struct Summary(pub Value);

impl Summary {
    /// A number of `counts`.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        self.0["counts"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("there is no count of {name}: {}", self.0))
    }

    /// Each case's name and outcome, in the order of the plan.
    pub fn outcomes(&self) -> Vec<(String, String)> {
        self.cases()
            .iter()
            .map(|case| (text(case, "name"), text(case, "outcome")))
            .collect()
    }

    /// The cases.
    #[track_caller]
    pub fn cases(&self) -> &[Value] {
        self.0["cases"].as_array().expect("there are cases")
    }
}

/// A text in a JSON object.
#[track_caller]
pub fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("there is no text '{name}' in {value}"))
        .to_owned()
}
