//! The command line, as clap reads it. Shell completions and the man page come from these same definitions.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Contract and integration tests for healthcare interfaces: FHIR, HL7 v2, X12 and the ERP.
#[derive(Debug, Parser)]
#[command(
    name = "wardgate",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = FIRST_STEPS
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const FIRST_STEPS: &str = "\
Examples:
  wardgate verify                                  the shipped suites against the reference hub
  wardgate verify --candidate candidate.toml       your own build
  wardgate contract new --from message.hl7         a first contract to edit
  wardgate stubs up                                partners to talk to by hand

Exit codes:
  0   everything passed (an empty shard of a non-empty plan is 0 and says so)
  1   a contract failed, a linted file has errors, or a replay differs or lacks something
  2   it could not run, or nothing ran
  64  the command line is wrong";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay contracts against a candidate and judge what crossed the wire.
    Verify(Box<VerifyArgs>),
    /// Run the stubs by themselves, for manual and third-party use.
    Stubs(StubsArgs),
    /// Check, list and begin contract files.
    Contract(ContractArgs),
    /// Join the runs of several shards into one report.
    Merge(MergeArgs),
    /// Judge a recorded run again: byte-identical verdicts, or exit code 1.
    Replay(ReplayArgs),
    /// Run the reference hub by itself.
    Hub(HubArgs),
    /// Make synthetic data sets.
    Dataset(DatasetArgs),
    /// Print a completion script for a shell.
    #[command(after_help = "\
Examples:
  wardgate completions bash > ~/.local/share/bash-completion/completions/wardgate
  wardgate completions zsh > ~/.zfunc/_wardgate
  wardgate completions fish > ~/.config/fish/completions/wardgate.fish")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page (roff).
    #[command(after_help = "\
Examples:
  wardgate man > ~/.local/share/man/man1/wardgate.1")]
    Man,
}

/// Arguments of `verify`.
#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[command(after_help = "\
Examples:
  wardgate verify                                    the shipped suites against the reference hub
  wardgate verify contracts/suites/registration      one folder of contracts
  wardgate verify --candidate candidate.toml         your own build
  wardgate verify --hub-defect rounding-by-line      watch the suites catch a defect
  wardgate verify --workflow billing --workers 4     one workflow, four lanes
  wardgate verify --shard 1/3 --seed 7 --out one     one part of three, for `wardgate merge`
  wardgate verify adt-a04.yaml --explain             drawn and actual values, also where it passed
  wardgate verify adt-a04.yaml --case NAME --keep    one case; stubs and candidate stay up after it

Exit codes: 0 all passed, 1 a contract failed, 2 could not run or nothing ran, 64 usage.")]
pub struct VerifyArgs {
    /// Contract files, or folders of them [default: contracts/suites].
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What is judged: a candidate.toml [default: the reference hub].
    #[arg(long, value_name = "FILE", conflicts_with = "hub_defect")]
    pub candidate: Option<PathBuf>,
    /// Judge the reference hub with this defect switched on (see `wardgate hub --list-defects`).
    #[arg(long, value_name = "NAME")]
    pub hub_defect: Vec<String>,
    /// How many candidates with stubs of their own run side by side [default: one for each core, at most 4].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Run only part K of N, each with the same --seed; an empty part passes and says so.
    #[arg(long, value_name = "K/N", value_parser = parse_shard)]
    pub shard: Option<(usize, usize)>,
    /// Run only cases whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Run only contracts of this workflow.
    #[arg(long, value_name = "W")]
    pub workflow: Option<String>,
    /// Run only the case of exactly this name.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// What every random choice comes from [default: drawn and printed].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many attempts each property makes, in place of what it says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub property_cases: Option<u32>,
    /// Stop at the first case that does not pass; the rest is reported as not run.
    #[arg(long)]
    pub fail_fast: bool,
    /// Write the JUnit report here as well.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Where run folders go [default: target/wardgate].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with = "explain")]
    pub quiet: bool,
    /// Print the summary as JSON on standard output.
    #[arg(long)]
    pub json: bool,
    /// Print the expanded cases, the drawn values, and each expectation's actual value also where it passed.
    #[arg(long, conflicts_with = "json")]
    pub explain: bool,
    /// After the run leave stubs and candidate up, with their addresses, until interrupted (needs --case).
    #[arg(long, requires = "case")]
    pub keep: bool,
}

/// Arguments of `stubs`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate stubs up --dataset data    stubs that hold a data set, until Ctrl-C")]
pub struct StubsArgs {
    /// What to do with the stubs.
    #[command(subcommand)]
    pub command: StubsCommand,
}

/// What to do with the stubs.
#[derive(Debug, Subcommand)]
pub enum StubsCommand {
    /// Run them until interrupted; their addresses are printed as JSON, their traffic is shown live.
    Up(StubsUpArgs),
}

