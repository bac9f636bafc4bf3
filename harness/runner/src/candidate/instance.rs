//! The candidate of one lane: started, found, asked, killed and started again.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    Address, AddressSpec, Candidate, ReadySpec,
    output::Output,
    ports::free_ports,
    process::{Process, Start},
    ready::Sign,
    substitute::fill,
};
use crate::transport::http_call::Caller;

/// How long a fixed candidate without a declared readiness may take to accept connections.
const FIXED_WITHIN: Duration = Duration::from_secs(2);

/// What surrounds a candidate in its lane.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// The lane's own folder, absolute.
    pub folder: PathBuf,
    /// Where the partners' stubs are.
    pub partners: Vec<(String, SocketAddr)>,
    /// The path of the running Wardgate.
    pub own_binary: PathBuf,
}

/// The candidate of one lane.
#[derive(Debug)]
pub(crate) struct Instance {
    candidate: Arc<Candidate>,
    surroundings: Surroundings,
    ports: BTreeMap<String, u16>,
    endpoints: BTreeMap<String, Address>,
    process: Option<Process>,
    log_file: Option<PathBuf>,
    idle: Option<Caller>,
    states: Option<Caller>,
}

impl Instance {
    /// A candidate that is not yet started, with its ports reserved.
    pub(crate) fn new(
        candidate: Arc<Candidate>,
        surroundings: Surroundings,
    ) -> Result<Self, String> {
        let ports = free_ports(candidate.port_names())?;
        Ok(Self {
            candidate,
            surroundings,
            ports,
            endpoints: BTreeMap::new(),
            process: None,
            log_file: None,
            idle: None,
            states: None,
        })
    }

    /// Starts it, finds its endpoints and waits until it is ready. The error says why it is not, with its last lines.
    pub(crate) async fn start(&mut self) -> Result<(), String> {
        self.endpoints.clear();
        self.idle = None;
        self.states = None;
        let patterns = self.patterns();
        if let Some(command) = self.candidate.command.clone() {
            self.launch(&command, patterns)?;
        }
        let within = match (&self.candidate.ready, &self.process) {
            (None, None) => self.candidate.ready_within.min(FIXED_WITHIN),
            _ => self.candidate.ready_within,
        };
        let mut exited = self.process.as_ref().map(Process::exited);
        let ended = async {
            match &mut exited {
                Some(exited) => exited
                    .wait_for(Option::is_some)
                    .await
                    .ok()
                    .and_then(|status| status.clone()),
                None => std::future::pending().await,
            }
        };
        let outcome = tokio::select! {
            biased;
            result = self.get_ready(Instant::now() + within) => {
                result.map_err(|seen| format!("the candidate was not ready within {within:?}: {seen}"))
            }
            status = ended => Err(format!(
                "the candidate ended before it was ready: {}",
                status.unwrap_or_else(|| String::from("its status is unknown"))
            )),
        };
        let reason = match outcome {
            Ok((endpoints, idle, states)) => {
                (self.endpoints, self.idle, self.states) = (endpoints, idle, states);
                return Ok(());
            }
            Err(reason) => reason,
        };
        let reason = self.with_last_lines(&reason);
        self.kill().await;
        Err(reason)
    }

    /// The patterns that its output is searched for: those of endpoints in their order, then that of readiness.
    fn patterns(&self) -> Vec<regex::Regex> {
        let endpoints = self
            .candidate
            .endpoints
            .values()
            .filter_map(|spec| match spec {
                AddressSpec::Log(pattern) => Some(pattern.clone()),
                _ => None,
            });
        let ready = match &self.candidate.ready {
            Some(ReadySpec::Log(pattern)) => Some(pattern.clone()),
            _ => None,
        };
        endpoints.chain(ready).collect()
    }

    fn launch(&mut self, command: &[String], patterns: Vec<regex::Regex>) -> Result<(), String> {
        for spec in self.candidate.endpoints.values() {
            if let AddressSpec::Folder(folder) = spec {
                let folder = self.fill(folder, &BTreeMap::new())?;
                fs::create_dir_all(&folder)
                    .map_err(|error| format!("cannot make the folder {folder}: {error}"))?;
            }
        }
        let fill_all = |texts: &mut dyn Iterator<Item = &String>| {
            texts
                .map(|text| self.fill(text, &BTreeMap::new()))
                .collect::<Result<Vec<_>, _>>()
        };
        let command = fill_all(&mut command.iter())?;
        let values = fill_all(&mut self.candidate.env.values())?;
        let env: Vec<(String, String)> = self.candidate.env.keys().cloned().zip(values).collect();
        let log_file = match &self.candidate.log_file {
            Some(path) => self.candidate.cwd.join(self.fill(path, &BTreeMap::new())?),
            None => self.surroundings.folder.join("candidate.log"),
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log_file)
            .map_err(|error| {
                format!(
                    "cannot write the candidate's log {}: {error}",
                    log_file.display()
                )
            })?;
        self.log_file = Some(log_file);
        let start = Start {
            command: &command,
            env: &env,
            cwd: &self.candidate.cwd,
        };
        self.process = Some(Process::start(&start, Output::new(Some(file), patterns))?);
        Ok(())
    }

