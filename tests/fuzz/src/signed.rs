//! Signed texts: checkpoints, evidence, keys.

use rmd_feed::{Checkpoint, FeedKey, FeedVerifier, evidence as pairs};

use crate::{
    Answer,
    owner::{self, named},
};

/// A signed note as a peer sends it.
pub fn checkpoint(bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::Refused };
    opened(text)
}

/// The text inside a note, signed by the owner: what no forger gets read.
pub fn checkpoint_inside(bytes: &[u8]) -> Answer {
    let key = owner::key();
    let Ok(signer) = signed_note::StandardSigner::new(&key.secret()) else {
        return Answer::Refused;
    };
    let Ok(mut note) = signed_note::Note::new(bytes, &[]) else { return Answer::Refused };
    if note.add_sigs(&[&signer]).is_err() {
        return Answer::Refused;
    }
    match String::from_utf8(note.to_bytes()) {
        Ok(text) => opened(&text),
        Err(_) => Answer::Refused,
    }
}

/// What one side shows to others of two checkpoints: both forms.
pub fn evidence(bytes: &[u8]) -> Answer {
    if let Some((held, offered)) = pairs::read(bytes) {
        assert!(held.map_or(0, str::len) + offered.len() <= bytes.len());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::Refused };
    let statement = match pairs::Statement::parse(text) {
        Ok(statement) => statement,
        Err(unproven) => {
            named(&unproven.english(), &unproven.french());
            return Answer::Refused;
        }
    };
    let again = pairs::Statement::parse(&statement.to_text());
    assert_eq!(again.as_ref(), Ok(&statement), "it was written");
    let verifier = FeedVerifier::parse(&statement.key).unwrap_or_else(|_| owner::key().verifier());
    if let Err(unproven) = statement.check(&verifier) {
        named(&unproven.english(), &unproven.french());
    }
    Answer::Taken
}

/// The texts of keys.
pub fn key(bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::Refused };
    let secret = FeedKey::from_secret(text);
    if let Ok(key) = &secret {
        let again = FeedKey::from_secret(&key.secret()).expect("it was written");
        assert_eq!(again.vkey(), key.vkey());
        let signature = key.sign_bytes(b"message");
        assert!(key.verifier().verify_bytes(b"message", &signature));
    }
    let public = FeedVerifier::parse(text);
    if let Ok(verifier) = &public {
        assert_eq!(FeedVerifier::parse(verifier.vkey()).as_ref(), Ok(verifier));
    }
    if secret.is_ok() || public.is_ok() { Answer::Taken } else { Answer::Refused }
}

fn opened(text: &str) -> Answer {
    let (origin, key) = (owner::origin(), owner::key());
    match Checkpoint::open(text, &origin, &key.verifier(), 1) {
        Ok(checkpoint) => {
            let again = checkpoint.sign(&origin, &key).expect("its origin was signed before");
            let read = Checkpoint::open(&again, &origin, &key.verifier(), 1);
            assert_eq!(read.as_ref(), Ok(&checkpoint));
            Answer::Taken
        }
        Err(error) => {
            named(&error.english(), &error.french());
            Answer::Refused
        }
    }
}
