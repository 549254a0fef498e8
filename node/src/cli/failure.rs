//! How a command fails: one exit code and one message with its causes.
//!
//! Maps the errors of the modules to the exit codes of the help text, in one
//! place. Causes go to standard error; with `--json` one object goes to standard
//! output as well, because a program reads that.

use std::{io::Write as _, process::ExitCode};

use rmd_proto::Code;
use rmd_runtime::{config, exit, output};

use crate::{
    config::Missing,
    journal::{self, brake::release::ReleaseError, erase::EraseError},
    mapping::{self, check::CheckError, draft::DraftError},
    server, source,
    source::{side::InstallError, slot},
};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The arguments cannot be meant.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// What was given is wrong.
    pub(super) fn data(message: impl Into<String>) -> Self {
        Self::new(exit::DATA, message)
    }

    /// What was named is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(exit::NOT_FOUND, message)
    }

    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, error: anyhow::Error::msg(message.into()) }
    }

    /// Prints the message with its causes; the exit code of the process.
    pub(super) fn report(&self, format: output::Format) -> ExitCode {
        let message = format!("{:#}", self.error);
        if format == output::Format::Json {
            let object = serde_json::json!({"error": {"exit": self.code, "message": message}});
            // Standard error has it in any case.
            let _ = output::json(&object);
        }
        let _ = writeln!(std::io::stderr(), "rmd-node: {}", output::harmless(&message));
        exit::code(self.code)
    }

    /// The exit code.
    #[cfg(test)]
    pub(super) const fn code(&self) -> u8 {
        self.code
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let code = error.chain().find_map(code_of).unwrap_or(exit::FAILURE);
        Self { code, error }
    }
}

fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if error.is::<Missing>() {
        return Some(exit::NOT_FOUND);
    }
    if error.is::<config::Error>() || error.is::<crate::config::NoMember>() {
        return Some(exit::USAGE);
    }
    if error.is::<mapping::Faults>() || error.is::<rmd_link::enrol::Malformed>() {
        return Some(exit::DATA);
    }
    if let Some(error) = error.downcast_ref::<source::Error>() {
        return Some(source_code(error));
    }
    if let Some(InstallError::Source(error)) = error.downcast_ref::<InstallError>() {
        return Some(source_code(error));
    }
    match error.downcast_ref::<slot::InstallError>() {
        Some(slot::InstallError::Source(error)) => return Some(source_code(error)),
        Some(_) => return Some(exit::DATA),
        None => {}
    }
    match error.downcast_ref::<DraftError>() {
        Some(DraftError::Source(error)) => return Some(source_code(error)),
        Some(DraftError::NoTable) => return Some(exit::NOT_FOUND),
        None => {}
    }
    if let Some(CheckError::Source(error)) = error.downcast_ref::<CheckError>() {
        return Some(source_code(error));
    }
    if let Some(error) = error.downcast_ref::<rmd_link::Error>() {
        return Some(link_code(error.code()));
    }
    match error.downcast_ref::<server::Error>() {
        Some(server::Error::Running { .. }) => return Some(exit::USAGE),
        Some(server::Error::Mapping(_)) => return Some(exit::DATA),
        _ => {}
    }
    match error.downcast_ref::<ReleaseError>() {
        Some(ReleaseError::Unknown(_)) => return Some(exit::NOT_FOUND),
        Some(ReleaseError::Over { .. }) => return Some(exit::USAGE),
        Some(ReleaseError::Journal(error)) => return code_of(error),
        None => {}
    }
    if let Some(error) = error.downcast_ref::<EraseError>() {
        return erase_code(error);
    }
    if let Some(error) = error.downcast_ref::<crate::bundle::Error>() {
        return error.exit_code();
    }
    if let Some(crate::api::Error::Journal(error)) = error.downcast_ref::<crate::api::Error>() {
        return code_of(error);
    }
    match error.downcast_ref::<journal::Error>() {
        Some(journal::Error::Store(_)) => Some(exit::UNAVAILABLE),
        Some(
            journal::Error::NotEnrolled
            | journal::Error::Foreign { .. }
            | journal::Error::AnsweredOften { .. },
        ) => Some(exit::USAGE),
        _ => None,
    }
}

fn erase_code(error: &EraseError) -> Option<u8> {
    match error {
        EraseError::Unknown { .. }
        | EraseError::NeverPublished { .. }
        | EraseError::NoAnswer(_) => Some(exit::NOT_FOUND),
        EraseError::Journal(error) => code_of(error),
    }
}

const fn source_code(error: &source::Error) -> u8 {
    match error {
        source::Error::Address { .. }
        | source::Error::PasswordInAddress
        | source::Error::PasswordFile { .. }
        | source::Error::Authority { .. } => exit::USAGE,
        source::Error::Connect { .. } | source::Error::Untrusted { .. } => exit::UNAVAILABLE,
        _ => exit::FAILURE,
    }
}

const fn link_code(code: Code) -> u8 {
    match code {
        Code::PeerUnreachable | Code::StoreUnavailable | Code::ShuttingDown => exit::UNAVAILABLE,
        Code::TokenUnknown | Code::TokenUsed | Code::TokenExpired => exit::DATA,
        _ => exit::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_later_version_is_a_wrong_start_whichever_file_it_is() {
        let foreign = |file| journal::Error::Foreign { file, found: 1 };
        let journal = server::Error::Journal(foreign("node.sqlite"));
        let api = server::Error::Api(crate::api::Error::Journal(foreign("api.sqlite")));
        for error in [journal, api] {
            assert_eq!(Failure::from(error).code(), exit::USAGE);
        }
    }
}
