//! One `wardgate stubs up`, from its start to its end.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The longest that anything here may take.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    /// What it printed on standard output and was not read yet.
    pub stdout: String,
    pub stderr: String,
}

/// A run that goes on. It is killed with its test.
pub struct Running {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// The document that it printed.
    pub addresses: Value,
}

/// `wardgate` with these words, in the root of the workspace.
pub fn wardgate<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
    command
        .args(words)
        .current_dir(root())
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// `wardgate stubs up` with these words, for one that ends by itself.
#[track_caller]
pub fn ended<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Ended {
    start(words).end()
}

/// `wardgate stubs up` with these words, once it printed where everything is.
#[track_caller]
pub fn up<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Running {
    let mut running = start(words);
    let Ok(line) = running.stdout.recv_timeout(PATIENCE) else {
        panic!("it printed nothing: {:?}", running.end());
    };
    running.addresses = serde_json::from_str(&line).expect("it prints JSON");
    running
}

#[track_caller]
fn start<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Running {
    let mut child = wardgate(["stubs", "up"])
        .args(words)
        .spawn()
        .expect("the binary starts");
    let stdout = lines(child.stdout.take().expect("it is piped"));
    let stderr = lines(child.stderr.take().expect("it is piped"));
    Running {
        child,
        stdout,
        stderr,
        addresses: Value::Null,
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Running {
    /// The address of a partner.
    #[track_caller]
    pub fn at(&self, partner: &str) -> SocketAddr {
        let address = self.addresses["partners"][partner]["address"].as_str();
        address
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("there is no '{partner}' in {}", self.addresses))
    }

    /// The control API's base URL.
    #[track_caller]
    pub fn control(&self) -> &str {
        self.addresses["control"].as_str().expect("it is served")
    }

    /// The control API's address.
    #[track_caller]
    pub fn control_at(&self) -> SocketAddr {
        let url = self.control();
        url.trim_start_matches("http://")
            .parse()
            .expect("it is an address")
    }

    /// The next line on standard error that this holds of.
    #[track_caller]
    pub fn says(&self, holds: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut before = Vec::new();
        while let Ok(line) = self
            .stderr
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if holds(&line) {
                return line;
            }
            before.push(line);
        }
        panic!("it never says so, but: {before:#?}");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is our child");
    }

    /// Interrupts it and waits for its end.
    #[track_caller]
    pub fn interrupted(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.end()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(2));
        };
        // The pipes close with the process, so this ends.
        let rest = |lines: &Receiver<String>| lines.iter().collect::<Vec<_>>().join("\n");
        Ended {
            code: status.code(),
            stdout: rest(&self.stdout),
            stderr: rest(&self.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One HTTP request on a connection of its own: status and body.
#[track_caller]
pub fn http(to: SocketAddr, method: &str, target: &str, body: &str) -> (u16, String) {
    try_http(to, method, target, body).expect("it answers")
}

pub fn try_http(
    to: SocketAddr,
    method: &str,
    target: &str,
    body: &str,
) -> std::io::Result<(u16, String)> {
    try_http_as(to, method, target, "application/json", body)
}

/// The same with a body of another media type.
pub fn try_http_as(
    to: SocketAddr,
    method: &str,
    target: &str,
    media_type: &str,
    body: &str,
) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes())?;
    let mut raw = String::new();
    stream.read_to_string(&mut raw)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let status = raw
        .get(9..12)
        .and_then(|status| status.parse().ok())
        .ok_or_else(cut)?;
    let (_, body) = raw.split_once("\r\n\r\n").ok_or_else(cut)?;
    Ok((status, body.to_owned()))
}

/// The document that a GET is answered with.
#[track_caller]
pub fn get(to: SocketAddr, target: &str) -> Value {
    let (status, body) = http(to, "GET", target, "");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// One message over MLLP and its acknowledgement.
#[track_caller]
pub fn mllp(to: SocketAddr, message: &str) -> String {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).expect("it listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("it can be set");
    stream
        .write_all(format!("\x0b{message}\x1c\r").as_bytes())
        .expect("it is read");
    let mut raw = Vec::new();
    let mut byte = [0; 1];
    while !raw.ends_with(b"\x1c\r") && stream.read(&mut byte).expect("it answers") > 0 {
        raw.push(byte[0]);
    }
    String::from_utf8_lossy(&raw).into_owned()
}
