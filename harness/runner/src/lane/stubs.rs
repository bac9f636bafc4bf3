//! The stubs of one lane: a port for each partner, served until this is dropped.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::task::JoinSet;
use wardgate_core::{lane::Lane, plan::Plan, port::Catalog, wire::Transport};

use super::LaneHandle;
use crate::{Observer, transport::partner};

/// The stubs of one lane.
pub(crate) struct Stubs {
    /// The lane that they stand in.
    pub lane: Arc<LaneHandle>,
    /// Where each partner is reached, in the plan's order.
    pub addresses: Vec<(String, SocketAddr)>,
    servers: JoinSet<()>,
}

impl Stubs {
    /// Binds a port for each partner of the plan and serves it: the one in `listen`, else a free one on loopback.
    pub(crate) async fn open(
        plan: &Arc<Plan>,
        catalog: &Arc<Catalog>,
        number: usize,
        listen: &BTreeMap<String, SocketAddr>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, String> {
        let lane = LaneHandle::new(
            Lane::new(plan.clone(), catalog.clone(), number)?,
            number,
            observer,
        );
        let mut servers = JoinSet::new();
        let mut addresses = Vec::with_capacity(plan.partners.len());
        for (index, wanted) in plan.partners.iter().enumerate() {
            let protocol = catalog
                .get(&wanted.protocol)
                .ok_or_else(|| format!("there is no protocol '{}'", wanted.protocol))?;
            let transport = protocol.transport();
            if matches!(transport, Transport::Files) {
                return Err(format!(
                    "nobody plays '{}': files are not received",
                    wanted.name
                ));
            }
            let at = listen
                .get(&wanted.name)
                .copied()
                .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
            let refused = |error| format!("cannot listen on {at} for '{}': {error}", wanted.name);
            let listener = partner::bind(at).await.map_err(refused)?;
            let address = listener.local_addr().map_err(refused)?;
            servers.spawn(partner::serve(
                listener,
                lane.clone(),
                index,
                transport,
                partner::WHOLE_WITHIN,
            ));
            addresses.push((wanted.name.clone(), address));
        }
        Ok(Self {
            lane,
            addresses,
            servers,
        })
    }

    /// Ends every connection and closes every port.
    pub(crate) async fn close(mut self) {
        self.servers.shutdown().await;
    }
}
