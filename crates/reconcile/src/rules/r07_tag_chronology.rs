//! R07: a tag is issued, then applied, then travels no faster than a lorry.
//!
//! Applied before issued, or after it was void, lost or consumed: serious. Received
//! earlier than applied plus the great-circle distance from the site to the premises
//! at the speed of the limit: serious; it needs both instants and both places. An
//! issue without a time counts from the beginning of its day.

use jiff::Timestamp;
use rmd_proto::v1::{BusinessEntity, GeoPoint, Tag, TagState};
use rmd_standard::effective::calendar_day;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    geography::distance_m,
    view::{LotView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R07-ISSUED",
        en: "the tag {tag} was applied on {applied}, before it was issued on {issued}",
        fr: "l'étiquette {tag} a été apposée le {applied}, avant son émission le {issued}",
    },
    Sentence {
        id: "R07-ENDED",
        en: "the tag {tag} was applied on {applied}; on {ended} it had ended as {state}",
        fr: "l'étiquette {tag} a été apposée le {applied} ; le {ended} elle avait pris fin : {state}",
    },
    Sentence {
        id: "R07-SPEED",
        en: "the lot was received {minutes} minutes after the tag {tag} was applied {distance} away",
        fr: "le lot a été reçu {minutes} minutes après que l'étiquette {tag} a été apposée à {distance}",
    },
];

const MICROSECONDS_PER_MINUTE: i64 = 60_000_000;

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    view.lot.record.tag.iter().fold(Outcome::passed(), |outcome, tag| {
        let Some(applied) = tag.applied_at_us else {
            let what = Missing::new("Lot.tag.applied_at_us", view.lot.key(), Lack::Absent);
            return outcome.and(Outcome::lacking(what));
        };
        outcome
            .and(of_issue(view, tag, applied).about(&tag.identifier))
            .and(of_end(view, tag, applied).about(&tag.identifier))
            .and(of_speed(view, tag, applied, context).about(&tag.identifier))
    })
}

fn raise(view: &LotView, sentence: &'static Sentence, measures: Vec<Measure>) -> Outcome {
    let finder = Finder::about_lot(Rule::TagChronology, view, []);
    finder.raise(Severity::Serious, sentence, measures)
}

/// The calendar day of an instant, as it is written.
fn day(instant_us: i64) -> String {
    Timestamp::from_microsecond(instant_us)
        .map_or_else(|_| String::new(), |instant| calendar_day(instant).to_string())
}

fn of_issue(view: &LotView, tag: &Tag, applied: i64) -> Outcome {
    let Some(issued) = nature::issued_at_us(&tag.issue_date, &tag.issue_time) else {
        let what = Missing::new("Lot.tag.issue_date", view.lot.key(), Lack::Absent);
        return Outcome::lacking(what);
    };
    if issued <= applied {
        return Outcome::passed();
    }
    let measures = vec![
        Measure::text("tag", &tag.identifier),
        Measure::text("applied", day(applied)),
        Measure::text("issued", day(issued)),
    ];
    raise(view, &SENTENCES[0], measures)
}

fn of_end(view: &LotView, tag: &Tag, applied: i64) -> Outcome {
    let has_ended = matches!(tag.state(), TagState::Void | TagState::Lost | TagState::Consumed);
    let Some(ended) = tag.state_since_us.filter(|ended| has_ended && *ended < applied) else {
        return Outcome::passed();
    };
    let state = tag.state().as_str_name().trim_start_matches("TAG_STATE_");
    let measures = vec![
        Measure::text("tag", &tag.identifier),
        Measure::text("applied", day(applied)),
        Measure::text("ended", day(ended)),
        Measure::text("state", state),
    ];
    raise(view, &SENTENCES[1], measures)
}

