//! The commands of `stubs/README.md` work as they stand.

use std::{fs, process::Command};

use serde_json::{Deserializer, Value};

use crate::process::{root, up};

#[test]
fn every_command_of_the_readme_works_and_every_route_is_in_one() {
    let text = fs::read_to_string(root().join("stubs/README.md")).expect("it is there");
    let blocks: Vec<&str> = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() > 5, "{blocks:#?}");
    for route in [
        "curl $control/ ",
        "curl $control/partners ",
        "curl $control/partners/fhir ",
        "curl $control/partners/fhir/held ",
        "held/Patient?",
        "$control/partners/fhir/held/Patient\n",
        "/received?",
        "/faults\n",
        "-X DELETE $control/partners/fhir/faults",
        "-X POST $control/partners/fhir/snapshot",
        "-X POST $control/partners/fhir/reset",
        "-X POST $control/snapshot",
        "-X POST $control/reset",
        "@inquiry.x12 $x12/",
    ] {
        assert!(blocks.concat().contains(route), "no command shows {route}");
    }
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be had");
    let ready = folder.path().join("up.json");
    let ready = ready.to_str().expect("it is text");
    let _running = up([
        "--quiet",
        "--dataset",
        "datasets/sets/small",
        "--ready-file",
        ready,
    ]);
    let script = format!(
        "curl() {{ command curl --silent --show-error --noproxy '*' --max-time 60 --fail-with-body \"$@\"; }}\n{}",
        blocks.concat()
    );
    let run = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .output()
        .expect("a shell is there");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let answers: Vec<Value> = Deserializer::from_str(&said)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}: {said}"));
    // What is written to a file is not shown.
    let text = blocks.concat();
    let commands = text.matches("curl ").count() - text.matches("curl --output ").count();
    assert_eq!(answers.len(), commands, "{said}");
}
