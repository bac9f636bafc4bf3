//! The client side: connections to the candidate's endpoints.
//!
//! There is no reading task. The executor polls every open connection whenever it waits for anything, and appends what
//! it finds; so a reply costs no hop between tasks, and none is missed however late it comes.

use std::{
    collections::VecDeque,
    future::Future as _,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Sleep, timeout},
};
use wardgate_core::{
    event::{EventKind, Party, Wire},
    plan::{Delivery, Fate},
    port::Protocol,
    wire::{Direction, HttpRequest, Message, Transport},
};

use super::{
    address::{Address, HttpTarget},
    apart,
    http_framing::Role,
    intake::{Intake, Item},
};
use crate::lane::LaneHandle;

/// How long an unused HTTP connection is trusted to be still open at the other end.
const FRESH: Duration = Duration::from_secs(1);
/// How long a peer may take from closing its side of a connection to closing the other.
const RESET_WITHIN: Duration = Duration::from_millis(200);
/// How often it is looked at meanwhile.
const TICK: Duration = Duration::from_millis(1);
/// How many bytes at either edge of a trickled message go one by one.
const EDGE: usize = 8;
/// How many pieces the rest of a trickled message is cut into.
const PIECES: usize = 48;

/// The connections to all endpoints of one lane's candidate.
pub(crate) struct Endpoints {
    lane: Arc<LaneHandle>,
    slots: Vec<Slot>,
    /// Connections whose reply was meant to be lost: still read, never written to again.
    left: Vec<Connection>,
    /// Requests whose connection was closed before their turn, with their endpoints.
    unanswered: Vec<(usize, Pending)>,
    patience: Duration,
}

struct Slot {
    protocol: Arc<dyn Protocol>,
    target: Option<Target>,
    connection: Option<Connection>,
}

/// Where an endpoint is reached, ready for its transport.
enum Target {
    Http(HttpTarget),
    Socket(String),
}

struct Connection {
    stream: TcpStream,
    intake: Intake,
    channel: u32,
    endpoint: usize,
    /// HTTP: the requests whose responses are still to come, in their order.
    pending: VecDeque<Pending>,
    /// Framed: what was sent on a connection that had served before, and after which nothing has come yet.
    unread: VecDeque<Pending>,
    /// Framed: since when the peer's side is at its end while something is unread.
    ended: Option<Instant>,
    /// Wakes whoever waits for what follows that end.
    tick: Option<Pin<Box<Sleep>>>,
    /// Framed: the reply to come is to be lost.
    loses: bool,
    /// Whether it has carried a reply before.
    served: bool,
    used: Instant,
}

struct Pending {
    stimulus: usize,
    fate: Fate,
    head: bool,
    bytes: Bytes,
    /// Whether this is its second try.
    again: bool,
}

/// A stimulus on its way out.
pub(crate) struct Outgoing<'a> {
    /// As numbered in the case.
    pub stimulus: usize,
    /// The endpoint's index.
    pub endpoint: usize,
    /// What is sent.
    pub message: &'a Message,
    /// What becomes of the reply.
    pub fate: Fate,
    /// Whether the message already carries everything that its connection adds: it is sent again.
    pub verbatim: bool,
}

impl Endpoints {
    /// No connection is open yet, and no address known. `patience` bounds connecting and writing.
    pub(crate) fn new(
        lane: Arc<LaneHandle>,
        protocols: Vec<Arc<dyn Protocol>>,
        patience: Duration,
    ) -> Self {
        let slots = protocols
            .into_iter()
            .map(|protocol| Slot {
                protocol,
                target: None,
                connection: None,
            })
            .collect();
        Self {
            lane,
            slots,
            left: Vec::new(),
            unanswered: Vec::new(),
            patience,
        }
    }

    /// Sets where an endpoint is reached; its old connection has to be closed before.
    pub(crate) fn aim(&mut self, endpoint: usize, address: &Address) -> Result<(), String> {
        let slot = &mut self.slots[endpoint];
        slot.target = match slot.protocol.transport() {
            Transport::Http => Some(Target::Http(address.http()?)),
            Transport::Framed(_) => Some(Target::Socket(address.socket()?)),
            Transport::Files => None,
        };
        Ok(())
    }

