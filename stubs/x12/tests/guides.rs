//! Transaction sets of every guide: sound ones have no findings, and one fault has the one finding that it is. Nobody
//! in the fixtures is real.

use proptest::prelude::*;
use wardgate_stub_x12::guide::Guide;
use wardgate_stub_x12::locate::locate_in;
use wardgate_stub_x12::matching::Tree;
use wardgate_stub_x12::{Envelope, File, Finding, Kind, validate};

const SOUND: [(&str, &str); 14] = [
    ("270", include_str!("fixtures/270.x12")),
    ("271", include_str!("fixtures/271.x12")),
    ("276", include_str!("fixtures/276.x12")),
    ("277", include_str!("fixtures/277.x12")),
    ("277ca", include_str!("fixtures/277ca.x12")),
    ("278", include_str!("fixtures/278.x12")),
    ("278a", include_str!("fixtures/278a.x12")),
    ("820", include_str!("fixtures/820.x12")),
    ("834", include_str!("fixtures/834.x12")),
    ("835", include_str!("fixtures/835.x12")),
    ("837d", include_str!("fixtures/837d.x12")),
    ("837i", include_str!("fixtures/837i.x12")),
    ("837p", include_str!("fixtures/837p.x12")),
    ("999", include_str!("fixtures/999.x12")),
];

fn fixture(name: &str) -> &'static str {
    let found = SOUND.iter().find(|(known, _)| *known == name);
    found.expect("there is such a fixture").1
}

/// Findings, but for the count in SE, which every added or removed segment makes wrong.
fn findings(text: &str) -> Vec<Finding> {
    let file = File::parse(text.as_bytes()).unwrap();
    let mut found = validate::interchange(&file.interchanges()[0]).findings;
    found.retain(|finding| finding.kind != Kind::Count);
    found
}

#[test]
fn sound_transaction_sets_have_no_findings() {
    for (name, text) in SOUND {
        let file = File::parse(text.as_bytes()).unwrap();
        let judged = validate::interchange(&file.interchanges()[0]);
        assert_eq!((judged.findings, judged.judged), (Vec::new(), 1), "{name}");
    }
    let known: Vec<_> = SOUND
        .iter()
        .map(|(_, text)| {
            let file = File::parse(text.as_bytes()).unwrap();
            let envelope = Envelope::read(&file.interchanges()[0]);
            let (group, set) = envelope.transactions().next().unwrap();
            let guide = validate::guide(group, set).unwrap();
            (guide.set, guide.version)
        })
        .collect();
    for guide in Guide::known() {
        assert!(known.contains(&guide), "{guide:?} has no fixture");
    }
}

