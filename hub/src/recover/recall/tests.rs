//! A node that says it holds entries, and does not give them back.

use std::{sync::Arc, time::Duration};

use futures_util::stream::{self, Empty};
use rmd_feed::{Log, NewEntry};
use rmd_link::{Acceptor, Identity, tls};
use rmd_proto::{
    Code, Fault,
    v1::{
        self,
        recovery_service_server::{RecoveryService, RecoveryServiceServer},
        shared_master_data_service_server::SharedMasterDataServiceServer,
    },
};
use tonic::{Request, Response, Status, Streaming};

use super::*;
use crate::{
    registry::{network, testing::Hub},
    share::testing::{Inbox, port},
    store::testing::on_each_store,
};

struct GivesNothing;

#[tonic::async_trait]
impl RecoveryService for GivesNothing {
    type RecallStream = Empty<Result<v1::RecallResponse, Status>>;

    async fn announce(
        &self,
        _: Request<v1::AnnounceRequest>,
    ) -> Result<Response<v1::AnnounceResponse>, Status> {
        Err(Fault::new(Code::RequestInvalid, "it lost nothing").into())
    }

    async fn r#return(
        &self,
        _: Request<Streaming<v1::ReturnRequest>>,
    ) -> Result<Response<v1::ReturnResponse>, Status> {
        Err(Fault::new(Code::RequestInvalid, "it lost nothing").into())
    }

    async fn recall(
        &self,
        _: Request<RecallRequest>,
    ) -> Result<Response<Self::RecallStream>, Status> {
        Ok(Response::new(stream::empty()))
    }
}

fn entry() -> NewEntry {
    NewEntry {
        entity: "Note".to_owned(),
        key: "1".to_owned(),
        rev: 1,
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1,
        mapping_id: String::new(),
        previous_seq: 0,
        payload: b"note".to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_give_back_what_it_holds_is_not_heard() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let (listener, address) = port().await;
        let credentials = hub.enrol("cod-mines", &address, node_dir.path()).await;
        let key = network::feed_key(hub.dir.path()).unwrap();
        // Signed and given away before the store was put back.
        let inbox = Inbox::new(&key.vkey());
        let mut log = Log::new("shared", EPOCH, OwnFeed::shared().origin("rmd.net/hub"));
        let block = log.append(&[entry()], &key).unwrap();
        inbox.accept(&rmd_feed::frame::build("shared", EPOCH, &[block], 0).unwrap());
        let acceptor = Acceptor::new(&credentials, Identity::is_hub);
        let incoming = tls::incoming(listener, acceptor, hub.lifecycle.soft());
        hub.lifecycle.spawn(
            "node",
            tls::server()
                .add_service(SharedMasterDataServiceServer::new(inbox))
                .add_service(RecoveryServiceServer::new(GivesNothing))
                .serve_with_incoming(incoming),
        );
        let recall = Recall {
            store: hub.store.clone(),
            clock: hub.clock.clone(),
            credentials: hub.credentials.clone(),
            signer: (Arc::new(key), "rmd.net/hub".to_owned()),
            poll: Duration::from_secs(1),
            shutdown: hub.lifecycle.soft(),
        };
        let mut transaction = hub.store.begin().await.unwrap();
        hold::begin(&mut transaction, 1).await.unwrap();
        transaction.commit().await.unwrap();
        let mut connection = hub.store.acquire().await.unwrap();
        let known = node::find(&mut connection, "COD/cod-mines").await.unwrap().unwrap();
        drop(connection);
        let failure = recall.bring_back(&known, &OwnFeed::shared()).await.unwrap_err();
        assert!(matches!(failure, Failure::Short { held: 1, size: 0, .. }), "{failure}");
        recall.hear_all().await.unwrap();
        let waiting = hold::nodes(&mut hub.store.acquire().await.unwrap()).await.unwrap();
        assert_eq!(waiting, ["COD/cod-mines"], "nothing is published until it was heard");
        hub.lifecycle.shutdown().await;
    })
    .await;
}
