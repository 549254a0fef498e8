//! Records that name another one: noted, told, released, in any order.

use rmd_proto::v1;

use super::{COD, RWA, key_of};
use crate::{
    follow::testing::{site, site_of, tombstone, upsert},
    registry::entitlement::Level,
    store::testing::on_each_store,
    verdict::testing::{Court, complete_lot, lot_from},
};

const OTHER: &str = "COD/cod-trade";

fn certificate(country: &str, number: &str, lots: &[&str]) -> v1::ExportCertificate {
    v1::ExportCertificate {
        issuing_country: country.to_owned(),
        identifier: number.to_owned(),
        lot_number: lots.iter().map(|lot| (*lot).to_owned()).collect(),
        type_of_ore: "260900".to_owned(),
        lot_weight_mg: 1_000_000,
        lot_weight_uom: v1::UnitOfMeasurement::Kgm.into(),
        mineral_origin: vec![country.to_owned()],
        date_of_issuance: "2017-12-01".to_owned(),
        date_of_expiration: "2018-02-01".to_owned(),
        ..v1::ExportCertificate::default()
    }
}

fn import(number: &str, certificate: &v1::ExportCertificate) -> v1::ImportDeclaration {
    v1::ImportDeclaration {
        country: "RW".to_owned(),
        declaration_number: number.to_owned(),
        line: 1,
        importer_identifier: "RW-I-1".to_owned(),
        mineral: "260900".to_owned(),
        net_mass_mg: 1_000_000,
        customs_value_minor: Some(100),
        customs_value_currency: "USD".to_owned(),
        consignor_country: certificate.issuing_country.clone(),
        entry_date: "2017-12-20".to_owned(),
        procedure: v1::Procedure::Normal.into(),
        certificate_country: certificate.issuing_country.clone(),
        certificate_identifier: certificate.identifier.clone(),
        ..v1::ImportDeclaration::default()
    }
}

impl From<v1::ExportCertificate> for crate::follow::testing::Said {
    fn from(record: v1::ExportCertificate) -> Self {
        rmd_standard::Record::ExportCertificate(Box::new(record)).into()
    }
}

impl From<v1::ImportDeclaration> for crate::follow::testing::Said {
    fn from(record: v1::ImportDeclaration) -> Self {
        rmd_standard::Record::ImportDeclaration(Box::new(record)).into()
    }
}

#[tokio::test]
async fn a_lot_before_its_site_is_shown_and_parked_until_another_node_brings_the_site() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut trade = court.state(OTHER, Level::Live).await;
        let mut mines = court.state(COD, Level::Live).await;
        let site = site(1, "Nzibira", &[]);
        let lot = lot_from(1, &site);
        trade.trade.say([upsert(lot.clone()), upsert(complete_lot(2))]).await;
        court.judge().await;
        assert_eq!(court.parked().await, [("CD/CD-T-1/L-1".to_owned(), "mine_site_id".to_owned())]);
        let entries = court.entries(OTHER).await;
        let [(key, Some(verdict))] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(*key, key_of(&lot));
        let finding = &verdict.finding[0];
        assert_eq!((finding.rule.as_str(), finding.severity.as_str()), ("HUB-REFERENCE", "parked"));
        assert!(finding.en.contains(&site.icglr_id) && finding.fr.contains(&site.icglr_id));
        assert_eq!(finding.param[0].value, "MineSite");
        let shown = sqlx::query("SELECT record_key FROM lot")
            .fetch_all(&mut *store.acquire().await.unwrap())
            .await
            .unwrap();
        assert_eq!(shown.len(), 2, "a parked lot is in the regional view");

        mines.master.say([upsert(site.clone())]).await;
        court.judge().await;
        assert_eq!(court.parked().await, []);
        assert_eq!(court.entries(OTHER).await[1], (key.clone(), None));
        // Withdrawn, it did come once: what it was is the business of other rules.
        mines.master.say([tombstone(site)]).await;
        court.judge().await;
        assert_eq!((court.parked().await, court.entries(OTHER).await.len()), (vec![], 2));
    })
    .await;
}

