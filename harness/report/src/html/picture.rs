//! The wire timeline of a case as a sequence picture.
//!
//! Participants are lifelines: the driver that plays the consumer, the candidate, and each partner that took part. Time
//! runs down by events, not to scale: each row says its offset, and longer silences say how long they were.

mod rows;

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use wardgate_core::{
    event::{Party, Wire},
    wire::Direction,
};

use self::rows::{Row, What, rows};
use super::markup::Esc;
use crate::{run_file::VerdictsLine, text, traffic::Traffic};

/// The most rows of one picture.
const ROWS_MAX: usize = 150;

/// Where things stand, in the picture's own units.
const TIMES: usize = 74;
const TOP: usize = 46;
const CHARACTER: usize = 7;
const SPACING: (usize, usize) = (150, 205);
/// From this width on a picture scrolls rather than shrinks without end.
const WIDE: usize = 900;
const MESSAGE: usize = 34;
const NOTE: usize = 30;
const SILENCE: usize = 22;

/// The picture of a case; nothing where none of its events were kept.
pub fn picture(
    page: &mut String,
    traffic: &Traffic<'_>,
    verdict: &VerdictsLine,
    (consumer, provider): (&str, &str),
    case: usize,
    on_page: &HashSet<u64>,
) {
    let mut rows = rows(traffic, verdict);
    if rows.is_empty() {
        return;
    }
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let stage = Stage::new(traffic, &rows, consumer, provider);
    let mut drawing = Drawing {
        stage: &stage,
        case,
        on_page,
        lines: String::new(),
        bars: String::new(),
        rows: String::new(),
        y: TOP,
        open: Vec::new(),
        stopped: None,
    };
    for row in &rows {
        drawing.row(row);
    }
    drawing.close();
    let height = drawing.y + 14;
    let _ = write!(
        page,
        "<div class=\"picture\"><svg{} viewBox=\"0 0 {} {height}\" width=\"{1}\" height=\"{height}\" role=\"group\" \
         aria-label=\"what crossed the wires, in order\">",
        if stage.width > WIDE {
            " class=\"wide\""
        } else {
            ""
        },
        stage.width
    );
    page.push_str(&drawing.lines);
    page.push_str(&drawing.bars);
    stage.heads(page);
    page.push_str(&drawing.rows);
    page.push_str("</svg>");
    if left_out > 0 {
        let _ = write!(
            page,
            "<p class=\"dim\">{left_out} later rows are left out here; run.jsonl has them</p>"
        );
    }
    page.push_str("</div>");
}

/// The participants and where their lifelines stand.
struct Stage {
    heads: Vec<(String, &'static str)>,
    partners: Vec<usize>,
    spacing: usize,
    width: usize,
}

const DRIVER: usize = 0;
const CANDIDATE: usize = 1;

impl Stage {
    fn new(traffic: &Traffic<'_>, rows: &[Row], consumer: &str, provider: &str) -> Self {
        let partners: BTreeSet<usize> = rows.iter().filter_map(|row| row.what.partner()).collect();
        let partners: Vec<usize> = partners.into_iter().collect();
        let mut heads = vec![
            (consumer.to_owned(), "driver"),
            (provider.to_owned(), "candidate"),
        ];
        heads.extend(
            partners
                .iter()
                .map(|index| (traffic.party(Party::Partner(*index)), "partner")),
        );
        let mut stage = Self {
            heads,
            partners,
            spacing: SPACING.0,
            width: 0,
        };
        // Wide enough for every label; one that passes several lifelines has their width.
        let wanted = rows.iter().filter_map(|row| match &row.what {
            What::Message { party, label, .. } => {
                let (from, to) = stage.ends(*party, true);
                Some((label.chars().count() * CHARACTER + 28) / from.abs_diff(to).max(1))
            }
            _ => None,
        });
        stage.spacing = wanted.max().unwrap_or(0).clamp(SPACING.0, SPACING.1);
        stage.width = stage.x(stage.heads.len() - 1) + stage.spacing / 2 + 8;
        stage
    }

    fn x(&self, lifeline: usize) -> usize {
        TIMES + self.spacing / 2 + lifeline * self.spacing
    }

    fn partner(&self, index: usize) -> usize {
        let at = self.partners.iter().position(|other| *other == index);
        CANDIDATE + 1 + at.unwrap_or(0)
    }

    /// The lifelines of a message's sender and receiver.
    fn ends(&self, party: Party, from_candidate: bool) -> (usize, usize) {
        let peer = match party {
            Party::Endpoint(_) => DRIVER,
            Party::Partner(index) => self.partner(index),
        };
        if from_candidate {
            (CANDIDATE, peer)
        } else {
            (peer, CANDIDATE)
        }
    }

