mod known;

use jiff::civil::date;
use rmd_proto::v1::{Inspection, MineSite, StatusChange};

use super::*;
use CertificationStatus::{Blue, Green, Red, Unspecified, Yellow};

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A site as it was known since 2010.
#[derive(Default)]
struct Site(MineSite);

impl Site {
    fn now(status: CertificationStatus, since: &str) -> Self {
        Self(MineSite {
            certification_status: status as i32,
            certification_status_since: since.into(),
            ..Default::default()
        })
    }

    fn change(mut self, on: &str, status: CertificationStatus) -> Self {
        let change = StatusChange {
            date_of_change: on.into(),
            new_status: status as i32,
            ..Default::default()
        };
        self.0.status_change.push(change);
        self
    }

    fn visit(mut self, on: &str, result: CertificationStatus) -> Self {
        self.0.inspection.push(Inspection {
            inspection_date: on.into(),
            inspection_result: result as i32,
            ..Default::default()
        });
        self
    }

    fn history(&self) -> SiteHistory {
        SiteHistory::new(&self.0, at("2010-01-01"))
    }

    fn on(&self, on: &str) -> Effective {
        effective(&self.history(), day(on), at("2030-01-01"), &Policy::default())
    }
}

fn decision(status: CertificationStatus, on: &str, lifts: bool) -> DecisionEvent {
    DecisionEvent {
        decision_id: format!("D-{on}"),
        status,
        decided_on: day(on),
        known_at: at(on),
        lifts,
    }
}

#[test]
fn clock_turns_on_the_day_after_each_limit() {
    let green = || Site::now(Green, "2016-03-10").visit("2016-03-10", Green);
    let leap = || Site::now(Green, "2016-02-29").visit("2016-02-29", Green);
    let blue = || Site::now(Blue, "2014-05-20");
    let leap_blue = || Site::now(Blue, "2012-02-29");
    let yellow = || Site::now(Yellow, "2016-08-31");
    let yellow_to_leap_day = || Site::now(Yellow, "2015-08-31");
    let plain_yellow = || Site::now(Yellow, "2016-01-15");
    let rows = vec![
        (green(), "2016-03-09", Unspecified, Reason::Unknown),
        (green(), "2016-03-10", Green, Reason::Inspection),
        (green(), "2017-03-09", Green, Reason::Inspection),
        (green(), "2017-03-10", Green, Reason::Inspection),
        (green(), "2017-03-11", Blue, Reason::Lapse),
        (green(), "2020-03-10", Blue, Reason::Lapse),
        (green(), "2020-03-11", Blue, Reason::Lapse),
        (green(), "2020-03-12", Red, Reason::Overdue),
        (leap(), "2017-02-27", Green, Reason::Inspection),
        (leap(), "2017-02-28", Green, Reason::Inspection),
        (leap(), "2017-03-01", Blue, Reason::Lapse),
        (leap(), "2020-02-29", Blue, Reason::Lapse),
        (leap(), "2020-03-01", Blue, Reason::Lapse),
        (leap(), "2020-03-02", Red, Reason::Overdue),
        (blue(), "2017-05-19", Blue, Reason::Declaration),
        (blue(), "2017-05-20", Blue, Reason::Declaration),
        (blue(), "2017-05-21", Red, Reason::Overdue),
        (leap_blue(), "2015-02-27", Blue, Reason::Declaration),
        (leap_blue(), "2015-02-28", Blue, Reason::Declaration),
        (leap_blue(), "2015-03-01", Red, Reason::Overdue),
        (yellow(), "2017-02-27", Yellow, Reason::Declaration),
        (yellow(), "2017-02-28", Yellow, Reason::Declaration),
        (yellow(), "2017-03-01", Red, Reason::Overdue),
        (yellow_to_leap_day(), "2016-02-28", Yellow, Reason::Declaration),
        (yellow_to_leap_day(), "2016-02-29", Yellow, Reason::Declaration),
        (yellow_to_leap_day(), "2016-03-01", Red, Reason::Overdue),
        (plain_yellow(), "2016-07-14", Yellow, Reason::Declaration),
        (plain_yellow(), "2016-07-15", Yellow, Reason::Declaration),
        (plain_yellow(), "2016-07-16", Red, Reason::Overdue),
        (Site::now(Red, "2016-01-01"), "2029-12-31", Red, Reason::Declaration),
    ];
    for (site, on, status, reason) in rows {
        let effective = site.on(on);
        assert_eq!((effective.status, effective.reason), (status, reason), "{on} {:?}", site.0);
        assert!(effective.since <= day(on), "{on}");
        assert!(effective.until.is_none_or(|until| day(on) <= until), "{on}");
    }
}

