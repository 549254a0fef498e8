//! Every filter leaves what a look at each record leaves.

use rmd_api::{Backend as _, Collection, LotFilter, Mineral, Query};
use rmd_proto::v1;
use rmd_standard::{Entity, Record, mineral, site_id};

use super::super::testing::{World, certificate, lot, of_lot, site};
use crate::journal::Item;

/// Minerals of the test, one of them as an IMA symbol.
const MINERALS: [&str; 3] = ["2609.00.00", "2615.90.00", "IMA1960-A"];

/// Roles of the test, beside that of the exporter, whom every lot has.
const ROLES: [v1::CreatorRole; 4] = [
    v1::CreatorRole::Miner,
    v1::CreatorRole::Trader,
    v1::CreatorRole::Processor,
    v1::CreatorRole::Warehouse,
];

const OPERATIONS: [v1::OriginatingOperation; 3] = [
    v1::OriginatingOperation::Production,
    v1::OriginatingOperation::Purchase,
    v1::OriginatingOperation::Import,
];

const START_US: i64 = 1_500_000_000_000_000;
const DAY_US: i64 = 86_400_000_000;

fn is_mineral(code: &str, hs6: &str) -> bool {
    mineral::hs6(code).as_deref() == Some(hs6)
}

async fn lots(world: &World) -> Vec<v1::Lot> {
    let mut lots = Vec::new();
    for n in 0..90_i32 {
        let mut one = lot(&format!("L-{}", n / 2), 1_000_000 + i64::from(n));
        let at = usize::try_from(n).unwrap();
        one.creator.as_mut().unwrap().identifier = format!("TR-{}", n % 2);
        one.mineral = MINERALS[at % 3].to_owned();
        one.registered_at_us = START_US + i64::from(n) * DAY_US;
        one.creator_role = vec![ROLES[at % 4].into(), v1::CreatorRole::Exporter.into()];
        one.originating_operation = vec![OPERATIONS[at % 3].into()];
        one.mine_site_id = site(u32::try_from(n % 7).unwrap()).icglr_id;
        one.tax_paid = vec![v1::Tax {
            tax_amount_minor: Some(i64::from(n)),
            currency: if n % 5 == 0 { "CDF" } else { "USD" }.to_owned(),
            ..v1::Tax::default()
        }];
        lots.push(one);
    }
    for (n, one) in lots.iter().enumerate() {
        // Some are posted, the others are mapped; both are found alike.
        if n % 3 == 0 {
            world.capture(vec![(&format!("r{n}"), of_lot(one.clone()))]).await;
        } else {
            world.post(of_lot(one.clone())).await.unwrap();
        }
    }
    world.follow().await;
    lots
}

fn query() -> Query {
    Query::of(Collection::Lots)
}

/// Whether a look at a lot says that a filter leaves it.
type Look = Box<dyn Fn(&v1::Lot) -> bool>;

fn key_of_site(number: u32) -> String {
    site_id::key_of(&site(number).icglr_id).unwrap()
}

fn hs6(text: &str) -> Mineral {
    Mineral::Hs6(text.to_owned())
}

/// Queries, and what they mean.
fn by_one_value() -> Vec<(Query, Look)> {
    vec![
        (query(), Box::new(|_| true)),
        (
            Query { mineral: Some(hs6("260900")), ..query() },
            Box::new(|l| is_mineral(&l.mineral, "260900")),
        ),
        (Query { mineral: Some(hs6("710812")), ..query() }, Box::new(|l| l.mineral == "IMA1960-A")),
        (
            Query { lot_number: Some("l-7".to_owned()), ..query() },
            Box::new(|l| l.lot_number == "L-7"),
        ),
        (
            Query { mine_site: Some(key_of_site(3)), ..query() },
            Box::new(|l| site_id::key_of(&l.mine_site_id).as_ref() == Some(&key_of_site(3))),
        ),
    ]
}

fn by_who_did_what() -> Vec<(Query, Look)> {
    let trader = i32::from(v1::CreatorRole::Trader);
    let exporter = i32::from(v1::CreatorRole::Exporter);
    let purchase = i32::from(v1::OriginatingOperation::Purchase);
    vec![
        (
            Query { creator_identifier: Some("tr-1".to_owned()), ..query() },
            Box::new(|l| l.creator.as_ref().unwrap().identifier == "TR-1"),
        ),
        (
            Query { creator_role: Some(trader), ..query() },
            Box::new(move |l| l.creator_role.contains(&trader)),
        ),
        (Query { creator_role: Some(exporter), ..query() }, Box::new(|_| true)),
        (
            Query { originating_operation: Some(purchase), ..query() },
            Box::new(move |l| l.originating_operation.contains(&purchase)),
        ),
        (Query { country: Some("CD".to_owned()), ..query() }, Box::new(|_| true)),
        (Query { country: Some("RW".to_owned()), ..query() }, Box::new(|_| false)),
        (Query { lot_number: Some("none".to_owned()), ..query() }, Box::new(|_| false)),
        (Query { mineral: Some(Mineral::Text("tin".to_owned())), ..query() }, Box::new(|_| false)),
    ]
}

