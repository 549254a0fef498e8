//! The kept receipts, and whether each still holds: without a network.

use rmd_feed::{Checkpoint, CosignatureVerifier, FeedVerifier, Origin};
use serde::Serialize;
use sqlx::FromRow;

use super::Standing;
use crate::journal::{Error, Owner, Store};

/// One kept receipt.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Kept {
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    /// How it stood to the journal when it came.
    pub(crate) standing: String,
    pub(crate) vkey: String,
    /// The node's signed checkpoint with the hub's cosignature.
    pub(crate) note: String,
}

/// What can be said of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Judged {
    /// Owner, feed and epoch.
    pub(crate) origin: String,
    pub(crate) size: u64,
    /// Lower-case hexadecimal.
    pub(crate) root: String,
    /// When the hub had it, UTC microseconds; none if its cosignature does not hold.
    pub(crate) cosigned_at_us: Option<i64>,
    /// Whether both signatures hold.
    pub(crate) holds: bool,
    /// How it stood to the journal when it came; none for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) came: Option<String>,
    /// How it stands to the journal now; none where no journal was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) standing: Option<Standing>,
    pub(crate) en: String,
    pub(crate) fr: String,
}

impl Judged {
    /// Whether nothing about it calls for a person.
    pub(crate) fn is_sound(&self) -> bool {
        self.holds && self.standing.is_none_or(|standing| standing == Standing::Held)
    }
}

/// Every kept receipt, the newest of each feed first.
pub(crate) async fn all(store: &Store) -> Result<Vec<Kept>, Error> {
    Ok(sqlx::query_as(
        "SELECT feed, epoch, standing, vkey, note
         FROM receipt
         ORDER BY feed, epoch DESC, day DESC, standing",
    )
    .fetch_all(store.readers())
    .await?)
}

/// The keys of receipts that the hub's feed key vouched for.
pub(crate) async fn keys(store: &Store) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar("SELECT vkey FROM receipt_key ORDER BY seen_at_us")
        .fetch_all(store.readers())
        .await?)
}

/// Judges a note with the key of its owner and the keys of the hub's receipts, any
/// of which may have cosigned it.
pub(crate) fn judge(
    note: &str,
    owner: &FeedVerifier,
    keys: &[CosignatureVerifier],
) -> Option<Judged> {
    let (origin, checkpoint) = Checkpoint::claimed(note)?;
    let at_s = keys.iter().find_map(|key| key.check(note).ok());
    let of_owner = origin.as_str().strip_prefix(owner.name()).is_some_and(|rest| {
        let parts = rest.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
        parts.is_some_and(|(feed, epoch)| {
            let epoch = epoch.parse().unwrap_or(0);
            let origin = Origin::new(owner.name(), feed, epoch);
            Checkpoint::open(note, &origin, owner, checkpoint.size).is_ok()
        })
    });
    let (en, fr) = match (at_s.is_some(), of_owner) {
        (true, true) => {
            ("signed by its owner and by the hub", "signé par son propriétaire et par le pivot")
        }
        (false, true) => (
            "the hub's cosignature does not hold: no receipt",
            "la cosignature du pivot ne tient pas : ce n'est pas un reçu",
        ),
        (true, false) => (
            "the hub cosigned a checkpoint that its owner's key never signed: it was forged",
            "le pivot a cosigné un point de contrôle que la clé du propriétaire n'a jamais signé : il est forgé",
        ),
        (false, false) => ("no signature holds", "aucune signature ne tient"),
    };
    Some(Judged {
        origin: origin.as_str().to_owned(),
        size: checkpoint.size,
        root: hex::encode(checkpoint.root),
        cosigned_at_us: at_s.and_then(|at_s| i64::try_from(at_s).ok()?.checked_mul(1_000_000)),
        holds: at_s.is_some() && of_owner,
        came: None,
        standing: None,
        en: en.to_owned(),
        fr: fr.to_owned(),
    })
}

/// Judges a kept receipt, and holds it against the journal.
pub(crate) async fn judge_kept(store: &Store, owner: &Owner, kept: &Kept) -> Result<Judged, Error> {
    let keys: Vec<_> = CosignatureVerifier::parse(&kept.vkey).into_iter().collect();
    let inconsistent = || Error::inconsistent("receipt", "note", i64::from(kept.epoch));
    let mut judged = judge(&kept.note, &owner.key.verifier(), &keys).ok_or_else(inconsistent)?;
    let (_, checkpoint) = Checkpoint::claimed(&kept.note).ok_or_else(inconsistent)?;
    let feed = (kept.feed.as_str(), kept.epoch);
    let standing = super::standing(store, owner, feed, &kept.note, checkpoint).await?;
    judged.came = Some(kept.standing.clone());
    judged.standing = Some(standing);
    if judged.holds && standing != Standing::Held {
        let (en, fr) = lacking(standing, judged.size);
        (judged.en, judged.fr) = (en, fr);
    }
    Ok(judged)
}

/// What it means that the journal has not what the hub has.
fn lacking(standing: Standing, size: u64) -> (String, String) {
    match standing {
        Standing::OtherRoot => (
            format!(
                "the hub holds another history: at size {size} this key signed a root that this journal \
                 has not; the state was restored or copied, or the key is in other hands"
            ),
            format!(
                "le pivot détient un autre historique : à la taille {size} cette clé a signé une racine \
                 que ce journal n'a pas ; l'état a été restauré ou copié, ou la clé est en d'autres mains"
            ),
        ),
        _ => (
            format!(
                "the hub holds {size} entries, more than this journal: the state was restored or copied"
            ),
            format!(
                "le pivot détient {size} écritures, plus que ce journal : l'état a été restauré ou copié"
            ),
        ),
    }
}
