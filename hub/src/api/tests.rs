//! A region of two states behind the API, on SQLite and on PostgreSQL.
//!
//! Records come in as frames of feeds, as from nodes. What the API gives is
//! compared with what the tests find by hand in the records that they sent.

mod access;
mod filters;
mod pages;
mod rest;
mod sums;

use std::{collections::BTreeSet, sync::Arc};

use rmd_api::{Backend as _, Collection, Listed, Query};
use rmd_proto::v1;
use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::Record;

use super::{
    Api,
    caller::{self, Caller},
    key,
};
use crate::{
    follow::testing::{Publisher, Receiver, Said, lot, site_of},
    registry::entitlement::{self, Level},
    store::Store,
};

const FEEDS: [&str; 2] = ["master-data", "transactions"];
const NODES: [&str; 2] = ["COD/cod-mines", "RWA/rwa-mines"];

/// Two states whose nodes publish both feeds, all live.
struct Region {
    store: Store,
    api: Api,
    clock: Arc<ManualClock>,
    feeds: Vec<(Publisher, Receiver)>,
}

impl Region {
    async fn make(store: Store) -> Self {
        let clock = Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()));
        let shared: SharedClock = clock.clone();
        let mut feeds = Vec::new();
        for node in NODES {
            for feed in FEEDS {
                let publisher = Publisher::new(node, feed);
                let receiver = Receiver::take(&store, &publisher, Level::Live).await;
                feeds.push((publisher, receiver));
            }
        }
        let api = Api::new(store.clone(), shared);
        let region = Self { store, api, clock, feeds };
        for node in NODES {
            region.entitle(node, "transactions", None, Level::Live).await;
        }
        region
    }

    /// Sets the hub's copy of an entitlement, as the officer does.
    async fn entitle(&self, node: &str, feed: &str, entity: Option<&str>, level: Level) {
        let mut transaction = self.store.begin().await.unwrap();
        let now = "2018-01-01T12:00:00Z".parse().unwrap();
        entitlement::set(&mut transaction, node, feed, entity, level, now).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Lands entries of one state, each record type in its feed.
    async fn land(&mut self, country: &str, said: impl IntoIterator<Item = Said>) {
        let mut of_feed = [Vec::new(), Vec::new()];
        for said in said {
            let entity = rmd_standard::Entity::from_name(&said.entity).unwrap();
            of_feed[usize::from(entity.feed() == FEEDS[1])].push(said);
        }
        let node = usize::from(country == "RW") * FEEDS.len();
        for (place, said) in of_feed.into_iter().enumerate().filter(|(_, said)| !said.is_empty()) {
            let (publisher, receiver) = &mut self.feeds[node + place];
            for said in said.chunks(200) {
                let applied = receiver.land(&publisher.publish(said.to_vec())).await;
                assert_eq!(applied.refused, 0);
            }
        }
    }

    async fn land_all(&mut self, records: &[Record]) {
        for country in ["CD", "RW"] {
            let own = records.iter().filter(|record| record.country() == country);
            let said: Vec<Said> = own.cloned().map(Said::from).collect();
            self.land(country, said).await;
        }
    }

    /// One page, as a caller gets it.
    async fn page(&self, countries: &[&str], query: &Query) -> Listed {
        caller::as_caller(of(countries), self.api.list(query)).await.unwrap()
    }

    /// Every page one after the other; each says the same total.
    async fn all(&self, countries: &[&str], query: &Query) -> Vec<Record> {
        let mut query = Query { page: 1, limit: 7, ..query.clone() };
        let mut records = Vec::new();
        loop {
            let Listed { records: some, total } = self.page(countries, &query).await;
            let is_last = some.len() < 7;
            records.extend(some);
            if is_last {
                assert_eq!(total, records.len() as u64, "{query:?}");
                return records;
            }
            query.page += 1;
        }
    }
}

/// A caller with every scope; no country is all of them.
fn of(countries: &[&str]) -> Caller {
    Caller {
        name: "tests".to_owned(),
        scopes: key::scopes().map(|scope| scope.to_string()).to_vec(),
        countries: countries.iter().map(|country| (*country).to_owned()).collect::<BTreeSet<_>>(),
    }
}

