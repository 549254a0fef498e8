//! The tree and its proofs against ct-merkle, which shares no code with ours.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use proptest::prelude::*;
use rmd_feed::{
    RightEdge,
    proof::{self, Claim, StoredHashes},
};
use sha2_for_ct_merkle::Sha256;

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

fn leaf(seq: u64) -> Vec<u8> {
    format!("header of {seq}").into_bytes()
}

/// Our tree and theirs over the same leaves.
fn trees(size: u64) -> (RightEdge, StoredHashes, Theirs) {
    let (mut edge, mut stored, mut theirs) =
        (RightEdge::default(), StoredHashes::new(), Theirs::new());
    for seq in 1..=size {
        let first = edge.next_index();
        stored.insert(first, edge.push(tlog_tiles::record_hash(&leaf(seq)).0).concat());
        theirs.push(leaf(seq));
    }
    (edge, stored, theirs)
}

/// Our root in their type.
fn root_of(size: u64, root: [u8; 32]) -> RootHash<Sha256> {
    RootHash::new(root.into(), size)
}

fn hashes(bytes: &[u8]) -> Vec<[u8; 32]> {
    bytes.as_chunks::<32>().0.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn both_crates_agree_on_random_sizes(
        size in 1_u64..=10_000,
        picks in prop::collection::vec(any::<u64>(), 12),
    ) {
        let (edge, stored, theirs) = trees(size);
        let root = edge.root();
        prop_assert!(root_of(size, root) == theirs.root());
        prop_assert_eq!(proof::root(size, &stored).unwrap(), root);

        for pick in picks {
            let seq = pick % size + 1;
            let index = usize::try_from(seq - 1).unwrap();

            let ours = proof::prove(size, Claim::Inclusion { seq }, &stored).unwrap();
            let read = InclusionProof::try_from_bytes(ours.concat()).unwrap();
            root_of(size, root).verify_inclusion(&leaf(seq), seq - 1, &read).unwrap();
            let theirs_for_us = hashes(theirs.prove_inclusion(index).as_bytes());
            prop_assert_eq!(&theirs_for_us, &ours);

            let old_root = proof::root(seq, &stored).unwrap();
            let ours = proof::prove(size, Claim::Consistency { old_size: seq }, &stored).unwrap();
            let read = ConsistencyProof::try_from_bytes(ours.concat()).unwrap();
            root_of(size, root).verify_consistency(&root_of(seq, old_root), &read).unwrap();
            let added = usize::try_from(size - seq).unwrap();
            let theirs_for_us = hashes(theirs.prove_consistency(added).as_bytes());
            proof::check_consistency(&theirs_for_us, size, root, seq, old_root).unwrap();
        }
    }

    #[test]
    fn an_altered_proof_is_refused(size in 2_u64..=600, pick: u64, bit in 0_usize..256) {
        let (edge, stored, _) = trees(size);
        let (root, seq) = (edge.root(), pick % size + 1);
        let leaf = tlog_tiles::record_hash(&leaf(seq)).0;
        let mut proof = proof::prove(size, Claim::Inclusion { seq }, &stored).unwrap();
        proof::check_inclusion(&proof, size, root, seq, leaf).unwrap();
        let place = usize::try_from(pick).unwrap_or(0) % proof.len();
        proof[place][bit / 8] ^= 1 << (bit % 8);
        prop_assert!(proof::check_inclusion(&proof, size, root, seq, leaf).is_err());
    }
}

/// A store that is read asynchronously loads what the dry run lists, and no more is read.
#[test]
fn the_dry_run_lists_exactly_the_hashes_that_a_proof_reads() {
    let (edge, stored, _) = trees(777);
    for claim in [Claim::Inclusion { seq: 500 }, Claim::Consistency { old_size: 300 }] {
        let needed = proof::needed(777, claim).unwrap();
        let mut loaded = StoredHashes::new();
        for &index in &needed {
            let hash = proof::HashSource::read(&stored, &[index]).unwrap();
            loaded.insert(index, hash.concat());
        }
        assert_eq!(
            proof::prove(777, claim, &loaded).unwrap(),
            proof::prove(777, claim, &stored).unwrap()
        );
        assert!(needed.len() < 24, "{} hashes for a tree of 777", needed.len());
    }
    let needed = proof::needed(777, Claim::Root).unwrap();
    assert_eq!(proof::HashSource::read(&stored, &needed).unwrap().concat(), edge.to_bytes());
}

#[test]
fn a_proof_outside_the_tree_or_without_its_hashes_is_refused_by_name() {
    let (edge, stored, _) = trees(5);
    for claim in [
        Claim::Inclusion { seq: 0 },
        Claim::Inclusion { seq: 6 },
        Claim::Consistency { old_size: 0 },
        Claim::Consistency { old_size: 6 },
    ] {
        let error = proof::prove(5, claim, &stored).unwrap_err();
        assert!(matches!(error, rmd_feed::Error::ProofRange { size: 5, .. }), "{error}");
    }
    let error = proof::prove(u64::MAX, Claim::Inclusion { seq: 1 }, &stored).unwrap_err();
    assert!(matches!(error, rmd_feed::Error::ProofRange { .. }), "{error}");
    let error = proof::prove(5, Claim::Inclusion { seq: 1 }, &StoredHashes::new()).unwrap_err();
    assert!(matches!(error, rmd_feed::Error::HashMissing { index: 1 }), "{error}");
    let long = vec![[0; 32]; 100_000];
    assert!(proof::check_inclusion(&long, 5, edge.root(), 1, [0; 32]).is_err());
    assert!(proof::check_consistency(&long, 5, edge.root(), 1, [0; 32]).is_err());
}
