//! A state that would learn of another one, and a node that says what it likes.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_proto::v1::{self, Op};
use rmd_reconcile::Measure;
use sqlx::Row as _;

use crate::{
    cases::{
        ANSWERS, State,
        cause::About,
        finding::Known,
        testing::{CD, COD, Office, RW, RWA, pairing, record, reply, said},
    },
    follow::testing::{Publisher, Receiver, Said},
    registry::entitlement::Level,
    store::testing::on_each_store,
    verdict,
};

/// Said in no message about an answer.
const WORDS: &str = "K-Mirambo-in-confidence";

/// An answer that is right but for one thing.
fn wrong(case_id: &str, number: u32, change: impl FnOnce(&mut v1::CaseReply)) -> Said {
    let mut wrong = v1::CaseReply::decode(&*reply(case_id, number, WORDS).payload).unwrap();
    let key = said(&wrong, number).key;
    change(&mut wrong);
    Said { key, ..said(&wrong, number) }
}

/// Answers that are none, each with the field that says so.
fn no_answers(case_id: &str) -> Vec<(Said, &'static str)> {
    let of_key = |key: String| (Said { key, ..reply(case_id, 1, WORDS) }, "key");
    let text = |number, text: String| (wrong(case_id, number, |one| one.text = text), "text");
    let by = |number, name: &str| {
        (wrong(case_id, number, |one| one.replied_by = name.to_owned()), "replied_by")
    };
    let document = |number, field, change: fn(&mut v1::CaseAttachment)| {
        (wrong(case_id, number, |one| change(&mut one.attachment[0])), field)
    };
    let mut all = vec![
        of_key("no-number".to_owned()),
        of_key(format!("{case_id}/0")),
        of_key(format!("{case_id}/1x")),
        of_key(format!("{case_id}/01")),
        of_key(format!("{case_id}/101")),
        of_key(format!("{}/1", case_id.to_uppercase())),
        of_key(format!("{}/1", &case_id[..31])),
        text(11, String::new()),
        text(12, " \n\t".to_owned()),
        text(13, "é".repeat(4_001)),
        text(14, WORDS.repeat(17_000)),
        text(15, format!("{WORDS}\u{1b}[2J")),
        text(16, format!("{WORDS}\0")),
        text(17, format!("{WORDS}\u{202e}")),
        by(21, ""),
        by(22, &WORDS.repeat(10)),
        by(23, "Cadastre\nminier"),
        document(31, "attachment.sha256", |one| one.sha256 = vec![7; 31]),
        document(32, "attachment.sha256", |one| one.sha256 = Vec::new()),
        document(33, "attachment.bytes", |one| one.bytes = 0),
        document(34, "attachment.name", |one| one.name = String::new()),
        document(35, "attachment.name", |one| one.name = format!("{WORDS}\u{7}")),
        (wrong(case_id, 41, |one| one.case_id = "0".repeat(32)), "case_id"),
        (Said { payload: vec![0xff], ..reply(case_id, 42, "") }, "payload"),
        (Said { op: Op::Tombstone, payload: Vec::new(), ..reply(case_id, 43, "") }, "op"),
    ];
    let many = |one: &mut v1::CaseReply| one.attachment = vec![one.attachment[0].clone(); 33];
    all.push((wrong(case_id, 44, many), "attachment"));
    all
}

#[tokio::test]
async fn what_is_no_answer_moves_nothing_and_its_field_is_told_without_its_words() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let all = no_answers(&case_id);
        let fields: Vec<&str> = all.iter().map(|(_, field)| *field).collect();
        for (said, field) in all {
            let applied = receiver.land(&publisher.publish([said])).await;
            assert_eq!(applied.refused, 1, "{field}");
        }
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.replies.len()), (State::Sent, 0));
        let mut connection = store.acquire().await.unwrap();
        let refused = sqlx::query("SELECT findings FROM quarantine ORDER BY seq");
        let refused = refused.fetch_all(&mut *connection).await.unwrap();
        let refused: Vec<String> = refused.iter().map(|row| row.get(0)).collect();
        let paths: Vec<String> = refused
            .iter()
            .map(|findings| crate::regional::findings::read(findings).unwrap().remove(0).path)
            .collect();
        assert_eq!(paths, fields);
        assert!(refused.iter().all(|findings| !findings.contains(WORDS)), "{refused:?}");
        drop(connection);
        tell(&office).await;
        let told = verdicts(&office).await;
        assert!(told.len() >= 20 && told.iter().all(|one| one.finding[0].rule == "HUB-ANSWER"));
        for finding in told.iter().flat_map(|one| &one.finding) {
            assert!(finding.en.contains(&finding.path) && finding.fr.contains(&finding.path));
            assert_ne!(finding.en, finding.fr);
        }
    })
    .await;
}

/// Judges what was refused, as the running hub does.
async fn tell(office: &Office) {
    let key = std::sync::Arc::new(rmd_feed::FeedKey::generate("rmd.net/hub").unwrap());
    let signer = (key, "rmd.net/hub".to_owned());
    let judge = verdict::Judge::new(office.store.clone(), office.clock.clone(), signer);
    while judge.step().await.unwrap() {}
}

