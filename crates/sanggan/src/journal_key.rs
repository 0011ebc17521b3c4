//! The key the journal's heads are signed with: a file of the data folder that only the platform's user may read.

use std::io::Write;
use std::path::{Path, PathBuf};

use sanggan_api::JournalSigner;
use sanggan_base::ErrorCode;
use sanggan_config::Settings;
use sanggan_journal::HeadSigner;
use sanggan_pack::Pack;

use crate::exit::Failure;

/// The file in the data folder.
const FILE: &str = "journal-key.pem";

/// The signer of this platform; its key is made when there is none.
pub(crate) fn signer(settings: &Settings, pack: &Pack) -> Result<JournalSigner, Failure> {
    let path = settings.data.folder.join(FILE);
    let signer = match std::fs::read_to_string(&path) {
        Ok(pem) => HeadSigner::from_pem(&pem).map_err(bad(&path))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&path)?,
        Err(error) => return Err(Failure::file("read the journal's key", &path)(error)),
    };
    Ok(JournalSigner { origin: format!("sanggan/{}", pack.city.code.as_str()), signer })
}

fn bad(path: &Path) -> impl FnOnce(sanggan_journal::KeyError) -> Failure {
    let attempt = format!("use the journal's key `{}`", path.display());
    Failure::step(attempt, ErrorCode::BadInput)
}

fn make(path: &Path) -> Result<HeadSigner, Failure> {
    // About one draw in 2³² makes no key.
    let signer = (0..8).find_map(|_| HeadSigner::from_bytes(&rand::random()).ok());
    let signer = signer.ok_or(sanggan_journal::KeyError::Bytes).map_err(bad(path))?;
    let pem = signer.to_pem().map_err(bad(path))?;
    // Beside it first, so that there is never half a key.
    let part = PathBuf::from(format!("{}.part", path.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || {
        let mut file = options.open(&part)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(Failure::file("write the journal's key", path))?;
    tracing::info!(path = %path.display(), "made the key the journal's heads are signed with; keep a copy of it");
    Ok(signer)
}
