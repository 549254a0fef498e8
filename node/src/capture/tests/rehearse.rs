//! What a rehearsal counts is what the capture after it appends.

use std::collections::BTreeMap;
use std::sync::Arc;

use rmd_standard::Entity;

use super::super::rehearse::{Play, Rehearsed, rehearse};
use super::KINDS;
use super::node::{NO_BRAKE, Node, Watched};
use crate::journal::{
    Journal,
    brake::{
        Limits,
        mapping::{Word, release},
        report as braking,
    },
    erase::{Ground, Order},
    rehearsal::Braked,
    report,
};
use crate::mapping::Mapping;
use crate::source::Kind;

/// Rehearses another mapping, or the same one.
async fn rehearsed(node: &Node, mapping: &Mapping) -> BTreeMap<&'static str, Rehearsed> {
    rehearsed_under(node, mapping, NO_BRAKE).await
}

/// The same under the limits of a brake.
async fn rehearsed_under(
    node: &Node,
    mapping: &Mapping,
    limits: Limits,
) -> BTreeMap<&'static str, Rehearsed> {
    let store = node.context.journal.store();
    let play = Play {
        source: node.context.source.clone(),
        mapping: mapping.clone(),
        store,
        path: &node.journal_file(),
        dir: tempfile::tempdir().unwrap(),
        country: "CD".to_owned(),
        examples: 3,
        limits,
        seals: Some(node.context.journal.owner().key.clone()),
    };
    let rehearsed = rehearse(play).await.unwrap();
    rehearsed.into_iter().map(|of| (of.entity, of)).collect()
}

/// The published sites by the key of the standard.
async fn by_key(node: &Node) -> BTreeMap<String, serde_json::Value> {
    let sites = node.published().await.into_values();
    sites.map(|site| (site["icglr_id"].as_str().unwrap().to_owned(), site)).collect()
}

/// Rehearses, captures with the same mapping, and compares everything that both tell.
async fn foretells(node: &mut Node, mapping: Mapping) -> Rehearsed {
    let entities = async |node: &Node| {
        let all = report::entities(node.context.journal.store()).await.unwrap();
        all.into_iter().find(|report| report.entity == "MineSite").unwrap()
    };
    let (size, before) = (node.size().await, entities(node).await);
    let published = by_key(node).await;
    let told = rehearsed(node, &mapping).await.remove("MineSite").unwrap();
    assert_eq!(node.size().await, size, "a rehearsal appends nothing");
    assert_eq!(entities(node).await, before, "a rehearsal changes nothing");

    node.context.mapping = Arc::new(mapping);
    node.sweep().await;
    let after = entities(node).await;
    let now = by_key(node).await;
    let counted = &told.comparison;
    assert_eq!(counted.revisions.cast_unsigned(), node.size().await - size, "{told:?}");
    assert_eq!((counted.refused, counted.refused_before), (after.refused, before.refused));
    assert_eq!(counted.new + counted.changed + counted.unchanged, after.published);
    let new = now.keys().filter(|key| !published.contains_key(*key)).count();
    let gone = published.keys().filter(|key| !now.contains_key(*key)).count();
    let changed =
        now.iter().filter(|(key, site)| published.get(*key).is_some_and(|old| old != *site));
    assert_eq!(counted.changed, i64::try_from(changed.count()).unwrap(), "{told:?}");
    assert_eq!((counted.new, counted.removed), (new.try_into().unwrap(), gone.try_into().unwrap()));
    told
}

#[tokio::test]
async fn a_rehearsal_foretells_a_first_load() {
    for kind in KINDS {
        let mut node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 7, "2017-05-01 00:00:00").await;
        let mapping = Mapping::clone(&node.context.mapping);
        let told = foretells(&mut node, mapping).await;
        assert_eq!((told.comparison.new, told.comparison.revisions), (7, 7), "{kind:?}");
        assert_eq!(told.comparison.examples.new.len(), 3);
    }
}

