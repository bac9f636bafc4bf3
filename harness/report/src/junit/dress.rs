//! The streaming pass over what `junit-report` wrote: totals, properties, lines and three-decimal times.

use std::borrow::Cow;

use quick_xml::{
    Reader, Writer,
    events::{BytesEnd, BytesStart, BytesText, Event},
};
use wardgate_core::verdict::Outcome;

use super::Suite;
use crate::{
    summary::{CaseRow, Summary},
    text,
};

/// Adds what the crate cannot say. The rows of `suites` stand in the order of the file's `testcase` elements.
pub fn dress(
    xml: &str,
    summary: &Summary,
    suites: &[Suite<'_>],
    with_properties: bool,
) -> Result<String, String> {
    let mut reader = Reader::from_str(xml);
    let mut writer = Writer::new_with_indent(Vec::with_capacity(xml.len() * 2), b' ', 1);
    let mut place = Place {
        summary,
        suites,
        suite: 0,
        case: 0,
        with_properties,
    };
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    loop {
        let event = reader.read_event().map_err(|error| failed(&error))?;
        let written = match event {
            Event::Eof => break,
            Event::Start(start) => place.start(&mut writer, &start, false),
            Event::Empty(start) => place.start(&mut writer, &start, true),
            Event::End(end) => {
                if end.name().as_ref() == "testsuite" {
                    place.suite += 1;
                    place.case = 0;
                }
                writer.write_event(Event::End(end))
            }
            // Escaped text serves consumers that look for elements by regular expressions better than CDATA.
            Event::CData(data) => {
                let content = data.into_inner();
                let escaped = quick_xml::escape::partial_escape(content.as_ref());
                writer.write_event(Event::Text(BytesText::from_escaped(escaped)))
            }
            other => writer.write_event(other),
        };
        written.map_err(|error| failed(&error))?;
    }
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

struct Place<'a> {
    summary: &'a Summary,
    suites: &'a [Suite<'a>],
    suite: usize,
    case: usize,
    with_properties: bool,
}

type Written = std::io::Result<()>;
type Sink = Writer<Vec<u8>>;

