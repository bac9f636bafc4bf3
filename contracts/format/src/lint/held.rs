//! The claim of a property over what the partners hold: whether what it names can be held.

use wardgate_expression::fhirpath::{Expression, Root};

use super::Lint;
use crate::{Span, Spanned};

impl Lint<'_> {
    /// `PARTNER.COLLECTION…` begins with a partner and names one of its collections. Nothing stands under any other name, and
    /// a claim about nothing is easily true.
    pub(super) fn held(&mut self, holds: &Spanned<String>) {
        let Ok(expression) = Expression::parse(holds) else {
            return;
        };
        for access in expression.accesses() {
            if access.root != Root::Input {
                continue;
            }
            let part = Span::new(access.span.start, access.span.end);
            let span = self.place(holds.span, holds, part);
            let word = |name: &str| Spanned::new(name.to_owned(), span);
            match access.path.as_slice() {
                [partner] => {
                    self.partner(&word(partner));
                }
                [partner, collection] => {
                    let protocol = self.known_protocol(partner);
                    self.collection(protocol, &word(collection));
                }
                _ => {}
            }
        }
    }
}
