//! Writing a message in pieces that the receiver sees apart.
//!
//! TCP is a stream: two writes are one read where the receiver is slow to look. A fixed pause between them is a guess that a busy machine
//! proves wrong, and then a receiver that cannot join pieces would go unnoticed. Linux says how much of what a socket
//! has received nobody has read yet (`rx_queue` in `/proc/net/tcp`, proc_net_tcp(5)), so where the receiver is on this
//! machine, the next piece waits until the last one was read. Elsewhere the pause has to do.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

/// How the pauses between two pieces go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pause {
    /// Between few pieces, each of which matters: until the last was read.
    UntilRead,
    /// Between many pieces, some of which may be read together: a moment.
    Brief,
}

/// Between many pieces.
const BRIEF: Duration = Duration::from_millis(1);
/// Between two pieces where the receiver cannot be looked at.
const BLIND: Duration = Duration::from_millis(20);
/// The longest that a receiver is waited for which does not read.
const LONGEST: Duration = Duration::from_millis(500);

/// How often the receiver is looked at.
const LOOK: Duration = Duration::from_micros(500);

/// Writes the pieces one by one, each after the one before was read or the pause is over.
pub(crate) async fn write(
    stream: &mut TcpStream,
    pieces: &[&[u8]],
    pause: Pause,
) -> std::io::Result<()> {
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            match pause {
                Pause::UntilRead => until_read(stream).await,
                Pause::Brief => sleep(BRIEF).await,
            }
        }
        stream.write_all(piece).await?;
    }
    Ok(())
}

async fn until_read(stream: &TcpStream) {
    let began = Instant::now();
    let (Ok(own), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
        return sleep(BLIND).await;
    };
    loop {
        match unread(own, peer) {
            // Read, and a moment for the receiver to find that no more has come.
            Some(0) => return sleep(LOOK).await,
            Some(_) if began.elapsed() < LONGEST => sleep(LOOK).await,
            Some(_) => return,
            None => return sleep(BLIND.saturating_sub(began.elapsed())).await,
        }
    }
}

/// How many bytes wait to be read at the other end of a connection; none where that end is not on this machine.
fn unread(own: SocketAddr, peer: SocketAddr) -> Option<usize> {
    if !peer.ip().is_loopback() && peer.ip() != own.ip() {
        return None;
    }
    // A receiver that listens on every IPv6 address has its IPv4 connections in the second table.
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| {
            table
                .lines()
                .find_map(|line| queued(line, peer.port(), own.port()))
        })
}

/// The receive queue in one line of the table, if it is the socket of this port connected to that one.
fn queued(line: &str, local: u16, remote: u16) -> Option<usize> {
    const ESTABLISHED: &str = "01";
    let mut columns = line.split_ascii_whitespace().skip(1);
    let mut port = || {
        let (_, port) = columns.next()?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    if port()? != local || port()? != remote || columns.next()? != ESTABLISHED {
        return None;
    }
    let (_, received) = columns.next()?.split_once(':')?;
    usize::from_str_radix(received, 16).ok()
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::*;

    #[test]
    fn the_queue_of_the_right_socket_is_read() {
        let line = "   1: 0100007F:1F90 0100007F:D431 01 00000000:0000002A 00:00000000 00000000  0  0 1 1 0";
        assert_eq!(queued(line, 0x1F90, 0xD431), Some(42));
        assert_eq!(queued(line, 0xD431, 0x1F90), None);
        assert_eq!(queued(&line.replace(" 01 ", " 0A "), 0x1F90, 0xD431), None);
        for other in [
            "",
            "  sl  local_address rem_address   st tx_queue rx_queue",
            "1: a b c d",
        ] {
            assert_eq!(queued(other, 0x1F90, 0xD431), None);
        }
    }

    /// The receiver looks only when everything but the last piece has long been writable.
    #[tokio::test]
    async fn a_slow_receiver_sees_the_pieces_apart() {
        if !std::path::Path::new("/proc/net/tcp").exists() {
            eprintln!("skipped: this system does not tell what was read");
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let receiver = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut seen = Vec::new();
            let mut buffer = [0; 64];
            loop {
                sleep(Duration::from_millis(60)).await;
                match stream.read(&mut buffer).await.expect("it is open") {
                    0 => return seen,
                    count => seen.push(buffer[..count].to_vec()),
                }
            }
        });
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let pieces: [&[u8]; 3] = [b"one", b"two", b"three"];
        write(&mut stream, &pieces, Pause::UntilRead)
            .await
            .expect("it is read");
        drop(stream);
        assert_eq!(receiver.await.expect("it ends"), pieces);
    }
}
