//! The server side of a stub: the port of a partner, and the connections to it.
//!
//! One task serves one connection: it reads a message, appends it to the log, does what the stub wants done and reads
//! on. Replies therefore leave in the order of their requests, and nothing is handed from task to task in between.
//! The port stays bound for the lane's whole life, also while the partner is "down".

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::UnboundedReceiver,
    task::JoinSet,
    time::timeout,
};
use wardgate_core::{
    event::{EventKind, Party, Wire},
    port::Action,
    wire::{Direction, Message, Transport},
};

use super::{
    desk::{Command, Desk},
    http_framing::Role,
    intake::{Intake, Item},
    patience::Patience,
};

/// How many connections to one partner may be open at once.
const CONNECTIONS_MAX: usize = 4_096;
/// How long a message that has begun may take to become whole.
pub(crate) const WHOLE_WITHIN: Duration = Duration::from_secs(30);
/// How long a peer may take to read what is written to it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(30);
/// How long what a refused peer still sends is read.
const LINGERS: Duration = Duration::from_secs(2);
/// How many bytes of replies are gathered before they are written.
const GATHERED_MAX: usize = 64 * 1024;

/// Serves a partner until the future is dropped; its connections end with it. A message that has begun may take
/// `whole_within` to become whole.
pub(crate) async fn serve<D: Desk>(
    listener: TcpListener,
    desk: Arc<D>,
    partner: usize,
    transport: Transport,
    whole_within: Duration,
) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                let connection =
                    Connection::new(stream, desk.clone(), partner, transport, whole_within);
                connections.spawn(connection.run());
            }
            Ok((stream, _)) => {
                let _ = stream.set_zero_linger();
            }
            // Out of file descriptors, or the peer was gone already: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Binds the port of a partner; port 0 takes a free one.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

struct Connection<D> {
    stream: TcpStream,
    desk: Arc<D>,
    partner: usize,
    transport: Transport,
    channel: u32,
    intake: Intake,
    patience: Patience,
    /// Whether bytes that are no message came last: more of them may be on their way.
    unread: bool,
    /// Replies that are written together.
    gathered: BytesMut,
}

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Continue,
    /// We close it in an orderly way.
    Close,
    /// We reset it.
    Abort,
    /// The candidate closed it.
    Gone,
}

