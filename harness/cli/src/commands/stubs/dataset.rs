//! What the stubs hold from the start: a data set as `wardgate dataset generate` writes it.
//!
//! `DIR/<protocol>/<collection>.ndjson` holds one record a line in the protocol's own form; `records.jsonl`, as in
//! `datasets/sets`, one protocol-neutral record a line, which each stub holds in its own form. Messages of a set are
//! there to be sent and not to be held: a receiver that held them already would take the first one sent for a repetition.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use wardgate_expression::{Json, Object, json};
use wardgate_runner::{Stop, stubs_up::LiveStub};
use wardgate_synth::Kind;

use crate::exit::Failure;

/// The longest record that is read, in bytes.
const LINE_MAX: u64 = 16 * 1024 * 1024;

/// The file of protocol-neutral records.
const RECORDS: &str = "records.jsonl";

/// Where records stand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// In one protocol's own form.
    Rendered {
        file: PathBuf,
        protocol: String,
        collection: String,
    },
    /// Protocol-neutral.
    Records(PathBuf),
}

/// How many records each partner holds of it, by collection.
#[derive(Debug)]
pub struct Loaded {
    path: PathBuf,
    counts: BTreeMap<(usize, String), usize>,
    names: Vec<String>,
}

/// Has the stubs hold what is there. It is an error if that is nothing. Ends early where it is stopped.
pub fn load(path: &Path, stubs: &[Arc<LiveStub>], stop: &Stop) -> Result<Loaded, Failure> {
    let mut loaded = Loaded {
        path: path.to_owned(),
        counts: BTreeMap::new(),
        names: stubs.iter().map(|stub| stub.name().to_owned()).collect(),
    };
    for source in sources(path, stubs)? {
        match &source {
            Source::Rendered {
                file,
                protocol,
                collection,
            } => {
                let speaking = stubs.iter().enumerate();
                for (index, stub) in speaking.filter(|(_, stub)| stub.protocol().name() == protocol)
                {
                    let held = load_rendered(stub, collection, file, stop)?;
                    loaded.add(index, collection, held);
                }
            }
            Source::Records(file) => load_records(stubs, file, stop, &mut loaded)?,
        }
    }
    if loaded.counts.is_empty() && !stop.is_requested() {
        return Err(nothing(path, stubs));
    }
    Ok(loaded)
}

/// Finds the files that these stubs can hold.
fn sources(path: &Path, stubs: &[Arc<LiveStub>]) -> Result<Vec<Source>, Failure> {
    let found = fs::metadata(path).map_err(|error| {
        let expected = "expected a folder that `wardgate dataset generate` wrote, or a file of it";
        fault(path, None, &format!("{error}; {expected}"))
    })?;
    let speaks = |protocol: &str| stubs.iter().any(|stub| stub.protocol().name() == protocol);
    if found.is_file() {
        let is_records = path
            .extension()
            .is_some_and(|extension| extension == "jsonl");
        let source = if is_records {
            Some(Source::Records(path.to_owned()))
        } else {
            name_of(path.parent())
                .filter(|protocol| speaks(protocol))
                .and_then(|protocol| rendered(path, &protocol))
        };
        return source.map_or_else(|| Err(nothing(path, stubs)), |source| Ok(vec![source]));
    }
    let mut sources = Vec::new();
    if let Some(protocol) = name_of(Some(path)).filter(|protocol| speaks(protocol)) {
        sources.extend(in_folder(path, &protocol)?);
    }
    let mut protocols: Vec<&str> = Vec::new();
    for stub in stubs {
        let protocol = stub.protocol().name();
        let folder = path.join(protocol);
        if !protocols.contains(&protocol) && folder.is_dir() {
            protocols.push(protocol);
            sources.extend(in_folder(&folder, protocol)?);
        }
    }
    let records = path.join(RECORDS);
    if sources.is_empty() && records.is_file() {
        sources.push(Source::Records(records));
    }
    if sources.is_empty() {
        return Err(nothing(path, stubs));
    }
    Ok(sources)
}

/// The name of a folder, also of one that is given as `.`.
fn name_of(folder: Option<&Path>) -> Option<String> {
    let folder = fs::canonicalize(folder.filter(|folder| !folder.as_os_str().is_empty())?).ok()?;
    Some(folder.file_name()?.to_str()?.to_owned())
}

fn rendered(file: &Path, protocol: &str) -> Option<Source> {
    let collection = file
        .file_name()?
        .to_str()?
        .strip_suffix(".ndjson")
        .filter(|collection| !collection.is_empty())?;
    Some(Source::Rendered {
        file: file.to_owned(),
        protocol: protocol.to_owned(),
        collection: collection.to_owned(),
    })
}

/// The files of a protocol's folder, by name: what others refer to (companies, customers) comes first in the alphabet.
fn in_folder(folder: &Path, protocol: &str) -> Result<Vec<Source>, Failure> {
    let unreadable = |error: std::io::Error| fault(folder, None, &error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        files.push(entry.map_err(unreadable)?.path());
    }
    files.sort();
    Ok(files
        .iter()
        .filter_map(|file| rendered(file, protocol))
        .collect())
}

fn load_rendered(
    stub: &LiveStub,
    collection: &str,
    file: &Path,
    stop: &Stop,
) -> Result<usize, Failure> {
    let mut lines = Lines::open(file, stop)?;
    let held = stub.load(collection, std::iter::from_fn(|| lines.next_record()));
    if let Some(failure) = lines.failure {
        return Err(failure);
    }
    match held {
        Err(error) => {
            let expected = format!(
                "expected a record that '{}' ({}) can hold in '{collection}': {}",
                stub.name(),
                stub.protocol().name(),
                error.reason
            );
            Err(fault(file, Some(lines.number), &expected))
        }
        Ok(0) if !stop.is_requested() => {
            Err(fault(file, None, "expected one record a line, found none"))
        }
        Ok(held) => Ok(held),
    }
}

