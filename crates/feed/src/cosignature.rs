//! Cosignatures: "at this time I held everything up to this checkpoint".
//!
//! A cosignature is a line under the note of somebody else's checkpoint, of the
//! form of C2SP tlog-cosignature v1 for Ed25519 (signature type 0x04): the time in
//! seconds and a signature over that time and the note's text. It says nothing of
//! whether the owner's own signature holds; who needs that opens the note as a
//! [`Checkpoint`](crate::Checkpoint) as well, which takes further signatures for
//! what they are. The key is used for nothing else, and another key may vouch for
//! it, so that who has pinned that one needs to trust nobody else.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{SignatureError, VerifyingKey};
use signed_note::{Note, NoteError, Signer, StandardVerifier, Verifier, VerifierList};

use crate::{Error, FeedKey, FeedVerifier, error::NoteFault, limits::CHECKPOINT_BYTES_MAX};

/// The signature type of a timestamped Ed25519 cosignature.
const ALGORITHM: u8 = 0x04;

/// Bytes of the time in front of the signature.
const TIME_BYTES: usize = 8;

/// A key that cosigns the checkpoints of others.
#[derive(Clone)]
pub struct Cosigner {
    key: FeedKey,
    verifier: CosignatureVerifier,
}

impl Cosigner {
    /// Draws a new key from the operating system; the name is a C2SP key name.
    pub fn generate(name: &str) -> Result<Self, Error> {
        Self::of(FeedKey::generate(name)?)
    }

    /// Reads a key as [`Self::secret`] wrote it; a final newline is ignored.
    pub fn from_secret(text: &str) -> Result<Self, Error> {
        Self::of(FeedKey::from_secret(text)?)
    }

    fn of(key: FeedKey) -> Result<Self, Error> {
        let verifier = CosignatureVerifier::of(&key.verifier())?;
        Ok(Self { key, verifier })
    }

    /// The secret as C2SP text. Store it with mode 0600.
    pub fn secret(&self) -> String {
        self.key.secret()
    }

    /// The public half.
    pub const fn verifier(&self) -> &CosignatureVerifier {
        &self.verifier
    }

    /// Puts a cosignature of this key under a note, at an instant in seconds since
    /// 1970; one of the same key that is there already is replaced.
    pub fn cosign(&self, note: &str, at_s: u64) -> Result<String, NoteFault> {
        let malformed = |_| NoteFault::Malformed;
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(NoteFault::Malformed);
        }
        let mut note = Note::from_bytes(note.as_bytes()).map_err(malformed)?;
        note.add_sigs(&[&Timed { cosigner: self, at_s }]).map_err(malformed)?;
        String::from_utf8(note.to_bytes()).map_err(|_| NoteFault::Malformed)
    }

    /// What the owner of a pinned key signs, so that this key counts as well.
    pub fn vouched_by(&self, key: &FeedKey) -> Vec<u8> {
        key.sign_cosigner(&self.verifier.vkey)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cosigner").field("vkey", &self.verifier.vkey).finish_non_exhaustive()
    }
}

/// The public key with which cosignatures are checked.
#[derive(Clone)]
pub struct CosignatureVerifier {
    vkey: String,
    id: u32,
    plain: StandardVerifier,
}

impl CosignatureVerifier {
    /// Reads the C2SP text of a public key, `name+id+key`, of the type of cosignatures.
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        let vkey = vkey.trim();
        let name = vkey.split('+').next().unwrap_or_default();
        let key = vkey.splitn(3, '+').nth(2).and_then(|field| STANDARD.decode(field).ok());
        let key = key.filter(|key| key.first() == Some(&ALGORITHM)).ok_or(Error::Key)?;
        let public = key.get(1..).and_then(|key| key.try_into().ok()).ok_or(Error::Key)?;
        let public = VerifyingKey::from_bytes(public).map_err(|_| Error::Key)?;
        let plain = signed_note::new_ed25519_verifier_key(name, &public);
        // Refuses weak keys, and names that cannot stand in a note.
        let parsed = Self::of(&FeedVerifier::parse(&plain)?)?;
        if parsed.vkey == vkey { Ok(parsed) } else { Err(Error::Key) }
    }

    /// The same key as one of another type.
    fn of(plain: &FeedVerifier) -> Result<Self, Error> {
        let field = plain.vkey().splitn(3, '+').nth(2).unwrap_or_default();
        let mut key = STANDARD.decode(field).map_err(|_| Error::Key)?;
        *key.first_mut().ok_or(Error::Key)? = ALGORITHM;
        let (name, plain) = (plain.name().to_owned(), plain.verifier.clone());
        let id = signed_note::key_id(&name, &key);
        Ok(Self { vkey: format!("{name}+{id:08x}+{}", STANDARD.encode(key)), id, plain })
    }

    /// The C2SP text of the key.
    pub fn vkey(&self) -> &str {
        &self.vkey
    }

    /// Checks the cosignature of this key under a note; its time in seconds since 1970.
    pub fn check(&self, note: &str) -> Result<u64, NoteFault> {
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(NoteFault::Malformed);
        }
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
        let known = VerifierList::new(vec![Box::new(self.clone())]);
        let (verified, _) = note.verify(&known).map_err(|error| match error {
            NoteError::InvalidSignature { .. } => NoteFault::Signature,
            _ => NoteFault::OtherKey,
        })?;
        let signature = verified.first().map(signed_note::Signature::signature).unwrap_or_default();
        time_of(signature).map(|(at_s, _)| at_s).ok_or(NoteFault::Malformed)
    }

    /// Whether the owner of a pinned key vouches for this one.
    pub fn is_vouched_by(&self, key: &FeedVerifier, proof: &[u8]) -> bool {
        key.verify_cosigner(&self.vkey, proof)
    }
}

impl fmt::Debug for CosignatureVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CosignatureVerifier").field(&self.vkey).finish()
    }
}

impl Verifier for CosignatureVerifier {
    fn name(&self) -> &str {
        self.plain.name()
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        time_of(signature)
            .is_some_and(|(at_s, signature)| self.plain.verify(&message(at_s, text), signature))
    }
}

/// A cosigner at an instant.
struct Timed<'a> {
    cosigner: &'a Cosigner,
    at_s: u64,
}

impl Signer for Timed<'_> {
    fn name(&self) -> &str {
        self.cosigner.key.name()
    }

    fn key_id(&self) -> u32 {
        self.cosigner.verifier.id
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let signature = self.cosigner.key.signer.sign(&message(self.at_s, text))?;
        Ok([self.at_s.to_be_bytes().as_slice(), &signature].concat())
    }
}

/// What is signed: a header, the time, and the whole text of the note.
fn message(at_s: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {at_s}\n").as_bytes(), text].concat()
}

/// The time, and the bytes of the signature after it.
fn time_of(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = signature.split_at_checked(TIME_BYTES)?;
    Some((u64::from_be_bytes(time.try_into().ok()?), signature))
}

#[cfg(test)]
mod tests;
