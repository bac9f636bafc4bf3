//! The partners that the hub delivers to, each behind its own small client.

pub mod ehr;
pub mod http;
pub mod ledger;
pub mod pharmacy;

use std::time::Duration;

use crate::config::Config;
use crate::defect::Defects;
use crate::ids::Ids;
use crate::work::Work;
use std::sync::Arc;

/// Why a delivery did not succeed. The texts name partner and status, never what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Worth another try: no answer, 5xx, 408, 429.
    Transient {
        /// For the log.
        reason: String,
        /// How long the partner asks to be left alone.
        pause: Option<Duration>,
        /// Whether the partner answered with a server error.
        is_server_error: bool,
    },
    /// The partner refuses, and will again.
    Permanent {
        /// For the log and the status page.
        reason: String,
    },
}

impl Trouble {
    /// A transient trouble without an answer.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient {
            reason: reason.into(),
            pause: None,
            is_server_error: false,
        }
    }

    /// A refusal.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent {
            reason: reason.into(),
        }
    }
}

/// All partners.
pub struct Partners {
    ehr: ehr::Ehr,
    ledger: ledger::Ledger,
    pharmacy: pharmacy::Pharmacy,
}

impl Partners {
    /// Partners at the addresses of the configuration; nothing is connected yet.
    pub fn new(config: &Config, ids: Arc<Ids>) -> Self {
        let client = http::client();
        let timeout = config.partner_timeout;
        let defects: Defects = config.defects;
        Self {
            ehr: ehr::Ehr::new(http::HttpPartner::new(
                "ehr",
                client.clone(),
                &config.ehr,
                timeout,
            )),
            ledger: ledger::Ledger::new(
                http::HttpPartner::new("ledger", client, &config.ledger, timeout),
                defects,
            ),
            pharmacy: pharmacy::Pharmacy::new(config.pharmacy.clone(), timeout, defects, ids),
        }
    }

    /// Makes one try at a delivery; `is_repeated` says that an earlier try may have got through.
    pub async fn deliver(&self, work: &Work, is_repeated: bool) -> Result<(), Trouble> {
        match work {
            Work::PutResource {
                resource_type,
                system,
                value,
                body,
            } => self.ehr.put(resource_type, system, value, body).await,
            Work::SaveCustomer { facility, customer } => {
                self.ledger.save_customer(facility, customer).await
            }
            Work::BlockCustomer { facility, number } => {
                self.ledger.block_customer(facility, number).await
            }
            Work::PostInvoice {
                facility,
                customer,
                invoice,
            } => {
                self.ledger
                    .post_invoice(facility, customer, invoice, is_repeated)
                    .await
            }
            Work::SendOrder { facility, order } => {
                let mrn = self.ehr.mrn(facility, &order.subject).await?;
                self.pharmacy.send(facility, &mrn, order).await
            }
        }
    }
}
