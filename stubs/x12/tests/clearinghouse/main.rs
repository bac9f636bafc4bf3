//! The clearinghouse as a client and a runner see it.

mod acknowledgements;
mod altered;
mod client;
mod defects;
mod generated;
mod inquiries;
mod pick_up;
mod protocol;
mod remittances;
