//! What a rehearsal counts is what the capture after it appends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::rehearse::{Play, Rehearsed, rehearse};
use super::KINDS;
use super::node::{Node, Watched};
use crate::journal::report;
use crate::mapping::Mapping;
use crate::source::Kind;

/// Rehearses another mapping, or the same one.
async fn rehearsed(node: &Node, mapping: &Mapping) -> BTreeMap<&'static str, Rehearsed> {
    let store = node.context.journal.store();
    let play = Play {
        source: node.context.source.clone(),
        mapping: mapping.clone(),
        store,
        path: &node.journal_file(),
        dir: tempfile::tempdir().unwrap(),
        country: "CD".to_owned(),
        examples: 3,
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