    /// Writes the stimulus down and gives the bytes that are still to be written for it.
    /// The error says why no connection could be had.
    pub(crate) async fn begin(&mut self, outgoing: &Outgoing<'_>) -> Result<Bytes, String> {
        self.connect(outgoing.endpoint).await?;
        let slot = &mut self.slots[outgoing.endpoint];
        let transport = slot.protocol.transport();
        let Some(connection) = &mut slot.connection else {
            return Err(String::from("there is no connection"));
        };
        let bytes = match (outgoing.message, &slot.target) {
            (Message::Request(request), Some(Target::Http(target))) if !outgoing.verbatim => {
                on_wire(request, target)
            }
            (message, _) => message.encode(transport),
        };
        let mut pending = Pending {
            stimulus: outgoing.stimulus,
            fate: outgoing.fate,
            head: false,
            bytes: bytes.clone(),
            again: false,
        };
        if let Message::Request(request) = outgoing.message {
            pending.head = request.method() == "HEAD";
            connection.pending.push_back(pending);
        } else {
            connection.loses = outgoing.fate == Fate::Lost;
            if connection.served {
                connection.unread.push_back(pending);
            }
        }
        self.lane.append(EventKind::Wire(Wire {
            channel: connection.channel,
            party: Party::Endpoint(outgoing.endpoint),
            direction: Direction::ToCandidate,
            stimulus: Some(outgoing.stimulus),
            name: None,
            bytes: bytes.clone(),
            fault: None,
        }));
        Ok(bytes)
    }

    /// Writes what was begun. The error says why it could not be written; the connection is then gone.
    pub(crate) async fn write(
        &mut self,
        endpoint: usize,
        bytes: &[u8],
        delivery: Delivery,
    ) -> Result<(), String> {
        let Some(connection) = &mut self.slots[endpoint].connection else {
            return Err(String::from(
                "the candidate closed the connection before the message was sent",
            ));
        };
        connection.used = Instant::now();
        let written = match delivery {
            Delivery::Whole | Delivery::WithNext | Delivery::WithPrevious => {
                // Nearly always everything fits at once, and no timer is needed.
                match connection.stream.try_write(bytes) {
                    Ok(count) if count == bytes.len() => return Ok(()),
                    Ok(count) => {
                        timeout(self.patience, connection.stream.write_all(&bytes[count..])).await
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                        timeout(self.patience, connection.stream.write_all(bytes)).await
                    }
                    Err(error) => Ok(Err(error)),
                }
            }
            Delivery::Split => {
                let halves = halves(bytes);
                timeout(
                    self.patience,
                    apart::write(&mut connection.stream, &halves, apart::Pause::UntilRead),
                )
                .await
            }
            Delivery::Trickled => {
                let pieces = pieces(bytes);
                timeout(
                    self.patience,
                    apart::write(&mut connection.stream, &pieces, apart::Pause::Brief),
                )
                .await
            }
        };
        let reason = match written {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => format!("the message could not be written: {error}"),
            Err(_) => format!(
                "the candidate did not read the message within {:?}",
                self.patience
            ),
        };
        // What it may have answered before it closed is still read; then the connection is of no more use.
        Err(reason)
    }

