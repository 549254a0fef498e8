//! The entries of a block by column: the same bytes in an order that packs well.
//!
//! Rows repeat in each entry what all of them have in common, and mix random salts
//! with text. Here the fields of all entries with the same place stand together:
//! header by header, salt by salt, and so on down into each record. The bytes that
//! come out of [`join`] are exactly those that went into [`split`]; whoever packs
//! compares them, and keeps the rows where they differ.
//!
//! Nothing here knows a record type: any message of numbers and length-delimited
//! fields in its one canonical encoding is taken apart, and what is no such message
//! is a text. So fields of later versions need no change. Whatever bytes come,
//! [`join`] makes no more than it was told, and takes memory and time in proportion
//! to that.
//!
//! The layout. A number is a varint as in Protocol Buffers, in its shortest form.
//!
//! ```text
//! content   = number of entries, messages
//! messages  = list of shape numbers (0 is the next new shape, 1 the first one …),
//!             for each new shape: bytes, its tags in their order;
//!             for each tag, in the order in which they first occur: list or texts
//! list      = of one number: the number
//!             flags: 0 all are equal: the number
//!                    1 one number for each; + 2 differences, zigzag; + 4 after a divisor
//! texts     = flags: + 1 repeats: list (0 is the next new text, 1 the first one …), then
//!                        only the new ones
//!                    + 2 they are messages: messages
//!                    + 4 of one length: length, then all first bytes, all second ones …
//!                    + 8 cut at each slash: list of how many pieces, then texts for all
//!                        first pieces, all second ones …
//!                    none of 2, 4, 8: list of lengths, then the bytes end to end
//! ```

mod number;
mod read;
mod write;

pub(super) use number::{put, take};
pub(super) use read::join;
pub(super) use write::{Split, split};

/// How deep messages may lie in each other: record, party, contact, and room for more.
const DEPTH_MAX: usize = 6;

/// Most different tags of the messages in one place.
const TAGS_MAX: usize = 128;

/// Most pieces of a text: a key has three or four.
const PIECES_MAX: usize = 16;

/// Key of an entry in a block: field 1, length-delimited.
const ENTRY_TAG: u8 = 0x0A;

/// Flags of a list of numbers.
mod list {
    pub(super) const EACH: u8 = 1;
    pub(super) const DIFFERENCES: u8 = 2;
    pub(super) const DIVISOR: u8 = 4;
}

/// Flags of texts.
mod texts {
    pub(super) const REPEATS: u8 = 1;
    pub(super) const MESSAGES: u8 = 2;
    pub(super) const ONE_LENGTH: u8 = 4;
    pub(super) const PIECES: u8 = 8;
}

#[cfg(test)]
mod tests;
