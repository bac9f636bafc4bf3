//! Stubs that are up as long as a test looks at them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::runtime::Runtime;
use wardgate_expression::Json;
use wardgate_runner::stubs_up::{LiveStub, StubPartner, StubsUp, StubsUpOptions, stubs_up};

/// Stubs, and what they run on.
pub struct Up {
    pub runtime: Runtime,
    stubs: Option<StubsUp>,
}

/// One of each protocol that is served, and the control API, all on free ports.
pub fn up() -> Up {
    Up::with(StubsUpOptions {
        control: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..StubsUpOptions::new(vec![
            StubPartner::new("ehr", "fhir"),
            StubPartner::new("adt", "hl7v2"),
            StubPartner::new("ledger", "erp"),
            StubPartner::new("web", "http"),
        ])
    })
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be had")
}

impl Up {
    pub fn with(options: StubsUpOptions) -> Self {
        let runtime = runtime();
        let stubs = runtime
            .block_on(stubs_up(&wardgate_stub_catalog::catalog(), options))
            .expect("they can be served");
        Self {
            runtime,
            stubs: Some(stubs),
        }
    }

    pub fn stubs(&self) -> &StubsUp {
        self.stubs.as_ref().expect("they are up")
    }

    #[track_caller]
    pub fn stub(&self, name: &str) -> &Arc<LiveStub> {
        self.stubs().stub(name).expect("there is such a partner")
    }

    #[track_caller]
    pub fn at(&self, name: &str) -> SocketAddr {
        self.stub(name).address()
    }

    /// Where the control API listens.
    #[track_caller]
    pub fn control(&self) -> SocketAddr {
        self.stubs().control().expect("it is served")
    }

    /// Waits until a partner received so many messages in all.
    #[track_caller]
    pub fn await_received(&self, name: &str, count: u64) {
        let stub = self.stub(name);
        let wait = stub.received_after(count - 1, Duration::from_secs(20));
        assert!(
            self.runtime.block_on(wait),
            "'{name}' received {}",
            stub.received_count()
        );
    }

    pub fn close(mut self) {
        if let Some(stubs) = self.stubs.take() {
            self.runtime.block_on(stubs.close());
        }
    }
}

#[track_caller]
pub fn patient(id: &str, family: &str) -> Json {
    let text =
        format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}"}}]}}"#);
    Json::parse(&text).expect("it is JSON")
}
