//! Rows of several modes side by side, and rows that are offered.

use super::super::{
    Applied, Batch, Fate, Item, Mode,
    entitlement::Level,
    testing::{ENTITY, TestJournal, bad, batch, gone, key, row},
};

fn posted(items: Vec<Item>) -> Batch {
    Batch { mode: Mode::Api, ..batch(items) }
}

async fn offer(test: &TestJournal, items: Vec<Item>) -> Applied {
    test.journal.offer(posted(items)).await.unwrap()
}

async fn keys_of(test: &TestJournal, mode: Mode) -> Vec<String> {
    let rows = test.journal.rows_after(ENTITY, mode, i64::MIN, 10).await.unwrap();
    let mut keys: Vec<String> = rows.into_iter().map(|(_, key)| key).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn each_mode_lists_its_own_rows_under_their_own_keys() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), row("api:b", 2, 1)]).await;
    test.journal.apply(posted(vec![row("b", 3, 1)])).await.unwrap();
    let sheet = Batch { mode: Mode::Sheet, ..batch(vec![row("b", 4, 1)]) };
    test.journal.apply(sheet).await.unwrap();
    assert_eq!(keys_of(&test, Mode::Mapped).await, ["a", "api:b"]);
    assert_eq!(keys_of(&test, Mode::Api).await, ["b"]);
    assert_eq!(keys_of(&test, Mode::Sheet).await, ["b"]);
    assert_eq!(test.published().await.len(), 4);
    // The mapped row goes, and no other row of that name.
    assert_eq!(test.apply(vec![gone("api:b")]).await.tombstones, 1);
    assert_eq!(keys_of(&test, Mode::Api).await, ["b"]);
    assert_eq!(keys_of(&test, Mode::Mapped).await, ["a"]);
}

#[tokio::test]
async fn an_offered_row_whose_record_another_has_leaves_no_trace() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), bad("c", Some(key(3)))]).await;
    let items = vec![row("x", 1, 2), row("y", 2, 2), row("z", 3, 2), bad("w", None)];
    let applied = offer(&test, items).await;
    assert_eq!((applied.appended, applied.refused), (1, 3));
    let Fate::Refused(findings) = &applied.fates[0] else { panic!("{:?}", applied.fates) };
    assert_eq!(findings[0].rule, "KEY-CLASH");
    assert!(findings[0].en.contains("a, api:x"), "{}", findings[0].en);
    assert_eq!(applied.fates[1], Fate::Published);
    assert!(matches!(&applied.fates[2], Fate::Refused(found) if found[0].rule == "KEY-CLASH"));
    assert!(matches!(&applied.fates[3], Fate::Refused(found) if found[0].rule == "TEST"));
    assert_eq!(keys_of(&test, Mode::Api).await, ["y"]);
    // The mapped rows are as they were: one published, one refused for its own fault.
    let quarantine = test.quarantine().await;
    assert_eq!(quarantine.len(), 1);
    assert_eq!(quarantine[0].source_key, "c");
    assert_eq!(test.apply(vec![row("a", 1, 5)]).await.appended, 1);
}

#[tokio::test]
async fn a_mapped_row_that_takes_the_key_of_an_offered_one_clashes_with_it() {
    let test = TestJournal::live().await;
    offer(&test, vec![row("x", 1, 1)]).await;
    let applied = test.apply(vec![row("a", 1, 2)]).await;
    assert!(matches!(&applied.fates[0], Fate::Refused(found) if found[0].rule == "KEY-CLASH"));
    assert_eq!(test.quarantine().await.len(), 2);
    // A new offer is declined; what was published stays, and is free once the other goes.
    let again = offer(&test, vec![row("x", 1, 3)]).await;
    assert!(matches!(&again.fates[0], Fate::Refused(_)));
    assert_eq!(test.published().await[&key(1)], 1);
    test.apply(vec![gone("a")]).await;
    assert_eq!(offer(&test, vec![row("x", 1, 3)]).await.fates, [Fate::Published]);
}

#[tokio::test]
async fn the_fate_of_a_row_says_whether_it_left() {
    let test = TestJournal::live().await;
    assert_eq!(offer(&test, vec![row("x", 1, 1)]).await.fates, [Fate::Published]);
    assert_eq!(offer(&test, vec![row("x", 1, 1)]).await.fates, [Fate::Published]);
    test.set(Level::Off).await;
    let items = vec![row("x", 1, 2), row("y", 2, 1), gone("z")];
    let applied = offer(&test, items).await;
    assert_eq!(applied.fates, [Fate::Withheld, Fate::Withheld, Fate::Gone]);
}