#[tokio::test]
async fn the_order_of_arrival_leaves_no_trace() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let site = site(1, "Nzibira", &[]);
        cod.trade.say([upsert(lot_from(1, &site))]).await;
        cod.master.say([upsert(site.clone())]).await;
        cod.trade.say([upsert(lot_from(2, &site))]).await;
        court.judge().await;
        assert_eq!(court.parked().await, []);
        let told = court.told(COD).await;
        assert!(told.keys().all(|key| key.starts_with("MineSite/")), "{told:?}");
        assert_eq!(court.entries(COD).await.len(), 1, "what came together is judged together");
    })
    .await;
}

#[tokio::test]
async fn inputs_and_certificates_wait_for_their_lots_by_key_and_by_number() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let mut made = complete_lot(9);
        made.input_lot = vec![v1::InputLot {
            lot_number: "L-1".to_owned(),
            creator_identifier: "CD-T-1".to_owned(),
            contributed_mass_mg: Some(1),
            ..v1::InputLot::default()
        }];
        made.export_certificate_id = "C-1".to_owned();
        cod.trade.say([upsert(made), upsert(certificate("CD", "C-1", &["L-9", "L-2"]))]).await;
        court.judge().await;
        let waiting = [
            ("CD/C-1".to_owned(), "lot_number[1]".to_owned()),
            ("CD/CD-T-1/L-9".to_owned(), "input_lot[0].lot_number".to_owned()),
        ];
        let mut parked = court.parked().await;
        parked.sort();
        assert_eq!(parked, waiting);
        let mut connection = store.acquire().await.unwrap();
        let counts = super::super::parked::counts(&mut connection).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.records).collect::<Vec<_>>(), [1, 1]);
        drop(connection);
        cod.trade.say([upsert(complete_lot(1)), upsert(complete_lot(2))]).await;
        court.judge().await;
        assert_eq!(court.parked().await, []);
    })
    .await;
}

#[tokio::test]
async fn an_absence_is_noted_at_once_and_told_when_its_source_is_caught_up_with() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut trade = court.state(OTHER, Level::Live).await;
        let mut mines = court.state(COD, Level::Live).await;
        let site = site(1, "Nzibira", &[]);
        mines.master.publisher.append([upsert(site_of("CD", 5, "a", &[]))]);
        stated(&store, COD, 1).await;
        trade.trade.say([upsert(lot_from(1, &site))]).await;
        court.judge().await;
        assert_eq!(court.parked().await, [], "its state's master data are on their way");
        // They stay away: the lot is judged, and nobody is told what may still come.
        court.wait(61);
        court.judge().await;
        assert_eq!(court.parked().await.len(), 1);
        assert!(court.told(OTHER).await.is_empty());
        let frame = mines.master.publisher.frame_after(0).unwrap();
        mines.master.receiver.land(&frame).await;
        court.judge().await;
        assert_eq!(court.told(OTHER).await.len(), 1);
    })
    .await;
}

/// The size that an owner stated in Hello.
async fn stated(store: &crate::store::Store, node_id: &str, size: i64) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query(
        "UPDATE feed_cursor SET owner_size = $1 WHERE node_id = $2 AND feed = 'master-data'",
    )
    .bind(size)
    .bind(node_id)
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn nobody_learns_from_a_verdict_what_another_state_has_in_shadow() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Shadow).await;
        let mut rwa = court.state(RWA, Level::Live).await;
        let (there, absent) = (certificate("CD", "C-1", &[]), certificate("CD", "C-2", &[]));
        cod.trade.say([upsert(there.clone())]).await;
        rwa.trade.say([upsert(import("I-1", &there)), upsert(import("I-2", &absent))]).await;
        court.judge().await;
        let rules = |told: std::collections::BTreeMap<String, Vec<String>>| {
            told.into_values().flatten().filter(|rule| rule == "HUB-REFERENCE").count()
        };
        assert_eq!(court.parked().await.len(), 2, "both look the same from outside");
        assert_eq!(rules(court.told(RWA).await), 0, "and neither is told");
        // The entitlement is raised and the records are moved.
        court.set_level(COD, Level::Live).await;
        let live =
            crate::follow::testing::Receiver::take(&store, &cod.trade.publisher, Level::Live);
        let landing = live.await.landing;
        crate::regional::settle::settle(&store, &landing.owner, &landing.levels, &landing.context)
            .await
            .unwrap();
        court.judge().await;
        let parked = court.parked().await;
        assert_eq!(parked, [("RW/I-2/1".to_owned(), "certificate_identifier".to_owned())]);
        assert_eq!(rules(court.told(RWA).await), 1);
    })
    .await;
}