impl<D: Desk> Connection<D> {
    fn new(
        stream: TcpStream,
        desk: Arc<D>,
        partner: usize,
        transport: Transport,
        whole_within: Duration,
    ) -> Self {
        // Without it small replies wait for the peer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            partner,
            transport,
            channel: desk.switchboard().next_channel(),
            intake: Intake::new(transport, Role::Requests),
            patience: Patience::new(whole_within),
            unread: false,
            gathered: BytesMut::new(),
            desk,
        }
    }

    fn party(&self) -> Party {
        Party::Partner(self.partner)
    }

    async fn run(mut self) {
        let mut commands = self.desk.switchboard().connect(self.channel);
        let opened = self.desk.append(EventKind::Opened {
            channel: self.channel,
            party: self.party(),
        });
        let mut then = self.act(opened.actions, &mut commands, false).await;
        while then == Then::Continue {
            then = self.turn(&mut commands).await;
        }
        self.desk.switchboard().disconnect(self.channel);
        match then {
            Then::Abort => {
                let _ = self.stream.set_zero_linger();
            }
            Then::Close => {
                let _ = timeout(WRITTEN_WITHIN, self.stream.shutdown()).await;
            }
            Then::Continue | Then::Gone => {}
        }
        let closed = self.desk.append(EventKind::Closed {
            channel: self.channel,
            party: self.party(),
            by_candidate: then == Then::Gone,
        });
        self.desk.route(self.partner, closed.actions);
        if then == Then::Close && self.unread {
            let _ = timeout(LINGERS, self.throw_away()).await;
        }
    }

    /// Reads what the peer still sends: left unread, it would have the connection reset, and the peer might never see
    /// why it was refused (RFC 9112, section 9.6).
    async fn throw_away(&mut self) {
        let mut scratch = BytesMut::with_capacity(GATHERED_MAX);
        while matches!(self.stream.read_buf(&mut scratch).await, Ok(1..)) {
            scratch.clear();
        }
    }

    /// Handles what is whole, then waits for more.
    async fn turn(&mut self, commands: &mut UnboundedReceiver<Command>) -> Then {
        let mut completed = false;
        while let Some(item) = self.intake.next_item(false) {
            completed = true;
            let then = self.handle(item, commands).await;
            if then != Then::Continue {
                return self.flush().await.unless(then);
            }
        }
        if self.intake.take_wants_continue() {
            self.gathered
                .extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        let flushed = self.flush().await;
        if flushed != Then::Continue {
            return flushed;
        }
        let partial = self.intake.is_partial();
        if self.patience.is_over(completed, partial) {
            return self.gave_up(commands).await;
        }
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                Some(action) => {
                    let then = self.act(vec![action], commands, false).await;
                    self.flush().await.unless(then)
                }
                None => Then::Close,
            },
            count = self.intake.fill(&mut self.stream) => match count {
                Ok(1..) => Then::Continue,
                Ok(0) => self.ended(commands).await,
                Err(_) => Then::Gone,
            },
            () = self.patience.over() => self.gave_up(commands).await,
        }
    }

    /// The candidate ended its side: what was left unfinished is written down.
    async fn ended(&mut self, commands: &mut UnboundedReceiver<Command>) -> Then {
        let left = self.intake.finish();
        self.last(left, commands).await;
        Then::Gone
    }

    /// A message took too long: what there is of it is written down, and the connection is closed.
    async fn gave_up(&mut self, commands: &mut UnboundedReceiver<Command>) -> Then {
        let left = self.intake.give_up();
        self.last(left, commands).await;
        Then::Close
    }

    async fn last(&mut self, left: Option<Item>, commands: &mut UnboundedReceiver<Command>) {
        if let Some(item) = left {
            self.handle(item, commands).await;
            let _ = self.flush().await;
        }
    }

    async fn handle(&mut self, item: Item, commands: &mut UnboundedReceiver<Command>) -> Then {
        let is_fault = item.fault.is_some();
        self.unread = is_fault;
        let wire = self.wire(Direction::FromCandidate, item.raw, item.fault);
        let transport = self.transport;
        let encode = |message: &Message, gathered: &mut BytesMut| {
            encode(message, transport, item.head_only, gathered);
        };
        let actions = self.desk.exchange(wire, &mut self.gathered, encode);
        let mut then = self.act(actions, commands, item.head_only).await;
        if then == Then::Continue && self.gathered.len() > GATHERED_MAX {
            then = self.flush().await;
        }
        if then == Then::Continue
            && (item.last || (is_fault && matches!(self.transport, Transport::Http)))
        {
            return Then::Close;
        }
        then
    }

    /// Does what the stub wants done; what concerns others goes to them.
    async fn act(
        &mut self,
        actions: Vec<Action>,
        commands: &mut UnboundedReceiver<Command>,
        head_only: bool,
    ) -> Then {
        for action in actions {
            let then = match action {
                Action::Reply {
                    channel,
                    message,
                    after,
                } if channel == self.channel => {
                    let waited = self.wait(after, commands).await;
                    if waited == Then::Continue {
                        let bytes = encoded(&message, self.transport, head_only);
                        self.say(bytes, None);
                    }
                    waited
                }
                Action::ReplyCut { channel, message } if channel == self.channel => {
                    let whole = encoded(&message, self.transport, head_only);
                    let half = whole.slice(..whole.len() / 2);
                    self.say(
                        half,
                        Some(String::from("cut in the middle, as the fault wants it")),
                    );
                    Then::Close
                }
                Action::Close { channel, abort } if channel == self.channel => {
                    if abort {
                        Then::Abort
                    } else {
                        Then::Close
                    }
                }
                other => {
                    self.desk.route(self.partner, vec![other]);
                    Then::Continue
                }
            };
            if then != Then::Continue {
                return then;
            }
        }
        Then::Continue
    }

    /// Waits before a late reply; being told to close ends the wait.
    async fn wait(&mut self, after: Duration, commands: &mut UnboundedReceiver<Command>) -> Then {
        if after.is_zero() {
            return Then::Continue;
        }
        let flushed = self.flush().await;
        if flushed != Then::Continue {
            return flushed;
        }
        let desk = self.desk.clone();
        let _reply_is_due = desk.switchboard().delay();
        let waking = tokio::time::sleep(after);
        tokio::pin!(waking);
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Action::Close { abort, .. }) => return if abort { Then::Abort } else { Then::Close },
                    Some(Action::Reply { message, .. }) => {
                        let bytes = encoded(&message, self.transport, false);
                        self.say(bytes, None);
                    }
                    Some(_) => {}
                    None => return Then::Close,
                },
                () = &mut waking => return Then::Continue,
            }
        }
    }

    /// Writes a reply down and gathers it: what follows from it can then only come later in the log.
    fn say(&mut self, bytes: Bytes, fault: Option<String>) {
        self.gathered.extend_from_slice(&bytes);
        self.desk.append(EventKind::Wire(self.wire(
            Direction::ToCandidate,
            bytes,
            fault,
        )));
    }

    fn wire(&self, direction: Direction, bytes: Bytes, fault: Option<String>) -> Wire {
        Wire {
            channel: self.channel,
            party: self.party(),
            direction,
            stimulus: None,
            name: None,
            bytes,
            fault,
        }
    }

    async fn flush(&mut self) -> Then {
        if self.gathered.is_empty() {
            return Then::Continue;
        }
        // Nearly always everything fits at once, and no timer is needed.
        let written = self.stream.try_write(&self.gathered).unwrap_or(0);
        let result = if written == self.gathered.len() {
            Ok(Ok(()))
        } else {
            timeout(
                WRITTEN_WITHIN,
                self.stream.write_all(&self.gathered[written..]),
            )
            .await
        };
        self.gathered.clear();
        match result {
            Ok(Ok(())) => Then::Continue,
            Ok(Err(_)) => Then::Gone,
            Err(_) => Then::Abort,
        }
    }
}

impl Then {
    /// This, unless it is well: then the other.
    fn unless(self, other: Self) -> Self {
        if self == Self::Continue { other } else { self }
    }
}

/// Puts a message behind what is gathered already.
fn encode(message: &Message, transport: Transport, head_only: bool, gathered: &mut BytesMut) {
    match message {
        Message::Response(response) => {
            gathered.extend_from_slice(response.head());
            if !head_only {
                gathered.extend_from_slice(response.body());
            }
        }
        _ => gathered.extend_from_slice(&message.encode(transport)),
    }
}

fn encoded(message: &Message, transport: Transport, head_only: bool) -> Bytes {
    let mut bytes = BytesMut::new();
    encode(message, transport, head_only, &mut bytes);
    bytes.freeze()
}
