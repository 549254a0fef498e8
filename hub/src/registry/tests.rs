//! Enrolment over real sockets and TLS, on each store.

use jiff::SignedDuration;
use rmd_link::{enrol, keys};
use rmd_proto::Code;
use rmd_standard::Entity;
use sqlx::Row as _;

use super::{
    entitlement::{self, Level},
    invitation, node,
    testing::{Applicant, Hub, send},
};
use crate::store::testing::on_each_store;

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_node_gets_a_certificate_and_its_feed_key_is_pinned() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let applicant = Applicant::new(&token);
        let enrolled = applicant.certify(&token, address, "cod:7402", &hub.clock).await.unwrap();
        assert_eq!(enrolled.identity.to_string(), "spiffe://rmd.net/node/COD/cod-mines");
        let mut connection = hub.store.acquire().await.unwrap();
        let node = node::find(&mut connection, "COD/cod-mines").await.unwrap().unwrap();
        assert_eq!(node.feed_vkey, applicant.feed_key.vkey());
        assert_eq!(node.address, "cod:7402");
        assert!(invitation::open(&mut connection, hub.now()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_given_again_and_other_keys_are_refused() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let mut applicant = Applicant::new(&token);
        let first = applicant.certify(&token, address, "", &hub.clock).await.unwrap();
        // The same key signs another request: ECDSA draws a number each time.
        let identity = token.identity().unwrap();
        applicant.csr_der = keys::csr(&identity, &applicant.key_pem).unwrap();
        hub.manual.advance(SignedDuration::from_hours(73));
        let again = applicant.certify(&token, address, "", &hub.clock).await.unwrap();
        assert_eq!(first.chain_der, again.chain_der);
        let other = Applicant::new(&token);
        let error = other.certify(&token, address, "", &hub.clock).await.unwrap_err();
        assert_eq!(error.code(), Code::TokenUsed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_applicants_at_once_one_is_enrolled() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let (one, two) = (Applicant::new(&token), Applicant::new(&token));
        let (one, two) = tokio::join!(
            one.certify(&token, address, "", &hub.clock),
            two.certify(&token, address, "", &hub.clock),
        );
        let codes: Vec<Code> =
            [one, two].into_iter().filter_map(|r| r.err().map(|e| e.code())).collect();
        assert_eq!(codes, [Code::TokenUsed]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_over_or_unknown_is_refused() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let unknown = enrol::Token { secret: enrol::Secret::generate(), ..token.clone() };
        let applicant = Applicant::new(&token);
        let error = applicant.certify(&unknown, address, "", &hub.clock).await.unwrap_err();
        assert_eq!(error.code(), Code::TokenUnknown);
        hub.manual.advance(SignedDuration::from_hours(72));
        hub.manual.advance(SignedDuration::from_secs(1));
        let error = applicant.certify(&token, address, "", &hub.clock).await.unwrap_err();
        assert_eq!(error.code(), Code::TokenExpired);
        let mut connection = hub.store.acquire().await.unwrap();
        assert!(node::all(&mut connection).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_key_must_be_held_and_named_after_its_owner() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let applicant = Applicant::new(&token);
        let refused = async |application| {
            send(&token, address, application, &hub.clock).await.unwrap_err().code()
        };
        let mut forged = applicant.application(&token, "");
        forged.feed_vkey = Applicant::new(&token).feed_key.vkey();
        assert_eq!(refused(forged).await, Code::KeyProofInvalid);
        let identity = token.identity().unwrap();
        let named = Applicant::named(&identity, "rmd.net/RWA/rwa-mines");
        assert_eq!(refused(named.application(&token, "")).await, Code::RequestInvalid);
        assert_eq!(refused(applicant.application(&token, "nowhere")).await, Code::RequestInvalid);
        let mut garbled = applicant.application(&token, "");
        garbled.csr_der.truncate(20);
        assert_ne!(refused(garbled).await, Code::Internal);
        // None of it used the token up.
        assert!(applicant.certify(&token, address, "", &hub.clock).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_node_keeps_its_feed_key_when_it_enrols_again() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let mut applicant = Applicant::new(&token);
        applicant.certify(&token, address, "old:1", &hub.clock).await.unwrap();
        let second = hub.invite("COD", "cod-mines").await;
        let other = Applicant::new(&second);
        let error = other.certify(&second, address, "new:1", &hub.clock).await.unwrap_err();
        assert_eq!(error.code(), Code::KeyProofInvalid);
        let fresh = Applicant::new(&second);
        (applicant.key_pem, applicant.csr_der) = (fresh.key_pem, fresh.csr_der);
        applicant.certify(&second, address, "new:1", &hub.clock).await.unwrap();
        let mut connection = hub.store.acquire().await.unwrap();
        let node = node::find(&mut connection, "COD/cod-mines").await.unwrap().unwrap();
        assert_eq!((node.address.as_str(), node.feed_vkey), ("new:1", applicant.feed_key.vkey()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_node_renews_and_nobody_else() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let credentials = hub.enrol("cod-mines", "cod:7402", node_dir.path()).await;
        let address = hub.serve_enrolment().await.to_string();
        let identity = credentials.identity().unwrap();
        let (_, csr) = keys::new_key_and_csr(&identity).unwrap();
        // Past its end, within the 180 days.
        hub.manual.advance(SignedDuration::from_hours(24 * 100));
        super::network::issue_own(
            &hub.authority(),
            &"spiffe://rmd.net/hub".parse().unwrap(),
            hub.dir.path(),
            hub.now(),
        )
        .unwrap();
        hub.credentials.reload().unwrap();
        let renewed = enrol::renew(&address, &credentials, csr.clone(), None).await.unwrap();
        assert!(renewed.not_after > hub.now());
        let mut connection = hub.store.acquire().await.unwrap();
        let node = node::find(&mut connection, "COD/cod-mines").await.unwrap().unwrap();
        assert_eq!(node.address, "cod:7402");
        assert_eq!(node.certificate_not_after_us, renewed.not_after.as_microsecond());
        sqlx::query("DELETE FROM node").execute(&mut *connection).await.unwrap();
        drop(connection);
        let error = enrol::renew(&address, &credentials, csr, None).await.unwrap_err();
        assert_eq!(error.code(), Code::RoleForbidden);
    })
    .await;
}

#[tokio::test]
async fn only_the_hash_of_a_secret_is_kept() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let token = hub.invite("COD", "cod-mines").await;
        let mut connection = hub.store.acquire().await.unwrap();
        let row = sqlx::query("SELECT secret_sha256 FROM invitation")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>(0), token.secret.sha256());
        let open = invitation::open(&mut connection, hub.now()).await.unwrap();
        assert_eq!(open.len(), 1);
        let shown = serde_json::to_string(&open).unwrap();
        assert!(!shown.contains(&token.secret.to_text()));
        assert_eq!(open[0].expires_at_us - open[0].created_at_us, 72 * 3_600 * 1_000_000);
    })
    .await;
}

#[tokio::test]
async fn only_members_with_a_name_that_fits_are_invited() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        for (country, name) in [("FRA", "mines"), ("CD", "mines"), ("COD", "Mines"), ("COD", "")] {
            let invited =
                invitation::invite(&hub.store, &hub.config, (country, name), false, hub.now())
                    .await;
            assert_eq!(invited.unwrap_err().exit_code(), Some(64), "{country} {name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_store_belongs_to_one_network() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let other = tempfile::tempdir().unwrap();
        let created =
            super::network::create(&hub.store, other.path(), &hub.config, &hub.clock).await;
        assert!(matches!(created, Err(super::Error::NetworkMismatch { .. })));
        assert!(!other.path().join("ca").exists(), "an authority was made for nothing");
    })
    .await;
}