    async fn get_ready(
        &self,
        until: Instant,
    ) -> Result<(BTreeMap<String, Address>, Option<Caller>, Option<Caller>), String> {
        let output = self
            .process
            .as_ref()
            .map(|process| process.output().as_ref());
        let endpoints = self.find_endpoints(until, output).await?;
        let mut signs = Vec::new();
        match &self.candidate.ready {
            Some(ReadySpec::Log(_)) => signs.push(Sign::Printed(self.patterns().len() - 1)),
            Some(ReadySpec::Http(url)) => {
                signs.push(Sign::Answers(Caller::new(&self.fill(url, &endpoints)?)?));
            }
            Some(ReadySpec::Tcp(name)) => signs.extend(match endpoints.get(name) {
                Some(address) => Sign::of(address),
                None => Some(Sign::Accepts(name.clone())),
            }),
            None => signs.extend(endpoints.values().filter_map(Sign::of)),
        }
        for sign in &mut signs {
            sign.wait(until, output).await?;
        }
        let caller = |url: &Option<String>| match url {
            Some(url) => Caller::new(&self.fill(url, &endpoints)?).map(Some),
            None => Ok(None),
        };
        let (idle, states) = (
            caller(&self.candidate.idle_http)?,
            caller(&self.candidate.states_url)?,
        );
        Ok((endpoints, idle, states))
    }

    async fn find_endpoints(
        &self,
        until: Instant,
        output: Option<&Output>,
    ) -> Result<BTreeMap<String, Address>, String> {
        let mut endpoints = BTreeMap::new();
        let mut pattern = 0;
        for (name, spec) in &self.candidate.endpoints {
            let address = match spec {
                AddressSpec::Folder(folder) => Address::Folder(
                    self.surroundings
                        .folder
                        .join(self.fill(folder, &endpoints)?),
                ),
                AddressSpec::Text(text) => Address::parse(&self.fill(text, &endpoints)?)?,
                AddressSpec::Log(regex) => {
                    Sign::Printed(pattern)
                        .wait(until, output)
                        .await
                        .map_err(|_| {
                            format!("its output never showed the endpoint '{name}' ({regex})")
                        })?;
                    let found = output
                        .and_then(|output| output.found(pattern))
                        .unwrap_or_default();
                    pattern += 1;
                    Address::parse(&found)
                        .map_err(|error| format!("the endpoint '{name}' in its output: {error}"))?
                }
            };
            endpoints.insert(name.clone(), address);
        }
        Ok(endpoints)
    }

    fn fill(&self, text: &str, endpoints: &BTreeMap<String, Address>) -> Result<String, String> {
        fill(text, &|name| match name.split_once('.') {
            None if name == "self" => Some(self.surroundings.own_binary.display().to_string()),
            Some(("run", "dir")) => Some(self.surroundings.folder.display().to_string()),
            Some(("ports", port)) => self.ports.get(port).map(u16::to_string),
            Some(("endpoints", rest)) => {
                let name = rest
                    .strip_suffix(".url")
                    .or_else(|| rest.strip_suffix(".addr"))
                    .or_else(|| rest.strip_suffix(".folder"))
                    .unwrap_or(rest);
                let address = endpoints.get(name)?;
                match rest.strip_prefix(name)? {
                    ".url" => address
                        .http()
                        .ok()
                        .map(|target| format!("http://{}{}", target.host, target.path)),
                    ".addr" => address.socket().ok(),
                    _ => Some(address.to_string()),
                }
            }
            Some(("stubs", rest)) => {
                let (name, part) = rest.rsplit_once('.')?;
                let (_, address) = self
                    .surroundings
                    .partners
                    .iter()
                    .find(|(known, _)| known == name)?;
                match part {
                    "url" => Some(format!("http://{address}")),
                    "addr" => Some(address.to_string()),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// Where an endpoint is reached, while it is up.
    pub(crate) fn address(&self, name: &str) -> Option<&Address> {
        self.endpoints.get(name)
    }

    /// All endpoints, while it is up.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (&String, &Address)> {
        self.endpoints.iter()
    }

    /// Whether we start it.
    pub(crate) fn is_launched(&self) -> bool {
        self.candidate.is_launched()
    }

    /// Its process id, where we started it.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Where its output goes, where we started it.
    pub(crate) fn log_file(&self) -> Option<&PathBuf> {
        self.log_file.as_ref()
    }

    /// Whether its process, where we started one, has ended by now, even where nobody has seen that yet.
    pub(crate) fn has_ended(&self) -> bool {
        self.process.as_ref().is_some_and(Process::has_ended)
    }

    /// Sees its end, where we started it.
    pub(crate) fn exited(&self) -> Option<watch::Receiver<Option<String>>> {
        self.process.as_ref().map(Process::exited)
    }

    /// Whom to ask whether it is idle, if it can be asked.
    pub(crate) fn idle(&mut self) -> Option<&mut Caller> {
        self.idle.as_mut()
    }

    /// The quiet window that stands for idleness, if the candidate's file declares one.
    pub(crate) fn quiet(&self) -> Option<Duration> {
        self.candidate.idle_quiet
    }

    /// Whom to ask for provider states, if it can be asked.
    pub(crate) fn states(&mut self) -> Option<&mut Caller> {
        self.states.as_mut()
    }

    /// A reason with the last lines of its output.
    pub(crate) fn with_last_lines(&self, reason: &str) -> String {
        let lines = self
            .process
            .as_ref()
            .map(|process| process.output().last_lines())
            .unwrap_or_default();
        if lines.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}; its last output:\n{lines}")
        }
    }

    /// Ends it at once.
    pub(crate) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Ends it as it wishes to be ended.
    pub(crate) async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process
                .stop(self.candidate.stop_signal, self.candidate.stop_grace)
                .await;
        }
    }
}
