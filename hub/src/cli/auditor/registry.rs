//! The officer's side: who may audit.

use rmd_runtime::output;
use serde::Serialize;

use super::super::{Failure, Global, open};
use crate::{
    audit::registry::{self, Auditor},
    recover::Word,
};

#[derive(Debug, Serialize)]
struct Invited {
    auditor: String,
    token: String,
    expires_at: String,
    expires_at_us: i64,
}

pub(super) async fn invite(global: &Global, name: &str) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let invited = registry::invite(&hub.store, &hub.config, name, hub.clock.now()).await?;
    let invited = Invited {
        auditor: invited.name,
        token: invited.token.to_string(),
        expires_at: invited.expires_at.to_string(),
        expires_at_us: invited.expires_at.as_microsecond(),
    };
    global.format().print(&invited, |invited| {
        format!(
            "Give this token to the auditor over a channel you trust; it is good once, until {0}.\n\
             Remettez ce jeton à l'auditeur par une voie sûre ; il vaut une fois, jusqu'au {0}.\n\n\
             {1}",
            invited.expires_at, invited.token
        )
    })?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct Listed {
    auditors: Vec<Auditor>,
    invitations: Vec<Open>,
}

#[derive(Debug, Serialize)]
struct Open {
    name: String,
    expires_at_us: i64,
}

pub(super) async fn list(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let invited = registry::invited(&mut connection, hub.clock.now()).await?;
    let open = |(name, expires_at_us)| Open { name, expires_at_us };
    let listed = Listed {
        auditors: registry::all(&mut connection).await?,
        invitations: invited.into_iter().map(open).collect(),
    };
    global.format().print(&listed, |listed| {
        let mut rows: Vec<Vec<String>> = listed.auditors.iter().map(row).collect();
        rows.extend(listed.invitations.iter().map(|open| {
            let until = open::instant(Some(open.expires_at_us));
            vec![open.name.clone(), "invited · invité".to_owned(), String::new(), until]
        }));
        output::table(
            &[
                "auditor · auditeur",
                "state · état",
                "entries · écritures",
                "seen, until · vu, jusqu'à",
            ],
            &rows,
        )
    })?;
    Ok(())
}

fn row(auditor: &Auditor) -> Vec<String> {
    let is_enrolled = auditor.certificates > 0;
    let state = if is_enrolled { "enrolled · inscrit" } else { "revoked · révoqué" };
    let cursor = format!("{} @ {}", auditor.cursor, auditor.epoch);
    vec![auditor.name.clone(), state.to_owned(), cursor, open::instant(auditor.seen_at_us)]
}

pub(super) async fn revoke(
    global: &Global,
    name: &str,
    by: &str,
    reason: &str,
) -> Result<(), Failure> {
    let word = Word::new(by, reason)?;
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    let revoked = registry::revoke(&mut transaction, name, &word, hub.clock.now()).await?;
    transaction.commit().await?;
    global.format().print(
        &serde_json::json!({"auditor": name, "certificates_revoked": revoked}),
        |_| {
            format!(
                "{name}: {revoked} certificates revoked, in force at the next call\n\
                 {name} : {revoked} certificats révoqués, dès le prochain appel"
            )
        },
    )?;
    Ok(())
}
