//! Cases on each store: opened, asked, answered, decided.

mod answering;
mod around;
mod erasing;
mod hostile;
mod later;
mod private;
mod redacting;

use rmd_reconcile::SubjectKind;

use super::{
    Decision, Error, Ruling, State,
    finding::Known,
    testing::{ANSWER_DAYS, CD, COD, Office, RW, RWA, known, pairing},
};
use crate::store::testing::on_each_store;

/// A ruling with a word.
fn word(office: &Office) -> Decision {
    Decision {
        outcome: String::new(),
        decided_by: "An Analyst".to_owned(),
        reason: "weighed wet at the border".to_owned(),
        document_name: "note.pdf".to_owned(),
        document_sha256: "0a".repeat(32),
        decided_at_us: rmd_runtime::Clock::now(&*office.clock).as_microsecond(),
    }
}

async fn decide(office: &Office, case_id: &str, ruling: Ruling) -> Result<(), Error> {
    let mut transaction = office.store.begin().await.unwrap();
    let today = office.clock_today();
    super::decide(&mut transaction, case_id, ruling, word(office), today).await?;
    transaction.commit().await.unwrap();
    office.work().await;
    Ok(())
}

fn actions(shown: &super::Shown) -> Vec<&str> {
    shown.history.iter().map(|event| event.action.as_str()).collect()
}

#[tokio::test]
async fn a_case_opens_with_its_finding_resolves_with_it_and_reopens_with_it() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = known("R02", SubjectKind::Lot, "RW/T-1/A");
        finding.severity = 2;
        office.found(&finding, "opened").await;
        let other = Known { severity: 3, ..known("R04", SubjectKind::Lot, "RW/T-1/B") };
        office.found(&other, "opened").await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.case.severity), (State::Open, 3));
        assert_eq!((case.case.open_findings, case.case.findings), (2, 2));
        office.found(&other, "closed").await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.case.severity), (State::Open, 2));
        office.found(&finding, "closed").await;
        office.work().await;
        assert_eq!(office.case(RW).await.case.state, State::Resolved);
        office.found(&finding, "reopened").await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!(case.case.state, State::Open);
        let told = ["finding opened", "finding opened", "finding closed", "resolved", "reopened"];
        assert_eq!(actions(&case), told);
        assert!(office.entries(RWA).await.is_empty(), "nobody was asked");
    })
    .await;
}

#[tokio::test]
async fn a_finding_on_two_states_is_a_case_of_each_and_goes_to_neither_by_itself() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let (one, other) = (office.case(RW).await, office.case(CD).await);
        assert_ne!(one.case.case_id, other.case.case_id);
        assert_eq!(one.case.subject_key, "RW/E-1001");
        assert_eq!(other.case.subject_key, "CD/I-SECRET-77");
        assert!(office.entries(RWA).await.is_empty() && office.entries(COD).await.is_empty());
        office.send(&one.case.case_id).await;
        assert_eq!(office.notices(RWA).await.len(), 1);
        assert!(office.entries(COD).await.is_empty(), "the other was not asked");
        let sent = office.case(RW).await;
        assert_eq!((sent.case.state, sent.case.due.as_deref()), (State::Sent, Some("2018-01-31")));
        assert_eq!(sent.notices.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_notice_is_not_sent_again_and_a_changed_one_is_its_next_revision() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = pairing();
        office.sent(&finding).await;
        office.found(&finding, "changed").await;
        office.work().await;
        assert_eq!(office.notices(RWA).await.len(), 1, "nothing that it is told has changed");
        finding.measures[0].number += 1_000_000;
        office.found(&finding, "changed").await;
        office.work().await;
        let entries = office.entries(RWA).await;
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[1].header.rev, entries[1].header.previous_seq), (2, 1));
        office.found(&finding, "closed").await;
        office.work().await;
        let notices = office.notices(RWA).await;
        assert_eq!(notices.last().map(|notice| notice.state.as_str()), Some("resolved"));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_confirmed_before_the_state_was_heard_or_let_its_day_pass() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        let refused = decide(&office, &case_id, Ruling::Confirmed).await.unwrap_err();
        assert!(matches!(refused, Error::NotHeard { due: None, .. }), "{refused}");
        office.send(&case_id).await;
        office.wait_days(i64::from(ANSWER_DAYS));
        let refused = decide(&office, &case_id, Ruling::Confirmed).await.unwrap_err();
        assert!(matches!(refused, Error::NotHeard { due: Some(_), .. }), "{refused}");
        assert!(!office.case(RW).await.case.is_overdue, "a limit day is still inside");
        office.wait_days(1);
        assert!(office.case(RW).await.case.is_overdue);
        decide(&office, &case_id, Ruling::Confirmed).await.unwrap();
        let notices = office.notices(RWA).await;
        let told = notices.last().unwrap();
        let decision = told.decision.as_ref().unwrap();
        assert_eq!((told.state.as_str(), decision.outcome.as_str()), ("confirmed", "confirmed"));
        assert_eq!(decision.reason, "weighed wet at the border");
        assert_eq!(decision.document_sha256, vec![10; 32]);
        let case = office.case(RW).await;
        assert_eq!(actions(&case).last(), Some(&"confirmed"));
        assert_eq!(case.history.last().unwrap().actor, "An Analyst");
    })
    .await;
}

