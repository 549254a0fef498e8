//! Evidence that a third party can check without a network and without trust.
//!
//! A statement holds the owner's key, two notes, and where their sizes differ an
//! RFC 6962 consistency proof that shows which root the larger tree has at the
//! smaller size. It proves one of two things and nothing else: the owner signed
//! two roots for one size, or a tree that does not begin with the one it signed
//! before. Whoever checks brings the key from elsewhere: the one inside only says
//! which to look for.
//!
//! The format is lines of text, versioned by the first:
//!
//! ```text
//! rmd-evidence 1
//! key NAME+ID+KEY
//! checkpoint held
//! | the note, each line behind a bar
//! checkpoint offered
//! | the note
//! prefix-root HEX          these two only where the sizes differ
//! proof HEX                one line a hash
//! ```

use signed_note::Note;

use crate::{
    Checkpoint, Error, FeedVerifier, Origin,
    error::NoteFault,
    limits::{CHECKPOINT_BYTES_MAX, NAME_BYTES_MAX, PROOF_HASHES_MAX},
    proof,
};

const VERSION: &str = "rmd-evidence 1";
const HELD: &str = "checkpoint held";
const OFFERED: &str = "checkpoint offered";

/// Two notes, a proof and their frame: nothing larger is read.
pub const TEXT_BYTES_MAX: usize = 4 * CHECKPOINT_BYTES_MAX + 128 * PROOF_HASHES_MAX;

/// How the larger tree stands to the smaller size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The root that the larger tree has at the smaller size.
    pub prefix_root: [u8; 32],
    /// The consistency proof for it, in the order of RFC 9162.
    pub proof: Vec<[u8; 32]>,
}

/// What one side shows to others about the owner of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The owner's key, a C2SP vkey, as the showing side has pinned it.
    pub key: String,
    /// The note that the showing side held.
    pub held: String,
    /// The note that it was offered.
    pub offered: String,
    /// Needed where the sizes differ.
    pub extension: Option<Extension>,
}

/// What a statement proves about the holder of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// Two roots were signed for one size.
    OtherRoot {
        /// Owner, feed and epoch.
        origin: String,
        /// The size.
        size: u64,
        /// The two roots.
        roots: [[u8; 32]; 2],
    },
    /// The larger tree does not begin with the smaller one.
    NotExtended {
        /// Owner, feed and epoch.
        origin: String,
        /// The smaller tree, as it was signed.
        smaller: Checkpoint,
        /// The larger tree, as it was signed.
        larger: Checkpoint,
        /// The root that the larger tree has at the smaller size.
        prefix_root: [u8; 32],
    },
}

/// Why a statement proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The text is no statement of this version.
    #[error("line {line} is not what `{VERSION}` has there")]
    Malformed {
        /// Number of the line, from 1.
        line: usize,
    },
    /// The statement is about another key than the given one.
    #[error("the statement is about the key {stated}")]
    OtherKey {
        /// The key in the statement.
        stated: String,
    },
    /// A note is not signed by the key.
    #[error("the {which} checkpoint does not count: {}", .fault.english())]
    Unsigned {
        /// `held` or `offered`.
        which: &'static str,
        /// What is wrong with it.
        fault: NoteFault,
    },
    /// The notes are of two feeds or epochs.
    #[error("the checkpoints are of {held} and of {offered}")]
    OtherOrigin {
        /// Origin of the held one.
        held: String,
        /// Origin of the offered one.
        offered: String,
    },
    /// Both notes say the same, or one extends the other.
    #[error("the checkpoints agree")]
    Agree,
    /// The sizes differ and there is no proof.
    #[error("the sizes {smaller} and {larger} differ and no proof is given")]
    NoProof {
        /// The smaller size.
        smaller: u64,
        /// The larger size.
        larger: u64,
    },
    /// The proof does not lead to the larger root.
    #[error("the proof does not hold")]
    ProofInvalid,
}

