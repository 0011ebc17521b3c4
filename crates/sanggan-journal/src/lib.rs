//! The journal's proof: an SM3 Merkle tree over its entries, its signed heads, and the proofs an outsider checks.
//!
//! The tree is that of RFC 6962 with SM3 (GB/T 32905) for SHA-256: a leaf is `SM3(0x00 ‖ entry)`, a node is
//! `SM3(0x01 ‖ left ‖ right)`. Its hashes lie in tiles of 256, as C2SP tlog-tiles has them; a head is a signed note
//! (C2SP signed-note) whose signature is SM2 (GB/T 32918.2) over SM3.
//!
//! Knows no storage, no clock and no randomness: hashes in, hashes and proofs out.
//!
//! Read first: [`leaf_hash`], [`Checkpoint`], [`verify_inclusion`], [`verify_consistency`].
//!
//! * TREE-1: what proves here is checked by code that shares nothing with what made it: proofs are verified by the
//!   algorithms of RFC 9162 §2.1, tiles are read by the recursion of RFC 6962 §2.1.

mod checkpoint;
mod key;
mod proof;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, NoteError};
pub use key::{DISTINGUISHING_ID, HeadKey, HeadSigner, KeyError};
pub use proof::{Tiles, consistency_proof, inclusion_proof, tiles_of_consistency, tiles_of_inclusion};
pub use tree::{Hash, TILE, leaf_hash, node_hash, root_of};
pub use verify::{verify_consistency, verify_inclusion};
