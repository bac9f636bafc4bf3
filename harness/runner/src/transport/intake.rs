//! Reading whole messages from a connection, whatever its framing.

use std::{
    future::Future,
    io,
    pin::pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use tokio::{io::AsyncReadExt, net::TcpStream};
use wardgate_core::wire::{BODY_MAX, FrameDecoder, FrameItem, Transport};

use super::http_framing::{Cut, FAULT_KEPT, HttpCutter, Role};

/// How much is read at once.
const READ_SIZE: usize = 8 * 1024;

/// What was found in a stream.
#[derive(Debug)]
pub(crate) struct Item {
    /// The raw bytes.
    pub raw: Bytes,
    /// Why they are no message, where they are none.
    pub fault: Option<String>,
    /// Whether nothing more can be read from the connection, or is wanted on it.
    pub last: bool,
    /// Whether it is a HEAD request.
    pub head_only: bool,
}

/// Reads one direction of a connection.
pub(crate) enum Intake {
    /// HTTP messages.
    Http(HttpCutter),
    /// Frames.
    Framed {
        /// Cuts the frames.
        decoder: Box<dyn FrameDecoder>,
        /// What a read goes into.
        buffer: BytesMut,
    },
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Http(_) => "Intake::Http",
            Self::Framed { .. } => "Intake::Framed",
        })
    }
}

impl Intake {
    /// An intake for one direction of a connection. Files do not travel over connections.
    pub(crate) fn new(transport: Transport, role: Role) -> Self {
        match transport {
            Transport::Framed(framing) => Self::Framed {
                decoder: framing.decoder(BODY_MAX),
                buffer: BytesMut::with_capacity(READ_SIZE),
            },
            Transport::Http | Transport::Files => Self::Http(HttpCutter::new(role)),
        }
    }

    /// What has been read and is whole. `answers_head` says that the response awaited is one to a HEAD request.
    pub(crate) fn next_item(&mut self, answers_head: bool) -> Option<Item> {
        match self {
            Self::Http(cutter) => cutter.next_cut(answers_head).map(of_cut),
            Self::Framed { decoder, .. } => decoder.next_item().map(of_frame),
        }
    }

    /// What the end of the stream makes of what is left.
    pub(crate) fn finish(&mut self) -> Option<Item> {
        match self {
            Self::Http(cutter) => cutter.finish().map(of_cut),
            Self::Framed { decoder, .. } => decoder.finish().map(of_frame),
        }
    }

    /// What is left of a message that took too long.
    pub(crate) fn give_up(&mut self) -> Option<Item> {
        match self {
            Self::Http(cutter) => cutter.give_up().map(of_cut),
            Self::Framed { decoder, .. } => decoder.finish().map(of_frame),
        }
    }

    /// Whether a message has begun and is not whole yet.
    pub(crate) fn is_partial(&self) -> bool {
        match self {
            Self::Http(cutter) => cutter.is_partial(),
            Self::Framed { decoder, .. } => decoder.is_partial(),
        }
    }

    /// Whether the sender waits for `100 Continue`; true once a message.
    pub(crate) fn take_wants_continue(&mut self) -> bool {
        match self {
            Self::Http(cutter) => cutter.take_wants_continue(),
            Self::Framed { .. } => false,
        }
    }

    /// Reads what has arrived; zero is the end of the stream. Nothing is lost when this is dropped.
    pub(crate) async fn fill(&mut self, stream: &mut TcpStream) -> io::Result<usize> {
        match self {
            Self::Http(cutter) => {
                cutter.buffer.reserve(READ_SIZE / 2);
                stream.read_buf(&mut cutter.buffer).await
            }
            Self::Framed { decoder, buffer } => {
                buffer.clear();
                buffer.reserve(READ_SIZE);
                let count = stream.read_buf(buffer).await?;
                decoder.push(buffer);
                Ok(count)
            }
        }
    }

    /// The same as one look.
    pub(crate) fn poll_fill(
        &mut self,
        stream: &mut TcpStream,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        pin!(self.fill(stream)).poll(context)
    }
}

fn of_cut(cut: Cut) -> Item {
    match cut {
        Cut::Whole {
            raw,
            last,
            head_only,
        } => Item {
            raw,
            fault: None,
            last,
            head_only,
        },
        Cut::Fault { raw, reason } => Item {
            raw,
            fault: Some(reason),
            last: true,
            head_only: false,
        },
    }
}

fn of_frame(item: FrameItem) -> Item {
    match item {
        FrameItem::Frame { raw } => Item {
            raw,
            fault: None,
            last: false,
            head_only: false,
        },
        FrameItem::Fault {
            mut raw,
            reason,
            fatal,
        } => {
            raw.truncate(FAULT_KEPT);
            Item {
                raw,
                fault: Some(reason),
                last: fatal,
                head_only: false,
            }
        }
    }
}