    fn heads(&self, page: &mut String) {
        for (index, (name, role)) in self.heads.iter().enumerate() {
            let x = self.x(index);
            let width = (self.spacing - 18).min(170);
            let room = width / CHARACTER - 1;
            let class = if index == CANDIDATE {
                "head own"
            } else {
                "head"
            };
            let _ = write!(
                page,
                "<g class=\"{class}\"><rect x=\"{}\" y=\"2\" width=\"{width}\" height=\"34\" rx=\"7\" fill=\"none\" \
                 stroke=\"currentColor\"/><text x=\"{x}\" y=\"17\" text-anchor=\"middle\">{}</text>\
                 <text class=\"role\" x=\"{x}\" y=\"30\" text-anchor=\"middle\">{role}</text></g>",
                x - width / 2,
                Esc(&text::cut_chars(&text::line(name), room))
            );
        }
    }
}

struct Drawing<'a> {
    stage: &'a Stage,
    case: usize,
    /// The messages that an arrow can lead to.
    on_page: &'a HashSet<u64>,
    lines: String,
    bars: String,
    rows: String,
    y: usize,
    /// Requests without a reply yet: whose port, the connection, the receiving lifeline and where they arrived.
    open: Vec<(Party, u32, usize, usize)>,
    /// Where the candidate's lifeline ended, while it is not running.
    stopped: Option<usize>,
}

