use super::super::test_support::{Memory, bodies};
use super::*;
use crate::rejection::Severity;

const A04: &str = "ADT^A04^ADT_A01";
const A08: &str = "ADT^A08^ADT_A01";
const A40: &str = "ADT^A40^ADT_A39";
const ZOE: &str = "PID|1||M1^^^HOSP^MR||Brien^Zoë^Q||19800203|F|||1 Main St^^Ulm^^89073^DE||0731 1~^NET^Internet^z@x.org";

fn customer_of(work: &[WorkItem]) -> &Customer {
    work.iter()
        .find_map(|item| match &item.work {
            Work::SaveCustomer { customer, .. } => Some(customer),
            _ => None,
        })
        .unwrap()
}

fn patient_with(defect: Defect) -> String {
    bodies(
        &Memory::with(defect).take(A04, "20260710", ZOE).unwrap(),
        "Patient",
    )[0]
    .to_owned()
}

#[test]
fn a_registration_becomes_patient_and_customer() {
    let work = Memory::default().take(A04, "20260710", ZOE).unwrap();
    let found = fhir::parse_patient(bodies(&work, "Patient")[0]).unwrap();
    assert_eq!(found.family.as_deref(), Some("Brien"));
    assert_eq!(found.given, ["Zoë", "Q"]);
    assert_eq!(found.birth_date.as_deref(), Some("1980-02-03"));
    assert_eq!(found.gender.as_deref(), Some("female"));
    assert_eq!(found.identifiers[0].system, "urn:wardgate:HOSP:mrn");
    assert_eq!(found.telecom.len(), 2);
    assert_eq!(found.active, Some(true));
    let customer = customer_of(&work);
    assert_eq!(customer.display_name, "Zoë Brien");
    assert_eq!(customer.phone_number, "0731 1");
    assert_eq!(
        (customer.city.as_str(), customer.postal_code.as_str()),
        ("Ulm", "89073")
    );
}

