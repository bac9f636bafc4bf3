//! Reading a run file.

use std::{collections::HashSet, io::BufRead};

use serde_json::Value;
use wardgate_core::event::{Event, EventKind};

use super::{EndLine, EventLine, FORMAT, RunLine, VerdictsLine};

/// The longest line that is read, in bytes: an event holds at most one message.
const LINE_MAX: u64 = 64 << 20;
/// The most lanes that a run can have had.
const LANES_MAX: usize = 4_096;

/// A run file that was read.
#[derive(Clone, Debug)]
pub struct RunFile {
    /// The first line.
    pub run: RunLine,
    /// The events of each lane, in order.
    pub lanes: Vec<Vec<Event>>,
    /// The verdict lines as text, byte for byte, in the order written.
    pub verdict_texts: Vec<String>,
    /// The same, read.
    pub verdicts: Vec<VerdictsLine>,
    /// The last line; a run that was cut off has none.
    pub end: Option<EndLine>,
}

/// A file that is being read.
struct Reading {
    file: RunFile,
    judged: HashSet<usize>,
}

/// Why a run file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RunFileError {
    /// The line, from one.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl RunFile {
    /// Reads a run file line by line. A last line that was cut off is left out: the run then has no end.
    pub fn read(mut lines: impl BufRead) -> Result<Self, RunFileError> {
        let mut number = 0;
        let mut begun: Option<Reading> = None;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            number += 1;
            let fault = |message: String| RunFileError {
                line: number,
                message,
            };
            let length = std::io::Read::take(&mut lines, LINE_MAX)
                .read_until(b'\n', &mut bytes)
                .map_err(|error| fault(format!("it cannot be read: {error}")))?;
            if length == 0 {
                return begun.map(|reading| reading.file).ok_or_else(|| {
                    fault(String::from(
                        "the file is empty; expected a line of type \"run\"",
                    ))
                });
            }
            let Some(line) = bytes.strip_suffix(b"\n") else {
                if length as u64 == LINE_MAX {
                    return Err(fault(format!("it is longer than {LINE_MAX} bytes")));
                }
                let mut reading = begun
                    .ok_or_else(|| fault(String::from("the file ends within its first line")))?;
                // Only a line that lost nothing but its line feed still reads; a run that was killed leaves less.
                if let Ok(line) = std::str::from_utf8(&bytes) {
                    let _ = reading.add(line);
                }
                return Ok(reading.file);
            };
            let line = std::str::from_utf8(line).map_err(|_| {
                fault(String::from(
                    "it is not UTF-8, which every line of a run file is",
                ))
            })?;
            match &mut begun {
                None => begun = Some(Reading::begin(line).map_err(fault)?),
                Some(reading) => reading.add(line).map_err(fault)?,
            }
        }
    }

    /// Whether the file has its end; otherwise the run was cut off or is still being written.
    pub fn has_end(&self) -> bool {
        self.end.is_some()
    }

    /// The cases that the file accounts for: each has a verdict, or the end says that it did not run.
    pub fn accounted(&self) -> HashSet<usize> {
        let judged = self.verdicts.iter().map(|verdict| verdict.case);
        let left = self.end.iter().flat_map(|end| end.not_run.iter().copied());
        judged.chain(left).collect()
    }

    /// The last line as whoever trusts nothing must take it. Where the run was cut off, an interrupted run that says so
    /// stands in for it; an end that leaves cases unaccounted for is no end of a run that can be believed.
    pub fn end_or_cut_off(&self) -> EndLine {
        let accounted = self.accounted().len();
        if let Some(end) = &self.end
            && end.problem.is_none()
            && accounted < self.run.selected
        {
            return EndLine {
                problem: Some(format!(
                    "the run file accounts for {accounted} of its {} cases: lines were taken out of it",
                    self.run.selected
                )),
                ..end.clone()
            };
        }
        self.end.clone().unwrap_or_else(|| {
            let last = self.lanes.iter().filter_map(|lane| lane.last());
            let duration = last.map(|event| event.elapsed).max().unwrap_or_default();
            EndLine {
                kind: String::from("end"),
                duration_ns: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
                problem: Some(String::from(
                    "the run file was cut off before the run's end",
                )),
                interrupted: true,
                ..EndLine::default()
            }
        })
    }
}

