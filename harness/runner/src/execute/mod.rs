//! One lane at work: carries out the scripts of its cases.
//!
//! There are no choices here. What is done stands in the plan; what to wait for says the fold; this does it, and
//! writes down what happened.

mod ears;
mod rest;
mod send;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use tokio::time::timeout;
use wardgate_core::{
    event::{EventKind, Lifecycle},
    lane::{GivenAct, Waiting},
    plan::{Act, Plan},
    port::{Catalog, Control, Protocol},
    wire::Transport,
};
use wardgate_expression::Json;

use crate::{
    candidate::{Address, Instance},
    lane::{LaneHandle, Stubs},
    observer::LaneInfo,
    transport::{desk::Desk, endpoint::Endpoints},
};
use ears::Ears;

/// How long a candidate that owes a reply is given to show that it ended, before it is called hanging.
const DYING_WITHIN: Duration = Duration::from_millis(60);

/// How long the end of a process that is over may take to be seen: its last words are read first.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// Why a lane cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LaneLost {
    /// Why, with the candidate's last lines.
    pub reason: String,
}

/// One lane at work.
pub(crate) struct Executor {
    plan: Arc<Plan>,
    lane: Arc<LaneHandle>,
    ears: Ears,
    instance: Instance,
    /// How each endpoint of the plan is reached.
    transports: Vec<Transport>,
    /// Whether this start of the candidate has had a stimulus.
    stimulated: bool,
    /// Whether the candidate has to be started afresh before the next attempt.
    worn: bool,
    /// Bytes that wait to be written together with the next stimulus, and for which endpoint.
    begun: Option<send::Begun>,
    /// Files that were dropped and are to be picked up.
    dropped: Vec<PathBuf>,
    /// Partners that behave badly at the moment.
    faulty: BTreeSet<usize>,
    /// Ends of the candidate that fell between two cases.
    exits: Vec<String>,
}

impl Executor {
    /// A lane whose candidate is not started yet.
    pub(crate) fn new(
        plan: Arc<Plan>,
        catalog: &Catalog,
        stubs: &Stubs,
        instance: Instance,
    ) -> Result<Self, String> {
        let protocols: Vec<Arc<dyn Protocol>> = plan
            .endpoints
            .iter()
            .map(|endpoint| {
                catalog
                    .get(&endpoint.protocol)
                    .cloned()
                    .ok_or_else(|| format!("there is no protocol '{}'", endpoint.protocol))
            })
            .collect::<Result<_, _>>()?;
        let transports = protocols
            .iter()
            .map(|protocol| protocol.transport())
            .collect();
        let endpoints = Endpoints::new(stubs.lane.clone(), protocols, plan.limits.within);
        Ok(Self {
            lane: stubs.lane.clone(),
            ears: Ears::new(stubs.lane.clone(), endpoints),
            plan,
            instance,
            transports,
            stimulated: false,
            worn: false,
            begun: None,
            dropped: Vec::new(),
            faulty: BTreeSet::new(),
            exits: Vec::new(),
        })
    }

    /// Starts the candidate and waits until it is ready.
    pub(crate) async fn start(&mut self) -> Result<(), LaneLost> {
        let launched = self.instance.is_launched();
        if launched {
            self.lane.append(EventKind::Candidate(Lifecycle::Started));
        }
        let started = match self.instance.start().await {
            Ok(()) => self.aim(),
            Err(reason) => Err(reason),
        };
        if let Err(reason) = started {
            self.lane
                .append(EventKind::Candidate(Lifecycle::NeverReady {
                    reason: reason.clone(),
                }));
            return Err(LaneLost { reason });
        }
        if launched {
            self.lane.append(EventKind::Candidate(Lifecycle::Ready));
        }
        self.ears.listen_to(self.instance.exited());
        self.stimulated = false;
        self.worn = false;
        Ok(())
    }

