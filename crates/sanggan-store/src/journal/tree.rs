//! The Merkle tree over the entries (RFC 6962 with SM3), kept in tiles of 256 hashes.
//!
//! Level 0 of the tiles holds the leaves; each hash of a higher level is the root of a full tile below it. Only full
//! tiles are kept, with their root; the hashes of the last, partial tile of a level stand in the level below it (for
//! level 0: with the entries). So an append writes its leaf and, once in 256 times, a tile.

use sanggan_journal::{Hash, TILE, leaf_hash, root_of};

use super::entry::Kept;
use crate::db::{Dialect, Row, Tx, args};
use crate::{Store, StoreError};

/// Hashes of a full tile, as numbers of the base come.
const WIDE: i64 = TILE as i64;
/// Entries hashed at one time when an older journal is caught up with.
const CATCH_UP: i64 = 10_000;

/// The tree as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalHead {
    /// How many entries it has; the newest has this number.
    pub size: u64,
    /// Its root.
    pub root: [u8; 32],
}

/// A tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalTile {
    /// Its hashes; fewer than 256 in the last one of a level.
    pub hashes: Vec<[u8; 32]>,
}

pub(super) fn hash(row: &Row, column: &str) -> Result<Hash, StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    bytes.try_into().map_err(|bytes: Vec<u8>| StoreError::Corrupt { what: "hash", text: hex::encode(bytes) })
}

/// The hashes `from..to` of a level.
async fn hashes(tx: &mut Tx, level: i64, from: i64, to: i64) -> Result<Vec<Hash>, StoreError> {
    const ATTEMPT: &str = "read the tree of the journal";
    if from >= to {
        return Ok(Vec::new());
    }
    let rows = if level == 0 {
        let sql = "SELECT leaf AS hash FROM event WHERE id > ? AND id <= ? ORDER BY id";
        tx.fetch(ATTEMPT, sql, args![from, to]).await?
    } else {
        let sql =
            "SELECT root AS hash FROM journal_tile WHERE level = ? AND nth >= ? AND nth < ? ORDER BY nth";
        tx.fetch(ATTEMPT, sql, args![level - 1, from, to]).await?
    };
    let found = rows.iter().map(|row| hash(row, "hash")).collect::<Result<Vec<_>, _>>()?;
    if found.len() as i64 != to - from {
        let text = format!("{} of the hashes {from} to {to} of level {level}", found.len());
        return Err(StoreError::Corrupt { what: "the tree of the journal", text });
    }
    Ok(found)
}

/// Adds the leaves behind the first `size`: keeps every tile they fill.
pub(super) async fn grow(tx: &mut Tx, size: i64, leaves: Vec<Hash>) -> Result<(), StoreError> {
    const COLUMNS: [&str; 4] = ["level", "nth", "hashes", "root"];
    let (mut level, mut before, mut new) = (0i64, size, leaves);
    while !new.is_empty() && (before % WIDE) + new.len() as i64 >= WIDE {
        let first = before - before % WIDE;
        let mut all = hashes(tx, level, first, before).await?;
        all.append(&mut new);
        let mut rows = Vec::with_capacity(all.len() / TILE as usize);
        for (tile, nth) in all.chunks_exact(TILE as usize).zip(first / WIDE..) {
            let root = root_of(tile);
            rows.push(args![level, nth, tile.concat(), root.to_vec()]);
            new.push(root);
        }
        tx.insert_many("keep a tile of the journal", "journal_tile", &COLUMNS, rows).await?;
        (level, before) = (level + 1, first / WIDE);
    }
    Ok(())
}

/// The tree over the first `size` entries.
async fn head(tx: &mut Tx, size: i64) -> Result<JournalHead, StoreError> {
    // From the top: the full tiles of each level, then what is left over of the levels below, right of it.
    let (mut partial, mut level, mut count) = (Vec::new(), 0, size);
    while count > 0 {
        partial.push(hashes(tx, level, count - count % WIDE, count).await?);
        (level, count) = (level + 1, count / WIDE);
    }
    let mut right: Option<Hash> = None;
    for mut row in partial {
        row.extend(right);
        right = (!row.is_empty()).then(|| root_of(&row));
    }
    Ok(JournalHead { size: size.unsigned_abs(), root: right.unwrap_or_else(|| root_of(&[])) })
}

