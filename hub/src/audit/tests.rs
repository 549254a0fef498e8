//! Checkpoints for auditors, on each store.

use prost::Message as _;
use rmd_feed::{
    Checkpoint,
    evidence::{Extension, Proven, Statement},
    proof,
};
use rmd_link::dial;
use rmd_proto::{
    Code, Fault,
    v1::{self, audit_service_client::AuditServiceClient},
};

use super::{
    BEGUN, CHECKPOINT, Cosigning, EVIDENCE, prove, registry, revoked,
    testing::{FEED, NODE, Scene, audited},
};
use crate::{
    follow::testing::{Publisher as Node, Receiver, site},
    recover::{Word, event, evidence},
    registry::{entitlement::Level, network, testing::Applicant},
    store::testing::on_each_store,
};

fn sizes(entries: &[rmd_feed::StoredEntry]) -> Vec<u64> {
    let seen = |entry: &rmd_feed::StoredEntry| {
        assert_eq!(entry.header.entity, CHECKPOINT);
        let seen = v1::SeenCheckpoint::decode(entry.payload().unwrap()).unwrap();
        assert_eq!((seen.node_id.as_str(), seen.feed.as_str(), seen.epoch), (NODE, FEED, 1));
        let (origin, checkpoint) = Checkpoint::claimed(&seen.checkpoint).unwrap();
        assert_eq!(entry.header.key, format!("{origin}@{}", checkpoint.size));
        checkpoint.size
    };
    entries.iter().map(seen).collect()
}

#[tokio::test]
async fn a_feed_is_published_once_an_interval_and_its_last_checkpoint_always() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        assert_eq!(scene.publish().await, 0, "nothing was applied yet");
        scene.land(0..1).await;
        assert_eq!(scene.publisher.publish().await.unwrap(), 1, "the first one waits for nothing");
        scene.land(1..4).await;
        assert_eq!(scene.publisher.publish().await.unwrap(), 0);
        assert_eq!(scene.publish().await, 1);
        assert_eq!(scene.publish().await, 0, "nothing moved");
        assert_eq!(sizes(&scene.entries().await), [1, 4]);
    })
    .await;
}

#[tokio::test]
async fn a_published_checkpoint_is_what_the_node_signed_byte_for_byte() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        scene.land(0..2).await;
        scene.publish().await;
        let entries = scene.entries().await;
        let seen = v1::SeenCheckpoint::decode(entries[0].payload().unwrap()).unwrap();
        assert_eq!(seen.checkpoint, scene.node.state().checkpoint);
        assert_eq!(seen.vkey, scene.node.key.vkey());
    })
    .await;
}

#[tokio::test]
async fn every_published_size_is_proven_to_extend_the_earlier_ones() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let mut roots = vec![[0; 32]];
        for size in 1..=9_u32 {
            roots.push(grow(&mut scene, size).await);
        }
        for new in [1, 3, 4, 5, 7, 8, 9] {
            extends_all(&scene, &roots[..=new]).await;
        }
        let owner = scene.node.owner();
        let unpublished = prove::prove(&scene.hub.store, &owner, 1, 6).await.unwrap();
        assert_eq!(unpublished, None);
    })
    .await;
}

/// One more entry; its root. The sizes 2 and 6 are not published.
async fn grow(scene: &mut Scene, size: u32) -> [u8; 32] {
    scene.land(size - 1..size).await;
    if size != 2 && size != 6 {
        scene.publish().await;
    }
    scene.node.root()
}

/// The tree of the last root is proven to extend every smaller one.
async fn extends_all(scene: &Scene, roots: &[[u8; 32]]) {
    let (owner, new) = (scene.node.owner(), roots.len() as u64 - 1);
    let root = roots[roots.len() - 1];
    for (old, old_root) in (0..).zip(roots).skip(1) {
        let proof = prove::prove(&scene.hub.store, &owner, old, new).await.unwrap().unwrap();
        assert_eq!(proof.old_root, *old_root, "{old} in {new}");
        proof::check_consistency(&proof.hashes, new, root, old, *old_root).unwrap();
    }
}

