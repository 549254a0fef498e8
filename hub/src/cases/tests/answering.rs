//! Answers in a node's own feed, landed as they come.

use prost::Message as _;
use rmd_proto::v1::{self, Op};
use rmd_standard::Entity;

use crate::{
    cases::{
        ANSWERS, REPLY, State,
        testing::{CD, COD, Office, RW, RWA, pairing},
    },
    follow::testing::{Publisher, Receiver, Said},
    registry::entitlement::{self, Level},
    store::testing::on_each_store,
    verdict,
};

fn reply(case_id: &str, number: u32, text: &str) -> Said {
    let reply = v1::CaseReply {
        case_id: case_id.to_owned(),
        replied_by: "Cadastre minier".to_owned(),
        text: text.to_owned(),
        attachment: vec![v1::CaseAttachment {
            name: "bordereau.pdf".to_owned(),
            sha256: vec![7; 32],
            bytes: 1_234,
        }],
        replied_at_us: 1_514_764_800_000_000,
        notice_seq: 1,
    };
    Said {
        entity: REPLY.to_owned(),
        key: format!("{case_id}/{number}"),
        op: Op::Upsert,
        reason: String::new(),
        payload: reply.encode_to_vec(),
    }
}

#[tokio::test]
async fn an_answer_moves_the_case_is_shown_and_its_receipt_is_told() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        office.send(&case_id).await;
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
        office.found(&pairing(), "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        office.send(&case_id).await;
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
async fn what_cannot_be_read_goes_to_quarantine_with_a_verdict_and_holds_nothing_up() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        office.send(&case_id).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let unread = |key: &str, payload: &[u8]| Said {
            key: key.to_owned(),
            payload: payload.to_vec(),
            ..reply(&case_id, 9, "")
        };
        let applied = receiver
            .land(&publisher.publish([
                unread("no-number", &[1]),
                unread(&format!("{case_id}/2"), &[0xff]),
                reply(&case_id, 3, &"é".repeat(4_001)),
                Said { entity: "Appeal".to_owned(), ..reply(&case_id, 4, "later") },
                reply(&case_id, 5, &"é".repeat(4_000)),
            ]))
            .await;
        assert_eq!((applied.entries, applied.refused), (5, 4));
        office.work().await;
        assert_eq!(office.case(RW).await.replies.len(), 1);
        let judge = verdict::Judge::new(
            store.clone(),
            office.clock.clone(),
            (
                std::sync::Arc::new(rmd_feed::FeedKey::generate("rmd.net/hub").unwrap()),
                "rmd.net/hub".to_owned(),
            ),
        );
        while judge.step().await.unwrap() {}
        let entries = office.entries(RWA).await;
        let told = entries.iter().filter(|entry| entry.header.entity == "Verdict").count();
        assert_eq!(told, 4, "each is told");
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
