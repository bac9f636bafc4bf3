//! `wardgate dataset`: synthetic data sets, the same people in each format.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Component, Path, PathBuf},
};

use sha2::{Digest, Sha256};
use wardgate_core::port::{Catalog, Protocol};
use wardgate_expression::Json;
use wardgate_synth::{Population, Record, Seed};

use crate::{
    args::{DatasetCommand, DatasetFormat},
    exit::{Failure, Outcome, PASSED},
    files,
    print::say,
};

/// Runs `wardgate dataset …`.
pub fn run(command: DatasetCommand) -> Outcome {
    let DatasetCommand::Generate {
        patients,
        seed,
        format,
        out,
        quiet,
    } = command;
    let catalog = wardgate_stub_catalog::catalog();
    let mut writer = SetWriter::new(&catalog, &format, &out)?;
    let population = Population::generate(patients as usize, &Seed::from_u64(seed));
    let mut manifest = population.manifest();
    for practitioner in population.practitioners() {
        manifest.count(&practitioner);
        writer.add(&practitioner)?;
    }
    for chart in population {
        for record in chart.records() {
            manifest.count(record);
            writer.add(record)?;
        }
    }
    let digests = writer.finish()?;
    let listed: Vec<(&str, &str)> = digests
        .iter()
        .map(|(file, digest)| (file.as_str(), digest.as_str()))
        .collect();
    files::write(
        &out.join("manifest.json"),
        manifest.text(&listed).as_bytes(),
    )?;
    if !quiet {
        say!(
            "{patients} patients of seed {seed} in {} files under {}",
            digests.len(),
            out.display()
        );
    }
    Ok(PASSED)
}

/// Removes the files of the data set that is here, so that nothing of another set stays among those of the new one. What its
/// manifest does not name, or names outside of its folder, is not touched.
fn clear(folder: &Path) -> Result<(), Failure> {
    let manifest = folder.join("manifest.json");
    let wrong = |path: &Path, reason: String| {
        Failure::could_not_run(format!(
            "the data set in {} cannot be replaced: {}: {reason}; choose another --out",
            folder.display(),
            path.display()
        ))
    };
    let text =
        fs::read_to_string(&manifest).map_err(|error| wrong(&manifest, error.to_string()))?;
    let listed: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(&manifest, error.to_string()))?;
    let names = listed["files"]
        .as_object()
        .map(|files| files.keys().map(String::as_str))
        .ok_or_else(|| wrong(&manifest, String::from("it lists no files")))?;
    for name in names {
        let path = Path::new(name);
        if !path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            continue;
        }
        let path = folder.join(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(wrong(&path, error.to_string()));
            }
            _ => {}
        }
    }
    fs::remove_file(&manifest).map_err(|error| wrong(&manifest, error.to_string()))
}

/// Writes every record in every format, each file digested on its way.
struct SetWriter<'a> {
    protocols: Vec<&'a dyn Protocol>,
    folder: PathBuf,
    files: BTreeMap<String, OpenFile>,
}

struct OpenFile {
    file: BufWriter<File>,
    digest: Sha256,
}

impl<'a> SetWriter<'a> {
    fn new(
        catalog: &'a Catalog,
        formats: &[DatasetFormat],
        folder: &Path,
    ) -> Result<Self, Failure> {
        let protocols = formats
            .iter()
            .map(|format| match format {
                DatasetFormat::Fhir => "fhir",
                DatasetFormat::Hl7v2 => "hl7v2",
                DatasetFormat::Erp => "erp",
            })
            .filter_map(|name| catalog.get(name).map(AsRef::as_ref))
            .collect();
        let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if taken && !folder.join("manifest.json").exists() {
            return Err(Failure::could_not_run(format!(
                "{} is not empty and holds no data set; choose another --out, so that nothing of yours is overwritten",
                folder.display()
            )));
        }
        if taken {
            clear(folder)?;
        }
        Ok(Self {
            protocols,
            folder: folder.to_owned(),
            files: BTreeMap::new(),
        })
    }

    fn add(&mut self, record: &Record) -> Result<(), Failure> {
        for protocol in self.protocols.clone() {
            let kind = record.kind.name();
            let Some(rendered) = protocol.render(kind, &record.fields) else {
                continue;
            };
            let Some(collection) = protocol.collection_of(kind, &rendered) else {
                continue;
            };
            let (ending, line) = match rendered {
                // A message is text of its own; one blank line stands between two.
                Json::String(message) => ("hl7", message + "\n"),
                other => ("ndjson", format!("{other}\n")),
            };
            self.append(
                &format!("{}/{collection}.{ending}", protocol.name()),
                line.as_bytes(),
            )?;
        }
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let fault = |error: std::io::Error| {
            Failure::could_not_run(format!("{} cannot be written: {error}", path.display()))
        };
        if !self.files.contains_key(name) {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(fault)?;
            }
            let file = OpenFile {
                file: BufWriter::new(File::create(&path).map_err(fault)?),
                digest: Sha256::new(),
            };
            self.files.insert(name.to_owned(), file);
        }
        if let Some(open) = self.files.get_mut(name) {
            open.digest.update(bytes);
            open.file.write_all(bytes).map_err(fault)?;
        }
        Ok(())
    }

    /// Closes the files and gives their names and digests.
    fn finish(self) -> Result<Vec<(String, String)>, Failure> {
        self.files
            .into_iter()
            .map(|(name, mut open)| {
                open.file.flush().map_err(|error| {
                    Failure::could_not_run(format!("{name} cannot be written: {error}"))
                })?;
                let digest = open
                    .digest
                    .finalize()
                    .iter()
                    .fold(String::new(), |mut text, byte| {
                        let _ = write!(text, "{byte:02x}");
                        text
                    });
                Ok((name, digest))
            })
            .collect()
    }
}
