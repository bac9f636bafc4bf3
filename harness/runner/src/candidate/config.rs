//! `candidate.toml`: what is judged, how it is started, and where it is reached.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use regex::Regex;
use rustix::process::Signal;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wardgate_core::plan::Partner;
use wardgate_expression::{Json, Object};

use super::{Address, duration, substitute};

/// What is judged, how it is started, and where it is reached.
///
/// ```toml
/// name = "integration-hub"
/// artifact = "target/release/hub"            # or digest = "sha256:…"
/// command = ["target/release/hub", "--ehr", "${stubs.ehr.url}/fhir", "--pharmacy", "${stubs.pharmacy.addr}"]
/// env = { HUB_STATE = "${run.dir}/state" }
///
/// [stubs]                                    # partners that it needs whether or not a contract names them
/// ehr = "fhir"
/// pharmacy = { protocol = "hl7v2", listen = "127.0.0.1:2576" }
///
/// [endpoints]
/// adt = { log = 'mllp=(\S+)' }               # taken from its output, again after a restart
/// orders = { url = "http://127.0.0.1:${ports.http}/fhir" }
/// charges = { folder = "${run.dir}/charges" }
///
/// [ready]
/// http = "${endpoints.orders}/metadata"      # or tcp = "adt", or log = "listening"
/// within = "10s"
///
/// [idle]
/// http = "${endpoints.orders}/status"        # 2xx means idle; or quiet = "250ms"
///
/// [stop]
/// signal = "TERM"
/// grace = "2s"
/// ```
///
/// Without `command` the candidate is one that already runs: it has fixed endpoints and one lane, and partners that it
/// talks to need a fixed `listen` address.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// The digest of its artifact as `sha256:…`, given or taken of the artifact; empty if neither was given.
    pub digest: String,
    /// The command and its arguments; none for a candidate that already runs.
    pub command: Option<Vec<String>>,
    /// The environment that is added to ours.
    pub env: BTreeMap<String, String>,
    /// Where it is started; `candidate.toml`'s own folder if left out.
    pub cwd: PathBuf,
    /// Partners that it needs whether or not a contract names them, by name.
    pub stubs: BTreeMap<String, StubSpec>,
    pub(crate) endpoints: BTreeMap<String, AddressSpec>,
    pub(crate) ready: Option<ReadySpec>,
    pub(crate) ready_within: Duration,
    pub(crate) stop_signal: Signal,
    pub(crate) stop_grace: Duration,
    pub(crate) log_file: Option<String>,
    pub(crate) idle_http: Option<String>,
    pub(crate) idle_quiet: Option<Duration>,
    pub(crate) states_url: Option<String>,
}

/// A partner that the candidate needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubSpec {
    /// The protocol that plays it.
    pub protocol: String,
    /// Where it listens; a free port if left out.
    pub listen: Option<SocketAddr>,
}

/// Where an endpoint is reached, as written.
#[derive(Clone, Debug)]
pub(crate) enum AddressSpec {
    Text(String),
    Folder(String),
    Log(Regex),
}

/// How readiness shows.
#[derive(Clone, Debug)]
pub(crate) enum ReadySpec {
    Tcp(String),
    Http(String),
    Log(Regex),
}

/// Why a candidate cannot be judged as it is described.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not say what it should.
    #[error("{place}: {message}")]
    Syntax {
        /// The file, and the line where it is known.
        place: String,
        /// What is wrong there, and what was expected.
        message: String,
    },
}

impl Candidate {
    /// Reads a `candidate.toml`.
    pub fn load(path: &Path) -> Result<Self, CandidateError> {
        let text = fs::read_to_string(path).map_err(|source| CandidateError::Read {
            path: path.into(),
            source,
        })?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Self::parse(&text, &path.display().to_string(), folder)
    }

