//! Nodes that are enrolled, or come back, after a case was sent.

use rmd_reconcile::SubjectKind;

use super::{Ruling, State, decide};
use crate::{
    cases::{
        finding::Known,
        testing::{Office, RW, RWA, known, pairing},
    },
    registry::standing::State as Standing,
    store::testing::on_each_store,
};

const LATER: &str = "RWA/rwa-trade";

#[tokio::test]
async fn a_node_that_comes_later_is_told_what_its_state_was_told() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let told = office.sent(&pairing()).await;
        decide(&office, &told, Ruling::Explained).await.unwrap();
        // Found, and asked of nobody.
        office.found(&known("R02", SubjectKind::Lot, "RW/T-1/A"), "opened").await;
        office.work().await;
        office.enrol(LATER).await;
        office.work().await;
        let (first, later) = (office.notices(RWA).await, office.notices(LATER).await);
        assert_eq!(later, first[1..], "how it stands, once");
        assert_eq!(later[0].state, "explained");
        office.work().await;
        assert_eq!(office.entries(LATER).await.len(), 1);
        assert_eq!(office.entries(RWA).await.len(), 2, "who had it is not told again");
    })
    .await;
}

#[tokio::test]
async fn no_day_passes_for_a_state_before_it_has_a_node_that_can_be_asked() {
    on_each_store(async |store| {
        let office = Office::with(&store, 1).await;
        let finding = Known {
            country: "UG".to_owned(),
            evidence: Vec::new(),
            ..known("R26", SubjectKind::Period, "UG/2017-11/transactions")
        };
        office.found(&finding, "opened").await;
        office.work().await;
        office.wait_days(90);
        office.work().await;
        assert_eq!(office.case("UG").await.case.state, State::Open);
        office.enrol("UGA/uga-mines").await;
        office.work().await;
        let case = office.case("UG").await;
        assert_eq!((case.case.state, case.case.due.as_deref()), (State::Sent, Some("2018-05-01")));
        assert_eq!(office.notices("UGA/uga-mines").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_was_revoked_is_told_what_it_missed_once_it_is_back() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.work().await;
        office.stand(RWA, Standing::Revoked).await;
        office.enrol(LATER).await;
        let case_id = office.sent(&pairing()).await;
        assert!(office.entries(RWA).await.is_empty());
        assert_eq!(office.notices(LATER).await[0].case_id, case_id);
        office.stand(RWA, Standing::Active).await;
        office.work().await;
        assert_eq!(office.notices(RWA).await, office.notices(LATER).await);
        assert_eq!(office.case(RW).await.notices.len(), 2);
    })
    .await;
}
