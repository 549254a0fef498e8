//! Statuses that count on the day of evaluation, those that changed in the month, and
//! lapses ahead.
//!
//! Computed for the day from the history of each record, as `site show` does, so that a
//! report does not depend on when the hub computed statuses last.

mod changes;

use std::collections::BTreeMap;

use jiff::{Span, civil::Date};
use rmd_proto::v1::CertificationStatus;
use rmd_report::{Lapse, Status, StatusChange, StatusCount, Statuses};
use rmd_standard::{Entity, effective::Effective};
use sqlx::{AnyConnection, Row as _};

use super::{Error, Occasion};
use crate::share::{decision, subject::Subject};

/// Records that are looked at in one turn, so that memory does not grow with them.
const TURN: i64 = 500;

type Counts = BTreeMap<(String, Status), u64>;

/// Statuses that ended in the month, and those that will.
#[derive(Debug, Default)]
struct Ends {
    changes: Vec<StatusChange>,
    lapses: Vec<Lapse>,
}

/// The statuses; none where no state released a site or an exporter.
pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Option<Statuses>, Error> {
    let (mut sites, mut exporters) = (Counts::new(), Counts::new());
    let mut ends = Ends::default();
    let mut after = String::new();
    loop {
        let subjects = next(connection, Entity::MineSite, &mut after).await?;
        if subjects.is_empty() {
            break;
        }
        count(connection, occasion, &subjects, (&mut sites, &mut ends)).await?;
    }
    let mut after = String::new();
    loop {
        let subjects = next(connection, Entity::ExporterStatus, &mut after).await?;
        if subjects.is_empty() {
            break;
        }
        count(connection, occasion, &subjects, (&mut exporters, &mut ends)).await?;
    }
    let Ends { mut changes, mut lapses } = ends;
    lapses.sort_by(|one, other| {
        let place = |one: &Lapse| (one.until, one.country.clone(), one.icglr_id.clone());
        place(one).cmp(&place(other))
    });
    changes.sort_by(|one, other| {
        let place = |one: &StatusChange| (one.on, one.country.clone(), one.whose, one.id.clone());
        place(one).cmp(&place(other))
    });
    let is_there = !sites.is_empty() || !exporters.is_empty();
    let rows = |counts: Counts| {
        let row = |((country, status), count)| StatusCount { country, status, count };
        counts.into_iter().map(row).collect::<Vec<_>>()
    };
    Ok(is_there.then(|| {
        let (sites, exporters, changed) = (rows(sites), rows(exporters), Vec::new());
        let mut statuses = Statuses { sites, exporters, changes, changed, lapses };
        statuses.count_changes();
        statuses
    }))
}

/// The next released records after a key, which moves on.
async fn next(
    connection: &mut AnyConnection,
    entity: Entity,
    after: &mut String,
) -> Result<Vec<Subject>, Error> {
    let query = match entity {
        Entity::ExporterStatus => {
            "SELECT record_key FROM exporter_status WHERE record_key > $1 ORDER BY record_key LIMIT $2"
        }
        _ => "SELECT record_key FROM mine_site WHERE record_key > $1 ORDER BY record_key LIMIT $2",
    };
    let rows =
        sqlx::query(query).bind(after.clone()).bind(TURN).fetch_all(&mut *connection).await?;
    let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let Some(last) = keys.last() else { return Ok(Vec::new()) };
    after.clone_from(last);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Ok(Subject::of_keys(connection, entity, &keys).await?)
}

/// Counts records by state and status, and finds what changed and what will.
async fn count(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    subjects: &[Subject],
    (counts, ends): (&mut Counts, &mut Ends),
) -> Result<(), Error> {
    let keys: Vec<&str> = subjects.iter().map(Subject::record_key).collect();
    let decisions = decision::of_sites(connection, &keys).await?;
    // What is void is neither a site nor an exporter any more.
    for subject in subjects.iter().filter(|subject| !subject.is_void()) {
        let own = decisions.get(subject.record_key()).map_or(&[][..], Vec::as_slice);
        let course = changes::Course::of(subject, own, occasion);
        let now = course.on(occasion.day);
        let country = subject.country().to_owned();
        *counts.entry((country, status(now.status))).or_default() += 1;
        ends.changes.extend(course.changes(subject, occasion));
        if subject.entity() == Entity::MineSite {
            ends.lapses.extend(lapse(subject, &now, occasion.day, |day| course.on(day)));
        }
    }
    Ok(())
}

fn lapse(
    subject: &Subject,
    now: &Effective,
    day: Date,
    on: impl Fn(Date) -> Effective,
) -> Option<Lapse> {
    let until = now.until?;
    let last = day.saturating_add(Span::new().days(Statuses::DAYS_AHEAD));
    let next = on(until.saturating_add(Span::new().days(1)));
    (until <= last && next.status != now.status).then(|| Lapse {
        country: subject.country().to_owned(),
        icglr_id: subject.name().to_owned(),
        status: status(now.status),
        until,
        then: status(next.status),
    })
}

const fn status(status: CertificationStatus) -> Status {
    match status {
        CertificationStatus::Green => Status::Green,
        CertificationStatus::Blue => Status::Blue,
        CertificationStatus::Yellow => Status::Yellow,
        CertificationStatus::Red => Status::Red,
        CertificationStatus::Unspecified => Status::Unknown,
    }
}
