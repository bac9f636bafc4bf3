//! The stub of the ERP as a client and a runner see it.

mod api;
mod client;
mod invoices;
mod lists;
mod protocol;
