//! Addresses and telephone numbers that belong to nobody.

use crate::choices::Choices;
use crate::money::decimal_text;

/// A state or territory, one of its area codes and its offset from UTC. All of them are without daylight saving time,
/// so that an offset is right on every day and needs no time zone database.
const STATES: &[(&str, &str, &str)] = &[
    ("AZ", "602", "-07:00"),
    ("HI", "808", "-10:00"),
    ("PR", "787", "-04:00"),
    ("GU", "671", "+10:00"),
    ("AS", "684", "-11:00"),
];

/// Invented cities.
const CITIES: &[&str] = &[
    "Wardbridge",
    "Quillmere",
    "Port Fenwick-Under-Lyme",
    "St. Edda's Haven",
    "São Merrow",
    "Östervale",
    "Lanternhythe",
];

/// Invented streets.
const STREETS: &[&str] = &[
    "Quillmere Lane",
    "Old Fernwick Road",
    "Lanternhythe Way",
    "O'Dell's Yard",
    "Rue de l'Été Imaginaire",
    "N. 3rd Merrowgate Terrace #2",
];

/// What stands before the number of some houses. The ampersand is a delimiter of HL7 v2 and a mark of XML and URLs.
const HOUSES: &[&str] = &["Smith & Sons House", "Flat 4/B", "c/o Wardgate Hostel"];

/// An address and telephone number of one person.
pub(super) struct Place {
    pub(super) street: String,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) postal_code: String,
    pub(super) phone: String,
}

/// Draws a place. Postal codes 00100 to 00399 are not in use in the United States; telephone numbers 555-0100 to
/// 555-0199 are set aside for fiction in the North American Numbering Plan.
pub(super) fn place(choices: &mut Choices) -> Place {
    let house = choices.once_in(8);
    let house_name = choices.pick(HOUSES);
    let number = 1 + choices.below(9_999);
    let street = choices.pick(STREETS);
    let (state, area, _) = choices.pick(STATES);
    Place {
        street: if house {
            format!("{house_name}, {number} {street}")
        } else {
            format!("{number} {street}")
        },
        city: choices.pick(CITIES),
        state,
        postal_code: format!("{:05}", 100 + choices.below(300)),
        phone: format!("{area}-555-01{:02}", choices.below(100)),
    }
}

/// The offset from UTC of a state as `-07:00`; UTC itself for a state that is not ours.
pub(super) fn offset(state: &str) -> &'static str {
    STATES
        .iter()
        .find(|(name, _, _)| *name == state)
        .map_or("+00:00", |(_, _, offset)| offset)
}

/// A mail address at one of the example domains of RFC 2606, from what is ASCII in the names.
pub(super) fn email(choices: &mut Choices, given: &str, family: &str) -> String {
    let ascii = |name: &str| {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    let domain = choices.pick(&["example.org", "example.net", "example.com"]);
    let number = choices.below(10_000);
    match (ascii(given).as_str(), ascii(family).as_str()) {
        ("", _) | (_, "") => format!("patient.{number}@{domain}"),
        (given, family) => format!("{given}.{family}.{number}@{domain}"),
    }
}

/// A national identifier in the shape of a social security number. Numbers from 900 up are not issued as such, and the
/// group 00 is issued to nobody, so it is no taxpayer number either.
pub(super) fn national_id(choices: &mut Choices) -> String {
    format!("9{:02}-00-{:04}", choices.below(100), choices.below(10_000))
}

/// A ward's room: `101` to `499`.
pub(super) fn room(choices: &mut Choices) -> String {
    decimal_text(u64::from(101 + choices.below(399)), 0)
}
