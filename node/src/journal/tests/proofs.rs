//! What is stored can be proven, and what was altered is found.

use std::sync::atomic::{AtomicBool, Ordering};

use rmd_feed::proof::{Claim, check_consistency, check_inclusion};

use super::super::{
    prove::prove,
    testing::{FEED, OWNER, TestJournal, rows},
    verify::{self, Verified},
};

async fn verified(test: &TestJournal) -> Verified {
    let verifier = test.key.verifier();
    let store = test.journal.store();
    verify::verify(store, OWNER, &verifier, &|_, _, _| ()).await.unwrap().remove(0)
}

async fn alter(test: &TestJournal, sql: &'static str) {
    let mut writing = test.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    let altered = sqlx::query(sql).execute(&mut *transaction).await.unwrap();
    assert_eq!(altered.rows_affected(), 1);
    transaction.commit().await.unwrap();
}

/// Changes one bit of the body of the block that begins at a seq.
async fn flip(test: &TestJournal, first_seq: i64, byte: usize) {
    let mut writing = test.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    let mut body: Vec<u8> = sqlx::query_scalar("SELECT body FROM block WHERE first_seq = ?1")
        .bind(first_seq)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    let at = byte % body.len();
    body[at] ^= 1;
    sqlx::query("UPDATE block SET body = ?2 WHERE first_seq = ?1")
        .bind(first_seq)
        .bind(body)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_journal_that_nobody_touched_is_whole() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 700, 1)).await;
    let found = verified(&test).await;
    assert!(found.whole, "{found:?}");
    assert_eq!(found.entries, 700);
}

/// Each change is one transaction, as when a restored node cuts a tail off.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_changes_meanwhile_is_whole_as_of_one_moment() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let edge = "SELECT edge FROM feed WHERE feed = ?1";
    let readers = test.journal.store().readers();
    let short: Vec<u8> = sqlx::query_scalar(edge).bind(FEED).fetch_one(readers).await.unwrap();
    test.apply(rows(3, 6, 1)).await;
    let long: Vec<u8> = sqlx::query_scalar(edge).bind(FEED).fetch_one(readers).await.unwrap();
    let keep = "CREATE TABLE kept AS SELECT * FROM block WHERE first_seq = 4";
    let mut writing = test.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    sqlx::query(keep).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let is_over = AtomicBool::new(false);
    let changing = async {
        let less = ("DELETE FROM block WHERE first_seq = 4", 3, &short);
        let more = ("INSERT INTO block SELECT * FROM kept", 6, &long);
        for (blocks, size, edge) in [less, more].into_iter().cycle().take(300) {
            let mut transaction = writing.begin().await.unwrap();
            sqlx::query(blocks).execute(&mut *transaction).await.unwrap();
            sqlx::query("UPDATE feed SET size = ?2, edge = ?3 WHERE feed = ?1")
                .bind(FEED)
                .bind(size)
                .bind(edge)
                .execute(&mut *transaction)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let verifying = async {
        while !is_over.load(Ordering::Relaxed) {
            let found = verified(&test).await;
            assert!(found.whole, "{found:?}");
        }
    };
    tokio::join!(changing, verifying);
}

#[tokio::test]
async fn one_altered_byte_anywhere_is_found_at_or_after_its_block() {
    for byte in [0, 20, 300, 1_000, 4_000] {
        let test = TestJournal::live().await;
        test.apply(rows(0, 700, 1)).await;
        flip(&test, 257, byte).await;
        let found = verified(&test).await;
        let seq = found.first_bad_seq.unwrap();
        assert!(!found.whole && (257..=512).contains(&seq), "byte {byte}: {found:?}");
        assert!(found.fault.is_some() && found.fault_fr.is_some());
        assert_eq!(found.entries, 256);
    }
}

#[tokio::test]
async fn blocks_that_are_missing_and_edges_that_differ_are_found() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 700, 1)).await;
    alter(&test, "DELETE FROM block WHERE first_seq = 513").await;
    assert_eq!(verified(&test).await.first_bad_seq, Some(513));

    let test = TestJournal::live().await;
    test.apply(rows(0, 700, 1)).await;
    alter(&test, "UPDATE feed SET edge = zeroblob(length(edge))").await;
    assert_eq!(verified(&test).await.first_bad_seq, Some(701));
}

#[tokio::test]
async fn stored_hashes_prove_inclusion_and_consistency_at_every_size() {
    let test = TestJournal::live().await;
    for part in 0..4 {
        test.apply(rows(part * 70, part * 70 + 70, 1)).await;
    }
    let entries = test.entries().await;
    let readers = test.journal.store().readers();
    let (_, old_root) = prove(readers, FEED, 1, 137, Claim::Inclusion { seq: 1 }).await.unwrap();
    for size in [137, 200, 280] {
        for seq in [1, 64, 137] {
            let claim = Claim::Inclusion { seq };
            let (proof, root) = prove(readers, FEED, 1, size, claim).await.unwrap();
            let leaf = entries[usize::try_from(seq).unwrap() - 1].leaf_hash();
            check_inclusion(&proof, size, root, seq, leaf).unwrap();
        }
        let claim = Claim::Consistency { old_size: 137 };
        let (proof, root) = prove(readers, FEED, 1, size, claim).await.unwrap();
        check_consistency(&proof, size, root, 137, old_root).unwrap();
    }
}