    async fn connect(&mut self, endpoint: usize) -> Result<(), String> {
        self.look().await;
        let slot = &mut self.slots[endpoint];
        let stale = slot.connection.as_ref().is_some_and(|connection| {
            connection.loses
                || connection
                    .pending
                    .iter()
                    .any(|pending| pending.fate == Fate::Lost)
                || (connection.pending.is_empty()
                    && matches!(connection.intake, Intake::Http(_))
                    && connection.used.elapsed() > FRESH)
        });
        if stale {
            self.left.extend(slot.connection.take());
        }
        if slot.connection.is_some() {
            return Ok(());
        }
        let (authority, transport) = match &slot.target {
            Some(Target::Http(target)) => (&target.authority, Transport::Http),
            Some(Target::Socket(socket)) => (socket, slot.protocol.transport()),
            None => {
                return Err(String::from(
                    "the candidate has no address for this endpoint",
                ));
            }
        };
        let stream = match timeout(self.patience, TcpStream::connect(authority.as_str())).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(format!("no connection to {authority}: {error}")),
            Err(_) => {
                return Err(format!(
                    "no connection to {authority} within {:?}",
                    self.patience
                ));
            }
        };
        let _ = stream.set_nodelay(true);
        let channel = self.lane.next_channel();
        slot.connection = Some(Connection {
            stream,
            intake: Intake::new(transport, Role::Responses),
            channel,
            endpoint,
            pending: VecDeque::new(),
            unread: VecDeque::new(),
            ended: None,
            tick: None,
            loses: false,
            served: false,
            used: Instant::now(),
        });
        self.lane.append(EventKind::Opened {
            channel,
            party: Party::Endpoint(endpoint),
        });
        Ok(())
    }

    /// Takes in what has arrived by now, without waiting.
    pub(crate) async fn look(&mut self) {
        std::future::poll_fn(|context| {
            self.poll(context);
            Poll::Ready(())
        })
        .await;
    }

    /// Takes in what has arrived by now, and has the context woken when more does.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) {
        for (endpoint, slot) in self.slots.iter_mut().enumerate() {
            if let Some(connection) = &mut slot.connection
                && !connection.poll(&self.lane, slot.protocol.as_ref(), context)
            {
                let pending = std::mem::take(&mut connection.pending);
                let unread = std::mem::take(&mut connection.unread);
                let left = pending.into_iter().chain(unread);
                self.unanswered
                    .extend(left.map(|pending| (endpoint, pending)));
                slot.connection = None;
            }
        }
        if !self.left.is_empty() {
            let (lane, slots) = (&self.lane, &self.slots);
            self.left.retain_mut(|connection| {
                connection.poll(lane, slots[connection.endpoint].protocol.as_ref(), context)
            });
        }
    }

    /// Sends again what was on a connection that the candidate closed in good order before its turn came (RFC 9112
    /// sections 9.3.1 and 9.3.2). Once: what is closed again is not answered.
    pub(crate) async fn send_again(&mut self) {
        for (endpoint, pending) in std::mem::take(&mut self.unanswered) {
            let stimulus = pending.stimulus;
            if let Err(reason) = self.send_once_more(endpoint, pending).await {
                self.lane
                    .append(EventKind::Undelivered { stimulus, reason });
            }
        }
    }

    async fn send_once_more(&mut self, endpoint: usize, pending: Pending) -> Result<(), String> {
        self.connect(endpoint).await?;
        let Some(connection) = &mut self.slots[endpoint].connection else {
            return Err(String::from("there is no connection"));
        };
        let bytes = pending.bytes.clone();
        self.lane.append(EventKind::Wire(Wire {
            channel: connection.channel,
            party: Party::Endpoint(endpoint),
            direction: Direction::ToCandidate,
            stimulus: Some(pending.stimulus),
            name: None,
            bytes: bytes.clone(),
            fault: None,
        }));
        let waiting = if matches!(connection.intake, Intake::Http(_)) {
            &mut connection.pending
        } else {
            &mut connection.unread
        };
        waiting.push_back(Pending {
            again: true,
            ..pending
        });
        self.write(endpoint, &bytes, Delivery::Whole).await
    }

    /// Ends what does not outlive a case: framed connections, and those that still owe a response.
    pub(crate) fn end_case(&mut self) {
        self.unanswered.clear();
        let mut over: Vec<Connection> = std::mem::take(&mut self.left);
        for slot in &mut self.slots {
            let ends = slot.connection.as_ref().is_some_and(|connection| {
                !matches!(connection.intake, Intake::Http(_)) || !connection.pending.is_empty()
            });
            if ends {
                over.extend(slot.connection.take());
            }
        }
        for connection in over {
            connection.close(&self.lane, false);
        }
    }

    /// Closes every connection, before the candidate is killed.
    pub(crate) fn close_all(&mut self) {
        let open = self
            .slots
            .iter_mut()
            .filter_map(|slot| slot.connection.take());
        for connection in open.chain(self.left.drain(..)) {
            connection.close(&self.lane, false);
        }
    }
}

