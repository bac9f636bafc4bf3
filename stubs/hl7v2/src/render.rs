//! Synthetic records as the messages that announce them.
//!
//! | record | message |
//! |---|---|
//! | `patient` | ADT^A04 |
//! | `encounter` | ADT^A01 of an inpatient, else ADT^A04 |
//! | `appointment` | SIU^S12 |
//! | `order` | ORM^O01 |
//! | `result` | ORU^R01 |
//! | `medication-order` | RDE^O11 |
//! | `charge`, `encounter-with-charges` | DFT^P03 |

use wardgate_core::bindings::plain;
use wardgate_expression::Json;
use wardgate_synth::{Kind, REFERENCE_DATE};

use crate::{build::Builder, charset::Charset, delimiters::Delimiters, escape, filter};

/// The message of a record, whole: its control ID is the record's own identifier and its time the record's own, so
/// that the same record is always the same message. None for a kind that has no message of its own.
pub fn message(kind: &str, record: &Json) -> Option<String> {
    let control_id = text(record, Kind::parse(kind)?.id_field());
    let own = ["observed_at", "ordered_at", "date", "start"]
        .into_iter()
        // An appointment starts long after it was announced.
        .filter(|name| kind != "appointment" || *name != "start")
        .map(|name| time(record, name))
        .find(|time| !time.is_empty());
    let time = own.unwrap_or_else(|| REFERENCE_DATE.strftime("%Y%m%d").to_string());
    message_of_attempt(kind, record, &control_id, &time)
}

/// The message of a record with the control ID and the time of an attempt.
pub fn message_of_attempt(
    kind: &str,
    record: &Json,
    control_id: &str,
    now: &str,
) -> Option<String> {
    let begin = |message_type: &str| Writer::begin(message_type, control_id, now);
    let writer = match Kind::parse(kind)? {
        Kind::Patient => begin("ADT^A04^ADT_A01")
            .event("A04", now)
            .patient(record)
            .with(|builder| builder.segment("PV1").field(1, "1").field(2, "O")),
        Kind::Encounter if text(record, "class") == "inpatient" => begin("ADT^A01^ADT_A01")
            .event("A01", now)
            .patient(part(record, "patient"))
            .visit(record),
        Kind::Encounter => begin("ADT^A04^ADT_A01")
            .event("A04", now)
            .patient(part(record, "patient"))
            .visit(record),
        Kind::Appointment => begin("SIU^S12^SIU_S12").appointment(record),
        Kind::Order => begin("ORM^O01^ORM_O01")
            .patient(part(record, "patient"))
            .visit_number(record)
            .order(record, "NW"),
        Kind::Result => begin("ORU^R01^ORU_R01")
            .patient(part(record, "patient"))
            .visit_number(record)
            .order(record, "RE")
            .result(record),
        Kind::MedicationOrder => begin("RDE^O11^RDE_O11")
            .patient(part(record, "patient"))
            .visit_number(record)
            .medication(record),
        Kind::Charge => begin("DFT^P03^DFT_P03")
            .event("P03", now)
            .patient(part(record, "patient"))
            .visit_number(record)
            .charge(1, record),
        Kind::Stay => record
            .get("charges")
            .and_then(Json::as_array)
            .unwrap_or_default()
            .iter()
            .zip(1_usize..)
            .fold(
                begin("DFT^P03^DFT_P03")
                    .event("P03", now)
                    .patient(part(record, "patient"))
                    .visit(record),
                |writer, (charge, number)| writer.charge(number, charge),
            ),
        Kind::Practitioner | Kind::ChargeLine => return None,
    };
    String::from_utf8(writer.builder.finish()).ok()
}

fn part<'r>(record: &'r Json, name: &str) -> &'r Json {
    record.get(name).unwrap_or(&Json::Null)
}

fn text(record: &Json, name: &str) -> String {
    record.get(name).map(plain).unwrap_or_default()
}

/// A time of the record as HL7 writes it, empty where there is none.
fn time(record: &Json, name: &str) -> String {
    filter::apply(&text(record, name)).unwrap_or_default()
}