#[test]
fn since_and_until_bound_the_status() {
    let site = Site::now(Green, "2016-03-10").visit("2016-03-01", Green);
    let bounds = |on| (site.on(on).since, site.on(on).until);
    assert_eq!(bounds("2016-03-10"), (date(2016, 3, 10), Some(date(2017, 3, 1))));
    assert_eq!(bounds("2017-03-02"), (date(2017, 3, 2), Some(date(2020, 3, 2))));
    assert_eq!(bounds("2020-03-03"), (date(2020, 3, 3), None));
}

#[test]
fn yellow_follows_the_period_of_the_policy() {
    let site = Site::now(Yellow, "2016-01-31");
    let policy = Policy { yellow_months: 3, ..Policy::default() };
    let on = |on| effective(&site.history(), day(on), at("2030-01-01"), &policy).status;
    assert_eq!([on("2016-04-29"), on("2016-04-30"), on("2016-05-01")], [Yellow, Yellow, Red]);
}

#[test]
fn inspection_renews_green_and_only_green_does() {
    let site = Site::now(Green, "2015-01-10")
        .visit("2015-01-10", Green)
        .visit("2016-01-05", Green)
        .visit("2016-12-01", Yellow);
    assert_eq!(site.on("2016-01-11").status, Green);
    assert_eq!(site.on("2016-01-11").since, date(2015, 1, 10));
    assert_eq!(site.on("2017-01-05").status, Green);
    assert_eq!(site.on("2017-01-06").status, Blue);
    let late = Site::now(Green, "2015-01-10").visit("2015-01-10", Green).visit("2016-06-01", Green);
    assert_eq!(late.on("2016-03-01").status, Blue);
    assert_eq!(
        late.on("2016-06-01"),
        Effective {
            status: Green,
            since: date(2016, 6, 1),
            until: Some(date(2017, 6, 1)),
            reason: Reason::Inspection,
        }
    );
}

#[test]
fn inspection_before_the_status_that_green_replaced_does_not_count() {
    let site = Site::now(Green, "2017-01-01")
        .change("2015-01-01", Green)
        .change("2016-01-01", Red)
        .visit("2015-01-01", Green);
    assert_eq!(site.on("2016-06-01").status, Red);
    assert_eq!(site.on("2017-06-01").status, Green);
    assert_eq!(site.on("2017-06-01").reason, Reason::Declaration);
    assert_eq!(site.on("2018-01-02").status, Blue);
}

#[test]
fn green_with_an_old_inspection_had_lapsed_before_it_was_declared() {
    let site = Site::now(Green, "2016-06-01").visit("2015-01-01", Green);
    let effective = site.on("2016-06-01");
    assert_eq!((effective.status, effective.since), (Blue, date(2016, 6, 1)));
    assert_eq!(effective.until, Some(date(2019, 1, 2)));
}

#[test]
fn declaring_blue_again_wins_no_years() {
    let site = Site::now(Blue, "2017-06-01").change("2015-01-01", Green).visit("2015-01-01", Green);
    assert_eq!(site.on("2019-01-02").status, Blue);
    assert_eq!(site.on("2019-01-03").status, Red);
    let overdue = Site::now(Blue, "2020-01-01").change("2015-01-01", Blue);
    assert_eq!(overdue.on("2020-06-01").status, Red);
    let corrected =
        Site::now(Blue, "2017-01-01").change("2013-01-01", Blue).change("2016-12-01", Yellow);
    assert_eq!(corrected.on("2019-06-01").status, Blue);
}

