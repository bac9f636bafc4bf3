//! `wardgate hub`: the reference hub by itself.

mod defects;

use wardgate_hub::{Config, Defect};

use crate::{
    args::HubArgs,
    exit::{Failure, Outcome, PASSED},
};

/// Runs `wardgate hub …`.
pub fn run(args: HubArgs) -> Outcome {
    if args.list_defects {
        return defects::list(args.json);
    }
    let config = config(args)?;
    wardgate_hub::run(config)
        .map(|()| PASSED)
        .map_err(|error| Failure::could_not_run(format!("the hub ended: {error}")))
}

fn config(args: HubArgs) -> Result<Config, Failure> {
    let required = |value: Option<String>, flag: &str| {
        value.ok_or_else(|| Failure::usage(format!("{flag} is missing; see `wardgate hub --help`")))
    };
    let charges = args.charges.unwrap_or_else(|| args.state.join("charges"));
    let mut config = Config::new(
        required(args.ehr, "--ehr")?,
        required(args.ledger, "--ledger")?,
        required(args.pharmacy, "--pharmacy")?,
        args.state,
        charges,
    );
    config.mllp = args.mllp;
    config.http = args.http;
    if let Some(zone) = args.timezone {
        config.timezone = zone
            .parse()
            .map_err(|error| Failure::usage(format!("--timezone {zone}: {error}")))?;
    }
    for name in &args.defects {
        config.defects = config.defects.with(defect(name)?);
    }
    Ok(config)
}

/// The defect of this name; the error offers the nearest.
pub fn defect(name: &str) -> Result<Defect, Failure> {
    Defect::ALL
        .iter()
        .copied()
        .find(|defect| defect.name() == name)
        .ok_or_else(|| {
            let near = Defect::ALL
                .iter()
                .map(|defect| (strsim::jaro_winkler(defect.name(), name), defect.name()))
                .filter(|(likeness, _)| *likeness > 0.7)
                .max_by(|left, right| left.0.total_cmp(&right.0));
            let hint =
                near.map_or_else(String::new, |(_, near)| format!(" Did you mean '{near}'?"));
            Failure::usage(format!(
                "the hub has no defect '{name}'.{hint} `wardgate hub --list-defects` names them all"
            ))
        })
}
