//! Trades an officer's token for an auditor's certificate.
//!
//! The key is made here and never leaves. An answer that was lost does no harm: the
//! key is kept until the certificate is, and the same request gets the same answer.

use std::{fs, path::Path};

use rmd_link::{
    Credentials, Role,
    enrol::{self, Application, Token, certify},
    keys,
};
use rmd_runtime::{SharedClock, files};

use super::{
    Error, PENDING_KEY, TLS_DIR,
    store::{Enrolment, Store},
};

/// Enrols the auditor of a folder; `token` is what the officer handed over.
pub(crate) async fn enrol(
    dir: &Path,
    token: &str,
    clock: &SharedClock,
) -> Result<Enrolment, Error> {
    let token: Token = token.parse().map_err(|error: rmd_link::enrol::Malformed| Error::Token {
        en: error.to_string(),
        fr: "ce n'est pas un jeton complet ; copiez-le en entier".to_owned(),
    })?;
    let identity = token.identity()?;
    if !matches!(identity.role, Role::Auditor { .. }) {
        return Err(Error::Token {
            en: format!("the token invites the node {}, not an auditor", identity.node_id()),
            fr: format!("le jeton invite le nœud {}, pas un auditeur", identity.node_id()),
        });
    }
    let file = |source| Error::File { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(file)?;
    let store = Store::open(dir, clock.clone(), true).await?;
    let pending = dir.join(PENDING_KEY);
    let (key_pem, csr_der) = if pending.exists() {
        let key_pem = files::read_secret_text(&pending)?;
        let csr_der = keys::csr(&identity, &key_pem)?;
        (key_pem, csr_der)
    } else {
        let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
        files::write_secret(&pending, &key_pem)?;
        (key_pem, csr_der)
    };
    let application = Application {
        csr_der,
        feed_vkey: String::new(),
        feed_key_proof: Vec::new(),
        advertise: None,
        bundle_recipient: String::new(),
    };
    let answer = certify(&token, application, clock).await?;
    let enrolment = Enrolment {
        identity: answer.identity.to_string(),
        hub_identity: answer.hub_identity.to_string(),
        hub_feed_vkey: answer.hub_feed_vkey,
        hub_address: token.hub_address.clone(),
        audit_address: answer.audit_address,
    };
    store.enrolled(&enrolment).await?;
    Credentials::store(dir.join(TLS_DIR), &key_pem, &answer.chain_der, &answer.roots_der)?;
    fs::remove_file(&pending).map_err(|source| Error::File { path: pending, source })?;
    Ok(enrolment)
}

/// Trades the certificate for the next one, with a new key.
pub(super) async fn renew(
    dir: &Path,
    enrolment: &Enrolment,
    credentials: &Credentials,
) -> Result<(), Error> {
    let identity = credentials.identity().ok_or(rmd_link::Error::NoCertificate)?;
    let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
    let renewed = enrol::renew(&enrolment.hub_address, credentials, csr_der, None).await?;
    let tls = dir.join(TLS_DIR);
    Credentials::store(tls, &key_pem, &renewed.chain_der, &renewed.roots_der)?;
    Ok(credentials.reload()?)
}
