//! Which messages at a partner are new, and which are the candidate's retries of an earlier one.
//!
//! At-least-once delivery (Enterprise Integration Patterns, Guaranteed Delivery) lets a sender repeat what it has no
//! answer to. It does not let it repeat what was taken in and answered positively, unless the sender itself was lost
//! in between and may have forgotten the answer.

use crate::{
    plan::Retries,
    port::{Effect, Verb},
};

/// What reached the partners in one attempt, as far as retries are to be told from new messages.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    all: Vec<Delivery>,
    /// When the candidate was last lost or started.
    interrupted: Option<u64>,
}

#[derive(Debug)]
struct Delivery {
    partner: usize,
    channel: u32,
    identity: Vec<u8>,
    /// Whether it was taken in.
    handled: bool,
    reply: Reply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Awaited,
    /// A positive answer crossed the wire with this event.
    Positive(u64),
    /// A refusal did, or nothing will.
    None,
}

impl Deliveries {
    /// Whether this message is a retry that a sound candidate may make. Ask before it is [noted](Self::received).
    pub fn is_retry(
        &self,
        retries: Retries,
        partner: usize,
        identity: &[u8],
        effects: &[Effect],
    ) -> bool {
        let mut earlier = self
            .all
            .iter()
            .filter(|known| known.handled && known.partner == partner && known.identity == identity)
            .peekable();
        if earlier.peek().is_none() {
            return false;
        }
        // Writing the same state again, as a step of a longer attempt that is repeated, makes nothing new.
        let is_new = effects
            .iter()
            .any(|effect| matches!(effect.verb, Verb::Created | Verb::Accepted));
        match retries {
            Retries::None => false,
            Retries::All => true,
            Retries::Unanswered => {
                !is_new || !earlier.any(|known| self.is_known_to_have_arrived(known))
            }
        }
    }

    fn is_known_to_have_arrived(&self, delivery: &Delivery) -> bool {
        match delivery.reply {
            Reply::Positive(at) => self.interrupted.is_none_or(|interrupted| interrupted < at),
            Reply::Awaited | Reply::None => false,
        }
    }

    /// Notes a message.
    pub fn received(&mut self, partner: usize, channel: u32, identity: Vec<u8>, handled: bool) {
        self.all.push(Delivery {
            partner,
            channel,
            identity,
            handled,
            reply: Reply::Awaited,
        });
    }

    /// Whether somebody waits for a reply on this connection.
    pub fn awaits(&self, channel: u32) -> bool {
        self.all
            .iter()
            .any(|known| known.channel == channel && known.reply == Reply::Awaited)
    }

    /// Notes a reply on this connection.
    pub fn replied(&mut self, channel: u32, sequence: u64, is_positive: bool) {
        let reply = if is_positive {
            Reply::Positive(sequence)
        } else {
            Reply::None
        };
        self.settle(channel, reply);
    }

    /// Notes that a connection is closed: what was not answered on it will not be.
    pub fn closed(&mut self, channel: u32) {
        while self.awaits(channel) {
            self.settle(channel, Reply::None);
        }
    }

    /// Replies come in the order of the messages.
    fn settle(&mut self, channel: u32, reply: Reply) {
        if let Some(first) = self
            .all
            .iter_mut()
            .find(|known| known.channel == channel && known.reply == Reply::Awaited)
        {
            first.reply = reply;
        }
    }

    /// Notes that the candidate was lost or started: it may have forgotten what it was told.
    pub fn interrupted(&mut self, sequence: u64) {
        self.interrupted = Some(sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(verb: Verb) -> Vec<Effect> {
        vec![Effect {
            verb,
            subject: String::from("POST /orders"),
            keys: Vec::new(),
        }]
    }

    /// One message that was taken in on channel 1, and what came of it.
    fn after(then: impl FnOnce(&mut Deliveries)) -> Deliveries {
        let mut deliveries = Deliveries::default();
        deliveries.received(0, 1, b"order".to_vec(), true);
        then(&mut deliveries);
        deliveries
    }

    fn is_retry(deliveries: &Deliveries) -> bool {
        deliveries.is_retry(Retries::Unanswered, 0, b"order", &effect(Verb::Accepted))
    }

    #[test]
    fn what_was_not_answered_may_be_repeated() {
        assert!(is_retry(&after(|_| {})));
        assert!(is_retry(&after(|deliveries| deliveries.closed(1))));
        assert!(is_retry(&after(
            |deliveries| deliveries.replied(1, 5, false)
        )));
    }

    #[test]
    fn what_was_answered_may_not_unless_the_candidate_was_lost_since() {
        assert!(!is_retry(&after(
            |deliveries| deliveries.replied(1, 5, true)
        )));
        assert!(!is_retry(&after(|deliveries| {
            deliveries.interrupted(3);
            deliveries.replied(1, 5, true);
        })));
        assert!(is_retry(&after(|deliveries| {
            deliveries.replied(1, 5, true);
            deliveries.interrupted(7);
        })));
        // A reply on another connection, and one that came after the end of this one, answer something else.
        assert!(is_retry(
            &after(|deliveries| deliveries.replied(2, 5, true))
        ));
        assert!(is_retry(&after(|deliveries| {
            deliveries.closed(1);
            deliveries.replied(1, 5, true);
        })));
    }

    #[test]
    fn only_the_same_message_at_the_same_partner_that_was_taken_in_is_repeated() {
        let deliveries = after(|_| {});
        let effects = effect(Verb::Accepted);
        let asked = |retries, partner, identity: &[u8]| {
            deliveries.is_retry(retries, partner, identity, &effects)
        };
        assert!(asked(Retries::All, 0, b"order"));
        assert!(!asked(Retries::None, 0, b"order"));
        assert!(!asked(Retries::All, 1, b"order"));
        assert!(!asked(Retries::All, 0, b"other"));
        let mut refused = Deliveries::default();
        refused.received(0, 1, b"order".to_vec(), false);
        assert!(
            !is_retry(&refused),
            "the first that is taken in is no retry"
        );
    }

    #[test]
    fn a_repeat_that_makes_nothing_new_is_a_step_of_a_longer_retry() {
        let deliveries = after(|deliveries| deliveries.replied(1, 5, true));
        for harmless in [effect(Verb::Updated), Vec::new()] {
            assert!(deliveries.is_retry(Retries::Unanswered, 0, b"order", &harmless));
        }
        assert!(!deliveries.is_retry(Retries::Unanswered, 0, b"order", &effect(Verb::Created)));
    }
}