#[test]
fn empty_fields_keep_and_nulls_clear() {
    let mut memory = Memory::default();
    memory.take(A04, "20260710100000", ZOE).unwrap();
    let work = memory
        .take(A08, "20260710100001", r#"PID|1||M1^^^HOSP^MR||||||||||"""#)
        .unwrap();
    assert_eq!(customer_of(&work).phone_number, "");
    assert_eq!(customer_of(&work).city, "Ulm");
    let found = fhir::parse_patient(bodies(&work, "Patient")[0]).unwrap();
    assert!(found.telecom.is_empty());
    assert_eq!(found.family.as_deref(), Some("Brien"));

    let mut memory = Memory::with(Defect::NullIgnored);
    memory.take(A04, "20260710100000", ZOE).unwrap();
    let work = memory
        .take(A08, "20260710100001", r#"PID|1||M1^^^HOSP^MR||||||||||"""#)
        .unwrap();
    assert_eq!(customer_of(&work).phone_number, "0731 1");
}

#[test]
fn an_older_update_changes_nothing() {
    let rename = "PID|1||M1^^^HOSP^MR||Older^Zoë";
    let mut memory = Memory::default();
    memory.take(A04, "20260710100000", ZOE).unwrap();
    assert_eq!(memory.take(A08, "20260710095959", rename).unwrap(), []);
    assert_eq!(
        memory.take(A08, "20260710100000", rename).unwrap().len(),
        2,
        "the same second counts as newer"
    );
    let mut memory = Memory::with(Defect::OutOfOrderUpdateWins);
    memory.take(A04, "20260710100000", ZOE).unwrap();
    assert_eq!(memory.take(A08, "20260710095959", rename).unwrap().len(), 2);
}

#[test]
fn one_mrn_under_two_facilities_is_two_persons() {
    let mut memory = Memory::default();
    memory.take(A04, "20260710", ZOE).unwrap();
    let work = memory
        .take_from("CLINIC", A08, "20260709", "PID|1||M1||Other^Ann")
        .unwrap();
    assert!(bodies(&work, "Patient")[0].contains("urn:wardgate:CLINIC:mrn"));
    assert!(
        memory
            .take_from("CLINIC", A40, "20260711", "PID|1||M1\nMRG|M9")
            .is_err()
    );
    let mixed = Memory::with(Defect::TenantMixUp)
        .take_from("CLINIC", A04, "20260710", ZOE)
        .unwrap();
    assert!(bodies(&mixed, "Patient")[0].contains("urn:wardgate:HOSP:mrn"));
}

#[test]
fn bad_demographics_are_refused_where_they_stand() {
    for (pid, field, code) in [
        ("PID|1||||Brien^Zoë", 3, ErrorCode::RequiredFieldMissing),
        ("PID|1||M1||", 5, ErrorCode::RequiredFieldMissing),
        ("PID|1||M1||Brien||19801301", 7, ErrorCode::DataTypeError),
        ("PID|1||M1||Brien||1980|X", 8, ErrorCode::TableValueNotFound),
        (
            "PID|1||123456789012345678901||Brien",
            3,
            ErrorCode::DataTypeError,
        ),
        (
            "PID|1||M1||Brien||||||St^^A city whose name is beyond thirty",
            11,
            ErrorCode::DataTypeError,
        ),
        ("EVN|A04", 0, ErrorCode::RequiredFieldMissing),
    ] {
        let refusal = Memory::default().take(A04, "20260710", pid).unwrap_err();
        assert_eq!(
            (refusal.severity, refusal.field, refusal.code),
            (Severity::Error, field, code),
            "{pid}"
        );
    }
}

#[test]
fn defects_of_registration_show() {
    assert!(patient_with(Defect::WrongSex).contains("\"gender\":\"male\""));
    assert!(patient_with(Defect::BirthDateSlip).contains("1980-02-02"));
    let long = "PID|1||M1||Wolfeschlegelsteinhausenbergerdorff^Zoë";
    let work = Memory::with(Defect::SilentTruncation)
        .take(A04, "20260710", long)
        .unwrap();
    assert!(bodies(&work, "Patient")[0].contains("\"Wolfeschlegelsteinha\""));
    assert_eq!(customer_of(&work).display_name, "Zoë Wolfeschlegelsteinha");
}

/// Registers M1 and M2, merges M2 into M1, and gives the work of the merge.
fn merged(mut memory: Memory) -> (Memory, Vec<WorkItem>) {
    memory.take(A04, "20260710100000", ZOE).unwrap();
    memory
        .take(A04, "20260710100000", "PID|1||M2||Brian^Zoe")
        .unwrap();
    let work = memory
        .take(
            A40,
            "20260710100001",
            "PID|1||M1^^^HOSP^MR\nMRG|M2^^^HOSP^MR",
        )
        .unwrap();
    (memory, work)
}

#[test]
fn a_merge_retires_one_patient_and_blocks_its_customer() {
    let (_, work) = merged(Memory::default());
    let patients: Vec<_> = bodies(&work, "Patient")
        .into_iter()
        .map(|body| fhir::parse_patient(body).unwrap())
        .collect();
    let [survivor, retired] = patients.as_slice() else {
        panic!("{patients:?}")
    };
    assert_eq!(
        (survivor.identifiers[0].value.as_str(), survivor.active),
        ("M1", Some(true))
    );
    assert_eq!(survivor.links[0].kind, "replaces");
    assert_eq!(
        (retired.identifiers[0].value.as_str(), retired.active),
        ("M2", Some(false))
    );
    assert_eq!(retired.links[0].kind, "replaced-by");
    assert_eq!(
        retired.links[0].other.identifier.as_ref().unwrap().value,
        "M1"
    );
    assert_eq!(
        retired.family.as_deref(),
        Some("Brian"),
        "the retired record keeps its content"
    );
    assert_eq!(
        work[2].work,
        Work::BlockCustomer {
            facility: "HOSP".into(),
            number: "M2".into()
        }
    );
    assert_eq!(
        work[2].lane,
        crate::store::key(&["ledger", "HOSP", "customer", "M2"])
    );
}

#[test]
fn merges_that_make_no_sense_are_refused() {
    let (mut memory, _) = merged(Memory::default());
    for (segments, why) in [
        ("PID|1||M1\nMRG|M9", "unknown retired patient"),
        ("PID|1||M9\nMRG|M1", "unknown survivor"),
        ("PID|1||M1\nMRG|M1", "self"),
        ("PID|1||M2\nMRG|M1", "circular"),
        ("PID|1||M1\nMRG|M2", "again"),
        ("PID|1||M1", "no MRG"),
        ("PID|1||M1\nMRG|M2\nPID|1||M1\nMRG|M3", "two at a time"),
    ] {
        assert!(
            memory.take(A40, "20260710100002", segments).is_err(),
            "{why}"
        );
    }
    assert!(
        memory
            .take(A08, "20260710100002", "PID|1||M2||New^Name")
            .is_err(),
        "the retired one is closed"
    );
    assert_eq!(
        memory
            .take(A08, "20260710100000", "PID|1||M2||Late^Name")
            .unwrap(),
        [],
        "a late one is no error"
    );
}

#[test]
fn defects_of_merging_show() {
    let (_, work) = merged(Memory::with(Defect::MergeKeepsBothActive));
    assert!(
        bodies(&work, "Patient")
            .iter()
            .all(|body| body.contains("\"active\":true"))
    );
    let (_, work) = merged(Memory::with(Defect::WrongPatientAfterMerge));
    let retired = bodies(&work, "Patient")
        .into_iter()
        .find(|body| body.contains("\"active\":false"))
        .unwrap();
    assert_eq!(
        fhir::parse_patient(retired).unwrap().identifiers[0].value,
        "M1"
    );
}

#[test]
fn what_is_not_served_is_rejected() {
    for (msh, field) in [
        ("MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ADT^A04||P|2.5.1", 10),
        (
            "MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ADT^A04|C1|P|2.9.9",
            12,
        ),
        (
            "MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ADT^A04|C1|T|2.5.1",
            11,
        ),
        ("MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ZZZ^Z01|C1|P|2.5.1", 9),
        ("MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ADT^A99|C1|P|2.5.1", 9),
        (
            "MSH|^~\\&|PAS|OTHER|HUB|ICE|20260710||ADT^A04|C1|P|2.5.1",
            4,
        ),
    ] {
        let refusal = Memory::default()
            .take_whole(&format!("{msh}\n{ZOE}"))
            .unwrap_err();
        assert_eq!(
            (refusal.severity, refusal.field),
            (Severity::Reject, field),
            "{msh}"
        );
    }
    let bad_time = "MSH|^~\\&|PAS|HOSP|HUB|ICE|yesterday||ADT^A04|C1|P|2.5.1";
    let refusal = Memory::default()
        .take_whole(&format!("{bad_time}\n{ZOE}"))
        .unwrap_err();
    assert_eq!((refusal.severity, refusal.field), (Severity::Error, 7));
}

proptest::proptest! {
    /// No content of any served message makes a decision panic, and what is accepted is sound FHIR.
    #[test]
    fn any_content_is_decided_upon(
        kind in proptest::sample::select(vec!["ADT^A04", "ADT^A40", "SIU^S12", "SIU^S15", "ORU^R01", "DFT^P03"]),
        contents in proptest::collection::vec(
            (
                proptest::sample::select(vec!["PID", "MRG", "SCH", "AIP", "OBR", "OBX", "FT1", "PV1", "TQ1", "NTE"]),
                "[|^~\\\\&0-9A-Z. <>+-]{0,60}",
            ),
            0..8,
        ),
    ) {
        let segments: Vec<String> =
            contents.into_iter().map(|(name, fields)| format!("{name}|1||{fields}")).collect();
        if let Ok(work) = Memory::default().take(kind, "20260710", &segments.join("\n")) {
            for resource in ["Patient", "Appointment", "Observation", "DiagnosticReport"] {
                for body in bodies(&work, resource) {
                    fhir::typed_check(body).unwrap();
                }
            }
        }
    }
}
