//! What the API says of a record beside the rules of the standard.

use rmd_standard::{Entity, Finding, Severity};

use crate::journal::CLASH_RULE;

/// The rule's id.
const UNREADABLE: &str = "POST-UNREADABLE";

/// Whether a finding says that another row has the record.
pub(super) fn is_clash(finding: &Finding) -> bool {
    finding.rule == CLASH_RULE
}

/// A kept record cannot be decoded.
pub(super) fn unreadable(entity: Entity) -> Finding {
    Finding {
        rule: UNREADABLE.to_owned(),
        severity: Severity::Refuse,
        path: String::new(),
        value: String::new(),
        en: format!(
            "{entity}: the bytes kept of a posted record cannot be read (rule {UNREADABLE}). \
             Restore api.sqlite from a backup, or post the record again."
        ),
        fr: format!(
            "{entity} : les octets gardés d'une fiche reçue sont illisibles (règle {UNREADABLE}). \
             Restaurez api.sqlite depuis une sauvegarde, ou envoyez la fiche de nouveau."
        ),
    }
}
