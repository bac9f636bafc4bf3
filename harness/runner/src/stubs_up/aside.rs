//! Work that may take long, done where nobody else has to wait for it.
//!
//! A stub works on one message at a time, on the thread of the connection that it came on. Where that takes seconds, as a
//! transaction of thousands of entries may, the thread is no longer counted among those that serve the other stubs and the
//! control API; and so is not one that has to wait for the stub meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// From how many bytes on a message may take long.
const LARGE: usize = 256 * 1024;

/// Whether a message of so many bytes may take long.
pub(super) fn is_large(bytes: usize) -> bool {
    bytes > LARGE
}

/// Does work that may take long. Only for tasks that were spawned: a `LocalSet` does not let its own step aside.
pub(super) fn aside<T>(work: impl FnOnce() -> T) -> T {
    let has_others = Handle::try_current()
        .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if has_others {
        block_in_place(work)
    } else {
        work()
    }
}

/// How much is being done that may take long.
#[derive(Debug, Default)]
pub(super) struct Busy(AtomicUsize);

impl Busy {
    /// Counts as busy until the guard is dropped.
    pub(super) fn begin(&self) -> Begun<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Begun(self)
    }

    /// Whether something is being done that may take long.
    pub(super) fn is_busy(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Does work that is short by itself, and aside where it would have to wait for what takes long.
    pub(super) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.is_busy() { aside(work) } else { work() }
    }
}

/// Something that may take long, until it is dropped.
#[derive(Debug)]
pub(super) struct Begun<'a>(&'a Busy);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
