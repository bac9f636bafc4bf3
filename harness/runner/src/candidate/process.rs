//! The candidate's process and everything that it starts.
//!
//! It gets a process group of its own, and the whole group is ended: in an orderly stop, by a kill, when this is
//! dropped (which is what a panic does), and, by the [guard](crate::guard), when we ourselves are killed. A process that leaves
//! the group (`setsid`) is ended by the guard alone, at the end of the run.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::{process::Command, sync::watch, time::timeout};

use super::output::Output;
use crate::guard;

/// How long the kernel may take to end what was killed.
const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// A running candidate.
#[derive(Debug)]
pub(crate) struct Process {
    group: Pid,
    exited: watch::Receiver<Option<String>>,
    output: Arc<Output>,
}

/// What is started.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The program and its arguments.
    pub command: &'a [String],
    /// What is added to our environment.
    pub env: &'a [(String, String)],
    /// Where it is started.
    pub cwd: &'a Path,
}

impl Process {
    /// Starts it. The error says why it could not be started.
    pub(crate) fn start(start: &Start<'_>, output: Arc<Output>) -> Result<Self, String> {
        let (program, arguments) = start.command.split_first().ok_or("there is no command")?;
        guard::start();
        let mut child = Command::new(program)
            .args(arguments)
            .env(guard::MARK, guard::mark())
            .envs(start.env.iter().map(|(name, value)| (name, value)))
            .current_dir(start.cwd)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| {
                format!(
                    "cannot start '{program}' in {}: {error}",
                    start.cwd.display()
                )
            })?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .ok_or("the process has no id")?;
        guard::watch(group);
        let streams = [
            child
                .stdout
                .take()
                .map(|stream| tokio::spawn(output.clone().read(stream))),
            child
                .stderr
                .take()
                .map(|stream| tokio::spawn(output.clone().read(stream))),
        ];
        let (sender, exited) = watch::channel(None);
        tokio::spawn(async move {
            let status = match child.wait().await {
                Ok(status) => status_text(status),
                Err(error) => format!("its status is unknown: {error}"),
            };
            // Whatever it left behind in its group would hold its ports and files.
            let _ = kill_process_group(group, Signal::KILL);
            guard::release(group);
            // Its last words are worth a moment; a process outside the group could hold the pipes for ever.
            for stream in streams.into_iter().flatten() {
                let abort = stream.abort_handle();
                if timeout(Duration::from_millis(200), stream).await.is_err() {
                    abort.abort();
                }
            }
            sender.send_replace(Some(status));
        });
        Ok(Self {
            group,
            exited,
            output,
        })
    }

    /// Its process id, which is its group's too.
    pub(crate) fn id(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// How it ended, if it has.
    pub(crate) fn exit(&self) -> Option<String> {
        self.exited.borrow().clone()
    }

    /// Whether it has ended by now, even where that is not known yet: the kernel is asked, and nothing is reaped.
    pub(crate) fn has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // A child that is no more to be found was reaped already.
        self.exit().is_some() || !matches!(waitid(WaitId::Pid(self.group), look), Ok(None))
    }

    /// Sees its end.
    pub(crate) fn exited(&self) -> watch::Receiver<Option<String>> {
        self.exited.clone()
    }

    /// What it prints.
    pub(crate) fn output(&self) -> &Arc<Output> {
        &self.output
    }

    /// Asks it to end, and ends it and its group when the grace is over.
    pub(crate) async fn stop(mut self, signal: Signal, grace: Duration) {
        if self.exit().is_none() {
            let _ = kill_process_group(self.group, signal);
            let _ = timeout(grace, self.exited.wait_for(Option::is_some)).await;
        }
        self.kill().await;
    }

    /// Ends it and its group at once, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        if self.exit().is_none() {
            let _ = kill_process_group(self.group, Signal::KILL);
            let _ = timeout(KILLED_WITHIN, self.exited.wait_for(Option::is_some)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.exit().is_none() {
            let _ = kill_process_group(self.group, Signal::KILL);
            guard::release(self.group);
        }
    }
}

fn status_text(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}
