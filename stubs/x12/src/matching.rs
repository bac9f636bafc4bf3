//! Which loop every segment of a transaction set belongs to.
//!
//! Each segment is given to the innermost open loop that has a place for it, or opens a loop there, or one further
//! out. What fits nowhere in order is tried out of order; what fits nowhere is kept with the loop that is open and
//! told as a finding. So one misplaced segment costs one finding, and the rest is still judged. What follows a segment
//! without a place and has none either is not told again: most often the segment that opens their loop is missing.

use crate::element::Segment;
use crate::envelope::Transaction;
use crate::finding::{Finding, Findings, Kind, Place};
use crate::guide::{Guide, Loop, Node, SegmentSpec, Usage};

/// One segment in its place.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The segment.
    pub segment: Segment<'a>,
    /// What the guide says of it there; None where it has no place.
    pub spec: Option<&'static SegmentSpec>,
    /// The loop that it stands in: an index into [`Tree::loops`].
    pub inside: usize,
}

/// One occurrence of a loop.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// What the guide says of it.
    pub spec: &'static Loop,
    /// The loop around it; None for the whole transaction set.
    pub parent: Option<usize>,
    /// Its first segment: an index into [`Tree::segments`].
    pub first: usize,
    /// Behind its last segment, those of the loops in it among them.
    pub end: usize,
}

/// A transaction set, cut into its loops.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    guide: &'static Guide,
    segments: Vec<Placed<'a>>,
    loops: Vec<Occurrence>,
    findings: Vec<Finding>,
}

impl<'a> Tree<'a> {
    /// Cuts a transaction set into the loops of its guide.
    pub fn build(transaction: &Transaction<'a>, guide: &'static Guide) -> Self {
        let mut matcher = Matcher::new(guide, transaction.len());
        for segment in transaction.segments() {
            matcher.take(segment);
        }
        matcher.close(transaction)
    }

    /// The guide that it was cut by.
    pub fn guide(&self) -> &'static Guide {
        self.guide
    }

    /// Every segment in order, ST and SE among them.
    pub fn segments(&self) -> &[Placed<'a>] {
        &self.segments
    }

    /// Every loop in the order of its first segment; the first is the whole transaction set.
    pub fn loops(&self) -> &[Occurrence] {
        &self.loops
    }

    /// The segments of a loop and of those in it.
    pub fn inside(&self, occurrence: &Occurrence) -> &[Placed<'a>] {
        let range = occurrence.first..occurrence.end;
        self.segments.get(range).unwrap_or_default()
    }

    /// What does not fit its place, and what is missing.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The loops with this identifier within another one, at any depth, in order: indexes into [`Tree::loops`].
    pub fn within<'t>(&'t self, outer: usize, id: &'t str) -> impl Iterator<Item = usize> + 't {
        let end = self.loops.get(outer).map_or(0, |outer| outer.end);
        let behind = self.loops.iter().enumerate().skip(outer + 1);
        behind
            .take_while(move |(_, inner)| inner.first < end)
            .filter(move |(_, inner)| inner.spec.id == id)
            .map(|(number, _)| number)
    }

    /// The segments that stand in this loop itself, not in those within it.
    pub fn own<'t>(&'t self, number: usize) -> impl Iterator<Item = &'t Placed<'a>> + 't {
        let range = self.loops.get(number).map(|found| found.first..found.end);
        self.segments[range.unwrap_or_default()]
            .iter()
            .filter(move |placed| placed.inside == number)
    }
}

/// A loop that may still take segments.
struct Open {
    number: usize,
    spec: &'static Loop,
    counts: Vec<usize>,
    position: usize,
    /// Required children that were passed without having been there, and where.
    passed: Vec<(usize, Place)>,
}

impl Open {
    /// Goes on to a position, past what may stand before it.
    fn advance(&mut self, position: usize, segment: &Segment<'_>) {
        for (child, node) in self.spec.children.iter().enumerate() {
            let skipped = (self.position..position).contains(&node.position());
            if skipped && self.counts[child] == 0 && node.usage() == Usage::Required {
                let place = Place::of(segment).within(self.spec.id);
                self.passed.push((child, place));
            }
        }
        self.position = self.position.max(position);
    }

    fn has_room(&self, child: usize, node: &Node) -> bool {
        node.repeat().is_none_or(|most| self.counts[child] < most)
    }
}

