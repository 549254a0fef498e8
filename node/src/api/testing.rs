//! An API of a test over a real journal, and records for it.

use std::sync::Arc;

use jiff::tz::{TimeZone, offset};
use rmd_api::{Backend as _, Fault, Listed, Query, Verb, Written};
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1;
use rmd_runtime::lifecycle::Lifecycle;
use rmd_standard::{Context, Entity, National, Record, Valid, icglr::Usage};
use tokio_util::sync::CancellationToken;

use super::{Place, Store, backend::Node, follow::Follower, intake::Service};
use crate::journal::{
    Applied, Batch, Item, Journal, Mode, blocks_after,
    entitlement::{self, Level},
    testing::TestJournal,
};

/// The types that the API shows.
pub(super) const SHOWN: [Entity; 3] = [Entity::MineSite, Entity::Lot, Entity::ExportCertificate];

/// A node's journal and its API.
pub(super) struct World {
    pub(super) test: TestJournal,
    pub(super) journal: Journal,
    pub(super) store: Store,
    pub(super) node: Node,
    lifecycle: Lifecycle,
}

impl World {
    /// Everything may leave.
    pub(super) async fn live() -> Self {
        let test = TestJournal::new().await;
        set(&test.journal, &SHOWN, Level::Live).await;
        Self::over(test).await
    }

    /// Nothing may leave.
    pub(super) async fn off() -> Self {
        let test = TestJournal::new().await;
        set(&test.journal, &SHOWN, Level::Off).await;
        Self::over(test).await
    }

    /// The next start of the node on the same files.
    pub(super) async fn restarted(self) -> Self {
        drop(self.node);
        self.lifecycle.shutdown().await;
        Self::over(self.test).await
    }

    async fn over(test: TestJournal) -> Self {
        let journal = test.opened_again().await;
        let store = store(&test).await;
        let (service, handle) = Service::new(store.clone(), journal.clone(), place());
        let lifecycle = Lifecycle::new(std::time::Duration::from_secs(10));
        lifecycle.spawn("intake", service.run());
        let node = Node::new(store.clone(), handle, place(), Usage::Icglr);
        Self { test, journal, store, node, lifecycle }
    }

    /// The writing task, as it is before it runs.
    pub(super) fn service(&self) -> Service {
        Service::new(self.store.clone(), self.journal.clone(), place()).0
    }

    pub(super) async fn post(&self, record: Record) -> Result<Written, Fault> {
        self.node.write(Verb::Create, valid(record)).await
    }

    /// Follows the journal up to its end.
    pub(super) async fn follow(&self) {
        self.follower().catch_up().await.unwrap();
    }

    pub(super) fn follower(&self) -> Follower {
        Follower {
            store: self.store.clone(),
            journal: self.journal.clone(),
            place: place(),
            poll_interval: std::time::Duration::from_millis(20),
            shutdown: CancellationToken::new(),
        }
    }

    /// Rows of the national database, as capture hands them over.
    pub(super) async fn capture(&self, rows: Vec<(&str, Record)>) -> Applied {
        let entity = rows[0].1.entity();
        let items = rows.into_iter().map(|(source_key, record)| Item::Present {
            source_key: source_key.to_owned(),
            outcome: Ok(valid(record)),
            annulled: None,
        });
        self.apply(entity, items.collect()).await
    }

    pub(super) async fn apply(&self, entity: Entity, items: Vec<Item>) -> Applied {
        let mapping_id = "0011223344556677".to_owned();
        let batch = Batch { entity, mode: Mode::Mapped, mapping_id, items, mark: None };
        self.journal.apply(batch).await.unwrap()
    }

    /// Every entry of the transactions, in order.
    pub(super) async fn entries(&self) -> Vec<StoredEntry> {
        let readers = self.journal.store().readers();
        let (mut entries, mut after) = (Vec::new(), 0);
        loop {
            let blocks = blocks_after(readers, "transactions", 1, after, 1 << 20).await.unwrap();
            let Some(last) = blocks.last() else { return entries };
            let frame = frame::build("transactions", 1, &blocks, after).unwrap();
            after = last.last_seq;
            entries.extend(frame::open(&frame).unwrap());
        }
    }

    /// Every record that a query names, page by page.
    pub(super) async fn all(&self, query: &Query) -> Vec<Record> {
        let mut records = Vec::new();
        for page in 1.. {
            let query = Query { page, limit: 7, ..query.clone() };
            let Listed { records: found, total } = self.node.list(&query).await.unwrap();
            let is_last = found.is_empty();
            records.extend(found);
            if is_last {
                assert_eq!(total, records.len() as u64, "{query:?}");
                break;
            }
        }
        records
    }
}