    /// Finds the endpoints that the selected cases send to; the candidate need not have the others.
    fn aim(&mut self) -> Result<(), String> {
        let used: BTreeSet<usize> = self
            .plan
            .selected
            .iter()
            .flat_map(|case| &self.plan.cases[*case].stimuli)
            .map(|stimulus| stimulus.endpoint)
            .collect();
        for index in used {
            let name = &self.plan.endpoints[index].name;
            let Some(address) = self.address(index).cloned() else {
                let known: Vec<&str> = self
                    .instance
                    .endpoints()
                    .map(|(name, _)| name.as_str())
                    .collect();
                return Err(format!(
                    "the contracts send to the endpoint '{name}', which the candidate does not declare; it declares {}",
                    if known.is_empty() {
                        String::from("none")
                    } else {
                        known.join(", ")
                    }
                ));
            };
            self.ears
                .endpoints
                .aim(index, &address)
                .map_err(|reason| format!("the endpoint '{name}': {reason}"))?;
        }
        Ok(())
    }

    /// Where an endpoint of the plan is. A contract that leaves `to` out means the endpoint that is called as the protocol, or
    /// the only one of the candidate's that is reached over the same transport.
    fn address(&self, index: usize) -> Option<&Address> {
        let endpoint = &self.plan.endpoints[index];
        if let Some(address) = self.instance.address(&endpoint.name) {
            return Some(address);
        }
        if endpoint.name != endpoint.protocol {
            return None;
        }
        let transport = self.transports[index];
        let mut fitting = self
            .instance
            .endpoints()
            .map(|(_, address)| address)
            .filter(|address| {
                matches!(
                    (address, transport),
                    (Address::Url(_), Transport::Http)
                        | (Address::Socket(_), Transport::Framed(_))
                        | (Address::Folder(_), Transport::Files)
                )
            });
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Where everything is.
    pub(crate) fn info(&self, stubs: &Stubs, folder: PathBuf) -> LaneInfo {
        LaneInfo {
            lane: self.lane.number(),
            folder,
            partners: stubs.addresses.clone(),
            endpoints: self
                .instance
                .endpoints()
                .map(|(name, address)| (name.clone(), address.clone()))
                .collect(),
            process: self.instance.process_id(),
            log_file: self.instance.log_file().cloned(),
        }
    }

    /// Runs every attempt of a case.
    pub(crate) async fn run_case(&mut self, case: usize) -> Result<(), LaneLost> {
        loop {
            let next = self.lane.lock().fold().next_attempt(case);
            let Some(attempt) = next else {
                return Ok(());
            };
            self.attempt(case, attempt).await?;
        }
    }

    async fn attempt(&mut self, case: usize, attempt: u32) -> Result<(), LaneLost> {
        let known = self.ears.exit().is_some();
        if self.instance.has_ended() {
            // It is this attempt's affair only if it ends from here on.
            self.ears.hear_end(SEEN_WITHIN).await;
        }
        self.ears.look().await;
        if let Some(status) = self.ears.exit().map(str::to_owned).filter(|_| !known) {
            if !self.stimulated {
                let reason = format!("the candidate ended before any stimulus: {status}");
                return Err(LaneLost {
                    reason: self.instance.with_last_lines(&reason),
                });
            }
            self.note_end(case, "began", &status);
            self.worn = true;
        }
        if self.worn {
            self.restart().await?;
        }
        self.lane.append(EventKind::CaseStarted { case, attempt });
        let limit = self.plan.attempt_limit(case);
        let mut carried_out = timeout(limit, self.script(case)).await;
        if self.was_gone_before(case) {
            self.ears.endpoints.end_case();
            self.restart().await?;
            self.lane.append(EventKind::CaseStarted { case, attempt });
            carried_out = timeout(limit, self.script(case)).await;
        }
        let lost = if let Ok(result) = carried_out {
            result.err()
        } else {
            self.unrunnable(format!(
                "it was not over after {limit:?}, the limit of one attempt"
            ));
            self.worn = true;
            None
        };
        let unanswered = self.lane.lock().fold().is_unanswered();
        if unanswered && lost.is_none() {
            self.ears.hear_end(DYING_WITHIN).await;
        }
        for partner in std::mem::take(&mut self.faulty) {
            self.control(partner, Control::ClearFaults);
        }
        self.begun = None;
        self.dropped.clear();
        self.ears.endpoints.end_case();
        self.lane.append(EventKind::CaseFinished);
        self.worn |= unanswered || self.ears.exit().is_some();
        match (lost, self.ears.exit()) {
            (Some(lost), _) => Err(lost),
            (None, Some(status)) if !self.stimulated => {
                let reason = format!("the candidate ended before any stimulus: {status}");
                Err(LaneLost {
                    reason: self.instance.with_last_lines(&reason),
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether the candidate had ended between the cases, and only this one's first stimulus came to find out. The case
    /// then has not been tried yet; the end is reported, and belongs to none.
    fn was_gone_before(&mut self, case: usize) -> bool {
        let Some(status) = self.ears.exit().map(str::to_owned) else {
            return false;
        };
        if !self.stimulated || self.lane.lock().fold().is_stimulated() {
            return false;
        }
        self.note_end(case, "sent anything", &status);
        true
    }

    /// Notes an end between two cases that no case is to blame for.
    fn note_end(&mut self, case: usize, did: &str, status: &str) {
        if self.lane.lock().fold().take_unexplained_end() {
            let name = &self.plan.cases[case].name;
            self.exits.push(format!(
                "the candidate ended by itself before '{name}' {did}: {status}"
            ));
        }
    }

    async fn script(&mut self, case: usize) -> Result<(), LaneLost> {
        let plan = self.plan.clone();
        let script = &plan.cases[case].script;
        let mut index = 0;
        while index < script.len() {
            self.act(case, &script[index]).await?;
            if self.must_end() {
                // What must not happen is still looked for, unless the candidate is past answering.
                let rest = script[index + 1..]
                    .iter()
                    .take_while(|act| !matches!(act, Act::Stimulus(_)));
                if rest.into_iter().any(|act| *act == Act::Barrier) {
                    self.come_to_rest().await;
                }
                break;
            }
            index += 1;
        }
        Ok(())
    }

    /// Whether the attempt is over before its script is. Between stimuli it goes on: their verdicts need each other.
    fn must_end(&self) -> bool {
        self.lane.lock().fold().has_failed()
    }

    async fn act(&mut self, case: usize, act: &Act) -> Result<(), LaneLost> {
        match act {
            Act::Given(index) => self.given(*index).await,
            Act::Fault { partner, fault } => {
                self.faulty.insert(*partner);
                self.control(*partner, Control::Fault(fault.clone()));
            }
            Act::ClearFaults { partner } => {
                self.faulty.remove(partner);
                self.control(*partner, Control::ClearFaults);
            }
            Act::Stimulus(stimulus) => self.send(case, *stimulus).await,
            Act::Settle { replies_only } => self.settle(*replies_only).await,
            Act::Barrier => self.come_to_rest().await,
            Act::Rest => self.rest().await,
            Act::Restart => {
                if !self.instance.is_launched() {
                    self.unrunnable(String::from(
                        "a candidate that already runs cannot be started again",
                    ));
                } else if self.ears.exit().is_none() {
                    return self.restart().await;
                }
            }
        }
        Ok(())
    }

    /// Ends the candidate, if it still runs, and starts it again. A fixed one only loses its connections.
    async fn restart(&mut self) -> Result<(), LaneLost> {
        self.ears.endpoints.close_all();
        if !self.instance.is_launched() {
            self.worn = false;
            return Ok(());
        }
        let runs = self.ears.exit().is_none();
        self.ears.listen_to(None);
        self.instance.kill().await;
        if runs {
            self.lane.append(EventKind::Candidate(Lifecycle::Killed));
        }
        let stimulated = self.stimulated;
        self.start().await?;
        self.stimulated = stimulated;
        Ok(())
    }

    async fn given(&mut self, index: usize) {
        let given = self.lane.lock().fold().given(index);
        match given {
            Err(reason) => self.unrunnable(reason),
            Ok(GivenAct::Controls(controls)) => {
                for (partner, control) in controls {
                    self.control(partner, control);
                }
            }
            Ok(GivenAct::State { name, with }) => {
                let failure = match self.instance.states() {
                    None => Some(String::from(
                        "the candidate's file has no [provider_states]",
                    )),
                    Some(states) => {
                        let body = format!(
                            r#"{{"state":{},"params":{with},"action":"setup"}}"#,
                            Json::from(name.as_str())
                        );
                        match self
                            .ears
                            .hear(states.post_json(body, self.plan.limits.within))
                            .await
                        {
                            Ok(response) if (200..300).contains(&response.status()) => None,
                            Ok(response) => Some(format!("it answered {}", response.status())),
                            Err(reason) => Some(reason),
                        }
                    }
                };
                self.lane.append(EventKind::StateSet {
                    state: name,
                    failure,
                });
            }
        }
    }

    fn control(&self, partner: usize, control: Control) {
        let is_seed = matches!(control, Control::Seed { .. });
        let reaction = self.lane.append(EventKind::Control { partner, control });
        if is_seed && reaction.unhandled {
            let name = &self.plan.partners[partner].name;
            self.unrunnable(format!(
                "{name}: {}",
                reaction.remark.as_deref().unwrap_or("it was not seeded")
            ));
        }
        self.lane.route(partner, reaction.actions);
    }

    fn unrunnable(&self, reason: String) {
        self.lane.append(EventKind::Unrunnable { reason });
    }

    /// Waits until what is open is met or its time is over.
    async fn settle(&mut self, replies_only: bool) {
        let mut ask_after = Duration::ZERO;
        loop {
            self.ears.endpoints.send_again().await;
            let (waiting, unanswered) = {
                let mut held = self.lane.lock();
                let fold = held.fold();
                (fold.waiting(replies_only), fold.is_unanswered())
            };
            let Waiting::Until(deadline) = waiting else {
                return;
            };
            if unanswered || self.ears.exit().is_some() {
                return;
            }
            let now = self.lane.elapsed();
            if now >= deadline {
                self.lane.append(EventKind::Deadline);
                continue;
            }
            let mut wake = deadline;
            if !replies_only && self.instance.idle().is_some() {
                let silent = ask_after.max(self.lane.last_wire() + self.plan.limits.silence);
                if now < silent {
                    wake = wake.min(silent);
                } else if self.is_plainly_idle().await {
                    continue;
                } else {
                    ask_after = self.lane.elapsed() + rest::ASK_EVERY;
                    continue;
                }
            }
            let lane = self.lane.clone();
            let wake = tokio::time::Instant::from_std(lane.instant(wake));
            self.ears
                .hear(async {
                    tokio::select! {
                        () = lane.changed() => {}
                        () = tokio::time::sleep_until(wake) => {}
                    }
                })
                .await;
        }
    }

    /// Sees that the candidate ended by itself after the last case, if it has.
    pub(crate) async fn notice_end(&mut self) {
        if self.instance.has_ended() && self.ears.exit().is_none() {
            self.ears.hear_end(SEEN_WITHIN).await;
        }
    }

    /// Ends of the candidate that fell between two cases, one line each.
    pub(crate) fn take_exits(&mut self) -> Vec<String> {
        std::mem::take(&mut self.exits)
    }

    /// Leaves the candidate as it wishes to be left.
    pub(crate) async fn stop(mut self) {
        self.ears.endpoints.close_all();
        self.instance.stop().await;
    }
}
