//! What was known when: revisions that come later, contradict or say nothing.

use super::*;

#[test]
fn what_was_not_yet_known_has_no_influence() {
    let history = Site::now(Green, "2016-01-01").visit("2016-01-01", Green).history();
    let history = history
        .with_revision(
            &Site::now(Red, "2016-03-01").change("2016-01-01", Green).0,
            at("2016-09-01"),
        )
        .with_decision(DecisionEvent {
            known_at: at("2016-11-01"),
            ..decision(Yellow, "2016-02-01", false)
        });
    let known = |known| effective(&history, day("2016-03-15"), at(known), &Policy::default());
    assert_eq!(known("2009-01-01").status, Unspecified);
    assert_eq!(known("2009-01-01").reason, Reason::Unknown);
    assert_eq!(known("2016-08-31").status, Green);
    assert_eq!(known("2016-09-01").status, Red);
    let early = effective(&history, day("2016-02-15"), at("2016-10-01"), &Policy::default());
    assert_eq!(early.status, Green);
    let late = effective(&history, day("2016-02-15"), at("2016-11-01"), &Policy::default());
    assert_eq!(late.status, Yellow);
}

#[test]
fn an_undated_status_counts_from_the_first_revision_that_says_so() {
    let undated = Site::now(Green, "").0;
    let history = SiteHistory::new(&undated, at("2016-01-01"));
    let history = history.with_revision(&undated, at("2016-12-01"));
    let on = |history: &SiteHistory, on| {
        effective(history, day(on), at("2030-01-01"), &Policy::default()).status
    };
    assert_eq!(on(&history, "2017-01-01"), Green);
    assert_eq!(on(&history, "2017-01-02"), Blue);
    // Red in between: what is Green after it was said anew.
    let red = Site::now(Red, "2016-06-01").0;
    let history = SiteHistory::new(&undated, at("2016-01-01"))
        .with_revision(&red, at("2016-06-02"))
        .with_revision(&undated, at("2016-12-01"));
    assert_eq!(on(&history, "2017-12-01"), Green);
    assert_eq!(on(&history, "2017-12-02"), Blue);
    // Said before what contradicts it, and still said after it became known.
    let contrary = Site::now(Green, "").change("2016-06-01", Red).0;
    let history = SiteHistory::new(&undated, at("2016-01-01"));
    let history = history.with_revision(&contrary, at("2016-12-01"));
    assert_eq!(on(&history, "2016-07-01"), Red);
    assert_eq!(on(&history, "2016-12-01"), Green);
}

#[test]
fn what_was_said_of_days_of_which_a_later_revision_says_nothing_stays_said() {
    let history = SiteHistory::new(&Site::now(Green, "2016-01-01").0, at("2016-01-02"))
        .with_revision(&Site::now(Yellow, "2016-03-05").0, at("2016-04-01"))
        .with_revision(&Site::now(Green, "2016-03-20").0, at("2016-04-01"));
    let on = |on, known| effective(&history, day(on), at(known), &Policy::default());
    let now = |day| (on(day, "2030-01-01").status, on(day, "2030-01-01").until);
    assert_eq!(now("2015-12-31").0, Unspecified);
    assert_eq!(now("2016-03-04"), (Green, Some(date(2016, 3, 4))));
    assert_eq!(now("2016-03-05"), (Yellow, Some(date(2016, 3, 19))));
    assert_eq!(now("2016-03-20"), (Green, Some(date(2017, 3, 20))));
    assert_eq!(on("2016-03-05", "2016-03-31").status, Green, "nobody had said it");
    // Withdrawn, all of it is taken back; said again, it counts from there.
    let silent = rmd_proto::v1::MineSite::default();
    let history = history.with_revision(&silent, at("2016-05-01"));
    let history = history.with_revision(&Site::now(Red, "2016-06-01").0, at("2016-06-01"));
    let on = |on, known| effective(&history, day(on), at(known), &Policy::default()).status;
    assert_eq!(on("2016-03-10", "2016-04-30"), Yellow);
    assert_eq!(on("2016-03-10", "2016-05-01"), Unspecified);
    assert_eq!(
        (on("2016-05-31", "2016-06-01"), on("2016-06-01", "2016-06-01")),
        (Unspecified, Red)
    );
}

#[test]
fn an_undated_change_counts_from_the_day_on_which_it_was_said() {
    let undated = |status| Site::now(status, "").0;
    let late = at("2016-04-01");
    let history = SiteHistory::new(&undated(Green), at("2016-01-01"))
        .with_revision_said(&undated(Yellow), late, at("2016-03-05"))
        .with_revision_said(&undated(Green), late, at("2016-03-20"));
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default()).status;
    let course = ["2016-03-04", "2016-03-05", "2016-03-19", "2016-03-20"].map(on);
    assert_eq!(course, [Green, Yellow, Yellow, Green]);
    // A clock that ran backwards, or ahead, says nothing before the last and nothing later.
    let history = SiteHistory::new(&undated(Green), at("2016-01-01"))
        .with_revision_said(&undated(Yellow), late, at("2016-03-05"))
        .with_revision_said(&undated(Red), late, at("2016-02-01"))
        .with_revision_said(&undated(Blue), at("2016-05-01"), at("2020-01-01"));
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default()).status;
    assert_eq!(["2016-03-04", "2016-03-05", "2016-04-30"].map(on), [Green, Red, Red]);
    assert_eq!(on("2016-05-01"), Blue);
}
