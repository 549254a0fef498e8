//! Hours in zones with and without a change of the clock.

use super::*;

fn closed(hours: &str, zone: &str, now: &str) -> Option<String> {
    let (hours, zone) = (hours.parse::<Hours>().unwrap(), TimeZone::get(zone).unwrap());
    let until = hours.closed_until(now.parse().unwrap(), &zone)?;
    assert_eq!(hours.closed_until(until, &zone), None, "closed at its own begin");
    Some(until.to_string())
}

fn in_lubumbashi(hours: &str, now: &str) -> Option<String> {
    closed(hours, "Africa/Lubumbashi", now)
}

#[test]
fn no_hours_are_always_open() {
    assert_eq!(in_lubumbashi("", "2018-01-01T10:00:00Z"), None);
    assert_eq!(in_lubumbashi(" ", "2018-01-01T10:00:00Z"), None);
    assert_eq!(in_lubumbashi("00:00-24:00", "2018-01-01T21:59:59Z"), None);
}

#[test]
fn a_night_goes_over_midnight_and_ends_before_its_last_minute() {
    // 20:00 in Lubumbashi is 18:00 UTC, all year.
    let of = |now: &str| in_lubumbashi("20:00-06:00", now);
    assert_eq!(of("2018-01-01T17:59:59.999999Z").as_deref(), Some("2018-01-01T18:00:00Z"));
    for open in ["2018-01-01T18:00:00Z", "2018-01-01T22:00:00Z", "2018-01-02T03:59:59Z"] {
        assert_eq!(of(open), None, "{open}");
    }
    assert_eq!(of("2018-01-02T04:00:00Z").as_deref(), Some("2018-01-02T18:00:00Z"));
    assert_eq!(of("2018-07-02T04:00:00Z").as_deref(), Some("2018-07-02T18:00:00Z"));
}

#[test]
fn the_next_of_several_begins_counts_also_on_the_next_day() {
    let of = |now: &str| in_lubumbashi("12:00-13:00,20:00-24:00", now);
    assert_eq!(of("2018-01-01T09:00:00Z").as_deref(), Some("2018-01-01T10:00:00Z"));
    assert_eq!(of("2018-01-01T11:00:00Z").as_deref(), Some("2018-01-01T18:00:00Z"));
    // Midnight in Lubumbashi: the next begin is on the new day there.
    assert_eq!(of("2018-01-01T22:00:00Z").as_deref(), Some("2018-01-02T10:00:00Z"));
    assert_eq!(of("2017-12-31T22:30:00Z").as_deref(), Some("2018-01-01T10:00:00Z"));
}

#[test]
fn the_hours_are_those_of_the_zone_in_summer_and_in_winter() {
    let of = |now: &str| closed("08:00-09:00", "Europe/Brussels", now);
    assert_eq!(of("2018-01-15T00:00:00Z").as_deref(), Some("2018-01-15T07:00:00Z"));
    assert_eq!(of("2018-07-15T00:00:00Z").as_deref(), Some("2018-07-15T06:00:00Z"));
    // 02:30 does not exist on 25 March: the hours begin an hour later by the clock.
    let early = |now: &str| closed("02:30-04:00", "Europe/Brussels", now);
    assert_eq!(early("2018-03-25T00:30:00Z").as_deref(), Some("2018-03-25T01:30:00Z"));
    assert_eq!(early("2018-03-25T01:30:00Z"), None);
    // A span that the change swallows altogether is open again on the next day.
    let gone = |now: &str| closed("02:10-02:20", "Europe/Brussels", now);
    assert!(gone_is_later(gone("2018-03-25T00:50:00Z")));
}

fn gone_is_later(until: Option<String>) -> bool {
    until.is_some_and(|until| until.as_str() >= "2018-03-26T00:10:00Z")
}

#[test]
fn what_is_no_span_is_refused_by_name_in_both_languages() {
    for bad in [
        "20:00",
        "20-06",
        "8:00-9:00",
        "20:00-20:00",
        "24:00-06:00",
        "25:00-06:00",
        "20:60-06:00",
        "20:00-06:00,",
        "night",
        "+1:00-02:00",
        "24:01-02:00",
        "20:00–06:00",
    ] {
        let told = bad.parse::<Hours>().unwrap_err().to_string();
        assert!(told.contains("20:00-06:00") && told.contains("attendu"), "{bad}: {told}");
        assert_eq!(told.matches("is not").count() + told.matches("n'est pas").count(), 2, "{told}");
    }
    let many = vec!["01:00-02:00"; SPANS_MAX + 1].join(",");
    assert!(many.parse::<Hours>().is_err());
}

#[test]
fn hours_are_shown_as_they_are_read() {
    for text in ["", "20:00-06:00", "12:00-13:00,20:00-24:00"] {
        assert_eq!(String::from(text.parse::<Hours>().unwrap()), text);
    }
}