#[test]
fn one_fault_is_one_finding_in_its_place() {
    for (name, right, wrong, kind, place) in [
        // Level 1: syntax.
        (
            "837p",
            "CLM*A00000001*300.5*",
            "CLM*A00000001*3OO*",
            Kind::Character,
            "2300/CLM-02",
        ),
        (
            "837p",
            "D8*19800229*F",
            "D8*19810229*F",
            Kind::Date,
            "2010BA/DMG-02",
        ),
        (
            "837p",
            "RD8*20260227-20260228",
            "RD8*20260227",
            Kind::Date,
            "2400/DTP-03",
        ),
        (
            "837p",
            "*19800229*F",
            "*19800229*F*******X*Y*Z*1",
            Kind::NotUsedElement,
            "2010BA/DMG-10",
        ),
        (
            "837p",
            "N3*2 LONG STREET~",
            "N3*2 LONG STREET**X~",
            Kind::TooManyElements,
            "2010BA/N3-03",
        ),
        (
            "837p",
            "SBR*P*18",
            "SBR*P*018",
            Kind::TooLong,
            "2000B/SBR-02",
        ),
        (
            "837p",
            "*1:2~",
            "*1:2:3:4:1~",
            Kind::TooManyComponents,
            "2400/SV1-07-5",
        ),
        (
            "837p",
            "PER*IC*DESK*TE*5550100100",
            "PER*IC*DESK*TE*5550100100*FX",
            Kind::Condition,
            "1000A/PER-06",
        ),
        (
            "837p",
            "BHT*0019*00*B1*20260301*0930",
            "BHT*0019*00*B1*20260301*2500",
            Kind::Time,
            "BHT-05",
        ),
        (
            "837p",
            "PRV*BI*PXC*207Q00000X~\n",
            "PRV*BI*PXC*207Q00000X~\nZZZ*1~\n",
            Kind::UnknownSegment,
            "ZZZ",
        ),
        (
            "837p",
            "XX*1999999984~",
            "XX*~",
            Kind::Condition,
            "2010AA/NM1-09",
        ),
        (
            "271",
            "30^98",
            "30^98:1",
            Kind::TooManyComponents,
            "2110C/EB-03[2]",
        ),
        (
            "837p",
            "SBR*P*18*G1******CI",
            "SBR*P*18*G1******CI**",
            Kind::TrailingSeparators,
            "2000B/SBR-11",
        ),
        (
            "835",
            "TRN*1*T0001*1999999999",
            "TRN*1*T0001*1999999999*",
            Kind::TrailingSeparators,
            "TRN-04",
        ),
        // Level 2: what the guide requires.
        (
            "837p",
            "CLM*A00000001*300.5*",
            "CLM**300.5*",
            Kind::MissingElement,
            "2300/CLM-01",
        ),
        (
            "837p",
            "SV1*HC:99213:25",
            "SV1*HC",
            Kind::MissingElement,
            "2400/SV1-01-2",
        ),
        (
            "837p",
            "SV1*HC:99213:25",
            "SV1*XX:99213:25",
            Kind::Code,
            "2400/SV1-01-1",
        ),
        (
            "837p",
            "HC:80053*200*UN*1***1",
            "HC:80053*200*UN*1**X*1",
            Kind::NotUsedElement,
            "2400/SV1-06",
        ),
        ("837p", "BHT*0019", "BHT*0018", Kind::Code, "BHT-01"),
        (
            "837p",
            "N3*1 LONG STREET~\n",
            "",
            Kind::MissingSegment,
            "2010AA/N4",
        ),
        (
            "837p",
            "HI*ABK:E119*ABF:I10~\n",
            "",
            Kind::MissingSegment,
            "2300/NM1",
        ),
        (
            "837p",
            "NM1*40*2*EXAMPLE PLAN*****46*E2~\n",
            "",
            Kind::MissingLoop,
            "HL",
        ),
        (
            "837p",
            "DTP*472*D8*20260228~\nREF*6R*L1~\n",
            "DTP*472*D8*20260228~\nDTP*472*D8*20260228~\nREF*6R*L1~\n",
            Kind::SegmentRepeat,
            "2400/DTP",
        ),
        (
            "837p",
            "NM1*82*1*EXAMPLE*DORA****XX*1999999992~\n",
            "NM1*82*1*EXAMPLE*DORA****XX*1999999992~\nNM1*82*1*EXAMPLE*DORA****XX*1999999992~\n",
            Kind::LoopRepeat,
            "2300/NM1",
        ),
        (
            "837p",
            "N3*2 LONG STREET~\nN4*TOWN*NY*12345~\n",
            "N4*TOWN*NY*12345~\nN3*2 LONG STREET~\n",
            Kind::WrongOrder,
            "2010BA/N3",
        ),
        (
            "837p",
            "HI*ABK:E119*ABF:I10~\n",
            "HI*ABK:E119*ABF:I10~\nHL*9*1*99*0~\n",
            Kind::UnexpectedSegment,
            "2300/HL",
        ),
        (
            "837p",
            "HL*3*1*22*1",
            "HL*3*2*22*1",
            Kind::Hierarchy,
            "2000B/HL-02",
        ),
        (
            "837p",
            "HL*3*1*22*1",
            "HL*5*1*22*1",
            Kind::Hierarchy,
            "2000B/HL-01",
        ),
        (
            "835",
            "CAS*CO*45*20.5",
            "CAS*XX*45*20.5",
            Kind::Code,
            "2110/CAS-01",
        ),
        (
            "835",
            "TRN*1*T0001*1999999999~\n",
            "",
            Kind::MissingSegment,
            "DTM",
        ),
        (
            "834",
            "INS*Y*18*021*20*A***FT~\n",
            "",
            Kind::UnexpectedSegment,
            "1000B/REF",
        ),
        (
            "277ca",
            "STC*A2:20:PR*20260301",
            "STC*A2*20260301",
            Kind::MissingElement,
            "2200D/STC-01-2",
        ),
        (
            "270",
            "EQ*30~\n",
            "EQ*30~\nEQ*~\n",
            Kind::Condition,
            "2110C/EQ-01",
        ),
        ("999", "IK5*R*5", "IK5*Q*5", Kind::Code, "2000/IK5-01"),
        (
            "820",
            "ENT*1*2J*EI*E0001~\n",
            "ENT*1*2J*EI~\n",
            Kind::Condition,
            "2000B/ENT-04",
        ),
        (
            "835",
            "SVC*HC:80053",
            "SVC*QQ:80053",
            Kind::Code,
            "2110/SVC-01-1",
        ),
        (
            "834",
            "HD*021**HLT",
            "HD*003**HLT",
            Kind::Code,
            "2300/HD-01",
        ),
        (
            "837p",
            "HL*4*3*23*0",
            "HL*4*3*24*0",
            Kind::UnexpectedSegment,
            "2010BB/HL",
        ),
        // Level 3: balance.
        (
            "837p",
            "SV1*HC:80053*200*",
            "SV1*HC:80053*199.99*",
            Kind::Balance,
            "2300/CLM-02",
        ),
        (
            "837i",
            "*1500***11:A:1",
            "*1500.01***11:A:1",
            Kind::Balance,
            "2300/CLM-02",
        ),
        (
            "837d",
            "SV3*AD:D2150*100****1",
            "SV3*AD:D2150*101****1",
            Kind::Balance,
            "2300/CLM-02",
        ),
        (
            "837d",
            "TOO*JP*12*L:O",
            "TOO*JP*12*L:Q",
            Kind::Code,
            "2400/TOO-03-2",
        ),
        ("837d", "SV3*AD:", "SV3*HC:", Kind::Code, "2400/SV3-01-1"),
        (
            "278",
            "HL*5*4*SS*0",
            "HL*5*3*SS*0",
            Kind::Hierarchy,
            "2000F/HL-02",
        ),
        ("278", "UM*HS*I*3", "UM*XX*I*3", Kind::Code, "2000E/UM-01"),
        ("278a", "HCR*A1", "HCR*A9", Kind::Code, "2000E/HCR-01"),
        (
            "835",
            "SVC*HC:80053*200*150",
            "SVC*HC:80053*200*149",
            Kind::Balance,
            "2110/SVC-03",
        ),
        (
            "835",
            "CAS*CO*45*50~",
            "CAS*CO*45*49.5~",
            Kind::Balance,
            "2100/CLP-04",
        ),
        ("835", "WO:X1*10~", "WO:X1*-10~", Kind::Balance, "BPR-02"),
        (
            "820",
            "RMR*AZ*P0001**100",
            "RMR*AZ*P0001**99",
            Kind::Balance,
            "BPR-02",
        ),
        (
            "820",
            "ADX*-10*53",
            "ADX*10*53",
            Kind::Balance,
            "2300B/RMR-04",
        ),
        ("999", "AK9*P*2*2*1", "AK9*P*2*2*2", Kind::Balance, "AK9-04"),
        ("999", "AK9*P*2*2*1", "AK9*P*2*1*0", Kind::Balance, "AK9-03"),
        // Level 4: situations.
        (
            "837p",
            "HL*3*1*22*1",
            "HL*3*1*22*0",
            Kind::Situation,
            "2000B/HL-04",
        ),
        (
            "837p",
            "HL*2*1*22*0",
            "HL*2*1*22*1",
            Kind::Situation,
            "2000B/HL-04",
        ),
        (
            "837p",
            "SBR*P*18*G1",
            "SBR*P**G1",
            Kind::Situation,
            "2000B/SBR-02",
        ),
        (
            "837p",
            "SBR*P**G2",
            "SBR*P*18*G2",
            Kind::Situation,
            "2000B/SBR-02",
        ),
        (
            "837p",
            "DMG*D8*19800229*F~\n",
            "",
            Kind::Situation,
            "2010BA/NM1",
        ),
        (
            "837p",
            "*75***11:B:1*",
            "*75***11:B:7*",
            Kind::Situation,
            "2300/CLM-05",
        ),
        (
            "837p",
            "*75***11:B:1*Y*A*Y*Y",
            "*75***11:B:1*Y*A*Y*Y**AA:::NY",
            Kind::Situation,
            "2300/CLM-11",
        ),
        ("837p", "*1:2~", "*1:3~", Kind::Situation, "2400/SV1-07"),
        (
            "837i",
            "DTP*435*DT*202602201015~\n",
            "",
            Kind::Situation,
            "2300/CLM-05",
        ),
        ("837i", "HI*ABJ:I509~\n", "", Kind::Situation, "2300/CLM-05"),
        ("835", "*DA*98765*", "***", Kind::Situation, "BPR-14"),
        (
            "835",
            "CAS*PR*3*20.5~",
            "CAS*PR*3*20.5**2*0~",
            Kind::Situation,
            "2100/CAS-06",
        ),
        (
            "835",
            "179.5*50.5*",
            "179.5*50*",
            Kind::Situation,
            "2100/CLP-05",
        ),
        (
            "277ca",
            "STC*A2:20:PR*20260301*WQ",
            "STC*A3:20:PR*20260301*WQ",
            Kind::Situation,
            "2200D/STC-03",
        ),
    ] {
        let text = fixture(name);
        assert!(text.contains(right), "{name}: {right}");
        let found = findings(&text.replacen(right, wrong, 1));
        let place = format!(", {place}, byte");
        assert!(
            found
                .iter()
                .any(|finding| finding.kind == kind && finding.place.to_string().contains(&place)),
            "{name}: {right} -> {wrong}: expected {kind:?} at {place}, found {found:#?}"
        );
        // What follows from the fault may be told too, but a fault does not hide the rest in noise.
        assert!(found.len() <= 5, "{name}: {right} -> {wrong}: {found:#?}");
    }
}

