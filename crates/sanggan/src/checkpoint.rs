//! How far an import has come, kept in the data folder so that the same command goes on where it stopped.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// How far the import of one file has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checkpoint<T> {
    /// SM3 of the file as it lies on the disk.
    pub(crate) file_sm3: String,
    /// Its name when it was imported, for people.
    pub(crate) file_name: String,
    /// Lines (rows) that are durable.
    pub(crate) lines: u64,
    /// Whether all are.
    pub(crate) done: bool,
    /// What was counted so far.
    pub(crate) tally: T,
}

/// The checkpoint of one file on the disk.
pub(crate) struct Place(PathBuf);

impl Place {
    /// Where the checkpoint of the file with this hash lies, for one kind of import.
    pub(crate) fn of(data: &Path, kind: &str, file_sm3: &str) -> Place {
        Place(data.join("imports").join(format!("{kind}-{file_sm3}.json")))
    }

    /// What was kept, if anything.
    pub(crate) fn load<T: for<'d> Deserialize<'d>>(&self) -> Result<Option<Checkpoint<T>>, Failure> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file("read the checkpoint", &self.0)(error)),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|source| {
            Failure::step(
                format!("read the checkpoint `{}`", self.0.display()),
                sanggan_base::ErrorCode::Conflict,
            )(source)
        })
    }

    /// Replaces what was kept, in one step.
    pub(crate) fn save<T: Serialize>(&self, checkpoint: &Checkpoint<T>) -> Result<(), Failure> {
        save_json(&self.0, checkpoint)
    }
}

/// Writes a small JSON file so that it is either the old one or the new one, whatever happens.
pub(crate) fn save_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let attempt = Failure::file("write", path);
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = path.with_extension("new");
        let mut file = std::fs::File::create(&fresh)?;
        serde_json::to_writer_pretty(&mut file, value)?;
        file.flush()?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    };
    write().map_err(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_and_a_broken_file_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::of(folder.path(), "frames", "abc");
        assert_eq!(place.load::<u32>().ok(), Some(None));
        let checkpoint = Checkpoint {
            file_sm3: "abc".to_owned(),
            file_name: "a.txt".to_owned(),
            lines: 7,
            done: false,
            tally: 3u32,
        };
        assert!(place.save(&checkpoint).is_ok());
        assert_eq!(place.load::<u32>().ok(), Some(Some(checkpoint)));
        std::fs::write(&place.0, "{").expect("writes");
        assert!(place.load::<u32>().is_err());
    }
}
