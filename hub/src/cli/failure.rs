//! How a command fails: one exit code and one message with its causes.
//!
//! Maps the errors of the modules to the exit codes of the help text, in one
//! place. Causes go to standard error, or with `--json` as one object to
//! standard output as well, because a program reads that.

use std::{io::Write as _, process::ExitCode};

use rmd_runtime::{exit, output};

use crate::{
    api::key, auditor, bundle, calendar, cases, config, parameter, partner, quarantine::reapply,
    reconcile, recover, registry, report, server, share, statistics, status, store,
};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// What was named is not there.
    pub(crate) fn not_found(message: String) -> Self {
        Self { code: exit::NOT_FOUND, error: anyhow::anyhow!(message) }
    }

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
        let _ = writeln!(std::io::stderr(), "rmd-hub: {}", output::harmless(&message));
        exit::code(self.code)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let code = error.chain().find_map(code_of).unwrap_or(exit::FAILURE);
        Self { code, error }
    }
}

/// The code that an error of ours asks for. Transparent variants are opened here,
/// because they hide themselves from the chain.
fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(error) = error.downcast_ref::<server::Error>() {
        return match error {
            server::Error::Running { .. } => Some(exit::USAGE),
            server::Error::Config(error) => Some(config_code(error)),
            server::Error::Registry(error) => registry_code(error),
            server::Error::Share(error) => share_code(error),
            server::Error::Store(error) => Some(store_code(error)),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<status::Error>() {
        return match error {
            status::Error::Registry(error) => registry_code(error),
            status::Error::Share(error) => share_code(error),
            status::Error::Store(error) => Some(store_code(error)),
        };
    }
    let known = error.downcast_ref().map(config_code);
    let known = known.or_else(|| error.downcast_ref().and_then(reapply_code));
    let known = known.or_else(|| error.downcast_ref().map(store_code));
    let known = known.or_else(|| error.downcast_ref().and_then(registry_code));
    let known = known.or_else(|| error.downcast_ref().and_then(share_code));
    let known = known.or_else(|| error.downcast_ref().and_then(bundle_code));
    let known = known.or_else(|| error.downcast_ref().and_then(case_code));
    let known = known.or_else(|| error.downcast_ref().and_then(calendar_code));
    let known = known.or_else(|| error.downcast_ref().and_then(report_code));
    let known = known.or_else(|| error.downcast_ref().map(statistics_code));
    let known = known.or_else(|| error.downcast_ref().and_then(parameter_code));
    let known = known.or_else(|| error.downcast_ref().and_then(partner_code));
    let known = known.or_else(|| error.downcast_ref().and_then(reconcile_code));
    let known = known.or_else(|| error.downcast_ref().map(recover_code));
    let known = known.or_else(|| error.downcast_ref().map(auditor::Error::exit_code));
    known.or_else(|| error.downcast_ref().map(key_code))
}

const fn parameter_code(error: &parameter::Error) -> Option<u8> {
    match error {
        parameter::Error::Share(error) => share_code(error),
        parameter::Error::Store(error) => Some(store_code(error)),
        error => error.exit_code(),
    }
}

const fn reconcile_code(error: &reconcile::Error) -> Option<u8> {
    match error {
        // The same call may succeed when the other process is done.
        reconcile::Error::Held(_) => Some(exit::UNAVAILABLE),
        reconcile::Error::Store(error) => Some(store_code(error)),
        _ => None,
    }
}

const fn partner_code(error: &partner::Error) -> Option<u8> {
    match error {
        partner::Error::Store(error) => Some(store_code(error)),
        error => error.exit_code(),
    }
}

const fn recover_code(error: &recover::Error) -> u8 {
    match error {
        recover::Error::Word { .. } => exit::USAGE,
        recover::Error::BootUnknown { .. } | recover::Error::NothingToConfirm(_) => exit::NOT_FOUND,
        recover::Error::Held { .. } => exit::UNAVAILABLE,
        recover::Error::Store(error) => store_code(error),
        _ => exit::FAILURE,
    }
}

const fn config_code(error: &config::Error) -> u8 {
    match error {
        config::Error::Absent(_) => exit::NOT_FOUND,
        config::Error::Store(error) => store_code(error),
        _ => exit::USAGE,
    }
}

const fn registry_code(error: &registry::Error) -> Option<u8> {
    match error {
        registry::Error::Store(error) => Some(store_code(error)),
        error => error.exit_code(),
    }
}

const fn share_code(error: &share::Error) -> Option<u8> {
    match error {
        share::Error::Store(error) => Some(store_code(error)),
        share::Error::Registry(error) => registry_code(error),
        share::Error::Recover(error) => Some(recover_code(error)),
        error => error.exit_code(),
    }
}

const fn bundle_code(error: &bundle::Error) -> Option<u8> {
    match error {
        bundle::Error::Store(error) => Some(store_code(error)),
        bundle::Error::Registry(error) => registry_code(error),
        bundle::Error::Share(error) => share_code(error),
        error => error.exit_code(),
    }
}

const fn case_code(error: &cases::Error) -> Option<u8> {
    match error {
        cases::Error::Store(error) => Some(store_code(error)),
        cases::Error::Registry(error) => registry_code(error),
        cases::Error::Share(error) => share_code(error),
        error => error.exit_code(),
    }
}

fn report_code(error: &report::Error) -> Option<u8> {
    use report::Error;
    match error {
        Error::Ahead { .. } | Error::Folder { .. } => Some(exit::USAGE),
        Error::Store(error) => Some(store_code(error)),
        Error::Calendar(error) => calendar_code(error),
        Error::Statistics(error) => Some(statistics_code(error)),
        Error::Share(error) => share_code(error),
        _ => None,
    }
}

const fn calendar_code(error: &calendar::Error) -> Option<u8> {
    match error {
        calendar::Error::NotOver { .. } | calendar::Error::Nobody => Some(exit::USAGE),
        calendar::Error::Unknown(_) => Some(exit::NOT_FOUND),
        calendar::Error::Store(error) => Some(store_code(error)),
        calendar::Error::Statistics(error) => Some(statistics_code(error)),
        calendar::Error::Registry(error) => registry_code(error),
        calendar::Error::Recover(error) => Some(recover_code(error)),
        calendar::Error::Verdict(_) | calendar::Error::Feed(_) | calendar::Error::Taken(_) => None,
    }
}

const fn statistics_code(error: &statistics::Error) -> u8 {
    match error {
        statistics::Error::Store(error) => store_code(error),
    }
}

const fn reapply_code(error: &reapply::Error) -> Option<u8> {
    match error {
        reapply::Error::NodeUnknown(_) => Some(exit::NOT_FOUND),
        reapply::Error::Store(error) => Some(store_code(error)),
        reapply::Error::Registry(error) => registry_code(error),
        reapply::Error::Verdict(_) => None,
    }
}

const fn key_code(error: &key::Error) -> u8 {
    match error {
        key::Error::Unknown(_) => exit::NOT_FOUND,
        key::Error::Store(error) => store_code(error),
        _ => exit::USAGE,
    }
}

const fn store_code(error: &store::Error) -> u8 {
    match error {
        store::Error::Address(_) | store::Error::Pending(_) | store::Error::Foreign { .. } => {
            exit::USAGE
        }
        store::Error::Open { .. } | store::Error::Query(_) => exit::UNAVAILABLE,
        _ => exit::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_code() {
        let code = |failure: Failure| failure.code;
        let absent = config::Error::Absent("hub".into());
        assert_eq!(code(absent.into()), exit::NOT_FOUND);
        assert_eq!(code(config::Error::Invalid(Vec::new()).into()), exit::USAGE);
        assert_eq!(code(registry::Error::NodeUnknown("X".into()).into()), exit::NOT_FOUND);
        assert_eq!(code(store::Error::Pending(Vec::new()).into()), exit::USAGE);
        let newer = server::Error::Store(store::Error::Foreign { found: 2, last: 1 });
        assert_eq!(code(newer.into()), exit::USAGE);
        assert_eq!(code(store::Error::Query(sqlx::Error::PoolClosed).into()), exit::UNAVAILABLE);
        assert_eq!(code(share::Error::DocumentEmpty("d".into()).into()), exit::DATA);
        assert_eq!(code(key::Error::Unknown("k".into()).into()), exit::NOT_FOUND);
        assert_eq!(code(key::Error::NameTaken("k".into()).into()), exit::USAGE);
        assert_eq!(code(std::io::Error::other("disk").into()), exit::FAILURE);
        assert_eq!(code(Failure::usage("wrong".into())), exit::USAGE);
    }

    #[test]
    fn a_cause_below_a_transparent_error_decides() {
        let inner = store::Error::Query(sqlx::Error::PoolClosed);
        let failure = Failure::from(server::Error::Registry(registry::Error::Store(inner)));
        assert_eq!(failure.code, exit::UNAVAILABLE);
    }
}
