//! What the benches share: how long they measure, what they measure on, and a run carried out by hand.
//!
//! Nothing in here is timed by a test: benches are run on purpose, on a quiet machine (see the README beside this).

pub mod claims;
pub mod recorded;
pub mod samples;
pub mod server;

use std::time::Duration;

use criterion::Criterion;

/// A configuration under which all benches together take about a minute; arguments of `cargo bench` still count.
pub fn quick() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args()
}
