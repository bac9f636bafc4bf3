//! Numbers that no other case, attempt or run uses.

use sha2::{Digest, Sha256};
use wardgate_expression::Json;

use crate::{PathStep, Seed};

/// The 32 digits of a token: no I, L, O or U, so that a number read aloud stays the number.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many digits follow the two letters: 13 of 5 bits are 65 bits.
const DIGITS_COUNT: usize = 13;

/// What a token identifies; its first letter says so, and `Z` follows it, as in HL7's names for local things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentifierType {
    /// Medical record number, `MZ…`.
    Mrn,
    /// Billing account, `AZ…`.
    Account,
    /// Visit number, `VZ…`.
    Visit,
    /// Message control ID, `CZ…`.
    Control,
    /// Placer order number, `OZ…`.
    Order,
    /// Filler order number, `FZ…`.
    Filler,
    /// Placer appointment number, `SZ…`.
    Appointment,
    /// Filler appointment number, `TZ…`.
    AppointmentFiller,
    /// Result number, `RZ…`.
    Result,
    /// Charge number, `XZ…`.
    Charge,
    /// Invoice or other ledger document number, `IZ…`.
    Invoice,
    /// Staff number, `PZ…`.
    Practitioner,
    /// Registration number of a practitioner, `NZ…`.
    Registration,
    /// Anything else that a partner numbers, `EZ…`.
    External,
}

impl IdentifierType {
    /// The type of the field of that name (`mrn`, `visit_number`, `control_id`, …); `None` when it is no identifier.
    pub fn of_field(name: &str) -> Option<Self> {
        Some(match name {
            "mrn" => Self::Mrn,
            "account" => Self::Account,
            "visit_number" => Self::Visit,
            "control_id" => Self::Control,
            "order_number" => Self::Order,
            "filler_number" => Self::Filler,
            "placer" => Self::Appointment,
            "filler" => Self::AppointmentFiller,
            "result_number" => Self::Result,
            "charge_number" => Self::Charge,
            "invoice_number" => Self::Invoice,
            "id" => Self::Practitioner,
            "identifier" => Self::Registration,
            "external_id" => Self::External,
            _ => return None,
        })
    }

    /// The letter a token of this type starts with.
    pub fn letter(self) -> char {
        match self {
            Self::Mrn => 'M',
            Self::Account => 'A',
            Self::Visit => 'V',
            Self::Control => 'C',
            Self::Order => 'O',
            Self::Filler => 'F',
            Self::Appointment => 'S',
            Self::AppointmentFiller => 'T',
            Self::Result => 'R',
            Self::Charge => 'X',
            Self::Invoice => 'I',
            Self::Practitioner => 'P',
            Self::Registration => 'N',
            Self::External => 'E',
        }
    }
}

/// A source of tokens for one scope of a run: the whole of it, a case, or one attempt.
///
/// A token is 15 characters: the type's letter, `Z`, and 65 bits of SHA-256 over the scope and a name, in upper-case
/// letters and digits. Fifteen fit every field in the way: an ERP number (20), an HL7 v2 control ID (20) and the ID
/// number of its CX (15). The same scope, type and name give the same token; tokens of different types always differ;
/// two tokens of one type coincide with a probability of one in 3.7 × 10^19, which makes one collision in some
/// 10^8 runs of a million tokens each.
#[derive(Clone, Debug)]
pub struct Identifiers {
    scope: Seed,
}

impl Identifiers {
    /// The scope of one run. `salt` keeps runs of the same seed apart where the candidate remembers earlier ones; the
    /// caller records it with the seed.
    pub fn new(seed: &Seed, salt: &str) -> Self {
        Self {
            scope: seed.child("identifiers").child(salt),
        }
    }

    /// The scope of a part: a case, an attempt, a step. Scopes with different paths share no token.
    pub fn child(&self, step: impl PathStep) -> Self {
        Self {
            scope: self.scope.child(step),
        }
    }

    /// The scope of what is drawn from a seed: seeds with different paths share no token.
    pub fn of_seed(&self, seed: &Seed) -> Self {
        Self {
            scope: self.scope.joined(seed),
        }
    }

