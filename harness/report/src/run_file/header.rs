//! The first line: everything that the plan was made from.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use wardgate_contract::{Source, ast::Contract};
use wardgate_core::plan::{Limits, Partner, Plan, Request, Selection, Shard};

/// The first line of a run file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunLine {
    /// Always `run`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The format, see [`FORMAT`](super::FORMAT).
    pub format: u32,
    /// The tool and its version.
    pub tool: String,
    /// The run's name, unique on its machine.
    pub run: String,
    /// The one seed.
    pub seed: u64,
    /// When it started, as RFC 3339 in UTC.
    pub started: String,
    /// The same in milliseconds since 1970-01-01T00:00:00Z.
    pub started_unix_ms: i64,
    /// SHA-256 of the plan, in hexadecimal.
    pub plan: String,
    /// How many cases the whole plan has.
    pub cases: usize,
    /// How many of them this run was to execute.
    pub selected: usize,
    /// Which part of the plan this run was.
    pub shard: Option<ShardLine>,
    /// Which cases were asked for.
    pub selection: SelectionLine,
    /// How many attempts each property made, if not what it says.
    pub property_cases: Option<u32>,
    /// Seeds of earlier failures.
    pub regressions: Vec<RegressionLine>,
    /// Bounds on waiting.
    pub limits: LimitsLine,
    /// How many lanes.
    pub workers: usize,
    /// What was judged.
    pub candidate: CandidateLine,
    /// Where it ran.
    pub environment: EnvironmentLine,
    /// The partners that the candidate needs whether or not a contract names them.
    pub partners: Vec<PartnerLine>,
    /// The runs that this one was merged from, each with the lanes it had, in the order of the lanes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedLine>,
    /// The contracts, in full.
    pub contracts: Vec<ContractLine>,
}

/// A run that went into a merged one: what is needed to judge its lanes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergedLine {
    /// The run's name.
    pub run: String,
    /// When it started, as RFC 3339 in UTC.
    pub started: String,
    /// The same in milliseconds since 1970-01-01T00:00:00Z.
    pub started_unix_ms: i64,
    /// How many lanes it had.
    pub lanes: usize,
}

/// Part `index` of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardLine {
    /// Which part, from one.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// Which cases were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionLine {
    /// Those whose name contains this.
    pub filter: Option<String>,
    /// Those of this workflow.
    pub workflow: Option<String>,
    /// The one of exactly this name.
    pub case: Option<String>,
}

/// The seed of an earlier failure of a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegressionLine {
    /// The contract's id.
    pub contract: String,
    /// The property's name.
    pub property: String,
    /// The seed.
    pub seed: u64,
}

/// Bounds on waiting, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is documented at wardgate_core::plan::Limits"
)]
pub struct LimitsLine {
    pub within_ms: u64,
    pub recovery_ms: u64,
    pub barrier_ms: u64,
    pub attempt_ms: u64,
    pub silence_ms: u64,
    pub quiet_ms: u64,
    pub shrink_attempts: u32,
}

/// What was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateLine {
    /// Its name.
    pub name: String,
    /// The digest of its artifact, such as `sha256:…`.
    pub digest: Option<String>,
    /// Whether it was launched as a process; otherwise it was reached by address.
    pub launched: bool,
    /// How to name it on the command line, to repeat a case.
    pub arguments: Vec<String>,
}

/// Where a run took place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentLine {
    /// The operating system.
    pub os: String,
    /// The processor architecture.
    pub arch: String,
    /// How many processors could be used.
    pub cpus: usize,
}

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerLine {
    /// Its name.
    pub name: String,
    /// Its protocol.
    pub protocol: String,
    /// Its options, as JSON text.
    pub options: String,
}

/// A contract file in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractLine {
    /// The file's path as it was given.
    pub file: String,
    /// Its text.
    pub text: String,
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<&Limits> for LimitsLine {
    fn from(limits: &Limits) -> Self {
        Self {
            within_ms: ms(limits.within),
            recovery_ms: ms(limits.recovery),
            barrier_ms: ms(limits.barrier),
            attempt_ms: ms(limits.attempt),
            silence_ms: ms(limits.silence),
            quiet_ms: ms(limits.quiet),
            shrink_attempts: limits.shrink_attempts,
        }
    }
}

