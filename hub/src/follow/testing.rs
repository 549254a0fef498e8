//! A state for tests: it writes feeds as a node does, without a node.
//!
//! Frames come out of the real log with the real key; records are the messages
//! of the standard.

use std::collections::HashMap;

use rmd_feed::{Block, FeedKey, Follower, Log, NewEntry, Origin, frame};
use rmd_proto::v1::{self, Op};
use rmd_standard::{Context, Entity, Record, site_id};

use super::{
    cursor::{self, Lease},
    landing::{Landing, Stop},
};
use crate::{
    regional::{Applied, Levels, Owner},
    registry::entitlement::Level,
    store::Store,
};

/// An instant after 2001, so that time stamps look like some.
pub(crate) const NOW_US: i64 = 1_514_764_800_000_000;

/// The writing end of one feed of `COD/cod-mines` or of another node.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) node_id: &'static str,
    pub(crate) key: FeedKey,
    /// When the next entries are taken from the source.
    pub(crate) captured_at_us: i64,
    log: Log,
    blocks: Vec<Block>,
    last: HashMap<(String, String), (u64, u64)>,
}

/// What one entry says.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) entity: String,
    pub(crate) key: String,
    pub(crate) op: Op,
    pub(crate) reason: String,
    pub(crate) payload: Vec<u8>,
}

impl Publisher {
    pub(crate) fn new(node_id: &'static str, feed: &str) -> Self {
        let owner = format!("rmd.net/{node_id}");
        let key = FeedKey::generate(&owner).unwrap();
        Self::with_key(node_id, feed, key)
    }

    pub(crate) fn with_key(node_id: &'static str, feed: &str, key: FeedKey) -> Self {
        let origin = Origin::new(&format!("rmd.net/{node_id}"), feed, 1);
        let log = Log::new(feed, 1, origin);
        let (blocks, last) = (Vec::new(), HashMap::new());
        Self { node_id, key, captured_at_us: NOW_US, log, blocks, last }
    }

    /// The same feed as a backup has it, with its first blocks alone.
    pub(crate) fn put_back(&self, blocks: usize) -> Self {
        let mut restored = Self::with_key(self.node_id, self.log.feed(), self.key.clone());
        let kept = self.blocks[..blocks].to_vec();
        let frame = frame::build(self.log.feed(), 1, &kept, 0).unwrap();
        restored.log.adopt(&frame, &self.key).unwrap();
        Self { blocks: kept, ..restored }
    }

    /// Appends one block.
    pub(crate) fn append(&mut self, said: impl IntoIterator<Item = Said>) {
        let entries: Vec<NewEntry> = said
            .into_iter()
            .zip(self.log.size() + 1..)
            .map(|(said, seq)| {
                let name = (said.entity.clone(), said.key.clone());
                let (rev, previous_seq) = self.last.get(&name).copied().unwrap_or_default();
                self.last.insert(name, (rev + 1, seq));
                NewEntry {
                    entity: said.entity,
                    key: said.key,
                    rev: rev + 1,
                    op: said.op,
                    reason: said.reason,
                    event_time_us: 0,
                    captured_at_us: self.captured_at_us,
                    mapping_id: "0011223344556677".to_owned(),
                    previous_seq,
                    payload: said.payload,
                }
            })
            .collect();
        self.blocks.push(self.log.append(&entries, &self.key).unwrap());
    }

    /// Appends one block and gives it as a frame.
    pub(crate) fn publish(&mut self, said: impl IntoIterator<Item = Said>) -> v1::Frame {
        let before = self.log.size();
        self.append(said);
        self.frame_after(before).unwrap()
    }

    /// Everything after a seq in one frame; none at the end.
    pub(crate) fn frame_after(&self, seq: u64) -> Option<v1::Frame> {
        let first = self.blocks.iter().position(|block| block.last_seq > seq)?;
        let feed = self.log.feed();
        Some(frame::build(feed, 1, &self.blocks[first..], seq).unwrap())
    }

    /// The feed as Hello states it.
    pub(crate) fn state(&self) -> v1::FeedState {
        v1::FeedState {
            feed: self.log.feed().to_owned(),
            epoch: 1,
            size: self.log.size(),
            checkpoint: self
                .blocks
                .last()
                .map_or_else(String::new, |block| block.checkpoint.clone()),
            schema_id: vec![rmd_proto::SCHEMA_ID.to_owned()],
            entity: Vec::new(),
        }
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        self.log.root()
    }

    pub(crate) fn owner(&self) -> Owner {
        let country = rmd_standard::country::alpha2_of(&self.node_id[..3]).unwrap();
        Owner {
            node_id: self.node_id.to_owned(),
            country: country.to_owned(),
            feed: self.log.feed().to_owned(),
            epoch: 1,
        }
    }
}

/// The hub's end of one feed on one store.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) landing: Landing,
    pub(crate) follower: Follower,
}

