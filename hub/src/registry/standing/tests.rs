//! An officer's word about a node, and what follows from it, over real sockets.

use jiff::SignedDuration;
use rmd_link::{Credentials, enrol, keys};
use rmd_proto::Code;

use super::*;
use crate::{
    recover::{dispute, hold},
    registry::{
        invitation,
        testing::{Applicant, Hub},
    },
    store::testing::on_each_store,
};

const NODE: &str = "COD/cod-mines";

fn word() -> Word {
    Word::new("A. Officer", "The machine was stolen").unwrap()
}

async fn set(hub: &Hub, state: State) -> Result<Standing, Error> {
    let mut transaction = hub.store.begin().await.unwrap();
    let now = hub.now();
    let standing = match state {
        State::Active => resume(&mut transaction, NODE, &word(), now).await,
        State::Suspended => suspend(&mut transaction, NODE, &word(), now).await,
        State::Revoked => revoke(&mut transaction, NODE, &word(), now).await,
    };
    transaction.commit().await.unwrap();
    certificates::deny(&hub.store, &hub.credentials).await.unwrap();
    standing
}

async fn renewal(hub: &Hub, credentials: &Credentials) -> Result<(), Code> {
    let address = hub.serve_enrolment().await.to_string();
    let identity = credentials.identity().unwrap();
    let (_, csr) = keys::new_key_and_csr(&identity).unwrap();
    let renewed = enrol::renew(&address, credentials, csr, None).await;
    renewed.map(|_| ()).map_err(|error| error.code())
}

async fn standing(hub: &Hub) -> Standing {
    of(&mut hub.store.acquire().await.unwrap(), NODE).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_node_can_neither_renew_nor_use_an_invitation_from_before() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let dir = tempfile::tempdir().unwrap();
        let credentials = hub.enrol("cod-mines", "cod:7402", dir.path()).await;
        renewal(&hub, &credentials).await.unwrap();
        let before = hub.invite("COD", "cod-mines").await;
        hub.manual.advance(SignedDuration::from_mins(1));
        let mut transaction = hub.store.begin().await.unwrap();
        hold::begin(&mut transaction, 1).await.unwrap();
        transaction.commit().await.unwrap();
        let stands = set(&hub, State::Revoked).await.unwrap();
        let mut connection = hub.store.acquire().await.unwrap();
        assert!(hold::nodes(&mut connection).await.unwrap().is_empty(), "nobody asks it any more");
        let shown = crate::status::nodes(&mut connection).await.unwrap();
        assert_eq!(shown[0].standing, stands);
        drop(connection);
        assert_eq!(
            (stands.state, stands.decided_by.as_deref()),
            (State::Revoked, Some("A. Officer"))
        );
        assert_eq!(renewal(&hub, &credentials).await, Err(Code::CertificateRevoked));
        let address = hub.serve_enrolment().await;
        let applicant = Applicant::new(&before);
        let error = applicant.certify(&before, address, "", &hub.clock).await.unwrap_err();
        assert_eq!(error.code(), Code::TokenExpired);
        let open = invitation::open(&mut hub.store.acquire().await.unwrap(), hub.now()).await;
        assert!(open.unwrap().is_empty());
        for state in [State::Active, State::Suspended] {
            assert!(matches!(set(&hub, state).await, Err(Error::Revoked(_))));
        }
        // A repeat keeps the first word.
        hub.manual.advance(SignedDuration::from_mins(1));
        assert_eq!(set(&hub, State::Revoked).await.unwrap(), stands);
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_invitation_brings_a_revoked_node_back_and_its_old_certificates_stay_void() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let mut applicant = Applicant::new(&token);
        let first = applicant.certify(&token, address, "cod:1", &hub.clock).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        Credentials::store(dir.path(), &applicant.key_pem, &first.chain_der, &first.roots_der)
            .unwrap();
        let old = Credentials::load(dir.path(), hub.clock.clone()).unwrap();
        hub.manual.advance(SignedDuration::from_mins(1));
        set(&hub, State::Revoked).await.unwrap();
        hub.manual.advance(SignedDuration::from_mins(1));
        let again = hub.invite("COD", "cod-mines").await;
        let fresh = Applicant::new(&again);
        (applicant.key_pem, applicant.csr_der) = (fresh.key_pem, fresh.csr_der);
        let second = applicant.certify(&again, address, "cod:1", &hub.clock).await.unwrap();
        certificates::deny(&hub.store, &hub.credentials).await.unwrap();
        assert_eq!(standing(&hub).await.state, State::Active);
        assert_eq!(renewal(&hub, &old).await, Err(Code::CertificateRevoked));
        Credentials::store(dir.path(), &applicant.key_pem, &second.chain_der, &second.roots_der)
            .unwrap();
        let new = Credentials::load(dir.path(), hub.clock.clone()).unwrap();
        assert_eq!(renewal(&hub, &new).await, Ok(()));
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_on_no_list_is_known_by_its_end() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let dir = tempfile::tempdir().unwrap();
        let credentials = hub.enrol("cod-mines", "cod:7402", dir.path()).await;
        // As a certificate of a version that kept no list.
        let mut transaction = hub.store.begin().await.unwrap();
        sqlx::query("DELETE FROM issued_certificate").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        hub.manual.advance(SignedDuration::from_mins(1));
        set(&hub, State::Revoked).await.unwrap();
        hub.manual.advance(SignedDuration::from_mins(1));
        let mut transaction = hub.store.begin().await.unwrap();
        admitted(&mut transaction, NODE, hub.now()).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(standing(&hub).await.state, State::Active);
        assert_eq!(renewal(&hub, &credentials).await, Err(Code::CertificateRevoked));
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_node_keeps_its_certificate_and_is_given_nothing_until_it_is_resumed() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let dir = tempfile::tempdir().unwrap();
        let credentials = hub.enrol("cod-mines", "cod:7402", dir.path()).await;
        set(&hub, State::Suspended).await.unwrap();
        let refused =
            async || dispute::of_node(&mut hub.store.acquire().await.unwrap(), NODE).await.unwrap();
        let fault = refused().await.unwrap();
        assert!(fault.message.contains("node resume") && fault.message.contains("suspendu"));
        assert_eq!(renewal(&hub, &credentials).await, Ok(()));
        set(&hub, State::Active).await.unwrap();
        assert_eq!(refused().await, None);
        assert!(matches!(
            revoke(&mut hub.store.acquire().await.unwrap(), "UGA/none", &word(), hub.now()).await,
            Err(Error::NodeUnknown(_))
        ));
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_comes_with_a_new_key_leaves_no_good_certificate_behind() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let dir = tempfile::tempdir().unwrap();
        let old = hub.enrol("cod-mines", "cod:7402", dir.path()).await;
        let invited =
            invitation::invite(&hub.store, &hub.config, ("COD", "cod-mines"), true, hub.now());
        let token = invited.await.unwrap().token;
        let address = hub.serve_enrolment().await;
        let applicant = Applicant::new(&token);
        applicant.certify(&token, address, "cod:7402", &hub.clock).await.unwrap();
        // The acceptor has no list yet; the store has.
        assert_eq!(renewal(&hub, &old).await, Err(Code::CertificateRevoked));
        hub.lifecycle.shutdown().await;
    })
    .await;
}
