//! Segments that several message types share, and the choice of codes in them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::{
    address, birth_date, family_name, given_name, maybe, maybe_null, one_of, remark, sex, telephone,
};

/// MSH of one message type. The sending facility is the one that PID-3 names.
pub(super) fn msh(message_type: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|HOSP|HUB|HOSP|${{now|hl7}}||{message_type}|${{control_id}}|P|2.5.1||||||UNICODE UTF-8\r"
    )
}

/// EVN of one trigger event.
pub(super) fn evn(event: &str) -> String {
    format!("EVN|{event}|${{now|hl7}}\r")
}

/// PID with a name, and at will the rest that a registration asks for.
pub(super) fn pid() -> impl Strategy<Value = String> {
    let name = (
        family_name(),
        given_name(),
        maybe(given_name()),
        maybe(one_of(&["Jr", "III"])),
        maybe(one_of(&["Dr"])),
    );
    let alias = maybe(family_name().prop_map(|family| format!("~{family}^^^^^^A")));
    let contact = (
        maybe_null(address()),
        maybe_null(telephone()),
        maybe(telephone()),
    );
    let marital = maybe_null(one_of(&["M^Married^HL70002", "S^Single^HL70002"]));
    (name, alias, birth_date(), sex(), contact, marital).prop_map(|(name, alias, birth_date, sex, contact, marital)| {
        let (family, given, middle, suffix, prefix) = name;
        let name = format!("{family}^{given}^{middle}^{suffix}^{prefix}^^L{alias}");
        let (address, home, work) = contact;
        format!(
            "PID|1||${{mrn}}^^^HOSP^MR||{name}||{birth_date}|{sex}|||{address}||{home}|{work}||{marital}||\
             ACC${{control_id}}^^^HOSP^AN\r"
        )
    })
}

/// PV1 with a class, a place and an attending doctor.
pub(super) fn pv1() -> impl Strategy<Value = String> {
    let place = maybe(one_of(&[
        "WARD1^101^A^HOSP",
        "CLINIC^^^HOSP",
        "ICU^3^B^HOSP",
    ]));
    let doctor = maybe(
        (family_name(), given_name())
            .prop_map(|(family, given)| format!("4711^{family}^{given}^^^^MD")),
    );
    (one_of(&["O", "I", "E"]), place, doctor).prop_map(|(class, place, doctor)| {
        let to_visit_number = "|".repeat(12);
        format!("PV1|1|{class}|{place}||||{doctor}{to_visit_number}V${{control_id}}^^^HOSP^VN\r")
    })
}

/// Up to two next of kin.
pub(super) fn nk1() -> impl Strategy<Value = String> {
    let one = (
        family_name(),
        given_name(),
        one_of(&["SPO^Spouse^HL70063", "MTH^Mother^HL70063"]),
        maybe(telephone()),
    );
    numbered(
        vec(one, 0..=2),
        |number, (family, given, relation, phone)| {
            format!("NK1|{number}|{family}^{given}|{relation}||{phone}\r")
        },
    )
}

/// Up to three allergies.
pub(super) fn al1() -> impl Strategy<Value = String> {
    let substance = one_of(&["70618^Penicillin^RXN", "^Peanut", "^Crème fraîche"]);
    numbered(
        vec((substance, maybe(remark())), 0..=3),
        |number, (substance, reaction)| {
            format!(
                "AL1|{number}|DA^Drug allergy^HL70127|{substance}|MO^Moderate^HL70128|{reaction}\r"
            )
        },
    )
}

/// Up to two diagnoses.
pub(super) fn dg1() -> impl Strategy<Value = String> {
    let diagnosis = one_of(&[
        "I10^Essential hypertension^I10",
        "J18.9^Pneumonia^I10",
        "S52.5^Fracture^I10",
    ]);
    numbered(vec(diagnosis, 0..=2), |number, diagnosis| {
        format!("DG1|{number}||{diagnosis}||${{now|hl7}}|A\r")
    })
}

/// Up to one insurance.
pub(super) fn in1() -> impl Strategy<Value = String> {
    let company = one_of(&["Acme Health", "Krankenkasse Süd", "Smith \\T\\ Sons Mutual"]);
    numbered(vec(company, 0..=1), |number, company| {
        format!("IN1|{number}|PLAN1^Standard^L|PAYER1^^^HOSP|{company}\r")
    })
}

/// Notes, at most `most`.
pub(super) fn nte(most: usize) -> impl Strategy<Value = String> {
    numbered(vec(remark(), 0..=most), |number, remark| {
        format!("NTE|{number}|L|{remark}\r")
    })
}

/// One result of any of the common value types, with its set ID left for [`numbered`] to write.
pub(super) fn result() -> impl Strategy<Value = (String, String)> {
    let number = (0_u32..=99_999, 0_u32..=3).prop_map(|(digits, decimals)| {
        let scale = 10_u32.pow(decimals);
        if decimals == 0 {
            digits.to_string()
        } else {
            format!(
                "{}.{:0width$}",
                digits / scale,
                digits % scale,
                width = decimals as usize
            )
        }
    });
    let measured = (
        select(vec![
            ("718-7^Hemoglobin^LN", "g/dL", "12.0-16.0"),
            ("2345-7^Glucose^LN", "mg/dL", "70-99"),
            ("6690-2^Leukocytes^LN", "10*3/uL", "4.0-11.0"),
            ("8310-5^Körpertemperatur^LN", "Cel", "36.0-37.5"),
        ]),
        number,
        one_of(&["N", "H", "L", "HH"]),
    )
        .prop_map(|((code, unit, range), value, flag)| {
            format!("NM|{code}||{value}|{unit}|{range}|{flag}|||F")
        });
    let compared = (one_of(&[">", "<", ">="]), 1_u16..=500).prop_map(|(comparator, value)| {
        format!("SN|3016-3^TSH^LN||{comparator}^{value}|mIU/L||A|||F")
    });
    let worded = remark().prop_map(|remark| format!("ST|NOTE^Comment^L||{remark}||||||F"));
    let coded = one_of(&["10828004^Positive^SCT", "260385009^Negative^SCT"])
        .prop_map(|value| format!("CWE|94500-6^SARS-CoV-2 RNA^LN||{value}||||||F"));
    let any = prop_oneof![4 => measured, 1 => compared, 2 => worded, 1 => coded];
    (any, nte(1))
}

/// Writes each item with its set ID, from 1.
pub(super) fn numbered<T: std::fmt::Debug>(
    items: impl Strategy<Value = Vec<T>>,
    write: impl Fn(usize, T) -> String + Clone,
) -> impl Strategy<Value = String> {
    items.prop_map(move |items| {
        items
            .into_iter()
            .enumerate()
            .map(|(index, item)| write(index + 1, item))
            .collect()
    })
}
