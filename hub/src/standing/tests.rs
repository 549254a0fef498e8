//! Statuses in time, from frames of the ledger to what is told, on each store.

mod appeals;
mod attacks;
mod away;
mod history;
mod kept;
mod telling;

use jiff::{Timestamp, civil::Date};
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1::{self, CertificationStatus};
use rmd_standard::{Entity, Record, effective::Policy};

use super::{
    Keeper, intake,
    timeline::{self, Answer, Asked},
};
use crate::{
    follow::testing::{Publisher as Writer, Receiver, Said, site},
    registry::{
        entitlement::Level,
        testing::{Hub, known},
    },
    share::{
        EPOCH, OwnFeed, Publisher,
        decision::{NewDecision, Status},
        log,
    },
    store::Store,
};

const COD: &str = "COD/cod-mines";
const RWA: &str = "RWA/rwa-mines";

/// A hub with what its nodes write. It is 2018-01-01.
struct Scene {
    hub: Hub,
    publisher: Publisher,
}

/// The master data of one node, both ends.
struct Feed {
    writer: Writer,
    receiver: Receiver,
    /// Entries that the hub has.
    brought: u64,
}

impl Scene {
    async fn set(store: Store) -> Self {
        let hub = Hub::make(store).await;
        let (store, clock) = (hub.store.clone(), hub.clock.clone());
        let policy = Policy::default();
        let publisher = Publisher::open(store, hub.dir.path(), clock, policy).await.unwrap();
        Self { hub, publisher }
    }

    /// A node that is enrolled, and its feed.
    async fn feed(&self, node_id: &'static str) -> Feed {
        self.feed_at(node_id, Level::Live).await
    }

    async fn feed_at(&self, node_id: &'static str, level: Level) -> Feed {
        let mut transaction = self.hub.store.begin().await.unwrap();
        known(&mut transaction, node_id, "").await;
        transaction.commit().await.unwrap();
        let writer = Writer::new(node_id, "master-data");
        let receiver = Receiver::take(&self.hub.store, &writer, level).await;
        Feed { writer, receiver, brought: 0 }
    }

    fn at(&self, instant: &str) {
        self.hub.manual.set(instant.parse().unwrap());
    }

    /// What a hub that was started anew tells: bulletins and reminders.
    async fn told(&self) -> (usize, usize) {
        let told = Keeper::new(self.publisher.clone()).settle().await.unwrap();
        (told.bulletins, told.reminders)
    }

    async fn read(&self) {
        while intake::step(&self.hub.store).await.unwrap() {}
    }

    async fn ask(&self, key: &str, day: &str, known_at: &str) -> (String, String) {
        let answer = self.answer(Entity::MineSite, key, Some(day), known_at).await;
        let held = answer.held.unwrap();
        (held.status.to_owned(), held.reason.to_owned())
    }

    async fn answer(
        &self,
        entity: Entity,
        record_key: &str,
        day: Option<&str>,
        known_at: &str,
    ) -> Answer {
        self.read().await;
        let asked = Asked {
            entity,
            record_key,
            day: day.map(|day| day.parse().unwrap()),
            known_at: instant(known_at),
            today: self.hub.clock.today(),
        };
        let mut connection = self.hub.store.acquire().await.unwrap();
        let answer = timeline::read(&mut connection, asked, &Policy::default()).await.unwrap();
        answer.expect("the record is known")
    }

    /// Every entry of one of the hub's own feeds.
    async fn entries(&self, feed: &OwnFeed) -> Vec<StoredEntry> {
        let mut connection = self.hub.store.acquire().await.unwrap();
        let blocks = log::blocks_after(&mut connection, feed, 0).await.unwrap();
        if blocks.is_empty() {
            return Vec::new();
        }
        let frame = frame::build(feed.name(), EPOCH, &blocks, 0).unwrap();
        frame::open(&frame).unwrap()
    }
}

impl Feed {
    /// Lands one frame at an instant, by the rules of that day.
    async fn say(&mut self, at: &str, said: impl IntoIterator<Item = Said>) {
        self.keep(at, said);
        self.bring(at).await;
    }

    /// Takes something from the source at an instant, while the hub is not there.
    fn keep(&mut self, at: &str, said: impl IntoIterator<Item = Said>) {
        self.writer.captured_at_us = instant(at).as_microsecond();
        self.writer.append(said);
    }

    /// Lands all that was kept in one frame.
    async fn bring(&mut self, at: &str) {
        let at = instant(at);
        let frame = self.writer.frame_after(self.brought).expect("something was kept");
        self.brought = self.writer.state().size;
        let Receiver { landing, follower } = &mut self.receiver;
        landing.context.today = rmd_standard::effective::calendar_day(at);
        let landed = landing.land(follower, &frame, at.as_microsecond()).await.unwrap();
        assert!(landed.is_some(), "the frame is new");
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A site that its state says to be Green since a day, inspected on these.
fn green(number: u32, since: &str, inspected: &[&str]) -> v1::MineSite {
    let mut site = site(number, "Nzibira", &vec!["SAEMAPE"; inspected.len()]);
    for (visit, on) in site.inspection.iter_mut().zip(inspected) {
        visit.inspection_date = (*on).to_owned();
    }
    site.certification_status_since = since.to_owned();
    site
}

fn key_of(site: &v1::MineSite) -> String {
    Record::MineSite(Box::new(site.clone())).key().unwrap()
}

/// An exporter whose licence ends on a day.
fn exporter(status: CertificationStatus, licensed_until: &str) -> v1::ExporterStatus {
    v1::ExporterStatus {
        country: "CD".to_owned(),
        exporter: Some(v1::BusinessEntity {
            identifier: "CD-EXP-1".to_owned(),
            name: "Comptoir".to_owned(),
            ..v1::BusinessEntity::default()
        }),
        certification_status: status.into(),
        certification_status_since: "2017-01-01".to_owned(),
        license_id: "L-1".to_owned(),
        license_expiring_date: licensed_until.to_owned(),
        ..v1::ExporterStatus::default()
    }
}

fn said(exporter: v1::ExporterStatus) -> Said {
    Record::ExporterStatus(Box::new(exporter)).into()
}

fn decision(status: Status) -> NewDecision {
    NewDecision {
        status,
        decided_by: "Executive Secretary".to_owned(),
        ground: "Annex II".to_owned(),
        document_name: "decision.pdf".to_owned(),
        document_sha256: [7; 32],
        lifts: false,
    }
}
