use super::*;
use crate::store::{Store, testing::on_each_store};

/// A frame of so many entries after a seq.
fn frame(after: u64, entries: u64) -> v1::Frame {
    v1::Frame { first_seq: after + 1, last_seq: after + entries, ..v1::Frame::default() }
}

async fn is_loading_at(store: &Store, epoch: i64, now_us: i64) -> bool {
    let mut connection = store.acquire().await.unwrap();
    is_loading(&mut connection, ("RWA/rwa-mines", "transactions"), epoch, now_us).await.unwrap()
}

async fn land(store: &Store, frame: &v1::Frame, at_us: i64) {
    let owner = Owner {
        node_id: "RWA/rwa-mines".to_owned(),
        country: "RW".to_owned(),
        feed: "transactions".to_owned(),
        epoch: 2,
    };
    insert(&mut store.acquire().await.unwrap(), &owner, frame, at_us).await.unwrap();
}

#[tokio::test]
async fn a_load_goes_on_until_no_large_frame_came_for_a_while() {
    on_each_store(async |store| {
        let at = 1_782_900_000_000_000_i64;
        let large = u64::try_from(LOAD_MIN).unwrap() + 1;
        assert!(!is_loading_at(&store, 2, at).await, "nothing came");
        land(&store, &frame(0, large - 1), at).await;
        assert!(!is_loading_at(&store, 2, at).await, "a small frame");
        land(&store, &frame(large - 1, large), at + 9).await;
        assert!(is_loading_at(&store, 2, at + 9).await, "a large one");
        assert!(is_loading_at(&store, 2, at + 9 + LOAD_REST_US - 1).await, "the last moment");
        assert!(!is_loading_at(&store, 2, at + 9 + LOAD_REST_US).await, "it is over");
        assert!(!is_loading_at(&store, 2, at).await, "the clock was put back");
        assert!(!is_loading_at(&store, 1, at + 9).await, "another epoch");
        land(&store, &frame(2 * large - 1, 3), at + 10).await;
        assert!(!is_loading_at(&store, 2, at + 10).await, "a small one follows");
    })
    .await;
}
