//! How a command fails: one exit code and one message with its causes.
//!
//! Maps the errors of the modules to the exit codes of the help text, in one
//! place. Causes go to standard error, or with `--json` as one object to
//! standard output as well, because a program reads that.

use std::{io::Write as _, process::ExitCode};

use rmd_runtime::{exit, output};

use crate::{config, registry, server, share, store};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The arguments cannot be meant.
    pub(crate) fn usage(message: String) -> Self {
        Self { code: exit::USAGE, error: anyhow::anyhow!(message) }
    }

    /// Prints the message with its causes; the exit code of the process.
    pub(crate) fn report(&self, format: output::Format) -> ExitCode {
        let message = format!("{:#}", self.error);
        if format == output::Format::Json {
            let object = serde_json::json!({"error": {"exit": self.code, "message": message}});
            // Standard error has it in any case.
            let _ = output::json(&object);
        }
        let _ = writeln!(std::io::stderr(), "rmd-hub: {message}");
        exit::code(self.code)
    }

    /// The exit code.
    #[cfg(test)]
    pub(crate) const fn code(&self) -> u8 {
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
    if let Some(error) = error.downcast_ref::<config::Error>() {
        return Some(match error {
            config::Error::Absent(_) => exit::NOT_FOUND,
            config::Error::Store(error) => store_code(error),
            _ => exit::USAGE,
        });
    }
    if let Some(error) = error.downcast_ref::<registry::Error>()
        && let Some(code) = error.exit_code()
    {
        return Some(code);
    }
    if let Some(error) = error.downcast_ref::<share::Error>()
        && let Some(code) = error.exit_code()
    {
        return Some(code);
    }
    if let Some(server::Error::Running { .. }) = error.downcast_ref::<server::Error>() {
        return Some(exit::USAGE);
    }
    error.downcast_ref::<store::Error>().map(store_code)
}

const fn store_code(error: &store::Error) -> u8 {
    match error {
        store::Error::Address(_) | store::Error::Pending(_) => exit::USAGE,
        store::Error::Open { .. } | store::Error::Query(_) => exit::UNAVAILABLE,
        _ => exit::FAILURE,
    }
}
