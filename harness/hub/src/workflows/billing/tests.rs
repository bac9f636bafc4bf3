use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::test_support::Memory;
use super::*;

const P03: &str = "DFT^P03^DFT_P03";

fn posted(memory: &mut Memory, segments: &str) -> Result<(Customer, Invoice), Rejection> {
    let work = memory.take(P03, "20260710", segments)?;
    match work.into_iter().next().unwrap().work {
        Work::PostInvoice {
            customer, invoice, ..
        } => Ok((customer, invoice)),
        other => panic!("{other:?}"),
    }
}

/// PID with account, and FT1 lines given from FT1-4 on.
fn charges_of(lines: &[&str]) -> String {
    let mut segments = "PID|1||M1||Brien^Zoë|||||||||||||ACC1".to_owned();
    for (index, line) in lines.iter().enumerate() {
        write!(segments, "\nFT1|{}|T{index}||{line}", index + 1).unwrap();
    }
    segments
}

fn totals(defect: Option<Defect>, lines: &[&str]) -> (String, String, String) {
    let mut memory = defect.map_or_else(Memory::default, Memory::with);
    let (_, invoice) = posted(&mut memory, &charges_of(lines)).unwrap();
    (
        invoice.total_excluding_tax,
        invoice.total_tax,
        invoice.total_including_tax,
    )
}

fn text(parts: (&str, &str, &str)) -> (String, String, String) {
    (parts.0.to_owned(), parts.1.to_owned(), parts.2.to_owned())
}

/// Three taxable lines whose tax is 0.0714 each: 0.07 rounded line by line, 0.2142 together.
const ROUNDS_APART: [&str; 3] = [
    "20260710||CG|T1|||1||1.06",
    "20260710||CG|T2|||1||1.06",
    "20260710||CG|T3|||1||1.06",
];

#[test]
fn charges_become_an_invoice_for_the_customer() {
    let lines = [
        "20260709||CG|T100^Bandage|||3||1.10",
        "20260710||CG|X1|Visit||1|25.00",
    ];
    let (customer, invoice) = posted(&mut Memory::default(), &charges_of(&lines)).unwrap();
    assert_eq!(
        (customer.number.as_str(), customer.display_name.as_str()),
        ("M1", "Zoë Brien")
    );
    assert!(
        invoice.external_document_number.starts_with("ACC1-C1-"),
        "{}",
        invoice.external_document_number
    );
    assert_eq!(invoice.dated, "2026-07-10");
    let line = &invoice.lines[0];
    assert_eq!(
        (
            line.quantity.as_str(),
            line.unit_price.as_str(),
            line.tax_percent
        ),
        ("3", "1.10", 7)
    );
    assert_eq!(
        (
            invoice.lines[1].description.as_str(),
            invoice.lines[1].tax_percent
        ),
        ("Visit", 0)
    );
    assert_eq!(totals(None, &lines), text(("28.30", "0.23", "28.53")));
}

#[test]
fn tax_is_rounded_on_the_document() {
    assert_eq!(totals(None, &ROUNDS_APART), text(("3.18", "0.22", "3.40")));
    let by_line = totals(Some(Defect::RoundingByLine), &ROUNDS_APART);
    assert_eq!(by_line, text(("3.17", "0.22", "3.39")));
    let half = ["20260710||CG|T1|||1||0.50"];
    assert_eq!(totals(None, &half).1, "0.04", "0.035 is rounded up");
    assert_eq!(
        totals(Some(Defect::WrongTax), &["20260710||CG|X1|||1||10.00"]).1,
        "1.90"
    );
}

#[test]
fn a_credit_is_taken_off() {
    let lines = ["20260710||CG|X1|||2||10.00", "20260710||CR|X1|||1||10.00"];
    assert_eq!(totals(None, &lines).2, "10.00");
    assert_eq!(totals(Some(Defect::CreditAsCharge), &lines).2, "30.00");
    assert!(
        posted(&mut Memory::default(), &charges_of(&lines[1..])).is_err(),
        "nothing is left to charge"
    );
}