#[test]
fn declared_history_is_read_day_by_day() {
    let site = Site::now(Red, "2017-05-01").change("2016-01-01", Blue).change("2016-09-01", Yellow);
    let rows = [
        ("2015-12-31", Unspecified),
        ("2016-01-01", Blue),
        ("2016-08-31", Blue),
        ("2016-09-01", Yellow),
        ("2017-03-01", Yellow),
        ("2017-03-02", Red),
        ("2017-05-01", Red),
    ];
    for (on, status) in rows {
        assert_eq!(site.on(on).status, status, "{on}");
    }
    assert_eq!(site.on("2017-03-02").reason, Reason::Overdue);
    assert_eq!(site.on("2017-05-01").reason, Reason::Declaration);
}

#[test]
fn status_without_a_day_takes_it_from_the_inspection_or_counts_from_when_it_was_known() {
    let inspected = Site::now(Green, "").visit("2016-03-10", Green);
    assert_eq!(inspected.on("2017-03-10").status, Green);
    assert_eq!(inspected.on("2017-03-11").status, Blue);
    let bare = Site::now(Blue, "");
    assert_eq!(bare.on("2005-01-01").status, Blue);
    assert_eq!(bare.on("2013-01-01").status, Blue);
    assert_eq!(bare.on("2013-01-02").status, Red);
}

#[test]
fn worse_of_decision_and_declaration_counts() {
    let all = [Green, Blue, Yellow, Red];
    for (bad, declared) in all.into_iter().enumerate() {
        for (worse, decided) in all.into_iter().enumerate() {
            let site = Site::now(declared, "2016-01-01").visit("2016-01-01", declared);
            let history = site.history().with_decision(decision(decided, "2016-02-01", false));
            let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default());
            assert_eq!(on("2016-01-31").status, declared);
            assert_eq!(on("2016-02-01").status, all[bad.max(worse)], "{declared:?} {decided:?}");
            if worse > bad {
                assert_eq!(on("2016-02-01").reason, Reason::Decision);
                assert_eq!(on("2016-02-01").since, date(2016, 2, 1));
            }
        }
    }
}

#[test]
fn decided_status_holds_until_the_declared_course_gets_worse() {
    let site = Site::now(Green, "2016-01-01").visit("2016-01-01", Green);
    let history = site.history().with_decision(decision(Yellow, "2016-02-01", false));
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default());
    assert_eq!(on("2016-06-01").status, Yellow);
    assert_eq!(on("2016-06-01").until, Some(date(2020, 1, 2)));
    assert_eq!(on("2018-01-01").status, Yellow);
    assert_eq!((on("2020-01-03").status, on("2020-01-03").reason), (Red, Reason::Overdue));
    let red = site.history().with_decision(decision(Red, "2016-02-01", false));
    let today = effective(&red, day("2016-06-01"), at("2030-01-01"), &Policy::default());
    assert_eq!((today.status, today.until), (Red, None));
}

#[test]
fn decision_stays_in_force_until_another_lifts_it() {
    let site = Site::now(Green, "2016-01-01").visit("2016-01-01", Green);
    let history = site
        .history()
        .with_decision(decision(Red, "2016-02-01", false))
        .with_decision(decision(Yellow, "2016-03-01", false))
        .with_decision(decision(Green, "2016-04-01", true));
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default()).status;
    assert_eq!([on("2016-02-29"), on("2016-03-31"), on("2016-04-01")], [Red, Red, Green]);
}

#[test]
fn lifting_overrides_a_worse_declaration_until_the_state_declares_anew() {
    let site = Site::now(Red, "2016-01-01");
    let lifted = site.history().with_decision(decision(Blue, "2016-02-01", true));
    let on = |history: &SiteHistory, on| {
        effective(history, day(on), at("2030-01-01"), &Policy::default())
    };
    assert_eq!(on(&lifted, "2016-01-31").status, Red);
    let after = on(&lifted, "2016-02-01");
    assert_eq!((after.status, after.until, after.reason), (Blue, None, Reason::Decision));
    let again = Site::now(Red, "2016-06-01").change("2016-01-01", Yellow);
    let again = again.history().with_decision(decision(Blue, "2016-02-01", true));
    assert_eq!(on(&again, "2016-05-31").status, Blue);
    assert_eq!(on(&again, "2016-06-01").status, Red);
}

