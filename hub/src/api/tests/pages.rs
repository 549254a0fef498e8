//! Pages: their order, their totals, and what happens while records come and go.

use rmd_api::{Collection, Query};
use rmd_proto::v1;
use rmd_standard::Record;
use sqlx::Row as _;

use super::{Region, by_hand, certificate, country_of, every, keys, lots};
use crate::{
    follow::testing::{Said, annul, lot, tombstone, upsert},
    registry::entitlement::Level,
    store::testing::on_each_store,
};

fn page(page: u64, limit: u32) -> Query {
    Query { page, limit, ..every(Collection::Lots) }
}

/// A lot of CD whose key comes after those of smaller numbers.
fn numbered(number: u32) -> v1::Lot {
    v1::Lot { lot_number: format!("{number:06}"), ..lot(number, 0) }
}

fn numbers(records: &[Record]) -> Vec<u32> {
    let number = |record: &Record| match record {
        Record::Lot(lot) => lot.lot_number.parse().unwrap(),
        other => panic!("{other:?}"),
    };
    records.iter().map(number).collect()
}

/// The tally says what the tables hold.
async fn check_tally(region: &Region) {
    let query = "SELECT t.entity, CAST(SUM(t.shown) AS BIGINT), \
                 (SELECT COUNT(*) FROM record r \
                  WHERE r.entity = t.entity AND r.op = 'upsert' AND r.shadow = 0) \
                 FROM record_tally t GROUP BY t.entity ORDER BY t.entity";
    let mut connection = region.store.acquire().await.unwrap();
    for row in sqlx::query(query).fetch_all(&mut *connection).await.unwrap() {
        assert_eq!(row.get::<i64, _>(1), row.get::<i64, _>(2), "{}", row.get::<String, _>(0));
    }
}

#[tokio::test]
async fn any_page_in_any_order_is_the_same_part_of_the_list() {
    on_each_store(async |store| read_in_any_order(Region::make(store).await).await).await;
}

async fn read_in_any_order(mut region: Region) {
    let records = lots(400);
    region.land_all(&records).await;
    let expected = keys(&by_hand(&records, |_| true));
    for limit in [1, 7, 100] {
        let pages = 400_u64.div_ceil(limit.into());
        for number in [pages, 1, pages / 2 + 1, 3, 2, pages, pages - 1, 2] {
            // Another limit is another reading: no step of one leads the other.
            let listed = region.page(&[], &page(number, limit)).await;
            let first = usize::try_from((number - 1) * u64::from(limit)).unwrap();
            let last = expected.len().min(first + limit as usize);
            assert_eq!(keys(&listed.records), expected[first..last], "{number} of {limit}");
            assert_eq!(listed.total, 400);
        }
    }
    for far in [5, 400, u64::MAX] {
        let listed = region.page(&[], &page(far, 100)).await;
        assert_eq!((listed.records.len(), listed.total), (0, 400), "{far}");
    }
    let own = by_hand(&records, |record| record.country() == "RW");
    let listed = region.page(&["RW", "KE"], &page(2, 50)).await;
    assert_eq!(keys(&listed.records), keys(&own)[50..100]);
    assert_eq!(listed.total, own.len() as u64);
    assert_eq!(region.page(&["KE"], &page(1, 50)).await.total, 0);
}

#[tokio::test]
async fn a_reader_meets_each_record_once_while_others_appear_and_go() {
    on_each_store(async |store| read_while_others_write(Region::make(store).await).await).await;
}

async fn read_while_others_write(mut region: Region) {
    let even = (0..200).map(|number| upsert(numbered(number * 2)));
    region.land("CD", even).await;
    let mut seen = Vec::new();
    for number in 1.. {
        let listed = region.page(&[], &page(number, 10)).await;
        if listed.records.is_empty() {
            break;
        }
        seen.extend(numbers(&listed.records));
        if number > 30 {
            continue;
        }
        // One appears before and one after every place that the reader can be at,
        // and one that was read goes.
        let turn = u32::try_from(number).unwrap();
        let gone = numbered(seen[seen.len() - 1]);
        let more = [numbered(turn * 2 + 1), numbered(1001 + turn)].map(upsert);
        region.land("CD", more.into_iter().chain([tombstone(gone)])).await;
        check_tally(&region).await;
    }
    let stayed = seen.iter().filter(|number| **number < 400 && **number % 2 == 0);
    assert!(stayed.copied().eq((0..200).map(|number| number * 2)));
    assert!(seen.is_sorted() && seen.windows(2).all(|two| two[0] < two[1]), "{seen:?}");
    assert!(seen.iter().any(|number| *number > 1000), "what appeared behind is read too");
}

#[tokio::test]
async fn a_reader_who_comes_back_late_counts_from_the_first_record() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land("CD", (10..40).map(|number| upsert(numbered(number)))).await;
        region.page(&[], &page(1, 10)).await;
        region.land("CD", [upsert(numbered(1))]).await;
        let next = async || numbers(&region.page(&[], &page(2, 10)).await.records);
        assert_eq!(next().await[0], 20);
        region.clock.advance(jiff::SignedDuration::from_mins(20));
        assert_eq!(next().await[0], 19);
    })
    .await;
}

#[tokio::test]
async fn an_answer_shows_the_last_revision_that_landed() {
    on_each_store(async |store| read_revisions(Region::make(store).await).await).await;
}

