//! The kinds of facts.

use std::fmt;

/// What a record is a fact about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person under care.
    Patient,
    /// A person who gives care.
    Practitioner,
    /// A visit: outpatient, inpatient or emergency.
    Encounter,
    /// A booked time with a practitioner.
    Appointment,
    /// An order for a laboratory test.
    Order,
    /// A laboratory result.
    Result,
    /// A prescribed medication.
    MedicationOrder,
    /// One billable service, with the patient it was given to.
    Charge,
    /// One billable service inside a stay, which names the patient once.
    ChargeLine,
    /// A visit with everything billed for it and the totals.
    Stay,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Patient,
        Self::Practitioner,
        Self::Encounter,
        Self::Appointment,
        Self::Order,
        Self::Result,
        Self::MedicationOrder,
        Self::Charge,
        Self::ChargeLine,
        Self::Stay,
    ];

    /// The name contract files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Practitioner => "practitioner",
            Self::Encounter => "encounter",
            Self::Appointment => "appointment",
            Self::Order => "order",
            Self::Result => "result",
            Self::MedicationOrder => "medication-order",
            Self::Charge => "charge",
            Self::ChargeLine => "charge-line",
            Self::Stay => "encounter-with-charges",
        }
    }

    /// Another name that contract files may use.
    pub fn other_name(self) -> Option<&'static str> {
        match self {
            Self::Encounter => Some("visit"),
            Self::Stay => Some("stay"),
            _ => None,
        }
    }

    /// Every name that contract files may use, other names last.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let names = Self::ALL.into_iter().map(Self::name);
        names.chain(Self::ALL.into_iter().filter_map(Self::other_name))
    }

    /// What a record of this kind is about, in a few words.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Patient => "A person under care",
            Self::Practitioner => "A person who gives care",
            Self::Encounter => {
                "A visit: outpatient, inpatient or emergency; `visit` means the same"
            }
            Self::Appointment => "A booked time with a practitioner",
            Self::Order => "An order for a laboratory test",
            Self::Result => "A laboratory result",
            Self::MedicationOrder => "A prescribed medication",
            Self::Charge => "One billable service, with the patient it was given to",
            Self::ChargeLine => "One billable service inside a stay, which names the patient once",
            Self::Stay => {
                "A visit with everything billed for it and the totals; `stay` means the same"
            }
        }
    }

    /// Reads a name, or one of the other names in use: `visit` for an encounter, `stay` for an encounter with charges.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name || kind.other_name() == Some(name))
    }

    /// The field that identifies a record of this kind; [`Record::id`](crate::Record::id) is its value.
    pub fn id_field(self) -> &'static str {
        match self {
            Self::Patient => "mrn",
            Self::Practitioner => "id",
            Self::Encounter | Self::Stay => "visit_number",
            Self::Appointment => "placer",
            Self::Order | Self::MedicationOrder => "order_number",
            Self::Result => "result_number",
            Self::Charge | Self::ChargeLine => "charge_number",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_others_do_not() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
        }
        assert!(Kind::names().all(|name| Kind::parse(name).is_some()));
        assert_eq!(Kind::names().count(), Kind::ALL.len() + 2);
        assert_eq!(Kind::parse("visit"), Some(Kind::Encounter));
        assert_eq!(Kind::parse("stay"), Some(Kind::Stay));
        assert_eq!(Kind::parse("Patient"), None);
    }
}
