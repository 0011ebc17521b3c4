//! `sanggan journal`: the head, the verification, the export.

use std::path::Path;

use sanggan_base::ErrorCode;
use sanggan_config::Settings;
use sanggan_journal::{Checkpoint, Hash, TILE, leaf_hash, root_of};
use sanggan_store::Store;
use serde::Serialize;

use crate::cli::{Format, JournalVerb};
use crate::exit::Failure;
use crate::journal_key::signer;
use crate::output;

/// Entries read at one time.
const CHUNK: i64 = 10_000;

/// Runs one of the verbs.
pub(crate) async fn run(
    store: &Store,
    settings: &Settings,
    verb: &JournalVerb,
    format: Format,
) -> Result<(), Failure> {
    match verb {
        JournalVerb::Head => head(store, settings, format).await,
        JournalVerb::Verify { against } => verify(store, settings, against.as_deref(), format).await,
        JournalVerb::Export { folder } => export(store, settings, folder, format).await,
    }
}

async fn note(store: &Store, settings: &Settings) -> Result<String, Failure> {
    let key = signer(settings, &crate::settings::pack(settings)?)?;
    let head = store.journal_head().await?;
    Ok(Checkpoint { origin: key.origin, size: head.size, root: head.root }.signed(&key.signer))
}

async fn head(store: &Store, settings: &Settings, format: Format) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Head {
        size: u64,
        root: String,
        note: String,
    }
    let note = note(store, settings).await?;
    match format {
        Format::Text => output::text(&note),
        Format::Json => {
            let head = store.journal_head().await?;
            output::json(&Head { size: head.size, root: hex::encode(head.root), note })
        }
    }
}

/// Something of the journal is not what it was.
#[derive(Debug, thiserror::Error)]
enum Differs {
    #[error("entry {0} was changed: its content no longer gives the hash it was written with")]
    Changed(i64),
    #[error("entry {0} is missing")]
    Missing(i64),
    #[error("tile {level}/{index} of the tree was changed: it is not what its entries give")]
    Tile { level: u8, index: u64 },
    #[error("the head kept is not what the entries give")]
    Root,
    #[error("the journal has {now} entries and had {then} when the head was signed: entries were removed")]
    Shorter { now: u64, then: u64 },
    #[error("the first {0} entries are not those of the head given: the journal was written anew")]
    Rewritten(u64),
}

fn differs(what: Differs) -> Failure {
    Failure::step("verify the journal", ErrorCode::Conflict)(what)
}

/// Every leaf, worked out from the entries; the first entry that differs is told.
async fn leaves(
    store: &Store,
    mut each: impl FnMut(&str) -> std::io::Result<()>,
) -> Result<Vec<Hash>, Failure> {
    let size = i64::try_from(store.journal_size().await?).unwrap_or(i64::MAX);
    let mut leaves = Vec::new();
    let mut next = 1;
    while next <= size {
        let entries = store.journal_range(next, size.min(next + CHUNK - 1)).await?;
        for entry in &entries {
            if entry.event.id != next {
                return Err(differs(Differs::Missing(next)));
            }
            let leaf = leaf_hash(entry.bytes.as_bytes());
            if leaf != entry.leaf {
                return Err(differs(Differs::Changed(next)));
            }
            each(&entry.bytes).map_err(Failure::step("write the entries", ErrorCode::Internal))?;
            leaves.push(leaf);
            next += 1;
        }
        if entries.is_empty() {
            return Err(differs(Differs::Missing(next)));
        }
    }
    Ok(leaves)
}

