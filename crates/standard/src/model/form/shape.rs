//! Shapes of text: days, times, phones, addresses, polygons.

use jiff::{
    civil::{Date, Time},
    tz::Offset,
};
use serde_json::Value as Json;

use super::Fault;

/// GeoJSON of a site; more points than this describe no artisanal site.
const POLYGON_BYTES_MAX: usize = 64 * 1024;

/// What a state adds of its own; the rest of a record is bounded likewise.
const JSON_BYTES_MAX: usize = 8192;

/// The day of an ISO date, exactly `YYYY-MM-DD`.
#[inline]
pub(crate) fn day(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = digits(&bytes[..4])?;
    let month = digits(&bytes[5..7])?;
    let day = digits(&bytes[8..])?;
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The time of `hh:mm:ss`, `hh:mm` or `hhmmss`, a fraction dropped, and its offset if it
/// says one: `Z`, `+02`, `+0200` or `+02:00`.
pub(crate) fn local_time(text: &str) -> Option<(Time, Option<Offset>)> {
    if let [_, _, b':', _, _, b':', _, _] = text.as_bytes() {
        return Some((time_of_day(text)?, None));
    }
    let end = text.bytes().position(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.'));
    let (time, zone) = text.split_at(end.unwrap_or(text.len()));
    Some((time_of_day(time)?, if zone.is_empty() { None } else { Some(offset(zone)?) }))
}

fn time_of_day(text: &str) -> Option<Time> {
    let bytes = match text.as_bytes().iter().position(|byte| *byte == b'.') {
        None => text.as_bytes(),
        Some(point) => {
            digits(&text.as_bytes()[point + 1..])?;
            &text.as_bytes()[..point]
        }
    };
    let (hour, minute, second): (&[u8], &[u8], &[u8]) = match bytes {
        [_, _, b':', _, _, b':', _, _] => (&bytes[..2], &bytes[3..5], &bytes[6..]),
        [_, _, b':', _, _] => (&bytes[..2], &bytes[3..], b"00"),
        [_, _, _, _, _, _] => (&bytes[..2], &bytes[2..4], &bytes[4..]),
        _ => return None,
    };
    let part = |bytes| digits(bytes).and_then(|number| i8::try_from(number).ok());
    Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.as_bytes() {
        [b'Z' | b'z'] => return Some(Offset::UTC),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes): (&[u8], &[u8]) = match rest {
        [_, _] => (rest, b"00"),
        [_, _, b':', _, _] => (&rest[..2], &rest[3..]),
        [_, _, _, _] => (&rest[..2], &rest[2..]),
        _ => return None,
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    // No zone is further from Greenwich than 14 hours.
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    let known = minutes < 60 && seconds <= 14 * 3600;
    if known { Offset::from_seconds(sign * seconds).ok() } else { None }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    bytes
        .iter()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// Without control characters; text of several lines may have line ends and tabs.
const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * EACH;

/// Has a high bit where a byte is no ASCII, is DEL or is below a blank. A borrow or
/// carry beyond such a byte can add high bits and hide none.
fn oddities(eight: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(eight);
    let below = word.wrapping_sub(0x20 * EACH) & !word;
    word | word.wrapping_add(EACH) | below
}

/// Whether all bytes are printable ASCII, looked at eight at a time: most text of most
/// records comes through here.
fn is_plain(bytes: &[u8]) -> bool {
    let (eights, rest) = bytes.as_chunks::<8>();
    let odd = eights.iter().fold(0, |odd, eight| odd | oddities(*eight));
    let (odd, rest) = match bytes.last_chunk() {
        // The last eight again cost less than the rest one by one.
        Some(last) if !rest.is_empty() => (odd | oddities(*last), &[][..]),
        _ => (odd, rest),
    };
    odd & HIGH == 0 && rest.iter().all(|byte| (b' '..0x7F).contains(byte))
}

pub(super) fn is_printable(text: &str, one_line: bool) -> bool {
    is_plain(text.as_bytes())
        || text.chars().all(|letter| {
            !letter.is_control() || (!one_line && matches!(letter, '\t' | '\n' | '\r'))
        })
}

/// `hh:mm:ss`, and behind it nothing, `Z` or an offset with a colon.
pub(super) fn is_time(text: &str) -> bool {
    let Some((time, zone)) = text.split_at_checked(8) else { return false };
    let written = matches!(zone.as_bytes(), [] | [b'Z'] | [_, _, _, b':', _, _]);
    written && time_of_day(time).is_some() && (zone.is_empty() || offset(zone).is_some())
}

pub(super) fn is_json(text: &str) -> bool {
    text.len() <= JSON_BYTES_MAX && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

pub(super) fn is_month(text: &str) -> bool {
    text.len() == 7 && text.is_ascii() && day(&format!("{text}-01")).is_some()
}

/// ISO 3166-2: a country, a hyphen, one to three letters or digits.
pub(super) fn is_subdivision(text: &str) -> bool {
    let Some((country, part)) = text.split_once('-') else { return false };
    crate::country::is_country(country)
        && (1..=3).contains(&part.len())
        && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// E.164 as the standard's pattern has it: a plus and at most 15 digits.
pub(super) fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|number| {
        (2..=15).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// name@host. The standard's pattern, `^[\w.\-]+@([\w-]+\.)+[\w-]{2,4}$`, is narrower: it
/// refuses `.africa` and every other long domain, and a plus in the name. Addresses of
/// that kind are real, so they are kept without a finding; they never leave the state.
pub(super) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

pub(super) fn polygon_fault(text: &str) -> Option<Fault> {
    if text.len() > POLYGON_BYTES_MAX {
        return Some(Fault::OutOfRange);
    }
    let Ok(json) = serde_json::from_str::<Json>(text) else { return Some(Fault::Unreadable) };
    let rings = json.get("coordinates").and_then(Json::as_array).filter(|rings| !rings.is_empty());
    let (Some("Polygon"), Some(rings)) = (json.get("type").and_then(Json::as_str), rings) else {
        return Some(Fault::Unreadable);
    };
    rings.iter().find_map(ring_fault)
}

/// RFC 7946: four or more positions, the last equal to the first.
fn ring_fault(ring: &Json) -> Option<Fault> {
    let Some(positions) = ring.as_array().filter(|positions| positions.len() >= 4) else {
        return Some(Fault::Unreadable);
    };
    if positions.first() != positions.last() {
        return Some(Fault::Unreadable);
    }
    positions.iter().find_map(|position| {
        let number = |index| position.get(index).and_then(Json::as_f64);
        let (Some(longitude), Some(latitude)) = (number(0), number(1)) else {
            return Some(Fault::Unreadable);
        };
        (longitude.abs() > 180.0 || latitude.abs() > 90.0).then_some(Fault::OutOfRange)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn days_are_iso_and_exist() {
        assert_eq!(day("2016-02-29"), Some(date(2016, 2, 29)));
        for text in ["2017-02-29", "2017-2-9", "20170209", "09/02/2017", "2017-13-01", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_colons() {
        for text in ["07:05:09", "070509", "07:05:09.25"] {
            assert_eq!(local_time(text), Some((time(7, 5, 9, 0), None)), "{text}");
        }
        assert_eq!(local_time("07:05"), Some((time(7, 5, 0, 0), None)));
        for text in ["07:05:09+02:00", "070509+0200", "07:05:09.25+02"] {
            let zone = Some(jiff::tz::offset(2));
            assert_eq!(local_time(text), Some((time(7, 5, 9, 0), zone)), "{text}");
        }
        assert_eq!(local_time("07:05:09Z"), Some((time(7, 5, 9, 0), Some(Offset::UTC))));
        for text in ["7:05", "24:00:00", "07-05-09", "07:05:09.", "0705091", "é7:05:09", ""] {
            assert_eq!(local_time(text), None, "{text}");
        }
        for text in ["07:05:09 +02", "07:05:09+15", "07:05:09+02:60", "07:05:09CAT", "07:05:09-"] {
            assert_eq!(local_time(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_kept_with_colons_and_a_full_zone() {
        for text in ["07:05:09", "07:05:09Z", "07:05:09-01:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["07:05", "070509", "07:05:09+02", "07:05:09+0200", "07:05:09.5", "07:05:0é"] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn text_has_no_control_characters_and_identifiers_have_one_line() {
        assert!(is_printable("Bisié nº 3", true) && is_printable("two\r\n\tlines", false));
        let odd_at = |place: usize, odd: u8| {
            let mut bytes = [b'a'; 20];
            bytes[place] = odd;
            (place + 1..=bytes.len()).all(|end| is_plain(&bytes[..end]))
        };
        for odd in 0..=u8::MAX {
            for place in 0..20 {
                assert_eq!(odd_at(place, odd), (b' '..0x7F).contains(&odd), "{odd}");
            }
        }
        for text in ["two\nlines", "a\tb", "\u{7f}", "\u{85}", "\0"] {
            assert!(!is_printable(text, true), "{text:?}");
        }
        assert!(!is_printable("\u{9f}", false) && !is_printable("\u{1b}[2J", false));
    }

    #[test]
    fn contact_and_address_shapes() {
        assert!(is_phone("+243810000001") && !is_phone("0810000001") && !is_phone("+24381x"));
        assert!(is_email("a.b@mines.gouv.cd") && !is_email("a@b") && !is_email("a b@c.d"));
        assert!(is_email("mines+tags@kivu.africa") && is_phone("+12") && !is_phone("+1"));
        assert!(is_subdivision("CD-NK") && !is_subdivision("Nord-Kivu") && !is_subdivision("CD-"));
        assert!(is_month("2018-01") && !is_month("2018-1") && !is_month("2018-13"));
    }

    #[test]
    fn polygons_are_closed_rings_of_longitude_and_latitude() {
        let ring = |points: &str| format!(r#"{{"type":"Polygon","coordinates":[[{points}]]}}"#);
        assert_eq!(polygon_fault(&ring("[28,1],[29,1],[29,2],[28,1]")), None);
        for points in ["[28,1],[29,1],[29,2],[28,2]", "[28,1],[29,1],[28,1]", "[28],[1],[2],[28]"] {
            assert_eq!(polygon_fault(&ring(points)), Some(Fault::Unreadable), "{points}");
        }
        let far = ring("[280,1],[29,1],[29,2],[280,1]");
        assert_eq!(polygon_fault(&far), Some(Fault::OutOfRange));
        assert_eq!(polygon_fault("{}"), Some(Fault::Unreadable));
    }
}
