//! Files in the columns of UN Comtrade, made up.

use super::{Error, list, load};
use crate::store::testing::on_each_store;

const HEADS: &str = "freqCode,refYear,reporterISO,flowCode,partnerISO,partner2Code,cmdCode,customsCode,motCode,netWgt";

fn file(dir: &std::path::Path, lines: &[&str]) -> std::path::PathBuf {
    let path = dir.join("trade.csv");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

#[tokio::test]
async fn only_yearly_totals_of_imports_from_members_count() {
    on_each_store(async |store| {
        let dir = tempfile::tempdir().unwrap();
        let path = file(
            dir.path(),
            &[
                HEADS,
                "A,2025,CHN,M,RWA,0,260900,C00,0,1250000.5",
                "A,2025,CHN,M,RWA,0,260900,C00,2100,1000",
                "A,2025,CHN,X,RWA,0,260900,C00,0,1",
                "M,2025,CHN,M,RWA,0,260900,C00,0,1",
                "A,2025,CHN,M,RWA,0,260300,C00,0,1",
                "A,2025,UGA,M,RWA,0,260900,C00,0,1",
                "A,2025,CHN,M,FRA,0,260900,C00,0,1",
            ],
        );
        let mut transaction = store.begin().await.unwrap();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let loaded = load(&mut transaction, &path, now).await.unwrap();
        assert_eq!((loaded.taken, loaded.passed_over, loaded.refused), (1, 6, 0), "{loaded:?}");
        assert_eq!(load(&mut transaction, &path, now).await.unwrap(), loaded);
        let all = list(&mut transaction).await.unwrap();
        let [one] = &all[..] else { panic!("{all:?}") };
        assert_eq!((&*one.country, &*one.partner, one.year), ("RW", "CN", 2025));
        assert_eq!(one.mass_mg, 1_250_000_500_000);
        assert_eq!(one.source_sha256, loaded.sha256);
    })
    .await;
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_named_and_stop_no_other() {
    on_each_store(async |store| {
        let dir = tempfile::tempdir().unwrap();
        let path = file(
            dir.path(),
            &[
                HEADS,
                "A,2025,CHN,M,RWA,0,260900,C00,0,",
                "A,2025,EU2,M,RWA,0,260900,C00,0,5",
                "A,MMXXV,CHN,M,COD,0,260900,C00,0,5",
                "A,2025,ARE,M,COD,0,710812,C00,0,30",
                "A,2025,ARE,M,COD,0,710812,C00,0,31",
            ],
        );
        let mut transaction = store.begin().await.unwrap();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let loaded = load(&mut transaction, &path, now).await.unwrap();
        let told: Vec<_> =
            loaded.findings.iter().map(|one| (one.row, one.field, &*one.value)).collect();
        assert_eq!(
            told,
            [
                (2, "netWgt", ""),
                (3, "reporterISO", "EU2"),
                (4, "refYear", "MMXXV"),
                (6, "netWgt", "31")
            ]
        );
        assert_eq!(list(&mut transaction).await.unwrap()[0].mass_mg, 30_000_000);
    })
    .await;
}

#[tokio::test]
async fn the_layout_of_before_is_read_and_a_missing_column_is_named() {
    on_each_store(async |store| {
        let dir = tempfile::tempdir().unwrap();
        let mut transaction = store.begin().await.unwrap();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let heads = "Year,Trade Flow,Reporter ISO,Partner ISO,Commodity Code,Netweight (kg)";
        let path = file(dir.path(), &[heads, "2019,Import,CHN,COD,261590,12"]);
        assert_eq!(load(&mut transaction, &path, now).await.unwrap().taken, 1);
        let path = file(dir.path(), &["Year,Trade Flow", "2019,Import"]);
        let refused = load(&mut transaction, &path, now).await.unwrap_err();
        assert!(matches!(refused, Error::Column("reporterISO")), "{refused}");
    })
    .await;
}
