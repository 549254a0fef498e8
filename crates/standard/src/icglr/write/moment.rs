//! Times of day and instants.

use jiff::{Timestamp, tz::Offset};

use super::{Member, Shape, Usage, Writer, number};

impl Writer<'_> {
    /// The schema takes six digits; the zone, if there is one, is a member of ours.
    pub(super) fn time(&mut self, member: &Member, text: &str) {
        self.key(member);
        let (time, zone) = text.split_at_checked(8).unwrap_or((text, ""));
        let is_plain = matches!(time.as_bytes(), [_, _, b':', _, _, b':', _, _]);
        if self.usage == Usage::Rwanda || !is_plain {
            return self.string(text);
        }
        let digits: String = time.chars().filter(|letter| *letter != ':').collect();
        self.string(&digits);
        if !zone.is_empty() {
            self.name(&format!("{}Zone", member.name));
            self.string(zone);
        }
    }

    pub(super) fn instant(&mut self, member: &Member, microseconds: i64) {
        let instant = Timestamp::from_microsecond(microseconds).ok();
        // Beyond the four digits of a year there is no text of the standard.
        let Some(instant) = instant
            .filter(|instant| (1..=9998).contains(&Offset::UTC.to_datetime(*instant).year()))
        else {
            return self.raw(member, microseconds);
        };
        if let Shape::Registered = member.shape {
            let local = self.zone.to_datetime(instant);
            self.name("dateRegistration");
            self.out.push(b'"');
            self.date(local.date());
            self.out.push(b'"');
            self.name("timeRegistration");
            self.out.push(b'"');
            let colon = self.usage == Usage::Rwanda;
            self.clock(local.time(), colon);
            self.out.push(b'"');
        }
        self.key(member);
        self.out.push(b'"');
        let utc = Offset::UTC.to_datetime(instant);
        self.date(utc.date());
        self.out.push(b'T');
        self.clock(utc.time(), true);
        let micros = utc.time().subsec_nanosecond() / 1000;
        if micros != 0 {
            // `0.000250` without its zero in front.
            let mut fraction = Vec::new();
            number::decimal(i64::from(micros), 6, &mut fraction);
            self.out.extend_from_slice(&fraction[1..]);
        }
        self.out.extend_from_slice(b"Z\"");
    }

    fn date(&mut self, date: jiff::civil::Date) {
        let year = date.year();
        number::two(i8::try_from(year / 100).unwrap_or_default(), self.out);
        number::two(i8::try_from(year % 100).unwrap_or_default(), self.out);
        self.out.push(b'-');
        number::two(date.month(), self.out);
        self.out.push(b'-');
        number::two(date.day(), self.out);
    }

    fn clock(&mut self, time: jiff::civil::Time, colon: bool) {
        for (index, part) in [time.hour(), time.minute(), time.second()].into_iter().enumerate() {
            if colon && index > 0 {
                self.out.push(b':');
            }
            number::two(part, self.out);
        }
    }
}
