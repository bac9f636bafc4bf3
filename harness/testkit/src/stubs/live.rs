//! Stubs on sockets: the runner's, in a lane that has nothing to judge.
//!
//! The runner knows how to play partners for a candidate. Here the candidate is whatever the test points at them, and
//! there is one case, which does nothing: the lane is opened, that case is over at once, and the lane is kept until the
//! stubs are dropped. What crosses its wires is told by the runner's observer; what a test tells a stub goes to it directly.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use tokio::{runtime::Runtime, sync::oneshot};
use wardgate_contract::Source;
use wardgate_core::{
    event::Event,
    plan::{self, Partner, Plan, Request},
    port::{Catalog, Control, Moment, Protocol, Reaction},
};
use wardgate_expression::Json;
use wardgate_runner::{Candidate, LaneInfo, Observer, RunOptions, Stop};

use super::{hand::Hand, log::Log, protocol::Shared};
use crate::{folder::Folder, seed};

/// The stubs' own runtime, one for all tests of a process.
static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

/// The contract of the one case: a lane wants one.
const NOTHING: &str = "\
wardgate: 1
contract: testkit/stubs
version: 1.0.0
consumer: tests
provider: code
workflow: none
interactions:
  - name: stubs are up
    steps: [ { expect: {} } ]
";

/// Stubs on sockets.
#[derive(Debug)]
pub(super) struct Live {
    partners: Vec<Playing>,
    log: Arc<Log>,
    stop: Stop,
    opened: Instant,
    started_unix_ms: i64,
}

/// A partner that is being played.
#[derive(Debug)]
struct Playing {
    name: String,
    protocol: Arc<dyn Protocol>,
    address: SocketAddr,
    hand: Arc<Hand>,
}

