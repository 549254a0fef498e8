//! What a hub may announce is bounded.

use super::*;
use crate::journal::testing::{FEED, TestJournal, rows};

#[tokio::test]
async fn an_announcement_larger_than_any_tree_is_refused_by_field() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let store = test.journal.store();
    let feeds = report::feeds(store).await.unwrap();
    let feed = feeds.into_iter().find(|feed| feed.feed == FEED).unwrap();
    let good = v1::AnnounceRequest {
        feed: FEED.to_owned(),
        epoch: 1,
        held_checkpoint: feed.checkpoint,
        common_size: 3,
        prefix_root: vec![7; HASH_BYTES],
        proof: vec![vec![7; HASH_BYTES]; PROOF_HASHES_MAX],
        ..Default::default()
    };
    assert_eq!(announced(&test.journal, &good).await, Ok(3));
    let note = "x".repeat(CHECKPOINT_BYTES_MAX + 1);
    let many = vec![vec![7; HASH_BYTES]; PROOF_HASHES_MAX + 1];
    for (request, field) in [
        (v1::AnnounceRequest { proof: many, ..good.clone() }, "proof"),
        (v1::AnnounceRequest { proof: vec![vec![7; 33]], ..good.clone() }, "proof"),
        (v1::AnnounceRequest { prefix_root: vec![7; 33], ..good.clone() }, "prefix_root"),
        (v1::AnnounceRequest { held_checkpoint: note.clone(), ..good.clone() }, "held_checkpoint"),
        (v1::AnnounceRequest { offered_checkpoint: note, ..good.clone() }, "offered_checkpoint"),
    ] {
        let fault = announced(&test.journal, &request).await.unwrap_err();
        assert_eq!((fault.code, fault.field.as_deref()), (Code::RequestInvalid, Some(field)));
        assert_eq!(fault.message.matches(field).count(), 2, "{}", fault.message);
    }
    assert!(recovery::find(store.readers(), FEED).await.unwrap().is_none());
}
