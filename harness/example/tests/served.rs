//! The same contracts, with the service given as Rust: no program, no `candidate.toml`.
//!
//! Each worker runs this very program again as its service, so that contracts can also kill it and start it afresh.

use std::{io, process::ExitCode};

use tokio::net::TcpListener;
use wardgate_example::{Care, Desk, serve};

fn main() -> ExitCode {
    wardgate_testkit::suite("contracts")
        .serve(|around| async move {
            let ehr = format!("{}/fhir", around.url("ehr"));
            let ledger = format!("{}/api/v2.0", around.url("ledger"));
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            around.announce("desk", listener.local_addr()?);
            serve(listener, Desk::new(ehr, ledger, Care::Careful)).await?;
            io::Result::Ok(())
        })
        .idle("http://${endpoints.desk}/idle")
        .run()
}
