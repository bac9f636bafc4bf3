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

/// A stimulus that waits to be written together with the next one.
pub(super) struct Begun {
    stimulus: usize,
    endpoint: usize,
    bytes: Vec<u8>,
}

/// Why a stimulus did not reach the candidate.
enum Undelivered {
    /// There was no connection to be had.
    Unreachable(String),
    /// It could not be written.
    Unwritten(String),
}

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
        let Err(undelivered) = self.deliver(stimulus, &composed, repeats).await else {
            return;
        };
        // Refused by one that is about to end is not refused by one that runs.
        self.ears.hear_end(DYING_WITHIN).await;
        let reason = match undelivered {
            // One that was there before any stimulus of ours, or that is not ours to start, is gone before this case tried
            // anything: nothing was judged.
            Undelivered::Unreachable(reason) if self.is_lost_before_stimulus() => {
                self.unrunnable(format!("the candidate cannot be reached: {reason}"));
                return;
            }
            Undelivered::Unreachable(reason) | Undelivered::Unwritten(reason) => reason,
        };
        if self.ears.exit().is_none() || self.stimulated {
            self.lane
                .append(EventKind::Undelivered { stimulus, reason });
        }
    }

    fn is_lost_before_stimulus(&self) -> bool {
        let ours = self.instance.is_launched() && self.stimulated;
        self.ears.exit().is_none() && !ours && !self.lane.lock().fold().is_stimulated()
    }

    async fn deliver(
        &mut self,
        stimulus: usize,
        composed: &Composed,
        verbatim: bool,
    ) -> Result<(), Undelivered> {
        let outgoing = Outgoing {
            stimulus,
            endpoint: composed.endpoint,
            message: &composed.message,
            fate: composed.fate,
            verbatim,
        };
        let begun = self.ears.endpoints.begin(&outgoing).await;
        let bytes = begun.map_err(Undelivered::Unreachable)?;
        self.stimulated = true;
        let begun = self.begun.take();
        if composed.delivery == Delivery::WithNext {
            self.begun = Some(Begun {
                stimulus,
                endpoint: composed.endpoint,
                bytes: bytes.to_vec(),
            });
            return Ok(());
        }
        let at_once = composed.delivery == Delivery::Whole && begun.is_none();
        let earlier = begun.as_ref().map(|begun| begun.stimulus);
        let endpoints = &mut self.ears.endpoints;
        let written = match begun {
            Some(mut earlier) if earlier.endpoint == composed.endpoint => {
                earlier.bytes.extend_from_slice(&bytes);
                endpoints
                    .write(earlier.endpoint, &earlier.bytes, composed.delivery)
                    .await
            }
            Some(earlier) => {
                let whole = Delivery::Whole;
                match endpoints
                    .write(earlier.endpoint, &earlier.bytes, whole)
                    .await
                {
                    Ok(()) => {
                        endpoints
                            .write(composed.endpoint, &bytes, composed.delivery)
                            .await
                    }
                    Err(reason) => Err(reason),
                }
            }
            None => {
                endpoints
                    .write(composed.endpoint, &bytes, composed.delivery)
                    .await
            }
        };
        written.map_err(Undelivered::Unwritten)?;
        if !at_once {
            for stimulus in earlier.into_iter().chain([stimulus]) {
                self.lane.append(EventKind::Written { stimulus });
            }
        }
        Ok(())
    }

    async fn drop_file(
        &mut self,
        stimulus: usize,
        endpoint: usize,
        name: &str,
        content: &bytes::Bytes,
    ) {
        let Some(Address::Folder(folder)) = self.address(endpoint).cloned() else {
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