/// The records that meet a condition, in the order of lists.
fn by_hand(records: &[Record], meets: impl Fn(&Record) -> bool) -> Vec<Record> {
    let mut found: Vec<Record> = records.iter().filter(|record| meets(record)).cloned().collect();
    found.sort_by_key(|record| record.key().unwrap());
    found
}

fn keys(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| record.key().unwrap()).collect()
}

const fn country_of(number: u32) -> &'static str {
    if number.is_multiple_of(3) { "RW" } else { "CD" }
}

/// Lots of both states that differ in all that is filtered by.
fn lots(count: u32) -> Vec<Record> {
    let minerals =
        ["2609.00.00", "260900", "2615.90.00", "IMA1960-001", "7108.12.00", "2611.00.00"];
    let sites = ["CD-2.5000+28.5000-7", "CD--2.5000+28.5000-007", "CD-2.5000+28.5000-8", ""];
    let pick = |texts: &[&str], number: u32| texts[number as usize % texts.len()].to_owned();
    (0..count)
        .map(|number| {
            let mut lot = lot(number, 0);
            country_of(number).clone_into(&mut lot.country);
            lot.lot_number = format!("{}-{}", pick(&["Lot", "LOT", "lot"], number), number / 2);
            lot.creator.as_mut().unwrap().identifier = format!("Trader-{}", number % 5);
            lot.mineral = pick(&minerals, number);
            lot.mine_site_id = pick(&sites, number);
            lot.mass_mg = 1_000_000 * i64::from(number + 1);
            lot.registered_at_us += i64::from(number) * 3_600_000_000 - 400 * 3_600_000_000;
            lot.creator_role = vec![2 + (number % 8).cast_signed()];
            if number.is_multiple_of(4) {
                lot.creator_role.push(2 + ((number + 1) % 8).cast_signed());
            }
            lot.originating_operation = vec![3 + (number % 7).cast_signed()];
            if number.is_multiple_of(2) {
                lot.tax_paid = vec![tax(number)];
            }
            Record::Lot(Box::new(lot))
        })
        .collect()
}

fn tax(number: u32) -> v1::Tax {
    v1::Tax {
        tax_type: "Redevance".to_owned(),
        tax_amount_minor: Some(i64::from(number) * 100 + 50),
        currency: if number.is_multiple_of(4) { "USD" } else { "CDF" }.to_owned(),
        ..Default::default()
    }
}

fn sites(count: u32) -> Vec<Record> {
    let minerals: [&[&str]; 3] = [&["2609.00.00", "2615.90.00"], &["7108.12.00"], &["IMA1960-001"]];
    (0..count)
        .map(|number| {
            let mut site = site_of(country_of(number), number, "", &[]);
            site.certification_status = 1 + (number % 4).cast_signed();
            site.activity_status = 1 + (number % 3).cast_signed();
            let minerals = minerals[number as usize % minerals.len()];
            site.mineral = minerals.iter().map(|code| (*code).to_owned()).collect();
            Record::MineSite(Box::new(site))
        })
        .collect()
}

fn certificate(country: &str, identifier: &str) -> v1::ExportCertificate {
    v1::ExportCertificate {
        issuing_country: country.to_owned(),
        identifier: identifier.to_owned(),
        lot_number: vec!["Lot-1".to_owned()],
        type_of_ore: "2609.00.00".to_owned(),
        lot_weight_mg: 5_000_000,
        lot_weight_uom: v1::UnitOfMeasurement::Kgm.into(),
        date_of_issuance: "2017-11-01".to_owned(),
        ..Default::default()
    }
}

fn certificates(count: u32) -> Vec<Record> {
    (0..count)
        .map(|number| {
            let identifier = format!("{}-{number}", ["Ce", "cE", "CE"][number as usize % 3]);
            let mut certificate = certificate(country_of(number), &identifier);
            certificate.lot_number =
                vec![format!("Lot-{number}"), format!("50%_{}", number % 4), "x".to_owned()];
            certificate.type_of_ore =
                ["2609.00.00", "IMA1960-001", "2615.90.00"][number as usize / 2 % 3].to_owned();
            certificate.date_of_issuance = format!("2017-11-{:02}", 1 + number % 28);
            Record::ExportCertificate(Box::new(certificate))
        })
        .collect()
}

const fn every(collection: Collection) -> Query {
    Query::of(collection)
}