#[test]
fn other_payers_come_to_the_charge() {
    let coordinated = fixture("837p").replacen(
        "LX*1~\nSV1*HC:99212*75*UN*1***1~\nDTP*472*D8*20260228~\n",
        "SBR*S*01*******CI~\nCAS*PR*1*5~\nAMT*D*50~\nOI***Y***Y~\nNM1*IL*1*EXAMPLE*EVE****MI*M00000003~\n\
         NM1*PR*2*OTHER PLAN*****PI*P2~\nLX*1~\nSV1*HC:99212*75*UN*1***1~\nDTP*472*D8*20260228~\n\
         SVD*P2*55*HC:99212**1~\nCAS*CO*45*20~\nDTP*573*D8*20260301~\n",
        1,
    );
    assert_eq!(findings(&coordinated), []);
    for (right, wrong, expected) in [
        ("SVD*P2*55*", "SVD*P2*54*", "SV102 is 75"),
        ("AMT*D*50~", "AMT*D*49~", "CLM02 is 75"),
        ("CAS*PR*1*5~", "CAS*PR*1*6~", "CLM02 is 75"),
    ] {
        let found = findings(&coordinated.replacen(right, wrong, 1));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(
            found[0].kind == Kind::Balance && found[0].detail.contains(expected),
            "{found:#?}"
        );
    }
}