#[tokio::test]
async fn a_rehearsal_foretells_what_another_mapping_changes() {
    let mut node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 9, "2017-05-01 00:00:00").await;
    node.pass().await;
    let same = Mapping::clone(&node.context.mapping);
    let told = foretells(&mut node, same).await;
    assert_eq!((told.comparison.unchanged, told.comparison.revisions), (9, 0));

    // One row less, one new, one refused, and another name for all.
    node.execute("DELETE FROM sites WHERE code = (SELECT MIN(code) FROM sites)").await;
    node.add_sites(20, 21, "2017-05-02 00:00:00").await;
    node.execute("UPDATE sites SET lat = 95 WHERE code = (SELECT MAX(code) FROM sites WHERE code < (SELECT MAX(code) FROM sites))").await;
    let text = node.mapping_text().replacen(
        "s.nom AS \"site_name\"",
        "'Mine ' || s.nom AS \"site_name\"",
        1,
    );
    let other = Mapping::parse("mapping.toml", &text).unwrap();
    let told = foretells(&mut node, other).await;
    let counted = &told.comparison;
    assert_eq!((counted.new, counted.removed, counted.refused), (1, 1, 1), "{told:?}");
    assert_eq!((counted.changed, counted.revisions), (7, 9), "{told:?}");
    assert_eq!(counted.examples.removed.len(), 1);
    let refused = &counted.examples.refused[0];
    assert!(refused.findings[0].rule.contains("LATITUDE"), "{refused:?}");
}

#[tokio::test]
async fn a_rehearsal_foretells_keys_that_move_and_clash() {
    let mut node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 1200, "2017-05-01 00:00:00").await;
    node.pass().await;
    // Rows that are read in other batches claim one key; every other key moves.
    let ends =
        "s.nom = (SELECT MIN(n.nom) FROM sites n) OR s.nom = (SELECT MAX(n.nom) FROM sites n)";
    let id = format!("CASE WHEN {ends} THEN 'one' ELSE s.code END AS \"national_id\"");
    let longitude = format!(
        "CASE WHEN {ends} THEN 20.5 WHEN s.rowid % 2 = 0 THEN s.lon ELSE s.lon - 1.5 END AS \"mine_site_location"
    );
    let text = node.mapping_text().replacen("s.code AS \"national_id\"", &id, 1).replacen(
        "s.lon AS \"mine_site_location",
        &longitude,
        1,
    );
    let other = Mapping::parse("mapping.toml", &text).unwrap();
    let told = foretells(&mut node, other).await;
    assert!(told.comparison.removed > 500 && told.comparison.new > 500, "{told:?}");
    assert_eq!(told.comparison.refused, 2);
}

#[tokio::test]
async fn a_source_that_cannot_be_read_is_told_and_removes_nothing() {
    let node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 3, "2017-05-01 00:00:00").await;
    node.pass().await;
    node.execute("ALTER TABLE sites RENAME TO elsewhere").await;
    let told = rehearsed(&node, &node.context.mapping).await.remove("MineSite").unwrap();
    assert!(told.error.is_some());
    assert_eq!((told.comparison.removed, told.comparison.unchanged), (0, 3));
}

/// A node whose brake has the limits of the network, with published sites.
async fn braked(sites: u32) -> Node {
    let mut node = Node::new(Kind::Sqlite, Watched::Diff).await;
    let journal = &node.context.journal;
    node.context.journal = Journal::new(journal.store().clone(), journal.owner().clone());
    node.add_sites(0, sites, "2017-05-01 00:00:00").await;
    node.sweep().await;
    node
}

