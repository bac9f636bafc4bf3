use super::super::test_support::{Memory, bodies};
use super::value::Unit;
use super::*;

const R01: &str = "ORU^R01^ORU_R01";

/// One order with one potassium result.
fn potassium(value: &str, status: &str) -> String {
    format!(
        "PID|1||M1\nORC|RE|PL1|LAB1\nOBR|1|PL1|LAB1|24326-1^Electrolytes^LN|||202607100800|||||||||||||||202607100900|||{status}\n\
         OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L^^UCUM|3.50-5.0|N|||{status}\nNTE|1||slightly \\T\\ visibly haemolytic"
    )
}

fn observation_of(memory: &mut Memory, segments: &str) -> String {
    let work = memory.take(R01, "20260710", segments).unwrap();
    bodies(&work, "Observation")[0].to_owned()
}

/// The observation of one OBX.
fn obx(kind: &str, value: &str, unit: &str, status: &str) -> Result<String, Rejection> {
    let obx = format!("OBX|1|{kind}|K||{value}|{unit}|||||{status}");
    let work =
        Memory::default().take(R01, "20260710", &format!("PID|1||M1\nOBR|1||L1|T\n{obx}"))?;
    Ok(bodies(&work, "Observation")[0].to_owned())
}

#[test]
fn a_result_becomes_observation_and_report_digit_for_digit() {
    let work = Memory::default()
        .take(R01, "20260710", &potassium("4.10", "F"))
        .unwrap();
    let observation = bodies(&work, "Observation")[0];
    for part in [
        r#""identifier":[{"system":"urn:wardgate:HOSP:result","value":"LAB1-1-2823-3"}]"#,
        r#""basedOn":[{"type":"ServiceRequest","identifier":{"system":"urn:wardgate:HOSP:placer-order","value":"PL1"}}]"#,
        r#""status":"final""#,
        r#""valueQuantity":{"value":4.10,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}"#,
        r#""low":{"value":3.50,"#,
        r#""text":"3.50-5.0""#,
        r#""effectiveDateTime":"2026-07-10T06:00:00Z""#,
        r#""note":[{"text":"slightly & visibly haemolytic"}]"#,
        r#"v3-ObservationInterpretation","code":"N""#,
    ] {
        assert!(observation.contains(part), "{part} in {observation}");
    }
    let report = bodies(&work, "DiagnosticReport")[0];
    assert!(
        report.contains(r#""value":"LAB1-1-2823-3""#)
            && report.contains(r#""issued":"2026-07-10T07:00:00Z""#)
    );
    fhir::typed_check(observation).unwrap();
    fhir::typed_check(report).unwrap();
}

#[test]
fn values_are_read_as_their_type_says() {
    for (kind, value, unit, expected) in [
        (
            "NM",
            "-.50",
            "mg",
            r#""valueQuantity":{"value":-0.50,"unit":"mg"}"#,
        ),
        ("NM", "+007.0", "", r#""valueQuantity":{"value":7.0}"#),
        ("NM", "1.", "", r#""valueQuantity":{"value":1}"#),
        (
            "ST",
            "clear \\T\\ yellow",
            "",
            r#""valueString":"clear & yellow""#,
        ),
        ("TX", "one~two", "", r#""valueString":"one\ntwo""#),
        ("FT", "one\\.br\\two", "", r#""valueString":"one\ntwo""#),
        (
            "CWE",
            "NEG^Negative^L",
            "",
            r#""coding":[{"system":"urn:wardgate:HOSP:code:L","code":"NEG","display":"Negative"}]"#,
        ),
        (
            "SN",
            "<^0.10",
            "mg",
            r#""valueQuantity":{"value":0.10,"comparator":"<","unit":"mg"}"#,
        ),
        (
            "SN",
            "^1^:^128",
            "",
            r#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#,
        ),
        (
            "SN",
            "^1.0^-^2.0",
            "",
            r#""valueRange":{"low":{"value":1.0},"high":{"value":2.0}}"#,
        ),
        ("SN", "^2^+", "", r#""valueString":"2+""#),
        ("DT", "20260710", "", r#""valueDateTime":"2026-07-10""#),
        ("TM", "0730", "", r#""valueTime":"07:30:00""#),
    ] {
        let body = obx(kind, value, unit, "F")
            .unwrap_or_else(|refusal| panic!("{kind} {value}: {refusal:?}"));
        assert!(body.contains(expected), "{expected} in {body}");
        fhir::typed_check(&body).unwrap();
    }
    assert!(
        !obx("NM", "", "", "X").unwrap().contains("valueQuantity"),
        "a cancelled result has no value"
    );
}

#[test]
fn bad_results_are_refused() {
    for (kind, value) in [
        ("NM", "high"),
        ("NM", "1,5"),
        ("NM", "."),
        ("NM", "1e3"),
        ("ZZ", "1"),
        ("", "1"),
        ("DT", "soon"),
        ("TM", "2530"),
        ("SN", "<^"),
    ] {
        assert!(obx(kind, value, "", "F").is_err(), "{kind} {value}");
    }
    assert!(obx("NM", "1", "", "?").is_err(), "unknown status");
    assert!(obx("NM", "1", "", "").is_err(), "no status anywhere");
    for segments in [
        "PID|1||M1",
        "PID|1||M1\nOBX|1|NM|K||1||||||F",
        "OBR|1||L1|T",
        "PID|1||M1\nOBR|1|||T",
    ] {
        assert!(
            Memory::default().take(R01, "20260710", segments).is_err(),
            "{segments}"
        );
    }
}

#[test]
fn a_final_result_never_goes_back() {
    let mut memory = Memory::default();
    let mut take = |sent: &str, value: &str, status: &str| {
        memory
            .take(R01, sent, &potassium(value, status))
            .unwrap()
            .len()
    };
    assert_eq!(take("20260710", "4.0", "P"), 2);
    assert_eq!(take("20260711", "4.1", "F"), 2);
    assert_eq!(take("20260712", "4.0", "P"), 0, "a late preliminary result");
    assert_eq!(take("20260710", "4.2", "F"), 0, "an older final result");
    assert_eq!(
        take("20260710", "4.3", "C"),
        2,
        "a correction, whatever its time"
    );
    assert_eq!(
        take("20260713", "4.1", "F"),
        0,
        "the corrected value stands"
    );

    let mut careless = Memory::with(Defect::PreliminaryOverwritesFinal);
    careless
        .take(R01, "20260711", &potassium("4.1", "F"))
        .unwrap();
    assert_eq!(
        careless
            .take(R01, "20260712", &potassium("4.0", "P"))
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn each_result_belongs_to_its_order() {
    let two = "PID|1||M1\nOBR|1||L1|A\nOBX|1|NM|K||1||||||F\nOBR|2||L2|B\nOBX|1|NM|NA||2||||||F";
    let work = Memory::default().take(R01, "20260710", two).unwrap();
    assert!(bodies(&work, "Observation")[1].contains("\"L2-1-NA\""));
    assert!(bodies(&work, "DiagnosticReport")[1].contains("\"L2-1-NA\""));
    let mixed = Memory::with(Defect::ResultToWrongOrder)
        .take(R01, "20260710", two)
        .unwrap();
    assert!(bodies(&mixed, "Observation")[1].contains("\"L1-1-NA\""));
}

#[test]
fn defects_of_results_show() {
    let lost = observation_of(&mut Memory::with(Defect::UnitLost), &potassium("4.10", "F"));
    assert!(!lost.contains("mmol"), "{lost}");
    let rounded = observation_of(
        &mut Memory::with(Defect::DecimalRounded),
        &potassium("4.10", "F"),
    );
    assert!(
        rounded.contains("\"valueQuantity\":{\"value\":4.1,"),
        "{rounded}"
    );
}

#[test]
fn results_told_apart_by_their_sub_id_stay_apart() {
    let segments = "PID|1||M1\nOBR|1||LAB1|600-7^Culture^LN|||20260710|||||||||||||||20260710|||F\n\
                    OBX|1|NM|718-7^Hb^LN|1|13.0|g/dL|||||F\nOBX|1|NM|718-7^Hb^LN|2|9.0|g/dL|||||F";
    let work = Memory::default().take(R01, "20260710", segments).unwrap();
    let observations = bodies(&work, "Observation");
    for (index, part) in ["LAB1-1.1-718-7", "LAB1-1.2-718-7"].iter().enumerate() {
        assert!(
            observations[index].contains(part),
            "{}",
            observations[index]
        );
        assert!(bodies(&work, "DiagnosticReport")[0].contains(part));
    }
}

#[test]
fn a_merge_does_not_move_a_result_to_another_lane() {
    let mut memory = Memory::default();
    for mrn in ["M1", "M2"] {
        let registration = format!("PID|1||{mrn}||A^B");
        memory.take("ADT^A04", "20260701", &registration).unwrap();
    }
    let lanes = |memory: &mut Memory, status| -> Vec<String> {
        let work = memory.take(R01, "20260710", &potassium("4.10", status));
        work.unwrap().into_iter().map(|item| item.lane).collect()
    };
    let before = lanes(&mut memory, "P");
    memory
        .take("ADT^A40", "20260702", "PID|1||M2\nMRG|M1")
        .unwrap();
    assert_eq!(lanes(&mut memory, "F"), before);
    assert_eq!(before[0], before[1], "a report follows its results");
}

#[test]
fn results_follow_a_merge() {
    let mut memory = Memory::default();
    memory
        .take("ADT^A04", "20260701", "PID|1||M1||A^B")
        .unwrap();
    memory
        .take("ADT^A04", "20260701", "PID|1||M2||A^B")
        .unwrap();
    memory
        .take("ADT^A40", "20260702", "PID|1||M2\nMRG|M1")
        .unwrap();
    let observation = observation_of(&mut memory, &potassium("4.10", "F"));
    assert!(observation.contains(r#""subject":{"type":"Patient","identifier":{"system":"urn:wardgate:HOSP:mrn","value":"M2"}}"#));
}

#[test]
fn ranges_are_split_where_they_can_be() {
    let ends = |text: &str| {
        let range = range(text, &Unit::default());
        assert_eq!(range.text.as_deref(), Some(text));
        let digits = |end: Option<fhir::Quantity>| end.map(|end| end.value.to_string());
        (digits(range.low), digits(range.high))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(ends("3.50-5.0"), (some("3.50"), some("5.0")));
    assert_eq!(ends("-2 - 2"), (some("-2"), some("2")));
    assert_eq!(ends("<200"), (None, some("200")));
    assert_eq!(ends(">= 60"), (some("60"), None));
    assert_eq!(ends("negative"), (None, None));
    assert_eq!(ends(""), (None, None));
}
