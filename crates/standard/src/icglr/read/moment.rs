//! Times of day and instants, in every spelling of the standard's texts.

use std::fmt::Write as _;

use jiff::{
    Timestamp,
    civil::{DateTime, Time},
};
use serde_json::Value as Json;

use super::{
    At, Fault, Given, Part, Plan, Reader, Role, Value, amount, field_of, leaf, path_of, rules,
    text_field,
};
use crate::{
    finding::{Ground, Issue},
    model::{Form, day, local_time},
    rules::TIME_REGISTRATION,
};

/// No two zones are further apart; a day and an instant further apart differ.
const ZONES_APART_SECONDS: i64 = 26 * 3600;

impl Reader<'_> {
    /// A local time, kept as `hh:mm:ss` with its zone; what is none is kept for the check.
    pub(super) fn time(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &Given<'_>,
        at: &At,
    ) {
        let member = &plan.members[index];
        let Some(value) = given.get(Role::Main) else { return };
        let Some(field) = text_field(part, index) else { return };
        let Some(text) = value.as_str() else {
            return self.mistyped(member.spec, at.trail_of(member), value);
        };
        let beside = given.get(Role::Zone);
        if beside.is_some_and(|zone| !zone.is_string()) {
            self.fault(&rules::TYPE, path_of(&at.path, "issueTimeZone"), String::new());
        }
        let zone = beside.and_then(Json::as_str).map_or("", str::trim);
        let text = text.trim();
        *field = spelled(&format!("{text}{zone}"))
            .filter(|_| zone.is_empty() || spelled(text).is_some_and(|alone| alone.len() == 8))
            .unwrap_or_else(|| text.to_owned());
        if !zone.is_empty() && field.len() <= 8 {
            self.fault(&rules::TWICE, path_of(&at.path, "issueTimeZone"), String::new());
        }
    }

    pub(super) fn instant(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &Given<'_>,
        at: &At,
    ) {
        let member = &plan.members[index];
        let Some(value) = given.get(Role::Raw).or(given.get(Role::Main)) else { return };
        let read = match given.get(Role::Raw) {
            Some(raw) => amount::whole(raw),
            None => value
                .as_str()
                .ok_or(Fault::Unreadable)
                .and_then(|text| self.moment(text.trim(), member.spec.form)),
        };
        match (read, part.value(index)) {
            (Ok(instant), Value::Whole(field)) => *field = instant,
            (Ok(instant), Value::MaybeWhole(field)) => *field = Some(instant),
            (Err(fault), _) if leaf::is_scalar(value) => {
                self.blame(field_of(plan, index), fault, at.trail_of(member), value);
                self.keep_unread(plan, index, fault, value, at);
            }
            _ => self.mistyped(member.spec, at.trail_of(member), value),
        }
    }

    /// The registration of a lot: an instant, or a day and a local time.
    pub(super) fn registered(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &[Given<'_>],
        at: &At,
    ) {
        let here = &given[index];
        let (main, local) = (here.get(Role::Main), here.get(Role::Day));
        if main.is_some() || here.get(Role::Raw).is_some() {
            self.instant(plan, part, index, here, at);
        }
        let from_day = local
            .and_then(|local| self.day_and_time(plan, index, (local, here.get(Role::Time)), at));
        let Value::Whole(field) = part.value(index) else { return };
        match from_day {
            Some((instant, _)) if main.is_some() && *field != 0 => {
                let apart = (instant - *field).abs() / 1_000_000;
                let path = path_of(&at.path, "dateRegistration");
                if apart > ZONES_APART_SECONDS {
                    self.fault(&rules::TWICE, path, String::new());
                }
            }
            Some((instant, has_time)) => {
                *field = instant;
                if !has_time {
                    self.issue(Issue {
                        ground: Ground::Rule(&TIME_REGISTRATION),
                        severity: TIME_REGISTRATION.severity,
                        trail: at.trail_of(&plan.members[index]),
                        value: String::new(),
                    });
                }
            }
            None => {}
        }
        if let (None, None, Some(time)) = (main, local, here.get(Role::Time)) {
            // A time without its day says nothing yet, and is not lost.
            self.keep(path_of(&at.path, "timeRegistration"), time);
        }
    }

    /// The instant of a day and a time, and whether there was a time.
    fn day_and_time(
        &mut self,
        plan: &'static Plan,
        index: usize,
        (local, time): (&Json, Option<&Json>),
        at: &At,
    ) -> Option<(i64, bool)> {
        let field = field_of(plan, index);
        let Some(date) = local
            .as_str()
            .and_then(|text| day(text.trim().get(..10)?).filter(|_| text.trim().len() == 10))
        else {
            self.registered_by = "dateRegistration";
            self.blame(field, Fault::Unreadable, at.trail_of(&plan.members[index]), local);
            return None;
        };
        let clock = time.map(|time| time.as_str().and_then(|text| clock(text.trim())));
        if let (Some(None), Some(time)) = (clock, time) {
            self.registered_by = "timeRegistration";
            self.blame(field, Fault::Unreadable, at.trail_of(&plan.members[index]), time);
        }
        let (clock, zone) = clock.flatten().unwrap_or((Time::midnight(), None));
        let local = date.to_datetime(clock);
        let instant = match zone {
            Some(zone) => zone.to_timestamp(local).ok(),
            None => self.context.zone.to_timestamp(local).ok(),
        };
        Some((instant?.as_microsecond(), time.is_some()))
    }

    /// An instant with its offset; without one, in the zone of the source.
    fn moment(&self, text: &str, form: Form) -> Result<i64, Fault> {
        let has_offset = text.get(10..).unwrap_or_default().contains(['Z', 'z', '+', '-']);
        let instant = if has_offset {
            text.parse::<Timestamp>().ok()
        } else if let Some(date) = day(text) {
            // What rules compare to the minute is not said by a bare day.
            if matches!(form, Form::Moment) {
                return Err(Fault::Unreadable);
            }
            self.context.zone.to_timestamp(date.to_datetime(Time::midnight())).ok()
        } else {
            text.parse::<DateTime>()
                .ok()
                .and_then(|local| self.context.zone.to_timestamp(local).ok())
        };
        instant.map(Timestamp::as_microsecond).ok_or(Fault::Unreadable)
    }
}

/// The time with its fraction, and its offset.
fn clock(text: &str) -> Option<(Time, Option<jiff::tz::Offset>)> {
    let (time, zone) = local_time(text)?;
    let fraction = text.split_once('.').map_or("", |(_, rest)| {
        &rest[..rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())]
    });
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse::<i32>().ok()?;
    Some((Time::new(time.hour(), time.minute(), time.second(), nanoseconds).ok()?, zone))
}

/// The one spelling in which a time is kept; none where a fraction would be lost.
fn spelled(text: &str) -> Option<String> {
    let (time, zone) = local_time(text).filter(|_| !text.contains('.'))?;
    let mut spelled = time.strftime("%H:%M:%S").to_string();
    if text.ends_with(['Z', 'z']) {
        spelled.push('Z');
    } else if let Some(zone) = zone {
        let minutes = zone.seconds() / 60;
        let sign = if text.contains('-') { '-' } else { '+' };
        // Writing into a String cannot fail.
        let _ = write!(spelled, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    }
    Some(spelled)
}