fn load_records(
    stubs: &[Arc<LiveStub>],
    file: &Path,
    stop: &Stop,
    loaded: &mut Loaded,
) -> Result<(), Failure> {
    let mut lines = Lines::open(file, stop)?;
    while let Some(record) = lines.next_record() {
        let number = lines.number;
        let kind = record.get("kind").and_then(Json::as_str).unwrap_or("");
        let Some(fields) = record.get("fields").filter(|_| Kind::parse(kind).is_some()) else {
            let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let expected = format!(
                "expected a record with 'fields' and a 'kind' that is one of {}",
                kinds.join(", ")
            );
            return Err(fault(file, Some(number), &expected));
        };
        for (index, stub) in stubs.iter().enumerate() {
            let protocol = stub.protocol();
            let Some(rendered) = protocol.render(kind, fields) else {
                continue;
            };
            // A text is a message: one that is there to be sent.
            let Some(collection) = protocol
                .collection_of(kind, &rendered)
                .filter(|_| !matches!(rendered, Json::String(_)))
            else {
                continue;
            };
            stub.load(&collection, [rendered]).map_err(|error| {
                let expected = format!(
                    "expected a {kind} that '{}' can hold in '{collection}': {}",
                    stub.name(),
                    error.reason
                );
                fault(file, Some(number), &expected)
            })?;
            loaded.add(index, &collection, 1);
        }
    }
    lines.failure.map_or(Ok(()), Err)
}

/// The records of a file, one a line; blank lines are passed over.
struct Lines<'s> {
    path: PathBuf,
    file: BufReader<File>,
    stop: &'s Stop,
    line: Vec<u8>,
    /// The number of the last line, counted from one.
    number: usize,
    failure: Option<Failure>,
}

impl<'s> Lines<'s> {
    fn open(path: &Path, stop: &'s Stop) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| fault(path, None, &error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::with_capacity(1 << 16, file),
            stop,
            line: Vec::new(),
            number: 0,
            failure: None,
        })
    }

    /// The next record; none at the end, and after a failure.
    fn next_record(&mut self) -> Option<Json> {
        while self.failure.is_none() && !self.stop.is_requested() {
            match self.read() {
                Ok(None) => return None,
                Ok(Some(record)) if record.is_null() => {}
                Ok(Some(record)) => return Some(record),
                Err(reason) => self.failure = Some(fault(&self.path, Some(self.number), &reason)),
            }
        }
        None
    }

    /// The next line's record; null where it is blank.
    fn read(&mut self) -> Result<Option<Json>, String> {
        self.line.clear();
        self.number += 1;
        let mut bounded = (&mut self.file).take(LINE_MAX + 1);
        let length = bounded
            .read_until(b'\n', &mut self.line)
            .map_err(|error| error.to_string())?;
        if length == 0 {
            return Ok(None);
        }
        if self.line.len() as u64 > LINE_MAX {
            return Err(String::from("expected a record of at most 16 MiB"));
        }
        let line = self.line.trim_ascii();
        if line.is_empty() {
            return Ok(Some(Json::Null));
        }
        match Json::parse_bytes(line) {
            Ok(Json::Null) => Err(String::from("expected a record, found null")),
            Ok(record) => Ok(Some(record)),
            Err(error) => Err(format!(
                "at column {}: expected {}, found {}",
                error.column(),
                error.expected(),
                error.found()
            )),
        }
    }
}

impl Loaded {
    fn add(&mut self, partner: usize, collection: &str, count: usize) {
        if count > 0 {
            *self
                .counts
                .entry((partner, collection.to_owned()))
                .or_default() += count;
        }
    }
}

impl Loaded {
    /// How many of each collection every partner holds, as one JSON object.
    pub fn json(&self) -> Json {
        let partners: Object = self
            .names
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), self.of(index).collect::<Object>()))
            .collect();
        json!({ "held_from": self.path.display().to_string(), "held": partners })
    }

    fn of(&self, partner: usize) -> impl Iterator<Item = (&str, usize)> {
        self.counts
            .iter()
            .filter(move |((known, _), _)| *known == partner)
            .map(|((_, collection), count)| (collection.as_str(), *count))
    }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "held from {}:", self.path.display())?;
        for (index, name) in self.names.iter().enumerate() {
            let held: Vec<String> = self
                .of(index)
                .map(|(collection, count)| format!("{count} {collection}"))
                .collect();
            let held = if held.is_empty() {
                String::from("nothing")
            } else {
                held.join(", ")
            };
            let end = if index == 0 { "" } else { ";" };
            write!(f, "{end} {name}: {held}")?;
        }
        Ok(())
    }
}

fn fault(path: &Path, line: Option<usize>, what: &str) -> Failure {
    let place = line.map_or_else(String::new, |line| format!(":{line}"));
    Failure::could_not_run(format!("{}{place}: {what}", path.display()))
}

fn nothing(path: &Path, stubs: &[Arc<LiveStub>]) -> Failure {
    let mut wanted: Vec<String> = Vec::new();
    for stub in stubs {
        let pattern = format!("{}/*.ndjson", stub.protocol().name());
        if !wanted.contains(&pattern) {
            wanted.push(pattern);
        }
    }
    let expected = format!(
        "there is nothing in it that these stubs can hold; expected a folder like those of `wardgate dataset generate`, with {} in \
         it, or with {RECORDS}, or one of these files (messages of a set are there to be sent to a stub, not to be held)",
        wanted.join(", ")
    );
    fault(path, None, &expected)
}
