//! Proving a closed month: that it is as it was frozen, and rests on what states signed.
//!
//! The digest is computed again. For every feed the signature under its checkpoint is
//! checked with the key that was pinned then; the tree of the ledger is computed from the
//! first entry on, and must have the signed root at that size; and an RFC 9162 proof must
//! lead from there to the feed as it stands now, or to where its epoch ended. So what was
//! frozen is a prefix of what is kept. Then the figures are summed again from those
//! prefixes alone ([`again`]). Nothing is changed.

mod again;

use rmd_feed::{Checkpoint, FeedVerifier, Origin, RightEdge, proof};
use serde::Serialize;

use self::again::Again;
use super::{
    Error, Month,
    closing::{self, Closing, FeedMark},
};
use crate::{
    follow::cursor,
    recover::{epoch, tree::Tree},
    regional::Owner,
    store::Store,
};

/// What was found out about a closed month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Verified {
    pub(crate) month: Month,
    pub(crate) edition: i64,
    pub(crate) digest: String,
    /// Whether all of it holds.
    pub(crate) holds: bool,
    pub(crate) checks: Vec<Check>,
}

/// One thing that was proven, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// `digest`, or node and feed.
    pub(crate) what: String,
    pub(crate) holds: bool,
    pub(crate) message_en: String,
    pub(crate) message_fr: String,
}

/// What does not hold of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Unsigned,
    OtherSize,
    NotFollowed,
    Shorter,
    OtherRoot,
    NoPrefix,
}

impl Fault {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unsigned => (
                "the checkpoint is not signed by the key that was pinned",
                "le point de contrôle n'est pas signé par la clé épinglée",
            ),
            Self::OtherSize => (
                "the checkpoint says another size or root than the closing",
                "le point de contrôle dit une autre taille ou racine que la clôture",
            ),
            Self::NotFollowed => (
                "the feed is not followed any more, and no end of its epoch is kept",
                "le flux n'est plus suivi, et aucune fin de son époque n'est gardée",
            ),
            Self::Shorter => {
                ("the feed is shorter now than it was", "le flux est plus court qu'il n'était")
            }
            Self::OtherRoot => (
                "the ledger has another root at that size",
                "le registre a une autre racine à cette taille",
            ),
            Self::NoPrefix => (
                "the feed as it stands does not begin with what was closed",
                "le flux actuel ne commence pas par ce qui fut clos",
            ),
        }
    }
}

/// Proves an edition of a month, or its last.
pub(crate) async fn verify(
    store: &Store,
    network: &str,
    month: Month,
    edition: Option<i64>,
) -> Result<Verified, Error> {
    let closing = closing::load(&mut *store.acquire().await?, month, edition).await?;
    let mut checks = vec![of_digest(&closing)];
    for mark in &closing.feeds {
        let fault = fault(store, network, mark).await?;
        let what = format!("{} {} {}", mark.node_id, mark.feed, mark.epoch);
        let whole = (
            format!("{} entries are a prefix of the feed", mark.size),
            format!("{} entrées sont un préfixe du flux", mark.size),
        );
        let words = fault.map(Fault::words);
        let said = words.map_or(whole, |(en, fr)| (en.to_owned(), fr.to_owned()));
        let (message_en, message_fr) = said;
        checks.push(Check { what, holds: fault.is_none(), message_en, message_fr });
    }
    let is_same_ledger = checks[1..].iter().all(|check| check.holds);
    if is_same_ledger {
        checks.push(of_figures(&again::again(store, &closing).await?));
    }
    Ok(Verified {
        month,
        edition: closing.edition,
        holds: checks.iter().all(|check| check.holds),
        digest: closing.digest,
        checks,
    })
}

fn of_digest(closing: &Closing) -> Check {
    let holds = closing.computed_digest() == closing.digest;
    let (message_en, message_fr) = if holds {
        (
            "what is kept has the digest of the closing",
            "ce qui est gardé a l'empreinte de la clôture",
        )
    } else {
        (
            "what is kept was changed after the closing",
            "ce qui est gardé fut changé après la clôture",
        )
    };
    let (message_en, message_fr) = (message_en.to_owned(), message_fr.to_owned());
    Check { what: "digest".to_owned(), holds, message_en, message_fr }
}

fn of_figures(again: &Again) -> Check {
    let (message_en, message_fr) = match again {
        Again::Same(figures) => (
            format!("{figures} figures are the sums of those entries"),
            format!("{figures} chiffres sont les sommes de ces entrées"),
        ),
        Again::Other(figures) => (
            format!("the ledger gives other figures: {}", figures.join(", ")),
            format!("le registre donne d'autres chiffres : {}", figures.join(", ")),
        ),
        Again::Erased(key) => (
            format!("not summed again: the content of {key} was erased by order"),
            format!("non sommés de nouveau : le contenu de {key} fut effacé sur ordre"),
        ),
        Again::NewEpoch(node) => (
            format!("not summed again: {node} had begun a new epoch before"),
            format!("non sommés de nouveau : {node} avait commencé une nouvelle époque"),
        ),
    };
    let holds = !matches!(again, Again::Other(_));
    Check { what: "figures".to_owned(), holds, message_en, message_fr }
}

async fn fault(store: &Store, network: &str, mark: &FeedMark) -> Result<Option<Fault>, Error> {
    let origin = Origin::new(&format!("rmd.{network}/{}", mark.node_id), &mark.feed, mark.epoch);
    let verifier = FeedVerifier::parse(&mark.feed_vkey)?;
    let Ok(signed) = Checkpoint::open(&mark.checkpoint, &origin, &verifier, mark.size) else {
        return Ok(Some(Fault::Unsigned));
    };
    if signed.size != mark.size || hex::encode(signed.root) != mark.root {
        return Ok(Some(Fault::OtherSize));
    }
    let Some((size, root)) = now(store, mark).await? else {
        return Ok(Some(Fault::NotFollowed));
    };
    if size < mark.size {
        return Ok(Some(Fault::Shorter));
    }
    let owner = Owner {
        node_id: mark.node_id.clone(),
        country: mark.country.clone(),
        feed: mark.feed.clone(),
        epoch: mark.epoch,
    };
    let tree = Tree::read(store, &owner, &[mark.size, size]).await?;
    if !tree.root(mark.size).is_ok_and(|root| root == signed.root) {
        return Ok(Some(Fault::OtherRoot));
    }
    let Ok(hashes) = tree.consistency(size, mark.size) else { return Ok(Some(Fault::NoPrefix)) };
    let checked = proof::check_consistency(&hashes, size, root, mark.size, signed.root);
    Ok(checked.is_err().then_some(Fault::NoPrefix))
}

/// Size and root of the feed as it stands, or where its epoch ended.
async fn now(store: &Store, mark: &FeedMark) -> Result<Option<(u64, [u8; 32])>, Error> {
    let mut connection = store.acquire().await?;
    let position = cursor::load(&mut connection, &mark.node_id, &mark.feed).await?;
    if let Some(position) = position.filter(|position| position.epoch == mark.epoch) {
        return Ok(Some((position.cursor, position.edge.root())));
    }
    let ended = epoch::ended(&mut connection).await?.into_iter().find(|ended| {
        (&ended.node_id, &ended.feed) == (&mark.node_id, &mark.feed)
            && ended.epoch == i64::from(mark.epoch)
    });
    let Some(ended) = ended else { return Ok(None) };
    let size = ended.size.unsigned_abs();
    let edge = RightEdge::from_bytes(size, &ended.edge)?;
    Ok(Some((size, edge.root())))
}