fn by_ranges_and_several() -> Vec<(Query, Look)> {
    let from = START_US + 10 * DAY_US;
    let before = START_US + 40 * DAY_US;
    let trader = i32::from(v1::CreatorRole::Trader);
    let purchase = i32::from(v1::OriginatingOperation::Purchase);
    vec![
        (
            Query { registered_from_us: Some(from), ..query() },
            Box::new(move |l| l.registered_at_us >= from),
        ),
        (
            Query { registered_before_us: Some(before), ..query() },
            Box::new(move |l| l.registered_at_us < before),
        ),
        (
            Query {
                registered_from_us: Some(from),
                registered_before_us: Some(before),
                mineral: Some(hs6("261590")),
                creator_role: Some(trader),
                ..query()
            },
            Box::new(move |l| {
                (from..before).contains(&l.registered_at_us)
                    && is_mineral(&l.mineral, "261590")
                    && l.creator_role.contains(&trader)
            }),
        ),
        (
            Query {
                mine_site: Some(key_of_site(3)),
                originating_operation: Some(purchase),
                ..query()
            },
            Box::new(move |l| {
                site_id::key_of(&l.mine_site_id).as_ref() == Some(&key_of_site(3))
                    && l.originating_operation.contains(&purchase)
            }),
        ),
    ]
}

#[tokio::test]
async fn each_filter_of_lots_leaves_what_a_look_at_each_leaves() {
    let world = World::live().await;
    let lots = lots(&world).await;
    let cases = by_one_value().into_iter().chain(by_who_did_what());
    for (query, look) in cases.chain(by_ranges_and_several()) {
        let mut expected: Vec<i64> =
            lots.iter().filter(|lot| look(lot)).map(|lot| lot.mass_mg).collect();
        let mut found: Vec<i64> = world.all(&query).await.into_iter().map(mass).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{query:?}");
    }
}

