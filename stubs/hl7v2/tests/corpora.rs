//! Messages of other people, read through `WARDGATE_CORPORA`: each is read and written back, or refused with a place.

use std::path::{Path, PathBuf};

use wardgate_stub_hl7v2::batch::Batch;
use wardgate_stub_hl7v2::{Location, locate, view};

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
