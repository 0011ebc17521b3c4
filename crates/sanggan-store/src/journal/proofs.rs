//! Proofs of the tree, from the tiles kept.

use std::collections::BTreeSet;

use sanggan_journal::{Hash, Tiles};

use super::tree;
use crate::{Store, StoreError};

impl Store {
    /// The proof that entry `seq` is in the tree of `size` entries; `None`: it is not, or the tree has not grown so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_inclusion(&self, seq: i64, size: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        let index = match u64::try_from(seq) {
            Ok(seq @ 1..) if seq <= size => seq - 1,
            _ => return Ok(None),
        };
        let tiles = self.tiles(size, || sanggan_journal::tiles_of_inclusion(index, size)).await?;
        Ok(tiles.and_then(|tiles| sanggan_journal::inclusion_proof(index, size, &tiles)))
    }

    /// The proof that the tree of `size` entries begins with the `old` entries it had; `None`: `old` is more, or the
    /// tree has not grown so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn journal_consistency(&self, old: u64, size: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        let tiles = self.tiles(size, || sanggan_journal::tiles_of_consistency(old, size)).await?;
        Ok(tiles.and_then(|tiles| sanggan_journal::consistency_proof(old, size, &tiles)))
    }

    /// These tiles; `None`: the tree has not grown to `size`.
    async fn tiles(
        &self,
        size: u64,
        wanted: impl FnOnce() -> BTreeSet<(u8, u64)>,
    ) -> Result<Option<Tiles>, StoreError> {
        let mut tx = self.db().snapshot("read the tree of the journal").await?;
        if tree::size(&mut tx).await?.unsigned_abs() < size {
            return Ok(None);
        }
        let mut tiles = Tiles::new();
        for (level, index) in wanted() {
            if let Some(tile) = tree::tile(&mut tx, level, index).await? {
                tiles.insert((level, index), tile);
            }
        }
        Ok(Some(tiles))
    }
}
