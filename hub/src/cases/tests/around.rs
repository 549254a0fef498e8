//! What a finding does not name is shown where all of it is the state's own, and not where
//! another state has any part in it.

use jiff::Timestamp;
use rmd_reconcile::{Measure, SubjectKind, Unit};
use sqlx::AnyConnection;

use crate::{
    cases::{
        around,
        finding::Known,
        redact,
        testing::{RW, known, record},
    },
    store::{Store, testing::on_each_store},
};

const SITE: &str = "RW-1.9403-29.8739-7";

/// A lot with the number of its input, its site and a tag; empty for none.
struct Made<'a>(&'a str, &'a str, &'a str, &'a str);

async fn lot(connection: &mut AnyConnection, made: Made<'_>) {
    let Made(key, input, site, tag) = made;
    let (country, number) = (&key[..2], key.rsplit('/').next().unwrap());
    let operation = if site.is_empty() { "purchase" } else { "production" };
    sqlx::query(
        "INSERT INTO lot (record_key, rev, void, country, lot_number, registered_at_us,
             creator_identifier, mineral, mass_mg, originating_operation, mine_site_id)
         VALUES ($1, 1, 0, $2, $3, 0, 'X', '260900', 1000000, $4, NULLIF($5, ''))",
    )
    .bind(key)
    .bind(country)
    .bind(number)
    .bind(operation)
    .bind(site)
    .execute(&mut *connection)
    .await
    .unwrap();
    if !input.is_empty() {
        let (country, number) = input.split_once('/').unwrap();
        sqlx::query(
            "INSERT INTO lot_input (record_key, position, lot_number, country)
             VALUES ($1, 0, $2, $3)",
        )
        .bind(key)
        .bind(number)
        .bind(country)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    if !tag.is_empty() {
        sqlx::query("INSERT INTO lot_tag (record_key, position, identifier) VALUES ($1, 0, $2)")
            .bind(key)
            .bind(tag)
            .execute(connection)
            .await
            .unwrap();
    }
}

async fn certificate(connection: &mut AnyConnection, key: &str, ore: &str) {
    sqlx::query(
        "INSERT INTO export_certificate (record_key, rev, void, issuing_country, identifier,
             exporter_identifier, lot_number, type_of_ore)
         VALUES ($1, 1, 0, $2, $3, 'X', 'L-1', $4)",
    )
    .bind(key)
    .bind(&key[..2])
    .bind(&key[3..])
    .bind(ore)
    .execute(connection)
    .await
    .unwrap();
}

/// A certificate of RW for a lot that RW bought from a mine of its own.
async fn home(store: &Store) {
    let mut transaction = store.begin().await.unwrap();
    certificate(&mut transaction, "RW/P-1", "260900").await;
    lot(&mut transaction, Made("RW/X/L-1", "RW/M-1", "", "T-1")).await;
    lot(&mut transaction, Made("RW/X/M-1", "", SITE, "T-1")).await;
    transaction.commit().await.unwrap();
}

/// The findings of which measures rest on what they do not name.
fn findings() -> Vec<Known> {
    let of = |sentence: &str, (kind, key): (SubjectKind, &str), measures: Vec<Measure>| Known {
        sentence: sentence.to_owned(),
        measures,
        ..known(&sentence[..3], kind, key)
    };
    let (paper, lot) = ((SubjectKind::Certificate, "RW/P-1"), (SubjectKind::Lot, "RW/X/L-1"));
    let (share, mass) = (Measure::share("share", 381_967), Measure::mass("mass", 567_812_349));
    let mut barred =
        of("R09", paper, vec![share.clone(), mass.clone(), Measure::text("lot", "RW/X/M-1")]);
    barred.evidence.push(record("Lot", "RW/X/M-1", RW));
    let untraced = of("R10", paper, vec![share.clone(), mass]);
    let fast = vec![
        Measure::number("minutes", Unit::Count, 7),
        Measure::text("tag", "T-1"),
        Measure::number("distance", Unit::Metres, 233_987),
    ];
    let dear = vec![share, Measure::number("peers", Unit::Count, 9)];
    vec![barred, untraced, of("R07-SPEED", lot, fast), of("R22-VALUE", paper, dear)]
}

/// How many measures of each are shown.
async fn shown(store: &Store) -> Vec<usize> {
    let mut findings = findings();
    let mut connection = store.acquire().await.unwrap();
    around::find(&mut connection, &mut findings, Timestamp::UNIX_EPOCH).await.unwrap();
    findings.iter().map(|finding| redact::told(finding, RW).measure.len()).collect()
}

/// What is shown once something else is there beside what is at home.
async fn beside(store: &Store, made: impl AsyncFnOnce(&mut AnyConnection)) -> Vec<usize> {
    home(store).await;
    let mut transaction = store.begin().await.unwrap();
    made(&mut transaction).await;
    transaction.commit().await.unwrap();
    shown(store).await
}

#[tokio::test]
async fn a_state_sees_the_whole_of_what_is_its_own_alone() {
    on_each_store(async |store| {
        home(&store).await;
        assert_eq!(shown(&store).await, [3, 2, 3, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_lot_of_another_state_anywhere_in_the_line_hides_what_comes_down_it() {
    on_each_store(async |store| {
        let abroad = async |connection: &mut AnyConnection| {
            lot(connection, Made("RW/X/L-2", "CD/N-1", "", "")).await;
            sqlx::query("UPDATE lot_input SET lot_number = 'L-2' WHERE record_key = 'RW/X/L-1'")
                .execute(&mut *connection)
                .await
                .unwrap();
            lot(connection, Made("CD/N/N-1", "", "CD-1.5057-28.5905-9", "")).await;
        };
        assert_eq!(beside(&store, abroad).await, [1, 0, 3, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_leads_nowhere_hides_it_too_since_that_tells_what_another_lacks() {
    on_each_store(async |store| {
        let nowhere = async |connection: &mut AnyConnection| {
            sqlx::query("UPDATE lot_input SET country = 'CD' WHERE record_key = 'RW/X/L-1'")
                .execute(connection)
                .await
                .unwrap();
        };
        assert_eq!(beside(&store, nowhere).await, [1, 0, 3, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_site_of_another_state_hides_where_a_tag_was_applied_and_what_a_lot_inherits() {
    on_each_store(async |store| {
        let elsewhere = async |connection: &mut AnyConnection| {
            sqlx::query(
                "UPDATE lot SET mine_site_id = 'CD-1.5057-28.5905-9' WHERE record_key = 'RW/X/M-1'",
            )
            .execute(connection)
            .await
            .unwrap();
        };
        assert_eq!(beside(&store, elsewhere).await, [1, 0, 2, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_tag_that_another_state_carries_as_well_hides_how_far_it_went() {
    on_each_store(async |store| {
        let twin = async |connection: &mut AnyConnection| {
            lot(connection, Made("CD/N/N-1", "", "CD-1.5057-28.5905-9", "T-1")).await;
        };
        assert_eq!(beside(&store, twin).await, [3, 2, 2, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_certificate_of_another_state_hides_a_median_of_its_mineral_alone() {
    on_each_store(async |store| {
        let other = async |connection: &mut AnyConnection| {
            certificate(connection, "CD/P-1", "261590").await;
        };
        assert_eq!(beside(&store, other).await, [3, 2, 3, 2]);
        let mut transaction = store.begin().await.unwrap();
        certificate(&mut transaction, "CD/P-2", "2609.00").await;
        transaction.commit().await.unwrap();
        assert_eq!(shown(&store).await, [3, 2, 3, 0]);
    })
    .await;
}
