//! A candidate that is given in Rust: this same program, run again to serve.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    process::{ExitCode, Termination},
};

use wardgate_core::plan::Plan;
use wardgate_runner::Candidate;

use super::aside::tell;
use crate::error::Reason;

/// The argument that makes the program the candidate.
const ARGUMENT: &str = "__wardgate-candidate";
/// How it says where an endpoint is.
const SAYS: &str = "wardgate candidate endpoint";

type Serve = Box<dyn FnOnce(Surroundings) -> Pin<Box<dyn Future<Output = ExitCode>>>>;

/// A service that is given in Rust.
pub(super) struct Service(Option<Serve>);

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").finish_non_exhaustive()
    }
}

/// What surrounds a candidate that is given in Rust.
#[derive(Clone, Debug)]
pub struct Surroundings {
    folder: PathBuf,
    partners: BTreeMap<String, SocketAddr>,
}

impl Surroundings {
    /// The base URL of a partner that is reached over HTTP, without a slash at its end.
    ///
    /// # Panics
    ///
    /// When no contract of the suite has a partner of this name.
    pub fn url(&self, partner: &str) -> String {
        format!("http://{}", self.addr(partner))
    }

    /// The address of a partner.
    ///
    /// # Panics
    ///
    /// When no contract of the suite has a partner of this name.
    pub fn addr(&self, partner: &str) -> SocketAddr {
        match self.partners.get(partner) {
            Some(address) => *address,
            None => panic!(
                "no contract of the suite has a partner '{partner}'; they have {:?}",
                self.partners.keys().collect::<Vec<_>>()
            ),
        }
    }

    /// A folder that is the candidate's own and stays its own when it is started again: for what must survive.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says where an endpoint is: `host:port` or a URL. Contracts send to it by this name.
    pub fn announce(&self, endpoint: &str, address: impl fmt::Display) {
        println!("{SAYS} {endpoint}={address}");
    }
}

impl Service {
    pub(super) fn new<S, F>(service: S) -> Self
    where
        S: FnOnce(Surroundings) -> F + 'static,
        F: Future + 'static,
        F::Output: Termination,
    {
        Self(Some(Box::new(move |around| {
            let served = service(around);
            Box::pin(async move { served.await.report() })
        })))
    }

    /// Serves, if this process was started to, and says how that ended.
    pub(super) fn serve_if_asked(&mut self) -> Option<ExitCode> {
        let mut words = std::env::args().skip(1);
        if words.next()? != ARGUMENT {
            return None;
        }
        let folder = PathBuf::from(words.next()?);
        let partners = words
            .filter_map(|word| {
                let (name, address) = word.split_once('=')?;
                Some((name.to_owned(), address.parse().ok()?))
            })
            .collect();
        let serve = self.0.take()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        Some(match runtime {
            Ok(runtime) => runtime.block_on(serve(Surroundings { folder, partners })),
            Err(error) => {
                tell!("no runtime can be had: {error}");
                ExitCode::FAILURE
            }
        })
    }
}

/// This program as a candidate that offers the endpoints that the plan sends to, and says at `idle` that it is idle.
pub(super) fn candidate(plan: &Plan, idle: Option<&str>) -> Result<Candidate, Reason> {
    let mut text = String::from("name = \"the service of this test\"\n");
    let _ = write!(
        text,
        "command = [\"${{self}}\", \"{ARGUMENT}\", \"${{run.dir}}\""
    );
    for partner in &plan.partners {
        let name = checked(&partner.name)?;
        let _ = write!(text, ", \"{name}=${{stubs.{name}.addr}}\"");
    }
    text.push_str("]\n[endpoints]\n");
    for endpoint in &plan.endpoints {
        let name = checked(&endpoint.name)?;
        let _ = writeln!(text, "{name} = {{ log = '{SAYS} {name}=(\\S+)' }}");
    }
    if let Some(idle) = idle {
        let _ = writeln!(text, "[idle]\nhttp = {}", basic(idle));
    }
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    Ok(Candidate::parse(
        &text,
        "the candidate given by serve",
        &here,
    )?)
}

/// A name that can stand in TOML, in a pattern and in an argument as it is.
fn checked(name: &str) -> Result<&str, Reason> {
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if plain {
        Ok(name)
    } else {
        Err(Reason::EndpointName {
            name: name.to_owned(),
        })
    }
}

/// A basic string of TOML.
fn basic(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
