//! The members that an expression asks for.

use wardgate_expression::fhirpath::{Expression, Root};

/// Each member as the text it was read from, with the way to it.
fn accesses(text: &str) -> Vec<String> {
    let expression = Expression::parse(text).unwrap();
    let told = expression.accesses().into_iter().map(|access| {
        let root = match access.root {
            Root::Input => String::new(),
            Root::Variable(name) => format!("%{name}."),
        };
        assert_eq!(text.get(access.span.clone()), access.path.last().copied());
        format!("{root}{}", access.path.join("."))
    });
    told.collect()
}

#[test]
fn ways_lead_from_the_input_and_from_variables() {
    assert_eq!(accesses("age >= 18"), ["age"]);
    assert_eq!(
        accesses("body.number = %patient.mrn and -%stay.net_total < 0"),
        ["body", "body.number", "%patient.mrn", "%stay.net_total"]
    );
    assert_eq!(accesses("%resource.status = %now"), ["status"]);
}

#[test]
fn positions_and_conditions_lead_nowhere_else() {
    assert_eq!(
        accesses("%stay.charges[0].where(amount > %limit.low).first().code"),
        [
            "%stay.charges",
            "%stay.charges.amount",
            "%limit.low",
            "%stay.charges.code"
        ]
    );
    assert_eq!(
        accesses("sum(ledger.entries.debit) = ledger.entries.sum($this.credit)"),
        [
            "ledger",
            "ledger.entries",
            "ledger.entries.debit",
            "ledger",
            "ledger.entries",
            "ledger.entries.credit"
        ]
    );
    assert_eq!(
        accesses("a.select(b).c.subsetOf(d)"),
        ["a", "a.b", "a.b.c", "d"]
    );
}

#[test]
fn what_cannot_be_told_is_left_out() {
    assert_eq!(accesses("(a | b).c"), ["a", "b"]);
    assert_eq!(accesses("a.children().b"), ["a"]);
    assert_eq!(accesses("a.iif(b, c)"), ["a"]);
    assert_eq!(accesses("(1 + 2).toString()"), [""; 0]);
}
