//! Names of people: plain ones, common ones from the fake crate, and those that break interfaces.

use fake::locales::{DE_DE, Data, EN, FR_FR, TR_TR, ZH_CN};

use crate::choices::Choices;

/// The plainest names, at which shrinking ends.
const PLAIN_GIVEN: &[&str] = &["Anna", "Ben", "Clara", "David"];
const PLAIN_FAMILY: &[&str] = &["Berg", "Stone", "Field", "Marsh"];

/// Given names with accents, hyphens, apostrophes, spaces, dotted and undotted i, one letter, and much length.
const NOTABLE_GIVEN: &[&str] = &[
    "José",
    "Łukasz",
    "Zoë",
    "Anne-Marie",
    "D'Arcy",
    "Mary Jane",
    "Ștefan",
    "İpek",
    "Thị Nguyệt",
    "Björk",
    "Siân",
    "X",
    "Maximiliana-Theodora",
    "Bartholomew-Alexander",
    "Åse",
    "Cécile",
];

/// Family names of the same kinds; `Null` is a name people have.
const NOTABLE_FAMILY: &[&str] = &[
    "O'Brien",
    "Müller",
    "Nguyễn",
    "Smith-Jones",
    "van der Berg",
    "de la Cruz y Mendoza",
    "Þórsdóttir",
    "Wolfeschlegelsteinhausenbergerdorff",
    "Łęcki",
    "D'Angelo",
    "Ó Súilleabháin",
    "St. John",
    "Null",
    "Ng",
    "Strauß",
    "Çelik",
    "Fitzwilliam-Cholmondeley-Featherstonehaugh",
];

/// Names written in Chinese characters, beside those of the fake crate.
const HAN_GIVEN: &[&str] = &["小龙", "花子", "美咲", "伟"];
const HAN_FAMILY: &[&str] = &["李", "王", "佐藤", "欧阳"];

/// Where a person's names come from; given and family name share it.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    Common,
    European,
    Notable,
    Han,
}

/// Draws an origin: seven in ten are common English names.
pub(super) fn origin(choices: &mut Choices) -> Origin {
    match choices.below(20) {
        0..=13 => Origin::Common,
        14 | 15 => Origin::European,
        16..=18 => Origin::Notable,
        _ => Origin::Han,
    }
}

/// A given name.
pub(super) fn given(choices: &mut Choices, origin: Origin) -> &'static str {
    pick(choices, given_pools(origin))
}

/// A family name.
pub(super) fn family(choices: &mut Choices, origin: Origin) -> &'static str {
    pick(choices, family_pools(origin))
}

/// The lists of an origin, plainest first.
fn given_pools(origin: Origin) -> [&'static [&'static str]; 3] {
    match origin {
        Origin::Common => [PLAIN_GIVEN, EN::NAME_FIRST_NAME, &[]],
        Origin::European => [
            DE_DE::NAME_FIRST_NAME,
            FR_FR::NAME_FIRST_NAME,
            TR_TR::NAME_FIRST_NAME,
        ],
        Origin::Notable => [NOTABLE_GIVEN, &[], &[]],
        Origin::Han => [HAN_GIVEN, ZH_CN::NAME_FIRST_NAME, &[]],
    }
}

fn family_pools(origin: Origin) -> [&'static [&'static str]; 3] {
    match origin {
        Origin::Common => [PLAIN_FAMILY, EN::NAME_LAST_NAME, &[]],
        Origin::European => [
            DE_DE::NAME_LAST_NAME,
            FR_FR::NAME_LAST_NAME,
            TR_TR::NAME_LAST_NAME,
        ],
        Origin::Notable => [NOTABLE_FAMILY, &[], &[]],
        Origin::Han => [HAN_FAMILY, ZH_CN::NAME_LAST_NAME, &[]],
    }
}

/// One name out of several lists taken as one.
fn pick(choices: &mut Choices, pools: [&'static [&'static str]; 3]) -> &'static str {
    let length = pools.iter().map(|pool| pool.len()).sum::<usize>();
    let mut index = choices.below(u32::try_from(length).expect("pools are short")) as usize;
    for pool in pools {
        if let Some(name) = pool.get(index) {
            return name;
        }
        index -= pool.len();
    }
    PLAIN_FAMILY[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINS: [Origin; 4] = [
        Origin::Common,
        Origin::European,
        Origin::Notable,
        Origin::Han,
    ];

    #[test]
    fn no_name_is_empty_or_holds_what_no_name_holds() {
        for name in ORIGINS
            .into_iter()
            .flat_map(|origin| given_pools(origin).into_iter().chain(family_pools(origin)))
            .flatten()
        {
            assert!(!name.trim().is_empty() && name.trim() == *name, "{name:?}");
            assert!(
                !name.contains(|c: char| c.is_control()
                    || c.is_ascii_digit()
                    || "|^~\\\"$<>{}".contains(c)),
                "{name:?}"
            );
            assert!(name.chars().count() <= 60, "{name:?}");
        }
    }

    #[test]
    fn nothing_chosen_is_the_plainest_name() {
        let mut choices = Choices::replayed(&[]);
        let origin = origin(&mut choices);
        assert_eq!(given(&mut choices, origin), "Anna");
        assert_eq!(family(&mut choices, origin), "Berg");
    }
}
