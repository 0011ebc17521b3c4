//! Where the faults of single lines go: a CSV file, or standard error with a bound.

use std::fs::File;
use std::path::Path;

use crate::exit::Failure;
use crate::output;

/// Faults told on standard error for each file; the rest is only counted.
const TOLD_MAX: u64 = 20;

/// Takes the faults of one import.
pub(crate) struct Faults {
    file: Option<(std::path::PathBuf, csv::Writer<File>)>,
    told: u64,
    held_back: u64,
}

impl Faults {
    /// To a CSV file (`file,line,fault`), or to standard error.
    pub(crate) fn open(path: Option<&Path>) -> Result<Faults, Failure> {
        let file = match path {
            None => None,
            Some(path) => {
                let file = File::create(path).map_err(Failure::file("write", path))?;
                let mut writer = csv::Writer::from_writer(file);
                writer.write_record(["file", "line", "fault"]).map_err(csv_failure)?;
                Some((path.to_owned(), writer))
            }
        };
        Ok(Faults { file, told: 0, held_back: 0 })
    }

    /// Whether there is room for every fault.
    pub(crate) fn takes_all(&self) -> bool {
        self.file.is_some()
    }

    /// One fault.
    pub(crate) fn tell(&mut self, name: &str, line: u64, fault: &str) -> Result<(), Failure> {
        if let Some((_, writer)) = &mut self.file {
            return writer.write_record([name, &line.to_string(), fault]).map_err(csv_failure);
        }
        if self.told < TOLD_MAX {
            self.told += 1;
            output::note(&format!("{name}:{line}: {fault}"));
        } else {
            self.held_back += 1;
        }
        Ok(())
    }

    /// No more of this file.
    pub(crate) fn end_of_file(&mut self) -> Result<(), Failure> {
        if let Some((path, writer)) = &mut self.file {
            writer.flush().map_err(Failure::file("write", path))?;
        }
        if self.held_back > 0 {
            output::note(&format!(
                "… and {} more; name a file with --faults to have them all",
                self.held_back
            ));
        }
        self.told = 0;
        self.held_back = 0;
        Ok(())
    }
}

fn csv_failure(source: csv::Error) -> Failure {
    Failure::step("write the faults", sanggan_base::ErrorCode::Unavailable)(source)
}