/// How hard a place is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// In order, and not more often than allowed.
    Fits,
    /// In order, but too often.
    TooOften,
    /// Out of order.
    OutOfOrder,
    /// The only one of its identifier there, but with another code than allowed.
    OtherCode,
}

struct Matcher<'a> {
    guide: &'static Guide,
    segments: Vec<Placed<'a>>,
    loops: Vec<Occurrence>,
    stack: Vec<Open>,
    findings: Findings,
}

impl<'a> Matcher<'a> {
    fn new(guide: &'static Guide, length: usize) -> Self {
        let mut matcher = Self {
            guide,
            segments: Vec::with_capacity(length),
            loops: Vec::new(),
            stack: Vec::new(),
            findings: Findings::default(),
        };
        matcher.open(&guide.root);
        matcher
    }

    fn open(&mut self, spec: &'static Loop) {
        let number = self.loops.len();
        self.loops.push(Occurrence {
            spec,
            parent: self.stack.last().map(|open| open.number),
            first: self.segments.len(),
            end: self.segments.len(),
        });
        self.stack.push(Open {
            number,
            spec,
            counts: vec![0; spec.children.len()],
            position: 0,
            passed: Vec::new(),
        });
    }

    fn take(&mut self, segment: Segment<'a>) {
        for pass in [
            Pass::Fits,
            Pass::TooOften,
            Pass::OutOfOrder,
            Pass::OtherCode,
        ] {
            let mut levels = (0..self.stack.len()).rev();
            let found = if pass == Pass::OtherCode {
                // Another code is meant for the innermost loop that has such segments.
                let level = levels.find(|level| self.has_like(*level, segment.id()));
                level.and_then(|level| Some((level, self.find(level, &segment, pass)?)))
            } else {
                levels.find_map(|level| Some((level, self.find(level, &segment, pass)?)))
            };
            if let Some((level, child)) = found {
                self.place(segment, level, child, pass);
                return;
            }
        }
        let inside = self.stack.last().map_or(0, |open| open.number);
        let place = Place::of(&segment);
        let known = self.guide.has_segment(segment.id());
        let lost = self.segments.last().is_some_and(|last| last.spec.is_none());
        if known && !lost {
            self.findings.add(
                Kind::UnexpectedSegment,
                place.within(self.loops[inside].spec.id),
                || format!("the guide has no such {} here", segment.id()),
            );
        } else if !known {
            self.findings.add(Kind::UnknownSegment, place, || {
                "the guide has no such segment anywhere".to_owned()
            });
        }
        self.segments.push(Placed {
            segment,
            spec: None,
            inside,
        });
    }

    /// Whether an open loop holds segments of this identifier, or loops that begin with one. Hierarchical levels are
    /// told apart by their code alone, so another code is no fault of theirs but another level.
    fn has_like(&self, level: usize, id: &str) -> bool {
        let mut children = self.stack[level].spec.children.iter().enumerate();
        id != "HL"
            && children.any(|(child, node)| {
                (level == 0 || child > 0) && node.first().is_some_and(|first| first.id == id)
            })
    }

    /// The child of an open loop that a segment is, or begins.
    fn find(&self, level: usize, segment: &Segment<'a>, pass: Pass) -> Option<usize> {
        let open = &self.stack[level];
        let id = segment.id();
        let children = open.spec.children.iter().enumerate();
        let mut of_id =
            children.filter(|(_, node)| node.first().is_some_and(|first| first.id == id));
        let qualified = |node: &Node| node.first().is_some_and(|first| qualifies(first, segment));
        let in_order = |node: &Node| node.position() >= open.position;
        // The segment that a loop begins with begins another one.
        let begins =
            |child: usize| level > 0 && child == 0 && !open.counts.is_empty() && open.counts[0] > 0;
        let found = match pass {
            Pass::Fits => of_id.find(|(child, node)| {
                in_order(node) && open.has_room(*child, node) && qualified(node)
            }),
            Pass::TooOften => {
                of_id.find(|(child, node)| in_order(node) && !begins(*child) && qualified(node))
            }
            Pass::OutOfOrder => of_id.find(|(child, node)| {
                !begins(*child) && open.has_room(*child, node) && qualified(node)
            }),
            Pass::OtherCode => {
                let mut here = of_id.filter(|(child, _)| !begins(*child));
                let first = here
                    .next()
                    .filter(|(child, node)| in_order(node) && open.has_room(*child, node));
                first.filter(|_| here.next().is_none())
            }
        };
        found.map(|(child, _)| child)
    }

