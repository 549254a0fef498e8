//! What is kept when a feed is refused: the signed notes themselves.
//!
//! Two checkpoints of one origin, both signed by the owner, that cannot both be
//! true are a proof that needs no trust in whoever shows it. The text is meant
//! to be read: each note stands below a line that says whose it is. What is
//! given to others is a [`Statement`], which names the key and carries the proof
//! where two sizes are compared.

mod judge;
mod statement;
mod wording;

pub use judge::{Judged, judge, read_text};
pub use statement::{Extension, Proven, Statement, TEXT_BYTES_MAX, Unproven};

const HELD: &str = "checkpoint held:\n";
const OFFERED: &str = "checkpoint offered:\n";
const NONE: &str = "none\n";

/// Most bytes of a note that are kept; an honest one has less than 4 KiB.
const NOTE_BYTES_MAX: usize = crate::limits::CHECKPOINT_BYTES_MAX;

/// Writes down the checkpoint that the follower holds and the one it was offered.
pub fn pair(held: Option<&str>, offered: &str) -> Vec<u8> {
    let held = held.unwrap_or(NONE);
    [HELD, cut(held), OFFERED, cut(offered)].concat().into_bytes()
}

/// Reads evidence back: the held checkpoint, if there was one, and the offered one.
pub fn read(evidence: &[u8]) -> Option<(Option<&str>, &str)> {
    let text = std::str::from_utf8(evidence).ok()?;
    let (held, offered) = text.strip_prefix(HELD)?.split_once(OFFERED)?;
    Some(((held != NONE).then_some(held), offered))
}

fn cut(note: &str) -> &str {
    let mut end = note.len().min(NOTE_BYTES_MAX);
    while !note.is_char_boundary(end) {
        end -= 1;
    }
    &note[..end]
}
