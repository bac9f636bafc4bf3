//! The thread on which stubs are served.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use tokio::{runtime::Handle, sync::oneshot, task::JoinSet};
use wardgate_core::port::Catalog;
use wardgate_runner::stubs_up::{LiveStub, StubsUpError, StubsUpOptions, stubs_up};

/// Stubs that are served on a thread of their own until this is dropped.
///
/// What a test does with its own thread, blocking it or stopping its clock, does not keep them from answering.
#[derive(Debug)]
pub(super) struct StubsThread {
    stubs: Vec<Arc<LiveStub>>,
    runtime: Handle,
    /// Dropped to end the thread.
    close: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

type Started = Result<(Vec<Arc<LiveStub>>, Handle), StubsUpError>;

impl StubsThread {
    /// Serves stubs; they answer as soon as this returns. It needs nothing of the runtime that it is called on.
    pub(super) async fn start(
        catalog: Arc<Catalog>,
        options: StubsUpOptions,
    ) -> Result<Self, StubsUpError> {
        let (close, closed) = oneshot::channel();
        let (sender, started) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(String::from("wardgate-stubs"))
            .spawn(move || serve(&catalog, options, sender, closed))
            .map_err(|source| StubsUpError::Runtime { source })?;
        let (stubs, runtime) = started.await.unwrap_or_else(|_| {
            Err(StubsUpError::Runtime {
                source: io::Error::other("their thread ended"),
            })
        })?;
        Ok(Self {
            stubs,
            runtime,
            close: Some(close),
            thread: Some(thread),
        })
    }

    /// The stubs, in the order in which they were asked for.
    pub(super) fn stubs(&self) -> &[Arc<LiveStub>] {
        &self.stubs
    }

    /// What runs on the thread: timers and tasks that stubs start when they are told something belong there.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Waits for something there, by the clock of that thread. Whoever no longer waits ends it.
    pub(super) async fn wait(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = JoinSet::new();
        tasks.spawn_on(task, &self.runtime);
        if let Some(Err(error)) = tasks.join_next().await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

impl Drop for StubsThread {
    fn drop(&mut self) {
        drop(self.close.take());
        if let Some(thread) = self.thread.take() {
            // It has sockets to close and nothing to wait for: when this returns the ports are free.
            let _ = thread.join();
        }
    }
}

/// What the thread does. Whoever has stopped waiting for the start has dropped the other end of `closed` too.
fn serve(
    catalog: &Catalog,
    options: StubsUpOptions,
    started: oneshot::Sender<Started>,
    closed: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(source) => {
            let _ = started.send(Err(StubsUpError::Runtime { source }));
            return;
        }
    };
    runtime.block_on(async {
        match stubs_up(catalog, options).await {
            Ok(up) => {
                let _ = started.send(Ok((up.stubs().to_vec(), Handle::current())));
                let _ = closed.await;
                up.close().await;
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        }
    });
}