#[tokio::test]
async fn transactions_are_off_until_the_hub_wants_them() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let id = "COD/cod-mines";
        let levels =
            entitlement::levels(&mut hub.store.acquire().await.unwrap(), id).await.unwrap();
        assert_eq!(levels.of(Entity::MineSite), Level::Live);
        assert_eq!(levels.of(Entity::Lot), Level::Off);
        assert!(levels.wants("master-data") && !levels.wants("transactions"));
        let set = async |feed, entity, level| {
            let mut transaction = hub.store.begin().await.unwrap();
            let set = entitlement::set(&mut transaction, id, feed, entity, level, hub.now()).await;
            transaction.commit().await.unwrap();
            let mut connection = hub.store.acquire().await.unwrap();
            set.map(|_| ())?;
            entitlement::levels(&mut connection, id).await
        };
        let levels = set("transactions", Some("Lot"), Level::Shadow).await.unwrap();
        assert_eq!(levels.of(Entity::Lot), Level::Shadow);
        assert_eq!(levels.of(Entity::ExportDeclaration), Level::Off);
        assert!(levels.wants("transactions"));
        let levels = set("transactions", None, Level::Live).await.unwrap();
        assert_eq!(levels.of(Entity::Lot), Level::Live);
        assert!(set("shared", None, Level::Live).await.is_err());
        let error = set("transactions", Some("MineSite"), Level::Live).await.unwrap_err();
        assert!(error.to_string().contains("Lot, "), "{error}");
    })
    .await;
}