impl Receiver {
    /// Takes the feed as a hub process does at its start.
    pub(crate) async fn take(store: &Store, publisher: &Publisher, level: Level) -> Self {
        let lease = Lease::draw();
        let owner = publisher.owner();
        let state = publisher.state();
        let mut transaction = store.begin().await.unwrap();
        cursor::take(&mut transaction, &owner.node_id, &state, &lease, NOW_US).await.unwrap();
        let kept =
            cursor::load(&mut transaction, &owner.node_id, &owner.feed).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        let origin = Origin::new(&format!("rmd.net/{}", owner.node_id), &owner.feed, kept.epoch);
        let verifier = publisher.key.verifier();
        let (cursor, edge, note) = (kept.cursor, kept.edge, kept.checkpoint);
        let follower =
            Follower::restore(&owner.feed, kept.epoch, origin, verifier, cursor, edge, note)
                .unwrap();
        let levels: Levels = Entity::ALL.into_iter().map(|entity| (entity, level)).collect();
        let context = context(&owner.country);
        let landing = Landing { store: store.clone(), lease, owner, levels, context };
        Self { landing, follower }
    }

    pub(crate) async fn try_land(&mut self, frame: &v1::Frame) -> Result<Option<Applied>, Stop> {
        self.landing.land(&mut self.follower, frame, NOW_US).await
    }

    pub(crate) async fn land(&mut self, frame: &v1::Frame) -> Applied {
        self.try_land(frame).await.unwrap().expect("the frame is new")
    }
}

pub(crate) fn context(country: &str) -> Context {
    Context {
        country: country.to_owned(),
        today: jiff::civil::date(2018, 1, 1),
        zone: jiff::tz::TimeZone::UTC,
    }
}

/// A site of the Democratic Republic of the Congo with one inspection a name.
pub(crate) fn site(number: u32, name: &str, agencies: &[&str]) -> v1::MineSite {
    site_of("CD", number, name, agencies)
}

pub(crate) fn site_of(country: &str, number: u32, name: &str, agencies: &[&str]) -> v1::MineSite {
    let point = v1::GeoPoint { latitude_e7: -25_000_000, longitude_e7: 285_000_000 };
    let inspection = (1..)
        .zip(agencies)
        .map(|(place, agency)| v1::Inspection {
            inspection_id: format!("I-{number}-{place}"),
            inspection_date: "2017-06-01".to_owned(),
            inspection_result: v1::CertificationStatus::Green.into(),
            government_agency: (*agency).to_owned(),
            ..Default::default()
        })
        .collect();
    v1::MineSite {
        icglr_id: site_id::mint(country, point, &number.to_string()),
        address_country: country.to_owned(),
        national_id: number.to_string(),
        certification_status: v1::CertificationStatus::Green.into(),
        activity_status: v1::ActivityStatus::Active.into(),
        mine_site_location: Some(v1::Location {
            geolocalization: Some(point),
            ..Default::default()
        }),
        mineral: vec!["260900".to_owned(), "261590".to_owned()],
        site_name: name.to_owned(),
        inspection,
        ..Default::default()
    }
}

/// A lot with so many tags.
pub(crate) fn lot(number: u32, tags: u32) -> v1::Lot {
    let tag = (0..tags)
        .map(|tag| v1::Tag {
            identifier: format!("T{number}-{tag}"),
            issuer: Some(v1::BusinessEntity {
                identifier: "iTSCi".to_owned(),
                ..Default::default()
            }),
            issue_date: "2017-05-01".to_owned(),
            issue_time: "08:00:00".to_owned(),
            ..Default::default()
        })
        .collect();
    v1::Lot {
        country: "CD".to_owned(),
        lot_number: format!("L-{number}"),
        registered_at_us: NOW_US,
        creator: Some(v1::BusinessEntity {
            identifier: "CD-T-1".to_owned(),
            name: "Négociant".to_owned(),
            ..Default::default()
        }),
        mineral: "260900".to_owned(),
        mass_mg: 1_000_000,
        unit_of_measurement: v1::UnitOfMeasurement::Kgm.into(),
        creator_role: vec![v1::CreatorRole::Trader.into()],
        originating_operation: vec![v1::OriginatingOperation::Purchase.into()],
        tag,
        ..Default::default()
    }
}

pub(crate) fn upsert(record: impl Into<Said>) -> Said {
    record.into()
}

pub(crate) fn tombstone(record: impl Into<Said>) -> Said {
    let said: Said = record.into();
    Said { op: Op::Tombstone, reason: "gone".to_owned(), payload: Vec::new(), ..said }
}

pub(crate) fn annul(record: impl Into<Said>, has_payload: bool) -> Said {
    let mut said: Said = record.into();
    if !has_payload {
        said.payload.clear();
    }
    Said { op: Op::Annul, reason: "2018-01-01 issued twice".to_owned(), ..said }
}

fn said(record: &Record) -> Said {
    Said {
        entity: record.entity().name().to_owned(),
        key: record.key().unwrap(),
        op: Op::Upsert,
        reason: String::new(),
        payload: record.encode(),
    }
}

impl From<Record> for Said {
    fn from(record: Record) -> Self {
        said(&record)
    }
}

impl From<v1::MineSite> for Said {
    fn from(site: v1::MineSite) -> Self {
        said(&Record::MineSite(Box::new(site)))
    }
}

impl From<v1::Lot> for Said {
    fn from(lot: v1::Lot) -> Self {
        said(&Record::Lot(Box::new(lot)))
    }
}