impl Place<'_> {
    fn start(&mut self, writer: &mut Sink, start: &BytesStart<'_>, empty: bool) -> Written {
        let name = start.name();
        match name.as_ref() {
            "testsuites" => {
                let mut dressed = start.to_owned();
                self.totals(&mut dressed);
                put(writer, dressed, empty)
            }
            "testsuite" => self.suite_start(writer, start, empty),
            "testcase" => self.case_start(writer, start, empty),
            _ => put(writer, start.to_owned(), empty),
        }
    }

    /// A run that could not go on is one more error, in a suite of its own.
    fn totals(&self, element: &mut BytesStart<'_>) {
        let counts = &self.summary.counts;
        let extra = usize::from(self.summary.fault().is_some());
        let attributes = [
            ("name", String::from("wardgate")),
            ("tests", (counts.cases + extra).to_string()),
            ("failures", counts.failed.to_string()),
            ("errors", (counts.errors + extra).to_string()),
            ("skipped", counts.skipped.to_string()),
            ("time", text::seconds(self.summary.end.duration_ns)),
        ];
        for (key, value) in &attributes {
            element.push_attribute((*key, value.as_str()));
        }
    }

    fn suite_start(&self, writer: &mut Sink, start: &BytesStart<'_>, empty: bool) -> Written {
        let rows = self.suites.get(self.suite).map(|suite| &suite.rows[..]);
        let mut dressed = with_rounded_time(start);
        let skipped = rows.unwrap_or_default().iter();
        let skipped = skipped.filter(|named| named.row.outcome == Outcome::Skip);
        dressed.push_attribute(("skipped", skipped.count().to_string().as_str()));
        put(writer, dressed, empty)?;
        match rows.and_then(|rows| rows.first()) {
            Some(named) => properties(writer, &self.of_suite(named.row)),
            None => Ok(()),
        }
    }

    fn of_suite(&self, row: &CaseRow) -> Vec<(&'static str, String)> {
        let run = &self.summary.run;
        let mut list = vec![
            ("wardgate.seed", run.seed.to_string()),
            ("wardgate.contract", row.contract.clone()),
            ("wardgate.contract.version", row.version.clone()),
            ("wardgate.contract.file", row.file.clone()),
            ("wardgate.workflow", row.workflow.clone()),
            (
                "wardgate.criticality",
                String::from(if row.required { "required" } else { "advisory" }),
            ),
        ];
        if let Some(owner) = &row.owner {
            list.push(("wardgate.owner", owner.clone()));
        }
        list.push(("wardgate.plan", run.plan.clone()));
        if !run.candidate.name.is_empty() {
            list.push(("wardgate.candidate", run.candidate.name.clone()));
        }
        if let Some(digest) = &run.candidate.digest {
            list.push(("wardgate.candidate.digest", digest.clone()));
        }
        if let Some(shard) = &run.shard {
            list.push(("wardgate.shard", format!("{}/{}", shard.index, shard.of)));
        }
        list.push(("wardgate.tool", run.tool.clone()));
        list
    }

    fn case_start(&mut self, writer: &mut Sink, start: &BytesStart<'_>, empty: bool) -> Written {
        let row = self
            .suites
            .get(self.suite)
            .and_then(|suite| suite.rows.get(self.case))
            .map(|named| named.row);
        self.case += 1;
        let mut dressed = with_rounded_time(start);
        let Some(row) = row else {
            return put(writer, dressed, empty);
        };
        if let Some(line) = line_number(&row.place) {
            dressed.push_attribute(("line", line));
        }
        if !self.with_properties {
            return put(writer, dressed, empty);
        }
        put(writer, dressed, false)?;
        properties(writer, &self.of_case(row))?;
        if empty {
            writer.write_event(Event::End(BytesEnd::new("testcase")))?;
        }
        Ok(())
    }

    fn of_case(&self, row: &CaseRow) -> Vec<(&'static str, String)> {
        let mut list = vec![("wardgate.place", row.place.clone())];
        if let Some(verdict) = &row.verdict {
            let mut settled: Vec<&str> = Vec::new();
            for one in &verdict.expectations {
                if !settled.contains(&one.settled.as_str()) {
                    settled.push(&one.settled);
                }
            }
            if !settled.is_empty() {
                list.push(("wardgate.settled-by", settled.join("; ")));
            }
            if verdict.attempts > 1 {
                list.push(("wardgate.attempts", verdict.attempts.to_string()));
            }
        }
        list.push(("wardgate.repeat", self.summary.repeat_command(row)));
        list
    }
}

fn put(writer: &mut Sink, start: BytesStart<'_>, empty: bool) -> Written {
    writer.write_event(if empty {
        Event::Empty(start)
    } else {
        Event::Start(start)
    })
}

fn properties(writer: &mut Sink, list: &[(&'static str, String)]) -> Written {
    writer.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in list {
        let mut property = BytesStart::new("property");
        property.push_attribute(("name", *name));
        let value = text::line(value);
        property.push_attribute(("value", text::cut(&value, 4_000).as_ref()));
        writer.write_event(Event::Empty(property))?;
    }
    writer.write_event(Event::End(BytesEnd::new("properties")))
}

/// The same element with `time` in three decimals, every other attribute as it was.
fn with_rounded_time<'a>(start: &BytesStart<'a>) -> BytesStart<'a> {
    let mut dressed = BytesStart::new(start.name().as_ref().to_owned());
    for attribute in start.attributes().flatten() {
        let value: Cow<'_, str> = attribute.value;
        if attribute.key.as_ref() == "time" {
            let seconds: f64 = value.parse().unwrap_or(0.0);
            dressed.push_attribute(("time", format!("{seconds:.3}").as_str()));
        } else {
            // The value is still escaped, so it must not be escaped again.
            dressed.push_attribute(quick_xml::events::attributes::Attribute {
                key: attribute.key,
                value,
            });
        }
    }
    dressed
}

/// The line of `file:line` or `file:line:column`.
fn line_number(place: &str) -> Option<&str> {
    place
        .rsplit(':')
        .take_while(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        .last()
}
