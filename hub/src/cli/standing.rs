//! `rmd-hub node revoke|suspend|resume`: an officer's word about a node.

use clap::Args;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    recover::Word,
    registry::standing::{self, Standing, State},
};

/// Of whom, by whom, and why.
#[derive(Debug, Args)]
pub(crate) struct WordArgs {
    /// ALPHA-3/name, as COD/cod-mines
    id: String,
    /// Who decides · Qui décide
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why · Pourquoi
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Serialize)]
struct Stands {
    node: String,
    standing: Standing,
}

/// Brings a node to a standing; one that it has already stays with its first word.
pub(super) async fn set(global: &Global, args: &WordArgs, state: State) -> Result<(), Failure> {
    let WordArgs { id, by, reason } = args;
    let word = Word::new(by, reason)?;
    let hub = open::open(global).await?;
    let now = hub.clock.now();
    let mut transaction = hub.store.begin().await?;
    let standing = match state {
        State::Active => standing::resume(&mut transaction, id, &word, now).await?,
        State::Suspended => standing::suspend(&mut transaction, id, &word, now).await?,
        State::Revoked => standing::revoke(&mut transaction, id, &word, now).await?,
    };
    transaction.commit().await?;
    let stands = Stands { node: id.clone(), standing };
    global.format().print(&stands, |stands| text(&stands.node, &stands.standing))?;
    Ok(())
}

/// A line for a person.
pub(super) fn text(id: &str, standing: &Standing) -> String {
    let Standing { since_us, decided_by, reason, .. } = standing;
    format!(
        "{id}: {} since · depuis {}, {}: {}",
        word(standing.state),
        open::instant(*since_us),
        decided_by.as_deref().unwrap_or_default(),
        reason.as_deref().unwrap_or_default(),
    )
}

/// The word in both languages.
pub(super) const fn word(state: State) -> &'static str {
    match state {
        State::Active => "enrolled · inscrit",
        State::Suspended => "SUSPENDED · SUSPENDU",
        State::Revoked => "REVOKED · RÉVOQUÉ",
    }
}
