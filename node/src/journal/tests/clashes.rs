//! Two rows, one key.

use super::super::testing::{TestJournal, bad, gone, key, row};

async fn refused_keys(test: &TestJournal) -> Vec<(String, String)> {
    let quarantine = test.quarantine().await;
    quarantine.into_iter().map(|row| (row.source_key, row.findings[0].rule.clone())).collect()
}

fn clash(source_key: &str) -> (String, String) {
    (source_key.to_owned(), "KEY-CLASH".to_owned())
}

#[tokio::test]
async fn both_rows_are_refused_and_the_published_record_stays() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    let applied = test.apply(vec![row("b", 1, 2)]).await;
    assert_eq!((applied.refused, applied.appended), (1, 0));
    assert_eq!(refused_keys(&test).await, [clash("a"), clash("b")]);
    for refused in test.quarantine().await {
        let finding = &refused.findings[0];
        assert_eq!(finding.value, key(1));
        assert!(finding.en.contains("a, b") && finding.fr.contains("a, b"), "{finding:?}");
    }
    assert_eq!(test.published().await.len(), 1);
    // A change of either publishes nothing while both are there.
    assert_eq!(test.apply(vec![row("a", 1, 3), row("b", 1, 4)]).await.appended, 0);
}

#[tokio::test]
async fn two_new_rows_with_one_key_publish_nothing_in_whatever_order() {
    for turned in [false, true] {
        let test = TestJournal::live().await;
        let mut items = vec![row("a", 1, 1), row("b", 1, 2), row("c", 2, 1)];
        if turned {
            items.reverse();
        }
        let applied = test.apply(items).await;
        assert_eq!((applied.refused, applied.appended), (2, 1));
        assert_eq!(refused_keys(&test).await, [clash("a"), clash("b")]);
        assert!(!test.published().await.contains_key(&key(1)));
    }
}

#[tokio::test]
async fn the_row_that_remains_is_published_when_the_other_goes() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    test.apply(vec![row("b", 1, 2)]).await;
    // The newcomer goes: what was published is what remains.
    let applied = test.apply(vec![gone("b")]).await;
    assert_eq!((applied.appended, test.quarantine().await.len()), (0, 0));

    test.apply(vec![row("b", 1, 2)]).await;
    // The first one goes: the newcomer takes its place, without a tombstone.
    let applied = test.apply(vec![gone("a")]).await;
    assert_eq!((applied.appended, applied.tombstones), (1, 0));
    assert_eq!(test.published().await[&key(1)], 2);
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.counts().await.published, 1);
}

#[tokio::test]
async fn the_row_that_remains_is_published_when_the_other_takes_another_key() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), row("b", 1, 2)]).await;
    let applied = test.apply(vec![row("b", 2, 2)]).await;
    assert_eq!((applied.appended, applied.refused), (2, 0));
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.published().await.len(), 2);
}

#[tokio::test]
async fn three_rows_clash_until_only_one_remains() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), row("b", 1, 2), row("c", 1, 3)]).await;
    assert_eq!(test.apply(vec![gone("a")]).await.appended, 0);
    assert_eq!(refused_keys(&test).await, [clash("b"), clash("c")]);
    assert!(test.quarantine().await[0].findings[0].en.contains("2 source rows (b, c)"));
    assert_eq!(test.apply(vec![gone("c")]).await.appended, 1);
    assert!(test.quarantine().await.is_empty());
}

#[tokio::test]
async fn all_that_claimed_a_published_record_go_and_it_ends() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    test.apply(vec![row("b", 1, 2)]).await;
    let applied = test.apply(vec![gone("a"), gone("b")]).await;
    assert_eq!((applied.appended, applied.tombstones), (1, 1));
    assert!(test.published().await.is_empty());
}

#[tokio::test]
async fn a_refused_row_keeps_its_key_against_others() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    test.apply(vec![bad("a", None)]).await;
    let applied = test.apply(vec![row("b", 1, 2)]).await;
    assert_eq!((applied.refused, applied.appended), (1, 0));
    test.apply(vec![gone("b"), row("a", 1, 5)]).await;
    assert_eq!(test.published().await[&key(1)], 2);
    assert!(test.quarantine().await.is_empty());
}

#[tokio::test]
async fn a_key_that_moves_on_is_free_for_the_next_batch() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), row("b", 2, 2)]).await;
    // In one direction first: a wants what b still has.
    assert_eq!(test.apply(vec![row("a", 2, 1)]).await.refused, 1);
    assert_eq!(test.published().await.len(), 2);
    let applied = test.apply(vec![row("b", 1, 2)]).await;
    assert_eq!((applied.refused, applied.tombstones), (0, 0));
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.published().await.into_values().collect::<Vec<_>>(), [2, 2]);
}

/// A mapping that gives every row one key: more rows than a batch looks at.
#[tokio::test]
async fn a_key_that_thousands_share_is_settled_when_one_remains() {
    let test = TestJournal::live().await;
    for part in 0..3 {
        let items = (part * 1000..part * 1000 + 1000).map(|i| row(&format!("r{i}"), 1, 1));
        let applied = test.apply(items.chain([row("x", 2, part)]).skip(1).collect()).await;
        assert_eq!((applied.refused, applied.appended), (999, 1), "the other record goes on");
    }
    let counts = test.counts().await;
    assert_eq!((counts.refused, counts.published), (2997, 1));
    let finding = test.quarantine().await.remove(0).findings.remove(0);
    assert!(finding.en.contains("more than 5 source rows (") && finding.en.contains(", …)"));
    assert!(finding.fr.contains("plus de 5 lignes"), "{}", finding.fr);

    let key_of_last = |part: i64| if part == 2 { 2999 } else { 3000 };
    for part in 0..3 {
        let items = (part * 1000..part * 1000 + 1000).filter(|i| *i < key_of_last(part));
        let applied = test.apply(items.map(|i| gone(&format!("r{i}"))).collect()).await;
        assert_eq!(applied.appended, u64::from(part == 2), "only the last batch leaves one");
    }
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.published().await[&key(1)], 1);
    let counts = test.counts().await;
    assert_eq!((counts.refused, counts.published), (0, 2));
}
