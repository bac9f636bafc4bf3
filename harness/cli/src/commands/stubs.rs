//! `wardgate stubs up`: the stubs by themselves, until interrupted.

mod addresses;
mod dataset;
mod traffic;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use wardgate_expression::json;
use wardgate_runner::{
    Observer, Stop,
    stubs_up::{StubPartner, StubsUpError, StubsUpOptions, bind},
};

use crate::{
    args::{FhirHandling, StubsUpArgs},
    exit::{Failure, Outcome, PASSED},
    print::{say, tell},
};
use addresses::ReadyFile;
use traffic::Traffic;

/// Runs `wardgate stubs up …`.
pub fn run(args: &StubsUpArgs) -> Outcome {
    let ready_file = match &args.ready_file {
        Some(path) => Some(ReadyFile::prepare(path)?),
        None => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::could_not_run(format!("the stubs have nothing to run on: {error}"))
        })?;
    runtime.block_on(serve(args, ready_file))
}

async fn serve(args: &StubsUpArgs, ready_file: Option<ReadyFile>) -> Outcome {
    let stop = Stop::new();
    stop.on_signals().map_err(|error| {
        Failure::could_not_run(format!("signals cannot be listened for: {error}"))
    })?;
    let catalog = wardgate_stub_catalog::catalog();
    let partners = partners(args);
    let control = args
        .control
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    warn_of_others(&partners, control);
    let mut options = StubsUpOptions::new(partners);
    options.control = Some(control);
    let traffic = (!args.quiet)
        .then(|| Traffic::start(&catalog, &options, args.json))
        .map(Arc::new);
    options.observer = traffic.clone().map(|traffic| traffic as Arc<dyn Observer>);
    let bound = bind(&catalog, options)
        .await
        .map_err(|error| refused(&error))?;
    if let Some(path) = &args.dataset {
        let loaded = dataset::load(path, bound.stubs(), &stop)?;
        if stop.is_requested() {
            return Ok(PASSED);
        }
        match (args.quiet, args.json) {
            (true, _) => {}
            (_, true) => tell!("{}", loaded.json()),
            _ => tell!("{loaded}"),
        }
    }
    let up = bound.serve();
    let addresses = addresses::document(&up);
    if let Some(file) = &ready_file {
        file.write(&addresses)?;
    }
    say!("{addresses}");
    stop.requested().await;
    up.close().await;
    if let Some(traffic) = traffic {
        traffic.finish();
    }
    if let Some(file) = &ready_file {
        file.remove(&addresses);
    }
    Ok(PASSED)
}

/// Who is played: those that were named, or one of each protocol that is served.
fn partners(args: &StubsUpArgs) -> Vec<StubPartner> {
    let usual = [
        ("fhir", "fhir", args.fhir),
        ("mllp", "hl7v2", args.mllp),
        ("x12", "x12", args.x12),
        ("erp", "erp", args.erp),
    ];
    let all = args.stubs.is_empty() && usual.iter().all(|(_, _, at)| at.is_none());
    let named = args.stubs.iter().map(|stub| StubPartner {
        listen: stub.listen,
        ..StubPartner::new(&stub.name, &stub.protocol)
    });
    let mut partners: Vec<_> = usual
        .into_iter()
        .filter(|(_, _, at)| all || at.is_some())
        .map(|(name, protocol, listen)| StubPartner {
            listen,
            ..StubPartner::new(name, protocol)
        })
        .chain(named)
        .collect();
    if args.fhir_handling == FhirHandling::Lenient {
        for partner in partners
            .iter_mut()
            .filter(|partner| partner.protocol == "fhir")
        {
            partner.options = json!({ "handling": "lenient" });
        }
    }
    partners
}

/// Says which ports others can reach. It is allowed; that nothing real may be held there is for the user to see to.
fn warn_of_others(partners: &[StubPartner], control: SocketAddr) {
    let ports = partners
        .iter()
        .filter_map(|partner| Some((partner.name.as_str(), partner.listen?)))
        .chain([("control", control)]);
    for (name, at) in ports.filter(|(_, at)| !at.ip().is_loopback()) {
        tell!(
            "warning: '{name}' listens on {at}, where others can reach it, without credentials: masked or synthetic data only"
        );
    }
}

fn refused(error: &StubsUpError) -> Failure {
    match error {
        StubsUpError::Name { .. } | StubsUpError::Twice { .. } | StubsUpError::Protocol { .. } => {
            Failure::usage(error.to_string())
        }
        StubsUpError::Listen { name, .. } => {
            let flag = match name.as_str() {
                "fhir" | "mllp" | "x12" | "erp" | "control" => format!("--{name}"),
                _ => String::from("--stub"),
            };
            Failure::could_not_run(format!("{error}; choose another address with {flag}"))
        }
        StubsUpError::Stub { .. } | StubsUpError::Runtime { .. } => {
            Failure::could_not_run(error.to_string())
        }
    }
}
