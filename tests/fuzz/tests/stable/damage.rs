//! What happens to bytes on their way, and what an attacker does to them.

use proptest::{prelude::*, sample::Index};

/// What means something to one reader or another: lengths and numbers at their ends,
/// signs of text formats, beginnings of files.
const WORDS: [&[u8]; 36] = [
    b"\0",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x01",
    b"\x28\xb5\x2f\xfd",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xd0\xcf\x11\xe0",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\xe2\x80\x94 ",
    b"| ",
    b"---",
    b"+",
    b"=",
    b"\"",
    b"\"\"",
    b";",
    b",",
    b"[[[[[[[[",
    b"{\"\":",
    b"null",
    b"1e400",
    b"-0",
    b"99999999999999999999",
    b"\\u0000",
    b"&#0;",
    b"<v>",
    b"proof 00",
];

/// One thing done to an input.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Word(Index, usize, bool),
    Delete(Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
    Splice(Index, Index),
}

/// Inputs that come of valid ones: two are drawn, the first is damaged, and a splice
/// takes its end from the second.
pub(crate) fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let seed = prop::sample::select(seeds);
    (seed.clone(), seed, prop::collection::vec(damage(), 0..6)).prop_map(
        |(mut bytes, other, damages)| {
            for damage in damages {
                damage.apply(&mut bytes, &other);
            }
            bytes
        },
    )
}

fn damage() -> impl Strategy<Value = Damage> {
    let span = 1..64_usize;
    prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..16))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        3 => (any::<Index>(), 0..WORDS.len(), any::<bool>())
            .prop_map(|(at, word, is_over)| Damage::Word(at, word, is_over)),
        2 => (any::<Index>(), span.clone()).prop_map(|(at, length)| Damage::Delete(at, length)),
        2 => (any::<Index>(), span, 1..40_usize)
            .prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(at, from)| Damage::Splice(at, from)),
    ]
}

impl Damage {
    fn apply(self, bytes: &mut Vec<u8>, other: &[u8]) {
        let length = bytes.len();
        if length == 0 {
            bytes.extend_from_slice(other);
            return;
        }
        match self {
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Set(at, byte) => bytes[at.index(length)] = byte,
            Self::Insert(at, new) => insert(bytes, at.index(length), &new),
            Self::Word(at, word, is_over) => {
                let (at, word) = (at.index(length), WORDS[word]);
                if is_over {
                    bytes.drain(at..length.min(at + word.len()));
                }
                insert(bytes, at, word);
            }
            Self::Delete(at, span) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + span));
            }
            Self::Repeat(at, span, times) => {
                let at = at.index(length);
                let piece = bytes[at..length.min(at + span)].repeat(times);
                insert(bytes, at, &piece);
            }
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Splice(at, from) => {
                bytes.truncate(at.index(length));
                if !other.is_empty() {
                    bytes.extend_from_slice(&other[from.index(other.len())..]);
                }
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    bytes.splice(at..at, new.iter().copied());
}
