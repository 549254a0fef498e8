//! The exit codes of both binaries, for scripts and for service managers.
//!
//! The numbers are those of BSD's `sysexits.h`, so that a service manager can be
//! told not to restart a process that was started wrongly.

use std::process::ExitCode;

/// Everything that was asked for was done.
pub const OK: u8 = 0;
/// It failed, and the message says why; the same call may succeed later.
pub const FAILURE: u8 = 1;
/// The arguments or the configuration are wrong; starting again cannot help.
pub const USAGE: u8 = 64;
/// The input that was given is wrong: a mapping, a token, a document.
pub const DATA: u8 = 65;
/// Something that has to be there is not: a state directory, a named record.
pub const NOT_FOUND: u8 = 66;
/// A service that is needed does not answer: a source, a store, a peer.
pub const UNAVAILABLE: u8 = 69;
/// Not allowed: a file's permissions, a role.
pub const FORBIDDEN: u8 = 77;

/// A number as the process's exit code.
pub fn code(number: u8) -> ExitCode {
    ExitCode::from(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_means_one_thing() {
        let mut numbers = vec![OK, FAILURE, USAGE, DATA, NOT_FOUND, UNAVAILABLE, FORBIDDEN];
        numbers.dedup();
        assert_eq!(numbers.len(), 7);
        assert!(numbers.is_sorted());
    }
}
