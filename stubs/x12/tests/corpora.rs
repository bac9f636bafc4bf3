//! Files of other people, read through `WARDGATE_CORPORA`: each is read and written back, or refused with a place.

use std::path::{Path, PathBuf};

use wardgate_stub_x12::{Envelope, File, Kind, envelope, validate};

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

/// What the guides say of a folder: transaction sets judged by a guide, others, files without any finding.
const JUDGED: [(&str, usize, usize, usize); 3] = [
    ("imsweb", 323, 1, 0),
    ("linuxforhealth", 22, 8, 23),
    ("pyx12", 7, 0, 2),
];

#[test]
fn files_of_other_people_are_judged() {
    let Some(corpora) = corpora() else { return };
    for (folder, judged, unknown, clean) in JUDGED {
        let (mut by_guide, mut by_envelope, mut sound) = (0, 0, 0);
        for path in files(&corpora.join(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            let file = File::parse(&bytes).unwrap();
            let mut findings = envelope::around(&file);
            for interchange in file.interchanges() {
                let judgement = validate::interchange(interchange);
                by_guide += judgement.judged;
                by_envelope += judgement.unknown;
                findings.extend(judgement.findings);
            }
            sound += usize::from(findings.is_empty());
            for finding in findings.iter().take(3) {
                println!("{}: {finding}", path.display());
            }
        }
        println!(
            "{folder}: {by_guide} judged, {by_envelope} without guide, {sound} files without finding"
        );
        assert_eq!(
            (by_guide, by_envelope, sound),
            (judged, unknown, clean),
            "{folder}"
        );
    }
}

/// Files that do not balance, or whose situation asks for something else: SNIP level and place.
const UNBALANCED: [(&str, u8, &str); 4] = [
    (
        "imsweb/resources/837_5010/x12_multiple_gs.txt",
        3,
        "2300/CLM-02",
    ),
    (
        "imsweb/resources/837_5010/x12_loop_errors3_missing_loops.txt",
        4,
        "2000B/HL-04",
    ),
    (
        "imsweb/resources/277_5010/x12_277CA_rejected.txt",
        4,
        "2200D/STC-03",
    ),
    (
        "linuxforhealth/resources/835_005010X221A1/tertiary-payment.835",
        3,
        "2110/SVC-03",
    ),
];

#[test]
fn sums_and_situations_of_other_people_are_judged() {
    let Some(corpora) = corpora() else { return };
    for (name, level, place) in UNBALANCED {
        let bytes = std::fs::read(corpora.join(name)).unwrap();
        let file = File::parse(&bytes).unwrap();
        let findings = validate::interchange(&file.interchanges()[0]).findings;
        assert!(
            findings.iter().any(|finding| {
                finding.kind.snip() == level && finding.place.to_string().contains(place)
            }),
            "{name}: {place} among {findings:#?}"
        );
    }
}

/// Files whose names say what is wrong with them, and what has to be found: kind and detail.
const NAMED: [(&str, &[(Kind, &str)]); 7] = [
    (
        "837_5010/x12_bad_segment_identifier.txt",
        &[
            (Kind::SegmentId, "no identifier"),
            (Kind::SegmentId, "capital letters"),
            (Kind::MissingSegment, "1000A lacks PER"),
            (Kind::MissingSegment, "2010AA lacks N4"),
        ],
    ),
    (
        "837_5010/x12_loop_errors1_exceeds_max_1_parent.txt",
        &[(Kind::LoopRepeat, "2010AA")],
    ),
    (
        "837_5010/x12_loop_errors2_exceeds_max_repeats_multiple_parents.txt",
        &[(Kind::LoopRepeat, "2010AA")],
    ),
    (
        "837_5010/x12_loop_errors3_missing_loops.txt",
        &[(Kind::MissingLoop, "2010AA")],
    ),
    (
        "837_5010/x12_missing_required_loop_in_one_repeat.txt",
        &[(Kind::MissingLoop, "2010BA")],
    ),
    (
        "837_5010/x12_segment_errors.txt",
        &[
            (Kind::SegmentRepeat, "REF"),
            (Kind::MissingSegment, "2010AA lacks N3"),
            (Kind::MissingSegment, "2300 lacks HI"),
        ],
    ),
    (
        "837_5010/x12_multiple_gs.txt",
        &[
            (Kind::Count, "IEA01 is 1, and there are 3"),
            (Kind::DuplicateControlNumber, "GS06 1"),
        ],
    ),
];

#[test]
fn files_named_by_their_faults_are_found_at_them() {
    let Some(corpora) = corpora() else { return };
    for (name, faults) in NAMED {
        let bytes = std::fs::read(corpora.join("imsweb/resources").join(name)).unwrap();
        let file = File::parse(&bytes).unwrap();
        let findings = validate::interchange(&file.interchanges()[0]).findings;
        for (kind, detail) in faults {
            assert!(
                findings
                    .iter()
                    .any(|finding| finding.kind == *kind && finding.detail.contains(detail)),
                "{name}: {kind:?} {detail} among {findings:#?}"
            );
        }
    }
}