fn of_speed(view: &LotView, tag: &Tag, applied: i64, context: &Context) -> Outcome {
    let lot = &view.lot;
    let Some(received) = lot.record.received_at_us else {
        return Outcome::lacking(Missing::new("Lot.received_at_us", lot.key(), Lack::Absent));
    };
    let origin = view.tag_origins.iter().find(|origin| origin.tag == tag.identifier);
    let Some((from, to)) = origin.map(|origin| origin.at).zip(premises(view)) else {
        let what = Missing::new("BusinessEntity.premises", lot.key(), Lack::Absent);
        return Outcome::lacking(what);
    };
    let distance = distance_m(from, to);
    let speed = context.limit(Parameter::TravelSpeed, lot.country(), &nature::hs6(&lot.record));
    // Metres by metres an hour, in microseconds.
    let hour = i128::from(60 * MICROSECONDS_PER_MINUTE);
    let least = i128::from(distance) * hour / (i128::from(speed.max(1)) * 1_000);
    let taken = i128::from(received) - i128::from(applied);
    if taken >= least {
        return Outcome::passed();
    }
    let minutes = (received - applied) / MICROSECONDS_PER_MINUTE;
    let measures = vec![
        Measure::number("minutes", crate::Unit::Count, minutes),
        Measure::text("tag", &tag.identifier),
        Measure::number("distance", crate::Unit::Metres, distance),
    ];
    raise(view, &SENTENCES[2], measures)
}

/// Where the lot was received: of a production lot at its recipient's, else at its
/// creator's.
fn premises(view: &LotView) -> Option<GeoPoint> {
    let lot = &view.lot.record;
    let party: &BusinessEntity =
        if nature::is_production(lot) { lot.recipient.as_ref()? } else { lot.creator.as_ref()? };
    party.premises
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{Lot, OriginatingOperation::Production};

    use super::*;
    use crate::{
        testing::{KG, context, lot, told, view},
        view::TagOrigin,
    };

    const HOUR: i64 = 60 * MICROSECONDS_PER_MINUTE;

    /// 1 July 2026, 12:00 in UTC+2.
    const NOON: i64 = 1_782_900_000_000_000;

    fn tagged(tag: Tag) -> LotView {
        let tag = Tag { identifier: "T".to_owned(), ..tag };
        view(Lot { tag: vec![tag], ..lot("A", KG, &[Production]) })
    }

    fn issued(date: &str, time: &str, applied: i64) -> Tag {
        Tag {
            issue_date: date.to_owned(),
            issue_time: time.to_owned(),
            applied_at_us: Some(applied),
            ..Tag::default()
        }
    }

    fn found(view: &LotView) -> Vec<Severity> {
        told(&judge(view, &context())).0
    }

    #[test]
    fn a_tag_is_issued_before_it_is_applied() {
        assert_eq!(found(&tagged(issued("2026-07-01", "12:00:00", NOON))), []);
        assert_eq!(found(&tagged(issued("2026-07-01", "12:00:01", NOON))), [Severity::Serious]);
        assert_eq!(found(&tagged(issued("2026-07-01", "", NOON))), []);
        assert_eq!(found(&tagged(issued("2026-07-02", "", NOON))), [Severity::Serious]);
    }

    #[test]
    fn a_tag_that_ended_is_not_applied_afterwards() {
        let ended = |state: TagState, since| {
            let tag = issued("2026-07-01", "", NOON);
            tagged(Tag { state: state.into(), state_since_us: Some(since), ..tag })
        };
        assert_eq!(found(&ended(TagState::Lost, NOON)), []);
        assert_eq!(found(&ended(TagState::Lost, NOON - 1)), [Severity::Serious]);
        assert_eq!(found(&ended(TagState::Issued, NOON - 1)), []);
    }

    #[test]
    fn a_lot_travels_no_faster_than_sixty_kilometres_an_hour() {
        let at = |latitude_e7| GeoPoint { latitude_e7, longitude_e7: 290_000_000 };
        let received = |after: i64| {
            let mut view = tagged(issued("2026-07-01", "", NOON));
            let mut record = view.lot.record.clone();
            record.received_at_us = Some(NOON + after);
            record.recipient =
                Some(BusinessEntity { premises: Some(at(5_400_000)), ..BusinessEntity::default() });
            view.lot = crate::testing::lot_fact(record);
            view.tag_origins = vec![TagOrigin { tag: "T".to_owned(), at: at(0) }];
            found(&view)
        };
        // 0.54 degrees of latitude are 60.0 km.
        assert_eq!(received(HOUR + HOUR / 100), []);
        assert_eq!(received(HOUR - HOUR / 100), [Severity::Serious]);
        assert_eq!(received(-HOUR), [Severity::Serious]);
    }

    #[test]
    fn without_an_instant_or_a_place_it_stays_open() {
        let missing = |view: &LotView| told(&judge(view, &context())).1;
        assert_eq!(missing(&tagged(Tag::default())), 1);
        assert_eq!(missing(&tagged(issued("2026-07-01", "", NOON))), 1);
    }
}