/// A word of the record as the code that HL7 has for it.
fn code(record: &Json, name: &str) -> String {
    let word = text(record, name);
    filter::apply(&word).unwrap_or(word)
}

/// Writes the segments of one message.
struct Writer {
    builder: Builder,
}

impl Writer {
    fn begin(message_type: &str, control_id: &str, now: &str) -> Self {
        let parts: Vec<&str> = message_type.split('^').collect();
        let builder = Builder::new(Delimiters::default(), Charset::Utf8)
            .segment("MSH")
            .field(3, "PAS")
            .field(4, "HOSP")
            .field(5, "HUB")
            .field(6, "HOSP")
            .field(7, now)
            .components(9, &parts)
            .field(10, control_id)
            .field(11, "P")
            .field(12, "2.5.1")
            .field(18, "UNICODE UTF-8");
        Self { builder }
    }

    fn with(self, write: impl FnOnce(Builder) -> Builder) -> Self {
        Self {
            builder: write(self.builder),
        }
    }

    fn event(self, event: &str, now: &str) -> Self {
        self.with(|builder| builder.segment("EVN").field(1, event).field(2, now))
    }

    fn patient(self, patient: &Json) -> Self {
        let text = |name| text(patient, name);
        let identifiers = repetitions(&[
            &[&text("mrn"), "", "", "HOSP", "MR"],
            &[&text("national_id"), "", "", "", "SS"],
        ]);
        let telecoms = repetitions(&[
            &[&text("phone"), "PRN", "PH"],
            &["", "NET", "Internet", &text("email")],
        ]);
        self.with(|builder| {
            builder
                .segment("PID")
                .field(1, "1")
                .raw(3, identifiers.as_bytes())
                .components(
                    5,
                    &[
                        &text("family"),
                        &text("given"),
                        &text("middle"),
                        "",
                        "",
                        "",
                        "L",
                    ],
                )
                .field(7, &time(patient, "birth_date"))
                .field(8, &code(patient, "sex"))
                .components(
                    11,
                    &[
                        &text("street"),
                        "",
                        &text("city"),
                        &text("state"),
                        &text("postal_code"),
                        &text("country"),
                        "H",
                    ],
                )
                .raw(13, telecoms.as_bytes())
                .components(18, &[&text("account"), "", "", "HOSP", "AN"])
        })
    }

    fn visit(self, visit: &Json) -> Self {
        let text = |name| text(visit, name);
        let doctor = doctor(visit);
        self.with(|builder| {
            builder
                .segment("PV1")
                .field(1, "1")
                .field(2, &code(visit, "class"))
                .components(3, &[&text("location"), &text("room"), &text("bed"), "HOSP"])
                .components(7, &doctor.each_ref().map(String::as_str))
                .components(19, &[&text("visit_number"), "", "", "HOSP", "VN"])
                .field(44, &time(visit, "start"))
                .field(45, &time(visit, "end"))
                .segment("PV2")
                .components(3, &["", &text("reason")])
        })
    }

    /// The visit that an order or a charge belongs to, of which nothing but the number is known.
    fn visit_number(self, record: &Json) -> Self {
        let number = text(record, "visit_number");
        self.with(|builder| {
            builder
                .segment("PV1")
                .field(1, "1")
                .field(2, "O")
                .components(19, &[&number, "", "", "HOSP", "VN"])
        })
    }

