//! The structure of messages: which segments in which order, which fields of which types (HL7 2.3 to 2.8).
//!
//! A message does not mark its groups. They follow from the order of its segments and the structure of its message
//! type, so [`Groups::of`] walks the two side by side, by the rules of the version that MSH-12 declares. A segment that
//! the structure has no place for, such as a Z-segment, stays in the group at hand. What does not follow the structure
//! hinders no one who looks for a value; [`crate::validate`] tells of it.

mod entry;
pub(crate) mod facts;
mod groups;
pub(crate) mod notation;
mod version;
pub(crate) mod walk;

pub use groups::{Group, Groups, group_names, groups_of};
pub use version::Version;

use crate::message::Message;

/// The message structures that are known, such as `ADT_A01`.
pub fn structures() -> impl Iterator<Item = &'static str> {
    facts::structure_names()
}

/// The structure of a message: what its trigger event says, and only where that is unknown what MSH-9.3 claims.
pub fn structure_of(message: &Message<'_>) -> Option<&'static str> {
    let header = message.header();
    let version = Version::of(message);
    facts::of_event(&header.message_type(), &header.trigger_event(), version)
        .first()
        .copied()
        .or_else(|| facts::structure_name(&header.message_structure()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_rules_the_structure() {
        let structure = |event: &str| {
            let raw = format!("MSH|^~\\&|||||||{event}\r");
            structure_of(&Message::parse(raw.as_bytes()).unwrap())
        };
        assert_eq!(
            structure("ADT^A40^ADT_A01"),
            Some("ADT_A39"),
            "MSH-9.3 is wrong"
        );
        assert_eq!(structure("ADT^A04"), Some("ADT_A01"));
        assert_eq!(structure("SIU^S15^SIU_S12"), Some("SIU_S12"));
        assert_eq!(structure("ZZZ^Z01^ORU_R01"), Some("ORU_R01"));
        assert_eq!(structure("VXU^V04^VXU_V04"), Some("VXU_V04"));
        assert_eq!(structure("ZDS^Z01^ZDS_Z01"), None);
    }
}