impl Live {
    /// Starts a stub for each partner; they answer as soon as this returns.
    pub(super) async fn start(mut partners: Vec<Partner>) -> Result<Arc<Self>, String> {
        // The plan orders partners by name, and speaks of them by their place.
        partners.sort_by(|left, right| left.name.cmp(&right.name));
        if let Some(pair) = partners
            .windows(2)
            .find(|pair| pair[0].name == pair[1].name)
        {
            return Err(format!("two partners are called '{}'", pair[0].name));
        }
        if partners.is_empty() {
            return Err(String::from("no partner was named"));
        }
        let known = wardgate_stub_catalog::catalog();
        let protocols = partners
            .iter()
            .map(|partner| {
                known.get(&partner.protocol).cloned().ok_or_else(|| {
                    format!(
                        "there is no protocol '{}'; there are {}",
                        partner.protocol,
                        known.names().join(", ")
                    )
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let hands: BTreeMap<String, Arc<Hand>> = partners
            .iter()
            .map(|partner| (partner.name.clone(), Arc::default()))
            .collect();
        let shared = known.iter().map(|protocol| {
            Arc::new(Shared {
                protocol: protocol.clone(),
                hands: hands.clone(),
            }) as Arc<dyn Protocol>
        });
        let catalog = Arc::new(Catalog::new(shared.collect()));
        let plan = plan_of(&partners, &catalog)?;
        let log = Arc::new(Log::new(protocols.clone()));
        let (stop, opened) = (Stop::new(), Instant::now());
        let started_unix_ms = plan.started_unix_ms;
        let info = play(plan, catalog, log.clone(), stop.clone()).await?;
        let partners = info
            .partners
            .iter()
            .zip(protocols)
            .map(|((name, address), protocol)| Playing {
                name: name.clone(),
                protocol,
                address: *address,
                hand: hands[name].clone(),
            })
            .collect();
        Ok(Arc::new(Self {
            partners,
            log,
            stop,
            opened,
            started_unix_ms,
        }))
    }

    /// Closes every port and connection.
    pub(super) fn stop(&self) {
        self.stop.request();
    }

    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.partners.iter().position(|known| known.name == name)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.partners
            .iter()
            .map(|known| known.name.as_str())
            .collect()
    }

    pub(super) fn name(&self, partner: usize) -> &str {
        &self.partners[partner].name
    }

    pub(super) fn protocol(&self, partner: usize) -> &dyn Protocol {
        self.partners[partner].protocol.as_ref()
    }

    pub(super) fn address(&self, partner: usize) -> SocketAddr {
        self.partners[partner].address
    }

    /// Tells a stub something; gives its remark where it did not do it.
    pub(super) fn control(&self, partner: usize, control: &Control) -> Option<String> {
        let elapsed = self.opened.elapsed();
        let since = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        let now = Moment {
            elapsed,
            unix_ms: self.started_unix_ms.saturating_add(since),
        };
        let remark = self.partners[partner].hand.control(now, control);
        self.log.changed();
        remark
    }

    /// What a stub holds in a collection.
    pub(super) fn held(&self, partner: usize, collection: &str) -> Result<Vec<Json>, String> {
        let playing = &self.partners[partner];
        playing.protocol.check_collection(collection)?;
        playing.hand.held(collection)
    }
}

/// A plan with these partners and one case that does nothing.
fn plan_of(partners: &[Partner], catalog: &Catalog) -> Result<Arc<Plan>, String> {
    let reading = wardgate_contract::read(Arc::new(Source::new("the testkit", NOTHING)));
    let contract = reading
        .contract
        .ok_or_else(|| format!("{:?}", reading.findings))?;
    let request = Request {
        contracts: vec![Arc::new(contract)],
        seed: seed::choose(None)?,
        started_unix_ms: seed::now_unix_ms(),
        partners: partners.to_vec(),
        ..Request::default()
    };
    let mut plan = plan::make(request, catalog).map_err(|error| error.to_string())?;
    for case in &mut plan.cases {
        case.script.clear();
        case.expectations.clear();
    }
    Ok(Arc::new(plan))
}

/// Opens the lane and keeps it until it is stopped; gives where everything is.
async fn play(
    plan: Arc<Plan>,
    catalog: Arc<Catalog>,
    log: Arc<Log>,
    stop: Stop,
) -> Result<LaneInfo, String> {
    let runtime = RUNTIME
        .get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("wardgate-stubs")
                .enable_all()
                .build()
                .map_err(|error| format!("no runtime can be had: {error}"))
        })
        .as_ref()
        .map_err(String::clone)?;
    let folder = Folder::new()?;
    let (sender, opened) = oneshot::channel();
    let watch = Arc::new(Watch {
        log,
        opened: Mutex::new(Some(sender)),
    });
    let options = RunOptions {
        keep: true,
        stop,
        ..RunOptions::new(folder.path())
    };
    let candidate = Arc::new(Candidate::fixed("the code under test", []));
    runtime.spawn(async move {
        let observer: Arc<dyn Observer> = watch.clone();
        let outcome = wardgate_runner::run(plan, catalog, candidate, options, observer).await;
        // Where the lane was never opened, somebody still waits for it.
        let reason = outcome
            .problem
            .unwrap_or_else(|| String::from("they ended before they began"));
        watch.say(Err(reason));
        drop(folder);
    });
    opened
        .await
        .unwrap_or_else(|_| Err(String::from("the runtime ended")))
}

/// Is told by the runner what happens.
struct Watch {
    log: Arc<Log>,
    opened: Mutex<Option<oneshot::Sender<Result<LaneInfo, String>>>>,
}

impl Watch {
    fn say(&self, opened: Result<LaneInfo, String>) {
        let sender = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(sender) = sender {
            // Who no longer waits has no need of it.
            let _ = sender.send(opened);
        }
    }
}

impl Observer for Watch {
    fn lane_opened(&self, lane: &LaneInfo) {
        self.say(Ok(lane.clone()));
    }

    fn event(&self, _lane: usize, event: &Event, reaction: &Reaction) {
        self.log.event(event, reaction);
    }
}
