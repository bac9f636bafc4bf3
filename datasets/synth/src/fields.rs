//! The fields of every kind: one table, for contract authors and for lint.

use crate::Kind;

/// One field of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// Its name in the record.
    pub name: &'static str,
    /// What its value is.
    pub field_type: FieldType,
    /// A value as it may come, written as text.
    pub example: &'static str,
    /// What it means.
    pub description: &'static str,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A token that is unique across a run; a string of 15 upper-case letters and digits.
    Identifier,
    /// Free text; a string.
    Text,
    /// One of a fixed set of words or codes; a string.
    Code,
    /// A date, `YYYY-MM-DD`; a string.
    Date,
    /// Local date and time with its offset from UTC (RFC 3339); a string.
    DateTime,
    /// A whole number.
    Integer,
    /// An exact decimal; a number whose digits after the point are kept as written.
    Decimal,
    /// The fields of a record of another kind.
    Record(Kind),
    /// An array of the fields of records of another kind.
    List(Kind),
}

impl Kind {
    /// The fields of this kind, in the order they stand in a record.
    pub fn fields(self) -> &'static [FieldDoc] {
        match self {
            Self::Patient => &PATIENT,
            Self::Practitioner => &PRACTITIONER,
            Self::Encounter => &ENCOUNTER,
            Self::Appointment => &APPOINTMENT,
            Self::Order => &ORDER,
            Self::Result => &RESULT,
            Self::MedicationOrder => &MEDICATION_ORDER,
            Self::Charge => &CHARGE,
            Self::ChargeLine => &CHARGE_LINE,
            Self::Stay => &STAY,
        }
    }

    /// The field a path leads to: `family`, `patient.mrn`, `charges[0].amount` or `charges`. `None` when there is no
    /// such field, which lint reports.
    pub fn field(self, path: &str) -> Option<&'static FieldDoc> {
        let (step, rest) = match path.split_once('.') {
            Some((step, rest)) => (step, Some(rest)),
            None => (path, None),
        };
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, Some(index.strip_suffix(']')?)),
            None => (step, None),
        };
        let field = self.fields().iter().find(|field| field.name == name)?;
        if let Some(index) = index {
            index.parse::<u32>().ok()?;
        }
        match (field.field_type, index, rest) {
            (_, None, None) | (FieldType::List(_), Some(_), None) => Some(field),
            (FieldType::Record(kind), None, Some(rest))
            | (FieldType::List(kind), Some(_), Some(rest)) => kind.field(rest),
            _ => None,
        }
    }
}

const fn field(
    name: &'static str,
    field_type: FieldType,
    example: &'static str,
    description: &'static str,
) -> FieldDoc {
    FieldDoc {
        name,
        field_type,
        example,
        description,
    }
}

/// Two tables as one; `N` is the sum of both lengths.
const fn join<const A: usize, const B: usize, const N: usize>(
    first: [FieldDoc; A],
    second: [FieldDoc; B],
) -> [FieldDoc; N] {
    let mut all = [first[0]; N];
    let mut index = 0;
    while index < N {
        all[index] = if index < A {
            first[index]
        } else {
            second[index - A]
        };
        index += 1;
    }
    all
}

use FieldType::{Code, Date, DateTime, Decimal, Identifier, Integer, List, Record, Text};

static PATIENT: [FieldDoc; 16] = [
    field(
        "mrn",
        Identifier,
        "MZ7Q0K3WD1X8RTN",
        "medical record number",
    ),
    field("account", Identifier, "AZ5H2M9BPC4VEJ6", "billing account"),
    field("family", Text, "O'Brien", "family name; any script"),
    field("given", Text, "José", "given name; any script"),
    field(
        "middle",
        Text,
        "Clara",
        "middle name; empty for half of the people",
    ),
    field(
        "birth_date",
        Date,
        "1980-02-29",
        "date of birth; leap days are common",
    ),
    field("age", Integer, "45", "whole years at the logical date"),
    field("sex", Code, "female", "female, male, other or unknown"),
    field(
        "street",
        Text,
        "Smith & Sons House, 12 Quillmere Lane",
        "an invented street",
    ),
    field("city", Text, "São Merrow", "an invented city"),
    field("state", Code, "AZ", "state or territory, two letters"),
    field(
        "postal_code",
        Text,
        "00217",
        "a postal code that is not in use; leading zeros",
    ),
    field("country", Code, "US", "ISO 3166-1, two letters"),
    field(
        "phone",
        Text,
        "602-555-0142",
        "a telephone number set aside for fiction",
    ),
    field(
        "email",
        Text,
        "jose.o.7@example.org",
        "an address at an example domain",
    ),
    field(
        "national_id",
        Text,
        "917-00-4321",
        "shaped like a social security number, never issued",
    ),
];

