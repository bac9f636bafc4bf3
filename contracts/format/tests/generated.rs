//! What is made from the grammar and checked in: the schema and the reference. `WARDGATE_UPDATE=1` writes them anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wardgate_contract::{reference, schema};

fn contracts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn keep(path: &Path, made: &str) {
    if std::env::var_os("WARDGATE_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, made).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "{} is not what the grammar says; run the test with WARDGATE_UPDATE=1 and commit the file",
        path.display()
    );
}

#[test]
fn the_schema_is_the_grammars() {
    let made = schema::schema().pretty() + "\n";
    keep(&contracts().join("schema/contract.schema.json"), &made);
}

#[test]
fn the_reference_is_the_grammars() {
    let path = contracts().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme
        .split_once(reference::BEGIN)
        .expect("the README has the mark of the beginning");
    let (_, after) = rest
        .split_once(reference::END)
        .expect("the README has the mark of the end");
    let made = format!(
        "{before}{}\n\n{}\n{}{after}",
        reference::BEGIN,
        reference::reference(),
        reference::END
    );
    keep(&path, &made);
}
