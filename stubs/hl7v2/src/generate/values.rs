//! Values of single fields and components. Each strategy gives text that is already escaped for the usual delimiters
//! and holds no dollar sign.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::delimiters::Delimiters;
use crate::escape;

/// Text escaped to stand in a field.
fn escaped(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    text.prop_map(|text| escape::encode(&text, &Delimiters::default()).into_owned())
}

/// One of a list, plain; the first is what shrinking leads to.
pub(super) fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(choices).prop_map(str::to_owned)
}

/// A value that may be left out; shrinking leaves it out.
pub(super) fn maybe(
    value: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = String> {
    Union::new_weighted(vec![(1, Just(String::new()).boxed()), (2, value.boxed())])
}

/// A value that may be left out or deleted with the null of HL7.
pub(super) fn maybe_null(
    value: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = String> {
    Union::new_weighted(vec![
        (2, Just(String::new()).boxed()),
        (5, value.boxed()),
        (1, Just("\"\"".to_owned()).boxed()),
    ])
}

const LETTERS: &[char] = &[
    'a', 'b', 'e', 'i', 'n', 'o', 'r', 's', 't', 'u', 'A', 'M', 'Z', 'é', 'ü', 'ø', 'ñ', 'ß', 'ł',
    'ş', 'đ', 'ễ', 'Å', 'Þ',
];

fn letters(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(LETTERS), length)
        .prop_map(|letters| letters.into_iter().collect())
}

const FAMILY: &[&str] = &[
    "Doe", "Smith", "Garcia", "Novak", "Okafor", "Tanaka", "Haddad", "Jansen",
];
const FAMILY_HARD: &[&str] = &[
    "O'Brien",
    "D\u{2019}Angelo",
    "Smith-Jones",
    "van der Berg",
    "Müller",
    "Núñez",
    "Łukasiewicz",
    "Ångström",
    "Nguyễn",
    "Þórsdóttir",
    "Παπαδόπουλος",
    "山田",
    "St. John",
    "Null",
    "e\u{301}crit",
];
const DELIMITED: &[&str] = &[
    "Smith & Sons",
    "A|B",
    "C^D",
    "E~F",
    "back\\slash",
    "MSH|^~\\&",
    "a\\T\\b",
    "line\nbreak",
];
const GIVEN: &[&str] = &[
    "Ann", "Ben", "Carla", "Dara", "Emil", "Fatima", "Grace", "Hugo",
];
const GIVEN_HARD: &[&str] = &[
    "Zoë",
    "José María",
    "Jean-Luc",
    "Søren",
    "Chloé",
    "Ilse-Marie",
    "太郎",
    "D'Arcy",
];

/// A family name of up to 50 characters before escaping.
pub(super) fn family_name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => one_of(FAMILY),
        4 => escaped(one_of(FAMILY_HARD)),
        1 => escaped(one_of(DELIMITED)),
        1 => letters(1..=20),
        1 => letters(41..=50),
    ]
}

/// A given name of up to 30 characters before escaping.
pub(super) fn given_name() -> impl Strategy<Value = String> {
    prop_oneof![6 => one_of(GIVEN), 3 => escaped(one_of(GIVEN_HARD)), 1 => letters(1..=30)]
}

/// A calendar date between 1900 and 2025, at times known only to the year or month.
pub(super) fn birth_date() -> impl Strategy<Value = String> {
    (
        0_u16..=125,
        1_u8..=12,
        1_u8..=28,
        prop_oneof![18 => Just(8_usize), 1 => Just(6), 1 => Just(4)],
    )
        .prop_map(|(age, month, day, digits)| {
            let mut date = format!(
                "{:04}{month:02}{day:02}",
                1980 + (i32::from(age) + 80) % 126 - 80
            );
            date.truncate(digits);
            date
        })
}

/// Administrative sex (table 0001).
pub(super) fn sex() -> impl Strategy<Value = String> {
    one_of(&["F", "M", "O", "U", "A", "N"])
}

/// An address: street, other designation, city, state, postal code, country.
pub(super) fn address() -> impl Strategy<Value = String> {
    let street = prop_oneof![
        4 => one_of(&["1 Main St", "27B High Street", "500 Elm Ave Apt #4"]),
        3 => escaped(one_of(&["Rue de l'Église 3", "Königstraße 12", "Calle Ñuñoa 4 & 5", "C/O Mr. \\ Mrs. X"])),
        1 => letters(60..=120),
    ];
    let city = prop_oneof![3 => one_of(&["Springfield", "Leiden"]), 2 => one_of(&["Zürich", "Málaga", "Łódź"])];
    let other = maybe(one_of(&["Floor 2", "Bât. C"]));
    let region = one_of(&["MA", "", "ZH"]);
    let postal_code = one_of(&["02101", "2311 AB", "8001"]);
    let country = one_of(&["USA", "NLD", "CHE"]);
    (street, other, city, region, postal_code, country).prop_map(
        |(street, other, city, region, code, country)| {
            format!("{street}^{other}^{city}^{region}^{code}^{country}^H")
        },
    )
}

/// A telephone number from a range that is kept for fiction.
pub(super) fn telephone() -> impl Strategy<Value = String> {
    (0_u8..=99, select(vec!["PRN^PH", "PRN^CP"]))
        .prop_map(|(line, usage)| format!("^{usage}^^1^617^55501{line:02}"))
}

/// A remark of one line, at times a long one or one with every delimiter in it.
pub(super) fn remark() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => one_of(&["None", "Seen today", "See chart"]),
        2 => escaped(one_of(DELIMITED)),
        2 => escaped(one_of(&["Temperature 38.5 °C, +0.5 since noon", "naïve façade – “quoted”", "<b>5 > 3</b>", "100 % 'sure'"])),
        1 => one_of(&["first\\.br\\second", "\\H\\urgent\\N\\ please", "code \\X41\\"]),
        1 => letters(200..=2_000),
    ]
}

/// An amount of 0.01 to 2000.00 in cents, at times one that rounding by line would betray.
pub(super) fn cents() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 1_u32..=200_000, 1 => select(vec![1_u32, 33, 333, 1_005, 9_999, 199_999])]
}

/// Cents as an amount with two decimals.
pub(super) fn amount(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A moment between 2030 and 2034, to the quarter of an hour: the start and the end of an appointment of that many
/// minutes.
pub(super) fn appointment_time() -> impl Strategy<Value = (u16, String, String)> {
    let length = select(vec![15_u16, 30, 45, 60]);
    (2030_u16..=2034, 1_u8..=12, 1_u8..=28, 32_u16..=64, length).prop_map(
        |(year, month, day, quarter, length)| {
            let at = |minutes: u16| {
                format!(
                    "{year:04}{month:02}{day:02}{:02}{:02}00",
                    minutes / 60,
                    minutes % 60
                )
            };
            (length, at(quarter * 15), at(quarter * 15 + length))
        },
    )
}
