//! Ends the candidates when Wardgate itself was killed and could not.
//!
//! A small process of its own, in a process group of its own so that Ctrl-C does not reach it, reads from a pipe which groups are
//! to be watched. The pipe closes when Wardgate ends, however it ends; what is still watched then is killed. It is this
//! same binary run again, if its `main` begins with [`run_if_asked`]; in other binaries (tests of the library) a shell
//! does the same, and where there is no shell either, only SIGKILL of Wardgate leaves candidates behind.
//!
//! A candidate that was started a moment before we were killed may not be watched yet, and a child of a candidate may have left its
//! group. Both carry a mark in their environment, by which the binary's guard finds them where `/proc` shows it
//! (proc(5), Linux).

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    io::{BufRead, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The argument that makes a binary the guard.
const ARGUMENT: &str = "__wardgate-guard";

/// The same in shell: remembers `watch` and forgets `done`; at the end of input kills what is left.
const SHELL: &str = r#"
g=' '
while read -r what group; do
    case $what in
        watch) g="$g$group " ;;
        done) g="${g%% $group *} ${g#* $group }" ;;
    esac
done
for group in $g; do kill -s KILL -- "-$group" 2>/dev/null; done
"#;

/// The variable that marks everything that candidates start.
pub(crate) const MARK: &str = "WARDGATE_RUN";

/// How long a process that was being started when we were killed may take to show its mark.
const STARTED_WITHIN: Duration = Duration::from_millis(50);

static CAN_RUN_SELF: AtomicBool = AtomicBool::new(false);
static GUARD: Mutex<Guard> = Mutex::new(Guard::Unstarted);

enum Guard {
    Unstarted,
    Running(Child),
    /// It could not be started, or is gone.
    None,
}

/// Makes this process the guard, if it was started as one, and then does not return. Call it first thing in `main`.
pub fn run_if_asked() {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == ARGUMENT)
    {
        run(std::io::stdin().lock());
        if let Some(mark) = std::env::args_os().nth(2) {
            kill_marked(&mark);
            std::thread::sleep(STARTED_WITHIN);
            kill_marked(&mark);
        }
        std::process::exit(0);
    }
    CAN_RUN_SELF.store(true, Ordering::Relaxed);
}

fn run(input: impl BufRead) {
    let mut watched = BTreeSet::new();
    for line in input.lines() {
        let Ok(line) = line else { break };
        match line.split_once(' ') {
            Some(("watch", group)) => watched.extend(group.parse::<i32>().ok()),
            Some(("done", group)) => {
                watched.retain(|known| group.parse() != Ok(*known));
            }
            _ => {}
        }
    }
    for group in watched
        .into_iter()
        .filter(|group| *group > 1)
        .filter_map(Pid::from_raw)
    {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Kills every process whose environment holds our mark.
fn kill_marked(mark: &OsStr) {
    let marked = [MARK.as_bytes(), b"=", mark.as_encoded_bytes()].concat();
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return;
    };
    for process in processes.flatten() {
        let Some(id) = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        let is_marked = environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == marked);
        if let Some(id) = Pid::from_raw(id).filter(|_| is_marked) {
            let _ = kill_process(id, Signal::KILL);
        }
    }
}

/// What everything that this process starts as a candidate is marked with.
pub(crate) fn mark() -> &'static str {
    static OWN: OnceLock<String> = OnceLock::new();
    OWN.get_or_init(|| {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        format!("{}-{}", std::process::id(), since.as_nanos())
    })
}

/// Starts the guard. To be called before a group is started: a group that is not watched yet when we are killed stays
/// behind, so nothing slow may stand between its start and [`watch`].
pub(crate) fn start() {
    let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*guard, Guard::Unstarted) {
        *guard = spawn().map_or(Guard::None, Guard::Running);
    }
}

/// Has this group killed if we end before it is released.
pub(crate) fn watch(group: Pid) {
    tell("watch", group);
}

/// The group is gone.
pub(crate) fn release(group: Pid) {
    tell("done", group);
}

fn tell(what: &str, group: Pid) {
    let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Guard::Running(child) = &mut *guard
        && let Some(input) = &mut child.stdin
        && writeln!(input, "{what} {}", group.as_raw_nonzero()).is_err()
    {
        *guard = Guard::None;
    }
}

fn spawn() -> Option<Child> {
    let mut command = match std::env::current_exe() {
        Ok(own) if CAN_RUN_SELF.load(Ordering::Relaxed) => {
            let mut command = Command::new(own);
            command.args([ARGUMENT, mark()]);
            command
        }
        _ => {
            let mut command = Command::new("sh");
            command.args(["-c", SHELL]);
            command
        }
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;

    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep")
            .arg("600")
            .process_group(0)
            .spawn()
            .expect("sleep is there")
    }

    fn end(mut child: Child) -> ExitStatus {
        child.wait().expect("it is our child")
    }

    #[test]
    fn what_is_watched_at_the_end_is_killed_and_what_is_released_is_not() {
        let (watched, mut released) = (sleeper(), sleeper());
        let input = format!(
            "watch {}\nwatch {}\nnonsense\ndone {}\n",
            watched.id(),
            released.id(),
            released.id()
        );
        run(input.as_bytes());
        assert!(!end(watched).success());
        assert_eq!(released.try_wait().expect("it is our child"), None);
        released.kill().expect("it still runs");
        released.wait().expect("it is our child");
    }

    #[test]
    fn the_shell_does_the_same() {
        let (first, mut released, last) = (sleeper(), sleeper(), sleeper());
        let mut shell = Command::new("sh")
            .args(["-c", SHELL])
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell is there");
        let mut input = shell.stdin.take().expect("it is piped");
        for child in [&first, &released, &last] {
            writeln!(input, "watch {}", child.id()).expect("it is read");
        }
        writeln!(input, "done {}", released.id()).expect("it is read");
        drop(input);
        end(shell);
        assert!(!end(first).success() && !end(last).success());
        assert_eq!(released.try_wait().expect("it is our child"), None);
        released.kill().expect("it still runs");
        released.wait().expect("it is our child");
    }
}
