use rmd_proto::v1;

use super::*;
use crate::{
    FeedKey, Log, NewEntry,
    proof::{Claim, StoredHashes},
};

const OWNER: &str = "rmd.net/COD/cod-mines";

/// A feed of so many entries, and its stored hashes.
struct Owner {
    log: Log,
    key: FeedKey,
    notes: Vec<String>,
    hashes: StoredHashes,
}

impl Owner {
    fn new(key: &FeedKey, text: &str, entries: u64) -> Self {
        let log = Log::new("transactions", 1, Origin::new(OWNER, "transactions", 1));
        let (notes, hashes) = (Vec::new(), StoredHashes::new());
        let mut owner = Self { log, key: key.clone(), notes, hashes };
        owner.append(text, entries);
        owner
    }

    fn append(&mut self, text: &str, entries: u64) {
        for _ in 0..entries {
            let entry = NewEntry {
                entity: "Lot".to_owned(),
                key: "1".to_owned(),
                rev: 1,
                op: v1::Op::Upsert,
                reason: String::new(),
                event_time_us: 0,
                captured_at_us: 1,
                mapping_id: String::new(),
                previous_seq: 0,
                payload: text.as_bytes().to_vec(),
            };
            let block = self.log.append(&[entry], &self.key).unwrap();
            self.notes.push(block.checkpoint);
            self.hashes.insert(block.hash_first, block.hashes);
        }
    }

    fn at(&self, size: usize) -> String {
        self.notes[size - 1].clone()
    }

    fn extension(&self, old_size: u64) -> Extension {
        let proof = proof::prove(self.log.size(), Claim::Consistency { old_size }, &self.hashes);
        let prefix_root = proof::root(old_size, &self.hashes).unwrap();
        Extension { prefix_root, proof: proof.unwrap() }
    }
}

fn key() -> FeedKey {
    FeedKey::generate(OWNER).unwrap()
}

fn statement(held: String, offered: String, extension: Option<Extension>) -> Statement {
    Statement { key: String::new(), held, offered, extension }
}

fn checked(key: &FeedKey, statement: Statement) -> Result<Proven, Unproven> {
    let text = Statement { key: key.vkey(), ..statement }.to_text();
    Statement::parse(&text)?.check(&key.verifier())
}

#[test]
fn two_roots_of_one_size_are_proven() {
    let key = key();
    let (one, other) = (Owner::new(&key, "x", 5), Owner::new(&key, "y", 5));
    let proven = checked(&key, statement(one.at(5), other.at(5), None)).unwrap();
    assert!(matches!(proven, Proven::OtherRoot { size: 5, .. }), "{proven:?}");
    assert!(proven.english().contains("rewrote") && proven.french().contains("réécrit"));
}

#[test]
fn a_larger_tree_that_does_not_begin_with_the_smaller_is_proven_from_either_side() {
    let key = key();
    for (small, large) in [(1, 2), (3, 7), (4, 8), (5, 6), (7, 33)] {
        let one = Owner::new(&key, "x", small);
        let other = Owner::new(&key, "y", large);
        let (held, offered) = (one.notes.len(), other.notes.len());
        for (held, offered) in
            [(one.at(held), other.at(offered)), (other.at(offered), one.at(held))]
        {
            let extension = Some(other.extension(small));
            let proven = checked(&key, statement(held, offered, extension)).unwrap();
            assert!(matches!(proven, Proven::NotExtended { .. }), "{small} {large} {proven:?}");
        }
    }
}

#[test]
fn an_honest_owner_cannot_be_accused() {
    let key = key();
    let honest = Owner::new(&key, "x", 9);
    let other = Owner::new(&key, "y", 9);
    let grown = |extension| checked(&key, statement(honest.at(4), honest.at(9), extension));
    assert_eq!(grown(Some(honest.extension(4))), Err(Unproven::Agree));
    assert_eq!(grown(None), Err(Unproven::NoProof { smaller: 4, larger: 9 }));
    assert_eq!(grown(Some(other.extension(4))), Err(Unproven::ProofInvalid));
    let mut invented = honest.extension(4);
    invented.prefix_root = other.extension(4).prefix_root;
    assert_eq!(grown(Some(invented)), Err(Unproven::ProofInvalid));
    assert_eq!(checked(&key, statement(honest.at(9), honest.at(9), None)), Err(Unproven::Agree));
}

#[test]
fn notes_of_other_keys_feeds_and_epochs_prove_nothing() {
    let (key, stranger) = (key(), key());
    let (one, other) = (Owner::new(&key, "x", 5), Owner::new(&stranger, "y", 5));
    let seen = checked(&key, statement(one.at(5), other.at(5), None));
    assert!(matches!(seen, Err(Unproven::Unsigned { which: "offered", .. })), "{seen:?}");
    let root = [7; 32];
    for (feed, epoch) in [("master-data", 1), ("transactions", 2)] {
        let origin = Origin::new(OWNER, feed, epoch);
        let note = Checkpoint { size: 5, root }.sign(&origin, &key).unwrap();
        let seen = checked(&key, statement(one.at(5), note, None));
        assert!(matches!(seen, Err(Unproven::OtherOrigin { .. })), "{seen:?}");
    }
    // A key of another name may be anybody's; its origin must begin with it.
    let foreign = Origin::new("rmd.net/RWA/rwa-mines", "transactions", 1);
    let note = Checkpoint { size: 5, root }.sign(&foreign, &key).unwrap();
    let seen = checked(&key, statement(note.clone(), note, None));
    assert!(matches!(seen, Err(Unproven::Unsigned { .. })), "{seen:?}");
    let statement = Statement { key: stranger.vkey(), ..statement(one.at(5), one.at(5), None) };
    assert!(matches!(statement.check(&key.verifier()), Err(Unproven::OtherKey { .. })));
}

#[test]
fn a_changed_byte_is_noticed() {
    let key = key();
    let (one, other) = (Owner::new(&key, "x", 3), Owner::new(&key, "y", 7));
    let whole = Statement {
        key: key.vkey(),
        ..statement(one.at(3), other.at(7), Some(other.extension(3)))
    };
    let text = whole.to_text();
    assert_eq!(Statement::parse(&text).unwrap(), whole);
    let mut unnoticed = Vec::new();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if Statement::parse(&text).is_ok_and(|bent| bent.check(&key.verifier()).is_ok()) {
            unnoticed.push(at);
        }
    }
    assert_eq!(unnoticed, Vec::<usize>::new());
}

#[test]
fn a_key_that_would_write_to_the_terminal_is_no_key() {
    let key = key();
    let one = Owner::new(&key, "x", 3);
    let bent = Statement { key: "\u{1b}[2J".to_owned(), ..statement(one.at(3), one.at(3), None) };
    assert_eq!(Statement::parse(&bent.to_text()), Err(Unproven::Malformed { line: 2 }));
}
