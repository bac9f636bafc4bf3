//! The hub by itself, for the tests of this crate; users start it as `wardgate hub`.

use std::process::ExitCode;
use std::time::Duration;

use wardgate_hub::{Config, run};

fn main() -> ExitCode {
    match configure(std::env::args().skip(1)).map(run) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("hub: failed to run: {error}");
            ExitCode::from(2)
        }
        Err(usage) => {
            eprintln!("hub: {usage}");
            ExitCode::from(64)
        }
    }
}

/// Reads `--key value` pairs.
fn configure(arguments: impl Iterator<Item = String>) -> Result<Config, String> {
    let mut config = Config::new("", "", "", "", "");
    let mut arguments = arguments;
    while let Some(key) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{key} needs a value"))?;
        let bad = || format!("{key}: cannot read {value:?}");
        match key.as_str() {
            "--mllp" => config.mllp = value.parse().map_err(|_| bad())?,
            "--http" => config.http = value.parse().map_err(|_| bad())?,
            "--ehr" => config.ehr.clone_from(&value),
            "--ledger" => config.ledger.clone_from(&value),
            "--pharmacy" => config.pharmacy.clone_from(&value),
            "--state" => config.state = value.into(),
            "--charges" => config.charges = value.into(),
            "--partner-timeout-ms" => {
                config.partner_timeout = Duration::from_millis(value.parse().map_err(|_| bad())?);
            }
            "--timezone" => config.timezone = value.parse().map_err(|_| bad())?,
            "--defect" => config.defects = config.defects.with(value.parse().map_err(|_| bad())?),
            _ => return Err(format!("unknown option {key}")),
        }
    }
    Ok(config)
}
