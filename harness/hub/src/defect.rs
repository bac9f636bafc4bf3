//! Faults that integration services really have, each of which can be switched on.
//!
//! A defect is a behaviour of the hub like any other: a branch where the sound code does one thing and the faulty one
//! another. No branch knows who is looking.

use std::fmt;
use std::str::FromStr;

/// What each defect is caught by, as TOML: for whoever lists the defects. The hub itself never reads it.
pub const CAUGHT_BY: &str = include_str!("../defects.toml");

macro_rules! defects {
    ($($variant:ident $name:literal $line:literal)*) => {
        /// A fault that can be switched on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Defect {
            $(#[doc = $line] $variant,)*
        }

        impl Defect {
            /// Every defect, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The kebab-case name by which it is switched on.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the hub then does, in one line.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$variant => $line,)* }
            }
        }
    };
}

defects! {
    AcksBeforeStoring "acks-before-storing" "acknowledges at once and stores 150 ms later, so that a kill in between loses the message"
    AckAfterDelivery "ack-after-delivery" "waits for every partner before it acknowledges, so that a slow partner delays the sender"
    DuplicatesOnRetry "duplicates-on-retry" "processes a repeated control ID again instead of repeating its acknowledgement"
    WrongControlId "wrong-control-id" "puts its own control ID into MSA-2 instead of the sender's"
    ConstantAckControlId "constant-ack-control-id" "gives every acknowledgement the same MSH-10"
    WrongAckVersion "wrong-ack-version" "acknowledges in version 2.3 whatever the version of the message"
    AckAaOnError "ack-aa-on-error" "answers AA where it has refused the message"
    PartialFrameDropped "partial-frame-dropped" "drops a frame that arrives in more than one read"
    SecondFrameIgnored "second-frame-ignored" "answers only the first of several frames that arrive together"
    CrashOnGarbage "crash-on-garbage" "exits with code 101 on a frame without MSH"
    ClosesOnGarbage "closes-on-garbage" "closes the connection on a frame without MSH instead of answering AR"
    HangsAfterTen "hangs-after-ten" "stops answering on MLLP after the tenth message of the process"
    PhiInError "phi-in-error" "quotes the patient's name and MRN in error texts"
    ServerErrorNotRetried "server-error-not-retried" "gives a delivery up when a partner answers 5xx"
    RetriedTwice "retried-twice" "delivers once more after a retry has succeeded"
    OutboxLostOnRestart "outbox-lost-on-restart" "starts with an empty outbox and so forgets acknowledged work"
    OutOfOrderUpdateWins "out-of-order-update-wins" "lets an older update overwrite newer demographics"
    WrongPatientAfterMerge "wrong-patient-after-merge" "retires the surviving patient of a merge and keeps the retired one"
    MergeKeepsBothActive "merge-keeps-both-active" "leaves the retired patient of a merge active"
    TenantMixUp "tenant-mix-up" "files everything under facility HOSP whoever sent it"
    LostAccents "lost-accents" "replaces every character beyond ASCII by a question mark"
    EscapeNotDecoded "escape-not-decoded" "passes HL7 escape sequences on as written"
    SilentTruncation "silent-truncation" "cuts names to 20 characters without a word"
    NullIgnored "null-ignored" "takes the HL7 null \"\" for an empty field, so that a cleared phone stays"
    WrongSex "wrong-sex" "maps M to female and F to male"
    BirthDateSlip "birth-date-slip" "sends the birth date a day early"
    SecondCustomer "second-customer" "posts a customer without looking whether the ERP has it"
    DoubleBookingAllowed "double-booking-allowed" "books overlapping appointments of one practitioner or room"
    CancelIgnored "cancel-ignored" "acknowledges a cancellation and does nothing"
    TimezoneSlip "timezone-slip" "takes appointment times for UTC, whatever their offset or its own zone"
    PreliminaryOverwritesFinal "preliminary-overwrites-final" "lets a late preliminary result overwrite the final one"
    UnitLost "unit-lost" "drops the unit of numeric results"
    DecimalRounded "decimal-rounded" "carries numeric results through a float, so that 1.10 becomes 1.1"
    ResultToWrongOrder "result-to-wrong-order" "files every result of a message under its first order"
    WrongDose "wrong-dose" "sends ten times the ordered dose to the pharmacy"
    OrderSentTwice "order-sent-twice" "sends an accepted order again under a new control ID"
    RoundingByLine "rounding-by-line" "rounds tax line by line and levels the invoice with a rounding line"
    WrongTax "wrong-tax" "charges 19 percent tax on every line"
    UnbalancedPosting "unbalanced-posting" "posts the tax twice, as a line of its own and as the ERP's tax, so that the receivable is not charges and tax"
    InvoiceLeftUnposted "invoice-left-unposted" "creates invoices and never posts them"
    CreditAsCharge "credit-as-charge" "books a credit as one more charge"
    Lost201Repeated "lost-201-repeated" "posts an invoice again when the first answer got lost, without looking for it"
    BatchCountUnchecked "batch-count-unchecked" "books a batch file without comparing count and sum with its trailer"
    BatchTwice "batch-twice" "books a batch file again when the same content comes twice"
    BatchPartial "batch-partial" "books the readable lines of a batch file that it refuses"
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No defect has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown defect {0:?}; --list-defects names them all")]
pub struct UnknownDefect(String);

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|defect| defect.name() == name)
            .ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// A set of defects; empty in a sound hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects(u64);

impl Defects {
    /// Whether `defect` is switched on.
    pub fn has(self, defect: Defect) -> bool {
        self.0 & (1 << defect as u64) != 0
    }

    /// The set with `defect` switched on.
    pub fn with(self, defect: Defect) -> Self {
        Self(self.0 | (1 << defect as u64))
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_is_kebab_case() {
        for defect in Defect::ALL {
            assert_eq!(defect.name().parse(), Ok(*defect));
            assert!(
                defect
                    .name()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(!defect.describe().is_empty());
        }
        assert!(
            Defect::ALL.len() >= 34 && Defect::ALL.len() <= 64,
            "the set is a 64-bit mask"
        );
        assert!("no-such".parse::<Defect>().is_err());
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: Defects = [Defect::BatchPartial, Defect::AcksBeforeStoring]
            .into_iter()
            .collect();
        let held: Vec<_> = Defect::ALL
            .iter()
            .filter(|defect| set.has(**defect))
            .collect();
        assert_eq!(held, [&Defect::AcksBeforeStoring, &Defect::BatchPartial]);
    }
}
