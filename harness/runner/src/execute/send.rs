//! Sending one stimulus.

use wardgate_core::{
    event::{EventKind, Party, Wire},
    lane::Composed,
    plan::Delivery,
    wire::{Direction, Message},
};

use super::{DYING_WITHIN, Executor};
use crate::{
    candidate::Address,
    transport::{endpoint::Outgoing, file_drop},
};

impl Executor {
    /// Composes and sends a stimulus; that it could not be delivered is an event like any other.
    pub(super) async fn send(&mut self, case: usize, stimulus: usize) {
        let composed = self.lane.lock().fold().compose(stimulus);
        let composed = match composed {
            Ok(composed) => composed,
            Err(reason) => {
                self.unrunnable(reason);
                return;
            }
        };
        if let Message::File { name, content } = &composed.message {
            self.drop_file(stimulus, composed.endpoint, name, content)
                .await;
            return;
        }
        let repeats = self.plan.cases[case].stimuli[stimulus].repeats.is_some();
        if let Err(reason) = self.deliver(stimulus, &composed, repeats).await {
            // Refused by one that is about to end is not refused by one that runs.
            self.ears.hear_end(DYING_WITHIN).await;
            if self.ears.exit().is_none() || self.stimulated {
                self.lane
                    .append(EventKind::Undelivered { stimulus, reason });
            }
        }
    }

    async fn deliver(
        &mut self,
        stimulus: usize,
        composed: &Composed,
        verbatim: bool,
    ) -> Result<(), String> {
        let outgoing = Outgoing {
            stimulus,
            endpoint: composed.endpoint,
            message: &composed.message,
            fate: composed.fate,
            verbatim,
        };
        let bytes = self.ears.endpoints.begin(&outgoing).await?;
        self.stimulated = true;
        let begun = self.begun.take();
        if composed.delivery == Delivery::WithNext {
            self.begun = Some((composed.endpoint, bytes.to_vec()));
            return Ok(());
        }
        let endpoints = &mut self.ears.endpoints;
        match begun {
            Some((endpoint, mut earlier)) if endpoint == composed.endpoint => {
                earlier.extend_from_slice(&bytes);
                endpoints.write(endpoint, &earlier, composed.delivery).await
            }
            Some((endpoint, earlier)) => {
                endpoints.write(endpoint, &earlier, Delivery::Whole).await?;
                endpoints
                    .write(composed.endpoint, &bytes, composed.delivery)
                    .await
            }
            None => {
                endpoints
                    .write(composed.endpoint, &bytes, composed.delivery)
                    .await
            }
        }
    }

    async fn drop_file(
        &mut self,
        stimulus: usize,
        endpoint: usize,
        name: &str,
        content: &bytes::Bytes,
    ) {
        let address = self.instance.address(&self.plan.endpoints[endpoint].name);
        let Some(Address::Folder(folder)) = address.cloned() else {
            self.unrunnable(format!(
                "the endpoint '{}' is no folder, so no file can be dropped there",
                self.plan.endpoints[endpoint].name
            ));
            return;
        };
        let lane = self.lane.clone();
        let wire = EventKind::Wire(Wire {
            channel: lane.next_channel(),
            party: Party::Endpoint(endpoint),
            direction: Direction::ToCandidate,
            stimulus: Some(stimulus),
            name: Some(name.to_owned()),
            bytes: content.clone(),
            fault: None,
        });
        let written = || {
            lane.append(wire);
        };
        let dropped = self
            .ears
            .hear(file_drop::drop_file(&folder, name, content, written))
            .await;
        match dropped {
            Ok(path) => {
                self.stimulated = true;
                self.dropped.push(path);
            }
            Err(error) => self.unrunnable(format!(
                "the file could not be dropped into {}: {error}",
                folder.display()
            )),
        }
    }
}