impl Connection {
    /// Appends what has arrived; says whether the connection is still of use.
    fn poll(
        &mut self,
        lane: &LaneHandle,
        protocol: &dyn Protocol,
        context: &mut Context<'_>,
    ) -> bool {
        loop {
            match self.intake.poll_fill(&mut self.stream, context) {
                Poll::Pending => return true,
                Poll::Ready(Ok(0) | Err(_)) if self.may_send_again() => {
                    // Nothing of what was sent here is the candidate's debt: it is sent again.
                    self.closed(lane, false);
                    return false;
                }
                Poll::Ready(Ok(0)) if self.was_not_read() && !self.has_ended_for_good() => {
                    if self.was_reset() {
                        self.closed(lane, false);
                        return false;
                    }
                    // It may have closed its side alone so far: the reset comes with the other, or not at all.
                    let mut tick = Box::pin(tokio::time::sleep(TICK));
                    if tick.as_mut().poll(context).is_pending() {
                        self.tick = Some(tick);
                        return true;
                    }
                }
                Poll::Ready(Err(error)) if is_reset(&error) && self.was_not_read() => {
                    self.closed(lane, false);
                    return false;
                }
                Poll::Ready(Ok(0)) => {
                    self.unread.clear();
                    if let Some(item) = self.intake.finish() {
                        self.append(lane, protocol, item);
                    }
                    self.pending.clear();
                    self.closed(lane, true);
                    return false;
                }
                Poll::Ready(Ok(_)) => {
                    while let Some(item) = self
                        .intake
                        .next_item(self.pending.front().is_some_and(|next| next.head))
                    {
                        if !self.append(lane, protocol, item) {
                            let by_candidate = !self.loses && !self.may_send_again();
                            if by_candidate {
                                self.pending.clear();
                            }
                            self.closed(lane, by_candidate);
                            return false;
                        }
                    }
                }
                Poll::Ready(Err(error)) => {
                    self.unread.clear();
                    for owed in std::mem::take(&mut self.pending) {
                        lane.append(EventKind::Undelivered {
                            stimulus: owed.stimulus,
                            reason: format!("the connection broke before the reply: {error}"),
                        });
                    }
                    self.closed(lane, true);
                    return false;
                }
            }
        }
    }

    /// Whether what is pending may be sent again on another connection: the candidate closed one that had served before,
    /// between two responses, as a server may that is asked for nothing or has said `Connection: close`.
    fn may_send_again(&self) -> bool {
        self.served
            && !self.pending.is_empty()
            && matches!(self.intake, Intake::Http(_))
            && !self.intake.is_partial()
            && self
                .pending
                .iter()
                .all(|pending| !pending.again && pending.fate == Fate::Heard)
    }

    /// Framed: whether what was sent last was never read, and may be sent again on another connection. A peer that serves
    /// one message a connection closes it when it has answered, and what reaches it then it answers with a reset, as it
    /// does where bytes lie unread when it closes (RFC 9293, sections 3.10.7.1 and 3.10.4). One that has read a message and closes
    /// without an answer ends the connection in good order, and owes the answer.
    fn was_not_read(&self) -> bool {
        !self.unread.is_empty()
            && !self.intake.is_partial()
            && self
                .unread
                .iter()
                .all(|pending| !pending.again && pending.fate == Fate::Heard)
    }

    /// Whether the peer's side has been at its end for so long that no reset is to come any more.
    fn has_ended_for_good(&mut self) -> bool {
        let since = self.ended.get_or_insert_with(Instant::now);
        since.elapsed() > RESET_WITHIN
    }

