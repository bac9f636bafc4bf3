//! `candidate.toml`: what is judged, how it is started, and where it is reached.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use regex::Regex;
use rustix::process::Signal;
use wardgate_core::plan::Partner;
use wardgate_expression::{Json, Object};

use crate::bounded;

use super::{
    Address, digest,
    file::{CandidateFile, IdleFile},
    substitute,
};

/// The largest `candidate.toml`, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// What is judged, how it is started, and where it is reached.
///
/// ```toml
/// name = "integration-hub"
/// artifact = "target/release/hub"            # or digest = "sha256:…", or image = "NAME@sha256:…"
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
    /// The digest of its artifact as `sha256:…`, given, taken of the artifact, or the one that the image is
    /// pinned to; empty if none of these was given.
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
        let text = bounded::read_text(path, BYTES_MAX).map_err(|source| CandidateError::Read {
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
        let digest = match (file.digest, file.artifact, file.image) {
            (None, None, None) => String::new(),
            (Some(given), None, None) => {
                digest::check(&given).map_err(|message| wrong("digest", message))?
            }
            (None, Some(artifact), None) => {
                let path = folder.join(artifact);
                digest::of_file(&path).map_err(|source| CandidateError::Read { path, source })?
            }
            (None, None, Some(image)) => {
                digest::of_image(&image).map_err(|message| wrong("image", message))?
            }
            _ => {
                return Err(wrong(
                    "digest",
                    String::from("expected only one of digest, artifact and image"),
                ));
            }
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

    /// Why there can be no more than one of it at a time, if so: a second one would find its places taken.
    pub fn why_alone(&self) -> Option<&'static str> {
        if !self.is_launched() {
            return Some("the candidate already runs");
        }
        let fixed = self.stubs.values().any(|stub| stub.listen.is_some());
        fixed.then_some("its partners have fixed addresses")
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
            digest = "sha256:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
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
    fn the_template_for_users_is_sound_and_has_every_key() {
        let template = include_str!("../../../../ci/templates/candidate.toml");
        // Its artifact is the user's.
        let text = template.replace("artifact = ", "# artifact = ");
        let candidate = parse(&text).expect("it is sound");
        assert_eq!(candidate.port_names(), ["http"]);
        for key in [
            "name",
            "artifact",
            "image",
            "digest",
            "command",
            "env",
            "cwd",
            "log_file",
            "[stubs]",
            "listen",
            "[endpoints]",
            "url",
            "addr",
            "folder",
            "log",
            "[ready]",
            "http",
            "tcp",
            "within",
            "[idle]",
            "quiet",
            "[stop]",
            "signal",
            "grace",
            "[provider_states]",
        ] {
            let stands = |line: &str| line.contains(&format!("{key} = ")) || line.starts_with(key);
            assert!(template.lines().any(stands), "{key}");
        }
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
    fn what_is_judged_is_known_by_one_digest() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("build"), "abc").expect("it can be written");
        let digest = |key: &str| {
            let text = format!("name = \"x\"\n{key}\ncommand = [\"y\"]");
            Candidate::parse(&text, "candidate.toml", folder.path())
                .map(|candidate| candidate.digest)
                .map_err(|error| error.to_string())
        };
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest("artifact = \"build\"").as_deref(), Ok(abc));
        assert_eq!(
            digest(&format!("image = \"hub@{abc}\"")).as_deref(),
            Ok(abc)
        );
        assert_eq!(digest(&format!("digest = \"{abc}\"")).as_deref(), Ok(abc));
        assert_eq!(digest("").as_deref(), Ok(""));
        for (wrong, words) in [
            ("artifact = \"none\"", "none"),
            (
                "image = \"hub:latest\"",
                "candidate.toml:2: image: 'hub:latest' names no digest",
            ),
            (
                "digest = \"abc\"",
                "candidate.toml:2: digest: 'abc' is not a digest",
            ),
            (
                "digest = \"abc\"\nartifact = \"build\"",
                "only one of digest",
            ),
        ] {
            let error = digest(wrong).expect_err(wrong);
            assert!(error.contains(words), "{error}");
        }
    }
}
