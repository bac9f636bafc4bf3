//! What is answered to sound and to faulty interchanges: TA1 and 999, which our own judgement must find sound.

use proptest::prelude::*;
use wardgate_stub_x12::acknowledge::{Answer, InterchangeOutcome, Settings};
use wardgate_stub_x12::{Envelope, File, Kind, validate};

const CLAIMS: &str = include_str!("fixtures/837p.x12");

const SETTINGS: Settings<'static> = Settings {
    date: "20260301",
    time: "0931",
    control_number: 77,
    tolerated: &[],
    is_repeated: false,
};

/// The segments of what is answered, without envelopes; checked to be sound.
fn answered(text: &str, settings: &Settings<'_>) -> (String, String) {
    let file = File::parse(text.as_bytes()).unwrap();
    let answer = Answer::to(&file.interchanges()[0], settings);
    let shown = |bytes: Vec<u8>| {
        let file = File::parse(&bytes).unwrap();
        let judged = validate::interchange(&file.interchanges()[0]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(judged.findings, [], "{text}");
        assert_eq!(judged.unknown, 0, "{text}");
        let segments = file.interchanges()[0]
            .segments()
            .filter(|segment| !matches!(segment.id(), "ISA" | "GS" | "ST" | "SE" | "GE" | "IEA"))
            .map(|segment| String::from_utf8_lossy(segment.raw()).into_owned());
        segments.collect::<Vec<_>>().join("~")
    };
    let ta1 = shown(answer.ta1(settings).unwrap());
    let sets = answer.acknowledgement(settings).unwrap();
    (ta1, sets.map(shown).unwrap_or_default())
}

#[test]
fn what_is_sound_is_accepted() {
    let (ta1, sets) = answered(CLAIMS, &SETTINGS);
    assert_eq!(ta1, "TA1*000000001*260301*0930*A*000");
    assert_eq!(
        sets,
        "AK1*HC*1*005010X222A1~AK2*837*0001*005010X222A1~IK5*A~AK9*A*1*1*1"
    );
    let file = File::parse(CLAIMS.as_bytes()).unwrap();
    assert!(!Answer::to(&file.interchanges()[0], &SETTINGS).has_ta1());
}

#[test]
fn interchanges_are_rejected_for_their_envelope() {
    for (right, wrong, ta1) in [
        ("IEA*1*000000001", "IEA*1*000000002", "R*001"),
        ("IEA*1*", "IEA*2*", "R*021"),
        ("IEA*1*000000001~", "", "R*023"),
        ("*ZZ*SENDER ", "*QQ*SENDER ", "R*005"),
        ("*ZZ*RECEIVER ", "*QQ*RECEIVER ", "R*007"),
        ("*260301*0930*^", "*261301*0930*^", "R*014"),
        ("*260301*0930*^", "*260301*2530*^", "R*015"),
        ("*260301*0930*^", "*260301*0930*U", "E*016"),
        ("*00501*", "*00999*", "R*017"),
        ("*0*T*:", "*5*T*:", "R*019"),
        ("*0*T*:", "*0*X*:", "R*020"),
        ("IEA*1*", "BHT*1~\nIEA*1*", "R*022"),
    ] {
        let (found, sets) = answered_loosely(&CLAIMS.replacen(right, wrong, 1));
        assert!(found.ends_with(ta1), "{right} -> {wrong}: {found}");
        assert_eq!(sets, ta1.starts_with('E'), "{right} -> {wrong}");
    }
    let repeated = Settings {
        is_repeated: true,
        ..SETTINGS
    };
    let (ta1, sets) = answered(CLAIMS, &repeated);
    assert!(ta1.ends_with("R*025") && sets.is_empty());
}

/// The TA1 of an interchange whose own date or time may be wrong, which TA1 repeats; and whether a 999 follows.
fn answered_loosely(text: &str) -> (String, bool) {
    let file = File::parse(text.as_bytes()).unwrap();
    let answer = Answer::to(&file.interchanges()[0], &SETTINGS);
    let bytes = answer.ta1(&SETTINGS).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let ta1 = text.split('~').find(|segment| segment.starts_with("TA1"));
    assert!(answer.has_ta1());
    assert_eq!(
        answer.interchange.outcome == InterchangeOutcome::Rejected,
        answer.groups.is_empty()
    );
    let sets = answer.acknowledgement(&SETTINGS).unwrap().is_some();
    (ta1.unwrap().to_owned(), sets)
}

#[test]
fn faults_of_segments_and_elements_are_told_where_they_are() {
    for (right, wrong, told) in [
        (
            "CLM*A00000001*300.5*",
            "CLM*A00000001*3OO*",
            "IK3*CLM*19**8~CTX*CLM01:A00000001~IK4*2*782*6~IK5*R*5",
        ),
        (
            "SV1*HC:99213:25",
            "SV1*XX:99213:25",
            "IK3*SV1*23**8~CTX*CLM01:A00000001~IK4*1:1*235*7~IK5*R*I5",
        ),
        (
            "CLM*A00000001*300.5*",
            "CLM**300.5*",
            "IK3*CLM*19**8~IK4*1*1028*1~IK5*R*I5",
        ),
        (
            "HI*ABK:E119*ABF:I10~\n",
            "",
            "IK3*HI*20**3~CTX*CLM01:A00000001~IK5*R*4*I5",
        ),
        (
            "NM1*40*2*EXAMPLE PLAN*****46*E2~\n",
            "",
            "IK3*NM1*5**I7~IK5*R*4*I5",
        ),
        (
            "PRV*BI*PXC*207Q00000X~\n",
            "PRV*BI*PXC*207Q00000X~\nZZZ*1~\n",
            "IK3*ZZZ*8**1~IK5*R*4*5",
        ),
        (
            "SBR*P*18*G1******CI",
            "SBR*P*018*G1******XXX",
            "IK3*SBR*13**8~IK4*2*1069*5~IK4*9*1032*5~IK5*R*5",
        ),
        (
            "DMG*D8*19800229*F~",
            "DMG*D8*19810229*F~",
            "IK3*DMG*17**8~IK4*2*1251*8~IK5*R*5",
        ),
        (
            "SE*44*0001",
            "SE*44*0002",
            "AK2*837*0001*005010X222A1~IK5*R*3",
        ),
        ("SE*44*", "SE*43*", "AK2*837*0001*005010X222A1~IK5*R*4"),
    ] {
        assert!(CLAIMS.contains(right), "{right}");
        let (ta1, sets) = answered(&CLAIMS.replacen(right, wrong, 1), &SETTINGS);
        assert!(ta1.ends_with("A*000"), "{ta1}");
        let expected = format!("{told}~AK9*R*1*1*0");
        assert!(sets.ends_with(&expected), "{right} -> {wrong}: {sets}");
    }
}

#[test]
fn every_transaction_set_is_named() {
    let start = CLAIMS.find("ST*837").unwrap();
    let end = CLAIMS.find("GE*").unwrap();
    let good = &CLAIMS[start..end];
    let bad = good
        .replace("*0001", "*0002")
        .replacen("ABK:E119", "XYZ:E119", 1);
    let unknown = good
        .replace("*0001", "*0003")
        .replace("005010X222A1", "005010X999");
    let text = CLAIMS
        .replace(good, &format!("{good}{bad}{unknown}"))
        .replace("GE*1*", "GE*3*");
    let (_, sets) = answered(&text, &SETTINGS);
    assert!(
        sets.contains("AK2*837*0001*005010X222A1~IK5*A~AK2*837*0002"),
        "{sets}"
    );
    assert!(sets.contains("AK2*837*0003*005010X999~IK5*R*I6"), "{sets}");
    assert!(sets.ends_with("AK9*P*3*3*1"), "{sets}");

    let (_, sets) = answered(&text.replace("GE*3*", "GE*2*"), &SETTINGS);
    assert!(sets.ends_with("AK9*R*2*3*0*5"), "{sets}");
}

#[test]
fn what_is_tolerated_is_accepted_with_errors() {
    let settings = Settings {
        tolerated: &[Kind::Count],
        ..SETTINGS
    };
    let (_, sets) = answered(&CLAIMS.replace("SE*44*", "SE*25*"), &settings);
    assert!(sets.ends_with("IK5*E*4~AK9*E*1*1*1"), "{sets}");
}

#[test]
fn balance_and_situations_are_left_to_the_application() {
    let (_, sets) = answered(
        &CLAIMS.replace("SV1*HC:80053*200*", "SV1*HC:80053*199*"),
        &SETTINGS,
    );
    assert!(sets.ends_with("IK5*A~AK9*A*1*1*1"), "{sets}");
}

#[test]
fn acknowledgements_are_not_acknowledged() {
    let (_, sets) = answered(include_str!("fixtures/999.x12"), &SETTINGS);
    assert_eq!(sets, "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_broken_is_answered_without_panic(
        breaks in proptest::collection::vec((0..1400usize, any::<u8>(), 0..3usize), 1..12),
    ) {
        let mut bytes = CLAIMS.as_bytes().to_vec();
        for (place, byte, how) in breaks {
            let place = place.min(bytes.len() - 1);
            match how {
                0 => bytes[place] = byte,
                1 => { bytes.remove(place); }
                _ => bytes.insert(place, b"~*:^\n"[usize::from(byte) % 5]),
            }
        }
        if let Ok(file) = File::parse(&bytes) {
            for interchange in file.interchanges() {
                let answer = Answer::to(interchange, &SETTINGS);
                // What is repeated of a header may hold what cannot be written.
                for written in [answer.ta1(&SETTINGS).map(Some), answer.acknowledgement(&SETTINGS)] {
                    if let Ok(Some(written)) = written {
                        let again = File::parse(&written).unwrap();
                        let read = Envelope::read(&again.interchanges()[0]);
                        prop_assert!(read.findings.is_empty(), "{:?}", read.findings);
                    }
                }
            }
        }
    }
}