/// Rehearses under the limits of the network, captures, and compares what waits.
async fn foretells_the_brake(node: &mut Node, mapping: Mapping) -> Vec<Braked> {
    let store = node.context.journal.store().clone();
    let before = braking::trips(&store, false, None).await.unwrap();
    let told = rehearsed_under(node, &mapping, Limits::default()).await;
    let told = &told["MineSite"].comparison;
    let after = braking::trips(&store, false, None).await.unwrap();
    assert_eq!(before, after, "a rehearsal holds nothing");

    let size = node.size().await;
    node.context.mapping = Arc::new(mapping);
    node.sweep().await;
    assert_eq!(told.revisions.cast_unsigned(), node.size().await - size, "{told:?}");
    let trips = braking::trips(&store, false, None).await.unwrap();
    assert_eq!(told.held, trips.iter().map(|trip| trip.held).sum::<i64>());
    for trip in &trips {
        let same = told.brake.iter().find(|braked| braked.kind == trip.kind).unwrap();
        let Braked { held, counted, allowed, base, emptied, .. } = same;
        assert_eq!((*held, *counted, *allowed), (trip.held, trip.counted, trip.allowed));
        assert_eq!((*base, *emptied), (trip.base, trip.emptied));
    }
    assert_eq!(told.brake.len(), trips.len());
    told.brake.clone()
}

#[tokio::test]
async fn a_rehearsal_says_which_deletions_the_brake_would_hold_and_why() {
    let mut node = braked(100).await;
    node.execute("DELETE FROM sites WHERE code < 'S00010'").await;
    let same = Mapping::clone(&node.context.mapping);
    let told = foretells_the_brake(&mut node, same.clone()).await;
    let expected = Braked {
        kind: "delete".to_owned(),
        held: 10,
        held_before: 0,
        counted: 10,
        allowed: 3,
        base: 100,
        emptied: false,
    };
    assert_eq!(told, [expected]);
    // They wait now, and three more join them.
    node.execute("DELETE FROM sites WHERE code < 'S00013'").await;
    let told = foretells_the_brake(&mut node, same).await;
    assert_eq!((told[0].held, told[0].held_before), (13, 10));
}

#[tokio::test]
async fn a_rehearsal_says_what_a_mapping_changes_and_that_a_release_lets_it_go() {
    let mut node = braked(100).await;
    let text = node.mapping_text().replacen(
        "s.nom AS \"site_name\"",
        "'Mine ' || s.nom AS \"site_name\"",
        1,
    );
    let other = Mapping::parse("mapping.toml", &text).unwrap();
    let told = rehearsed_under(&node, &other, Limits::default()).await;
    let counted = &told["MineSite"].comparison;
    assert_eq!((counted.changed, counted.held, counted.revisions), (100, 100, 0), "{counted:?}");
    assert_eq!((counted.brake[0].kind.as_str(), counted.brake[0].allowed), ("change", 50));
    assert_eq!(counted.examples.changed.len(), 3, "what waits is shown as what it is");

    let word = Word { by: "a person", reason: "names were completed" };
    let store = node.context.journal.store();
    release(store, &other.id, &[Entity::MineSite], word).await.unwrap();
    assert!(foretells_the_brake(&mut node, other).await.is_empty());
}

#[tokio::test]
async fn a_rehearsal_knows_the_row_that_was_erased_and_a_corrected_one_is_new() {
    let mut node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 3, "2017-05-01 00:00:00").await;
    node.pass().await;
    let key: String = sqlx::query_scalar("SELECT MIN(record_key) FROM record")
        .fetch_one(node.context.journal.store().readers())
        .await
        .unwrap();
    let order = Order {
        entity: Entity::MineSite,
        record_key: &key,
        ground: Ground::PersonalData,
        document: None,
        by: "Greffe",
        reason: "request 12",
    };
    node.context.journal.erase(order).await.unwrap();
    let same = Mapping::clone(&node.context.mapping);
    let told = foretells(&mut node, same.clone()).await.comparison;
    assert_eq!((told.new, told.unchanged, told.refused), (0, 2, 1), "{told:?}");
    assert_eq!(told.revisions, 0);

    node.execute("UPDATE sites SET nom = 'Corrected'").await;
    let told = foretells(&mut node, same).await.comparison;
    assert_eq!((told.new, told.changed, told.refused), (1, 2, 0), "{told:?}");
}