/// The file of the API of a test, opened once more.
pub(super) async fn store(test: &TestJournal) -> Store {
    let clock: rmd_runtime::clock::SharedClock =
        Arc::<rmd_runtime::clock::ManualClock>::clone(&test.clock);
    Store::open(&test.path().with_file_name("api.sqlite"), clock).await.unwrap()
}

pub(super) async fn set(journal: &Journal, entities: &[Entity], level: Level) {
    let owner = Some(journal.owner());
    entitlement::set(journal.store(), owner, entities, level, &|_| ()).await.unwrap();
}

pub(super) fn place() -> Place {
    Place { country: "CD".to_owned(), zone: TimeZone::fixed(offset(2)) }
}

fn context() -> Context {
    let Place { country, zone } = place();
    Context { country, today: "2018-01-01".parse().unwrap(), zone }
}

pub(super) fn valid(record: Record) -> Valid<Record, National> {
    Valid::recheck(record, &context()).unwrap()
}

/// A lot of a trader, with a name and a price that stay in the state.
pub(super) fn lot(number: &str, mass_mg: i64) -> v1::Lot {
    v1::Lot {
        country: "CD".to_owned(),
        lot_number: number.to_owned(),
        registered_at_us: 1_500_000_000_000_000,
        creator: Some(v1::BusinessEntity {
            identifier: "TR-1".to_owned(),
            name: "Comptoir".to_owned(),
            tin: "A0001".to_owned(),
            legal_address: Some(v1::Address {
                country: "CD".to_owned(),
                address_locality_text: "Goma".to_owned(),
                ..v1::Address::default()
            }),
            contact_details: Some(v1::ContactDetails {
                legal_representative: NATIONAL.to_owned(),
                contact_phone_number: vec!["+243990000001".to_owned()],
                contact_email: "comptoir@example.cd".to_owned(),
            }),
            ..v1::BusinessEntity::default()
        }),
        mineral: "2609.00.00".to_owned(),
        concentration_ppm: Some(480_000),
        mass_mg,
        unit_of_measurement: v1::UnitOfMeasurement::Kgm.into(),
        creator_role: vec![v1::CreatorRole::Trader.into()],
        originating_operation: vec![v1::OriginatingOperation::Purchase.into()],
        miner_name: NATIONAL.to_owned(),
        price_per_kg_minor: Some(1234),
        price_currency: "USD".to_owned(),
        ..v1::Lot::default()
    }
}

/// A text that is nowhere else.
pub(super) const NATIONAL: &str = "qzvkwmxplrtbhgdn";

pub(super) fn of_lot(lot: v1::Lot) -> Record {
    Record::Lot(Box::new(lot))
}

/// The key of such a lot.
pub(super) fn lot_key(number: &str) -> String {
    format!("CD/TR-1/{number}")
}

/// A mine site; its longitude tells it apart.
pub(super) fn site(number: u32) -> v1::MineSite {
    v1::MineSite {
        icglr_id: format!("CD-1.9403+29.{:04}-{number}", number % 10_000),
        address_country: "CD".to_owned(),
        national_id: format!("N-{number}"),
        certification_status: v1::CertificationStatus::Green.into(),
        activity_status: v1::ActivityStatus::Active.into(),
        mine_site_location: Some(v1::Location {
            geolocalization: Some(v1::GeoPoint {
                latitude_e7: -19_403_000,
                longitude_e7: 290_000_000 + i32::try_from(number % 10_000).unwrap() * 1000,
            }),
            ..v1::Location::default()
        }),
        mineral: vec!["2609.00.00".to_owned()],
        ..v1::MineSite::default()
    }
}

/// A certificate of the state.
pub(super) fn certificate(identifier: &str) -> v1::ExportCertificate {
    v1::ExportCertificate {
        issuing_country: "CD".to_owned(),
        identifier: identifier.to_owned(),
        lot_number: vec!["L-1".to_owned()],
        type_of_ore: "2609.00.00".to_owned(),
        lot_weight_mg: 1_000_000_000,
        lot_weight_uom: v1::UnitOfMeasurement::Kgm.into(),
        date_of_issuance: "2017-06-01".to_owned(),
        date_of_expiration: "2017-08-30".to_owned(),
        ..v1::ExportCertificate::default()
    }
}
