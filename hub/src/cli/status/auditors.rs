//! The auditors in `rmd-hub status`.

use crate::{cli::open, status::auditors::AuditStatus};

/// One line about all, and one for each; nothing where there never was one.
pub(super) fn lines(audit: &AuditStatus) -> Vec<String> {
    if audit.listen.is_none() && audit.auditors.is_empty() && audit.revoked == 0 {
        return Vec::new();
    }
    let listen = audit.listen.as_deref().unwrap_or("answered nowhere · sans adresse de réponse");
    let mut lines = vec![format!(
        "\nauditors · auditeurs: {} ({listen}), {} revoked · révoqués, \
         {} checkpoints · points de contrôle",
        audit.auditors.len(),
        audit.revoked,
        audit.published
    )];
    lines.extend(audit.auditors.iter().map(|auditor| {
        format!(
            "  {}: {}/{} @ {}, last · dernier {}",
            auditor.name,
            auditor.cursor,
            audit.published,
            auditor.epoch,
            open::instant(auditor.seen_at_us)
        )
    }));
    lines
}
