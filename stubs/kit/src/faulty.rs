//! One wrapper that makes any protocol's state machine a stub with every named fault.

use std::{collections::BTreeSet, fmt::Debug, time::Duration};

use wardgate_core::{
    port::{Action, Control, Effect, Held, Input, Moment, Reaction, Stub},
    wire::Message,
};
use wardgate_expression::Json;

use crate::{dated::Dater, faults::Faults};

/// What a protocol's state machine does when nothing is wrong. [`Faulty`] makes a stub of it.
///
/// A clone is a snapshot, so records should be held behind `Arc`.
pub trait Core: Clone + Debug + Send + 'static {
    /// Handles one message that was well framed. `channel` is the connection it came on.
    fn handle(&mut self, at: Moment, channel: u32, message: &Message) -> Handled;

    /// The answer that refuses a message in these words (`503`, `AE`), or in the protocol's usual ones.
    /// Nothing is handled; none where the protocol has no way to refuse, and then the connection closes.
    fn refusal(&self, at: Moment, message: &Message, with: Option<&str>) -> Option<Message>;

    /// Holds a record as if a client had put it there. The error says why it cannot be held.
    fn seed(&mut self, at: Moment, collection: &str, record: &Json) -> Result<Vec<Effect>, String>;

    /// The answer to bytes that are no message, if the protocol has one; the connection closes in any case.
    fn garbage(&self, _at: Moment, _reason: &str) -> Option<Message> {
        None
    }

    /// Whether the connection is still of use after bytes that are no message: framing finds the next one by itself.
    fn goes_on_after_garbage(&self) -> bool {
        false
    }

    /// A timer that [`Handled::actions`] armed has fired.
    fn timer(&mut self, _at: Moment, _timer: u64) -> Reaction {
        Reaction::default()
    }

    /// A connection is gone: whatever was kept for it can be forgotten.
    fn closed(&mut self, _channel: u32) {}

    /// The records of one collection, in a stable order.
    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String>;

    /// The names of the collections that hold something.
    fn collections(&self) -> Vec<String>;
}

/// What came of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// The answers, in order; usually one.
    pub replies: Vec<Message>,
    /// What changed. A message that changed something is a write: lost and cut replies count only those.
    pub effects: Vec<Effect>,
    /// What else is to be done afterwards, such as arming a timer.
    pub actions: Vec<Action>,
}

impl Handled {
    /// An answer to a message that changed nothing.
    pub fn reply(message: Message) -> Self {
        Self {
            replies: vec![message],
            ..Self::default()
        }
    }

    /// An answer to a message that changed something.
    pub fn write(message: Message, effects: Vec<Effect>) -> Self {
        Self {
            replies: vec![message],
            effects,
            actions: Vec::new(),
        }
    }
}

/// A stub that behaves well until it is told not to.
///
/// - Down: open connections are reset at once; each new one is reset and uses up an attempt.
/// - Refuse: a message of the case in hand is answered with a refusal and not handled.
/// - LoseReply, Garble: a write of the case in hand is handled, and its reply does not arrive or arrives cut.
/// - Slow: the replies to a message of the case in hand are late.
///
/// They are looked at in this order; a message uses up at most one attempt of each.
///
/// `Control::Reset` goes back to the baseline, with no fault on. The baseline is the state at the first input that is
/// not `Control::Seed`: what was seeded before the first connection, fault or reset is part of it.
#[derive(Clone, Debug)]
pub struct Faulty<S> {
    core: S,
    baseline: Option<Box<S>>,
    faults: Faults,
    open: BTreeSet<u32>,
    dater: Dater,
}

impl<S: Core> Faulty<S> {
    /// A stub that behaves well.
    pub fn new(core: S) -> Self {
        Self {
            core,
            baseline: None,
            faults: Faults::default(),
            open: BTreeSet::new(),
            dater: Dater::default(),
        }
    }

    /// The state machine inside.
    pub fn core(&self) -> &S {
        &self.core
    }

    fn close(&mut self, channel: u32, abort: bool) -> Action {
        if self.open.remove(&channel) {
            self.core.closed(channel);
        }
        Action::Close { channel, abort }
    }

    fn control(&mut self, at: Moment, control: &Control) -> Reaction {
        match control {
            Control::Fault(fault) => {
                self.faults.set(fault);
                if !self.faults.is_down() {
                    return Reaction::default();
                }
                let open = std::mem::take(&mut self.open);
                Reaction {
                    actions: open
                        .into_iter()
                        .map(|channel| {
                            self.core.closed(channel);
                            Action::Close {
                                channel,
                                abort: true,
                            }
                        })
                        .collect(),
                    ..Reaction::default()
                }
            }
            Control::ClearFaults => {
                self.faults = Faults::default();
                Reaction::default()
            }
            Control::Seed { collection, record } => match self.core.seed(at, collection, record) {
                Ok(effects) => Reaction {
                    effects,
                    ..Reaction::default()
                },
                Err(reason) => Reaction {
                    remark: Some(format!("not seeded: {reason}")),
                    unhandled: true,
                    ..Reaction::default()
                },
            },
            Control::Reset => {
                self.faults = Faults::default();
                if let Some(baseline) = &self.baseline {
                    self.core = S::clone(baseline);
                }
                Reaction::default()
            }
        }
    }

