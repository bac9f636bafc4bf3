//! What lint asks of the protocols.

use super::Member;
use crate::{
    Finding, Node,
    ast::{Partner, Send},
};

/// The words of the protocols that a contract may use. Whoever knows the protocols implements it; what is not
/// overridden is not judged. Where a word is refused, the error says what was expected: `expected a resource type, not …`.
pub trait Vocabulary {
    /// The names of the protocols: `fhir`, `hl7v2`.
    fn protocols(&self) -> Vec<String>;

    /// The kinds of record that `data:` can draw.
    fn draws(&self) -> Vec<String>;

    /// The members of a record of this kind; none where they are not known.
    fn members(&self, _kind: &str) -> Option<Vec<Member>> {
        None
    }

    /// The generators that `forall:` can use.
    fn generators(&self) -> Vec<String>;

    /// The filters that `${…|filter}` can use.
    fn filters(&self) -> Vec<String>;

    /// What is wrong with a message to be sent. `knows` tells whether a name can be used in its templates; those have
    /// been judged already.
    fn send(&self, _send: &Send, _knows: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        Vec::new()
    }

    /// Whether the words after `received:` are the protocol's.
    fn selector(&self, _protocol: &str, _selector: &str) -> Result<(), String> {
        Ok(())
    }

    /// Whether the words after `holds:` are the protocol's.
    fn collection(&self, _protocol: &str, _collection: &str) -> Result<(), String> {
        Ok(())
    }

    /// Whether the words after `holds:` of a `given` are the protocol's.
    fn given(&self, _protocol: &str, _collection: &str) -> Result<(), String> {
        Ok(())
    }

    /// What is wrong with the keys beside a partner's `stub:`.
    fn options(&self, _partner: &Partner) -> Vec<Finding> {
        Vec::new()
    }

    /// What is wrong with a record that a partner is to hold. Its templates have been judged already.
    fn record(&self, _partner: &Partner, _collection: &str, _record: &Node) -> Vec<Finding> {
        Vec::new()
    }

    /// Whether a location is the protocol's, `status` and `header.NAME` among them.
    fn locator(&self, _protocol: &str, _locator: &str) -> Result<(), String> {
        Ok(())
    }

    /// Whether the refusal after `with:` is the protocol's.
    fn refusal(&self, _protocol: &str, _refusal: &str) -> Result<(), String> {
        Ok(())
    }
}
