//! Answers in a node's own feed, landed as they come.

use rmd_standard::Entity;

use crate::{
    cases::{
        ANSWERS, State,
        testing::{ANSWER_DAYS, CD, COD, Office, RW, RWA, pairing, reply},
    },
    follow::testing::{Publisher, Receiver},
    registry::entitlement::{self, Level},
    store::testing::on_each_store,
};

#[tokio::test]
async fn an_answer_moves_the_case_is_shown_and_its_receipt_is_told() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        // Whatever is entitled: here nothing is.
        let mut receiver = Receiver::take(&store, &publisher, Level::Off).await;
        let frame = publisher.publish([reply(&case_id, 1, "pesé humide à la frontière")]);
        let applied = receiver.land(&frame).await;
        assert_eq!((applied.entries, applied.refused), (1, 0));
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!(case.case.state, State::Answered);
        assert_eq!(case.replies[0].text, "pesé humide à la frontière");
        assert_eq!(case.replies[0].attachments[0]["sha256"], "07".repeat(32));
        let last = case.history.last().unwrap();
        assert_eq!((last.actor.as_str(), last.action.as_str()), (RWA, "answered"));
        let notices = office.notices(RWA).await;
        assert_eq!(notices.last().unwrap().answered, [format!("{case_id}/1")]);
        assert_eq!(notices.last().unwrap().state, "answered");
    })
    .await;
}

#[tokio::test]
async fn an_answer_of_another_state_moves_nothing() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(COD, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        receiver.land(&publisher.publish([reply(&case_id, 1, "not mine")])).await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.replies.len()), (State::Sent, 0));
        assert_eq!(office.case(CD).await.case.state, State::Open);
    })
    .await;
}

#[tokio::test]
async fn an_answer_before_its_case_waits_for_it() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = super::super::cause::About::of(&pairing(), RW).unwrap().case_id();
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        // The hub was restored to before its case; the findings come again first.
        office.found(&pairing(), "opened").await;
        receiver.land(&publisher.publish([reply(&case_id, 1, "again")])).await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.replies.len()), (State::Open, 1));
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_long_before_its_findings_is_not_lost() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = super::super::cause::About::of(&pairing(), RW).unwrap().case_id();
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        receiver.land(&publisher.publish([reply(&case_id, 1, "again")])).await;
        office.work().await;
        assert!(office.cases(RW).await.is_empty());
        office.found(&pairing(), "opened").await;
        office.work().await;
        assert_eq!(office.case(RW).await.replies.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_to_its_last_letter() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let text = format!("{}.\nFin", "é".repeat(3_995));
        receiver.land(&publisher.publish([reply(&case_id, 1, &text)])).await;
        office.work().await;
        assert_eq!(office.case(RW).await.replies[0].text, text);
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_is_heard_and_is_late_by_when_it_came() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        // Each says that it was written in time.
        for (number, days) in [(1, i64::from(ANSWER_DAYS)), (2, 1)] {
            office.wait_days(days);
            receiver.land(&publisher.publish([reply(&case_id, number, "in time")])).await;
            office.work().await;
        }
        let case = office.case(RW).await;
        assert_eq!(case.case.state, State::Answered);
        let told = case.history.iter().filter(|event| event.actor == RWA);
        let told: Vec<&str> = told.map(|event| event.action.as_str()).collect();
        assert_eq!(told, ["answered", "answered late"]);
    })
    .await;
}

#[tokio::test]
async fn answers_are_followed_whatever_the_hub_wants_of_records() {
    on_each_store(async |store| {
        let mut transaction = store.begin().await.unwrap();
        for feed in ["master-data", "transactions"] {
            let now = jiff::Timestamp::UNIX_EPOCH;
            entitlement::set(&mut transaction, RWA, feed, None, Level::Off, now).await.unwrap();
        }
        let levels = entitlement::levels(&mut transaction, RWA).await.unwrap();
        assert!(levels.wants(ANSWERS));
        assert!(Entity::ALL.iter().all(|entity| !levels.wants(entity.feed())));
        // Nobody can switch the right of reply off.
        let now = jiff::Timestamp::UNIX_EPOCH;
        let set = entitlement::set(&mut transaction, RWA, ANSWERS, None, Level::Off, now).await;
        assert!(set.is_err());
    })
    .await;
}
