//! Messages of other people, read through `WARDGATE_CORPORA`: each is read and written back, or refused with a place,
//! and judged by the structure of its version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wardgate_stub_hl7v2::batch::Batch;
use wardgate_stub_hl7v2::validate::{Finding, Severity};
use wardgate_stub_hl7v2::{Location, Message, locate, validate, view};

/// What a folder of the corpora holds at least: files that read, messages in them, files that are refused.
const FLOORS: [(&str, usize, usize, usize); 4] = [
    ("cdc-reportstream", 210, 252, 0),
    ("cosyte", 57, 60, 0),
    ("ms-fhir-converter", 74, 74, 0),
    ("simhospital", 0, 0, 4),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn messages_of_other_people_are_read_and_written_back() {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return;
    };
    let identifier = Location::parse("PID-3[*].1").unwrap();
    for (folder, floor_read, floor_messages, floor_refused) in FLOORS {
        let (mut read, mut messages, mut refused, mut identifiers) = (0, 0, 0, 0);
        for path in files(&Path::new(&corpora).join("hl7v2").join(folder)) {
            let raw = std::fs::read(&path).unwrap();
            match Batch::parse(&raw) {
                Ok(batch) => {
                    read += 1;
                    messages += batch.messages().len();
                    for message in batch.messages() {
                        let start = raw
                            .windows(message.raw().len())
                            .position(|window| window == message.raw());
                        assert!(start.is_some(), "{} is not written back", path.display());
                        for segment in message.segments() {
                            let again: Vec<_> = segment
                                .fields()
                                .skip(if segment.is_header() { 2 } else { 0 })
                                .collect();
                            let again = again
                                .iter()
                                .map(|(_, field)| field.raw())
                                .collect::<Vec<_>>();
                            assert!(
                                segment
                                    .raw()
                                    .ends_with(&again.join(&segment.delimiters().field))
                            );
                        }
                        identifiers += locate::locate(message, &identifier).len();
                        assert!(view::view(message).unwrap().get("MSH").is_some());
                    }
                }
                Err(error) => {
                    refused += 1;
                    println!("{}: {error}", path.display());
                    assert!(error.segment >= 1 && error.offset <= raw.len());
                }
            }
        }
        println!(
            "{folder}: {read} files read, {messages} messages, {identifiers} patient identifiers, {refused} refused"
        );
        assert!(
            read >= floor_read && messages >= floor_messages && refused >= floor_refused,
            "{folder}"
        );
    }
}

/// What the messages of a folder are found to be: how many have no error, how many have, and how many have one of which
/// rule. The laboratory fragments of `cdc-reportstream` leave out MSH-11, PID-3 or the order on purpose; many samples of
/// `ms-fhir-converter` declare a version whose types they do not keep to.
const JUDGED: [(&str, usize, usize, &str); 4] = [
    (
        "cdc-reportstream",
        92,
        160,
        "field-too-often 3, missing-field 144, missing-segment 79, segment-not-in-structure 1, segment-out-of-order 1, \
         wrong-code 9, wrong-type 17",
    ),
    (
        "cosyte",
        39,
        21,
        "missing-field 6, missing-segment 9, segment-not-in-structure 2, segment-out-of-order 1, wrong-type 6",
    ),
    (
        "ms-fhir-converter",
        43,
        31,
        "missing-field 16, missing-segment 2, segment-not-in-structure 1, segment-out-of-order 1, segment-too-often 2, \
         wrong-code 2, wrong-type 15",
    ),
    ("simhospital", 0, 0, ""),
];

/// Calls with each message of a folder that reads, and the path of its file.
fn each_message(corpora: &Path, folder: &str, mut judge: impl FnMut(&Path, &Message<'_>)) {
    for path in files(&corpora.join("hl7v2").join(folder)) {
        let raw = std::fs::read(&path).unwrap();
        for message in Batch::parse(&raw).iter().flat_map(Batch::messages) {
            judge(&path, message);
        }
    }
}

fn errors(message: &Message<'_>) -> Vec<Finding> {
    let mut findings = validate(message);
    for finding in &findings {
        assert!(finding.offset <= message.raw().len());
        assert!(
            Location::parse(&finding.place.to_string()).is_ok() || finding.place.segment == "pid"
        );
    }
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

#[test]
fn messages_of_other_people_are_judged() {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return;
    };
    for (folder, sound, faulty, rules) in JUDGED {
        let mut counted = (0, 0);
        let mut messages_by_rule: BTreeMap<&str, usize> = BTreeMap::new();
        each_message(Path::new(&corpora), folder, |_, message| {
            let mut broken: Vec<_> = errors(message)
                .iter()
                .map(|error| error.rule.name())
                .collect();
            broken.sort_unstable();
            broken.dedup();
            if broken.is_empty() {
                counted.0 += 1;
            } else {
                counted.1 += 1;
            }
            for rule in broken {
                *messages_by_rule.entry(rule).or_default() += 1;
            }
        });
        let found: Vec<_> = messages_by_rule
            .iter()
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        assert_eq!(
            (counted, found.join(", ").as_str()),
            ((sound, faulty), rules),
            "{folder}"
        );
    }
}

/// Files whose name or folder says what is wrong with them, and the first error that is found.
const NAMED: [(&str, &str); 8] = [
    (
        "fixtures/conformance/adt-missing-required.hl7",
        "PID-3: a value is required",
    ),
    (
        "fixtures/vendor-quirks/out-of-order-segment.hl7",
        "EVN: ADT_A01 has this segment, but not here",
    ),
    (
        "fixtures/vendor-quirks/segment-case.hl7",
        "pid: ADT_A01 has no such segment in 2.5",
    ),
    (
        "fixtures/vendor-quirks/timestamp-fallback-format.hl7",
        "MSH-7.1: a time, YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ] (DTM)",
    ),
    // The name holds PV1 for optional, which ADT_A01 requires.
    (
        "fixtures/edge-cases/missing-optional-segments.hl7",
        "PV1: ADT_A01 needs this segment here",
    ),
    ("fixtures/conformance/adt-pass.hl7", ""),
    ("fixtures/vendor-quirks/unknown-segment.hl7", ""),
    // Readable all the same: the escape is unknown, the structure is right.
    ("fixtures/vendor-quirks/unknown-escape-sequence.hl7", ""),
];

#[test]
fn what_a_name_says_is_wrong_is_what_is_found() {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return;
    };
    let cosyte = Path::new(&corpora).join("hl7v2/cosyte");
    for (name, expected) in NAMED {
        let raw = std::fs::read(cosyte.join(name)).unwrap();
        let found = errors(&Message::parse(&raw).unwrap());
        let first = found.first().map(ToString::to_string).unwrap_or_default();
        assert_eq!(first, expected, "{name}");
    }
    let empty = std::fs::read(cosyte.join("fixtures/malformed/empty-input.hl7")).unwrap();
    let refused = Message::parse(&empty).unwrap_err();
    assert_eq!((refused.segment, refused.expected), (1, "MSH"));
}
