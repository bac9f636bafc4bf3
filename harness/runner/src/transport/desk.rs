//! What a partner's connections need of whoever answers for the partner, and how actions reach whom they concern.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::BytesMut;
use tokio::{sync::mpsc, task::AbortHandle};
use wardgate_core::{
    event::{EventKind, Wire},
    port::{Action, Reaction},
    wire::Message,
};

/// What a connection of a partner is told by somebody other than its peer.
pub(crate) type Command = Action;

/// Answers for partners: is told what happened on their connections, and says what to do about it.
pub(crate) trait Desk: Send + Sync + Sized + 'static {
    /// Takes in one event and says what the stub that it concerns wants done.
    fn append(&self, kind: EventKind) -> Reaction;

    /// Takes in a message. In the usual case, one reply at once on the same connection, `encode` puts the reply behind what is
    /// gathered for it already, and it is written down in the same breath; everything else is left to the caller, as what is to
    /// be done.
    fn exchange(
        &self,
        message: Wire,
        gathered: &mut BytesMut,
        encode: impl Fn(&Message, &mut BytesMut),
    ) -> Vec<Action>;

    /// Who is connected, and what is armed.
    fn switchboard(&self) -> &Switchboard;

    /// Hands actions to whom they concern: connections, and timers of this partner.
    fn route(self: &Arc<Self>, partner: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Reply { channel, .. }
                | Action::ReplyCut { channel, .. }
                | Action::Close { channel, .. } => self.switchboard().tell(channel, action),
                Action::Arm { timer, after } => self.arm(partner, timer, after),
                Action::Cancel { timer } => self.switchboard().cancel((partner, timer)),
            }
        }
    }

    /// Fires a timer of this partner later, unless it is cancelled or armed again before.
    fn arm(self: &Arc<Self>, partner: usize, timer: u64, after: Duration) {
        let desk = Arc::downgrade(self);
        let task = tokio::spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(desk) = desk.upgrade() {
                desk.switchboard().forget((partner, timer));
                let reaction = desk.append(EventKind::Timer { partner, timer });
                desk.route(partner, reaction.actions);
            }
        });
        self.switchboard()
            .armed((partner, timer), task.abort_handle());
    }
}

/// The one reply that is all there is to do, if it is to go out at once on this connection.
pub(crate) fn only_reply(actions: &[Action], to: u32) -> Option<&Message> {
    match actions {
        [
            Action::Reply {
                channel,
                message,
                after: Duration::ZERO,
            },
        ] if *channel == to => Some(message),
        _ => None,
    }
}

/// Who is connected, and what is armed.
#[derive(Debug, Default)]
pub(crate) struct Switchboard {
    channels: AtomicU32,
    /// How many replies wait to be late.
    delayed: AtomicUsize,
    routes: Mutex<HashMap<u32, mpsc::UnboundedSender<Command>>>,
    timers: Mutex<HashMap<(usize, u64), AbortHandle>>,
}

impl Switchboard {
    /// A number for a new connection.
    pub(crate) fn next_channel(&self) -> u32 {
        self.channels.fetch_add(1, Ordering::Relaxed)
    }

    /// Where a connection hears what others want of it.
    pub(crate) fn connect(&self, channel: u32) -> mpsc::UnboundedReceiver<Command> {
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.routes).insert(channel, sender);
        receiver
    }

    /// A connection is gone.
    pub(crate) fn disconnect(&self, channel: u32) {
        lock(&self.routes).remove(&channel);
    }

    /// Whether replies of ours are still to come late.
    pub(crate) fn has_delayed(&self) -> bool {
        self.delayed.load(Ordering::Relaxed) > 0
    }

    /// Counts a reply as one that waits to be late until the guard is dropped.
    pub(crate) fn delay(&self) -> Delayed<'_> {
        self.delayed.fetch_add(1, Ordering::Relaxed);
        Delayed(self)
    }

    fn tell(&self, channel: u32, action: Command) {
        // Without a route the connection is already gone, and the stub has been told.
        if let Some(route) = lock(&self.routes).get(&channel) {
            let _ = route.send(action);
        }
    }

    fn armed(&self, timer: (usize, u64), task: AbortHandle) {
        if let Some(earlier) = lock(&self.timers).insert(timer, task) {
            earlier.abort();
        }
    }

    fn cancel(&self, timer: (usize, u64)) {
        if let Some(armed) = lock(&self.timers).remove(&timer) {
            armed.abort();
        }
    }

    fn forget(&self, timer: (usize, u64)) {
        lock(&self.timers).remove(&timer);
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        for (_, armed) in lock(&self.timers).drain() {
            armed.abort();
        }
    }
}

/// A reply that waits to be late.
pub(crate) struct Delayed<'a>(&'a Switchboard);

impl Drop for Delayed<'_> {
    fn drop(&mut self) {
        self.0.delayed.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
