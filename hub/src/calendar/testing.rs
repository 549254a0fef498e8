//! States for tests that report months, and records that count in them.

use rmd_proto::v1;
use rmd_standard::Record;

use crate::{
    follow::testing::{Publisher, Receiver, Said, upsert},
    registry::{
        entitlement::{self, Level},
        testing::known,
    },
    store::Store,
};

/// A kilogram in milligrams.
pub(crate) const KG: i64 = 1_000_000;

/// A node of a state whose feeds are followed.
pub(crate) struct State {
    pub(crate) publisher: Publisher,
    receiver: Receiver,
    master: (Publisher, Receiver),
}

impl State {
    /// Enrols the node, as a row, and follows it.
    pub(crate) async fn follow(store: &Store, node_id: &'static str, level: Level) -> Self {
        let publisher = Publisher::new(node_id, super::DATED_FEED);
        let mut transaction = store.begin().await.unwrap();
        known(&mut transaction, node_id, &publisher.key.vkey()).await;
        let now = jiff::Timestamp::UNIX_EPOCH;
        for feed in [super::DATED_FEED, "master-data"] {
            entitlement::set(&mut transaction, node_id, feed, None, level, now).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let receiver = Receiver::take(store, &publisher, level).await;
        let master = Publisher::with_key(node_id, "master-data", publisher.key.clone());
        let of_master = Receiver::take(store, &master, level).await;
        Self { publisher, receiver, master: (master, of_master) }
    }

    /// Publishes master data, which the hub applies.
    pub(crate) async fn say_master(&mut self, said: impl IntoIterator<Item = Said>) {
        let frame = self.master.0.publish(said);
        assert_eq!(self.master.1.land(&frame).await.refused, 0);
    }

    /// Publishes entries, which the hub applies.
    pub(crate) async fn say(&mut self, said: impl IntoIterator<Item = Said>) {
        let frame = self.publisher.publish(said);
        assert_eq!(self.receiver.land(&frame).await.refused, 0);
    }
}

/// The statement of a state that a month is complete, made at noon of a day.
pub(crate) fn period(country: &str, month: &str, count: Option<u64>, day: &str) -> Said {
    let closed: jiff::Timestamp = format!("{day}T10:00:00Z").parse().unwrap();
    upsert(Record::ReportingPeriod(Box::new(v1::ReportingPeriod {
        country: country.to_owned(),
        period: month.to_owned(),
        feed: super::DATED_FEED.to_owned(),
        record_count: count,
        closed_at_us: closed.as_microsecond(),
        ..Default::default()
    })))
}

/// An export of cassiterite by an exporter, without a certificate.
pub(crate) fn export(country: &str, number: u32, exporter: &str, day: &str, mass_mg: i64) -> Said {
    upsert(Record::ExportDeclaration(Box::new(declared(country, number, exporter, day, mass_mg))))
}

/// The same, as a record.
pub(crate) fn declared(
    country: &str,
    number: u32,
    exporter: &str,
    day: &str,
    mass_mg: i64,
) -> v1::ExportDeclaration {
    v1::ExportDeclaration {
        country: country.to_owned(),
        declaration_number: format!("E{number}"),
        line: 1,
        exporter_identifier: exporter.to_owned(),
        mineral: "2609.00.00".to_owned(),
        net_mass_mg: mass_mg,
        destination_country: "MY".to_owned(),
        exit_date: day.to_owned(),
        procedure: v1::Procedure::Normal.into(),
        ..Default::default()
    }
}

/// Production of cassiterite of a site in a month.
pub(crate) fn production(country: &str, site: &str, month: &str, mass_mg: i64) -> Said {
    upsert(Record::ProductionDeclaration(Box::new(v1::ProductionDeclaration {
        country: country.to_owned(),
        mine_site_id: site.to_owned(),
        mineral: "260900".to_owned(),
        period: month.to_owned(),
        mass_mg: Some(mass_mg),
        concentration_ppm: Some(600_001),
        ..Default::default()
    })))
}