    /// Whether a reset came behind the end of the peer's side.
    fn was_reset(&self) -> bool {
        matches!(self.stream.take_error(), Ok(Some(error)) if is_reset(&error))
    }

    /// Appends one reply; says whether the connection goes on.
    fn append(&mut self, lane: &LaneHandle, protocol: &dyn Protocol, item: Item) -> bool {
        self.used = Instant::now();
        self.served = true;
        self.unread.clear();
        let answered = self.pending.pop_front();
        if matches!(self.intake, Intake::Http(_)) {
            self.loses = answered
                .as_ref()
                .is_some_and(|answered| answered.fate == Fate::Lost);
        }
        // A commit acknowledgement is not yet the reply that is to be lost.
        let is_final = matches!(self.intake, Intake::Http(_))
            || Message::decode(protocol.transport(), false, None, &item.raw)
                .map_or(true, |message| !protocol.is_accept(&message));
        lane.append(EventKind::Wire(Wire {
            channel: self.channel,
            party: Party::Endpoint(self.endpoint),
            direction: Direction::FromCandidate,
            stimulus: answered.map(|answered| answered.stimulus),
            name: None,
            bytes: item.raw,
            fault: item.fault,
        }));
        !(item.last || (self.loses && is_final))
    }

    fn closed(&self, lane: &LaneHandle, by_candidate: bool) {
        lane.append(EventKind::Closed {
            channel: self.channel,
            party: Party::Endpoint(self.endpoint),
            by_candidate,
        });
    }

    fn close(self, lane: &LaneHandle, by_candidate: bool) {
        self.closed(lane, by_candidate);
    }
}

/// Whether a peer has thrown away what it was sent.
fn is_reset(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

/// The request as it goes to this target: the base path before its own, and the host that it goes to.
fn on_wire(request: &HttpRequest, target: &HttpTarget) -> Bytes {
    let mut raw = BytesMut::with_capacity(256 + request.body().len());
    let mut put = |part: &str| raw.extend_from_slice(part.as_bytes());
    put(request.method());
    put(" ");
    put(&target.path);
    put(request.target());
    put(" HTTP/1.1\r\n");
    if request.header("host").is_none() {
        put("host: ");
        put(&target.host);
        put("\r\n");
    }
    for (name, value) in request.headers() {
        put(name);
        put(": ");
        put(value);
        put("\r\n");
    }
    put("\r\n");
    raw.extend_from_slice(request.body());
    raw.freeze()
}

/// Two halves.
fn halves(bytes: &[u8]) -> Vec<&[u8]> {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    vec![first, second]
}

/// Single bytes at the edges, small pieces between.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let edge = EDGE.min(bytes.len() / 2);
    let (first, rest) = bytes.split_at(edge);
    let (middle, last) = rest.split_at(rest.len() - edge);
    let size = middle.len().div_ceil(PIECES).max(1);
    first
        .chunks(1)
        .chain(middle.chunks(size))
        .chain(last.chunks(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_the_whole_in_order_and_bounded(bytes in proptest::collection::vec(any::<u8>(), 0..5_000)) {
            prop_assert_eq!(halves(&bytes).concat(), bytes.as_slice());
            let cut = pieces(&bytes);
            prop_assert_eq!(cut.concat(), bytes.as_slice());
            prop_assert!(cut.len() <= 2 * EDGE + PIECES);
        }
    }

    #[test]
    fn a_request_gets_the_base_path_and_the_host() {
        let target = HttpTarget::parse("http://127.0.0.1:81/fhir").expect("it is a URL");
        let request = HttpRequest::new(
            "PUT",
            "/Patient/1?x",
            &[("x-a", "b")],
            Bytes::from_static(b"{}"),
        );
        let sent = HttpRequest::decode(&on_wire(&request, &target)).expect("it is well formed");
        assert_eq!(sent.target(), "/fhir/Patient/1?x");
        assert_eq!(sent.header("host"), Some("127.0.0.1:81"));
        assert_eq!(sent.header("x-a"), Some("b"));
        assert_eq!(sent.body(), request.body());
    }
}
