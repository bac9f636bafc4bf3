//! Files of other people, read through `WARDGATE_CORPORA`: each is read and written back, or refused with a place.

use std::path::{Path, PathBuf};

use wardgate_stub_x12::{Envelope, File, envelope};

/// What a folder of the corpora holds: files that read, transaction sets in them, files whose envelopes have findings.
const COUNTS: [(&str, usize, usize, usize); 3] = [
    ("imsweb", 11, 324, 10),
    ("linuxforhealth", 30, 30, 1),
    ("pyx12", 4, 7, 1),
];

fn corpora() -> Option<PathBuf> {
    let corpora = std::env::var_os("WARDGATE_CORPORA");
    if corpora.is_none() {
        println!("skipped: WARDGATE_CORPORA is not set");
    }
    corpora.map(|corpora| Path::new(&corpora).join("x12"))
}

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

/// The bytes of a file, put together again from its smallest parts.
fn again(file: &File<'_>) -> Vec<u8> {
    let mut bytes = file.before().to_vec();
    for interchange in file.interchanges() {
        for segment in interchange.segments() {
            bytes.extend(segment.id_bytes());
            for element in segment.elements() {
                bytes.push(segment.delimiters().element);
                let repetitions: Vec<_> = element
                    .repetitions()
                    .map(|repetition| {
                        let components: Vec<_> =
                            repetition.components().map(|part| part.raw()).collect();
                        components.join(&segment.delimiters().component)
                    })
                    .collect();
                bytes.extend(repetitions.join(&segment.delimiters().repetition.unwrap_or(0)));
            }
            bytes.extend(segment.ending());
        }
    }
    bytes.extend(file.behind());
    bytes
}

#[test]
fn files_of_other_people_are_read_and_written_back() {
    let Some(corpora) = corpora() else { return };
    for (folder, files_read, sets_read, faulty) in COUNTS {
        let (mut read, mut sets, mut with_findings) = (0, 0, 0);
        for path in files(&corpora.join(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            let file =
                File::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(again(&file), bytes, "{}", path.display());
            read += 1;
            let mut findings = envelope::around(&file);
            for interchange in file.interchanges() {
                let envelope = Envelope::read(interchange);
                sets += envelope.transactions().count();
                findings.extend(envelope.findings);
            }
            for finding in findings.iter().take(3) {
                println!("{}: {finding}", path.display());
                assert!(finding.place.offset <= bytes.len(), "{finding}");
            }
            with_findings += usize::from(!findings.is_empty());
        }
        println!("{folder}: {read} files, {sets} transaction sets, {with_findings} with findings");
        assert_eq!(
            (read, sets, with_findings),
            (files_read, sets_read, faulty),
            "{folder}"
        );
    }
}
