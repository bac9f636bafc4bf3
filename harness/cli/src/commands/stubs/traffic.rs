//! Traffic shown live, one line a message, on standard error.
//!
//! The stubs never wait for whoever reads: lines go through a bounded queue to a thread that prints them, and what does not
//! fit is counted and said.

use std::{
    io::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::json;
use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    port::{Action, Catalog, Control, Effect, Fault, Protocol, Reaction, Verb},
    wire::{Direction, Message},
};
use wardgate_report::text;
use wardgate_runner::{Observer, stubs_up::StubsUpOptions};

use crate::style;

/// How many lines may wait to be printed.
const WAITING_MAX: usize = 10_000;
/// The longest label that is shown, in characters.
const LABEL_MAX: usize = 160;
/// How long the last lines may take to be printed at the end.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// Shows what crosses the stubs' wires.
pub struct Traffic {
    partners: Vec<(String, Option<Arc<dyn Protocol>>)>,
    started_unix_ms: i64,
    lines: Mutex<Option<SyncSender<Line>>>,
    left_out: Arc<AtomicUsize>,
    /// Hears from the printing thread when it has printed all.
    ended: Mutex<Receiver<()>>,
}

/// One thing that happened, in words.
struct Line {
    unix_ms: i64,
    partner: usize,
    /// What came.
    label: String,
    /// How many bytes of it.
    bytes: Option<usize>,
    /// What it was answered.
    reply: Option<String>,
    handled: bool,
    remark: Option<String>,
    effects: Vec<Effect>,
}

impl Traffic {
    /// Shows the traffic of these partners, as text or as JSON lines.
    pub fn start(catalog: &Catalog, options: &StubsUpOptions, as_json: bool) -> Self {
        let partners: Vec<_> = options
            .partners
            .iter()
            .map(|partner| {
                let protocol = catalog.get(&partner.protocol).cloned();
                (partner.name.clone(), protocol)
            })
            .collect();
        let (sender, lines) = sync_channel(WAITING_MAX);
        let (done, ended) = sync_channel(1);
        let left_out = Arc::new(AtomicUsize::new(0));
        let printer = Printer {
            names: partners.iter().map(|(name, _)| name.clone()).collect(),
            as_json,
            colour: style::colour_on_stderr() && !as_json,
            left_out: left_out.clone(),
        };
        thread::spawn(move || {
            printer.print(&lines);
            // Nobody waits for it where the end came otherwise.
            let _ = done.send(());
        });
        Self {
            partners,
            started_unix_ms: options.started_unix_ms,
            lines: Mutex::new(Some(sender)),
            left_out,
            ended: Mutex::new(ended),
        }
    }

    /// Prints what is left. It gives up where nobody reads.
    pub fn finish(&self) {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(LAST_WITHIN);
    }

    fn show(&self, line: Line) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = lines.as_ref() else {
            return;
        };
        if let Err(TrySendError::Full(_)) = lines.try_send(line) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn label(&self, partner: usize, message: &Message) -> String {
        match self.partners.get(partner) {
            Some((_, Some(protocol))) => protocol.label(message),
            _ => format!("{} bytes", message.content().len()),
        }
    }

    /// What came, in a few words.
    fn received(&self, partner: usize, wire: &Wire) -> String {
        if let Some(fault) = &wire.fault {
            return format!("no message: {fault}");
        }
        let Some((_, Some(protocol))) = self.partners.get(partner) else {
            return format!("{} bytes", wire.bytes.len());
        };
        match Message::decode(protocol.transport(), true, None, &wire.bytes) {
            Ok(message) => protocol.label(&message),
            Err(error) => format!("no message: {error}"),
        }
    }
}

impl Observer for Traffic {
    fn event(&self, _lane: usize, event: &Event, reaction: &Reaction) {
        let since = i64::try_from(event.elapsed.as_millis()).unwrap_or(i64::MAX);
        let mut line = Line {
            unix_ms: self.started_unix_ms.saturating_add(since),
            partner: 0,
            label: String::new(),
            bytes: None,
            reply: None,
            handled: !reaction.unhandled,
            remark: reaction.remark.clone(),
            effects: Vec::new(),
        };
        match &event.kind {
            EventKind::Wire(wire) if wire.direction == Direction::FromCandidate => {
                let Party::Partner(partner) = wire.party else {
                    return;
                };
                line.partner = partner;
                line.label = self.received(partner, wire);
                line.bytes = Some(wire.bytes.len());
                line.reply = reply(&reaction.actions).map(|reply| self.label(partner, reply));
                line.effects.clone_from(&reaction.effects);
            }
            EventKind::Opened {
                party: Party::Partner(partner),
                ..
            } if reaction.remark.is_some() => {
                line.partner = *partner;
                line.label = String::from("a connection");
            }
            EventKind::Control { partner, control } => {
                line.partner = *partner;
                line.label = told(control);
            }
            _ => return,
        }
        self.show(line);
    }
}