impl Statement {
    /// The text for a file.
    pub fn to_text(&self) -> String {
        let mut lines = vec![VERSION.to_owned(), format!("key {}", self.key)];
        for (head, note) in [(HELD, &self.held), (OFFERED, &self.offered)] {
            lines.push(head.to_owned());
            lines.extend(note.lines().map(|line| format!("| {line}")));
        }
        if let Some(extension) = &self.extension {
            lines.push(format!("prefix-root {}", hex::encode(extension.prefix_root)));
            lines.extend(extension.proof.iter().map(|hash| format!("proof {}", hex::encode(hash))));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, Unproven> {
        // Mail adds carriage returns, and not always to the last line.
        let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
        let wrong = |at: usize| Unproven::Malformed { line: at + 1 };
        if text.len() > TEXT_BYTES_MAX || lines.first() != Some(&VERSION) {
            return Err(wrong(0));
        }
        let key = lines.get(1).and_then(|line| line.strip_prefix("key "));
        // It is quoted to people as it stands. A name, and a hash and a key beside it.
        let is_shown =
            |key: &&str| key.len() <= 2 * NAME_BYTES_MAX && !key.chars().any(char::is_control);
        let key = key.filter(is_shown).ok_or(wrong(1))?;
        let (held, at) = note(&lines, 2, HELD).ok_or(wrong(2))?;
        let (offered, at) = note(&lines, at, OFFERED).ok_or(wrong(at))?;
        let extension = match lines.get(at) {
            None => None,
            Some(line) => {
                let root = hash(line, "prefix-root ").ok_or(wrong(at))?;
                let proof = lines[at + 1..].iter().zip(at + 1..);
                let proof = proof.map(|(line, at)| hash(line, "proof ").ok_or(wrong(at)));
                Some(Extension { prefix_root: root, proof: proof.collect::<Result<_, _>>()? })
            }
        };
        Ok(Self { key: key.to_owned(), held, offered, extension })
    }

    /// Checks the statement against a key that the reader has from elsewhere.
    pub fn check(&self, verifier: &FeedVerifier) -> Result<Proven, Unproven> {
        if self.key != verifier.vkey() {
            return Err(Unproven::OtherKey { stated: self.key.clone() });
        }
        let (origin, held) = open("held", &self.held, verifier)?;
        let (offered_origin, offered) = open("offered", &self.offered, verifier)?;
        if origin != offered_origin {
            return Err(Unproven::OtherOrigin { held: origin, offered: offered_origin });
        }
        if held.size == offered.size {
            if held.root == offered.root {
                return Err(Unproven::Agree);
            }
            let (size, roots) = (held.size, [held.root, offered.root]);
            return Ok(Proven::OtherRoot { origin, size, roots });
        }
        let (smaller, larger) =
            if held.size < offered.size { (held, offered) } else { (offered, held) };
        let Some(Extension { prefix_root, proof }) = &self.extension else {
            return Err(Unproven::NoProof { smaller: smaller.size, larger: larger.size });
        };
        let prefix_root = *prefix_root;
        proof::check_consistency(proof, larger.size, larger.root, smaller.size, prefix_root)
            .map_err(|_| Unproven::ProofInvalid)?;
        if prefix_root == smaller.root {
            return Err(Unproven::Agree);
        }
        Ok(Proven::NotExtended { origin, smaller, larger, prefix_root })
    }
}

/// A note behind bars below its head, and the number of the line after it.
fn note(lines: &[&str], at: usize, head: &str) -> Option<(String, usize)> {
    (lines.get(at) == Some(&head)).then_some(())?;
    let bars = lines[at + 1..].iter().map_while(|line| line.strip_prefix('|'));
    let bars: Vec<&str> = bars.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let text: String = bars.iter().flat_map(|line| [line, "\n"]).collect();
    Some((text, at + 1 + bars.len()))
}

fn hash(line: &str, head: &str) -> Option<[u8; 32]> {
    hex::decode(line.strip_prefix(head)?).ok()?.try_into().ok()
}

/// A note that the key signed, on an origin of the key's owner.
fn open(
    which: &'static str,
    note: &str,
    verifier: &FeedVerifier,
) -> Result<(String, Checkpoint), Unproven> {
    let unsigned = |fault| Unproven::Unsigned { which, fault };
    let signed = Note::from_bytes(note.as_bytes()).map_err(|_| unsigned(NoteFault::Malformed))?;
    let text = std::str::from_utf8(signed.text()).map_err(|_| unsigned(NoteFault::Malformed))?;
    let origin = text.lines().next().unwrap_or_default();
    if !origin.strip_prefix(verifier.name()).is_some_and(|rest| rest.starts_with('/')) {
        return Err(unsigned(NoteFault::OtherOrigin));
    }
    match Checkpoint::open(note, &Origin::claimed(origin), verifier, 0) {
        Ok(checkpoint) => Ok((origin.to_owned(), checkpoint)),
        Err(Error::Unsigned { fault, .. }) => Err(unsigned(fault)),
        Err(_) => Err(unsigned(NoteFault::Malformed)),
    }
}

#[cfg(test)]
mod tests;