    fn message(&mut self, at: Moment, channel: u32, message: &Message, current: bool) -> Reaction {
        if self.faults.is_down() {
            return self.closing(channel, true, "down");
        }
        if !current {
            return answer(
                channel,
                self.core.handle(at, channel, message),
                Duration::ZERO,
            );
        }
        if self.faults.take_refusal() {
            return self.refuse(at, channel, message);
        }
        let handled = self.core.handle(at, channel, message);
        if !handled.effects.is_empty() {
            if self.faults.take_loss() {
                let mut actions = vec![self.close(channel, false)];
                actions.extend(handled.actions);
                return Reaction {
                    actions,
                    effects: handled.effects,
                    remark: Some("reply lost".to_owned()),
                    ..Reaction::default()
                };
            }
            if !handled.replies.is_empty() && self.faults.take_cut() {
                return self.cut(channel, handled);
            }
        }
        let delay = self.delay();
        let mut reaction = answer(channel, handled, delay);
        if delay > Duration::ZERO {
            reaction.remark = Some(format!("late by {} ms", delay.as_millis()));
        }
        reaction
    }

    fn refuse(&mut self, at: Moment, channel: u32, message: &Message) -> Reaction {
        let remark = match self.faults.refusal() {
            Some(with) => format!("refused: {with}"),
            None => "refused".to_owned(),
        };
        match self.core.refusal(at, message, self.faults.refusal()) {
            None => self.closing(channel, false, &remark),
            Some(refusal) => Reaction {
                unhandled: true,
                remark: Some(remark),
                ..answer(channel, Handled::reply(refusal), self.delay())
            },
        }
    }

    /// The last reply is cut; those before it are whole.
    fn cut(&mut self, channel: u32, handled: Handled) -> Reaction {
        let count = handled.replies.len();
        let mut actions: Vec<Action> = handled
            .replies
            .into_iter()
            .enumerate()
            .map(|(index, message)| {
                if index + 1 == count {
                    Action::ReplyCut { channel, message }
                } else {
                    Action::Reply {
                        channel,
                        message,
                        after: Duration::ZERO,
                    }
                }
            })
            .collect();
        actions.extend(handled.actions);
        if self.open.remove(&channel) {
            self.core.closed(channel);
        }
        Reaction {
            actions,
            effects: handled.effects,
            remark: Some("reply cut".to_owned()),
            ..Reaction::default()
        }
    }

    fn delay(&mut self) -> Duration {
        self.faults.take_delay().unwrap_or_default()
    }

    fn closing(&mut self, channel: u32, abort: bool, remark: &str) -> Reaction {
        Reaction {
            actions: vec![self.close(channel, abort)],
            unhandled: true,
            remark: Some(remark.to_owned()),
            ..Reaction::default()
        }
    }
}

/// The replies, all late by `after`, and what else was to be done.
fn answer(channel: u32, handled: Handled, after: Duration) -> Reaction {
    let mut actions = Vec::with_capacity(handled.replies.len() + handled.actions.len());
    actions.extend(handled.replies.into_iter().map(|message| Action::Reply {
        channel,
        message,
        after,
    }));
    actions.extend(handled.actions);
    Reaction {
        actions,
        effects: handled.effects,
        ..Reaction::default()
    }
}

impl<S: Core> Stub for Faulty<S> {
    fn receive(&mut self, at: Moment, input: Input<'_>) -> Reaction {
        let mut reaction = self.take_in(at, &input);
        self.dater.date(at, &mut reaction.actions);
        reaction
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        self.core.collection(name)
    }

    fn collections(&self) -> Vec<String> {
        self.core.collections()
    }

    fn snapshot(&self) -> Box<dyn Stub> {
        Box::new(self.clone())
    }
}

impl<S: Core> Faulty<S> {
    fn take_in(&mut self, at: Moment, input: &Input<'_>) -> Reaction {
        if self.baseline.is_none() && !matches!(input, Input::Control(Control::Seed { .. })) {
            self.baseline = Some(Box::new(self.core.clone()));
        }
        match *input {
            Input::Connected { channel } => {
                if self.faults.take_down() {
                    return self.closing(channel, true, "down");
                }
                self.open.insert(channel);
                Reaction::default()
            }
            Input::Message {
                channel,
                message,
                current,
            } => self.message(at, channel, message, current),
            Input::Garbage { channel, reason } => {
                if self.faults.is_down() {
                    return self.closing(channel, true, "down");
                }
                let ends = !self.core.goes_on_after_garbage();
                let mut reply = self.core.garbage(at, reason);
                // RFC 9112, section 9.6: whoever closes says so.
                if let (true, Some(Message::Response(response))) = (ends, &mut reply) {
                    response.add_header("connection", "close");
                }
                let mut reaction =
                    reply.map_or_else(Reaction::default, |reply| Reaction::reply(channel, reply));
                if ends {
                    reaction.actions.push(self.close(channel, false));
                }
                reaction.unhandled = true;
                reaction
            }
            Input::Closed { channel } => {
                if self.open.remove(&channel) {
                    self.core.closed(channel);
                }
                Reaction::default()
            }
            Input::Timer { timer } => self.core.timer(at, timer),
            Input::SendResult { .. } => Reaction::default(),
            Input::Control(control) => self.control(at, control),
        }
    }
}