    fn appointment(self, appointment: &Json) -> Self {
        let text = |name| text(appointment, name);
        let (start, end) = (time(appointment, "start"), time(appointment, "end"));
        let (minutes, reason) = (text("duration_minutes"), text("reason"));
        let (service, display) = (text("service"), text("service_display"));
        let doctor = doctor(appointment);
        let doctor = doctor.each_ref().map(String::as_str);
        self.with(|builder| {
            builder
                .segment("SCH")
                .field(1, &text("placer"))
                .field(2, &text("filler"))
                .components(6, &["", &reason])
                .components(7, &["", &reason])
                .components(8, &["NORMAL", "Normal", "L"])
                .field(9, &minutes)
                .field(10, "min")
                .components(11, &["", "", &minutes, &start, &end])
                .components(16, &doctor)
                .components(20, &doctor)
                .field(25, &code(appointment, "status"))
        })
        .patient(part(appointment, "patient"))
        .with(|builder| {
            builder
                .segment("PV1")
                .field(1, "1")
                .field(2, "O")
                .segment("RGS")
                .field(1, "1")
                .field(2, "A")
                .segment("AIS")
                .field(1, "1")
                .field(2, "A")
                .components(3, &[&service, &display, "L"])
                .field(4, &start)
                .field(7, &minutes)
                .field(8, "min")
                .segment("AIL")
                .field(1, "1")
                .field(2, "A")
                .components(3, &[&text("location"), "", "", "HOSP"])
                .segment("AIP")
                .field(1, "1")
                .field(2, "A")
                .components(3, &doctor)
        })
    }

    fn order(self, order: &Json, control: &str) -> Self {
        let text = |name| text(order, name);
        let ordered = time(order, "ordered_at");
        let is_result = control == "RE";
        let doctor = doctor(order);
        let doctor = doctor.each_ref().map(String::as_str);
        self.with(|builder| {
            let builder = builder
                .segment("ORC")
                .field(1, control)
                .field(2, &text("order_number"))
                .field(3, &text("filler_number"))
                .components(7, &["", "", "", "", "", &code(order, "priority")])
                .field(9, &ordered)
                .components(12, &doctor)
                .segment("OBR")
                .field(1, "1")
                .field(2, &text("order_number"))
                .field(3, &text("filler_number"))
                .components(4, &[&text("code"), &text("display"), "L"])
                .field(6, &ordered)
                .components(15, &[&text("specimen")])
                .components(16, &doctor);
            if is_result {
                builder
                    .field(7, &time(order, "observed_at"))
                    .field(22, &time(order, "observed_at"))
                    .field(25, &code(order, "status"))
            } else {
                builder
            }
        })
    }

    fn result(self, result: &Json) -> Self {
        let text = |name| text(result, name);
        self.with(|builder| {
            builder
                .segment("OBX")
                .field(1, "1")
                .field(2, "NM")
                .components(3, &[&text("code"), &text("display"), "L"])
                .field(5, &text("value"))
                .components(6, &[&text("unit"), "", "UCUM"])
                .field(7, &format!("{}-{}", text("low"), text("high")))
                .field(8, &text("flag"))
                .field(11, &code(result, "status"))
                .field(14, &time(result, "observed_at"))
                .field(21, &text("result_number"))
        })
    }

    fn medication(self, order: &Json) -> Self {
        let text = |name| text(order, name);
        let ordered = time(order, "ordered_at");
        let doctor = doctor(order);
        self.with(|builder| {
            builder
                .segment("ORC")
                .field(1, "NW")
                .field(2, &text("order_number"))
                .field(9, &ordered)
                .components(12, &doctor.each_ref().map(String::as_str))
                .segment("RXE")
                .components(2, &[&text("code"), &text("display"), "L"])
                .field(3, &text("dose"))
                .components(5, &[&text("unit"), "", "UCUM"])
                .segment("TQ1")
                .field(1, "1")
                .field(3, &text("frequency"))
                .components(6, &[&text("duration_days"), "d"])
                .field(7, &ordered)
                .segment("RXR")
                .components(1, &[&code(order, "route"), &text("route"), "HL70162"])
        })
    }

    fn charge(self, number: usize, charge: &Json) -> Self {
        let text = |name| text(charge, name);
        let date = time(charge, "date");
        let money = |name| {
            let amount = text(name);
            format!("{}&USD", escaped(&amount))
        };
        self.with(|builder| {
            builder
                .segment("FT1")
                .field(1, &number.to_string())
                .field(2, &text("charge_number"))
                .field(4, &date)
                .field(5, &date)
                .field(6, "CG")
                .components(7, &[&text("code"), &text("description"), "L"])
                .field(10, &text("quantity"))
                .raw(11, money("amount").as_bytes())
                .raw(12, money("unit_price").as_bytes())
        })
    }
}

