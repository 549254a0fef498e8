//! Answers that are erased by order: gone from blocks and table, and never from the log.

use rmd_feed::{Body, frame};
use rmd_proto::v1::Op;

use super::{CASE, answers_of, say};
use crate::journal::{
    ANSWERS, Journal, answers,
    erase::{EraseError, Ground, Outcome, ReplyOrder, list},
    testing::TestJournal,
    verify,
};

/// In an answer, and nowhere else.
const MARKER: &str = "K-Mirambo-4711";

async fn erase(journal: &Journal, reply_key: &str) -> Result<Outcome, EraseError> {
    let order = ReplyOrder {
        reply_key,
        ground: Ground::PersonalData,
        document: Some([5; 32]),
        by: "Greffe",
        reason: "requête 12",
    };
    journal.erase_reply(order).await
}

/// The payloads of the feed, as texts.
async fn payloads(journal: &Journal) -> Vec<String> {
    let (_, entries) = answers_of(journal).await;
    let payloads = entries.iter().map(|entry| entry.payload().unwrap_or_default());
    payloads.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

async fn texts(journal: &Journal) -> Vec<String> {
    let all = answers::of_case(journal.store(), CASE).await.unwrap();
    all.into_iter().map(|(_, reply)| reply.text).collect()
}

#[tokio::test]
async fn an_answer_goes_from_blocks_and_table_and_the_feed_verifies() {
    let test = TestJournal::new().await;
    let journal = &test.journal;
    say(journal, "one").await;
    let key = say(journal, MARKER).await.reply_key;
    say(journal, "three").await;
    let planned = journal.plan_reply_erasure(&key).await.unwrap();
    assert_eq!((planned.entries.len(), planned.entries[0].seq), (1, 2));
    assert!(payloads(journal).await[1].contains(MARKER), "a plan changes nothing");
    let done = erase(journal, &key).await.unwrap();
    assert_eq!((done.seq, done.planned), (Some(4), planned));
    let (_, entries) = answers_of(journal).await;
    assert_eq!((&entries[1].body, entries[3].op()), (&Body::Erased, Op::Erase));
    assert_eq!((entries[3].header.rev, entries[3].header.previous_seq), (2, 2));
    let order = rmd_feed::erase::read(&entries[3]).unwrap();
    assert_eq!(order.erased.iter().map(|one| one.seq).collect::<Vec<_>>(), [2]);
    assert!(payloads(journal).await.iter().all(|text| !text.contains(MARKER)));
    assert_eq!(texts(journal).await, ["one", "", "three"]);
    let (owner, verifier) = (&journal.owner().name, test.key.verifier());
    let proven = verify::verify(journal.store(), owner, &verifier, &|_, _, _| ()).await.unwrap();
    assert!(proven.iter().all(|feed| feed.fault.is_none()), "{proven:?}");
    let again = erase(journal, &key).await.unwrap();
    assert_eq!((again.seq, again.planned.erased_before), (None, 1));
    let unknown = erase(journal, &format!("{CASE}/9")).await;
    assert!(matches!(unknown, Err(EraseError::NoAnswer(_))), "{unknown:?}");
    let listed = list(journal.store()).await.unwrap();
    assert_eq!((listed[0].entity.as_str(), listed[0].erased_by.as_str()), ("CaseReply", "Greffe"));
    // The next answer has the next number.
    assert_eq!(say(journal, "four").await.reply_key, format!("{CASE}/4"));
}

#[tokio::test]
async fn a_case_is_answered_so_often_and_an_erased_answer_counts() {
    let test = TestJournal::new().await;
    let journal = &test.journal;
    for _ in 0..answers::TO_ONE_CASE_MAX {
        say(journal, "again").await;
    }
    erase(journal, &format!("{CASE}/100")).await.unwrap();
    let refused = journal.answer(CASE, |_| Vec::new()).await.unwrap_err().to_string();
    assert!(refused.contains("has 100 answers already") && refused.contains("a déjà 100"));
    assert_eq!(texts(journal).await.len(), 100);
    assert!(journal.answer(&CASE.replace('0', "1"), |_| vec![1]).await.is_ok());
}

#[tokio::test]
async fn an_order_comes_back_with_the_feed_and_one_in_a_lost_tail_is_given_again() {
    let test = TestJournal::new().await;
    let key = say(&test.journal, MARKER).await.reply_key;
    let before = answers_of(&test.journal).await.0;
    erase(&test.journal, &key).await.unwrap();
    let (whole, _) = answers_of(&test.journal).await;
    // A store from before the order, and the feed as the hub has it.
    let lost = TestJournal::live_with(test.key.clone()).await;
    assert_eq!(lost.journal.adopt(&before).await.unwrap(), 1);
    assert_eq!(texts(&lost.journal).await, [MARKER]);
    assert_eq!(lost.journal.adopt(&whole).await.unwrap(), 2);
    assert_eq!(texts(&lost.journal).await, [""]);
    let stored = payloads(&lost.journal).await;
    assert!(stored.iter().all(|text| !text.contains(MARKER)));
    assert_eq!(list(lost.journal.store()).await.unwrap().len(), 1);
    // What was erased stays so when the order itself is given up; it is named again.
    let folder = tempfile::tempdir().unwrap();
    test.journal.discard(ANSWERS, 1, folder.path()).await.unwrap().unwrap();
    let planned = test.journal.plan_reply_erasure(&key).await.unwrap();
    assert_eq!((planned.entries.len(), planned.erased_before), (1, 0));
    assert_eq!(erase(&test.journal, &key).await.unwrap().seq, Some(2));
    let (whole, _) = answers_of(&test.journal).await;
    assert_eq!(frame::open(&whole).unwrap().len(), 2);
}
