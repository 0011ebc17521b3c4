//! The journal's proof: an SM3 Merkle tree over its entries, its signed heads, and the proofs an outsider checks.
//!
//! Knows no storage and no clock: hashes in, hashes and proofs out.