/// Arguments of `stubs up`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate stubs up                                             all stubs on free ports
  wardgate stubs up --fhir 127.0.0.1:8080 --dataset DIR         a FHIR server that holds a set
  wardgate stubs up --dataset datasets/sets/small               this repository's set in all
  wardgate stubs up --mllp 127.0.0.1:2575 --ready-file up.json  addresses in a file when ready
  wardgate stubs up --stub pas=http@127.0.0.1:9000              a plain HTTP service named pas

Once every stub answers, one JSON object with the addresses is printed on standard output. What
stands there as `control` is the control API, which asks, fills and breaks the stubs:
  curl $control/                                            every route
  curl $control/partners/fhir/held/Patient                  what a partner holds
  curl \"$control/partners/fhir/received?since=0&wait=5000\" what it received, waited for
  curl -d '{\"refuse\": {\"with\": \"503\", \"attempts\": 2}}' $control/partners/fhir/faults
  curl -X POST $control/reset
stubs/README.md shows every route in use.

Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 could not run, 64 usage.")]
pub struct StubsUpArgs {
    /// Where the FHIR stub listens; with any of --fhir, --mllp, --x12, --erp and --stub only those named run.
    #[arg(long, value_name = "ADDR")]
    pub fhir: Option<SocketAddr>,
    /// Where the HL7 v2 stub listens.
    #[arg(long, value_name = "ADDR")]
    pub mllp: Option<SocketAddr>,
    /// Where the X12 clearinghouse listens.
    #[arg(long, value_name = "ADDR")]
    pub x12: Option<SocketAddr>,
    /// Where the ERP stub listens.
    #[arg(long, value_name = "ADDR")]
    pub erp: Option<SocketAddr>,
    /// Whether FHIR stubs refuse search parameters that they do not know or ignore them, where a request does not say.
    #[arg(
        long,
        value_name = "strict|lenient",
        default_value = "strict",
        hide_possible_values = true
    )]
    pub fhir_handling: FhirHandling,
    /// One more stub under a name of its own, of protocol fhir, hl7v2, x12, erp or http; may be given several times.
    #[arg(long = "stub", value_name = "NAME=PROTOCOL[@ADDR]", value_parser = parse_stub)]
    pub stubs: Vec<NamedStub>,
    /// Where the control API listens [default: a free port of 127.0.0.1].
    #[arg(long, value_name = "ADDR")]
    pub control: Option<SocketAddr>,
    /// A folder that `wardgate dataset generate` made, or a file of it: held from the start, and again after a reset.
    #[arg(long, value_name = "PATH")]
    pub dataset: Option<PathBuf>,
    /// Write the addresses here, as JSON, once everything answers; removed at the end.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Do not show traffic.
    #[arg(long, short)]
    pub quiet: bool,
    /// Show traffic as JSON lines.
    #[arg(long)]
    pub json: bool,
}

/// What a FHIR stub does with search parameters that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FhirHandling {
    /// They are refused.
    Strict,
    /// They are ignored.
    Lenient,
}

/// A stub under a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStub {
    /// Its name.
    pub name: String,
    /// The protocol that plays it.
    pub protocol: String,
    /// Where it listens; a free port where nothing is said.
    pub listen: Option<SocketAddr>,
}

/// Arguments of `contract`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate contract new --from message.hl7    a first contract to edit
  wardgate contract lint contracts/suites     every fault at its line and column
  wardgate contract list contracts/suites     contracts and their cases")]
pub struct ContractArgs {
    /// What to do with contracts.
    #[command(subcommand)]
    pub command: ContractCommand,
}

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// Check contract files; every fault is shown at its line and column.
    #[command(after_help = "\
