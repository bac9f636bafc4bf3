//! The MLLP listener: many connections, many messages on each, answered in order.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::defect::{Defect, Defects};
use crate::intake::{Intake, Replies};
use crate::log::note;
use crate::mllp::{self, FrameReader};

/// Largest payload of a frame.
const PAYLOAD_BYTES_MAX: usize = 4 << 20;
/// Most connections at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 256;
/// How long a connection may be silent between messages.
const IDLE_MAX: Duration = Duration::from_mins(10);
/// How long a sender may pause within a frame.
const MID_FRAME_PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long a sender may take to accept an answer.
const WRITE_MAX: Duration = Duration::from_secs(10);
/// Most reads, of 16 KiB at best, that are thrown away after a frame that is too large.
const DISCARDED_READS_MAX: usize = 4096;

/// The listener's own.
pub struct MllpServer {
    intake: Arc<Intake>,
    defects: Defects,
    messages: AtomicU64,
}

impl MllpServer {
    /// A server that hands messages to `intake`.
    pub fn new(intake: Arc<Intake>, defects: Defects) -> Arc<Self> {
        Arc::new(Self {
            intake,
            defects,
            messages: AtomicU64::new(0),
        })
    }

    /// Accepts connections for ever.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, or the peer is gone already: let others proceed, then go on.
                    note!("mllp accept: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            let server = Arc::clone(&self);
            tokio::spawn(async move {
                // A connection that ends in an error has lost nothing: what was acknowledged is stored.
                let _ = server.serve(stream).await;
                drop(place);
            });
        }
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = FrameReader::new(PAYLOAD_BYTES_MAX);
        let mut buffer = vec![0; 16 << 10];
        loop {
            let patience = if reader.is_mid_frame() {
                MID_FRAME_PAUSE_MAX
            } else {
                IDLE_MAX
            };
            let count = timeout(patience, stream.read(&mut buffer)).await??;
            if count == 0 {
                return Ok(());
            }
            let mut input = &buffer[..count];
            loop {
                match reader.next(&mut input) {
                    Ok(None) => break,
                    Ok(Some(payload)) => {
                        if !self.answer(&mut stream, payload).await? {
                            return Ok(());
                        }
                    }
                    Err(mllp::FrameTooLarge) => {
                        let replies = self.intake.too_large(reader.partial());
                        send(&mut stream, &replies).await?;
                        return close_gently(&mut stream).await;
                    }
                }
                if self.defects.has(Defect::SecondFrameIgnored) {
                    break;
                }
            }
            if self.defects.has(Defect::PartialFrameDropped) && reader.is_mid_frame() {
                reader.forget();
            }
        }
    }

    /// Answers one message; `false` when the connection is to be closed.
    async fn answer(&self, stream: &mut TcpStream, payload: Vec<u8>) -> io::Result<bool> {
        let number = self.messages.fetch_add(1, Ordering::Relaxed) + 1;
        if number > 10 && self.defects.has(Defect::HangsAfterTen) {
            std::future::pending::<()>().await;
        }
        match self.intake.receive(payload).await {
            Replies::Close => Ok(false),
            Replies::Send(replies) => send(stream, &replies).await.map(|()| true),
        }
    }
}

/// Closes for writing and takes what is still coming in, so that the answer is not lost to a connection reset.
async fn close_gently(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut sink = vec![0; 16 << 10];
    for _ in 0..DISCARDED_READS_MAX {
        if timeout(WRITE_MAX, stream.read(&mut sink)).await?? == 0 {
            break;
        }
    }
    Ok(())
}

async fn send(stream: &mut TcpStream, replies: &[Vec<u8>]) -> io::Result<()> {
    let frames: Vec<u8> = replies
        .iter()
        .flat_map(|reply| mllp::frame(reply))
        .collect();
    if !frames.is_empty() {
        timeout(WRITE_MAX, stream.write_all(&frames)).await??;
    }
    Ok(())
}