#[tokio::test]
async fn a_false_alarm_needs_no_question_and_a_graver_finding_reopens_it() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let mut finding = Known { severity: 2, ..known("R02", SubjectKind::Lot, "RW/T-1/A") };
        office.found(&finding, "opened").await;
        office.work().await;
        let case_id = office.case(RW).await.case.case_id;
        decide(&office, &case_id[..8], Ruling::FalseAlarm).await.unwrap();
        assert!(office.entries(RWA).await.is_empty(), "who was not asked is not told");
        office.found(&finding, "changed").await;
        office.work().await;
        assert_eq!(office.case(RW).await.case.state, State::FalseAlarm);
        finding.severity = 3;
        office.found(&finding, "changed").await;
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.decision), (State::Open, None));
    })
    .await;
}

#[tokio::test]
async fn after_its_hold_a_case_is_sent_by_itself_where_the_network_says_so() {
    on_each_store(async |store| {
        let office = Office::with(&store, 7).await;
        office.found(&known("R02", SubjectKind::Lot, "RW/T-1/A"), "opened").await;
        office.work().await;
        office.wait_days(6);
        office.work().await;
        assert_eq!(office.case(RW).await.case.state, State::Open);
        office.wait_days(1);
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.case.due.as_deref()), (State::Sent, Some("2018-02-07")));
        assert_eq!(case.history.last().unwrap().actor, "hub");
        assert_eq!(office.notices(RWA).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_came_back_with_its_notice_stands_as_it_stood() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let case_id = office.sent(&pairing()).await;
        decide(&office, &case_id, Ruling::Explained).await.unwrap();
        let entries = office.entries(RWA).await;
        // The backup is from before the case: all of it is gone but the feeds of the hub.
        let mut transaction = store.begin().await.unwrap();
        for forgotten in [
            "DELETE FROM case_file",
            "DELETE FROM case_finding",
            "DELETE FROM case_event",
            "DELETE FROM case_notice",
            "UPDATE case_cursor SET event_id = 0",
        ] {
            sqlx::query(forgotten).execute(&mut *transaction).await.unwrap();
        }
        for entry in &entries {
            super::keep_again(&mut transaction, RWA, entry).await.unwrap();
        }
        transaction.commit().await.unwrap();
        office.work().await;
        let case = office.case(RW).await;
        assert_eq!((case.case.state, case.case.open_findings), (State::Explained, 1));
        assert_eq!(case.decision.unwrap().decided_by, "An Analyst");
        assert_eq!(
            office.entries(RWA).await.len(),
            entries.len(),
            "what was told is not told again"
        );
        office.found(&known("R16", SubjectKind::Export, "RW/E-1001/2"), "opened").await;
        office.work().await;
        assert_eq!(office.case(RW).await.case.state, State::Open, "what is new reopens it");
    })
    .await;
}

#[tokio::test]
async fn a_number_may_be_shortened_as_far_as_it_is_one_case() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        office.found(&pairing(), "opened").await;
        office.work().await;
        let mut connection = store.acquire().await.unwrap();
        let case_id = office.case(RW).await.case.case_id;
        let found =
            super::file::named(&mut connection, &case_id[..6].to_uppercase()).await.unwrap();
        assert_eq!(found.case_id, case_id);
        for unknown in ["", "ab", "zzzzzz", "000000000000"] {
            let error = super::file::named(&mut connection, unknown).await.unwrap_err();
            assert!(matches!(error, Error::Unknown(_)), "{error}");
        }
    })
    .await;
}
