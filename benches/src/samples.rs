//! Messages, records and contracts of the sizes that interfaces see; nobody in them is real.

use std::{fmt::Write as _, sync::Arc};

use wardgate_contract::{Source, ast::Contract, read};

/// A result message with this many observations; each is about 90 bytes.
pub fn result_message(observations: usize) -> Vec<u8> {
    let mut text = String::from(
        "MSH|^~\\&|LAB|HOSP|HUB|HOSP|20260301093000+0000||ORU^R01^ORU_R01|CZ00000000001|P|2.5.1|||AL|AL|||UTF-8\r\
         PID|1||MZ00000001^^^HOSP^MR||O\\T\\Brien^Zoë^M^^Dr||19800229|F|||1 Long Street^^Town^^12345||555-0100\r\
         PV1|1|I|W1^R2^B3^HOSP||||D1^Example^Doctor\r\
         OBR|1|OZ1|FZ1|24323-8^Metabolic panel^LN|||20260301080000+0000|||||||||||||||20260301092900+0000||LAB|F\r",
    );
    for number in 1..=observations {
        let _ = write!(
            text,
            "OBX|{number}|NM|2345-{}^Glucose \\S\\ fasting^LN||{}.40|mg/dL^milligram per deciliter^UCUM|70-99|N|||F\r",
            number % 10,
            80 + number % 40
        );
    }
    text.into_bytes()
}

/// A registration with this control ID for the person with this medical record number.
pub fn registration(control_id: &str, mrn: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|PAS|HOSP|HUB|HOSP|20260301093000+0000||ADT^A04^ADT_A01|{control_id}|P|2.5.1\r\
         EVN|A04|20260301093000+0000\r\
         PID|1||{mrn}^^^HOSP^MR||Example^Ada^M||19800229|F|||1 Long Street^^Town^^12345||555-0100\r\
         PV1|1|O|W1^R2^B3^HOSP||||D1^Example^Doctor\r"
    )
    .into_bytes()
}

/// A FHIR Patient with a medical record number made of this number.
pub fn patient(number: usize) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"p{number}","identifier":[{{"system":"http://hospital.example/mrn","value":"MZ{number:08}"}}],"active":true,"name":[{{"use":"official","family":"Example{}","given":["Ada","Zoë"]}},{{"use":"nickname","given":["Addie"]}}],"telecom":[{{"system":"phone","value":"555-0100","use":"home"}},{{"system":"email","value":"ada@example.org"}}],"gender":"female","birthDate":"1980-02-{:02}","address":[{{"use":"home","line":["1 Long Street","Flat 2"],"city":"Town","postalCode":"12345","country":"DE"}}],"maritalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M","display":"Married"}}]}},"multipleBirthBoolean":false,"extension":[{{"url":"http://hospital.example/weight","valueDecimal":71.50}}]}}"#,
        number % 97,
        1 + number % 28
    )
}

/// A draft invoice with this many lines, as a client of the ERP posts it.
pub fn invoice(lines: usize) -> String {
    let mut text = String::from(
        r#"{"customerNumber":"MZ00000001","externalDocumentNumber":"AZ1-CZ1","invoiceDate":"2026-02-28","salesInvoiceLines":["#,
    );
    for line in 0..lines {
        let comma = if line == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"lineType":"Item","lineObjectNumber":"X{line}","quantity":2,"unitPrice":10.05,"taxPercent":7.5}}"#
        );
    }
    text + "]}"
}

/// A contract of this many simple HTTP interactions.
pub fn simple_contract(interactions: usize) -> String {
    let mut text = String::from(
        "wardgate: 1\ncontract: speed/simple\nversion: 1.0.0\ntitle: Simple answers\nconsumer: caller\n\
         provider: plain-server\nworkflow: speed\ninteractions:\n",
    );
    for number in 1..=interactions {
        let _ = write!(
            text,
            "  - name: answer {number}\n    send: {{ http: {{ to: web, method: GET, path: /{number} }} }}\n    expect: {{ reply: {{ status: 200 }} }}\n"
        );
    }
    text
}

/// Reads a contract that is sound.
pub fn contract(text: &str) -> Arc<Contract> {
    let reading = read(Arc::new(Source::new("bench.yaml", text)));
    Arc::new(reading.contract.expect("the sample contract is sound"))
}
