//! What every drawn record promises, over many seeds.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use wardgate_synth::{
    Draw, DrawError, FieldType, IdentifierType, Identifiers, Json, Kind, Record, Seed, draw,
};

const TODAY: Date = date(2026, 3, 1);

/// `count` records of a kind, each from its own seed.
fn records(kind: Kind, count: u32) -> impl Iterator<Item = Record> {
    let seed = Seed::from_u64(7).child(kind.name());
    let identifiers = Identifiers::new(&seed, "test");
    (0..count).map(move |index| draw(kind, &seed.child(index), &identifiers, TODAY, None).unwrap())
}

fn text<'a>(record: &'a Record, path: &str) -> &'a str {
    record
        .get(path)
        .and_then(Json::as_str)
        .unwrap_or_else(|| panic!("{path} of {record:?}"))
}

/// The cents of a number with two decimals.
fn cents(json: Option<&Json>) -> u64 {
    let text = json.and_then(Json::as_number).unwrap().as_str();
    let (whole, cents) = text.split_once('.').unwrap();
    assert_eq!(cents.len(), 2, "{text}");
    format!("{whole}{cents}").parse().unwrap()
}

#[test]
fn every_record_has_exactly_the_documented_fields_of_the_documented_types() {
    for kind in Kind::ALL {
        for record in records(kind, 200) {
            assert_eq!(record.kind, kind);
            check(kind, &record.fields);
            assert_eq!(record.id, text(&record, kind.id_field()));
        }
    }
}

fn check(kind: Kind, fields: &Json) {
    let object = fields.as_object().unwrap();
    let documented: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
    assert_eq!(object.keys().collect::<Vec<_>>(), documented, "{kind}");
    for (field, value) in kind.fields().iter().zip(object.values()) {
        let string = || {
            value
                .as_str()
                .unwrap_or_else(|| panic!("{kind}.{}: {value}", field.name))
        };
        match field.field_type {
            FieldType::Identifier => {
                let letter = IdentifierType::of_field(field.name).unwrap().letter();
                assert_eq!(string().len(), 15, "{kind}.{}", field.name);
                assert!(
                    string().starts_with(&format!("{letter}Z")),
                    "{kind}.{}",
                    field.name
                );
            }
            FieldType::Text | FieldType::Code => {
                string();
            }
            FieldType::Date => assert_eq!(string().parse::<Date>().unwrap().to_string(), string()),
            FieldType::DateTime => {
                let text = string();
                assert_eq!(text.len(), 25, "{text}");
                text.parse::<jiff::Timestamp>().unwrap();
            }
            FieldType::Integer => assert!(value.as_number().unwrap().is_integer()),
            FieldType::Decimal => assert!(value.as_number().unwrap().decimal().is_some()),
            FieldType::Record(kind) => check(kind, value),
            FieldType::List(kind) => {
                assert!(!value.as_array().unwrap().is_empty());
                value
                    .as_array()
                    .unwrap()
                    .iter()
                    .for_each(|item| check(kind, item));
            }
        }
    }
}

#[test]
fn paths_resolve_in_the_table_where_they_resolve_in_a_record() {
    let stay = records(Kind::Stay, 1).next().unwrap();
    for path in [
        "visit_number",
        "patient.mrn",
        "practitioner.family",
        "charges",
        "charges[0]",
        "charges[0].amount",
        "net_total",
    ] {
        assert!(
            Kind::Stay.field(path).is_some() && stay.get(path).is_some(),
            "{path}"
        );
    }
    for path in [
        "mrn",
        "patient.",
        "patient.mrn.x",
        "patient[0]",
        "charges.amount",
        "charges[x].amount",
        "charges[0",
        "",
    ] {
        assert!(Kind::Stay.field(path).is_none(), "{path}");
        assert!(stay.get(path).is_none(), "{path}");
    }
}

