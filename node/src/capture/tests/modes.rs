//! Capture beside rows that came in another mode.

use rmd_proto::v1;
use rmd_standard::{Context, Entity, Record, Valid};

use super::node::{Node, Watched};
use crate::journal::{Batch, Fate, Item, Mode};
use crate::source::Kind;

/// A site that no database has, posted to the node.
async fn post(node: &Node, national_id: &str) -> Vec<Fate> {
    let site = v1::MineSite {
        icglr_id: "CD-2.0000+28.0000-77".to_owned(),
        address_country: "CD".to_owned(),
        national_id: national_id.to_owned(),
        certification_status: v1::CertificationStatus::Green.into(),
        mine_site_location: Some(v1::Location {
            geolocalization: Some(v1::GeoPoint {
                latitude_e7: -20_000_000,
                longitude_e7: 280_000_000,
            }),
            ..v1::Location::default()
        }),
        ..v1::MineSite::default()
    };
    let context = Context {
        country: "CD".to_owned(),
        today: node.context.clock.today(),
        zone: node.context.mapping.zone.clone(),
    };
    let record = Valid::recheck(Record::MineSite(Box::new(site)), &context).unwrap();
    let item =
        Item::Present { source_key: record.key().to_owned(), outcome: Ok(record), annulled: None };
    let (entity, mapping_id) = (Entity::MineSite, "api".to_owned());
    let batch = Batch { entity, mode: Mode::Api, mapping_id, items: vec![item], mark: None };
    node.context.journal.offer(batch).await.unwrap().fates
}

/// The sweep reads every row of the source and looks for those that are gone; what
/// was posted was never there.
#[tokio::test]
async fn a_sweep_leaves_what_was_posted_and_ends_what_is_gone() {
    for watched in [Watched::Cursor, Watched::Diff] {
        let node = Node::new(Kind::Sqlite, watched).await;
        node.add_sites(0, 3, "2017-01-01 00:00:00").await;
        node.pass().await;
        assert_eq!(post(&node, "POSTED").await, [Fate::Published]);
        node.sweep().await;
        node.execute("DELETE FROM sites WHERE code = 'S00001'").await;
        node.sweep().await;
        let published: Vec<String> = node.published().await.into_keys().collect();
        assert_eq!(published, ["POSTED", "S00000", "S00002"], "{watched:?}");
        assert_eq!(node.size().await, 5, "three rows, one post, one tombstone");
    }
}
