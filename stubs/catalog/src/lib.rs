//! The protocols that Wardgate speaks, one line each.
//!
//! A new protocol is a new folder under `stubs/` and one more line here; nothing else in the project names it.

use std::sync::Arc;

use wardgate_core::port::{Catalog, Protocol};

/// All protocols, in the order in which lists show them.
pub fn catalog() -> Arc<Catalog> {
    let protocols: Vec<Arc<dyn Protocol>> = vec![
        Arc::new(wardgate_stub_fhir::Fhir),
        Arc::new(wardgate_stub_hl7v2::Hl7v2),
        Arc::new(wardgate_stub_x12::X12),
        Arc::new(wardgate_stub_erp::Erp),
        Arc::new(wardgate_stub_http::Http),
        Arc::new(wardgate_stub_file::File),
    ];
    Arc::new(Catalog::new(protocols))
}
