//! Proofs, made from tiles.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Hash, TILE, node_hash, split};

/// Tiles by level and number; the last of a level may hold fewer than [`TILE`] hashes.
pub type Tiles = BTreeMap<(u8, u64), Vec<Hash>>;

/// Entries below one hash of a level.
fn below(level: u8) -> u64 {
    TILE.pow(level.into())
}

/// The highest level of which one hash is just these entries; `None` when they are no such thing.
fn level_of(from: u64, to: u64) -> Option<u8> {
    (0..8).find(|&level| to - from == below(level) && from.is_multiple_of(below(level)))
}

/// A walk that gives the root of the entries `from..to` of a tree.
trait Walk {
    type Out;
    /// The hash at a place of a level.
    fn at(&mut self, level: u8, nth: u64) -> Option<Self::Out>;
    /// Two become one.
    fn join(&mut self, left: Self::Out, right: Self::Out) -> Self::Out;

    fn root(&mut self, from: u64, to: u64) -> Option<Self::Out> {
        if let Some(level) = level_of(from, to) {
            return self.at(level, from / below(level));
        }
        let middle = from + split(to - from);
        let left = self.root(from, middle)?;
        let right = self.root(middle, to)?;
        Some(self.join(left, right))
    }
}

struct Read<'t>(&'t Tiles);

impl Walk for Read<'_> {
    type Out = Hash;

    fn at(&mut self, level: u8, nth: u64) -> Option<Hash> {
        self.0.get(&(level, nth / TILE))?.get((nth % TILE) as usize).copied()
    }

    fn join(&mut self, left: Hash, right: Hash) -> Hash {
        node_hash(&left, &right)
    }
}

#[derive(Default)]
struct Named(BTreeSet<(u8, u64)>);

impl Walk for Named {
    type Out = ();

    fn at(&mut self, level: u8, nth: u64) -> Option<()> {
        self.0.insert((level, nth / TILE));
        Some(())
    }

    fn join(&mut self, (): (), (): ()) {}
}

/// The parts of the tree whose roots are the inclusion proof of entry `index` in a tree of `size` (RFC 6962 §2.1.1).
fn inclusion(index: u64, from: u64, to: u64, parts: &mut Vec<(u64, u64)>) {
    if to - from <= 1 {
        return;
    }
    let middle = from + split(to - from);
    if index < middle {
        inclusion(index, from, middle, parts);
        parts.push((middle, to));
    } else {
        inclusion(index, middle, to, parts);
        parts.push((from, middle));
    }
}

/// The parts that are the consistency proof of the first `old` of a tree of `to` (RFC 6962 §2.1.2).
fn consistency(old: u64, from: u64, to: u64, known: bool, parts: &mut Vec<(u64, u64)>) {
    if old == to {
        if !known {
            parts.push((from, to));
        }
        return;
    }
    let middle = from + split(to - from);
    if old <= middle {
        consistency(old, from, middle, known, parts);
        parts.push((middle, to));
    } else {
        consistency(old, middle, to, false, parts);
        parts.push((from, middle));
    }
}

fn inclusion_parts(index: u64, size: u64) -> Vec<(u64, u64)> {
    let mut parts = Vec::new();
    if index < size {
        inclusion(index, 0, size, &mut parts);
    }
    parts
}

fn consistency_parts(old: u64, size: u64) -> Vec<(u64, u64)> {
    let mut parts = Vec::new();
    if 0 < old && old < size {
        consistency(old, 0, size, true, &mut parts);
    }
    parts
}

fn tiles(parts: &[(u64, u64)]) -> BTreeSet<(u8, u64)> {
    let mut named = Named::default();
    for &(from, to) in parts {
        named.root(from, to);
    }
    named.0
}

fn roots(parts: &[(u64, u64)], tiles: &Tiles) -> Option<Vec<Hash>> {
    parts.iter().map(|&(from, to)| Read(tiles).root(from, to)).collect()
}

/// The tiles from which [`inclusion_proof`] is made, as (level, number).
pub fn tiles_of_inclusion(index: u64, size: u64) -> BTreeSet<(u8, u64)> {
    tiles(&inclusion_parts(index, size))
}

/// The proof that entry `index` (from 0) is in the tree of `size` entries; `None` when a tile is missing, or there is
/// no such entry.
pub fn inclusion_proof(index: u64, size: u64, tiles: &Tiles) -> Option<Vec<Hash>> {
    if index >= size { None } else { roots(&inclusion_parts(index, size), tiles) }
}

/// The tiles from which [`consistency_proof`] is made, as (level, number).
pub fn tiles_of_consistency(old: u64, size: u64) -> BTreeSet<(u8, u64)> {
    tiles(&consistency_parts(old, size))
}

/// The proof that the tree of `size` entries begins with the `old` entries it had; `None` when a tile is missing, or
/// there was no such tree.
pub fn consistency_proof(old: u64, size: u64, tiles: &Tiles) -> Option<Vec<Hash>> {
    if old > size { None } else { roots(&consistency_parts(old, size), tiles) }
}
