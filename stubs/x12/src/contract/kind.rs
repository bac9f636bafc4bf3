//! What an interchange holds, in the words of contracts: `837P`, `277CA`, `TA1`.

use crate::envelope::{Envelope, Group, Transaction};
use crate::interchange::File;

/// The words for transaction sets, and for the acknowledgement of interchanges.
pub(crate) const KINDS: [&str; 16] = [
    "837", "837P", "837I", "837D", "835", "270", "271", "276", "277", "277CA", "278", "820", "834",
    "999", "TA1", "ANY",
];

/// The word for one transaction set: its identifier, and a letter where guides share it (TR3 X222, X223, X224, X214).
pub(crate) fn of_set<'a>(group: &Group<'a>, set: &Transaction<'a>) -> &'a str {
    let version = set.header().text(3).unwrap_or(group.version());
    match (set.id(), version.get(6..10)) {
        ("837", Some("X222")) => "837P",
        ("837", Some("X223")) => "837I",
        ("837", Some("X224")) => "837D",
        ("277", Some("X214")) => "277CA",
        (id, _) => id,
    }
}

/// The words for everything in a file, in order, each once.
pub(crate) fn of_file<'a>(file: &File<'a>) -> Vec<&'a str> {
    let mut kinds = Vec::new();
    for interchange in file.interchanges() {
        let envelope = Envelope::read(interchange);
        let acknowledged = envelope.acknowledgements.first().map(|_| "TA1");
        let sets = envelope
            .transactions()
            .map(|(group, set)| of_set(group, set));
        for kind in acknowledged.into_iter().chain(sets) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    kinds
}

/// Whether a word means a transaction set of this kind: `837` means all three, `ANY` all but acknowledgements.
pub(crate) fn means(word: &str, kind: &str) -> bool {
    match word {
        "ANY" => !matches!(kind, "999" | "TA1"),
        "837" => kind.starts_with("837"),
        _ => word == kind,
    }
}
