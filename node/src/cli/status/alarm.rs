//! What an operator has to know first: a certificate that was revoked, a clock that is
//! wrong.

use super::super::open;
use crate::journal::revocation::Revocation;

/// Lines for a person; none while all is well.
pub(super) fn lines(revoked: Option<&Revocation>, clock_fault: Option<&str>) -> String {
    let clock = clock_fault.map(|fault| format!("\nCLOCK · HORLOGE: {fault}"));
    [revoked.map(revocation), clock].into_iter().flatten().collect()
}

fn revocation(revoked: &Revocation) -> String {
    let since = open::instant(Some(revoked.since_us));
    if revoked.is_proven {
        return format!(
            "\nREVOKED · RÉVOQUÉ: the hub refuses this node's certificate since {since}; nothing is fetched from it. Ask the Secretariat; with its new invitation, `rmd-node enrol` · le pivot refuse le certificat de ce nœud depuis le {since} ; rien n'en est repris. Demandez au Secrétariat ; avec sa nouvelle invitation, `rmd-node enrol`"
        );
    }
    format!(
        "\nrevoked? · révoqué ?: somebody who dialled since {since} said that this node's certificate is revoked; the hub itself has not confirmed it · quelqu'un qui a appelé depuis le {since} a dit que le certificat de ce nœud est révoqué ; le pivot lui-même ne l'a pas confirmé"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_hub_proved_is_told_apart_from_what_anybody_says() {
        let said = |is_proven| Revocation { since_us: 0, last_us: 0, is_proven };
        assert_eq!(lines(None, None), "");
        let proven = lines(Some(&said(true)), None);
        assert!(proven.contains("REVOKED") && proven.contains("rmd-node enrol"), "{proven}");
        let told = lines(Some(&said(false)), Some("the clock is 9 s behind"));
        assert!(told.contains("has not confirmed") && told.contains("9 s behind"), "{told}");
    }
}
