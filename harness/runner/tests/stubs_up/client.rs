//! A plain client: what it sends and gets is bytes, so that nothing of the harness reads its own writing.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use wardgate_expression::Json;

/// The longest that any answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Json {
        let text = String::from_utf8_lossy(&self.body);
        Json::parse(&text).unwrap_or_else(|error| panic!("{error}\n{}\n{text}", self.head))
    }

    /// Fails unless this is the status; gives the document.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Json {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        self.json()
    }

    /// Fails unless it is refused with this status; gives what is wrong and what was expected.
    #[track_caller]
    pub fn refused(&self, status: u16) -> (String, String) {
        let problem = self.expect(status);
        let text = |name| {
            let text = problem.get(name).and_then(Json::as_str);
            text.unwrap_or_else(|| panic!("there is no {name}: {problem}"))
                .to_owned()
        };
        (text("error"), text("expected"))
    }
}

#[track_caller]
pub fn connect(to: SocketAddr) -> TcpStream {
    try_connect(to).expect("it listens")
}

fn try_connect(to: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One request on a connection of its own; an error is a connection that was reset or closed without an answer.
pub fn try_ask(
    to: SocketAddr,
    method: &str,
    target: &str,
    more: &str,
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = try_connect(to)?;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-length: {}\r\n{more}\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    split(&raw).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}

/// One request on a connection of its own.
#[track_caller]
pub fn ask(to: SocketAddr, method: &str, target: &str, body: &str) -> Answer {
    try_ask(to, method, target, "", body.as_bytes()).expect("it answers")
}

#[track_caller]
pub fn get(to: SocketAddr, target: &str) -> Json {
    ask(to, "GET", target, "").expect(200)
}

/// Reads one answer off a connection that stays open.
pub fn read_answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut raw = Vec::new();
    let mut byte = [0; 1];
    while !raw.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        raw.push(byte[0]);
    }
    let mut answer = split(&raw)?;
    let length = answer.head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    })?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    answer.body = body;
    Some(answer)
}

fn split(raw: &[u8]) -> Option<Answer> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let status = head.get(9..12)?.parse().ok()?;
    Some(Answer {
        status,
        head,
        body: raw[end..].to_vec(),
    })
}

/// Sends one message over MLLP and reads what is acknowledged.
#[track_caller]
pub fn send_mllp(to: SocketAddr, message: &str) -> String {
    let mut stream = connect(to);
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
