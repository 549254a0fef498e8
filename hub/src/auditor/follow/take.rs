//! A frame of the hub on its way into the auditor's store.

use rmd_feed::{Checkpoint, Follower, Origin, Refusal, evidence};
use rmd_proto::v1;

use super::{
    super::{
        Error,
        check::{self, At},
        finding::Finding,
        store::FEED,
    },
    Auditor,
};
use crate::audit::BEGUN;

impl Auditor {
    /// Verifies a frame and keeps it.
    pub(super) async fn take(&self, frame: &v1::Frame, epoch: u32) -> Result<(), Error> {
        let epochs = self.store.followed().await?;
        let is_first = epochs.is_empty();
        let kept = epochs.into_iter().find(|kept| kept.epoch == epoch);
        let mut follower = if let Some(kept) = &kept {
            kept.follower(&self.hub.owner, &self.hub.key)?
        } else {
            let origin = Origin::new(&self.hub.owner, FEED, epoch);
            Follower::new(FEED, epoch, origin, self.hub.key.clone())
        };
        let entries = match follower.accept(frame) {
            Ok(entries) if entries.is_empty() => return Ok(()),
            Ok(entries) => entries,
            Err(refusal) => return Err(self.refused(epoch, &refusal).await?),
        };
        let now_us = self.store.now_us();
        let mut transaction = self.store.begin().await?;
        let begins = entries.first().filter(|entry| entry.seq() == 1 && !is_first);
        if begins.is_some_and(|entry| entry.header.entity != BEGUN) {
            let origin = Origin::new(&self.hub.owner, FEED, epoch);
            let en = format!("the hub began {origin} without a word about the epoch before it");
            let fr =
                format!("le pivot a commencé {origin} sans dire un mot de l'époque précédente");
            let finding = Finding::told("unannounced", true, origin.as_str(), (en, fr));
            finding.keep(&mut transaction, now_us).await?;
        }
        for entry in &entries {
            let at = At { epoch, now_us };
            for finding in check::take(&mut transaction, &self.hub, at, entry).await? {
                finding.keep(&mut transaction, now_us).await?;
            }
        }
        sqlx::query(
            "INSERT INTO hub_epoch (epoch, size, edge, checkpoint, frozen, updated_at_us)
             VALUES (?1, ?2, ?3, ?4, 0, ?5)
             ON CONFLICT (epoch) DO UPDATE SET
                 size = excluded.size,
                 edge = excluded.edge,
                 checkpoint = excluded.checkpoint,
                 updated_at_us = excluded.updated_at_us",
        )
        .bind(epoch)
        .bind(follower.cursor().cast_signed())
        .bind(follower.edge().to_bytes())
        .bind(follower.checkpoint().unwrap_or_default())
        .bind(now_us)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps why a frame was refused. One that the hub signed freezes the epoch.
    async fn refused(&self, epoch: u32, refusal: &Refusal) -> Result<Error, Error> {
        let origin = Origin::new(&self.hub.owner, FEED, epoch);
        let pair = evidence::read(&refusal.evidence);
        let signed = pair
            .filter(|(_, offered)| Checkpoint::open(offered, &origin, &self.hub.key, 0).is_ok());
        let Some((held, offered)) = signed else {
            return Ok(Error::Answer("a frame of it does not go on from what is held"));
        };
        let pair = (held.unwrap_or_default(), offered);
        let proven = Finding::proven("forked", origin.as_str(), &self.hub.key, pair, None);
        let finding = proven.unwrap_or_else(|| {
            let en = format!(
                "the hub signed a checkpoint of {origin} to which its entries do not lead: {}",
                refusal.message
            );
            let fr = format!(
                "le pivot a signé un point de contrôle de {origin} auquel ses écritures ne mènent \
                 pas : {}",
                refusal.message_fr
            );
            let mut finding = Finding::told("forked", true, origin.as_str(), (en, fr));
            finding.evidence = String::from_utf8_lossy(&refusal.evidence).into_owned();
            finding
        });
        let mut transaction = self.store.begin().await?;
        finding.keep(&mut transaction, self.store.now_us()).await?;
        sqlx::query("UPDATE hub_epoch SET frozen = 1 WHERE epoch = ?1")
            .bind(epoch)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Error::Frozen)
    }
}
