//! A case that came before this program knew what a case is.

use rmd_proto::v1::Op;

use super::{CASE, HubVerdicts, list, notice, today, told};
use crate::{
    inbox::again,
    journal::{Journal, testing::TestJournal},
    serve::testing::{TestServer, entry},
};

/// Leaves the store as a version does that cannot read these entries.
async fn leave_unread(journal: &Journal, seqs: &[i64]) {
    let mut writing = journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    for seq in seqs {
        sqlx::query(
            "INSERT INTO inbox_unread (feed, epoch, seq, entity, message)
             VALUES ('verdicts', 1, ?1, 'CaseNotice', 'UPSERT of CaseNotice is not known here')",
        )
        .bind(seq)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query("DELETE FROM case_notice WHERE notice_seq = ?1")
            .bind(seq)
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn unread(journal: &Journal) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM inbox_unread")
        .fetch_one(journal.store().readers())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_node_that_is_upgraded_reads_the_cases_that_came_before() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    let mut hub = HubVerdicts::of(&server);
    let first = hub.frame(&[told(&notice("sent", &[]), 1)]);
    let second = hub.frame(&[told(&notice("answered", &[]), 2)]);
    for frame in [&first, &second] {
        server.inbox.take(frame).await.unwrap();
    }
    leave_unread(journal, &[1, 2]).await;
    assert!(list(journal.store(), today(journal), false, 10).await.unwrap().is_empty());
    again::read(journal.store()).await.unwrap();
    let listed = list(journal.store(), today(journal), false, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].state.as_str()), (1, "answered"));
    assert_eq!(unread(journal).await, 0);
    server.shutdown().await;
}

#[tokio::test]
async fn what_came_later_stays_and_what_was_erased_does_not_come_back() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    let mut hub = HubVerdicts::of(&server);
    let broken = entry("CaseNotice", "broken", Op::Upsert, vec![0xff]);
    server.inbox.take(&hub.frame(&[told(&notice("sent", &[]), 1), broken])).await.unwrap();
    server.inbox.take(&hub.frame(&[told(&notice("explained", &[]), 2)])).await.unwrap();
    leave_unread(journal, &[1]).await;
    again::read(journal.store()).await.unwrap();
    let listed = list(journal.store(), today(journal), false, 10).await.unwrap();
    assert_eq!((listed[0].case_id.as_str(), listed[0].state.as_str()), (CASE, "explained"));
    assert_eq!(unread(journal).await, 1, "what is broken stays named");
    server.shutdown().await;
}
