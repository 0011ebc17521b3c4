//! Hashes of leaves and nodes.

use sm3::{Digest, Sm3};

/// An SM3 hash.
pub type Hash = [u8; 32];

/// Hashes of a full tile.
pub const TILE: u64 = 256;

/// The hash of an entry's bytes.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sm3::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of two hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sm3::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree over these leaves (RFC 6962 §2.1); over none, the hash of nothing.
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sm3::digest([]).into(),
        [one] => *one,
        several => {
            let (left, right) = several.split_at(split(several.len() as u64) as usize);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two below `size`, which is at least 2.
pub(crate) fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}
