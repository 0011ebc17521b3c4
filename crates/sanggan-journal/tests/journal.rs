//! The tree against its definition, proofs against their verifiers, heads against their keys.

use proptest::prelude::*;
use sanggan_journal::{
    Checkpoint, Hash, HeadKey, HeadSigner, NoteError, TILE, Tiles, consistency_proof, inclusion_proof,
    leaf_hash, root_of, tiles_of_consistency, tiles_of_inclusion, verify_consistency, verify_inclusion,
};

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|nth| leaf_hash(format!("entry {nth}").as_bytes())).collect()
}

/// All tiles of a tree, made the plain way.
fn tiles(leaves: &[Hash]) -> Tiles {
    let mut tiles = Tiles::new();
    let (mut row, mut level) = (leaves.to_vec(), 0);
    while !row.is_empty() {
        for (nth, tile) in row.chunks(TILE as usize).enumerate() {
            tiles.insert((level, nth as u64), tile.to_vec());
        }
        row = row.chunks_exact(TILE as usize).map(root_of).collect();
        level += 1;
    }
    tiles
}

fn only(tiles: &Tiles, wanted: &std::collections::BTreeSet<(u8, u64)>) -> Tiles {
    wanted.iter().map(|key| (*key, tiles[key].clone())).collect()
}

#[test]
fn hashes_are_those_of_sm3() {
    // SM3 of "abc" is the example of GB/T 32905; a leaf has a zero byte before it.
    let leaf = leaf_hash(b"abc");
    assert_ne!(hex::encode(leaf), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_eq!(root_of(&[leaf]), leaf);
    assert_eq!(
        hex::encode(root_of(&[])),
        "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
        "SM3 of nothing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_entry_is_proved_and_no_other(size in 1u64..1500, at in 0.0f64..1.0) {
        let leaves = leaves(size);
        let (tiles, root) = (tiles(&leaves), root_of(&leaves));
        let index = (at * size as f64) as u64;
        let proof = inclusion_proof(index, size, &only(&tiles, &tiles_of_inclusion(index, size))).expect("the tiles named are enough");
        let leaf = leaves[index as usize];
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf_hash(b"another"), index, size, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf, (index + 1) % size.max(2), size, &proof, &root) || size == 1);
        if let Some(first) = proof.first() {
            let mut bent = proof.clone();
            bent[0] = leaf_hash(first);
            prop_assert!(!verify_inclusion(&leaf, index, size, &bent, &root));
        }
    }

    #[test]
    fn a_tree_proves_that_it_begins_with_what_it_was(size in 1u64..1500, part in 0.0f64..=1.0) {
        let leaves = leaves(size);
        let (tiles, new) = (tiles(&leaves), root_of(&leaves));
        let old_size = (part * size as f64) as u64;
        let old = root_of(&leaves[..old_size as usize]);
        let proof = consistency_proof(old_size, size, &only(&tiles, &tiles_of_consistency(old_size, size))).expect("the tiles named are enough");
        prop_assert!(verify_consistency(old_size, &old, size, &new, &proof));
        let mut altered = leaves.clone();
        altered[0] = leaf_hash(b"altered");
        let altered = root_of(&altered);
        prop_assert!(old_size == 0 || !verify_consistency(old_size, &old, size, &altered, &proof));
    }

    #[test]
    fn a_note_never_makes_the_reader_panic(note in "\\PC{0,200}(\n\n)?\\PC{0,100}") {
        let key = signer().public();
        let _ = Checkpoint::verified(&note, &key);
    }
}

fn signer() -> HeadSigner {
    HeadSigner::from_bytes(&[7; 32]).expect("a key")
}

#[test]
fn a_head_is_signed_and_nothing_in_it_can_be_changed() {
    let signer = signer();
    let key = HeadKey::from_pem(&signer.public().to_pem().expect("PEM")).expect("a key");
    let again = HeadSigner::from_pem(&signer.to_pem().expect("PEM")).expect("a key");
    let head = Checkpoint { origin: "sanggan.test/140600".to_owned(), size: 3, root: root_of(&leaves(3)) };
    let note = head.signed(&again);
    assert_eq!(Checkpoint::verified(&note, &key), Ok(head.clone()));
    let more = note.replacen("\n3\n", "\n4\n", 1);
    assert!(matches!(Checkpoint::verified(&more, &key), Err(NoteError::Signature(_))));
    let other = HeadSigner::from_bytes(&[8; 32]).expect("a key").public();
    assert!(matches!(Checkpoint::verified(&note, &other), Err(NoteError::Unsigned(_))));
    assert!(matches!(Checkpoint::verified("nothing", &key), Err(NoteError::Form(_))));
}
