use super::*;
use crate::store::testing::on_each_store;

const NODE: &str = "COD/cod-mines";

fn hello(number: u64, random: u64, previous: u64) -> v1::HelloResponse {
    v1::HelloResponse {
        boot_number: number,
        boot_random: random,
        boot_previous_random: previous,
        ..Default::default()
    }
}

/// What became of a Hello.
async fn said(
    store: &crate::store::Store,
    (number, random, previous): (u64, u64, u64),
    is_behind: bool,
) -> Result<(), Fault> {
    let mut transaction = store.begin().await.unwrap();
    let hello = hello(number, random, previous);
    let admitted = admit(&mut transaction, NODE, &hello, is_behind, 1).await.unwrap();
    transaction.commit().await.unwrap();
    admitted
}

async fn kept(store: &crate::store::Store, random: u64) -> Result<(), Error> {
    let mut transaction = store.begin().await.unwrap();
    let word = Word::new("Officer", "The other machine was sold").unwrap();
    let kept = keep(&mut transaction, NODE, random, &word, 2).await;
    transaction.commit().await.unwrap();
    kept
}

#[tokio::test]
async fn a_node_that_is_started_again_is_followed() {
    on_each_store(async |store| {
        for start in [(1, 11, 0), (1, 11, 0), (2, 12, 11), (5, 15, 14), (6, 16, 15)] {
            assert_eq!(said(&store, start, false).await, Ok(()), "{start:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_used_twice_or_lower_without_a_loss_is_refused_with_both() {
    on_each_store(async |store| {
        for twin in [(5, 99, 14), (3, 99, 12)] {
            let mut transaction = store.begin().await.unwrap();
            sqlx::query("DELETE FROM node_boot").execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(said(&store, (5, 15, 14), false).await, Ok(()));
            let fault = said(&store, twin, false).await.unwrap_err();
            assert_eq!(fault.code, Code::NodeCloned);
            assert!(fault.message.contains("99") && fault.message.contains("deux copies"));
            assert!(said(&store, (5, 15, 14), false).await.is_err());
            assert!(said(&store, (6, 16, 15), false).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn a_store_put_back_from_a_backup_is_no_copy_until_the_old_one_speaks() {
    on_each_store(async |store| {
        assert_eq!(said(&store, (4, 14, 13), false).await, Ok(()));
        assert_eq!(said(&store, (5, 15, 14), false).await, Ok(()));
        // Restored from before start 5: the number comes again, entries are lost.
        assert_eq!(said(&store, (5, 25, 14), true).await, Ok(()));
        assert_eq!(said(&store, (6, 26, 25), false).await, Ok(()));
        // The machine that was thought lost goes on from its own last start.
        assert_eq!(said(&store, (6, 16, 15), true).await.unwrap_err().code, Code::NodeCloned);
        assert!(said(&store, (6, 26, 25), false).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn two_copies_that_run_at_once_are_refused_when_the_first_speaks_again() {
    on_each_store(async |store| {
        assert_eq!(said(&store, (4, 14, 13), false).await, Ok(()));
        assert_eq!(said(&store, (5, 15, 14), false).await, Ok(()));
        assert_eq!(said(&store, (4, 14, 13), false).await.unwrap_err().code, Code::NodeCloned);
    })
    .await;
}

#[tokio::test]
async fn the_copy_that_an_officer_names_goes_on_and_the_other_never_does() {
    on_each_store(async |store| {
        assert_eq!(said(&store, (5, 15, 14), false).await, Ok(()));
        assert!(said(&store, (5, 99, 14), false).await.is_err());
        // The machine to keep was started again meanwhile.
        assert!(said(&store, (6, 16, 15), false).await.is_err());
        let unknown = kept(&store, 7).await.unwrap_err();
        assert!(unknown.to_string().contains("99"), "{unknown}");
        kept(&store, 15).await.unwrap();
        assert_eq!(said(&store, (6, 16, 15), false).await, Ok(()));
        for copy in [(5, 99, 14), (6, 100, 99), (7, 101, 100)] {
            let fault = said(&store, copy, false).await.unwrap_err();
            assert!(fault.message.contains("turned away"), "{}", fault.message);
        }
        assert_eq!(said(&store, (7, 17, 16), false).await, Ok(()));
    })
    .await;
}

#[test]
fn an_officers_word_needs_a_name_and_a_reason() {
    assert!(matches!(Word::new("", "why"), Err(Error::Word { field: "--by" })));
    assert!(matches!(Word::new("who", " "), Err(Error::Word { field: "--reason" })));
}

// A whole disk that was put back has the mark that its store expects: only what the hub
// remembers tells it from a power cut.
#[tokio::test]
async fn a_snapshot_of_a_whole_disk_that_lost_nothing_is_refused_with_the_other() {
    on_each_store(async |store| {
        for start in [(4, 14, 13), (5, 15, 14)] {
            assert_eq!(said(&store, start, false).await, Ok(()));
        }
        // Taken during start 4, when both had the same entries; its next start is 5 again.
        let fault = said(&store, (5, 25, 14), false).await.unwrap_err();
        assert_eq!(fault.code, Code::NodeCloned);
        assert!(said(&store, (5, 15, 14), false).await.is_err(), "until an officer names one");
        kept(&store, 25).await.unwrap();
        assert_eq!(said(&store, (5, 25, 14), false).await, Ok(()));
        assert!(said(&store, (6, 16, 15), false).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn however_often_copies_start_the_message_and_the_table_stay_small() {
    on_each_store(async |store| {
        assert_eq!(said(&store, (5, 15, 14), false).await, Ok(()));
        let copies = u64::from(KEPT_MAX) + 20;
        for random in 1000..1000 + copies {
            let fault = said(&store, (5, random, 14), false).await.unwrap_err();
            assert!(fault.message.len() < 1200, "{}", fault.message);
        }
        let mut connection = store.acquire().await.unwrap();
        let boots = of_node(&mut connection, NODE).await.unwrap();
        assert!(boots.len() <= KEPT_MAX as usize + 1, "{}", boots.len());
        let shown = disputed(NODE, &boots).message;
        assert!(shown.contains(", … +25"), "{shown}");
        drop(connection);
        let unknown = kept(&store, 7).await.unwrap_err().to_string();
        assert!(unknown.len() < 400, "{unknown}");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_starts_for_years_leaves_no_more_rows_than_are_of_use() {
    on_each_store(async |store| {
        let starts = u64::from(KEPT_MAX) + 20;
        for number in 1..=starts {
            let start = (number, 1000 + number, 1000 + number - 1);
            assert_eq!(said(&store, start, false).await, Ok(()));
        }
        let mut connection = store.acquire().await.unwrap();
        let boots = of_node(&mut connection, NODE).await.unwrap();
        assert_eq!(boots.len(), KEPT_MAX as usize + 1);
        drop(connection);
        // One that was forgotten is known by its number.
        let early = said(&store, (2, 1002, 1001), false).await.unwrap_err();
        assert_eq!(early.code, Code::NodeCloned);
    })
    .await;
}
