//! The signing key of an owner, one for all its feeds.
//!
//! Keys are written as C2SP signed-note writes them. The secret appears only in
//! [`FeedKey::secret`], for the file that the caller keeps with mode 0600; no
//! `Debug` text holds it. What is signed outside a checkpoint begins with a NUL
//! byte, which no signed note may contain, so that a signature asked for as a
//! proof of possession can never pass for one on a checkpoint.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use rand::rngs::OsRng;
use signed_note::{Signer, StandardSigner, StandardVerifier, Verifier};

use crate::Error;

/// Begins everything that is signed outside a checkpoint.
const PROOF_CONTEXT: &[u8] = b"\0rmd.v1 proof of possession\n";

/// Begins everything that is signed as the manifest of a bundle.
const MANIFEST_CONTEXT: &[u8] = b"\0rmd.v1 bundle manifest\n";

/// Begins everything that is signed to vouch for a key of cosignatures.
const COSIGNER_CONTEXT: &[u8] = b"\0rmd.v1 cosignature key\n";

/// An owner's Ed25519 key with its C2SP key name.
#[derive(Clone)]
pub struct FeedKey {
    secret: String,
    verifier: FeedVerifier,
    pub(crate) signer: StandardSigner,
}

impl FeedKey {
    /// Draws a new key from the operating system; the name is
    /// `rmd.<network>/COD/cod-mines`, without blanks or `+`.
    pub fn generate(name: &str) -> Result<Self, Error> {
        if !signed_note::is_key_name_valid(name) {
            return Err(Error::KeyName { name: name.to_owned() });
        }
        let (secret, vkey) = signed_note::generate_key(&mut OsRng, name);
        let signer = StandardSigner::new(&secret).map_err(|_| Error::Key)?;
        Ok(Self { secret, verifier: FeedVerifier::parse(&vkey)?, signer })
    }

    /// Reads a key as [`Self::secret`] wrote it; a final newline is ignored.
    pub fn from_secret(text: &str) -> Result<Self, Error> {
        let secret = text.trim_end();
        let signer = StandardSigner::new(secret).map_err(|_| Error::Key)?;
        // The crate that parses the text does not give the public key out, so the
        // last field is read again: algorithm byte, then 32 bytes of secret.
        let seed = secret
            .splitn(5, '+')
            .nth(4)
            .and_then(|field| STANDARD.decode(field).ok())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes.get(1..)?).ok())
            .ok_or(Error::Key)?;
        let public = SigningKey::from_bytes(&seed).verifying_key();
        let vkey = signed_note::new_ed25519_verifier_key(signer.name(), &public);
        Ok(Self { secret: secret.to_owned(), verifier: FeedVerifier::parse(&vkey)?, signer })
    }

    /// The secret as C2SP text, `PRIVATE+KEY+…`. Store it with mode 0600.
    pub fn secret(&self) -> String {
        self.secret.clone()
    }

    /// The public key as C2SP text, `name+id+key`.
    pub fn vkey(&self) -> String {
        self.verifier.vkey.clone()
    }

    /// The C2SP key name.
    pub fn name(&self) -> &str {
        self.signer.name()
    }

    /// The public half.
    pub fn verifier(&self) -> FeedVerifier {
        self.verifier.clone()
    }

    /// Signs bytes outside a checkpoint: 64 bytes, as a proof of possession.
    pub fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        self.sign_in(PROOF_CONTEXT, message)
    }

    /// Signs the manifest of a bundle: 64 bytes.
    pub(crate) fn sign_manifest(&self, manifest: &[u8]) -> Vec<u8> {
        self.sign_in(MANIFEST_CONTEXT, manifest)
    }

    /// Vouches for a key of cosignatures: 64 bytes.
    pub(crate) fn sign_cosigner(&self, vkey: &str) -> Vec<u8> {
        self.sign_in(COSIGNER_CONTEXT, vkey.as_bytes())
    }

    fn sign_in(&self, context: &[u8], message: &[u8]) -> Vec<u8> {
        self.signer
            .sign(&[context, message].concat())
            .expect("Ed25519 with a key in memory signs any message")
    }
}

impl fmt::Debug for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedKey").field("vkey", &self.verifier.vkey).finish_non_exhaustive()
    }
}

/// The public key with which an owner's checkpoints are checked.
#[derive(Clone)]
pub struct FeedVerifier {
    vkey: String,
    pub(crate) verifier: StandardVerifier,
}

impl FeedVerifier {
    /// Reads the C2SP text of a public key, `name+id+key`. Refuses a key of small
    /// order: many messages pass under one of its signatures, so its owner could
    /// deny every one of them.
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        let vkey = vkey.trim();
        if public_key(vkey).is_none_or(|key| key.is_weak()) {
            return Err(Error::Key);
        }
        let verifier = StandardVerifier::new(vkey).map_err(|_| Error::Key)?;
        Ok(Self { vkey: vkey.to_owned(), verifier })
    }

    /// The C2SP text of the key.
    pub fn vkey(&self) -> &str {
        &self.vkey
    }

    /// The C2SP key name.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Whether `signature` is this key's over `message`, made by [`FeedKey::sign_bytes`].
    pub fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(&[PROOF_CONTEXT, message].concat(), signature)
    }

    /// Whether `signature` is this key's over the manifest of a bundle.
    pub(crate) fn verify_manifest(&self, manifest: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(&[MANIFEST_CONTEXT, manifest].concat(), signature)
    }

    /// Whether `signature` is this key's over a key of cosignatures.
    pub(crate) fn verify_cosigner(&self, vkey: &str, signature: &[u8]) -> bool {
        self.verifier.verify(&[COSIGNER_CONTEXT, vkey.as_bytes()].concat(), signature)
    }
}

/// The last field of the text: algorithm byte, then the 32 bytes of the key.
fn public_key(vkey: &str) -> Option<VerifyingKey> {
    let bytes = STANDARD.decode(vkey.splitn(3, '+').nth(2)?).ok()?;
    VerifyingKey::from_bytes(bytes.get(1..)?.try_into().ok()?).ok()
}

impl PartialEq for FeedVerifier {
    fn eq(&self, other: &Self) -> bool {
        self.vkey == other.vkey
    }
}

impl Eq for FeedVerifier {}

impl fmt::Debug for FeedVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FeedVerifier").field(&self.vkey).finish()
    }
}