static PRACTITIONER: [FieldDoc; 5] = [
    field("id", Identifier, "PZ0B6T3N8YK1WQ5", "local staff number"),
    field(
        "identifier",
        Identifier,
        "NZ4R7D2G9XM0HC1",
        "registration number with the authority",
    ),
    field("family", Text, "Stone", "family name; any script"),
    field("given", Text, "Anna", "given name; any script"),
    field("specialty", Text, "Cardiology", "department"),
];

const PATIENT_FIELD: FieldDoc = field(
    "patient",
    Record(Kind::Patient),
    "",
    "the patient, every field",
);
const PRACTITIONER_FIELD: FieldDoc = field(
    "practitioner",
    Record(Kind::Practitioner),
    "",
    "the practitioner in charge, every field",
);
const VISIT_NUMBER: FieldDoc = field(
    "visit_number",
    Identifier,
    "VZ8K1C5T0QW3MRB",
    "visit it belongs to",
);

const ENCOUNTER: [FieldDoc; 11] = [
    field(
        "visit_number",
        Identifier,
        "VZ8K1C5T0QW3MRB",
        "visit number",
    ),
    field(
        "class",
        Code,
        "inpatient",
        "outpatient, inpatient or emergency",
    ),
    field(
        "status",
        Code,
        "finished",
        "always finished: the visit lies before the logical date",
    ),
    field(
        "start",
        DateTime,
        "2025-11-03T09:15:00-07:00",
        "admission or arrival",
    ),
    field(
        "end",
        DateTime,
        "2025-11-05T10:45:00-07:00",
        "discharge or departure",
    ),
    field("location", Code, "W3E", "point of care: OPC, W3E or ED"),
    field("room", Text, "214", "room"),
    field("bed", Text, "A", "bed"),
    field("reason", Text, "Fever & cough", "why the patient came"),
    PATIENT_FIELD,
    PRACTITIONER_FIELD,
];

static APPOINTMENT: [FieldDoc; 12] = [
    field(
        "placer",
        Identifier,
        "SZ2X9D4H7BN0KVE",
        "appointment number of who asks for it",
    ),
    field(
        "filler",
        Identifier,
        "TZ6C3Q8W1RM5GJP",
        "appointment number of who keeps the schedule",
    ),
    field("status", Code, "booked", "always booked"),
    field(
        "start",
        DateTime,
        "2026-01-12T08:30:00-07:00",
        "start, after the logical date",
    ),
    field("end", DateTime, "2026-01-12T09:00:00-07:00", "end"),
    field(
        "duration_minutes",
        Integer,
        "30",
        "minutes from start to end",
    ),
    field("service", Code, "WG-ECHO", "local code of the service"),
    field(
        "service_display",
        Text,
        "Echocardiography",
        "name of the service",
    ),
    field("reason", Text, "Follow-up", "why it is booked"),
    field("location", Code, "OPC", "OPC, IMG or DAY"),
    PATIENT_FIELD,
    PRACTITIONER_FIELD,
];

static ORDER: [FieldDoc; 12] = [
    field(
        "order_number",
        Identifier,
        "OZ1T7K4D0XQ9WMB",
        "placer order number",
    ),
    field(
        "filler_number",
        Identifier,
        "FZ9B2H6V3CR8NEJ",
        "filler order number",
    ),
    VISIT_NUMBER,
    field("code", Code, "WG-TSH", "local code of the test"),
    field("display", Text, "Thyrotropin", "name of the test"),
    field(
        "system",
        Text,
        "https://example.org/wardgate/laboratory",
        "system of the code",
    ),
    field("specimen", Code, "serum", "serum, blood or urine"),
    field("priority", Code, "routine", "routine, urgent or stat"),
    field("status", Code, "active", "always active"),
    field(
        "ordered_at",
        DateTime,
        "2025-12-03T09:10:00-07:00",
        "when it was ordered",
    ),
    PATIENT_FIELD,
    PRACTITIONER_FIELD,
];