fn mass(record: Record) -> i64 {
    match record {
        Record::Lot(lot) => lot.mass_mg,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_record_is_found_by_what_it_is_and_no_more_by_what_it_was() {
    let world = World::live().await;
    world.capture(vec![("a", of_lot(lot("L-1", 1)))]).await;
    world.follow().await;
    let mut changed = lot("L-1", 1);
    changed.mineral = "2615.90.00".to_owned();
    changed.registered_at_us += DAY_US;
    world.capture(vec![("a", of_lot(changed))]).await;
    world.follow().await;
    let of = |hs6: &str| Query { mineral: Some(Mineral::Hs6(hs6.to_owned())), ..query() };
    assert_eq!(world.all(&of("260900")).await.len(), 0);
    assert_eq!(world.all(&of("261590")).await.len(), 1);
    let old = Query { registered_before_us: Some(START_US + 1), ..query() };
    assert_eq!(world.all(&old).await.len(), 0);
    let terms: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM term")
        .fetch_one(world.store.readers())
        .await
        .unwrap();
    let counted: i64 =
        sqlx::query_scalar("SELECT SUM(records) FROM term_count WHERE term NOT LIKE '%/origin/%'")
            .fetch_one(world.store.readers())
            .await
            .unwrap();
    assert_eq!(terms, counted);
}

#[tokio::test]
async fn sites_and_certificates_are_filtered_alike() {
    let world = World::live().await;
    for n in 0..24_u32 {
        let mut one = site(n);
        one.certification_status = i32::try_from(1 + n % 4).unwrap();
        one.activity_status = i32::try_from(1 + n % 3).unwrap();
        one.mineral = vec![MINERALS[(n % 3) as usize].to_owned(), "2611.00.00".to_owned()];
        world.post(Record::MineSite(Box::new(one))).await.unwrap();
        let mut one = certificate(&format!("C-{n}"));
        one.lot_number = vec![format!("L-{n}"), "L-all".to_owned()];
        one.date_of_issuance = format!("2017-06-{:02}", 1 + n);
        one.type_of_ore = MINERALS[(n % 3) as usize].to_owned();
        world.post(Record::ExportCertificate(Box::new(one))).await.unwrap();
    }
    let sites = || Query::of(Collection::MineSites);
    let certificates = || Query::of(Collection::ExportCertificates);
    let day = |text: &str| Some(text.parse().unwrap());
    for (query, expected) in [
        (sites(), 24),
        (Query { certification_status: Some(2), ..sites() }, 6),
        (Query { activity_status: Some(3), ..sites() }, 8),
        (Query { certification_status: Some(1), activity_status: Some(1), ..sites() }, 2),
        (Query { mineral: Some(hs6("261100")), ..sites() }, 24),
        (Query { mineral: Some(hs6("260900")), ..sites() }, 8),
        (certificates(), 24),
        (Query { identifier: Some("c-5".to_owned()), ..certificates() }, 1),
        (Query { lot_number: Some("L-ALL".to_owned()), ..certificates() }, 24),
        (Query { lot_number: Some("L-9".to_owned()), ..certificates() }, 1),
        (Query { mineral: Some(hs6("710812")), ..certificates() }, 8),
        (Query { issued_from: day("2017-06-20"), ..certificates() }, 5),
        (Query { issued_to: day("2017-06-20"), ..certificates() }, 20),
        (
            Query {
                issued_from: day("2017-06-04"),
                issued_to: day("2017-06-06"),
                mineral: Some(hs6("260900")),
                ..certificates()
            },
            1,
        ),
    ] {
        assert_eq!(world.all(&query).await.len(), expected, "{query:?}");
    }
    let counts = world.node.count_by_status(None).await.unwrap();
    let counts: Vec<(i32, u64)> = counts.iter().map(|one| (one.status, one.count)).collect();
    assert_eq!(counts, [(1, 6), (2, 6), (3, 6), (4, 6)]);
    assert!(world.node.count_by_status(Some("RW")).await.unwrap().is_empty());
}

#[tokio::test]
async fn sums_over_lots_are_those_of_the_lots() {
    let world = World::live().await;
    let lots = lots(&world).await;
    let site_3 = site_id::key_of(&site(3).icglr_id).unwrap();
    let filter = LotFilter {
        mine_site: Some(site_3),
        registered_from_us: Some(START_US + 5 * DAY_US),
        registered_before_us: None,
    };
    let meant: Vec<&v1::Lot> = lots
        .iter()
        .enumerate()
        .filter(|(n, _)| n % 7 == 3 && *n >= 5)
        .map(|(_, lot)| lot)
        .collect();
    let sums = world.node.lot_sums(&filter).await.unwrap();
    assert_eq!(sums.count, meant.len() as u64);
    assert_eq!(sums.mass_mg, meant.iter().map(|lot| lot.mass_mg).sum::<i64>());
    let taxed = |lots: &[&v1::Lot], currency: &str| -> i64 {
        let taxes = lots.iter().flat_map(|lot| &lot.tax_paid);
        taxes.filter(|t| t.currency == currency).filter_map(|t| t.tax_amount_minor).sum()
    };
    for tax in &sums.tax {
        assert_eq!(tax.amount_minor, taxed(&meant, &tax.currency), "{}", tax.currency);
    }
    for sum in &sums.by_mineral {
        let of: Vec<&v1::Lot> =
            meant.iter().copied().filter(|l| l.mineral == sum.mineral).collect();
        assert_eq!(sum.mass_mg, of.iter().map(|lot| lot.mass_mg).sum::<i64>());
    }
    assert_eq!(sums.by_mineral.iter().map(|sum| sum.mass_mg).sum::<i64>(), sums.mass_mg);
    assert_eq!(sums.by_operation.iter().map(|sum| sum.count).sum::<u64>(), sums.count);
}

/// More lots than lie between two known places, and changes in the middle of them.
#[tokio::test]
async fn far_pages_are_those_of_a_list_that_is_read_from_its_beginning() {
    let world = World::live().await;
    let numbers: Vec<String> = (0..2_600).map(|n| format!("L-{n}")).collect();
    for part in numbers.chunks(650) {
        let rows = part.iter().map(|number| (number.as_str(), of_lot(lot(number, 1_000_000))));
        world.capture(rows.collect()).await;
    }
    for gone in ["never there", "L-1700", "L-3"] {
        let gone = Item::Gone { source_key: gone.to_owned() };
        world.apply(Entity::Lot, vec![gone]).await;
        world.follow().await;
        let keys: Vec<String> = sqlx::query_scalar("SELECT record_key FROM record ORDER BY 1")
            .fetch_all(world.store.readers())
            .await
            .unwrap();
        let mut seen = Vec::new();
        // Far first, then near, then in between; each page once.
        for page in (1..=26).rev().step_by(2).chain((1..=25).step_by(2)).chain([27]) {
            let query = Query { page, limit: 100, ..query() };
            let listed = world.node.list(&query).await.unwrap();
            assert_eq!(listed.total, keys.len() as u64);
            seen.extend(listed.records.into_iter().map(|record| record.key().unwrap()));
        }
        seen.sort();
        assert_eq!(seen, keys);
    }
}
