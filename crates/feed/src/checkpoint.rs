//! The signed statement "this feed has this root at this size".
//!
//! A checkpoint is the text of C2SP tlog-checkpoint (origin, size, root) inside a
//! C2SP signed-note with an Ed25519 signature. This module alone makes and
//! reads them. It refuses a note that is not signed by the given key or that
//! names another origin; signatures of further keys are ignored, as the
//! specification asks, so that a key can be rotated by signing with both.

use signed_note::{Note, NoteError, VerifierList};
use tlog_tiles::Hash;

use crate::{
    Error, FeedKey, FeedVerifier, Origin,
    error::NoteFault,
    limits::{CHECKPOINT_BYTES_MAX, NAME_BYTES_MAX, SIZE_MAX},
};

/// A size and a root that an owner signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Entries in the feed.
    pub size: u64,
    /// RFC 6962 root hash over them.
    pub root: [u8; 32],
}

/// The notes of a text that holds several, one after the other, with blank lines
/// between them or not. Whether each is a note is for its reader to find out.
pub fn notes(text: &str) -> Vec<String> {
    let (mut notes, mut note) = (Vec::new(), String::new());
    let is_signature = |line: &str| line.starts_with("— ");
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r')).peekable();
    while let Some(line) = lines.next() {
        if note.is_empty() && line.is_empty() {
            continue;
        }
        note.push_str(line);
        note.push('\n');
        let goes_on = |next: &&str| !is_signature(line) || is_signature(next);
        if !lines.peek().is_some_and(goes_on) {
            notes.push(std::mem::take(&mut note));
        }
    }
    notes
}

impl Checkpoint {
    /// Signs the checkpoint: the text of the note.
    pub fn sign(&self, origin: &Origin, key: &FeedKey) -> Result<String, Error> {
        let unfit = || Error::Origin { origin: origin.as_str().to_owned() };
        let name = origin.as_str();
        if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(unfit());
        }
        let text = tlog_tiles::Checkpoint::new(name, self.size, Hash(self.root), "")
            .map_err(|_| unfit())?
            .to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|_| unfit())?;
        note.add_sigs(&[&key.signer]).map_err(|_| unfit())?;
        String::from_utf8(note.to_bytes()).map_err(|_| unfit())
    }

    /// What a note says, and of which feed, whoever signed it: nothing of it is to be
    /// believed before [`Self::open`]. None for what is no checkpoint.
    pub fn claimed(note: &str) -> Option<(Origin, Self)> {
        let note = Some(note).filter(|note| note.len() <= CHECKPOINT_BYTES_MAX)?;
        let note = Note::from_bytes(note.as_bytes()).ok()?;
        let text = tlog_tiles::Checkpoint::from_bytes(note.text()).ok()?;
        let size = Some(text.size()).filter(|size| *size <= SIZE_MAX)?;
        Some((Origin::claimed(text.origin()), Self { size, root: text.hash().0 }))
    }

    /// Reads a note that must be signed by `verifier` and stand on `origin`;
    /// `at` is the size at which the caller expects it, for the message.
    pub fn open(
        note: &str,
        origin: &Origin,
        verifier: &FeedVerifier,
        at: u64,
    ) -> Result<Self, Error> {
        let refuse =
            |fault| Error::Unsigned { origin: origin.as_str().to_owned(), size: at, fault };
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(refuse(NoteFault::Malformed));
        }
        let signed = Note::from_bytes(note.as_bytes()).map_err(|_| refuse(NoteFault::Malformed))?;
        signed.verify(&VerifierList::new(vec![Box::new(verifier.verifier.clone())])).map_err(
            |error| match error {
                NoteError::InvalidSignature { .. } => refuse(NoteFault::Signature),
                _ => refuse(NoteFault::OtherKey),
            },
        )?;
        let text = tlog_tiles::Checkpoint::from_bytes(signed.text())
            .map_err(|_| refuse(NoteFault::Malformed))?;
        if text.origin() != origin.as_str() {
            return Err(refuse(NoteFault::OtherOrigin));
        }
        if text.size() > SIZE_MAX {
            return Err(refuse(NoteFault::Malformed));
        }
        Ok(Self { size: text.size(), root: text.hash().0 })
    }
}