Examples:
  wardgate contract lint contracts/suites
  wardgate contract lint my-contract.yaml --json

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 unreadable or nothing there, 64 usage.")]
    Lint {
        /// Contract files, or folders of them.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of contract files, for editors.
    #[command(after_help = "\
Examples:
  wardgate contract schema > contract.schema.json")]
    Schema,
    /// List contracts and their cases.
    #[command(after_help = "\
Examples:
  wardgate contract list
  wardgate contract list contracts/suites/billing --json")]
    List {
        /// Contract files, or folders of them [default: contracts/suites].
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a first working contract to edit.
    #[command(after_help = "\
Examples:
  wardgate contract new --from message.hl7 > contracts/suites/registration/a28.yaml
  wardgate contract new --from patient.json --id ehr/patient --to api
  wardgate contract new --from target/wardgate/latest --case NAME")]
    New {
        /// An HL7 v2 message (.hl7), a FHIR resource (.json), or the folder of a recorded run.
        #[arg(long, value_name = "FILE|RUN")]
        from: PathBuf,
        /// The new contract's id [default: from the file's name].
        #[arg(long)]
        id: Option<String>,
        /// The candidate's endpoint that a message or resource is sent to [default: the reference hub's].
        #[arg(long, value_name = "ENDPOINT", conflicts_with = "case")]
        to: Option<String>,
        /// Which case of a recorded run.
        #[arg(long, value_name = "NAME")]
        case: Option<String>,
    },
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate merge one/latest two/latest three/latest --out merged

Exit codes: those of the joined run; 2 where shards are missing or of different plans.")]
pub struct MergeArgs {
    /// The run folders of all shards of one plan.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Where the joined report goes.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the summary as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate replay target/wardgate/latest

Exit codes: 0 the same verdicts byte for byte, 1 others or some missing, 2 not readable as a run, 64 usage.")]
pub struct ReplayArgs {
    /// A run folder, or its run.jsonl.
    pub run: PathBuf,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `hub`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate hub --ehr http://ehr:8080/fhir --ledger http://erp:8081/api/v2.0 --pharmacy rx:2576
  wardgate hub --list-defects --json")]
pub struct HubArgs {
    /// Where HL7 v2 messages come in.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub mllp: SocketAddr,
    /// Where FHIR orders come in, and where its status is read.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub http: SocketAddr,
    /// The FHIR server's base URL.
    #[arg(long, value_name = "URL", required_unless_present = "list_defects")]
    pub ehr: Option<String>,
    /// The ERP's base URL.
    #[arg(long, value_name = "URL", required_unless_present = "list_defects")]
    pub ledger: Option<String>,
    /// The pharmacy's MLLP address.
    #[arg(long, value_name = "ADDR", required_unless_present = "list_defects")]
    pub pharmacy: Option<String>,
    /// Where its database is kept.
    #[arg(long, value_name = "DIR", default_value = "wardgate-hub-state")]
    pub state: PathBuf,
    /// The folder that is watched for batch files of charges.
    #[arg(long, value_name = "DIR")]
    pub charges: Option<PathBuf>,
    /// The zone of times that carry none.
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// Switch this defect on; may be given several times.
    #[arg(long = "defect", value_name = "NAME")]
    pub defects: Vec<String>,
    /// List the defects and end.
    #[arg(long)]
    pub list_defects: bool,
    /// List them as JSON.
    #[arg(long, requires = "list_defects")]
    pub json: bool,
}

/// Arguments of `dataset`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardgate dataset generate --patients 100 --seed 7 --out data")]
pub struct DatasetArgs {
    /// What to do with data sets.
    #[command(subcommand)]
    pub command: DatasetCommand,
}

/// What to do with data sets.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Make a coherent synthetic data set: the same people in each format, the same bytes from the same seed.
    #[command(after_help = "\
Examples:
  wardgate dataset generate --patients 20 --out data
  wardgate dataset generate --patients 100 --seed 7 --format fhir,hl7v2,erp --out data")]
    Generate {
        /// How many patients.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
        patients: u32,
        /// What everything is drawn from.
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// In which formats, of fhir, hl7v2 and erp.
        #[arg(
            long,
            value_delimiter = ',',
            default_value = "fhir,hl7v2,erp",
            hide_possible_values = true
        )]
        format: Vec<DatasetFormat>,
        /// Where the files go.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Print nothing but errors.
        #[arg(long, short)]
        quiet: bool,
    },
}

/// A format that data sets are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DatasetFormat {
    /// FHIR R4 resources, NDJSON by type.
    Fhir,
    /// HL7 v2 messages, one after the other in one file.
    Hl7v2,
    /// ERP records, NDJSON by entity.
    Erp,
}

fn parse_shard(text: &str) -> Result<(usize, usize), String> {
    let parsed = text
        .split_once('/')
        .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parsed {
        Some((part, of)) if part >= 1 && part <= of && of <= 10_000 => Ok((part, of)),
        _ => Err(String::from("expected K/N with 1 <= K <= N, such as 1/3")),
    }
}

fn parse_stub(text: &str) -> Result<NamedStub, String> {
    let expected = || {
        String::from(
            "expected NAME=PROTOCOL or NAME=PROTOCOL@ADDR, such as pas=http@127.0.0.1:9000",
        )
    };
    let (name, rest) = text.split_once('=').ok_or_else(expected)?;
    let (protocol, listen) = match rest.split_once('@') {
        Some((protocol, at)) => (protocol, Some(at.parse().map_err(|_| expected())?)),
        None => (rest, None),
    };
    if name.is_empty() || protocol.is_empty() {
        return Err(expected());
    }
    Ok(NamedStub {
        name: name.to_owned(),
        protocol: protocol.to_owned(),
        listen,
    })
}
