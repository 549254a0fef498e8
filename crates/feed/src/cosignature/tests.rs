//! Cosignatures: what holds, and that nothing else does.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::{Checkpoint, Origin};

const AT_S: u64 = 1_789_000_000;

fn signed(key: &FeedKey) -> (Origin, Checkpoint, String) {
    let origin = Origin::new(key.name(), "transactions", 1);
    let checkpoint = Checkpoint { size: 4711, root: [7; 32] };
    let note = checkpoint.sign(&origin, key).unwrap();
    (origin, checkpoint, note)
}

fn keys() -> (FeedKey, Cosigner) {
    (
        FeedKey::generate("rmd.net/COD/cod-mines").unwrap(),
        Cosigner::generate("rmd.net/hub").unwrap(),
    )
}

#[test]
fn a_cosigned_note_holds_for_its_owner_and_for_its_cosigner() {
    let (owner, cosigner) = keys();
    let (origin, checkpoint, note) = signed(&owner);
    let receipt = cosigner.cosign(&note, AT_S).unwrap();
    assert!(receipt.starts_with(&note));
    assert_eq!(cosigner.verifier().check(&receipt), Ok(AT_S));
    assert_eq!(Checkpoint::open(&receipt, &origin, &owner.verifier(), 4711), Ok(checkpoint));
    let later = cosigner.cosign(&receipt, AT_S + 1).unwrap();
    assert_eq!(later.lines().count(), receipt.lines().count());
    assert_eq!(cosigner.verifier().check(&later), Ok(AT_S + 1));
}

// The layout of the specification, put together here from its parts.
#[test]
fn a_cosignature_is_that_of_the_specification() {
    let (owner, cosigner) = keys();
    let (.., note) = signed(&owner);
    let receipt = cosigner.cosign(&note, AT_S).unwrap();
    let (text, _) = note.split_once("\n\n").unwrap();
    let line = receipt.lines().last().unwrap().strip_prefix("— rmd.net/hub ").unwrap();
    let bytes = STANDARD.decode(line).unwrap();
    let (id, rest) = bytes.split_at(4);
    let (time, signature) = rest.split_at(8);
    assert_eq!(time, AT_S.to_be_bytes());
    let vkey = cosigner.verifier().vkey();
    let public = STANDARD.decode(vkey.splitn(3, '+').nth(2).unwrap()).unwrap();
    assert_eq!(public[0], 4);
    assert_eq!(hex::encode(id), vkey.split('+').nth(1).unwrap());
    let signed = format!("cosignature/v1\ntime {AT_S}\n{text}\n");
    let key = VerifyingKey::from_bytes(public[1..].try_into().unwrap()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(signature).unwrap();
    key.verify_strict(signed.as_bytes(), &signature).unwrap();
}

#[test]
fn no_changed_byte_passes() {
    let (owner, cosigner) = keys();
    let (.., note) = signed(&owner);
    let receipt = cosigner.cosign(&note, AT_S).unwrap();
    let owners_line = note.lines().last().unwrap();
    let at = receipt.find(owners_line).unwrap();
    for index in 0..receipt.len() {
        // The owner's own line is not what the cosigner signed.
        if (at..at + owners_line.len() + 1).contains(&index) {
            continue;
        }
        let mut changed = receipt.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let Ok(changed) = String::from_utf8(changed) else { continue };
        assert!(cosigner.verifier().check(&changed).is_err(), "changed at {index}: {changed}");
    }
}

#[test]
fn a_key_is_known_by_its_text_and_vouched_for_by_one_owner_alone() {
    let (hub, cosigner) = (FeedKey::generate("rmd.net/hub").unwrap(), keys().1);
    let read = CosignatureVerifier::parse(cosigner.verifier().vkey()).unwrap();
    assert_eq!(read.vkey(), cosigner.verifier().vkey());
    let proof = cosigner.vouched_by(&hub);
    assert!(read.is_vouched_by(&hub.verifier(), &proof));
    assert!(!read.is_vouched_by(&FeedKey::generate("rmd.net/hub").unwrap().verifier(), &proof));
    assert!(!keys().1.verifier().is_vouched_by(&hub.verifier(), &proof));
    let again = Cosigner::from_secret(&cosigner.secret()).unwrap();
    assert_eq!(again.verifier().vkey(), read.vkey());
    // A key of checkpoints is none of cosignatures, and the other way round.
    assert!(CosignatureVerifier::parse(&hub.vkey()).is_err());
    assert!(FeedVerifier::parse(read.vkey()).is_err());
    assert!(!format!("{cosigner:?}").contains("PRIVATE"));
}

#[test]
fn notes_in_one_text_are_told_apart() {
    let (owner, cosigner) = keys();
    let (.., note) = signed(&owner);
    let receipt = cosigner.cosign(&note, AT_S).unwrap();
    let expected = [note.clone(), receipt.clone(), note.clone()];
    for text in [
        format!("{note}{receipt}{note}"),
        format!("\n{note}\n\n{receipt}\n{note}\n"),
        format!("{note}{receipt}{note}").replace('\n', "\r\n"),
    ] {
        assert_eq!(crate::notes(&text), expected);
    }
    assert_eq!(crate::notes(""), Vec::<String>::new());
    assert_eq!(crate::notes("no note").len(), 1);
}