    /// Reads the text of a `candidate.toml`; `place` names it in errors, and `folder` is what its paths are relative to.
    pub fn parse(text: &str, place: &str, folder: &Path) -> Result<Self, CandidateError> {
        let file: CandidateFile = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            CandidateError::Syntax {
                place: line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}")),
                message: error.message().trim().to_owned(),
            }
        })?;
        let wrong = |what: &str, message: String| CandidateError::Syntax {
            place: format!("{place}:{}", line_of(text, what)),
            message: format!("{what}: {message}"),
        };
        if file.command.as_ref().is_some_and(Vec::is_empty) {
            return Err(wrong(
                "command",
                String::from("expected a program and its arguments"),
            ));
        }
        let endpoints = file
            .endpoints
            .into_iter()
            .map(|(name, spec)| {
                let spec = spec.check().map_err(|message| wrong(&name, message))?;
                if file.command.is_none() && matches!(spec, AddressSpec::Log(_)) {
                    return Err(wrong(
                        &name,
                        String::from("only a candidate with a command has a log to look in"),
                    ));
                }
                Ok((name, spec))
            })
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        if file.command.is_none() && endpoints.is_empty() {
            return Err(wrong(
                "command",
                String::from("expected a command to start, or [endpoints] that are already served"),
            ));
        }
        let (ready, ready_within) = match file.ready {
            None => (None, None),
            Some(ready) => {
                let within = ready.within;
                (
                    Some(
                        ready
                            .check(&endpoints)
                            .map_err(|message| wrong("ready", message))?,
                    ),
                    within,
                )
            }
        };
        let (idle_http, idle_quiet) = match file.idle {
            None => (None, None),
            Some(
                IdleFile {
                    http: Some(_),
                    quiet: Some(_),
                }
                | IdleFile {
                    http: None,
                    quiet: None,
                },
            ) => {
                return Err(wrong("idle", String::from("expected either http or quiet")));
            }
            Some(idle) => (idle.http, idle.quiet),
        };
        let stop = file.stop.unwrap_or_default();
        let stop_signal = match stop.signal.as_deref() {
            None => Signal::TERM,
            Some(name) => signal_named(name).map_err(|message| wrong("signal", message))?,
        };
        let digest = match (file.digest, &file.artifact) {
            (Some(_), Some(_)) => {
                return Err(wrong(
                    "digest",
                    String::from("expected either digest or artifact"),
                ));
            }
            (Some(digest), None) => digest,
            (None, Some(artifact)) => digest_of(&folder.join(artifact))?,
            (None, None) => String::new(),
        };
        Ok(Self {
            name: file.name,
            digest,
            command: file.command,
            env: file.env,
            cwd: file
                .cwd
                .map_or_else(|| folder.to_owned(), |cwd| folder.join(cwd)),
            stubs: file
                .stubs
                .into_iter()
                .map(|(name, stub)| (name, stub.into()))
                .collect(),
            endpoints,
            ready,
            ready_within: ready_within.unwrap_or(Duration::from_secs(10)),
            stop_signal,
            stop_grace: stop.grace.unwrap_or(Duration::from_secs(2)),
            log_file: file.log_file,
            idle_http,
            idle_quiet,
            states_url: file.provider_states.map(|states| states.url),
        })
    }

    /// A candidate that already runs at these endpoints.
    pub fn fixed(name: &str, endpoints: impl IntoIterator<Item = (String, Address)>) -> Self {
        let endpoints = endpoints
            .into_iter()
            .map(|(name, address)| {
                let spec = match address {
                    Address::Url(text) | Address::Socket(text) => AddressSpec::Text(text),
                    Address::Folder(folder) => AddressSpec::Folder(folder.display().to_string()),
                };
                (name, spec)
            })
            .collect();
        Self {
            name: name.to_owned(),
            digest: String::new(),
            command: None,
            env: BTreeMap::new(),
            cwd: PathBuf::from("."),
            stubs: BTreeMap::new(),
            endpoints,
            ready: None,
            ready_within: Duration::from_secs(10),
            stop_signal: Signal::TERM,
            stop_grace: Duration::from_secs(2),
            log_file: None,
            idle_http: None,
            idle_quiet: None,
            states_url: None,
        }
    }

    /// Whether we start it; otherwise it already runs, and there is one lane.
    pub fn is_launched(&self) -> bool {
        self.command.is_some()
    }

    /// The partners that it needs whether or not a contract names them, as a plan wants them.
    pub fn partners(&self) -> Vec<Partner> {
        self.stubs
            .iter()
            .map(|(name, stub)| Partner {
                name: name.clone(),
                protocol: stub.protocol.clone(),
                options: Json::Object(Object::default()),
            })
            .collect()
    }

    /// The names of the endpoints that it offers.
    pub fn endpoint_names(&self) -> impl Iterator<Item = &str> {
        self.endpoints.keys().map(String::as_str)
    }

    /// The free ports that it wants reserved: every NAME of a `${ports.NAME}`.
    pub(crate) fn port_names(&self) -> Vec<String> {
        let texts = self
            .command
            .iter()
            .flatten()
            .chain(self.env.values())
            .chain(self.endpoints.values().filter_map(|spec| match spec {
                AddressSpec::Text(text) | AddressSpec::Folder(text) => Some(text),
                AddressSpec::Log(_) => None,
            }));
        let mut names: Vec<String> = texts
            .flat_map(|text| substitute::names(text))
            .filter_map(|name| name.strip_prefix("ports.").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateFile {
    name: String,
    digest: Option<String>,
    artifact: Option<PathBuf>,
    command: Option<Vec<String>>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    cwd: Option<PathBuf>,
    log_file: Option<String>,
    #[serde(default)]
    stubs: BTreeMap<String, StubFile>,
    #[serde(default)]
    endpoints: BTreeMap<String, EndpointFile>,
    ready: Option<ReadyFile>,
    stop: Option<StopFile>,
    idle: Option<IdleFile>,
    provider_states: Option<StatesFile>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a protocol's name, or { protocol = \"…\", listen = \"127.0.0.1:PORT\" }"
)]
enum StubFile {
    Protocol(String),
    Full(StubTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StubTable {
    protocol: String,
    listen: Option<SocketAddr>,
}

impl From<StubFile> for StubSpec {
    fn from(file: StubFile) -> Self {
        match file {
            StubFile::Protocol(protocol) => Self {
                protocol,
                listen: None,
            },
            StubFile::Full(StubTable { protocol, listen }) => Self { protocol, listen },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    url: Option<String>,
    addr: Option<String>,
    folder: Option<String>,
    log: Option<String>,
}

impl EndpointFile {
    fn check(self) -> Result<AddressSpec, String> {
        match self {
            Self {
                url: Some(text),
                addr: None,
                folder: None,
                log: None,
            }
            | Self {
                url: None,
                addr: Some(text),
                folder: None,
                log: None,
            } => {
                if !text.contains("${") {
                    Address::parse(&text)?;
                }
                Ok(AddressSpec::Text(text))
            }
            Self {
                url: None,
                addr: None,
                folder: Some(folder),
                log: None,
            } => Ok(AddressSpec::Folder(folder)),
            Self {
                url: None,
                addr: None,
                folder: None,
                log: Some(pattern),
            } => {
                let regex = regex(&pattern)?;
                if regex.captures_len() == 2 {
                    Ok(AddressSpec::Log(regex))
                } else {
                    Err(format!(
                        "'{pattern}' has {} capture groups; expected exactly one, around the address",
                        regex.captures_len() - 1
                    ))
                }
            }
            _ => Err(String::from(
                "expected exactly one of url, addr, folder and log",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadyFile {
    tcp: Option<String>,
    http: Option<String>,
    log: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    within: Option<Duration>,
}

impl ReadyFile {
    fn check(self, endpoints: &BTreeMap<String, AddressSpec>) -> Result<ReadySpec, String> {
        match self {
            Self {
                tcp: Some(name),
                http: None,
                log: None,
                ..
            } => {
                if endpoints.contains_key(&name) || Address::parse(&name).is_ok() {
                    Ok(ReadySpec::Tcp(name))
                } else {
                    Err(format!(
                        "tcp = \"{name}\" is neither one of the [endpoints] nor an address"
                    ))
                }
            }
            Self {
                tcp: None,
                http: Some(url),
                log: None,
                ..
            } => Ok(ReadySpec::Http(url)),
            Self {
                tcp: None,
                http: None,
                log: Some(pattern),
                ..
            } => regex(&pattern).map(ReadySpec::Log),
            _ => Err(String::from("expected exactly one of tcp, http and log")),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopFile {
    signal: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    grace: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdleFile {
    http: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    quiet: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatesFile {
    url: String,
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| format!("'{pattern}' is not a regular expression: {error}"))
}

/// The signals that ask a process to end.
fn signal_named(name: &str) -> Result<Signal, String> {
    match name.trim_start_matches("SIG") {
        "HUP" => Ok(Signal::HUP),
        "INT" => Ok(Signal::INT),
        "QUIT" => Ok(Signal::QUIT),
        "KILL" => Ok(Signal::KILL),
        "USR1" => Ok(Signal::USR1),
        "USR2" => Ok(Signal::USR2),
        "TERM" => Ok(Signal::TERM),
        _ => Err(format!(
            "'{name}' is not one of TERM, INT, HUP, QUIT, USR1, USR2 and KILL"
        )),
    }
}

/// The line of the first key of this name, from one; the first line where there is none.
fn line_of(text: &str, key: &str) -> usize {
    let is_key = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '[']);
        let line = line.strip_prefix("endpoints.").unwrap_or(line);
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(['=', ']', '.']))
    };
    text.lines().position(is_key).map_or(1, |line| line + 1)
}

fn digest_of(path: &Path) -> Result<String, CandidateError> {
    let failed = |source| CandidateError::Read {
        path: path.into(),
        source,
    };
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = io::Read::read(&mut file, &mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    let mut digest = String::from("sha256:");
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Candidate, String> {
        Candidate::parse(text, "candidate.toml", Path::new(".")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_file_is_read() {
        let candidate = parse(
            r#"
            name = "hub"
            digest = "sha256:00"
            command = ["hub", "--http", "127.0.0.1:${ports.http}", "--x", "${ports.b}"]
            env = { A = "${stubs.ehr.url}", B = "${ports.http}" }
            [stubs]
            ehr = "fhir"
            pharmacy = { protocol = "hl7v2", listen = "127.0.0.1:2576" }
            [endpoints]
            adt = { log = 'mllp=(\S+)' }
            orders = { url = "http://127.0.0.1:${ports.http}/fhir" }
            charges = { folder = "${run.dir}/in" }
            [ready]
            http = "${endpoints.orders}/metadata"
            within = "3s"
            [idle]
            quiet = "20ms"
            [stop]
            signal = "SIGINT"
            grace = "100ms"
            [provider_states]
            url = "http://127.0.0.1:1/states"
            "#,
        )
        .expect("it is sound");
        assert_eq!(candidate.port_names(), ["b", "http"]);
        assert_eq!(
            candidate.endpoint_names().collect::<Vec<_>>(),
            ["adt", "charges", "orders"]
        );
        assert_eq!(
            candidate.stubs["pharmacy"].listen,
            "127.0.0.1:2576".parse().ok()
        );
        assert_eq!(candidate.partners().len(), 2);
        assert_eq!(
            (candidate.stop_signal, candidate.stop_grace),
            (Signal::INT, Duration::from_millis(100))
        );
        assert_eq!(candidate.ready_within, Duration::from_secs(3));
        assert_eq!(candidate.idle_quiet, Some(Duration::from_millis(20)));
        assert!(candidate.is_launched());
    }

    #[test]
    fn errors_name_the_line_and_what_was_expected() {
        let long = "name = \"x\"\ncommand = [\"y\"]\n";
        for (more, place, words) in [
            ("colour = 1", "candidate.toml:3", "unknown field `colour`"),
            ("command2", "candidate.toml:3", ""),
            (
                "[ready]\nwithin = \"10\"",
                "candidate.toml:4",
                "250ms, 10s or 2m",
            ),
            (
                "[ready]\nwithin = \"10s\"",
                "candidate.toml:3",
                "exactly one of tcp, http and log",
            ),
            (
                "[ready]\ntcp = \"nobody\"",
                "candidate.toml:3",
                "neither one of the [endpoints]",
            ),
            (
                "[endpoints]\na = { url = \"ftp://x\" }",
                "candidate.toml:4",
                "not an http:// URL",
            ),
            (
                "[endpoints]\na = { log = \"(\" }",
                "candidate.toml:4",
                "regular expression",
            ),
            (
                "[endpoints]\na = { log = \"x\" }",
                "candidate.toml:4",
                "exactly one",
            ),
            (
                "[endpoints]\na = { url = \"http://h\", addr = \"h:1\" }",
                "candidate.toml:4",
                "exactly one of url",
            ),
            (
                "[stop]\nsignal = \"NO\"",
                "candidate.toml:4",
                "not one of TERM",
            ),
            ("[idle]", "candidate.toml:3", "either http or quiet"),
            ("[stubs]\nehr = 3", "candidate.toml:4", "protocol's name"),
        ] {
            let error = parse(&format!("{long}{more}")).expect_err(more);
            assert!(
                error.starts_with(place) && error.contains(words),
                "{more}: {error}"
            );
        }
        assert!(parse("name = \"x\"").is_err_and(|error| error.contains("expected a command")));
        let fixed = "name = \"x\"\n[endpoints]\na = { log = '(x)' }";
        assert!(parse(fixed).is_err_and(|error| error.contains("only a candidate with a command")));
    }

    #[test]
    fn an_artifact_is_digested() {
        let error = parse("name = \"x\"\ncommand = [\"y\"]\nartifact = \"no-such-file\"")
            .expect_err("it is not there");
        assert!(error.contains("no-such-file"), "{error}");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a"), "abc").expect("it is written");
        let text = "name = \"x\"\ncommand = [\"y\"]\nartifact = \"a\"";
        let candidate = Candidate::parse(text, "c", folder.path()).expect("it is sound");
        // FIPS 180-4's own example.
        assert_eq!(
            candidate.digest,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
