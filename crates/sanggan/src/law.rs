//! Lays local law and corrections over the law that is compiled in, before anything is judged.

use std::path::Path;

use sanggan_base::ErrorCode;
use sanggan_config::Settings;
use sanggan_pack::Pack;
use sanggan_standards::Law;

use crate::exit::Failure;

/// What a file of the law ends with.
const SUFFIX: &str = "toml";

/// The law of this process: compiled in, then the city's own, then the folder of the settings.
pub(crate) fn install(settings: &Settings, pack: &Pack) -> Result<&'static Law, Failure> {
    let mut files = pack.law_files().to_vec();
    if !settings.law.folder.is_empty() {
        for (name, text) in read_folder(Path::new(&settings.law.folder))? {
            files.retain(|(known, _)| *known != name);
            files.push((name, text));
        }
    }
    Law::install(&files)
        .map_err(Failure::step("lay the local law over the national one", ErrorCode::BadInput))
}

/// The files of a folder of law, (`gb-3838/2002.toml`, text), sorted.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for entry in entries(folder)? {
        if !entry.is_dir() {
            continue;
        }
        for path in entries(&entry)? {
            if path.extension().is_some_and(|suffix| suffix == SUFFIX) {
                let text = std::fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push((name, text));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let failed = || Failure::file("read the folder of law", folder);
    let read = std::fs::read_dir(folder).map_err(failed())?;
    read.map(|entry| Ok(entry.map_err(failed())?.path())).collect()
}
