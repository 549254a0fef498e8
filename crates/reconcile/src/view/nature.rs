//! What a lot is, by its operations.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use rmd_proto::v1::{Analyte, Lot, OriginatingOperation};
use rmd_standard::{effective::calendar_day, mineral};

/// Whether the operation is among those that made the lot.
fn has(lot: &Lot, operation: OriginatingOperation) -> bool {
    lot.originating_operation.contains(&operation.into())
}

/// A lot out of the ground.
pub(crate) fn is_production(lot: &Lot) -> bool {
    has(lot, OriginatingOperation::Production)
}

/// A lot put together from others, or one that is more than that.
pub(crate) fn is_combination(lot: &Lot) -> bool {
    has(lot, OriginatingOperation::Combination)
}

/// A lot whose matter was changed.
pub(crate) fn is_processing(lot: &Lot) -> bool {
    has(lot, OriginatingOperation::Processing)
}

/// A lot of one input that only moved or changed hands.
pub(crate) fn is_passed_on(lot: &Lot) -> bool {
    lot.input_lot.len() == 1 && !is_production(lot) && !is_combination(lot) && !is_processing(lot)
}

/// A lot that only changed hands: the same number, and nothing done to it.
pub(crate) fn is_custody_change(lot: &Lot) -> bool {
    is_passed_on(lot) && lot.input_lot[0].lot_number == lot.lot_number
}

/// The code by which minerals are compared, HS6; empty if unreadable.
pub(crate) fn hs6(lot: &Lot) -> String {
    mineral::hs6(&lot.mineral).unwrap_or_default()
}

/// The day on which the lot was registered; none if it is not said.
pub(crate) fn registered_on(lot: &Lot) -> Option<Date> {
    (lot.registered_at_us > 0)
        .then(|| Timestamp::from_microsecond(lot.registered_at_us).ok())
        .flatten()
        .map(calendar_day)
}

/// Name of the creator, as keys have it; empty if it is not said.
pub(crate) fn creator(lot: &Lot) -> &str {
    lot.creator.as_ref().map_or("", |creator| &creator.identifier)
}

/// What a concentration is of: as stated, else as is usual for the mineral.
pub(crate) fn analyte(lot: &Lot) -> Analyte {
    match lot.analyte() {
        Analyte::Unspecified => usual_analyte(&hs6(lot)),
        stated => stated,
    }
}

/// What a concentration of a mineral (HS6) is of where nobody says it.
pub(crate) fn usual_analyte(hs6: &str) -> Analyte {
    match hs6 {
        "260900" => Analyte::Sn,
        "261590" => Analyte::Ta2o5,
        "261100" => Analyte::Wo3,
        "710812" => Analyte::Au,
        _ => Analyte::Unspecified,
    }
}

/// A day out of a field; none if it is absent or unreadable.
pub(crate) fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// Whether a mineral (HS6) is one that leaves a state only with a certificate.
pub(crate) fn is_designated(hs6: &str) -> bool {
    mineral::DESIGNATED.iter().any(|one| mineral::hs6(one.1).as_deref() == Some(hs6))
}

/// A lot that came over a border.
pub(crate) fn is_import(lot: &Lot) -> bool {
    has(lot, OriginatingOperation::Import)
}

/// The instant of an issue, UTC microseconds: a day and, if it is told, a time as
/// `hh:mm:ss` with or without a zone; without one in UTC+2 as everywhere in the network.
pub(crate) fn issued_at_us(date: &str, time: &str) -> Option<i64> {
    let day = day(date)?;
    let (clock, zone) = time.split_at_checked(8).unwrap_or((time, ""));
    let at = if clock.is_empty() { Time::midnight() } else { clock.parse().ok()? };
    let zone = match zone {
        "" => Offset::constant(2),
        "Z" => Offset::UTC,
        told => Offset::from_seconds(seconds_of(told)?).ok()?,
    };
    Some(zone.to_timestamp(day.to_datetime(at)).ok()?.as_microsecond())
}

/// Seconds of an offset as `+02:00`.
fn seconds_of(zone: &str) -> Option<i32> {
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    match zone.as_bytes().first()? {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_read_as_records_keep_it() {
        let at = |time| issued_at_us("2026-06-01", time);
        let noon = Some(1_780_308_000_000_000);
        for time in ["12:00:00", "12:00:00+02:00", "10:00:00Z", "09:00:00-01:00"] {
            assert_eq!(at(time), noon, "{time}");
        }
        assert_eq!(at(""), noon.map(|noon| noon - 12 * 3_600_000_000));
        assert_eq!(at("noon"), None);
    }
}
