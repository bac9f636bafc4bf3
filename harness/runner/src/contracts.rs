//! Contract files on disk: found, read and linted, and the regressions files beside them.
//!
//! Whoever runs contracts (the command line, the testkit) loads them here, so that all mean the same files by the same
//! paths and refuse the same ones.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use wardgate_contract::{Finding, Severity, Source, ast::Contract, lint::Vocabulary as _};
use wardgate_core::{lint, plan::Plan, port::Catalog, verdict::CaseVerdict};

use crate::{
    bounded,
    contract_text::{self, Text},
};

/// The deepest folder that is searched: deeper is a loop of links.
const DEPTH_MAX: usize = 32;

/// The largest regressions file, in bytes.
const REGRESSIONS_BYTES_MAX: usize = 1 << 20;

/// What stands at the top of a new regressions file.
const REGRESSIONS_HEAD: &str = "# Seeds of failures of this contract's properties, tried first on every run. Check this file in.\n";

/// Contract files that were read and linted.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The contracts that could be read, ordered by file. Run them only where there are no [errors](Self::errors).
    pub contracts: Vec<Arc<Contract>>,
    /// What is wrong, file by file.
    pub findings: Vec<(Arc<Source>, Finding)>,
    /// How many files could be read.
    pub files: usize,
    /// Paths at which nothing could be read, in the order in which they were come upon.
    pub unreadable: Vec<FilesError>,
}

impl Loaded {
    /// How many findings keep a contract from running.
    pub fn errors(&self) -> usize {
        self.faults().count()
    }

    /// The first of them in one line, with its place.
    pub fn first_error(&self) -> Option<String> {
        let (source, finding) = self.faults().next()?;
        let place = source.place(finding.span.start);
        Some(format!("{place}: {}", finding.message))
    }

    fn faults(&self) -> impl Iterator<Item = &(Arc<Source>, Finding)> {
        let findings = self.findings.iter();
        findings.filter(|(_, finding)| finding.severity == Severity::Error)
    }
}

/// Why files could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file or folder could not be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder holds no contract file: what was to be run from it is somewhere else, and nobody would miss it.
    #[error("there is no contract file (.yaml) at {path}")]
    Empty {
        /// Which.
        path: PathBuf,
    },
    /// A folder lies deeper than any suite does.
    #[error("{path} lies too deep; is there a loop of links?")]
    TooDeep {
        /// Which.
        path: PathBuf,
    },
    /// A line of a regressions file is not a seed and a name.
    #[error("{path}:{line}: expected a seed, a space and a property's name")]
    Regression {
        /// The file.
        path: PathBuf,
        /// The line, from one.
        line: usize,
    },
}

/// Contract files that were found.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, in a stable order.
    pub files: Vec<PathBuf>,
    /// Paths at which there is none, or nothing could be read.
    pub unreadable: Vec<FilesError>,
}

/// Every contract file at these paths: files as named, folders searched for `.yaml` and `.yml`.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        match fs::metadata(path) {
            Ok(kind) if kind.is_dir() => {
                let before = (found.files.len(), found.unreadable.len());
                search(path, 0, &mut found);
                if before == (found.files.len(), found.unreadable.len()) {
                    let path = path.clone();
                    found.unreadable.push(FilesError::Empty { path });
                }
            }
            Ok(_) => found.files.push(path.clone()),
            Err(source) => found.unreadable.push(unreadable(path, source)),
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

/// Reads and lints every contract file at these paths; a file that cannot be read hides nothing of the others.
pub fn load(paths: &[PathBuf], catalog: &Catalog) -> Loaded {
    let found = find(paths);
    let mut loaded = Loaded {
        unreadable: found.unreadable,
        ..Loaded::default()
    };
    let mut read: Vec<Contract> = Vec::new();
    let protocols = catalog.protocols();
    for path in &found.files {
        let (source, reading) = match contract_text::read(path, shown(path)) {
            Ok(Text::Sound(source)) => {
                let source = Arc::new(source);
                (
                    source.clone(),
                    wardgate_contract::read_with(source, &protocols),
                )
            }
            Ok(Text::Foreign(source, finding)) => {
                loaded.files += 1;
                loaded.findings.push((Arc::new(source), finding));
                continue;
            }
            Err(source) => {
                loaded.unreadable.push(unreadable(path, source));
                continue;
            }
        };
        loaded.files += 1;
        let mut findings = reading.findings;
        if let Some(contract) = reading.contract {
            findings.extend(lint::lint(&contract, catalog));
            read.push(contract);
        }
        let tied = findings
            .into_iter()
            .map(|finding| (source.clone(), finding));
        loaded.findings.extend(tied);
    }
    for (index, finding) in lint::lint_set(&read, catalog) {
        loaded.findings.push((read[index].source.clone(), finding));
    }
    loaded.contracts = read.into_iter().map(Arc::new).collect();
    loaded
}

