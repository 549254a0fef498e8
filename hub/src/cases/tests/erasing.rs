//! What owners have erased goes from notices and answers too.

use prost::Message as _;
use rmd_feed::Body;
use rmd_proto::v1::{self, Op};

use crate::{
    cases::{
        ANSWERS, NOTICE,
        testing::{Office, RW, RWA, pairing, record, said},
    },
    follow::testing::{Publisher, Receiver, Said},
    regional::Owner,
    registry::entitlement::Level,
    store::testing::on_each_store,
};

fn erasure(seqs: &[(u64, u64)]) -> v1::Erasure {
    let erased = seqs.iter().map(|(seq, rev)| v1::ErasedEntry {
        epoch: 1,
        seq: *seq,
        rev: *rev,
        seal: Vec::new(),
    });
    v1::Erasure {
        ground: v1::ErasureGround::PersonalData.into(),
        document_sha256: Vec::new(),
        erased: erased.collect(),
        executed: None,
    }
}

#[tokio::test]
async fn a_notice_loses_its_payload_with_a_record_that_it_names_and_says_so() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = pairing();
        let case_id = office.sent(&finding).await;
        finding.measures[0].number += 1_000_000;
        office.found(&finding, "changed").await;
        office.work().await;
        assert_eq!(office.notices(RWA).await.len(), 2);
        let (entity, record_key) = ("ExportDeclaration".to_owned(), "RW/E-1001/1".to_owned());
        let owner = Owner {
            node_id: RWA.to_owned(),
            country: RW.to_owned(),
            feed: "transactions".to_owned(),
            epoch: 1,
        };
        let order = crate::erase::Order { entity, record_key, seq: 2, message: erasure(&[(1, 1)]) };
        let mut transaction = store.begin().await.unwrap();
        crate::erase::execute(&mut transaction, &owner, &[order], 1).await.unwrap();
        transaction.commit().await.unwrap();
        finding.evidence[0].is_there = false;
        office.found(&finding, "closed").await;
        office.work().await;
        let entries = office.entries(RWA).await;
        let of_case: Vec<_> = entries.iter().filter(|one| one.header.entity == NOTICE).collect();
        assert!(of_case[..2].iter().all(|entry| entry.body == Body::Erased));
        assert_eq!(of_case[2].op(), Op::Erase);
        let told = rmd_feed::erase::read(of_case[2]).unwrap();
        assert_eq!(told.erased.iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 2]);
        // The case goes on, and nothing of the record is in what is told of it.
        let after = v1::CaseNotice::decode(of_case[3].payload().unwrap()).unwrap();
        assert_eq!(after.state, "resolved");
        assert!(after.finding[0].measure.is_empty(), "{after:?}");
        assert!(!after.finding[0].en.contains("1201"), "{after:?}");
        assert!(office.case(RW).await.case.case_id == case_id);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_its_state_erased_leaves_no_word() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let reply = v1::CaseReply {
            case_id: case_id.clone(),
            replied_by: "K. Mirambo".to_owned(),
            text: "ask K. Mirambo".to_owned(),
            ..v1::CaseReply::default()
        };
        receiver.land(&publisher.publish([said(&reply, 1)])).await;
        office.work().await;
        assert_eq!(office.case(RW).await.replies[0].replied_by, "K. Mirambo");
        let payload = erasure(&[(1, 1)]).encode_to_vec();
        let order = Said { op: Op::Erase, payload, ..said(&reply, 1) };
        let applied = receiver.land(&publisher.publish([order])).await;
        assert_eq!(applied.refused, 0);
        office.work().await;
        let replies = office.case(RW).await.replies;
        assert_eq!((replies.len(), replies[0].text.as_str()), (1, ""));
        assert_eq!(replies[0].replied_by, "");
    })
    .await;
}

#[tokio::test]
async fn a_notice_goes_with_a_record_that_it_rests_on_and_does_not_list() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = pairing();
        let more = (0..40).map(|number| record("Lot", &format!("RW/T-1/{number:02}"), RW));
        finding.evidence.extend(more);
        office.sent(&finding).await;
        let listed = &office.notices(RWA).await[0].finding[0].record;
        assert!(listed.len() == 32 && listed.iter().all(|one| one.record_key != "RW/T-1/39"));
        let mut transaction = store.begin().await.unwrap();
        let lot = ("Lot", "RW/T-1/39");
        crate::cases::erase(&mut transaction, RWA, lot, "personal-data").await.unwrap();
        transaction.commit().await.unwrap();
        assert!(office.notices(RWA).await.is_empty());
    })
    .await;
}
