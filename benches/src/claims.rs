//! Files of professional claims of any size; nobody in them is real.

use wardgate_stub_x12::{
    Delimiters,
    write::{GroupHeader, InterchangeHeader, LineEnd, Value, WriteError, Writer},
};

/// One 837 interchange of at least this many bytes: one transaction set, ten claims a provider, three lines a claim.
pub fn file(bytes: usize) -> Vec<u8> {
    write(bytes).expect("its values hold no delimiters")
}

fn write(bytes: usize) -> Result<Vec<u8>, WriteError> {
    let header = InterchangeHeader {
        sender: ("ZZ", "SENDER"),
        receiver: ("ZZ", "RECEIVER"),
        date: "260301",
        time: "0930",
        version: "00501",
        control_number: 1,
        acknowledge: false,
        usage: "T",
    };
    let mut writer = Writer::new(&header, Delimiters::default(), LineEnd::Lf)?;
    writer.group(&GroupHeader {
        functional_id: "HC",
        sender: "SENDER",
        receiver: "RECEIVER",
        date: "20260301",
        time: "0930",
        control_number: 1,
        version: "005010X222A1",
    })?;
    writer.transaction("837", "0001", Some("005010X222A1"))?;
    let mut segment = |line: &str| -> Result<usize, WriteError> {
        let (id, rest) = line.split_once('*').unwrap_or((line, ""));
        let parts: Vec<Vec<&str>> = rest
            .split('*')
            .map(|text| text.split(':').collect())
            .collect();
        let values: Vec<Value<'_>> = parts.iter().map(|part| Value::Composite(part)).collect();
        writer.segment(id, &values)?;
        Ok(line.len() + 2)
    };
    let mut written = 0;
    for line in [
        "BHT*0019*00*B1*20260301*0930*CH",
        "NM1*41*2*EXAMPLE BILLING*****46*E1",
        "PER*IC*DESK*TE*5550100100",
        "NM1*40*2*EXAMPLE PLAN*****46*E2",
    ] {
        written += segment(line)?;
    }
    let mut level = 0;
    let mut claim = 0;
    while written < bytes {
        level += 1;
        let provider = level;
        for line in [
            format!("HL*{provider}**20*1"),
            "PRV*BI*PXC*207Q00000X".to_owned(),
            "NM1*85*2*EXAMPLE CLINIC*****XX*1999999984".to_owned(),
            "N3*1 LONG STREET".to_owned(),
            "N4*TOWN*NY*123450001".to_owned(),
            "REF*EI*999999999".to_owned(),
        ] {
            written += segment(&line)?;
        }
        for _ in 0..10 {
            level += 1;
            claim += 1;
            for line in [
                format!("HL*{level}*{provider}*22*0"),
                "SBR*P*18*G1******CI".to_owned(),
                format!("NM1*IL*1*EXAMPLE*ADA****MI*M{claim:08}"),
                "N3*2 LONG STREET".to_owned(),
                "N4*TOWN*NY*12345".to_owned(),
                "DMG*D8*19800229*F".to_owned(),
                "NM1*PR*2*EXAMPLE PLAN*****PI*P1".to_owned(),
                format!("CLM*A{claim:08}*300***11:B:1*Y*A*Y*Y"),
                "HI*ABK:E119*ABF:I10".to_owned(),
            ] {
                written += segment(&line)?;
            }
            for line in 1..=3 {
                written += segment(&format!("LX*{line}"))?;
                written += segment("SV1*HC:99213:25*100*UN*1***1:2")?;
                written += segment("DTP*472*D8*20260228")?;
                written += segment(&format!("REF*6R*L{claim}-{line}"))?;
            }
        }
    }
    writer.finish()
}