#[test]
fn the_same_seed_gives_the_same_record_and_another_gives_another() {
    let seed = Seed::from_u64(42).child("golden");
    let identifiers = Identifiers::new(&seed, "run");
    let patient = draw(
        Kind::Patient,
        &seed.child("patient"),
        &identifiers,
        TODAY,
        None,
    )
    .unwrap();
    assert_eq!(patient.to_json().to_string(), GOLDEN_PATIENT);
    let line = draw(
        Kind::ChargeLine,
        &seed.child("line"),
        &identifiers,
        TODAY,
        None,
    )
    .unwrap();
    assert_eq!(line.to_json().to_string(), GOLDEN_LINE);
    let other = draw(
        Kind::Patient,
        &seed.child("other"),
        &identifiers,
        TODAY,
        None,
    )
    .unwrap();
    assert_ne!(other.fields, patient.fields);
}

// Changing these changes every data set: raise GENERATOR_VERSION with them.
const GOLDEN_PATIENT: &str = r#"{"kind":"patient","id":"MZQBMSYQ6X2MNBM","seed_path":"golden/patient","fields":{"mrn":"MZQBMSYQ6X2MNBM","account":"AZFPZ2VD52TTD4E","family":"Goodwin","given":"Eusebio","middle":"Herminio","birth_date":"1942-02-15","age":84,"sex":"male","street":"64 Old Fernwick Road","city":"Quillmere","state":"AZ","postal_code":"00391","country":"US","phone":"602-555-0127","email":"eusebio.goodwin.1821@example.org","national_id":"961-00-9552"}}"#;
const GOLDEN_LINE: &str = r#"{"kind":"charge-line","id":"XZZZW75KWQHEY88","seed_path":"golden/line","fields":{"charge_number":"XZZZW75KWQHEY88","visit_number":"VZEGZQJVZQPVA2C","code":"WG-1001","description":"Consultation","quantity":4,"unit_price":195.09,"amount":780.36,"tax_class":"standard","tax_percent":8.25,"date":"2026-02-07"}}"#;

#[test]
fn nobody_can_be_called_written_or_visited() {
    let patients: Vec<Record> = records(Kind::Patient, 3_000).collect();
    for patient in &patients {
        let (phone, email) = (text(patient, "phone"), text(patient, "email"));
        let (area, line) = phone.split_once('-').unwrap();
        assert!(
            area.len() == 3 && line.len() == 8 && line.starts_with("555-01"),
            "{phone}"
        );
        let (local, domain) = email.split_once('@').unwrap();
        assert!(
            ["example.org", "example.net", "example.com"].contains(&domain),
            "{email}"
        );
        assert!(
            local
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'.'),
            "{email}"
        );
        let postal_code = text(patient, "postal_code");
        assert!(postal_code.len() == 5 && ("00100".."00400").contains(&postal_code));
        let national_id = text(patient, "national_id");
        assert!(
            national_id.starts_with('9') && &national_id[3..7] == "-00-" && national_id.len() == 11
        );
    }
    let seen = |name: &str, what: &dyn Fn(&str) -> bool| {
        assert!(
            patients.iter().any(|patient| what(text(patient, name))),
            "no {name} of the kind asked for"
        );
    };
    seen("street", &|street| street.contains('&'));
    seen("family", &|family| family.contains('\''));
    seen("family", &|family| family.contains('-'));
    seen("family", &|family| family.chars().count() > 30);
    seen("given", &|given| given == "José");
    seen("given", &|given| !given.is_ascii());
    seen("family", &|family| family == "李");
    seen("middle", &str::is_empty);
    seen("birth_date", &|birth_date| birth_date.ends_with("-02-29"));
    for sex in ["female", "male", "other", "unknown"] {
        seen("sex", &|value| value == sex);
    }
}

#[test]
fn no_text_of_any_record_holds_a_delimiter_that_no_escape_is_expected_for() {
    fn walk(json: &Json) {
        match json {
            Json::String(text) => assert!(
                !text.contains(|c: char| c.is_control() || "|^~\\".contains(c)),
                "{text:?}"
            ),
            Json::Array(items) => items.iter().for_each(walk),
            Json::Object(members) => members.values().for_each(walk),
            _ => {}
        }
    }
    for kind in Kind::ALL {
        records(kind, 300).for_each(|record| walk(&record.fields));
    }
}