/// The practitioner of a record: number, family name and given name.
fn doctor(record: &Json) -> [String; 3] {
    let practitioner = part(record, "practitioner");
    ["identifier", "family", "given"].map(|name| text(practitioner, name))
}

/// A field with several repetitions, each of some components.
fn repetitions(repetitions: &[&[&str]]) -> String {
    let written: Vec<String> = repetitions
        .iter()
        .map(|components| {
            let escaped: Vec<String> = components.iter().map(|part| escaped(part)).collect();
            escaped.join("^")
        })
        .collect();
    written.join("~")
}

fn escaped(text: &str) -> String {
    escape::encode(text, &Delimiters::default()).into_owned()
}

#[cfg(test)]
mod tests {
    use wardgate_synth::{Identifiers, Seed, draw};

    use super::*;
    use crate::validate::Severity;
    use crate::{locate, location::Location, message::Message, structure};

    fn record(kind: Kind, seed: u64) -> Json {
        let seed = Seed::from_u64(seed);
        let identifiers = Identifiers::new(&seed, "test");
        draw(kind, &seed, &identifiers, REFERENCE_DATE, None)
            .unwrap()
            .fields
    }

    #[test]
    fn every_record_is_announced_by_its_message() {
        for (kind, message_type, location, field) in [
            (Kind::Patient, "ADT^A04", "PID-5.1", "family"),
            (Kind::Encounter, "ADT", "PV1-19.1", "visit_number"),
            (Kind::Appointment, "SIU^S12", "SCH-1.1", "placer"),
            (Kind::Order, "ORM^O01", "OBR-2.1", "order_number"),
            (Kind::Result, "ORU^R01", "OBX-5", "value"),
            (Kind::MedicationOrder, "RDE^O11", "RXE-3", "dose"),
            (Kind::Charge, "DFT^P03", "FT1-11.1.1", "amount"),
            (Kind::Stay, "DFT^P03", "PV1-19.1", "visit_number"),
        ] {
            for seed in 0..30 {
                let record = record(kind, seed);
                let text = super::message(kind.name(), &record).unwrap();
                let read = Message::parse(text.as_bytes()).unwrap();
                let header = read.header();
                assert!(
                    crate::compare::name(&read).starts_with(message_type),
                    "{text}"
                );
                if let Some(structure) = structure::structure_of(&read) {
                    assert_eq!(header.message_structure(), structure);
                }
                assert!(
                    !header.time().is_empty() && !header.control_id().is_empty(),
                    "{text}"
                );
                assert!(!text.contains("${"), "{text}");
                let mut faults = crate::validate(&read);
                faults.retain(|fault| fault.severity == Severity::Error);
                assert_eq!(faults, [], "{text}");
                let found = locate::locate(&read, &Location::parse(location).unwrap());
                assert_eq!(found, [super::text(&record, field)], "{location} in {text}");
            }
        }
    }

    #[test]
    fn a_stay_lists_every_charge() {
        let record = record(Kind::Stay, 3);
        let charges = record
            .get("charges")
            .and_then(Json::as_array)
            .unwrap()
            .len();
        let text = super::message("encounter-with-charges", &record).unwrap();
        assert_eq!(text.matches("\rFT1|").count(), charges);
    }

    #[test]
    fn what_is_new_for_each_attempt_is_given() {
        let record = record(Kind::Patient, 1);
        let text = message_of_attempt("patient", &record, "C1", "20260704").unwrap();
        assert!(
            text.starts_with("MSH|^~\\&|PAS|HOSP|HUB|HOSP|20260704||ADT^A04^ADT_A01|C1|P|2.5.1|")
        );
        assert!(text.contains("\rEVN|A04|20260704\r"));
    }

    #[test]
    fn the_rest_has_no_message() {
        assert_eq!(
            super::message("practitioner", &record(Kind::Practitioner, 1)),
            None
        );
        assert_eq!(super::message("nonsense", &Json::Null), None);
    }
}
