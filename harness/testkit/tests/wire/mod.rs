//! What tests over sockets share: the plainest clients there can be, and the words of a panic.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// One HTTP request on a connection of its own: its status and body. `what` is the method and the target.
pub async fn http(at: SocketAddr, what: &str, body: &str) -> io::Result<(u16, String)> {
    tokio::time::timeout(ANSWER_MAX, ask(at, what, body)).await?
}

async fn ask(at: SocketAddr, what: &str, body: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer is cut short");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse().ok());
    if length.is_some_and(|length: usize| length != body.len()) {
        return Err(cut());
    }
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.ok_or_else(cut)?, body.to_owned()))
}

/// One HL7 v2 message over MLLP, and its acknowledgement.
#[allow(dead_code, reason = "one of the tests that share this needs it")]
pub async fn mllp(at: SocketAddr, message: &str) -> io::Result<String> {
    tokio::time::timeout(ANSWER_MAX, acknowledged(at, message)).await?
}

async fn acknowledged(at: SocketAddr, message: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    let frame = format!("\u{b}{message}\u{1c}\r");
    stream.write_all(frame.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\x1c\r") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&answer[1..answer.len() - 2]).into_owned())
}

/// The text of the panic with which this ends.
pub async fn panic_of(test: impl Future<Output = ()> + Send + 'static) -> String {
    let error = tokio::spawn(test).await.expect_err("it panics");
    let panic = error.into_panic();
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(other) => other
            .downcast_ref::<&str>()
            .expect("it says why")
            .to_string(),
    }
}
