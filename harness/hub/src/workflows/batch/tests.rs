use proptest::prelude::*;

use super::*;
use crate::workflows::test_support::Memory;

const HEAD: &str = "facility,account,mrn,family,given,code,description,quantity,unit_price,date\n";

fn file(lines: &str, trailer: &str) -> String {
    format!("{HEAD}{lines}{trailer}\n")
}

fn read_with(defects: Defects, text: &str) -> Batch {
    read(text.as_bytes(), "abcd1234", "night.csv", defects)
}

fn sound(text: &str) -> Batch {
    read_with(Defects::default(), text)
}

const TWO_ACCOUNTS: &str = "HOSP,A1,M1,O'Brien,Zoë,T1,\"Bandage, \"\"wide\"\"\",2,1.25,2026-07-10\n\
                            CLINIC,A2,M1,Smith,,X1,,1,10.00,2026-07-09\n\
                            HOSP,A1,M1,O'Brien,Zoë,X2,Visit,-1,0.50,2026-07-11\n";

#[test]
fn one_invoice_is_made_for_each_account() {
    let batch = sound(&file(TWO_ACCOUNTS, "TRAILER,3,12.00"));
    assert_eq!(batch.refusal, None);
    let invoices: Vec<_> = batch
        .work
        .iter()
        .map(|item| match &item.work {
            Work::PostInvoice {
                facility,
                customer,
                invoice,
            } => (facility.as_str(), customer, invoice),
            other => panic!("{other:?}"),
        })
        .collect();
    let [(clinic, smith, _), (hosp, zoe, bandage)] = invoices.as_slice() else {
        panic!("{invoices:?}")
    };
    assert_eq!((*clinic, *hosp), ("CLINIC", "HOSP"));
    assert_eq!(
        (smith.display_name.as_str(), zoe.display_name.as_str()),
        ("Smith", "Zoë O'Brien")
    );
    assert_eq!(bandage.external_document_number, "A1-abcd1234");
    assert_eq!(bandage.dated, "2026-07-11");
    assert_eq!(bandage.lines[0].description, "Bandage, \"wide\"");
    assert_eq!(bandage.total_including_tax, "2.18");
}

#[test]
fn a_bad_file_has_no_effect_at_all() {
    let good = "HOSP,A1,M1,Brien,Zoë,X1,Visit,1,10.00,2026-07-10\n";
    let line = |from: &str, to: &str| format!("{good}{}", good.replace(from, to));
    let cases = [
        (file(good, "TRAILER,2,10.00"), BatchError::Count),
        (file(good, "TRAILER,1,10.01"), BatchError::Sum),
        (file(good, "TRAILER,x,10.00"), BatchError::Trailer),
        (file(good, ""), BatchError::Trailer),
        (format!("a,b\n{good}TRAILER,1,10.00"), BatchError::Header),
        (format!("{HEAD}\"open\n"), BatchError::NotText),
        (String::new(), BatchError::Header),
    ];
    for (text, expected) in cases {
        assert_eq!(
            sound(&text),
            Batch {
                work: vec![],
                refusal: Some(expected)
            },
            "{text}"
        );
    }
    for (from, to) in [
        ("HOSP", "OTHER"),
        ("A1", ""),
        ("M1", ""),
        ("M1", "M2"),
        ("Brien", ""),
        ("X1", "A-CODE-BEYOND-TWENTY-CHARACTERS"),
        (",1,", ",0,"),
        (",1,", ",one,"),
        ("10.00", "-10.00"),
        ("2026-07-10", "2026-02-30"),
        (",Visit", ""),
    ] {
        let batch = sound(&file(&line(from, to), "TRAILER,2,20.00"));
        assert!(
            matches!(batch.refusal, Some(BatchError::Line { line: 3, .. })),
            "{from} -> {to}: {batch:?}"
        );
        assert!(batch.work.is_empty());
    }
    let not_text = read(b"\xff", "m", "o", Defects::default());
    assert_eq!(not_text.refusal, Some(BatchError::NotText));
}

#[test]
fn defects_of_batches_show() {
    let with = |defect, text: &str| read_with(Defects::default().with(defect), text);
    let good = "HOSP,A1,M1,Brien,Zoë,X1,Visit,1,10.00,2026-07-10\n";
    let unchecked = with(Defect::BatchCountUnchecked, &file(good, "TRAILER,9,99.00"));
    assert_eq!((unchecked.work.len(), unchecked.refusal), (1, None));
    let partial = with(
        Defect::BatchPartial,
        &file(&format!("{good}HOSP,broken\n"), "TRAILER,2,10.00"),
    );
    assert_eq!(partial.work.len(), 1);
    assert!(partial.refusal.is_some());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", is_headed in any::<bool>()) {
        let text = if is_headed { format!("{HEAD}{text}") } else { text };
        for defect in [Defect::BatchPartial, Defect::BatchCountUnchecked, Defect::LostAccents] {
            let _ = read_with(Defects::default().with(defect), &text);
        }
    }
}

#[test]
fn charges_for_a_patient_that_was_merged_away_go_to_the_survivor() {
    let mut memory = Memory::default();
    for (kind, at, segments) in [
        (
            "ADT^A04",
            "20270101080000",
            "PID|1||M1^^^HOSP^MR||Old^Name\n",
        ),
        (
            "ADT^A04",
            "20270101080000",
            "PID|1||M9^^^HOSP^MR||Kept^Name\n",
        ),
        (
            "ADT^A40",
            "20270101090000",
            "PID|1||M9^^^HOSP^MR||Kept^Name\nMRG|M1^^^HOSP^MR\n",
        ),
    ] {
        memory.take(kind, at, segments).expect(kind);
    }
    let mut work = sound(&file(TWO_ACCOUNTS, "TRAILER,3,12.00")).work;
    follow_merges(&mut work, &memory).expect("the memory can be read");
    let booked: Vec<_> = work
        .iter()
        .map(|item| match &item.work {
            Work::PostInvoice { customer, .. } => (
                item.lane.as_str(),
                customer.number.as_str(),
                customer.display_name.as_str(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    let lanes = [("CLINIC", "M1"), ("HOSP", "M9")]
        .map(|(facility, mrn)| key(&["ledger", facility, "customer", mrn]));
    assert_eq!(
        booked,
        [
            (lanes[0].as_str(), "M1", "Smith"),
            (lanes[1].as_str(), "M9", "Name Kept")
        ]
    );
}
