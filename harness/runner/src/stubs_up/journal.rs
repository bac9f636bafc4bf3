//! What a stub received, as much of it as fits: bounded in bytes, the oldest goes first.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use wardgate_core::{
    port::{Effect, Moment, Reaction},
    wire::{Message, Transport},
};

/// What an entry takes beside its bytes, about: itself, and what the allocator and the queue add.
const OVERHEAD: usize = 256;

/// Messages up to this length are kept many together in a block: kept for long and let go one by one, they would wear out the
/// allocator.
const SMALL_MAX: usize = 4 * 1024;

/// How long a block is.
const BLOCK: usize = 16 * 1024;

/// A message that a stub received, or bytes that are none.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its number: the first that the stub ever received is 1, and none is given twice.
    pub number: u64,
    /// When it was received.
    pub at: Moment,
    /// The connection that it came on, unique for this stub.
    pub channel: u32,
    /// The raw bytes with their framing.
    pub bytes: Bytes,
    /// Why the bytes are no message, where they are none.
    pub fault: Option<String>,
    /// Whether it was taken in; a fault or a refusal of the bytes keeps it from that.
    pub handled: bool,
    /// What a fault did to it, such as `refused: 503`.
    pub remark: Option<String>,
    /// What it changed.
    pub effects: Vec<Effect>,
}

impl Received {
    /// The message; the error says why it is none.
    pub fn message(&self, transport: Transport) -> Result<Message, String> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Message::decode(transport, true, None, &self.bytes)
                .map_err(|error| error.to_string()),
        }
    }
}

/// What a stub received, the latest of it.
#[derive(Debug)]
pub(super) struct Journal {
    kept: VecDeque<Received>,
    /// The rest of the block that is being filled.
    block: BytesMut,
    /// How many there were in all.
    count: u64,
    bytes: usize,
    bytes_max: usize,
}

impl Journal {
    /// Keeps at most about so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            block: BytesMut::new(),
            count: 0,
            bytes: 0,
            bytes_max,
        }
    }

    /// Keeps a message; what no longer fits beside it goes. What the reaction says is moved out of it.
    pub(super) fn keep(
        &mut self,
        at: Moment,
        channel: u32,
        bytes: &[u8],
        fault: Option<String>,
        reaction: &mut Reaction,
    ) {
        self.count += 1;
        let bytes = self.own(bytes);
        let received = Received {
            number: self.count,
            at,
            channel,
            bytes,
            fault,
            handled: !reaction.unhandled,
            remark: reaction.remark.take(),
            effects: std::mem::take(&mut reaction.effects),
        };
        self.bytes += size(&received);
        self.kept.push_back(received);
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= size(&oldest);
        }
    }

    /// A copy, so that what was read together need not be kept together.
    fn own(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > SMALL_MAX {
            return Bytes::copy_from_slice(bytes);
        }
        if self.block.capacity() < bytes.len() {
            self.block = BytesMut::with_capacity(BLOCK);
        }
        self.block.extend_from_slice(bytes);
        self.block.split().freeze()
    }

    /// How many there were in all: the number of the last one.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// How many bytes are kept, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Those kept whose number is greater, oldest first.
    pub(super) fn since(&self, number: u64) -> impl Iterator<Item = &Received> {
        let first = self.count - self.kept.len() as u64;
        let skipped = number.saturating_sub(first);
        self.kept
            .iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
    }

    /// Forgets all; numbers go on.
    pub(super) fn clear(&mut self) {
        self.kept = VecDeque::new();
        self.block = BytesMut::new();
        self.bytes = 0;
    }
}

fn size(received: &Received) -> usize {
    let effects: usize = received
        .effects
        .iter()
        .map(|effect| {
            let keys: usize = effect.keys.iter().map(|key| key.len() + 24).sum();
            effect.subject.len() + keys + 56
        })
        .sum();
    let words = received.remark.as_ref().map_or(0, String::len)
        + received.fault.as_ref().map_or(0, String::len);
    OVERHEAD + received.bytes.len() + effects + words
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const AT: Moment = Moment {
        elapsed: Duration::ZERO,
        unix_ms: 0,
    };

    fn keep(journal: &mut Journal, length: usize) {
        let bytes = vec![b'x'; length];
        journal.keep(AT, 0, &bytes, None, &mut Reaction::default());
    }

    proptest! {
        #[test]
        fn the_latest_are_kept_within_the_bound(
            lengths in proptest::collection::vec(0usize..3_000, 1..200), bound in 0usize..40_000, since in 0u64..250,
        ) {
            let mut journal = Journal::new(bound);
            for length in &lengths {
                keep(&mut journal, *length);
                prop_assert!(journal.bytes() <= bound);
            }
            let count = lengths.len() as u64;
            let first = count - journal.len() as u64;
            let sum: usize = lengths[usize::try_from(first).expect("small")..].iter().map(|length| length + OVERHEAD).sum();
            prop_assert_eq!(journal.bytes(), sum);
            let numbers: Vec<u64> = journal.since(since).map(|received| received.number).collect();
            let expected: Vec<u64> = (first + 1..=count).filter(|number| *number > since).collect();
            prop_assert_eq!(numbers, expected);
        }
    }

    #[test]
    fn messages_are_kept_as_they_came() {
        let mut journal = Journal::new(1 << 20);
        let sent: Vec<Vec<u8>> = (0u8..200)
            .map(|number| vec![number; usize::from(number) * 37])
            .collect();
        for bytes in &sent {
            journal.keep(AT, 0, bytes, None, &mut Reaction::default());
        }
        let kept: Vec<_> = journal.since(0).map(|received| &received.bytes).collect();
        assert_eq!(kept, sent.iter().collect::<Vec<_>>());
    }

    #[test]
    fn numbers_go_on_after_all_was_forgotten() {
        let mut journal = Journal::new(10_000);
        keep(&mut journal, 10);
        journal.clear();
        assert_eq!((journal.len(), journal.bytes(), journal.count()), (0, 0, 1));
        keep(&mut journal, 10);
        assert_eq!(
            journal.since(0).next().map(|received| received.number),
            Some(2)
        );
        assert_eq!(journal.since(2).count(), 0);
    }
}
