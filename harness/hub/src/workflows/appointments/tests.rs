use super::super::test_support::{Memory, bodies};
use super::*;

const S12: &str = "SIU^S12^SIU_S12";
const S13: &str = "SIU^S13^SIU_S12";
const S15: &str = "SIU^S15^SIU_S12";

/// SCH, PID and AIP of an appointment with Dr D1.
fn slot(id: &str, start: &str, end: &str) -> String {
    format!(
        "SCH|P{id}|F{id}|||||Checkup||||^^^{start}^{end}\nPID|1||M1\nAIP|1||D1^Doc^Ann\nAIL|1||WARD^12"
    )
}

#[test]
fn a_booking_becomes_an_appointment_at_the_right_instant() {
    let work = Memory::default()
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    let body = bodies(&work, "Appointment")[0];
    assert!(
        body.contains("\"start\":\"2026-07-10T07:30:00Z\",\"end\":\"2026-07-10T08:00:00Z\""),
        "{body}"
    );
    assert!(body.contains("\"status\":\"booked\""));
    for participant in [
        "\"system\":\"urn:wardgate:HOSP:mrn\",\"value\":\"M1\"",
        "\"system\":\"urn:wardgate:HOSP:practitioner\",\"value\":\"D1\"",
        "\"system\":\"urn:wardgate:HOSP:location\",\"value\":\"WARD-12\"",
    ] {
        assert!(body.contains(participant), "{body}");
    }
    let Work::PutResource { value, .. } = &work[0].work else {
        panic!()
    };
    assert_eq!(value, "F1");
}

#[test]
fn an_offset_that_is_written_counts() {
    let segments = slot("1", "20260710093000-0500", "20260710100000-0500");
    let work = Memory::default().take(S12, "20260701", &segments).unwrap();
    assert!(bodies(&work, "Appointment")[0].contains("\"start\":\"2026-07-10T14:30:00Z\""));
    let work = Memory::with(Defect::TimezoneSlip)
        .take(S12, "20260701", &segments)
        .unwrap();
    assert!(bodies(&work, "Appointment")[0].contains("\"start\":\"2026-07-10T09:30:00Z\""));
}

#[test]
fn times_are_found_where_each_version_has_them() {
    for times in [
        "SCH|P1|F1|||||||30|min|^^^202607100930\nPID|1||M1",
        "SCH|P1|F1\nTQ1|1||||||202607100930|202607101000\nPID|1||M1",
        "SCH|P1|F1|||||||1800|s|^^^202607100930\nPID|1||M1",
    ] {
        let work = Memory::default().take(S12, "20260701", times).unwrap();
        assert!(
            bodies(&work, "Appointment")[0].contains("\"end\":\"2026-07-10T08:00:00Z\""),
            "{times}"
        );
    }
}

#[test]
fn nobody_is_booked_twice_at_a_time() {
    let mut memory = Memory::default();
    memory
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    let overlap = slot("2", "202607100945", "202607101015");
    let refusal = memory.take(S12, "20260701", &overlap).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::DuplicateKey);
    memory
        .take(S12, "20260701", &slot("3", "202607101000", "202607101030"))
        .expect("back to back is no overlap");
    let elsewhere = overlap.replace("D1^Doc", "D2^Doc").replace("WARD", "WARD2");
    memory
        .take(S12, "20260701", &elsewhere)
        .expect("another practitioner elsewhere is free");
    let other_house = memory.take_from("CLINIC", S12, "20260701", &overlap);
    other_house.expect("another facility has its own practitioners");

    let mut careless = Memory::with(Defect::DoubleBookingAllowed);
    careless
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    careless.take(S12, "20260701", &overlap).unwrap();
}

#[test]
fn a_cancellation_frees_the_time() {
    let mut memory = Memory::default();
    memory
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    let work = memory.take(S15, "20260702", "SCH|P1|F1||||^Ill").unwrap();
    let body = bodies(&work, "Appointment")[0];
    assert!(
        body.contains("\"status\":\"cancelled\"") && body.contains("\"text\":\"Ill\""),
        "{body}"
    );
    assert_eq!(
        memory.take(S15, "20260703", "SCH|P1|F1").unwrap(),
        [],
        "once is enough"
    );
    memory
        .take(S12, "20260702", &slot("2", "202607100930", "202607101000"))
        .expect("the time is free again");

    let mut careless = Memory::with(Defect::CancelIgnored);
    careless
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    assert_eq!(careless.take(S15, "20260702", "SCH|P1|F1").unwrap(), []);
}

#[test]
fn a_move_takes_the_new_time_and_frees_the_old() {
    let mut memory = Memory::default();
    memory
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    let no_time = "SCH|P1|F1\nPID|1||M1";
    assert!(
        memory.take(S13, "20260702", no_time).is_err(),
        "a move needs a time"
    );
    let work = memory
        .take(
            S13,
            "20260702",
            "SCH|P1|F1|||||||||^^^202607101100^202607101130\nPID|1||M1",
        )
        .unwrap();
    let body = bodies(&work, "Appointment")[0];
    assert!(
        body.contains("2026-07-10T09:00:00Z") && body.contains("\"D1\""),
        "who is kept: {body}"
    );
    memory
        .take(S12, "20260702", &slot("2", "202607100930", "202607101000"))
        .expect("the old time is free");
}

#[test]
fn what_comes_late_changes_nothing() {
    let mut memory = Memory::default();
    memory
        .take(S12, "20260701", &slot("1", "202607100930", "202607101000"))
        .unwrap();
    memory.take(S15, "20260703", "SCH|P1|F1").unwrap();
    let late = slot("1", "202607101100", "202607101130");
    assert_eq!(memory.take(S13, "20260702", &late).unwrap(), []);
    assert!(
        memory.take(S13, "20260704", &late).is_err(),
        "a cancelled appointment cannot be moved"
    );
}

#[test]
fn an_appointment_is_known_by_either_name() {
    let mut memory = Memory::default();
    memory
        .take(
            S12,
            "20260701",
            "SCH|P1||||||||||^^^202607100930^202607101000\nPID|1||M1",
        )
        .unwrap();
    let work = memory.take(S15, "20260702", "SCH|P1|F1").unwrap();
    let Work::PutResource { value, .. } = &work[0].work else {
        panic!()
    };
    assert_eq!(value, "P1", "it keeps the name under which the EHR has it");
}

#[test]
fn bad_appointments_are_refused() {
    for segments in [
        "PID|1||M1",
        "SCH|||||||||||^^^202607100930^202607101000\nPID|1||M1",
        "SCH|P1|F1|||||||||^^^202607100930^202607101000",
        "SCH|P1|F1\nPID|1||M1",
        "SCH|P1|F1|||||||||^^^202607100930\nPID|1||M1",
        "SCH|P1|F1|||||||||^^^202607100930^202607100930\nPID|1||M1",
        "SCH|P1|F1|||||||||^^^20260710^20260711\nPID|1||M1",
        "SCH|P1|F1|||||||||^^^202603290230^202603290330\nPID|1||M1",
    ] {
        assert!(
            Memory::default().take(S12, "20260701", segments).is_err(),
            "{segments}"
        );
    }
    assert_eq!(
        Memory::default()
            .take(S15, "20260701", "SCH|P1|F1")
            .unwrap_err()
            .code,
        ErrorCode::UnknownKey
    );
}
