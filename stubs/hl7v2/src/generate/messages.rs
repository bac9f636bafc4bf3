//! Whole messages, one function a message type.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::segments::{al1, dg1, evn, in1, msh, nk1, nte, numbered, pid, pv1, result};
use super::values::{
    amount, appointment_time, cents, family_name, given_name, maybe, one_of, remark,
};

type Messages = fn() -> BoxedStrategy<String>;

/// The name of every strategy and what makes it.
pub(super) const EVENTS: [(&str, Messages); 7] = [
    ("ADT_A01", || adt("A01")),
    ("ADT_A04", || adt("A04")),
    ("ADT_A08", || adt("A08")),
    ("SIU_S12", siu_s12),
    ("ORU_R01", oru_r01),
    ("DFT_P03", dft_p03),
    ("RDE_O11", rde_o11),
];

/// An admission, registration or update: all have the structure ADT_A01.
fn adt(event: &'static str) -> BoxedStrategy<String> {
    (pid(), nk1(), pv1(), al1(), dg1(), in1())
        .prop_map(move |(pid, nk1, pv1, al1, dg1, in1)| {
            let msh = msh(&format!("ADT^{event}^ADT_A01"));
            [msh, evn(event), pid, nk1, pv1, al1, dg1, in1].concat()
        })
        .boxed()
}

/// A new appointment. Its room and doctor are new for each message too, so that two drawn ones never collide.
fn siu_s12() -> BoxedStrategy<String> {
    let reason = one_of(&[
        "CHECKUP^Check-up^L",
        "FOLLOWUP^Follow-up^L",
        "X^Kontrolle Hüfte^L",
    ]);
    let doctor = (family_name(), given_name());
    (pid(), pv1(), appointment_time(), reason, doctor, nte(1))
        .prop_map(|(pid, pv1, (minutes, start, end), reason, (family, given), nte)| {
            let resources = format!(
                "RGS|1|A\r\
                 AIS|1|A|{reason}|{start}|||{minutes}|min\r\
                 AIL|1|A|ROOM${{control_id}}^^^HOSP|||{start}|||{minutes}|min\r\
                 AIP|1|A|DR${{control_id}}^{family}^{given}|||{start}|||{minutes}|min\r"
            );
            let sch = format!(
                "SCH|APT${{control_id}}|APT${{control_id}}||||{reason}|{reason}|NORMAL^Normal^L|{minutes}|min|\
                 ^^{minutes}^{start}^{end}|||||4712^{family}^{given}||||4712^{family}^{given}|||||BOOKED^Booked^L\r"
            );
            [msh("SIU^S12^SIU_S12"), sch, nte, pid, pv1, resources].concat()
        })
        .boxed()
}

/// Results of one or more orders.
fn oru_r01() -> BoxedStrategy<String> {
    let panel = one_of(&[
        "58410-2^CBC^LN",
        "24323-8^Metabolic panel^LN",
        "X^Blutbild, groß^L",
    ]);
    let results = numbered(vec(result(), 1..=6), |number, (result, notes)| {
        format!("OBX|{number}|{result}\r{notes}")
    });
    let orders = numbered(
        vec((panel, nte(1), results), 1..=2),
        |number, (panel, notes, results)| {
            let status = format!("{}${{now|hl7}}|||F", "|".repeat(15));
            format!(
                "ORC|RE|ORD${{control_id}}-{number}|LAB${{control_id}}-{number}\r\
             OBR|{number}|ORD${{control_id}}-{number}|LAB${{control_id}}-{number}|{panel}|||${{now|hl7}}{status}\r\
             {notes}{results}"
            )
        },
    );
    (pid(), pv1(), orders)
        .prop_map(|(pid, pv1, orders)| [msh("ORU^R01^ORU_R01"), pid, pv1, orders].concat())
        .boxed()
}

/// Charges. The extended amount is the quantity times the unit amount, to the cent.
fn dft_p03() -> BoxedStrategy<String> {
    let service = one_of(&[
        "99213^Office visit^CPT",
        "80053^Metabolic panel^CPT",
        "BED^Zimmer & Pflege^L",
    ])
    .prop_map(|service| service.replace(" & ", " \\T\\ "));
    let charge = (service, 1_u32..=20, cents(), maybe(remark()));
    let charges = numbered(
        vec(charge, 1..=6),
        |number, (service, quantity, unit, remark)| {
            let extended = amount(u64::from(quantity) * u64::from(unit));
            let unit = amount(u64::from(unit));
            format!(
                "FT1|{number}|TX${{control_id}}-{number}||${{now|hl7}}|${{now|hl7}}|CG|{service}|{remark}||{quantity}|\
             {extended}&USD|{unit}&USD\r"
            )
        },
    );
    (pid(), pv1(), charges, dg1(), in1())
        .prop_map(|(pid, pv1, charges, dg1, in1)| {
            [
                msh("DFT^P03^DFT_P03"),
                evn("P03"),
                pid,
                pv1,
                charges,
                dg1,
                in1,
            ]
            .concat()
        })
        .boxed()
}

/// Medication orders.
fn rde_o11() -> BoxedStrategy<String> {
    let drug = select(vec![
        (
            "1049630^Acetaminophen 325 MG Oral Tablet^RXN",
            "TAB^tablet^L",
            "PO^Oral^HL70162",
        ),
        (
            "308460^Azithromycin 250 MG Oral Tablet^RXN",
            "TAB^tablet^L",
            "PO^Oral^HL70162",
        ),
        (
            "X^Natriumchlorid-Lösung 0,9 %^L",
            "mL^milliliter^L",
            "IV^Intravenous^HL70162",
        ),
    ]);
    let timing = one_of(&["BID", "QD", "Q6H"]);
    let order = (drug, 1_u16..=1_000, timing, maybe(remark()));
    let orders = numbered(
        vec(order, 1..=3),
        |number, ((drug, unit, route), dose, timing, remark)| {
            format!(
                "ORC|NW|ORD${{control_id}}-{number}||||||||${{now|hl7}}\r\
             RXE||{drug}|{dose}||{unit}||{remark}\r\
             TQ1|1||{timing}||||${{now|hl7}}\r\
             RXR|{route}\r"
            )
        },
    );
    (pid(), pv1(), al1(), orders)
        .prop_map(|(pid, pv1, al1, orders)| {
            [msh("RDE^O11^RDE_O11"), pid, pv1, al1, orders].concat()
        })
        .boxed()
}