/// A path as reports show it, with `/` between folders.
pub fn shown(path: &Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
        .replace("//", "/")
}

/// The seeds of earlier failures of these contracts' properties as (contract, property, seed), as a plan wants them.
///
/// `adt-a04.yaml` has `adt-a04.regressions` beside it: one failure a line, the seed, a space and the property's name.
/// Lines that begin with `#` are for people.
pub fn regressions(contracts: &[Arc<Contract>]) -> Result<Vec<(String, String, u64)>, FilesError> {
    let mut found = Vec::new();
    for contract in contracts
        .iter()
        .filter(|contract| !contract.properties.is_empty())
    {
        let path = beside(contract);
        if !path.exists() {
            continue;
        }
        let text = bounded::read_text(&path, REGRESSIONS_BYTES_MAX)
            .map_err(|source| unreadable(&path, source))?;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (seed, property) = line
                .split_once(' ')
                .and_then(|(seed, property)| Some((seed.parse().ok()?, property.trim())))
                .ok_or_else(|| FilesError::Regression {
                    path: path.clone(),
                    line: number + 1,
                })?;
            found.push((contract.id.value.clone(), property.to_owned(), seed));
        }
    }
    Ok(found)
}

/// What became of the failing seeds of a run.
#[derive(Debug, Default)]
pub struct Remembered {
    /// The regressions files that were added to.
    pub changed: Vec<PathBuf>,
    /// Seeds that could not be kept.
    pub lost: Vec<LostSeed>,
}

/// A failing seed that could not be kept. The failure itself stands whatever becomes of its seed: contracts may well lie
/// in a folder that nobody writes to.
#[derive(Debug, thiserror::Error)]
#[error(
    "the failing seed could not be kept in {path}: {reason}; add this line to it, and it is tried first from then on: {line}"
)]
pub struct LostSeed {
    /// The regressions file.
    pub path: PathBuf,
    /// The line that it lacks: the seed, a space and the property's name.
    pub line: String,
    /// Why it was not written.
    pub reason: io::Error,
}

/// Adds the failing seeds of these verdicts to the regressions files.
pub fn remember(plan: &Plan, verdicts: &[CaseVerdict]) -> Remembered {
    let mut remembered = Remembered::default();
    for verdict in verdicts {
        let Some(seed) = verdict.regression else {
            continue;
        };
        let case = &plan.cases[verdict.case];
        let path = beside(plan.contract_of(case));
        let line = format!("{seed} {}", case.title);
        match add_line(&path, &line) {
            Ok(true) => remembered.changed.push(path),
            Ok(false) => {}
            Err(reason) => remembered.lost.push(LostSeed { path, line, reason }),
        }
    }
    remembered
}

/// Adds a line to a regressions file that lacks it, and says whether it did.
///
/// It is appended in one write, so that test processes that run side by side lose none of each other's.
fn add_line(path: &Path, line: &str) -> io::Result<bool> {
    let known = match bounded::read_text(path, REGRESSIONS_BYTES_MAX) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if known.lines().any(|known| known.trim() == line) {
        return Ok(false);
    }
    let before = match known.as_bytes().last() {
        None => REGRESSIONS_HEAD,
        Some(b'\n') => "",
        Some(_) => "\n",
    };
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?
        .write_all(format!("{before}{line}\n").as_bytes())?;
    Ok(true)
}

fn beside(contract: &Contract) -> PathBuf {
    Path::new(&contract.source.name).with_extension("regressions")
}

fn unreadable(path: &Path, source: io::Error) -> FilesError {
    FilesError::Read {
        path: path.to_owned(),
        source,
    }
}

