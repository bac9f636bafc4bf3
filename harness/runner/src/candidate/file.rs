//! `candidate.toml` as it is written, and the checks of single tables.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use regex::Regex;
use serde::Deserialize;

use super::{
    Address,
    config::{AddressSpec, ReadySpec, StubSpec},
    duration,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CandidateFile {
    pub(super) name: String,
    pub(super) digest: Option<String>,
    pub(super) artifact: Option<PathBuf>,
    pub(super) image: Option<String>,
    pub(super) command: Option<Vec<String>>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    pub(super) cwd: Option<PathBuf>,
    pub(super) log_file: Option<String>,
    #[serde(default)]
    pub(super) stubs: BTreeMap<String, StubFile>,
    #[serde(default)]
    pub(super) endpoints: BTreeMap<String, EndpointFile>,
    pub(super) ready: Option<ReadyFile>,
    pub(super) stop: Option<StopFile>,
    pub(super) idle: Option<IdleFile>,
    pub(super) provider_states: Option<StatesFile>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a protocol's name, or { protocol = \"…\", listen = \"127.0.0.1:PORT\" }"
)]
pub(super) enum StubFile {
    Protocol(String),
    Full(StubTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StubTable {
    pub(super) protocol: String,
    pub(super) listen: Option<SocketAddr>,
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
pub(super) struct EndpointFile {
    pub(super) url: Option<String>,
    pub(super) addr: Option<String>,
    pub(super) folder: Option<String>,
    pub(super) log: Option<String>,
}

impl EndpointFile {
    pub(super) fn check(self) -> Result<AddressSpec, String> {
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
pub(super) struct ReadyFile {
    pub(super) tcp: Option<String>,
    pub(super) http: Option<String>,
    pub(super) log: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    pub(super) within: Option<Duration>,
}

impl ReadyFile {
    pub(super) fn check(
        self,
        endpoints: &BTreeMap<String, AddressSpec>,
    ) -> Result<ReadySpec, String> {
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
pub(super) struct StopFile {
    pub(super) signal: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    pub(super) grace: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdleFile {
    pub(super) http: Option<String>,
    #[serde(default, deserialize_with = "duration::read_optional")]
    pub(super) quiet: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatesFile {
    pub(super) url: String,
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| format!("'{pattern}' is not a regular expression: {error}"))
}
