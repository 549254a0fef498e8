//! The targets under inputs that are drawn: goal and method.
//!
//! Goal: whatever bytes come from outside, every reader answers, within its memory.
//! Method: valid inputs are damaged (bits, spans, lengths, two spliced into one) or
//! drawn field by field, from a seed that is printed; proptest shrinks what fails.
//! `RMD_FUZZ_SECONDS` is the time over all targets, `RMD_FUZZ_SEED` the first seed.
//! What was found once lies in `corpus/TARGET/found-…` and is tried first.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as a test does")]
#![expect(clippy::print_stdout, reason = "what was done is the note of the part")]

mod corpus;
mod damage;
mod hunt;
mod shapes;

use self::hunt::hunt;

/// Counts what is held at once, by whichever thread: one hunt runs at a time.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

#[test]
fn frames_are_opened_or_refused() {
    hunt("frame");
}

#[test]
fn blocks_in_an_honest_packing_are_opened_or_refused() {
    hunt("block");
}

#[test]
fn columns_in_an_honest_packing_are_opened_or_refused() {
    hunt("columns");
}

#[test]
fn entries_are_decoded_or_refused() {
    hunt("entry");
}

#[test]
fn checkpoints_are_read_or_refused() {
    hunt("checkpoint");
}

#[test]
fn texts_under_a_good_signature_are_read_or_refused() {
    hunt("checkpoint_inside");
}

#[test]
fn evidence_is_read_or_refused() {
    hunt("evidence");
}

#[test]
fn keys_are_read_or_refused() {
    hunt("key");
}

#[test]
fn bundles_are_read_or_refused() {
    hunt("bundle");
}

#[test]
fn bundles_in_an_honest_encryption_are_read_or_refused() {
    hunt("bundle_inside");
}

#[test]
fn documents_are_read_or_refused() {
    hunt("json");
}

#[test]
fn payloads_are_read_or_refused() {
    hunt("record");
}

#[test]
fn messages_of_peers_are_read_or_refused() {
    hunt("message");
}

#[test]
fn tokens_are_read_or_refused() {
    hunt("token");
}

#[test]
fn identities_are_read_or_refused() {
    hunt("identity");
}

#[test]
fn requests_to_sign_are_signed_or_refused() {
    hunt("csr");
}

#[test]
fn texts_of_separated_values_are_read_or_refused() {
    hunt("csv");
}

#[test]
fn workbooks_are_read_or_refused() {
    hunt("workbook");
}

#[test]
fn sheets_in_an_honest_archive_are_read_or_refused() {
    hunt("workbook_inside");
}