static RESULT: [FieldDoc; 18] = [
    field(
        "result_number",
        Identifier,
        "RZ3M8G1P6TX0DKW",
        "number of the result",
    ),
    field(
        "order_number",
        Identifier,
        "OZ1T7K4D0XQ9WMB",
        "placer order number it answers",
    ),
    field(
        "filler_number",
        Identifier,
        "FZ9B2H6V3CR8NEJ",
        "filler order number it answers",
    ),
    VISIT_NUMBER,
    field("code", Code, "WG-TSH", "local code of the test"),
    field("display", Text, "Thyrotropin", "name of the test"),
    field(
        "system",
        Text,
        "https://example.org/wardgate/laboratory",
        "system of the code",
    ),
    field("specimen", Code, "serum", "serum, blood or urine"),
    field(
        "value",
        Decimal,
        "4.200",
        "measured value, zero to three decimals, trailing zeros kept",
    ),
    field("unit", Code, "m[IU]/L", "UCUM unit of value, low and high"),
    field(
        "low",
        Decimal,
        "0.400",
        "lower limit of the reference range",
    ),
    field(
        "high",
        Decimal,
        "4.000",
        "upper limit of the reference range",
    ),
    field(
        "flag",
        Code,
        "H",
        "N, L, H, LL below half the lower limit, HH above twice the upper",
    ),
    field("status", Code, "final", "final, preliminary or corrected"),
    field(
        "ordered_at",
        DateTime,
        "2025-12-03T09:10:00-07:00",
        "when the test was ordered",
    ),
    field(
        "observed_at",
        DateTime,
        "2025-12-03T11:40:00-07:00",
        "when the value was measured",
    ),
    PATIENT_FIELD,
    PRACTITIONER_FIELD,
];

static MEDICATION_ORDER: [FieldDoc; 14] = [
    field(
        "order_number",
        Identifier,
        "OZ1T7K4D0XQ9WMB",
        "placer order number",
    ),
    VISIT_NUMBER,
    field("code", Code, "WG-LEVO-125", "local code of the medication"),
    field(
        "display",
        Text,
        "Levothyroxine 0.125 mg tablet",
        "name of the medication",
    ),
    field(
        "system",
        Text,
        "https://example.org/wardgate/formulary",
        "system of the code",
    ),
    field(
        "dose",
        Decimal,
        "0.125",
        "quantity of one dose, zero to four decimals",
    ),
    field("unit", Code, "mg", "UCUM unit of the dose"),
    field(
        "route",
        Code,
        "oral",
        "oral, subcutaneous, intravenous or inhalation",
    ),
    field("frequency", Code, "BID", "QD, BID, TID, Q6H or PRN"),
    field("duration_days", Integer, "10", "days of treatment"),
    field("status", Code, "active", "always active"),
    field(
        "ordered_at",
        DateTime,
        "2025-12-03T09:10:00-07:00",
        "when it was ordered",
    ),
    PATIENT_FIELD,
    PRACTITIONER_FIELD,
];

const CHARGE_LINE: [FieldDoc; 10] = [
    field(
        "charge_number",
        Identifier,
        "XZ5D0R9K2BV7QTH",
        "number of the charge",
    ),
    VISIT_NUMBER,
    field("code", Code, "WG-2001", "local code of the service"),
    field(
        "description",
        Text,
        "X-ray, two views",
        "name of the service",
    ),
    field("quantity", Integer, "2", "how many"),
    field(
        "unit_price",
        Decimal,
        "45.01",
        "price of one without tax, two decimals",
    ),
    field(
        "amount",
        Decimal,
        "90.02",
        "quantity times unit price, exact",
    ),
    field("tax_class", Code, "standard", "exempt, standard or reduced"),
    field(
        "tax_percent",
        Decimal,
        "8.25",
        "tax of that class in percent, two decimals",
    ),
    field("date", Date, "2025-12-03", "day of service"),
];

static CHARGE: [FieldDoc; 11] = join(CHARGE_LINE, [PATIENT_FIELD]);

static STAY: [FieldDoc; 15] = join(
    ENCOUNTER,
    [
        field(
            "charges",
            List(Kind::ChargeLine),
            "",
            "one to eight charges",
        ),
        field("net_total", Decimal, "120.04", "sum of the amounts, exact"),
        field(
            "tax_total",
            Decimal,
            "9.90",
            "tax, rounded half up to the cent once for each tax class",
        ),
        field("gross_total", Decimal, "129.94", "net_total plus tax_total"),
    ],
);