#[test]
fn amounts_agree_or_are_refused() {
    let unit = |line: &str| {
        let (_, invoice) = posted(&mut Memory::default(), &charges_of(&[line])).unwrap();
        (
            invoice.lines[0].quantity.clone(),
            invoice.lines[0].unit_price.clone(),
        )
    };
    let pair = |quantity: &str, price: &str| (quantity.to_owned(), price.to_owned());
    assert_eq!(unit("20260710||CG|X1|||4|10.00"), pair("4", "2.50"));
    assert_eq!(
        unit("20260710||CG|X1|||3|10.00"),
        pair("1", "10.00"),
        "no exact price of one: charged as a whole"
    );
    assert_eq!(unit("20260710||CG|X1||||10.00"), pair("1", "10.00"));
    assert_eq!(unit("20260710||CG|X1|||2|3.00|1.50"), pair("2", "1.50"));
    for line in [
        "20260710||CG|X1|||2|3.01|1.50",
        "20260710||CG|X1|||0||1.50",
        "20260710||CG|X1|||1||-1.50",
        "20260710||CG|X1|||1||ten",
        "20260710||CG|X1|||1||1.123456",
        "20260710||CG|X1|||1||1e3",
        "20260710||CG|X1|||1",
        "20260710||PY|X1|||1||1.50",
        "20260710|||X1|||1||1.50",
        "202607||CG|X1|||1||1.50",
        "||CG|X1|||1||1.50",
        "20260710||CG||||1||1.50",
    ] {
        assert!(
            posted(&mut Memory::default(), &charges_of(&[line])).is_err(),
            "{line}"
        );
    }
    assert!(
        posted(
            &mut Memory::default(),
            "PID|1||M1||A^B\nFT1|1|||20260710||CG|X1|||1||1"
        )
        .is_err(),
        "no account"
    );
    assert!(
        posted(&mut Memory::default(), &charges_of(&[])).is_err(),
        "no charge"
    );
}

#[test]
fn long_document_numbers_stay_unique() {
    let first = bounded("AN-ACCOUNT-OF-MANY-DIGITS-1234567890-C1");
    let second = bounded("AN-ACCOUNT-OF-MANY-DIGITS-1234567890-C2");
    assert_eq!(first.chars().count(), 35);
    assert_ne!(first, second);
}

#[test]
fn document_numbers_are_unique_within_the_hub() {
    let zone = jiff::tz::TimeZone::UTC;
    let number = |application, origin, account| {
        let context = Context {
            tenant: "HOSP",
            origin,
            sender: [application, "HOSP"],
            sent_at: 0,
            zone: &zone,
            defects: Defects::default(),
        };
        document_number(account, &context)
    };
    let all = [
        number("LABSYS", "1", "ACC1"),
        number("RADSYS", "1", "ACC1"),
        number("LABSYS", "2", "ACC1"),
        number("LABSYS", "2-1", "ACC"),
        number("LABSYS", "1", "ACC-2"),
        number("LABSYS", "A-CONTROL-ID-OF-20-XX", "AN-ACCOUNT-OF-20-XX"),
        number("LABSYS", "A-CONTROL-ID-OF-20-XY", "AN-ACCOUNT-OF-20-XX"),
    ];
    for (index, one) in all.iter().enumerate() {
        assert!(one.chars().count() <= NUMBER_CHARACTERS_MAX, "{one}");
        assert!(!all[..index].contains(one), "{one}");
    }
    assert_eq!(
        all[0],
        number("LABSYS", "1", "ACC1"),
        "the same on every try"
    );
}

proptest! {
    #[test]
    fn totals_are_within_a_cent_of_exact(lines in prop::collection::vec((1_u32..50, 1_u32..100_000, any::<bool>()), 1..20)) {
        let charges: Vec<Charge> = lines
            .iter()
            .map(|(quantity, cents, is_taxed)| Charge {
                code: if *is_taxed { "T1" } else { "X1" }.to_owned(),
                description: String::new(),
                quantity: Decimal::from(*quantity),
                unit_price: Decimal::new(i64::from(*cents), 2),
            })
            .collect();
        let invoice = invoice("N".into(), "2026-07-10".into(), &charges, Defects::default()).unwrap();
        let parsed = |text: &str| text.parse::<Decimal>().unwrap();
        let excluding: Decimal = charges.iter().map(|charge| charge.quantity * charge.unit_price).sum();
        let taxed: Decimal =
            charges.iter().filter(|charge| charge.code == "T1").map(|charge| charge.quantity * charge.unit_price).sum();
        prop_assert_eq!(parsed(&invoice.total_excluding_tax), excluding);
        let tax = parsed(&invoice.total_tax);
        prop_assert!((tax - taxed * Decimal::new(7, 2)).abs() <= Decimal::new(5, 3));
        prop_assert_eq!(parsed(&invoice.total_including_tax), excluding + tax);
    }
}