impl From<&LimitsLine> for Limits {
    fn from(line: &LimitsLine) -> Self {
        Self {
            within: Duration::from_millis(line.within_ms),
            recovery: Duration::from_millis(line.recovery_ms),
            barrier: Duration::from_millis(line.barrier_ms),
            attempt: Duration::from_millis(line.attempt_ms),
            silence: Duration::from_millis(line.silence_ms),
            quiet: Duration::from_millis(line.quiet_ms),
            shrink_attempts: line.shrink_attempts,
        }
    }
}

impl RunLine {
    /// The first line for a plan; who ran what, where and when is for the caller to fill in.
    pub fn of_plan(plan: &Plan, request: &Request) -> Self {
        Self {
            kind: String::from("run"),
            format: super::FORMAT,
            tool: format!("wardgate {}", env!("CARGO_PKG_VERSION")),
            run: String::new(),
            seed: plan.seed,
            started: String::new(),
            started_unix_ms: plan.started_unix_ms,
            plan: plan.digest.clone(),
            cases: plan.cases.len(),
            selected: plan.selected.len(),
            shard: plan.shard.map(|shard| ShardLine {
                index: shard.index,
                of: shard.of,
            }),
            selection: SelectionLine {
                filter: request.selection.filter.clone(),
                workflow: request.selection.workflow.clone(),
                case: request.selection.case.clone(),
            },
            property_cases: request.property_cases,
            regressions: request
                .regressions
                .iter()
                .map(|(contract, property, seed)| RegressionLine {
                    contract: contract.clone(),
                    property: property.clone(),
                    seed: *seed,
                })
                .collect(),
            limits: (&plan.limits).into(),
            workers: 1,
            candidate: CandidateLine::default(),
            environment: EnvironmentLine::default(),
            partners: request
                .partners
                .iter()
                .map(|partner| PartnerLine {
                    name: partner.name.clone(),
                    protocol: partner.protocol.clone(),
                    options: partner.options.to_string(),
                })
                .collect(),
            merged: Vec::new(),
            contracts: plan
                .contracts
                .iter()
                .map(|contract| ContractLine {
                    file: contract.source.name.clone(),
                    text: contract.source.text.clone(),
                })
                .collect(),
        }
    }

    /// What the plan was made from; the error names the contract that no longer reads.
    pub fn request(&self) -> Result<Request, String> {
        let contracts = self
            .contracts
            .iter()
            .map(|line| {
                let source = Arc::new(Source::new(line.file.clone(), line.text.clone()));
                let reading = wardgate_contract::read(source);
                let fault = reading
                    .findings
                    .first()
                    .map(|finding| finding.message.clone());
                reading.contract.map(Arc::new).ok_or_else(|| {
                    format!(
                        "the recorded contract {} cannot be read: {}",
                        line.file,
                        fault.unwrap_or_default()
                    )
                })
            })
            .collect::<Result<Vec<Arc<Contract>>, _>>()?;
        let partners = self
            .partners
            .iter()
            .map(|line| {
                Ok(Partner {
                    name: line.name.clone(),
                    protocol: line.protocol.clone(),
                    options: wardgate_expression::Json::parse(&line.options).map_err(|_| {
                        format!("the options of the partner '{}' are not JSON", line.name)
                    })?,
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Request {
            contracts,
            seed: self.seed,
            started_unix_ms: self.started_unix_ms,
            selection: Selection {
                filter: self.selection.filter.clone(),
                workflow: self.selection.workflow.clone(),
                case: self.selection.case.clone(),
            },
            shard: self.shard.map(|shard| Shard {
                index: shard.index,
                of: shard.of,
            }),
            property_cases: self.property_cases,
            limits: (&self.limits).into(),
            regressions: self
                .regressions
                .iter()
                .map(|line| (line.contract.clone(), line.property.clone(), line.seed))
                .collect(),
            partners,
        })
    }
}