#[test]
fn payments_name_what_their_method_needs() {
    let text = fixture("835");
    let wire = text.replace("*C*ACH*CCP*", "*C*FWT**");
    assert_eq!(findings(&wire), []);
    let none = text.replace("*C*ACH*CCP*", "*C*NON**");
    let found = findings(&none);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].kind, found[0].place.element),
        (Kind::Situation, Some(2))
    );
    let unformatted = text.replace("*C*ACH*CCP*", "*C*ACH**");
    assert_eq!(findings(&unformatted)[0].place.element, Some(5));
}

#[test]
fn locations_reach_into_loops() {
    let file = File::parse(fixture("837p").as_bytes()).unwrap();
    let envelope = Envelope::read(&file.interchanges()[0]);
    let (group, set) = envelope.transactions().next().unwrap();
    let tree = Tree::build(set, validate::guide(group, set).unwrap());
    let at = |location: &str| -> Vec<String> {
        locate_in(&tree, &location.parse().unwrap())
            .iter()
            .map(|found| String::from_utf8_lossy(found.raw()).into_owned())
            .collect()
    };
    assert_eq!(at("2300[*]/CLM01"), ["A00000001", "A00000002"]);
    assert_eq!(at("2300[2]/CLM-02"), ["75"]);
    assert_eq!(at("2300/2400[*]/SV1-02"), ["100.5", "200"]);
    assert_eq!(at("2300[*]/2400[*]/SV1-01-2"), ["99213", "80053", "99212"]);
    assert_eq!(at("2010BA[2]/NM1-09"), ["M00000002"]);
    assert_eq!(at("2000B[01=3]/2000C/2010CA/NM1-04"), ["CARA"]);
    assert_eq!(at("2000B[2]/2300/HI-01-2"), ["J069"]);
    assert_eq!(at("2010AA/N4-03"), ["123450001"]);
    assert_eq!(at("SV1[*]-02"), ["100.5", "200", "75"]);
    assert!(at("2000C/2010BA/NM1").is_empty() && at("2300[3]/CLM").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_broken_is_judged_without_panic(
        name in 0..SOUND.len(),
        breaks in proptest::collection::vec((106..1400usize, any::<u8>(), 0..3usize), 1..12),
    ) {
        let mut bytes = SOUND[name].1.as_bytes().to_vec();
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
                for finding in validate::interchange(interchange).findings {
                    prop_assert!(finding.place.offset <= bytes.len(), "{}", finding);
                }
            }
        }
    }
}