    /// The token of that type and name in this scope.
    pub fn mint(&self, identifier_type: IdentifierType, name: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.scope.bytes())
            .chain_update([0])
            .chain_update([u8::try_from(identifier_type.letter()).unwrap_or(0)])
            .chain_update(name.as_bytes())
            .finalize();
        let mut token = String::with_capacity(2 + DIGITS_COUNT);
        token.push(identifier_type.letter());
        token.push('Z');
        let mut bits = digest
            .iter()
            .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        for _ in 0..DIGITS_COUNT {
            token.push(char::from(DIGITS[(bits & 31) as usize]));
            bits >>= 5;
        }
        token
    }

    /// Whether a text has the shape of a token: 15 characters, a letter, `Z` and 13 digits of the 32. No name or date
    /// has it.
    pub fn is_token(text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.len() == 2 + DIGITS_COUNT
            && bytes[0].is_ascii_uppercase()
            && bytes[1] == b'Z'
            && bytes[2..].iter().all(|byte| DIGITS.contains(byte))
    }

    /// The fields with every placeholder (`${mrn}`, `${charges[0].charge_number}`) replaced by the token of its type
    /// and name. The same placeholder becomes the same token; other text, and placeholders of no known type, stay.
    pub fn stamp(&self, fields: &Json) -> Json {
        let mut stamped = fields.clone();
        self.stamp_in_place(&mut stamped);
        stamped
    }

    /// [`stamp`](Self::stamp) without the copy.
    pub(crate) fn stamp_in_place(&self, fields: &mut Json) {
        match fields {
            Json::String(text) => {
                if let Some(token) = self.token_of(text) {
                    *text = token;
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.stamp_in_place(item)),
            Json::Object(members) => members
                .iter_mut()
                .for_each(|(_, member)| self.stamp_in_place(member)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// The token that a placeholder stands for.
    fn token_of(&self, text: &str) -> Option<String> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let field = name.rsplit('.').next()?;
        Some(self.mint(IdentifierType::of_field(field)?, name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn identifiers(salt: &str) -> Identifiers {
        Identifiers::new(&Seed::from_u64(42), salt)
    }

    #[test]
    fn tokens_are_told_from_names_and_dates() {
        // By chance a token has no digit; it is one all the same.
        assert!(Identifiers::is_token("MZXGQXTVSFNSPHD"));
        assert!(Identifiers::is_token(
            &identifiers("run").mint(IdentifierType::Mrn, "mrn")
        ));
        for text in [
            "1980-02-03",
            "O'BRIENSON",
            "SUPERCALIFRAGI",
            "MZ7K2Q9P4X",
            "mzxgqxtvsfnsphd",
        ] {
            assert!(!Identifiers::is_token(text), "{text}");
        }
    }

    #[test]
    fn a_hundred_thousand_tokens_differ_and_keep_their_shape() {
        let run = identifiers("run");
        let mut seen = HashSet::new();
        for case in 0..1_000_u32 {
            let case = run.child(case);
            for index in 0..50 {
                for identifier_type in [IdentifierType::Mrn, IdentifierType::Control] {
                    let token = case.mint(identifier_type, &index.to_string());
                    assert_eq!(token.len(), 15);
                    assert!(
                        token.starts_with(identifier_type.letter()) && token[1..].starts_with('Z')
                    );
                    assert!(
                        token
                            .bytes()
                            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                    );
                    assert!(seen.insert(token));
                }
            }
        }
        assert_eq!(seen.len(), 100_000);
    }

    #[test]
    fn every_bit_of_a_token_varies() {
        let run = identifiers("run");
        for position in 2..15 {
            let digits: HashSet<u8> = (0..2_000)
                .map(|index| {
                    run.mint(IdentifierType::Visit, &index.to_string())
                        .as_bytes()[position]
                })
                .collect();
            assert_eq!(digits.len(), 32, "position {position}");
        }
    }

    #[test]
    fn runs_with_another_salt_share_nothing() {
        let (monday, tuesday) = (identifiers("monday"), identifiers("tuesday"));
        assert_ne!(
            monday.mint(IdentifierType::Mrn, "mrn"),
            tuesday.mint(IdentifierType::Mrn, "mrn")
        );
        assert_eq!(
            monday.mint(IdentifierType::Mrn, "mrn"),
            identifiers("monday").mint(IdentifierType::Mrn, "mrn")
        );
    }

    #[test]
    fn stamping_replaces_placeholders_alike_and_nothing_else() {
        let fields = Json::parse(
            r#"{"mrn":"${mrn}","patient":{"mrn":"${patient.mrn}"},"charges":[{"visit_number":"${visit_number}"}],
                "visit_number":"${visit_number}","note":"${mrn} is not all","colour":"${colour}","n":1.50}"#,
        )
        .unwrap();
        let stamped = identifiers("run").stamp(&fields);
        let at = |pointer: &str| {
            stamped
                .pointer(pointer)
                .and_then(Json::as_str)
                .unwrap()
                .to_owned()
        };
        assert!(at("/mrn").starts_with("MZ"));
        assert!(at("/patient/mrn").starts_with("MZ"));
        assert_ne!(at("/mrn"), at("/patient/mrn"));
        assert_eq!(at("/visit_number"), at("/charges/0/visit_number"));
        assert_eq!(at("/note"), "${mrn} is not all");
        assert_eq!(at("/colour"), "${colour}");
        assert_eq!(stamped.get("n").unwrap().to_string(), "1.50");
    }
}
