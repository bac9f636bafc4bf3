//! Other people's HL7 v2 software at both ends of the wire: their clients send to the stub, and their servers are judged by
//! the suite `contracts/suites/interface`, with what each of them fails in `servers/NAME.txt`.
//!
//! The software lies in the folder that `WARDGATE_PEERS` names (`ci/peers.sh FOLDER` installs it); without it the tests say
//! that they were skipped.

#[expect(
    dead_code,
    unused_imports,
    reason = "the other tests of the command line need more of it"
)]
#[path = "../common/mod.rs"]
mod common;
#[expect(dead_code, reason = "the tests of the stubs need more of it")]
#[path = "../stubs/process.rs"]
mod process;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{Folder, Summary, root, verify};

/// What the peer's language is started with: its program below the peers' folder or on the path.
#[derive(Clone, Copy)]
enum Language {
    Python,
    Node,
}

impl Language {
    fn program(self, peers: &Path) -> PathBuf {
        match self {
            Self::Python => peers.join("venv/bin/python"),
            Self::Node => PathBuf::from("node"),
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Node => "js",
        }
    }

    fn is_installed(self, peers: &Path) -> bool {
        let folder = match self {
            Self::Python => "venv",
            Self::Node => "node_modules",
        };
        peers.join(folder).is_dir()
    }
}

/// The folder of the peers, if it is there and has this language.
fn peers(language: Language) -> Option<PathBuf> {
    let peers = std::env::var_os("WARDGATE_PEERS").and_then(|peers| fs::canonicalize(peers).ok());
    let peers = peers.filter(|peers| language.is_installed(peers));
    if peers.is_none() {
        println!("skipped: WARDGATE_PEERS names no folder with this peer (ci/peers.sh makes one)");
    }
    peers
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers")
}

/// A `candidate.toml` for a server that is started with these words and listens on one port.
fn candidate(name: &str, words: &[String], modules: &Path) -> String {
    format!(
        "name = \"{name}\"\ncommand = ['{}']\nenv = {{ NODE_PATH = '{}' }}\n[endpoints]\n\
         adt = {{ addr = \"127.0.0.1:${{ports.adt}}\" }}\n[ready]\ntcp = \"adt\"\nwithin = \"60s\"\n",
        words.join("', '"),
        modules.display(),
    )
}

/// Judges a server: it fails what its list says, and nothing else.
fn judged(name: &str, language: Language) {
    let Some(peers) = peers(language) else {
        return;
    };
    let folder = Folder::new();
    let servers = here().join("servers");
    let script = servers.join(name).with_extension(language.extension());
    let words = [
        language.program(&peers).display().to_string(),
        script.display().to_string(),
        String::from("${ports.adt}"),
    ];
    let modules = peers.join("node_modules");
    let candidate = folder.write("candidate.toml", candidate(name, &words, &modules));
    let run = verify(&folder)
        .words("--json --seed 7 --workers 4 --candidate")
        .arg(candidate)
        .arg(root().join("contracts/suites/interface"))
        .run()
        .expect(1);
    let summary = Summary(run.json());
    assert_eq!(summary.count("errors"), 0, "{run}");
    let failed: BTreeSet<&str> = summary.0["cases"]
        .as_array()
        .expect("there are cases")
        .iter()
        .filter(|case| case["outcome"] == "fail")
        .map(|case| case["name"].as_str().expect("a case has a name"))
        .map(|name| name.trim_start_matches("interface/mllp :: "))
        .collect();
    let list =
        fs::read_to_string(servers.join(name).with_extension("txt")).expect("there is a list");
    let listed: BTreeSet<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(
        failed == listed,
        "failed: {failed:#?}\nlisted: {listed:#?}\n{run}"
    );
}

/// A server may close the connection after each answer, and what it has not read then is sent again; but one that reads a
/// message and closes without an answer owes it. Python alone is needed.
#[test]
fn a_server_of_one_message_a_connection_owes_only_what_it_has_read() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return;
    }
    let script = here().join("servers/one_message.py");
    for (how, code) in [("polite", 0), ("mute", 1)] {
        let script = script.display().to_string();
        let words = ["python3", &script, "${ports.adt}", how].map(str::to_owned);
        for seed in 1..=4 {
            let folder = Folder::new();
            let candidate = folder.write("candidate.toml", candidate(how, &words, Path::new("")));
            let run = verify(&folder)
                .words("--json --candidate")
                .arg(candidate)
                .arg("--case")
                .arg("interface/mllp :: every acknowledgement has a control ID of its own")
                .arg("--seed")
                .arg(seed.to_string())
                .arg(root().join("contracts/suites/interface"))
                .run()
                .expect(code);
            let owes = run.stdout.contains("closed the connection without a reply");
            assert_eq!(owes, code == 1, "{run}");
        }
    }
}

#[test]
fn a_server_of_python_hl7() {
    judged("python_hl7", Language::Python);
}

#[test]
fn a_server_of_hl7apy() {
    judged("hl7apy_server", Language::Python);
}

#[test]
fn a_server_of_simple_hl7() {
    judged("simple_hl7", Language::Node);
}

#[test]
fn a_server_of_node_hl7_server() {
    judged("node_hl7_server", Language::Node);
}

/// Has a client send three messages on one connection, the second with text beyond ASCII.
fn answered(name: &str, language: Language) {
    let Some(peers) = peers(language) else {
        return;
    };
    let folder = Folder::new();
    for (number, family) in [(1, "Miller"), (2, "Müller"), (3, "O'Brien")] {
        folder.write(
            &format!("messages/{number}.hl7"),
            format!(
                "MSH|^~\\&|PAS|HOSP|HUB|HOSP|20270101080000||ADT^A04^ADT_A01|PEER{number}|P|2.5.1||||||UNICODE UTF-8\r\
                 EVN|A04|20270101080000\rPID|1||M{number}^^^HOSP^MR||{family}^Zo||19800203|F\r"
            ),
        );
    }
    let running = process::up(["--mllp", "127.0.0.1:0", "--quiet"]);
    let script = here().join("clients").join(name);
    let run = Command::new(language.program(&peers))
        .arg(script.with_extension(language.extension()))
        .arg(running.at("mllp").port().to_string())
        .arg(folder.path().join("messages"))
        .env("NODE_PATH", peers.join("node_modules"))
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&run.stdout);
    let lines: Vec<&str> = said.lines().collect();
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert_eq!(lines, ["AA PEER1", "AA PEER2", "AA PEER3"], "{complaint}");
    let control = running.control_at();
    let (status, held) = process::http(control, "GET", "/partners/mllp/held/messages", "");
    assert_eq!(status, 200, "{held}");
    assert!(
        held.contains("\"count\":3") && held.contains("Müller"),
        "{held}"
    );
}

#[test]
fn a_client_of_python_hl7() {
    answered("python_hl7", Language::Python);
}

#[test]
fn a_client_of_simple_hl7() {
    answered("simple_hl7", Language::Node);
}

#[test]
fn a_client_of_node_hl7_client() {
    answered("node_hl7_client", Language::Node);
}
