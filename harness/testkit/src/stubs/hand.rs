//! A stub that two hold: the lane, which hands it what crosses the wire, and the test.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wardgate_core::port::{Action, Control, Held, Input, Moment, Reaction, Stub};
use wardgate_expression::Json;

/// The test's hold on a stub.
#[derive(Debug, Default)]
pub(super) struct Hand {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// None until the lane has made it.
    stub: Option<Box<dyn Stub>>,
    /// The moment of the last input: time does not run backwards.
    last: Option<Moment>,
    /// What the stub wanted done when the test told it something: connections to be reset, say. The lane does it at the next
    /// occasion; what comes on such a connection before that is met by the fault itself.
    pending: Vec<Action>,
}

impl Hand {
    /// Takes the stub in, and gives the lane's hold on it.
    pub(super) fn take(self: &Arc<Self>, stub: Box<dyn Stub>) -> Box<dyn Stub> {
        self.lock().stub = Some(stub);
        Box::new(LaneHand(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the stub something; gives its remark where it did not do it.
    pub(super) fn control(&self, now: Moment, control: &Control) -> Option<String> {
        let mut state = self.lock();
        let mut reaction = state.receive(now, Input::Control(control));
        state.pending.append(&mut reaction.actions);
        reaction
            .unhandled
            .then(|| reaction.remark.unwrap_or_default())
    }

    /// What the stub holds in a collection.
    pub(super) fn held(&self, collection: &str) -> Result<Vec<Json>, String> {
        let state = self.lock();
        let Some(stub) = &state.stub else {
            return Ok(Vec::new());
        };
        let held = stub.collection(collection)?;
        Ok(held.iter().map(|one| one.record.clone()).collect())
    }
}

impl State {
    fn receive(&mut self, at: Moment, input: Input<'_>) -> Reaction {
        let at = self.last.map_or(at, |last| last.max(at));
        self.last = Some(at);
        self.stub
            .as_mut()
            .map_or_else(Reaction::default, |stub| stub.receive(at, input))
    }
}

/// The lane's hold on it.
#[derive(Debug)]
struct LaneHand(Arc<Hand>);

impl Stub for LaneHand {
    fn receive(&mut self, at: Moment, input: Input<'_>) -> Reaction {
        let mut state = self.0.lock();
        let mut reaction = state.receive(at, input);
        if !state.pending.is_empty() {
            let mut actions = std::mem::take(&mut state.pending);
            actions.append(&mut reaction.actions);
            reaction.actions = actions;
        }
        reaction
    }

    /// The lane judges nothing here, so it has nothing to look for.
    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        Err(format!("only the test looks into '{name}'"))
    }

    fn collections(&self) -> Vec<String> {
        Vec::new()
    }

    fn snapshot(&self) -> Box<dyn Stub> {
        Box::new(Self(self.0.clone()))
    }
}
