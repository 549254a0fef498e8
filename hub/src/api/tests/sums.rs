//! Summaries against sums by hand.

use std::collections::BTreeMap;

use rmd_api::{Backend as _, LotFilter, LotSums, StatusCount};
use rmd_proto::v1;
use rmd_standard::{Record, site_id::key_of};

use super::{Region, by_hand, caller, lots, of, sites};
use crate::{
    follow::testing::{annul, lot, upsert},
    store::testing::on_each_store,
};

async fn sums(region: &Region, countries: &[&str], filter: &LotFilter) -> LotSums {
    caller::as_caller(of(countries), region.api.lot_sums(filter)).await.unwrap()
}

fn check(sums: &LotSums, records: &[Record]) {
    let mut mass = BTreeMap::<&str, i64>::new();
    let mut operations = BTreeMap::<i32, (u64, i64)>::new();
    let mut taxes = BTreeMap::<(&str, &str), i64>::new();
    for record in records {
        let Record::Lot(lot) = record else { panic!("a lot is summed") };
        *mass.entry(&lot.mineral).or_default() += lot.mass_mg;
        for operation in &lot.originating_operation {
            let entry = operations.entry(*operation).or_default();
            *entry = (entry.0 + 1, entry.1 + lot.mass_mg);
        }
        for tax in &lot.tax_paid {
            *taxes.entry((&lot.mineral, &tax.currency)).or_default() +=
                tax.tax_amount_minor.unwrap();
        }
    }
    assert_eq!(sums.count, records.len() as u64);
    assert_eq!(sums.mass_mg, mass.values().sum::<i64>());
    let by_mineral: BTreeMap<&str, i64> =
        sums.by_mineral.iter().map(|sum| (sum.mineral.as_str(), sum.mass_mg)).collect();
    assert_eq!(by_mineral, mass);
    let of_minerals: BTreeMap<(&str, &str), i64> = sums
        .by_mineral
        .iter()
        .flat_map(|sum| sum.tax.iter().map(|tax| (&sum.mineral, tax)))
        .map(|(mineral, tax)| ((mineral.as_str(), tax.currency.as_str()), tax.amount_minor))
        .collect();
    assert_eq!(of_minerals, taxes);
    for tax in &sums.tax {
        let own = taxes.iter().filter(|(key, _)| key.1 == tax.currency);
        assert_eq!(tax.amount_minor, own.map(|(_, amount)| amount).sum::<i64>());
    }
    let by_operation: BTreeMap<i32, (u64, i64)> =
        sums.by_operation.iter().map(|sum| (sum.operation, (sum.count, sum.mass_mg))).collect();
    assert_eq!(by_operation, operations);
}

#[tokio::test]
async fn lots_are_summed_as_by_hand() {
    on_each_store(async |store| sum_lots(Region::make(store).await).await).await;
}

async fn sum_lots(mut region: Region) {
    let records = lots(90);
    region.land_all(&records).await;
    check(&sums(&region, &[], &LotFilter::default()).await, &records);
    let own = by_hand(&records, |record| record.country() == "RW");
    check(&sums(&region, &["RW"], &LotFilter::default()).await, &own);
    let (from, before) = (1_513_500_000_000_000, 1_513_600_000_000_000);
    let filter = LotFilter {
        mine_site: key_of("CD-2.5000+28.5000-7"),
        registered_from_us: Some(from),
        registered_before_us: Some(before),
    };
    let meets = |record: &Record| {
        let Record::Lot(lot) = record else { return false };
        (from..before).contains(&lot.registered_at_us)
            && key_of(&lot.mine_site_id) == filter.mine_site
    };
    let some = by_hand(&records, meets);
    assert!((1..records.len()).contains(&some.len()), "{}", some.len());
    check(&sums(&region, &[], &filter).await, &some);
    let none = LotFilter { mine_site: Some("\0".to_owned()), ..LotFilter::default() };
    assert_eq!(sums(&region, &[], &none).await, LotSums::default());
}

#[tokio::test]
async fn sums_beyond_64_bits_stop_at_the_largest_number() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        let large = |number| v1::Lot { mass_mg: i64::MAX / 2, ..lot(number, 0) };
        region.land("CD", [upsert(large(1)), upsert(large(2))]).await;
        let two = sums(&region, &[], &LotFilter::default()).await;
        assert_eq!(two.mass_mg, i64::MAX - 1);
        region.land("CD", [upsert(large(3)), upsert(large(4))]).await;
        assert_eq!(sums(&region, &[], &LotFilter::default()).await.mass_mg, i64::MAX);
        region.land("CD", [annul(large(3), false), annul(large(4), true)]).await;
        assert_eq!(sums(&region, &[], &LotFilter::default()).await, two);
    })
    .await;
}

#[tokio::test]
async fn sites_are_counted_by_their_declared_status() {
    on_each_store(async |store| count_sites(Region::make(store).await).await).await;
}

async fn count_sites(mut region: Region) {
    let records = sites(31);
    region.land_all(&records).await;
    for (countries, asked) in [(&[][..], None), (&["RW"][..], None), (&[][..], Some("CD"))] {
        let mut expected = BTreeMap::new();
        for record in &records {
            let Record::MineSite(site) = record else { panic!("a site is counted") };
            let sees = countries.is_empty() || countries.contains(&record.country());
            if sees && asked.is_none_or(|asked| asked == record.country()) {
                *expected.entry(site.certification_status).or_default() += 1;
            }
        }
        let expected: Vec<StatusCount> =
            expected.into_iter().map(|(status, count)| StatusCount { status, count }).collect();
        let counted = caller::as_caller(of(countries), region.api.count_by_status(asked));
        assert_eq!(counted.await.unwrap(), expected, "{countries:?} {asked:?}");
    }
    let foreign = caller::as_caller(of(&["RW"]), region.api.count_by_status(Some("CD")));
    assert_eq!(foreign.await.unwrap(), []);
}
