//! What an outsider checks proofs with.

use crate::tree::{Hash, node_hash, root_of};

/// Whether `proof` shows that `leaf` is entry `index` (from 0) of the tree of `size` entries with this root
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for part in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(part, &hash);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, part);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `size` entries with root `new` begins with the tree of `old_size` entries
/// with root `old` (RFC 9162 §2.1.4.2).
pub fn verify_consistency(old_size: u64, old: &Hash, size: u64, new: &Hash, proof: &[Hash]) -> bool {
    match old_size {
        0 => return proof.is_empty() && *old == root_of(&[]),
        _ if old_size > size => return false,
        _ if old_size == size => return proof.is_empty() && old == new,
        _ => {}
    }
    let mut parts = proof.iter();
    let (mut first, mut second);
    if old_size.is_power_of_two() {
        (first, second) = (*old, *old);
    } else {
        let Some(part) = parts.next() else { return false };
        (first, second) = (*part, *part);
    }
    let (mut place, mut last) = (old_size - 1, size - 1);
    while place % 2 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    for part in parts {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            first = node_hash(part, &first);
            second = node_hash(part, &second);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            second = node_hash(&second, part);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && first == *old && second == *new
}