    fn place(&mut self, segment: Segment<'a>, level: usize, child: usize, pass: Pass) {
        while self.stack.len() > level + 1 {
            self.shut(&segment);
        }
        let Some(open) = self.stack.last_mut() else {
            return;
        };
        let node: &'static Node = &open.spec.children[child];
        open.counts[child] += 1;
        open.advance(node.position(), &segment);
        let place = || Place::of(&segment).within(open.spec.id);
        if pass == Pass::TooOften {
            let (kind, what) = match node {
                Node::Segment(_) => (Kind::SegmentRepeat, "segment"),
                Node::Loop(_) => (Kind::LoopRepeat, "loop"),
            };
            let most = node.repeat().unwrap_or_default();
            let name = name(node);
            self.findings.add(kind, place(), || {
                format!("{what} {name} may stand here {most} times at most")
            });
        }
        if pass == Pass::OutOfOrder {
            let name = name(node);
            self.findings.add(Kind::WrongOrder, place(), || {
                format!("{name} stands behind what has to follow it")
            });
        }
        if node.usage() == Usage::NotUsed {
            let name = name(node);
            self.findings.add(Kind::NotUsedSegment, place(), || {
                format!("the guide does not use {name} here")
            });
        }
        let mut node = node;
        while let Node::Loop(inner) = node {
            self.open(inner);
            let Some(first) = inner.children.first() else {
                break;
            };
            if let Some(open) = self.stack.last_mut() {
                open.counts[0] += 1;
                open.position = first.position();
            }
            node = first;
        }
        let spec = match node {
            Node::Segment(spec) => Some(spec),
            Node::Loop(_) => None,
        };
        self.segments.push(Placed {
            segment,
            spec,
            inside: self.stack.last().map_or(0, |open| open.number),
        });
    }

    /// Closes the innermost loop before `next`.
    fn shut(&mut self, next: &Segment<'a>) {
        let Some(open) = self.stack.pop() else {
            return;
        };
        self.loops[open.number].end = self.segments.len();
        for (child, node) in open.spec.children.iter().enumerate() {
            let name = name(node);
            if open.counts[child] > 0 || node.usage() != Usage::Required || name == "SE" {
                continue;
            }
            let passed = open.passed.iter().find(|(passed, _)| *passed == child);
            let mut place = match passed {
                Some((_, place)) => place.clone(),
                None => Place::of(next).within(open.spec.id),
            };
            let kind = match node {
                Node::Segment(_) => Kind::MissingSegment,
                Node::Loop(_) => Kind::MissingLoop,
            };
            let first = node.first();
            place.expected = first.map_or("", |first| first.id);
            let around = open.spec.id;
            self.findings.add(kind, place, || {
                let code = first
                    .and_then(SegmentSpec::qualifier)
                    .map(|(_, _, codes)| format!(" {}", codes[..codes.len().min(3)].join(" or ")))
                    .unwrap_or_default();
                format!("{around} lacks {name}{code}")
            });
        }
    }

    fn close(mut self, transaction: &Transaction<'a>) -> Tree<'a> {
        let last = self.segments.last().map(|placed| placed.segment);
        let last = last.unwrap_or(transaction.header());
        while !self.stack.is_empty() {
            self.shut(&last);
        }
        Tree {
            guide: self.guide,
            segments: self.segments,
            loops: self.loops,
            findings: self.findings.list,
        }
    }
}

fn name(node: &Node) -> &'static str {
    match node {
        Node::Segment(segment) => segment.id,
        Node::Loop(inner) => inner.id,
    }
}

/// Whether a segment has one of the codes that tell this one from others of its identifier.
fn qualifies(spec: &SegmentSpec, segment: &Segment<'_>) -> bool {
    let Some((place, component, codes)) = spec.qualifier() else {
        return true;
    };
    let Some(element) = segment.element(place) else {
        return false;
    };
    let value = match component {
        Some(number) => element.component(number),
        None => Some(element),
    };
    value.is_some_and(|value| codes.iter().any(|code| code.as_bytes() == value.raw()))
}