fn search(folder: &Path, depth: usize, found: &mut Found) {
    if depth > DEPTH_MAX {
        return found.unreadable.push(FilesError::TooDeep {
            path: folder.to_owned(),
        });
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(source) => return found.unreadable.push(unreadable(folder, source)),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(source) => return found.unreadable.push(unreadable(folder, source)),
        };
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            search(&path, depth + 1, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            found.files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "\
wardgate: 1
contract: a/b
version: 1.0.0
consumer: c
provider: p
workflow: w
properties:
  - name: it holds
    forall: { who: patient }
    steps:
      - send: { http: { method: GET, path: / } }
        expect: { reply: { status: 200 } }
";

    #[test]
    fn folders_are_searched_in_order_and_hidden_files_are_not_contracts() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("deep")).expect("it is made");
        for name in ["b.yaml", "a.yml", "deep/c.yaml", ".d.yaml", "e.txt"] {
            fs::write(root.join(name), "").expect("it is written");
        }
        let found = find(&[root.to_owned(), root.join("b.yaml")]);
        assert!(found.unreadable.is_empty());
        let names: Vec<_> = found
            .files
            .iter()
            .filter_map(|path| path.strip_prefix(root).ok())
            .collect();
        assert_eq!(
            names,
            [
                Path::new("a.yml"),
                Path::new("b.yaml"),
                Path::new("deep/c.yaml")
            ]
        );
        // What is not there hides nothing of what is.
        let found = find(&[root.join("nothing"), root.join("deep")]);
        assert_eq!(found.files.len(), 1);
        let error = found.unreadable[0].to_string();
        assert!(error.contains("nothing cannot be read"), "{error}");
    }

    #[test]
    fn errors_are_counted_and_tied_to_their_file() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), "wardgate: 1\ncolour: red\n").expect("written");
        let loaded = load(&[folder.path().to_owned()], &Catalog::default());
        assert_eq!(loaded.files, 1);
        assert!(loaded.errors() > 0);
        assert!(loaded.findings[0].0.name.ends_with("a.yaml"));
    }

    #[test]
    fn regressions_are_remembered_once_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.yaml");
        let source = Arc::new(Source::new(shown(&path), CONTRACT));
        let reading = wardgate_contract::read(source);
        let contract = Arc::new(reading.contract.expect("it reads well"));
        assert_eq!(
            regressions(std::slice::from_ref(&contract)).expect("none yet"),
            []
        );
        let file = folder.path().join("a.regressions");
        fs::write(&file, "# for people\n17 it holds").expect("it is written");
        let read = regressions(std::slice::from_ref(&contract)).expect("it is sound");
        assert_eq!(read, [(String::from("a/b"), String::from("it holds"), 17)]);
        let catalog = Catalog::new(vec![Arc::new(wardgate_stub_http::Http)]);
        let request = wardgate_core::plan::Request {
            contracts: vec![contract.clone()],
            ..Default::default()
        };
        let plan = wardgate_core::plan::make(request, &catalog).expect("it can be planned");
        let verdict = CaseVerdict {
            case: 0,
            outcome: wardgate_core::verdict::Outcome::Fail,
            verdicts: Vec::new(),
            lane: 0,
            events: (0, 0),
            timeline: Vec::new(),
            duration_ns: 0,
            attempts: 1,
            drawn: String::new(),
            note: None,
            regression: Some(18),
        };
        let verdicts = [verdict.clone(), verdict];
        assert_eq!(
            remember(&plan, &verdicts).changed,
            std::slice::from_ref(&file)
        );
        let text = fs::read_to_string(&file).expect("it is there");
        assert_eq!(text, "# for people\n17 it holds\n18 it holds\n");
        fs::remove_file(&file).expect("it is there");
        assert!(remember(&plan, &verdicts).lost.is_empty());
        let text = fs::read_to_string(&file).expect("it is there");
        assert_eq!(text, format!("{REGRESSIONS_HEAD}18 it holds\n"));
        // Where the file cannot be, nobody may write; this holds for the superuser too.
        fs::remove_file(&file).expect("it is there");
        fs::create_dir(&file).expect("it is made");
        let remembered = remember(&plan, &verdicts[..1]);
        assert!(remembered.changed.is_empty());
        let lost = remembered.lost[0].to_string();
        assert!(
            lost.contains("a.regressions: ") && lost.ends_with(": 18 it holds"),
            "{lost}"
        );
        fs::remove_dir(&file).expect("it is there");
        fs::write(&file, "seventeen it holds\n").expect("it is written");
        let error = regressions(std::slice::from_ref(&contract)).expect_err("no number");
        assert!(error.to_string().contains("a.regressions:1"), "{error}");
    }
}
