//! What reads bytes from outside, each as one function for every fuzzer.
//!
//! A target takes any bytes. It panics if a reader breaks one of its promises:
//! to answer instead of failing, to give a reason with every refusal, to write
//! what it took so that it reads the same again. Two fuzzers call the targets:
//! cargo-fuzz (`tests/fuzz/cargo-fuzz`, nightly) and the stable form
//! (`tests/fuzz/tests/stable`), which also measures memory.
//!
//! Not here: mappings and configuration, which are the reader's own files.

#![expect(clippy::missing_panics_doc, reason = "to panic is what a target is for")]

mod bundle;
mod csr;
mod feed;
mod messages;
mod owner;
mod record;
pub mod seeds;
mod sheet;
mod signed;
mod token;

pub use bundle::{bundle, bundle_inside};
pub use csr::csr;
pub use feed::{block, columns, entry, frame};
pub use messages::message;
pub use record::{json, record};
pub use sheet::{csv, workbook, workbook_inside};
pub use signed::{checkpoint, checkpoint_inside, evidence, key};
pub use token::{identity, token};

/// What a reader made of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// They were read.
    Taken,
    /// They were refused, with a reason.
    Refused,
}

/// One reader.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name for both fuzzers, and of its folder in the corpus.
    pub name: &'static str,
    /// The reader with its promises.
    pub run: fn(&[u8]) -> Answer,
    /// Most bytes that it may hold at once, beside those it is given; derived at each
    /// target from the limits of what it reads.
    pub memory_max: usize,
}

/// Room for the messages of a refusal and for what every call makes anew.
const SMALL: usize = 1 << 20;

/// A frame is held compressed, decoded, and as entries; a decoded entry takes some
/// 500 bytes more than its own.
const FRAME: usize = 4 * rmd_feed::DECODED_BYTES_MAX;

/// The texts of a workbook take at most 48 MiB unpacked, and twice that in memory.
const WORKBOOK: usize = 128 << 20;

/// Every reader of bytes from outside.
pub const TARGETS: [Target; 19] = [
    Target { name: "frame", run: frame, memory_max: FRAME },
    Target { name: "block", run: block, memory_max: FRAME },
    Target { name: "columns", run: columns, memory_max: FRAME },
    Target { name: "entry", run: entry, memory_max: SMALL },
    Target { name: "checkpoint", run: checkpoint, memory_max: SMALL },
    Target { name: "checkpoint_inside", run: checkpoint_inside, memory_max: SMALL },
    Target { name: "evidence", run: evidence, memory_max: SMALL },
    Target { name: "key", run: key, memory_max: SMALL },
    Target { name: "bundle", run: bundle, memory_max: FRAME },
    Target { name: "bundle_inside", run: bundle_inside, memory_max: FRAME },
    Target { name: "json", run: json, memory_max: 8 * SMALL },
    Target { name: "record", run: record, memory_max: 8 * SMALL },
    Target { name: "message", run: message, memory_max: 16 * SMALL },
    Target { name: "token", run: token, memory_max: SMALL },
    Target { name: "identity", run: identity, memory_max: SMALL },
    Target { name: "csr", run: csr, memory_max: SMALL },
    Target { name: "csv", run: csv, memory_max: 4 * SMALL },
    Target { name: "workbook", run: workbook, memory_max: WORKBOOK },
    Target { name: "workbook_inside", run: workbook_inside, memory_max: WORKBOOK },
];