impl Reading {
    fn begin(line: &str) -> Result<Self, String> {
        let peek: Value =
            serde_json::from_str(line).map_err(|error| format!("it is not JSON: {error}"))?;
        if peek["type"] != "run" {
            return Err(String::from(
                "expected a line of type \"run\": is this a run.jsonl?",
            ));
        }
        let format = peek["format"].as_u64().unwrap_or(0);
        if format != u64::from(FORMAT) {
            return Err(format!(
                "it is of format {format}; this version reads format {FORMAT}: use the version that wrote it"
            ));
        }
        let run: RunLine = serde_json::from_str(line)
            .map_err(|error| format!("it is no \"run\" line: {error}"))?;
        if run.workers > LANES_MAX {
            return Err(format!(
                "it speaks of {} workers; expected at most {LANES_MAX}",
                run.workers
            ));
        }
        if let Some(shard) = &run.shard
            && !(1..=shard.of).contains(&shard.index)
        {
            return Err(format!("there is no shard {} of {}", shard.index, shard.of));
        }
        Ok(Self {
            file: RunFile {
                run,
                lanes: Vec::new(),
                verdict_texts: Vec::new(),
                verdicts: Vec::new(),
                end: None,
            },
            judged: HashSet::new(),
        })
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        if self.file.end.is_some() {
            return Err(String::from("there is more after the \"end\" line"));
        }
        // The writer puts the type first, so most lines need no second parse to know what they are.
        if line.starts_with("{\"type\":\"event\"") {
            let read: EventLine<'_> = serde_json::from_str(line)
                .map_err(|error| format!("it is no \"event\" line: {error}"))?;
            return self.event(read);
        }
        if line.starts_with("{\"type\":\"verdict\"") {
            let read: VerdictsLine = serde_json::from_str(line)
                .map_err(|error| format!("it is no \"verdict\" line: {error}"))?;
            return self.verdict(read, line);
        }
        let peek: Value =
            serde_json::from_str(line).map_err(|error| format!("it is not JSON: {error}"))?;
        let wrong = |error: serde_json::Error| format!("it is no {} line: {error}", peek["type"]);
        match peek["type"].as_str() {
            Some("event") => self.event(serde_json::from_str(line).map_err(wrong)?),
            Some("verdict") => self.verdict(serde_json::from_str(line).map_err(wrong)?, line),
            Some("end") => {
                let end: EndLine = serde_json::from_str(line).map_err(wrong)?;
                end.not_run.iter().try_for_each(|case| self.knows(*case))?;
                self.file.end = Some(end);
                Ok(())
            }
            other => Err(format!(
                "its type is {}; expected \"event\", \"verdict\" or \"end\"",
                other.unwrap_or("missing")
            )),
        }
    }

    fn knows(&self, case: usize) -> Result<(), String> {
        if case < self.file.run.cases {
            return Ok(());
        }
        Err(format!(
            "it speaks of case {case}, but the plan has {}",
            self.file.run.cases
        ))
    }

    fn verdict(&mut self, read: VerdictsLine, line: &str) -> Result<(), String> {
        self.knows(read.case)?;
        if self.judged.insert(read.case) {
            self.file.verdicts.push(read);
            self.file.verdict_texts.push(line.to_owned());
            return Ok(());
        }
        // Something came of the case after it was over: the later verdict takes back one that it had passed. Nothing else
        // can be said twice.
        let known = self
            .file
            .verdicts
            .iter()
            .position(|known| known.case == read.case)
            .filter(|known| {
                let known = &self.file.verdicts[*known];
                known.name == read.name && known.outcome == "pass" && read.outcome == "fail"
            });
        let Some(index) = known else {
            return Err(format!(
                "it is a second verdict on case {} ({}), and takes back none that it passed",
                read.case, read.name
            ));
        };
        self.file.verdicts[index] = read;
        line.clone_into(&mut self.file.verdict_texts[index]);
        Ok(())
    }

    fn event(&mut self, read: EventLine<'_>) -> Result<(), String> {
        // A run has as many lanes as workers.
        if read.lane >= self.file.run.workers.max(1) {
            return Err(format!(
                "it speaks of lane {}, but the run had {}",
                read.lane, self.file.run.workers
            ));
        }
        let number = read.lane;
        let event = read.into_event()?;
        if let EventKind::CaseStarted { case, .. } = event.kind {
            self.knows(case)?;
        }
        if self.file.lanes.len() <= number {
            self.file.lanes.resize_with(number + 1, Vec::new);
        }
        let lane = &mut self.file.lanes[number];
        if event.sequence != lane.len() as u64 {
            return Err(format!(
                "event {} of lane {} was expected, but this is {}: events are missing or doubled",
                lane.len(),
                number,
                event.sequence
            ));
        }
        lane.push(event);
        Ok(())
    }
}