async fn read_revisions(mut region: Region) {
    region.land("CD", (0..20).map(|number| upsert(numbered(number)))).await;
    for turn in 1..5_i64 {
        let changed = v1::Lot { mass_mg: turn, ..numbered(7) };
        region.land("CD", [upsert(changed)]).await;
        let listed = region.page(&[], &page(1, 10)).await;
        let Record::Lot(lot) = &listed.records[7] else { panic!("a lot is listed") };
        assert_eq!((lot.mass_mg, listed.total), (turn, 20));
    }
}

#[tokio::test]
async fn what_is_void_is_said_so_or_left_out() {
    on_each_store(async |store| read_void(Region::make(store).await).await).await;
}

async fn read_void(mut region: Region) {
    let of = |identifier: &str| -> Said {
        Record::ExportCertificate(Box::new(certificate("CD", identifier))).into()
    };
    region.land("CD", [of("A"), of("B"), of("C")]).await;
    region.land("CD", (0..3).map(|number| upsert(numbered(number)))).await;
    region.land("CD", [annul(of("A"), false), annul(of("B"), true)]).await;
    region.land("CD", [annul(numbered(1), false)]).await;
    check_tally(&region).await;
    let query = every(Collection::ExportCertificates);
    let listed = region.page(&[], &query).await;
    let states: Vec<v1::CertificateState> = listed
        .records
        .iter()
        .map(|record| match record {
            Record::ExportCertificate(certificate) => certificate.state(),
            other => panic!("{other:?}"),
        })
        .collect();
    let (void, good) = (v1::CertificateState::Revoked, v1::CertificateState::Unspecified);
    assert_eq!((states.as_slice(), listed.total), ([void, void, good].as_slice(), 3));
    let listed = region.page(&[], &page(1, 10)).await;
    assert_eq!((numbers(&listed.records), listed.total), (vec![0, 2], 2));
    region.land("CD", [upsert(numbered(1)), tombstone(numbered(0))]).await;
    region.land("CD", [tombstone(of("A"))]).await;
    check_tally(&region).await;
    let listed = region.page(&[], &page(1, 10)).await;
    assert_eq!((numbers(&listed.records), listed.total), (vec![1, 2], 2));
    assert_eq!(region.page(&[], &query).await.total, 2);
}

#[tokio::test]
async fn nothing_in_shadow_is_ever_listed() {
    on_each_store(async |store| read_beside_shadow(Region::make(store).await).await).await;
}

async fn read_beside_shadow(mut region: Region) {
    let records = lots(30);
    region.land_all(&records).await;
    let live = keys(&by_hand(&records, |_| true));
    let of_rwanda = keys(&by_hand(&records, |record| record.country() == "RW"));
    assert_eq!(country_of(3), "RW");
    let read = async |region: &Region| {
        let unfiltered = keys(&region.all(&[], &every(Collection::Lots)).await);
        let role = Query { creator_role: Some(3), ..every(Collection::Lots) };
        for record in region.all(&[], &role).await {
            assert!(unfiltered.contains(&record.key().unwrap()));
        }
        unfiltered
    };
    assert_eq!(read(&region).await, live);
    // At once, before the records are moved; either side's word is enough.
    region.entitle("COD/cod-mines", "transactions", Some("Lot"), Level::Shadow).await;
    assert_eq!(read(&region).await, of_rwanda);
    settle(&mut region, Level::Shadow).await;
    assert_eq!(read(&region).await, of_rwanda);
    region.land("CD", [upsert(numbered(500))]).await;
    assert_eq!(read(&region).await, of_rwanda);
    region.entitle("COD/cod-mines", "transactions", Some("Lot"), Level::Live).await;
    assert_eq!(read(&region).await, of_rwanda, "it stands in shadow until it is moved");
    settle(&mut region, Level::Live).await;
    assert_eq!(read(&region).await.len(), live.len() + 1);
    let mut connection = region.store.acquire().await.unwrap();
    sqlx::query(
        "INSERT INTO owner_entity (node_id, feed, entity, entitlement, published, held, \
         refused, refused_by_rule, updated_at_us) \
         VALUES ('COD/cod-mines', 'transactions', 'Lot', 'shadow', 0, 0, 0, '{}', 0)",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    drop(connection);
    assert_eq!(read(&region).await, of_rwanda);
}

/// Moves the records of COD to where a level wants them.
async fn settle(region: &mut Region, level: Level) {
    let landing = &mut region.feeds[1].1.landing;
    for own in landing.levels.values_mut() {
        *own = level;
    }
    let (levels, context) = (&landing.levels, &landing.context);
    crate::regional::settle::settle(&region.store, &landing.owner, levels, context).await.unwrap();
    check_tally(region).await;
}

/// Long lists go through an index, whatever is filtered by.
#[tokio::test]
async fn a_page_reads_no_more_than_it_shows() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land_all(&lots(30)).await;
        let mut connection = region.store.acquire().await.unwrap();
        if region.store.kind() != crate::store::Kind::Sqlite {
            return;
        }
        let explain = "EXPLAIN QUERY PLAN SELECT t.record_key FROM lot t \
             WHERE t.record_key < $1 AND t.record_key > $2 \
             AND t.record_key NOT IN (SELECT v.record_key FROM lot v WHERE v.void = 1) \
             ORDER BY t.record_key LIMIT $3 OFFSET $4";
        let rows = sqlx::query(explain).fetch_all(&mut *connection).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(
            steps[0].contains("COVERING INDEX")
                && steps[0].contains("(record_key>? AND record_key<?)"),
            "{steps:?}"
        );
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
    })
    .await;
}