/// The answer, of several the last: it is the application's.
fn reply(actions: &[Action]) -> Option<&Message> {
    actions.iter().rev().find_map(|action| match action {
        Action::Reply { message, .. } | Action::ReplyCut { message, .. } => Some(message),
        _ => None,
    })
}

fn told(control: &Control) -> String {
    let times = |attempts: u32| text::count(attempts as usize, "time", "times");
    match control {
        Control::Fault(fault) => match fault {
            Fault::Down { attempts } => format!("told to be down {}", times(*attempts)),
            Fault::Slow { by, attempts } => {
                format!("told to be late by {by:?} {}", times(*attempts))
            }
            Fault::Refuse { attempts, .. } => format!("told to refuse {}", times(*attempts)),
            Fault::LoseReply { attempts } => format!("told to lose its reply {}", times(*attempts)),
            Fault::Garble { attempts } => format!("told to cut its reply {}", times(*attempts)),
        },
        Control::ClearFaults => String::from("told to behave well"),
        Control::Seed { collection, .. } => format!("told to hold one more of {collection}"),
        Control::Reset => String::from("told to begin again"),
    }
}

fn verb(effect: &Effect) -> &'static str {
    match effect.verb {
        Verb::Created => "created",
        Verb::Updated => "updated",
        Verb::Deleted => "deleted",
        Verb::Accepted => "accepted",
    }
}

struct Printer {
    names: Vec<String>,
    as_json: bool,
    colour: bool,
    left_out: Arc<AtomicUsize>,
}

impl Printer {
    fn print(&self, lines: &Receiver<Line>) {
        let width = self.names.iter().map(String::len).max().unwrap_or(0);
        let mut out = String::new();
        while let Ok(line) = lines.recv() {
            out.clear();
            for line in std::iter::once(line).chain(lines.try_iter().take(100)) {
                if self.as_json {
                    out.push_str(&self.json(&line));
                } else {
                    out.push_str(&self.text(&line, width));
                }
                out.push('\n');
            }
            let left_out = self.left_out.swap(0, Ordering::Relaxed);
            if left_out > 0 {
                out.push_str(&self.gap(left_out));
                out.push('\n');
            }
            // Where standard error is gone there is nobody to show anything to.
            if std::io::stderr().lock().write_all(out.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn gap(&self, left_out: usize) -> String {
        if self.as_json {
            json!({ "left_out": left_out }).to_string()
        } else {
            format!(
                "… {} came faster than they could be shown",
                text::count(left_out, "message", "messages")
            )
        }
    }

    fn name(&self, line: &Line) -> &str {
        self.names.get(line.partner).map_or("", String::as_str)
    }

    fn text(&self, line: &Line, width: usize) -> String {
        let time = clock(line.unix_ms, "%H:%M:%S.%3fZ");
        let label = text::cut_chars(&line.label, LABEL_MAX);
        let mut came_of_it: Vec<String> = Vec::new();
        came_of_it.extend(line.reply.clone());
        came_of_it.extend(line.remark.clone());
        for effect in line.effects.iter().take(3) {
            came_of_it.push(format!("{} {}", verb(effect), effect.subject));
        }
        if line.effects.len() > 3 {
            came_of_it.push(format!("{} more", line.effects.len() - 3));
        }
        if came_of_it.is_empty() && line.bytes.is_some() {
            came_of_it.push(String::from("no reply"));
        }
        let (label, came_of_it) = (text::line(&label), came_of_it.join(", "));
        let came_of_it = text::line(&came_of_it);
        let arrow = if came_of_it.is_empty() { "" } else { " -> " };
        let name = self.name(line);
        if !self.colour {
            return format!("{time}  {name:<width$}  {label}{arrow}{came_of_it}");
        }
        let tone = if line.handled { "32" } else { "31" };
        format!(
            "\x1b[2m{time}\x1b[0m  \x1b[36m{name:<width$}\x1b[0m  {label}{arrow}\x1b[{tone}m{came_of_it}\x1b[0m"
        )
    }

    fn json(&self, line: &Line) -> String {
        let effects: Vec<_> = line
            .effects
            .iter()
            .map(|effect| json!({ "verb": verb(effect), "subject": effect.subject }))
            .collect();
        json!({
            "time": clock(line.unix_ms, "%Y-%m-%dT%H:%M:%S.%3fZ"),
            "partner": self.name(line),
            "label": line.label,
            "bytes": line.bytes,
            "reply": line.reply,
            "handled": line.handled,
            "remark": line.remark,
            "effects": effects,
        })
        .to_string()
    }
}

fn clock(unix_ms: i64, form: &str) -> String {
    Timestamp::from_millisecond(unix_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime(form)
        .to_string()
}
