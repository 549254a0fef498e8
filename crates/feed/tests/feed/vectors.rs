//! The published RFC 6962 vectors of Certificate Transparency for sizes 0 to 8
//! (`merkletree/merkle_tree_test.cc` of google/certificate-transparency).

use rmd_feed::{
    RightEdge,
    proof::{self, Claim, StoredHashes},
};

const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Size of the tree, number of the leaf from 1, audit path.
const INCLUSIONS: [(u64, u64, &[&str]); 5] = [
    (1, 1, &[]),
    (
        8,
        1,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        8,
        6,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        5,
        2,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

/// Size of the tree, older size, consistency proof.
const CONSISTENCIES: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        8,
        1,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        8,
        6,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        5,
        2,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn hash(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn leaf(number: u64) -> [u8; 32] {
    let index = usize::try_from(number - 1).unwrap();
    tlog_tiles::record_hash(&hex::decode(LEAVES[index]).unwrap()).0
}

fn root(size: u64) -> [u8; 32] {
    hash(ROOTS[usize::try_from(size).unwrap()])
}

fn tree() -> StoredHashes {
    let (mut edge, mut stored) = (RightEdge::default(), StoredHashes::new());
    for number in 1..=8 {
        let first = edge.next_index();
        stored.insert(first, edge.push(leaf(number)).concat());
    }
    stored
}

#[test]
fn every_root_of_sizes_0_to_8_is_the_published_one() {
    let stored = tree();
    let mut edge = RightEdge::default();
    for size in 0..=8 {
        assert_eq!(edge.size(), size);
        assert_eq!(edge.root(), root(size), "edge of size {size}");
        assert_eq!(proof::root(size, &stored).unwrap(), root(size), "stored hashes, size {size}");
        assert_eq!(proof::right_edge(size, &stored).unwrap(), edge);
        if size < 8 {
            edge.push(leaf(size + 1));
        }
    }
}

#[test]
fn inclusion_proofs_are_the_published_ones() {
    for (size, seq, path) in INCLUSIONS {
        let expected: Vec<_> = path.iter().map(|text| hash(text)).collect();
        let proof = proof::prove(size, Claim::Inclusion { seq }, &tree()).unwrap();
        assert_eq!(proof, expected, "leaf {seq} in {size}");
        proof::check_inclusion(&proof, size, root(size), seq, leaf(seq)).unwrap();
    }
}

#[test]
fn consistency_proofs_are_the_published_ones() {
    for (size, old_size, path) in CONSISTENCIES {
        let expected: Vec<_> = path.iter().map(|text| hash(text)).collect();
        let proof = proof::prove(size, Claim::Consistency { old_size }, &tree()).unwrap();
        assert_eq!(proof, expected, "{old_size} in {size}");
        proof::check_consistency(&proof, size, root(size), old_size, root(old_size)).unwrap();
    }
}