/// Compares every tile with what the leaves give; each level's tiles with what they were given to.
async fn tiles(
    store: &Store,
    leaves: &[Hash],
    mut each: impl FnMut(u8, u64, &[Hash]) -> std::io::Result<()>,
) -> Result<u64, Failure> {
    let (mut level, mut row, mut count) = (0u8, leaves.to_vec(), 0);
    while !row.is_empty() {
        let mut above = Vec::new();
        for (index, tile) in (0u64..).zip(row.chunks(TILE as usize)) {
            let kept = store.journal_tile(level, index).await?;
            if kept.is_none_or(|kept| kept.hashes != tile) {
                return Err(differs(Differs::Tile { level, index }));
            }
            each(level, index, tile).map_err(Failure::step("write the tiles", ErrorCode::Internal))?;
            if tile.len() as u64 == TILE {
                above.push(root_of(tile));
            }
            count += 1;
        }
        (level, row) = (level + 1, above);
    }
    Ok(count)
}

async fn verify(
    store: &Store,
    settings: &Settings,
    against: Option<&Path>,
    format: Format,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Verified {
        entries: usize,
        tiles: u64,
        root: String,
        against: Option<u64>,
    }
    let earlier =
        match against {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(Failure::file("read the head", path))?;
                let key = signer(settings, &crate::settings::pack(settings)?)?.signer.public();
                let read = Checkpoint::verified(&text, &key);
                Some(read.map_err(Failure::step(
                    format!("use the head `{}`", path.display()),
                    ErrorCode::BadInput,
                ))?)
            }
        };
    let leaves = leaves(store, |_| Ok(())).await?;
    let tiles = tiles(store, &leaves, |_, _, _| Ok(())).await?;
    let root = root_of(&leaves);
    let size = leaves.len() as u64;
    if store.journal_head_at(size).await?.is_none_or(|head| head.root != root) {
        return Err(differs(Differs::Root));
    }
    if let Some(then) = &earlier {
        let Some(begins) = usize::try_from(then.size).ok().and_then(|then| leaves.get(..then)) else {
            return Err(differs(Differs::Shorter { now: size, then: then.size }));
        };
        if root_of(begins) != then.root {
            return Err(differs(Differs::Rewritten(then.size)));
        }
    }
    let against = earlier.map(|then| then.size);
    let verified = Verified { entries: leaves.len(), tiles, root: hex::encode(root), against };
    match format {
        Format::Json => output::json(&verified),
        Format::Text => {
            let Verified { entries, tiles, root, against } = verified;
            let since = against.map_or_else(String::new, |size| {
                format!("the first {size} entries are those of the head given\n")
            });
            output::text(&format!(
                "{entries} entries and {tiles} tiles are as they were written\n{since}root {root}\n"
            ))
        }
    }
}

async fn export(store: &Store, settings: &Settings, folder: &Path, format: Format) -> Result<(), Failure> {
    use std::io::Write as _;
    #[derive(Serialize)]
    struct Exported {
        folder: String,
        entries: usize,
        tiles: u64,
    }
    let key = signer(settings, &crate::settings::pack(settings)?)?;
    std::fs::create_dir_all(folder).map_err(Failure::file("make the folder", folder))?;
    let path = folder.join("entries.jsonl");
    let file = std::fs::File::create(&path).map_err(Failure::file("write", &path))?;
    let mut file = std::io::BufWriter::new(file);
    let leaves = leaves(store, |bytes| writeln!(file, "{bytes}")).await?;
    file.flush().map_err(Failure::file("write", &path))?;
    let tiles = tiles(store, &leaves, |level, index, tile| {
        let folder = folder.join("tile").join(level.to_string());
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(index.to_string()), tile.concat())
    })
    .await?;
    let head = Checkpoint { origin: key.origin, size: leaves.len() as u64, root: root_of(&leaves) };
    let note = head.signed(&key.signer);
    let pem =
        key.signer.public().to_pem().map_err(Failure::step("write the public key", ErrorCode::Internal))?;
    for (name, text) in [("checkpoint", note), ("key.pem", pem)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(Failure::file("write", &path))?;
    }
    let exported = Exported { folder: folder.display().to_string(), entries: leaves.len(), tiles };
    match format {
        Format::Json => output::json(&exported),
        Format::Text => {
            output::note(&format!(
                "{} entries and {} tiles are in {}",
                exported.entries, tiles, exported.folder
            ));
            Ok(())
        }
    }
}