#[test]
fn ages_are_those_of_the_logical_date() {
    let seed = Seed::from_u64(1).child("age");
    let identifiers = Identifiers::new(&seed, "run");
    for index in 0..500_u32 {
        let patient = draw(Kind::Patient, &seed.child(index), &identifiers, TODAY, None).unwrap();
        let birth: Date = text(&patient, "birth_date").parse().unwrap();
        let age = patient.get("age").and_then(Json::as_i64).unwrap();
        let years = i64::from(birth.until((jiff::Unit::Year, TODAY)).unwrap().get_years());
        // Who was born on a leap day turns on 1 March, which is this logical date.
        assert_eq!(age, years, "{birth}");
        assert!((0..=110).contains(&age));
    }
}

#[test]
fn a_filter_is_met_or_the_draw_says_that_it_is_not() {
    let seed = Seed::from_u64(3).child("filter");
    let identifiers = Identifiers::new(&seed, "run");
    let leapling = |fields: &Json| {
        fields
            .get("birth_date")
            .and_then(Json::as_str)
            .is_some_and(|text| text.ends_with("-02-29"))
    };
    for index in 0..50_u32 {
        let seed = seed.child(index);
        let any = draw(Kind::Patient, &seed, &identifiers, TODAY, None).unwrap();
        let filtered = draw(Kind::Patient, &seed, &identifiers, TODAY, Some(&leapling)).unwrap();
        assert!(leapling(&filtered.fields));
        assert_eq!(
            filtered.id, any.id,
            "identifiers do not depend on what was rejected"
        );
        if leapling(&any.fields) {
            assert_eq!(filtered, any);
        }
    }
    let never = |_: &Json| false;
    let error = draw(Kind::Patient, &seed, &identifiers, TODAY, Some(&never)).unwrap_err();
    assert_eq!(
        error,
        DrawError::NoneFits {
            kind: Kind::Patient,
            tries: 1_000
        }
    );
    assert!(error.to_string().contains("none of 1000 tries"));
}

#[test]
fn identifiers_differ_between_seeds_scopes_and_runs() {
    let seed = Seed::from_u64(42);
    let mut distinct = HashSet::new();
    let mut count = 0;
    for salt in ["monday", "tuesday"] {
        let run = Identifiers::new(&seed, salt);
        for case in 0..500_u32 {
            for name in ["mother", "child"] {
                let record =
                    draw(Kind::Stay, &seed.child(name), &run.child(case), TODAY, None).unwrap();
                for path in [
                    "patient.mrn",
                    "patient.account",
                    "visit_number",
                    "charges[0].charge_number",
                ] {
                    distinct.insert(text(&record, path).to_owned());
                    count += 1;
                }
            }
        }
    }
    assert_eq!(distinct.len(), count);
}

#[test]
fn charges_add_up_to_the_cent() {
    let mut rounded_apart = 0;
    for stay in records(Kind::Stay, 500) {
        let mut of_class: HashMap<String, (u64, u64)> = HashMap::new();
        let (mut net, mut tax_by_line) = (0, 0);
        for line in stay.get("charges").and_then(Json::as_array).unwrap() {
            let amount = cents(line.get("amount"));
            let quantity = line.get("quantity").and_then(Json::as_i64).unwrap();
            assert_eq!(
                amount,
                cents(line.get("unit_price")) * u64::try_from(quantity).unwrap()
            );
            assert_eq!(line.get("visit_number"), stay.get("visit_number"));
            let percent = cents(line.get("tax_percent"));
            let class = line
                .get("tax_class")
                .and_then(Json::as_str)
                .unwrap()
                .to_owned();
            let entry = of_class.entry(class).or_insert((0, percent));
            entry.0 += amount;
            assert_eq!(entry.1, percent, "one class, one rate");
            net += amount;
            tax_by_line += (amount * percent + 5_000) / 10_000;
        }
        let tax: u64 = of_class
            .values()
            .map(|(amount, percent)| (amount * percent + 5_000) / 10_000)
            .sum();
        assert_eq!(cents(stay.get("net_total")), net);
        assert_eq!(cents(stay.get("tax_total")), tax);
        assert_eq!(cents(stay.get("gross_total")), net + tax);
        rounded_apart += u32::from(tax_by_line != tax);
    }
    assert!(
        rounded_apart > 50,
        "only {rounded_apart} of 500 stays tell rounding by line from rounding once"
    );
}

