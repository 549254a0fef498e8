//! Figures and what becomes public of them, on both stores.

use std::{collections::BTreeSet, sync::Arc};

use rmd_proto::v1;
use rmd_reconcile::Parameters;
use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::Record;

use super::{Figure, Flow, figure, public, public::PublicCell};
use crate::{
    calendar::{
        Month, closing,
        testing::{KG, State, declared, export, production},
        verify,
    },
    follow::testing::{annul, site, upsert},
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

async fn figures(store: &Store) -> Vec<Figure> {
    let mut connection = store.acquire().await.unwrap();
    figure::between(&mut connection, month("2017-01"), month("2017-12")).await.unwrap()
}

#[tokio::test]
async fn a_figure_is_the_sum_of_what_stays_or_leaves_for_good() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        let certificate = Record::ExportCertificate(Box::new(v1::ExportCertificate {
            issuing_country: "CD".to_owned(),
            identifier: "C/1%".to_owned(),
            lot_weight_mg: 1,
            concentration_ppm: Some(333_333),
            ..Default::default()
        }));
        let quoting = |number: u32, mass_mg: i64| v1::ExportDeclaration {
            certificate_identifier: "C/1%".to_owned(),
            ..declared("CD", number, "CD-E-1", "2017-11-05", mass_mg)
        };
        let said =
            |record: v1::ExportDeclaration| upsert(Record::ExportDeclaration(Box::new(record)));
        let transit = v1::ExportDeclaration {
            procedure: v1::Procedure::Transit.into(),
            ..quoting(3, 100 * KG)
        };
        let void = Record::ExportDeclaration(Box::new(quoting(4, 100 * KG)));
        let other_code = v1::ExportDeclaration { mineral: "260900".to_owned(), ..quoting(5, 1) };
        cod.say([
            upsert(certificate),
            said(quoting(1, 10)),
            said(quoting(2, 10)),
            said(transit),
            upsert(void.clone()),
            said(other_code),
        ])
        .await;
        cod.say([annul(void, false)]).await;
        let all = figures(&store).await;
        let [figure] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((figure.mass_mg, figure.records, figure.contributors), (21, 3, 1));
        // Each record is rounded down by itself: 3 + 3 + 0.
        assert_eq!(figure.metal_mg, Some(6));
        assert_eq!(figure.few, ["CD-E-1"]);
        // One concentration that is unknown: no metal.
        cod.say([export("CD", 6, "CD-E-2", "2017-11-06", 5)]).await;
        let all = figures(&store).await;
        assert_eq!((all[0].mass_mg, all[0].metal_mg, all[0].contributors), (26, None, 2));
        is_summed_again(&store).await;
    })
    .await;
}

#[tokio::test]
async fn behind_a_production_stand_owners_and_behind_a_stock_parties() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        let stock = |party: &str, mass_mg: i64| {
            upsert(Record::StockDeclaration(Box::new(v1::StockDeclaration {
                country: "CD".to_owned(),
                party_identifier: party.to_owned(),
                mineral: "7108.12.00".to_owned(),
                period: "2017-11".to_owned(),
                closing_mass_mg: Some(mass_mg),
                concentration_ppm: Some(1_000_000),
                ..Default::default()
            })))
        };
        let site = |number: u32| site(number, "", &[]).icglr_id;
        cod.say([
            production("CD", &site(1), "2017-11", 2 * KG),
            production("CD", &site(2), "2017-11", 3 * KG),
            production("CD", &site(3), "2017-11", 0),
            stock("CD-P-1", i64::MAX),
            stock("CD-P-2", 5),
        ])
        .await;
        let all = figures(&store).await;
        let [produced, kept] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((produced.flow, produced.mass_mg), (Flow::Production, 5 * KG));
        assert_eq!((produced.contributors, produced.few.len()), (3, 0));
        // Two of the sites turn out to be of one owner.
        let owned = |number: u32| v1::MineSite {
            owner: Some(v1::BusinessEntity {
                identifier: "CD-O-1".to_owned(),
                ..Default::default()
            }),
            ..crate::follow::testing::site(number, "", &[])
        };
        cod.say_master([upsert(owned(1)), upsert(owned(2))]).await;
        let all = figures(&store).await;
        assert_eq!((all[0].contributors, all[0].few[1].as_str()), (2, "CD-O-1"));
        is_summed_again(&store).await;
        // More than there can be is told as the most that there can be.
        assert_eq!((kept.flow, kept.mass_mg), (Flow::Stock, i64::MAX));
        assert_eq!((kept.mineral.as_str(), kept.few.len()), ("710812", 2));
    })
    .await;
}