// Method: the ledger and the cursor are put in the place of those of another history
// that the same key signed, as a hub would that helps to rewrite.
#[tokio::test]
async fn a_ledger_that_was_rewritten_proves_it_against_the_node() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        scene.land(0..3).await;
        scene.publish().await;
        let held = scene.node.state().checkpoint;
        let mut transaction = scene.hub.store.begin().await.unwrap();
        for table in ["ledger", "feed_cursor", "record", "mine_site"] {
            let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            sqlx::query(delete).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        scene.node = Node::with_key(NODE, FEED, scene.node.key.clone());
        scene.receiver = Receiver::take(&scene.hub.store, &scene.node, Level::Live).await;
        scene.land(100..105).await;
        scene.publish().await;
        let owner = scene.node.owner();
        let proof = prove::prove(&scene.hub.store, &owner, 3, 5).await.unwrap().unwrap();
        let extension = Extension { prefix_root: proof.old_root, proof: proof.hashes };
        let statement = Statement {
            key: scene.node.key.vkey(),
            held,
            offered: scene.node.state().checkpoint,
            extension: Some(extension),
        };
        let proven = statement.check(&scene.node.key.verifier()).unwrap();
        assert!(matches!(proven, Proven::NotExtended { .. }), "{proven:?}");
    })
    .await;
}