#[test]
fn results_keep_their_scale_and_their_flags_are_true() {
    let mut scales = HashSet::new();
    for result in records(Kind::Result, 1_000) {
        let number = |path: &str| result.get(path).and_then(Json::as_number).unwrap();
        let (value, low, high) = (number("value"), number("low"), number("high"));
        let (value, low, high) = (
            value.decimal().unwrap(),
            low.decimal().unwrap(),
            high.decimal().unwrap(),
        );
        assert_eq!((value.scale(), high.scale()), (low.scale(), low.scale()));
        scales.insert(value.scale());
        let flag = text(&result, "flag");
        assert_eq!(flag == "N", low <= value && value <= high, "{value} {flag}");
        assert_eq!(flag.starts_with('L'), value < low, "{value} {flag}");
    }
    assert_eq!(scales, HashSet::from([0, 1, 2, 3]));
}

#[test]
fn times_run_forward_within_a_life() {
    for encounter in records(Kind::Encounter, 1_000) {
        let birth: Date = text(&encounter, "patient.birth_date").parse().unwrap();
        let (start, end) = (text(&encounter, "start"), text(&encounter, "end"));
        let day: Date = start[..10].parse().unwrap();
        assert!(birth <= day && day <= TODAY, "{birth} {start}");
        assert!(start.parse::<jiff::Timestamp>().unwrap() < end.parse().unwrap());
        assert_eq!(start[19..], end[19..], "one place, one offset");
    }
    for appointment in records(Kind::Appointment, 1_000) {
        let day: Date = text(&appointment, "start")[..10].parse().unwrap();
        assert!(day > TODAY);
    }
}

#[test]
fn what_is_given_is_kept() {
    let seed = Seed::from_u64(5);
    let identifiers = Identifiers::new(&seed, "run");
    let patient = draw(
        Kind::Patient,
        &seed.child("patient"),
        &identifiers,
        TODAY,
        None,
    )
    .unwrap();
    let at = seed.child("visit");
    let visit = Draw::new(Kind::Encounter, &at, &identifiers, TODAY)
        .patient(&patient.fields)
        .record()
        .unwrap();
    assert_eq!(visit.get("patient"), Some(&patient.fields));
    let at = seed.child("order");
    let order = Draw::new(Kind::Order, &at, &identifiers, TODAY)
        .encounter(&visit.fields)
        .record()
        .unwrap();
    assert_eq!(order.get("patient"), Some(&patient.fields));
    assert_eq!(order.get("practitioner"), visit.get("practitioner"));
    assert_eq!(order.get("visit_number"), visit.get("visit_number"));
    let at = seed.child("result");
    let result = Draw::new(Kind::Result, &at, &identifiers, TODAY)
        .encounter(&visit.fields)
        .order(&order.fields)
        .record()
        .unwrap();
    for name in [
        "order_number",
        "filler_number",
        "code",
        "ordered_at",
        "patient",
    ] {
        assert_eq!(result.get(name), order.get(name), "{name}");
    }
    let at = seed.child("stay");
    let stay = Draw::new(Kind::Stay, &at, &identifiers, TODAY)
        .encounter(&visit.fields)
        .record()
        .unwrap();
    assert_eq!(stay.id, visit.id);
    assert_eq!(
        stay.get("charges[0].visit_number"),
        visit.get("visit_number")
    );
}