#[test]
fn lifting_does_not_stop_the_clock_of_a_status_that_is_no_worse() {
    let site = Site::now(Green, "2016-01-01").visit("2016-01-01", Green);
    let history = site
        .history()
        .with_decision(decision(Red, "2016-02-01", false))
        .with_decision(decision(Green, "2016-04-01", true));
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default());
    assert_eq!((on("2016-04-01").status, on("2016-04-01").until), (Green, Some(date(2017, 1, 1))));
    assert_eq!(on("2017-01-01").status, Green);
    assert_eq!((on("2017-01-02").status, on("2017-01-02").reason), (Blue, Reason::Lapse));
    assert_eq!((on("2020-01-03").status, on("2020-01-03").reason), (Red, Reason::Overdue));
    // Yellow was set aside, and with it the day on which it would have become Red.
    let set_aside = Site::now(Yellow, "2016-01-01").history();
    let set_aside = set_aside.with_decision(decision(Blue, "2016-02-01", true));
    let later = effective(&set_aside, day("2017-06-01"), at("2030-01-01"), &Policy::default());
    assert_eq!((later.status, later.until, later.reason), (Blue, None, Reason::Decision));
}

#[test]
fn a_year_from_a_leap_day_ends_on_the_last_of_february() {
    let history = Site::now(Green, "2016-02-29").visit("2016-02-29", Green).history();
    let on = |on| effective(&history, day(on), at("2030-01-01"), &Policy::default());
    assert_eq!((on("2017-02-28").status, on("2017-02-28").until), (Green, Some(date(2017, 2, 28))));
    assert_eq!((on("2017-03-01").status, on("2017-03-01").since), (Blue, date(2017, 3, 1)));
    let before = Site::now(Green, "2015-02-28").visit("2015-02-28", Green).history();
    let last = effective(&before, day("2016-02-28"), at("2030-01-01"), &Policy::default());
    assert_eq!(last.until, Some(date(2016, 2, 28)), "the same calendar day, leap year or not");
}

#[test]
fn a_state_has_a_period_of_its_own_for_yellow() {
    let mut policy = Policy::default();
    policy.yellow_months_of.insert("CD".to_owned(), 3);
    let mut site = Site::now(Yellow, "2016-01-01").0;
    for (country, until) in [("CD", date(2016, 4, 1)), ("RW", date(2016, 7, 1))] {
        site.address_country = country.to_owned();
        let history = SiteHistory::new(&site, at("2016-01-01"));
        let held = effective(&history, day("2016-02-01"), at("2030-01-01"), &policy);
        assert_eq!(held.until, Some(until), "{country}");
        let own = effective(&history, day("2016-02-01"), at("2030-01-01"), &policy.of(country));
        assert_eq!(own, held);
    }
}

#[test]
fn decision_counts_even_where_the_state_declared_nothing() {
    let history = Site::now(Green, "2016-05-01").history();
    let history = history.with_decision(decision(Red, "2016-02-01", false));
    let on = effective(&history, day("2016-03-01"), at("2030-01-01"), &Policy::default());
    assert_eq!((on.status, on.since), (Red, date(2016, 2, 1)));
}

#[test]
fn days_are_those_of_utc_plus_two() {
    let day_of = |text: &str| calendar_day(text.parse().unwrap());
    assert_eq!(day_of("2018-01-01T21:59:59Z"), date(2018, 1, 1));
    assert_eq!(day_of("2018-01-01T22:00:00Z"), date(2018, 1, 2));
}

#[test]
fn reasons_have_words() {
    let reasons = [
        Reason::Inspection,
        Reason::Lapse,
        Reason::Overdue,
        Reason::Declaration,
        Reason::Suspension,
        Reason::Licence,
        Reason::Decision,
        Reason::Unknown,
    ];
    let words: std::collections::BTreeSet<_> = reasons.map(Reason::as_str).into_iter().collect();
    assert_eq!(words.len(), reasons.len());
}