impl Drawing<'_> {
    fn row(&mut self, row: &Row) {
        if let Some(silence) = &row.silence {
            self.silence(silence);
        }
        match &row.what {
            What::Message { .. } => self.message(row),
            What::Note { partner, text } => {
                let lifeline = partner.map_or(CANDIDATE, |partner| self.stage.partner(partner));
                self.note(row, lifeline, text, "note");
            }
            What::Cut { partner } => self.cut(row, *partner),
            What::Stopped { text } => {
                self.note(row, CANDIDATE, text, "note bad");
                self.lifeline(CANDIDATE, TOP - 10, self.y);
                self.stopped = Some(self.y);
            }
            What::Started { text } => {
                if let Some(at) = self.stopped.take() {
                    let x = self.stage.x(CANDIDATE);
                    let _ = write!(
                        self.lines,
                        "<path class=\"gone\" d=\"M{x} {at}V{}\" fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"1 5\"/>",
                        self.y
                    );
                }
                self.note(row, CANDIDATE, text, "note");
            }
            What::Absent { partner, text } => self.absent(*partner, text),
            What::Across { text, bad } => self.across(row, text, *bad),
        }
    }

    fn time(&mut self, row: &Row, y: usize) {
        let _ = write!(
            self.rows,
            "<text class=\"time\" x=\"{}\" y=\"{}\" text-anchor=\"end\">+{}</text>",
            TIMES - 8,
            y + 4,
            text::duration(row.since_ns)
        );
    }

    fn message(&mut self, row: &Row) {
        let What::Message {
            wire,
            party,
            label,
            cited,
        } = &row.what
        else {
            return;
        };
        let from_candidate = wire.direction == Direction::FromCandidate;
        let (from, to) = self.stage.ends(*party, from_candidate);
        let y = self.y + 22;
        self.y += MESSAGE;
        self.time(row, y);
        let is_reply = matches!(party, Party::Endpoint(_)) == from_candidate;
        self.activity(wire, *party, is_reply, to, y);
        let (start, end) = (self.stage.x(from), self.stage.x(to));
        // The line stops short of the activity bars at both ends.
        let (start, end, tip) = if start < end {
            (start + 5, end - 5, end - 12)
        } else {
            (start - 5, end + 5, end + 12)
        };
        let middle = usize::midpoint(start, end);
        let room = start.abs_diff(end).saturating_sub(8) * 2 / 13;
        let mut class = String::from(if is_reply { "ev reply" } else { "ev request" });
        if wire.fault.is_some() {
            class.push_str(" bad");
        }
        if *cited {
            class.push_str(" cited");
        }
        let dash = if is_reply {
            " stroke-dasharray=\"5 4\""
        } else {
            ""
        };
        let _ = write!(
            self.rows,
            "<a class=\"{class}\"{link}><title>{title}</title>\
             <rect class=\"hit\" x=\"{left}\" y=\"{hit}\" width=\"{wide}\" height=\"{MESSAGE}\" fill=\"transparent\"/>\
             <path d=\"M{start} {y}H{end}\" fill=\"none\" stroke=\"currentColor\"{dash}/>\
             <path class=\"tip\" d=\"M{end} {y}L{tip} {up}V{down}Z\" fill=\"currentColor\"/>\
             <text x=\"{middle}\" y=\"{above}\" text-anchor=\"middle\">{label}</text></a>",
            link = if self.on_page.contains(&row.sequence) {
                format!(" href=\"#c{}e{}\"", self.case, row.sequence)
            } else {
                String::new()
            },
            title = Esc(&format!(
                "{label}, {}",
                text::count(wire.bytes.len(), "byte", "bytes")
            )),
            left = start.min(end),
            wide = start.abs_diff(end),
            hit = y - 20,
            up = y - 4,
            down = y + 4,
            above = y - 6,
            label = Esc(&text::cut_chars(label, room.max(6))),
        );
    }

    /// A bar on the receiver's lifeline from the request to its reply.
    fn activity(&mut self, wire: &Wire, party: Party, is_reply: bool, to: usize, y: usize) {
        if !is_reply {
            self.open.push((party, wire.channel, to, y));
            return;
        }
        let found = self
            .open
            .iter()
            .position(|(other, channel, ..)| *other == party && *channel == wire.channel);
        if let Some(index) = found {
            let (_, _, lifeline, began) = self.open.remove(index);
            let _ = write!(
                self.bars,
                "<rect class=\"busy\" x=\"{}\" y=\"{began}\" width=\"8\" height=\"{}\" rx=\"3\" fill=\"currentColor\" \
                 fill-opacity=\"0.25\"/>",
                self.stage.x(lifeline) - 4,
                (y - began).max(6)
            );
        }
    }

    fn note(&mut self, row: &Row, lifeline: usize, note: &str, class: &str) {
        let y = self.y + 4;
        self.y += NOTE;
        self.time(row, y + 11);
        let room = self.stage.spacing.max(190) / CHARACTER + 2;
        let shown = text::cut_chars(note, room);
        let width = shown.chars().count() * CHARACTER + 16;
        let x = self.stage.x(lifeline);
        // A note at the edge stays inside the picture.
        let left = (x.saturating_sub(width / 2)).clamp(
            TIMES,
            (self.stage.width.saturating_sub(width + 2)).max(TIMES),
        );
        let _ = write!(
            self.rows,
            "<g class=\"{class}\"><title>{}</title><rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"22\" rx=\"5\" fill=\"none\" \
             stroke=\"currentColor\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
            Esc(note),
            left + width / 2,
            y + 15,
            Esc(&shown)
        );
    }

    /// A connection that carried nothing: the stub cut it off.
    fn cut(&mut self, row: &Row, partner: usize) {
        let (start, end) = (
            self.stage.x(CANDIDATE),
            self.stage.x(self.stage.partner(partner)),
        );
        let y = self.y + 22;
        self.y += MESSAGE;
        self.time(row, y);
        let stop = end - 12;
        let _ = write!(
            self.rows,
            "<g class=\"ev bad\"><path d=\"M{} {y}H{stop}\" fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"2 4\"/>\
             <path d=\"M{} {}l8 8m0 -8l-8 8\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">connects, is cut off</text></g>",
            start + 5,
            stop - 2,
            y - 4,
            usize::midpoint(start, stop),
            y - 6
        );
    }

    /// A message that was promised and never came.
    fn absent(&mut self, partner: usize, what: &str) {
        let (start, end) = (
            self.stage.x(CANDIDATE) + 5,
            self.stage.x(self.stage.partner(partner)) - 5,
        );
        let y = self.y + 22;
        self.y += MESSAGE;
        let room = (end - start - 8) / CHARACTER;
        let _ = write!(
            self.rows,
            "<g class=\"ev bad absent\"><title>{}</title><path d=\"M{start} {y}H{end}\" fill=\"none\" stroke=\"currentColor\" \
             stroke-dasharray=\"1 6\" stroke-linecap=\"round\"/><path d=\"M{} {}l8 4l-8 4\" fill=\"none\" stroke=\"currentColor\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
            Esc(what),
            end - 8,
            y - 4,
            usize::midpoint(start, end),
            y - 6,
            Esc(&text::cut_chars(what, room))
        );
    }

    fn across(&mut self, row: &Row, what: &str, bad: bool) {
        let y = self.y + 15;
        self.y += NOTE;
        self.time(row, y);
        let (left, right) = (TIMES, self.stage.width - 4);
        let room = (right - left) / CHARACTER - 2;
        let shown = text::cut_chars(what, room);
        let width = shown.chars().count() * CHARACTER + 14;
        let middle = usize::midpoint(left, right);
        let class = if bad { "across bad" } else { "across" };
        let _ = write!(
            self.rows,
            "<g class=\"{class}\"><title>{}</title><path d=\"M{left} {y}H{right}\" fill=\"none\" stroke=\"currentColor\" \
             stroke-dasharray=\"2 3\"/><rect class=\"behind\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"18\" fill=\"none\"/>\
             <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
            Esc(what),
            middle.saturating_sub(width / 2),
            y - 9,
            y + 4,
            Esc(&shown)
        );
    }

    fn silence(&mut self, text: &str) {
        let y = self.y + SILENCE / 2 + 4;
        let _ = write!(
            self.rows,
            "<text class=\"silence\" x=\"{}\" y=\"{y}\" text-anchor=\"end\">⋮ {}</text>",
            TIMES - 8,
            Esc(text)
        );
        self.y += SILENCE;
    }

    fn lifeline(&mut self, lifeline: usize, from: usize, to: usize) {
        let x = self.stage.x(lifeline);
        let _ = write!(
            self.lines,
            "<path class=\"life\" d=\"M{x} {from}V{to}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.4\"/>"
        );
    }

    fn close(&mut self) {
        let end = self.y + 8;
        for lifeline in 0..self.stage.heads.len() {
            if lifeline == CANDIDATE && self.stopped.is_some() {
                continue;
            }
            self.lifeline(lifeline, TOP - 10, end);
        }
    }
}