async fn verdicts(office: &Office) -> Vec<v1::Verdict> {
    let entries = office.entries(RWA).await;
    let verdicts = entries.iter().filter(|entry| entry.header.entity == "Verdict");
    verdicts.map(|entry| v1::Verdict::decode(entry.payload().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn an_answer_is_never_replaced_and_a_frame_that_comes_again_says_nothing_new() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let first = publisher.publish([reply(&case_id, 1, "as it was said")]);
        receiver.land(&first).await;
        assert!(receiver.try_land(&first).await.unwrap().is_none(), "it is known");
        // The same key again is its next revision.
        let again = publisher.publish([reply(&case_id, 1, "as it should have been said")]);
        assert_eq!(receiver.land(&again).await.refused, 1);
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!(case.replies.len(), 1);
        assert_eq!(case.replies[0].text, "as it was said");
        assert_eq!(case.history.iter().filter(|event| event.action == "answered").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_case_of_another_state_and_one_that_is_not_there_are_the_same_to_a_node() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        // Its number follows from names that others may know.
        let case_id = office.sent(&pairing()).await;
        let (told, before) = (office.entries(RWA).await.len(), office.case(RW).await);
        let mut publisher = Publisher::new(COD, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        let frame =
            publisher.publish([reply(&case_id, 1, WORDS), reply(&"0".repeat(32), 1, WORDS)]);
        assert_eq!(receiver.land(&frame).await.refused, 0);
        office.work().await;
        tell(&office).await;
        assert!(office.entries(COD).await.is_empty(), "nothing is said of either");
        assert_eq!((office.case(RW).await, office.entries(RWA).await.len()), (before, told));
    })
    .await;
}

#[test]
fn the_number_of_a_case_follows_from_nothing_of_another_state() {
    let numbers: BTreeSet<String> = (0..20)
        .map(|other| {
            let mut finding = pairing();
            finding.evidence[1] = record("ImportDeclaration", &format!("CD/I-{other}/1"), CD);
            finding.evidence[1].digest = format!("{other:064}");
            finding.finding_id = format!("{other:064}");
            About::of(&finding, RW).unwrap().case_id()
        })
        .collect();
    assert_eq!(numbers.len(), 1);
}

/// The own number changes by a new revision of the own declaration.
fn revised(own_mg: i64, rev: u64) -> Known {
    let mut finding = pairing();
    finding.measures[0] = Measure::mass("out", own_mg.into());
    finding.evidence[0].rev = rev;
    finding
}

/// Every band that a node was ever told.
async fn bands(office: &Office) -> Vec<(u32, u32)> {
    let notices = office.notices(RWA).await;
    let others = notices.iter().flat_map(|one| &one.finding).flat_map(|one| &one.other);
    let bands = others.map(|one| (one.difference_from_ppm, one.difference_to_ppm));
    bands.filter(|band| *band != (0, 0)).collect()
}

#[tokio::test]
async fn who_changes_its_own_number_again_and_again_is_told_one_band_for_each_question() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&revised(1_200_000_000, 1)).await;
        assert_eq!(bands(&office).await, [(100_000, 250_000)]);
        let mut publisher = Publisher::new(RWA, ANSWERS);
        let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
        // Halving: each answer would tell on which side of an edge the other number is.
        for rev in 2..10 {
            let own = 900_000_000 + i64::try_from(rev).unwrap() * 50_000_000;
            office.found(&revised(own, rev), "changed").await;
            let number = u32::try_from(rev).unwrap();
            receiver.land(&publisher.publish([reply(&case_id, number, "corrected")])).await;
            office.work().await;
        }
        // And so would a declaration of another number in the place of this one.
        let mut other = Known { finding_id: "another".to_owned(), ..revised(1_000_000_000, 1) };
        other.evidence[0].key = "RW/E-1001/2".to_owned();
        other.subject.key = "RW/E-1001/2".to_owned();
        office.found(&other, "opened").await;
        office.work().await;
        let notices = office.notices(RWA).await;
        assert!(notices.len() > 8, "the own numbers are told as they are");
        assert!(notices.last().unwrap().finding[0].en.contains("(not told)"), "{notices:?}");
        assert_eq!(bands(&office).await.len(), 1);
        office.send(&case_id).await;
        assert_eq!(bands(&office).await.len(), 3, "an officer asks about both");
    })
    .await;
}

#[tokio::test]
async fn what_another_state_changes_within_a_band_shows_in_nothing_not_even_in_a_revision() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = pairing();
        office.sent(&finding).await;
        let before = office.entries(RWA).await;
        for (rev, into) in [(2, 990_000_001), (3, 970_000_000), (4, 1_079_999_999)] {
            finding.evidence[1].rev = rev;
            finding.evidence[1].digest = format!("{rev:064}");
            finding.measures[2] = Measure::mass("into", into);
            office.found(&finding, "changed").await;
            office.work().await;
        }
        assert_eq!(office.entries(RWA).await.len(), before.len());
    })
    .await;
}

/// A finding on one line of a declaration.
fn of_line(finding_id: &str, line: u32) -> Known {
    let mut finding = Known { finding_id: finding_id.to_owned(), ..pairing() };
    finding.subject.key = format!("RW/E-1001/{line}");
    finding.evidence[0].key = finding.subject.key.clone();
    finding
}

#[tokio::test]
async fn findings_are_told_in_an_order_that_follows_from_what_is_told_alone() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut told: Vec<Vec<String>> = Vec::new();
        for ids in [["aa", "bb"], ["bb", "aa"]] {
            office.found(&of_line(ids[0], 1), "opened").await;
            office.found(&of_line(ids[1], 2), "opened").await;
            office.work().await;
            let case_id = office.case(RW).await.case.case_id;
            office.send(&case_id).await;
            let last = office.notices(RWA).await.pop().unwrap();
            told.push(last.finding.iter().map(|one| one.record[0].record_key.clone()).collect());
        }
        let expected: Vec<String> = ["RW/E-1001/1", "RW/E-1001/2"].map(str::to_owned).into();
        assert_eq!(told, [expected.clone(), expected]);
    })
    .await;
}
