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

/// The deepest folder that is searched: deeper is a loop of links.
const DEPTH_MAX: usize = 32;

/// What stands at the top of a new regressions file.
const REGRESSIONS_HEAD: &str = "# Seeds of failures of this contract's properties, tried first on every run. Check this file in.\n";

/// Contract files that were read and linted.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The contracts that could be read, ordered by file. Run them only where there are no [errors](Self::errors).
    pub contracts: Vec<Arc<Contract>>,
    /// What is wrong, file by file.
    pub findings: Vec<(Arc<Source>, Finding)>,
    /// How many files there were.
    pub files: usize,
}

impl Loaded {
    /// How many findings keep a contract from running.
    pub fn errors(&self) -> usize {
        self.findings
            .iter()
            .filter(|(_, finding)| finding.severity == Severity::Error)
            .count()
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
    /// A file could not be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
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

/// Every contract file at these paths, in a stable order: files as named, folders searched for `.yaml` and `.yml`.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, FilesError> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if kind.is_dir() {
            search(path, 0, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Reads and lints every contract file at these paths.
pub fn load(paths: &[PathBuf], catalog: &Catalog) -> Result<Loaded, FilesError> {
    let files = find(paths)?;
    let mut loaded = Loaded {
        files: files.len(),
        ..Loaded::default()
    };
    let mut read: Vec<Contract> = Vec::new();
    let protocols = catalog.protocols();
    for path in &files {
        let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
        let (source, garbled) = Source::from_bytes(shown(path), bytes);
        let source = Arc::new(source);
        if let Some(finding) = garbled {
            loaded.findings.push((source, finding));
            continue;
        }
        let reading = wardgate_contract::read_with(source.clone(), &protocols);
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
    Ok(loaded)
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
        let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
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

/// Adds the failing seeds of these verdicts to the regressions files, and gives the files that changed.
///
/// A line is appended in one write, so that test processes that run side by side lose none of each other's.
pub fn remember(plan: &Plan, verdicts: &[CaseVerdict]) -> Result<Vec<PathBuf>, FilesError> {
    let mut changed = Vec::new();
    for verdict in verdicts {
        let Some(seed) = verdict.regression else {
            continue;
        };
        let case = &plan.cases[verdict.case];
        let path = beside(plan.contract_of(case));
        let known = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(unreadable(&path, source)),
        };
        let line = format!("{seed} {}", case.title);
        if known.lines().any(|known| known.trim() == line) {
            continue;
        }
        let before = match known.as_bytes().last() {
            None => REGRESSIONS_HEAD,
            Some(b'\n') => "",
            Some(_) => "\n",
        };
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{before}{line}\n").as_bytes()))
            .map_err(|source| FilesError::Write {
                path: path.clone(),
                source,
            })?;
        changed.push(path);
    }
    Ok(changed)
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

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), FilesError> {
    if depth > DEPTH_MAX {
        return Err(FilesError::TooDeep {
            path: folder.to_owned(),
        });
    }
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            search(&path, depth + 1, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            found.push(path);
        }
    }
    Ok(())
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
        let found = find(&[root.to_owned(), root.join("b.yaml")]).expect("they can be read");
        let names: Vec<_> = found
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
        let error = find(&[root.join("nothing")]).expect_err("it is not there");
        assert!(error.to_string().contains("nothing"), "{error}");
    }

    #[test]
    fn errors_are_counted_and_tied_to_their_file() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), "wardgate: 1\ncolour: red\n").expect("written");
        let loaded = load(&[folder.path().to_owned()], &Catalog::default()).expect("it is read");
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
            remember(&plan, &verdicts).expect("it is written"),
            std::slice::from_ref(&file)
        );
        let text = fs::read_to_string(&file).expect("it is there");
        assert_eq!(text, "# for people\n17 it holds\n18 it holds\n");
        fs::remove_file(&file).expect("it is there");
        remember(&plan, &verdicts).expect("it is written");
        let text = fs::read_to_string(&file).expect("it is there");
        assert_eq!(text, format!("{REGRESSIONS_HEAD}18 it holds\n"));
        fs::write(&file, "seventeen it holds\n").expect("it is written");
        let error = regressions(std::slice::from_ref(&contract)).expect_err("no number");
        assert!(error.to_string().contains("a.regressions:1"), "{error}");
    }
}