/// Gives entries of an older store their leaves, and the tree their tiles.
pub(crate) async fn catch_up(tx: &mut Tx) -> Result<(), StoreError> {
    const ATTEMPT: &str = "hash the journal of an earlier version";
    if tx.dialect() == Dialect::Postgres {
        // It never was without.
        return Ok(());
    }
    loop {
        let sql = "SELECT * FROM event WHERE leaf IS NULL ORDER BY id LIMIT ?";
        let rows = tx.fetch(ATTEMPT, sql, args![CATCH_UP]).await?;
        let Some(first) = rows.first() else { return Ok(()) };
        let size = first.int("id")? - 1;
        let mut leaves = Vec::with_capacity(rows.len());
        for (row, seq) in rows.iter().zip(size + 1..) {
            let kept = Kept::read(row)?;
            if kept.seq != seq {
                let text = format!("entry {seq} is missing, {} follows", kept.seq);
                return Err(StoreError::Corrupt { what: "the journal", text });
            }
            let hash = leaf_hash(kept.bytes().as_bytes());
            let sql = "UPDATE event SET leaf = ?2 WHERE id = ?1";
            tx.execute(ATTEMPT, sql, args![seq, hash.to_vec()]).await?;
            leaves.push(hash);
        }
        grow(tx, size, leaves).await?;
    }
}

/// The hashes of a tile; `None`: the tree has not grown so far.
pub(super) async fn tile(tx: &mut Tx, level: u8, index: u64) -> Result<Option<Vec<Hash>>, StoreError> {
    const ATTEMPT: &str = "read a tile of the journal";
    let mut count = size(tx).await?;
    for _ in 0..level {
        count /= WIDE;
    }
    let Some(from) = i64::try_from(index).ok().and_then(|index| index.checked_mul(WIDE)) else {
        return Ok(None);
    };
    if from >= count {
        return Ok(None);
    }
    if count - from < WIDE {
        return hashes(tx, level.into(), from, count).await.map(Some);
    }
    let sql = "SELECT hashes FROM journal_tile WHERE level = ? AND nth = ?";
    let bytes: Vec<u8> =
        tx.fetch_one(ATTEMPT, sql, args![i64::from(level), from / WIDE]).await?.get("hashes")?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() as u64 != TILE || !rest.is_empty() {
        return Err(StoreError::Corrupt { what: "a tile of the journal", text: hex::encode(&bytes) });
    }
    Ok(Some(hashes.to_vec()))
}

pub(super) async fn size(tx: &mut Tx) -> Result<i64, StoreError> {
    let newest = tx.scalar("read the journal", "SELECT max(id) FROM event", args![]).await?;
    Ok(newest.unwrap_or(0))
}

impl Store {
    /// The tree as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_head(&self) -> Result<JournalHead, StoreError> {
        let mut tx = self.db().snapshot("read the journal").await?;
        let size = size(&mut tx).await?;
        head(&mut tx, size).await
    }

    /// How many entries the journal has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_size(&self) -> Result<u64, StoreError> {
        let mut tx = self.db().snapshot("read the journal").await?;
        Ok(size(&mut tx).await?.unsigned_abs())
    }

    /// The tree as it was when it had `size` entries; `None`: it has not grown so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_head_at(&self, size: u64) -> Result<Option<JournalHead>, StoreError> {
        let mut tx = self.db().snapshot("read the journal").await?;
        match i64::try_from(size) {
            Ok(wanted) if wanted <= self::size(&mut tx).await? => head(&mut tx, wanted).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Tile `index` of a level; `None`: the tree has not grown so far. The last one of a level may be partial.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_tile(&self, level: u8, index: u64) -> Result<Option<JournalTile>, StoreError> {
        let mut tx = self.db().snapshot("read the journal").await?;
        Ok(tile(&mut tx, level, index).await?.map(|hashes| JournalTile { hashes }))
    }
}