#[tokio::test]
async fn what_a_node_signed_against_itself_is_published_once() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        scene.land(0..2).await;
        scene.publish().await;
        let mut other = Node::with_key(NODE, FEED, scene.node.key.clone());
        other.publish([site(7, "B", &[]).into(), site(8, "B", &[]).into()]);
        let (held, offered) = (scene.node.state().checkpoint, other.state().checkpoint);
        let mut transaction = scene.hub.store.begin().await.unwrap();
        for kind in ["root-mismatch", "two-histories"] {
            let found = evidence::Found {
                node_id: NODE,
                feed: FEED,
                epoch: 1,
                kind,
                vkey: &scene.node.key.vkey(),
                held: held.as_bytes(),
                offered: offered.as_bytes(),
                ..evidence::Found::default()
            };
            evidence::keep(&mut transaction, &found, 1).await.unwrap();
        }
        transaction.commit().await.unwrap();
        assert_eq!(scene.publish().await, 1);
        assert_eq!(scene.publish().await, 0);
        let entries = scene.entries().await;
        assert_eq!(entries[1].header.entity, EVIDENCE);
        let seen = v1::SeenEvidence::decode(entries[1].payload().unwrap()).unwrap();
        let statement = Statement::parse(&seen.statement).unwrap();
        statement.check(&scene.node.key.verifier()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_restored_hub_goes_on_in_a_new_epoch_that_says_where_the_last_one_ended() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        scene.land(0..1).await;
        scene.publish().await;
        let before = scene.feed().await;
        let now_us = scene.hub.now().as_microsecond();
        let mut transaction = scene.hub.store.begin().await.unwrap();
        event::keep(&mut transaction, ("hub", "", "restored"), "", None, now_us).await.unwrap();
        transaction.commit().await.unwrap();
        scene.publish().await;
        assert_eq!(scene.publish().await, 0, "one epoch for one restoring");
        let after = scene.feed().await;
        assert!(after.epoch() > before.epoch());
        let entries = scene.entries().await;
        assert_eq!(entries[0].header.entity, BEGUN);
        let begun = v1::CheckpointsBegun::decode(entries[0].payload().unwrap()).unwrap();
        assert_eq!((begun.previous_epoch, begun.ground.as_str()), (before.epoch(), "restored"));
        let ended = before.origin("rmd.net/hub");
        let key = scene.hub.signer().0.verifier();
        assert_eq!(Checkpoint::open(&begun.checkpoint, &ended, &key, 1).unwrap().size, 1);
        scene.land(1..2).await;
        assert_eq!(scene.publish().await, 1);
        let report = crate::share::verify::verify(&scene.hub.store, &scene.hub.config).await;
        assert!(report.unwrap().iter().all(|report| report.fault.is_none()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_auditor_is_refused_and_its_stream_ends() {
    audited(async |scene, auditor, _| {
        scene.land(0..1).await;
        scene.publish().await;
        auditor.once().await.unwrap();
        let link = auditor.dial_hub().await;
        let mut client = AuditServiceClient::new(link.channel.clone());
        let request = v1::AuditServiceFollowRequest { epoch: 1, after_seq: 0, frame_bytes_max: 0 };
        let mut frames = client.follow(request).await.unwrap().into_inner();
        assert!(frames.message().await.unwrap().is_some());
        let word = Word::new("Officer", "mandate ended").unwrap();
        let now = scene.hub.now();
        let mut transaction = scene.hub.store.begin().await.unwrap();
        let revoked = registry::revoke(&mut transaction, "audit-1", &word, now).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(revoked, 1);
        assert!(frames.message().await.is_err(), "the stream ends");
        let error = auditor.once().await.unwrap_err();
        assert_eq!(error.exit_code(), rmd_runtime::exit::FORBIDDEN, "{error}");
    })
    .await;
}

// Method: the row of the certificate is put back as a backup has it, while the feed that
// the nodes hold has the bulletin.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_told_to_the_nodes_and_survives_a_restored_backup() {
    audited(async |scene, auditor, _| {
        scene.land(0..1).await;
        scene.publish().await;
        let (word, now) = (Word::new("Officer", "ended").unwrap(), scene.hub.now());
        let mut transaction = scene.hub.store.begin().await.unwrap();
        registry::revoke(&mut transaction, "audit-1", &word, now).await.unwrap();
        transaction.commit().await.unwrap();
        let (key, hub) = scene.hub.signer();
        assert_eq!(revoked::tell(&scene.hub.store, (&key, &hub), now).await.unwrap(), 1);
        assert_eq!(revoked::tell(&scene.hub.store, (&key, &hub), now).await.unwrap(), 0);
        let mut transaction = scene.hub.store.begin().await.unwrap();
        sqlx::query("UPDATE auditor_certificate SET revoked_at_us = NULL, told = 0")
            .execute(&mut *transaction)
            .await
            .unwrap();
        let now_us = now.as_microsecond();
        event::keep(&mut transaction, ("hub", "", "restored"), "", None, now_us).await.unwrap();
        transaction.commit().await.unwrap();
        auditor.once().await.unwrap();
        scene.publish().await;
        let error = auditor.once().await.unwrap_err();
        assert_eq!(error.exit_code(), rmd_runtime::exit::FORBIDDEN, "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_renews_its_certificate_by_itself() {
    audited(async |scene, auditor, _| {
        scene.land(0..1).await;
        scene.publish().await;
        scene.hub.manual.advance(jiff::SignedDuration::from_hours(40 * 24));
        auditor.once().await.unwrap();
        auditor.once().await.unwrap();
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let listed = registry::all(&mut connection).await.unwrap();
        assert_eq!((listed[0].certificates, listed[0].cursor), (2, 1), "{listed:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_that_brings_a_feed_key_is_refused_by_field() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let address = scene.hub.serve_enrolment().await;
        let hub = &scene.hub;
        let invited = registry::invite(&hub.store, &hub.config, "audit-1", hub.now()).await;
        let token = invited.unwrap().token;
        let applicant = Applicant::new(&token);
        let refused = applicant.certify(&token, address, "", &hub.clock).await.unwrap_err();
        let rmd_link::Error::Refused(fault) = refused else { panic!("{refused}") };
        assert_eq!((fault.code, fault.field.as_deref()), (Code::RequestInvalid, Some("feed_vkey")));
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_not_let_in_where_auditors_are_answered() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let address = scene.serve().await;
        let dir = tempfile::tempdir().unwrap();
        let node = scene.hub.enrol("cod-other", "", dir.path()).await;
        let hub = scene.hub.credentials.identity().unwrap();
        let refused = dial(&address.to_string(), &node, &hub).await.unwrap_err();
        assert_eq!(refused.code(), Code::RoleForbidden);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_was_not_published_is_not_proven_over_the_network() {
    audited(async |scene, auditor, _| {
        scene.land(0..3).await;
        scene.publish().await;
        let mut client = AuditServiceClient::new(auditor.dial_hub().await.channel);
        let request = |old_size, tree_size| v1::AuditServiceProveRequest {
            node_id: NODE.to_owned(),
            feed: FEED.to_owned(),
            epoch: 1,
            old_size,
            tree_size,
        };
        client.prove(request(2, 3)).await.unwrap();
        for (old, new, code) in [(1, 2, Code::CursorBeyondSize), (0, 3, Code::RequestInvalid)] {
            let refused = client.prove(request(old, new)).await.unwrap_err();
            assert_eq!(Fault::from(refused).code, code, "{old} in {new}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_key_of_receipts_is_made_once_and_vouched_for_by_the_feed_key() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let (dir, key) = (scene.hub.dir.path(), network::feed_key(scene.hub.dir.path()).unwrap());
        let open = || Cosigning::open(dir, (&key, "rmd.net/hub"), scene.hub.clock.clone()).unwrap();
        let told = open().key();
        assert_eq!(told, open().key());
        let verifier = rmd_feed::CosignatureVerifier::parse(&told.vkey).unwrap();
        assert!(verifier.is_vouched_by(&key.verifier(), &told.proof));
        assert_eq!(open().receipt("no note"), "");
    })
    .await;
}