/// The ledger alone gives the figures of November.
async fn is_summed_again(store: &Store) {
    close(store, "2017-11").await;
    let verified = verify::verify(store, "net", month("2017-11"), None).await.unwrap();
    assert!(verified.holds, "{verified:?}");
    let figures = &verified.checks.last().unwrap().message_en;
    assert!(figures.ends_with("figures are the sums of those entries"), "{figures}");
}

async fn close(store: &Store, text: &str) -> closing::Closed {
    let clock: SharedClock = Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()));
    let limits = Parameters::default();
    closing::close(store, &clock, &limits, month(text), "Officer").await.unwrap()
}

async fn shown(store: &Store) -> Vec<(Option<String>, Option<String>, Option<i64>)> {
    let mut connection = store.acquire().await.unwrap();
    let public = public(&mut connection, "2017").await.unwrap();
    let cells = public.tables.into_iter().flat_map(|table| table.cells);
    let told = |cell: PublicCell| {
        assert_eq!(cell.suppressed, cell.mass_mg.is_none());
        (cell.country, cell.month, cell.mass_mg)
    };
    cells.map(told).collect()
}

/// Exports of a month by so many exporters.
async fn exports(state: &mut State, country: &str, month: &str, exporters: u32, mass_mg: i64) {
    let of = |number: u32| {
        let exporter = format!("{country}-E-{number}");
        let number = number * 100 + month[5..].parse::<u32>().unwrap();
        export(country, number, &exporter, &format!("{month}-03"), mass_mg)
    };
    state.say((1..=exporters).map(of)).await;
}

#[tokio::test]
async fn the_public_form_holds_back_few_and_what_would_tell_them() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        let mut rwa = State::follow(&store, "RWA/rwa-mines", Level::Live).await;
        let mut uga = State::follow(&store, "UGA/uga-mines", Level::Live).await;
        exports(&mut cod, "CD", "2017-10", 2, 10 * KG).await;
        exports(&mut rwa, "RW", "2017-10", 3, 20 * KG).await;
        exports(&mut uga, "UG", "2017-10", 4, 30 * KG).await;
        assert_eq!(shown(&store).await, []);
        let closed = close(&store, "2017-10").await;
        assert_eq!((closed.published.tables, closed.published.kept_back.len()), (1, 0));
        let month = Some("2017-10".to_owned());
        let cell = |country: &str, mass| (Some(country.to_owned()), month.clone(), mass);
        let october = vec![
            cell("CD", None),
            cell("RW", None),
            cell("UG", Some(120 * KG)),
            (None, month.clone(), Some(200 * KG)),
        ];
        assert_eq!(shown(&store).await, october);
        // What comes after the closing is not public before the next one.
        exports(&mut cod, "CD", "2017-10", 5, 10 * KG).await;
        assert_eq!(shown(&store).await, october);
    })
    .await;
}

#[tokio::test]
async fn a_year_has_its_totals_once_it_is_whole() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        for number in 1..=12 {
            exports(&mut cod, "CD", &format!("2017-{number:02}"), 3, KG).await;
        }
        for number in 1..=12 {
            let is_total = |one: &(_, Option<String>, _)| one.1.is_none();
            assert!(!shown(&store).await.iter().any(is_total));
            assert_eq!(close(&store, &format!("2017-{number:02}")).await.published.tables, 1);
        }
        let totals: BTreeSet<(Option<String>, Option<i64>)> = shown(&store)
            .await
            .into_iter()
            .filter(|one| one.1.is_none())
            .map(|one| (one.0, one.2))
            .collect();
        let expected = [(None, Some(36 * KG)), (Some("CD".to_owned()), Some(36 * KG))];
        assert_eq!(totals, BTreeSet::from(expected));
    })
    .await;
}
