//! The reporting calendar, and the months that the Secretariat closed.
//!
//! Owns which month a record belongs to, what a state's month is called (on time, late,
//! missing, zero, not due, no data yet), and the closings: figures frozen together with
//! the signed checkpoints that they rest on. The definitions are those by which the
//! rule on reporting judges: a month is reported by a statement with a count, it is owed
//! from the first month that a state ever stated, and its deadline is a limit of the rules.
//!
//! Invariant: a closing is never changed; closing again makes another edition.

pub(crate) mod closing;
mod month;
mod records;
pub(crate) mod rewritten;
mod shelf;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod verify;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span, Timestamp, civil::Date};
use rmd_reconcile::{Parameter, Parameters};
use rmd_standard::{
    Entity,
    country::{self, MEMBERS},
    effective::calendar_day,
};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

pub(crate) use month::Month;
pub(crate) use rewritten::Rewritten;

use crate::{
    follow::cursor,
    registry::{self, entitlement::Level, node},
    statistics, store,
    verdict::{self, source},
};

/// The feed whose records have a month.
pub(crate) const DATED_FEED: &str = "transactions";

/// What cannot be read, closed or proven.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A month that is not over.
    #[error(
        "month {month} cannot be closed: it ends on {ends}, and today is {today}; close it after \
         that day\n\
         le mois {month} ne peut être clos : il finit le {ends} et nous sommes le {today} ; \
         clôturez-le après ce jour"
    )]
    NotOver {
        /// The month.
        month: Month,
        /// Its last day.
        ends: Date,
        /// The evaluation day.
        today: Date,
    },
    /// A closing without a name.
    #[error(
        "--by must have 1 to 200 characters that can be shown: name who closes the month\n\
         --by doit avoir de 1 à 200 caractères affichables : nommez qui clôt le mois"
    )]
    Nobody,
    /// No such closing.
    #[error(
        "month {0} was not closed, or has no such edition: `rmd-hub month list` shows those that \
         were\n\
         le mois {0} n'a pas été clos, ou n'a pas cette édition : `rmd-hub month list` les montre"
    )]
    Unknown(Month),
    /// Somebody else closed the month at the same time.
    #[error(
        "month {0} is being closed by somebody else: look at `rmd-hub month show {0}`\n\
         le mois {0} est en train d'être clos par quelqu'un d'autre : voyez `rmd-hub month show {0}`"
    )]
    Taken(Month),
    /// Figures.
    #[error(transparent)]
    Statistics(#[from] statistics::Error),
    /// The levels in force.
    #[error(transparent)]
    Verdict(#[from] verdict::Error),
    /// The nodes.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The ledger.
    #[error(transparent)]
    Recover(#[from] crate::recover::Error),
    /// A checkpoint or a tree.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// How a state stands to a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reported {
    /// Stated with a count by the deadline.
    OnTime,
    /// Stated with a count after the deadline.
    Late,
    /// Past the deadline without a statement, or with one that has no count.
    Missing,
    /// Stated as zero.
    Zero,
    /// The deadline is not past.
    NotDue,
    /// Before the first month that the state stated: nothing is owed.
    NotOwed,
    /// The state has no node, or no live feed.
    NoDataYet,
}

impl Reported {
    /// Every one, in the order of the legend.
    pub(crate) const ALL: [Self; 7] = [
        Self::OnTime,
        Self::Late,
        Self::Missing,
        Self::Zero,
        Self::NotDue,
        Self::NotOwed,
        Self::NoDataYet,
    ];
}

/// One month of one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Cell {
    pub(crate) month: Month,
    pub(crate) reported: Reported,
    /// The day by which it is reported.
    pub(crate) due: Date,
    /// The day on which the state closed it, by its own statement.
    pub(crate) closed_on: Option<Date>,
    /// Records that the state stated.
    pub(crate) records: Option<u64>,
    /// Zero, and stated after the deadline.
    pub(crate) is_late_zero: bool,
    /// What changed since the Secretariat closed the month; none while it did not, or
    /// where it cannot be told.
    pub(crate) rewritten: Option<Rewritten>,
}

/// The months of one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct State {
    /// Alpha-2.
    pub(crate) country: &'static str,
    pub(crate) alpha3: &'static str,
    pub(crate) name_en: &'static str,
    pub(crate) name_fr: &'static str,
    pub(crate) months: Vec<Cell>,
}

/// The twelve states by months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Calendar {
    /// Day for which it holds.
    pub(crate) as_of: Date,
    /// Feed that the statements are about.
    pub(crate) feed: String,
    pub(crate) from: Month,
    pub(crate) to: Month,
    /// Months of these that the Secretariat closed.
    pub(crate) closed: Vec<Month>,
    pub(crate) states: Vec<State>,
}

/// Reads the calendar of a feed from a month to a month, both included.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    feed: &str,
    (from, to): (Month, Month),
    today: Date,
    parameters: &Parameters,
) -> Result<Calendar, Error> {
    let statements = statements(connection, feed).await?;
    let live = live(connection, feed).await?;
    let closed = shelf::closed(connection).await?;
    let closed: Vec<Month> = from.until(to).filter(|month| closed.contains_key(month)).collect();
    let mut rewritten = BTreeMap::new();
    for month in closed.iter().filter(|_| feed == DATED_FEED) {
        let of_month = rewritten::of_month(connection, *month).await?;
        rewritten.extend(of_month.into_iter().map(|(country, one)| ((country, *month), one)));
    }
    let states = MEMBERS.iter().map(|member| {
        let months = from.until(to).map(|month| {
            let due = due(month, member.0, parameters);
            let own = statements.get(member.0);
            let mut cell = cell(month, own, live.contains(member.0), due, today);
            cell.rewritten = rewritten.get(&(member.0.to_owned(), month)).copied();
            cell
        });
        State {
            country: member.0,
            alpha3: member.1,
            name_en: member.2,
            name_fr: member.3,
            months: months.collect(),
        }
    });
    let states = states.collect();
    Ok(Calendar { as_of: today, feed: feed.to_owned(), from, to, closed, states })
}

/// The day by which a state reports a month: the limit day of the next month.
pub(crate) fn due(month: Month, country: &str, parameters: &Parameters) -> Date {
    let within = parameters.get(Parameter::DeadlineDay, country, "").clamp(1, 28);
    month.next().first_day().saturating_add(Span::new().days(within - 1))
}

/// What a state said of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Statement {
    records: Option<u64>,
    closed_on: Option<Date>,
}

fn cell(
    month: Month,
    own: Option<&BTreeMap<Month, Statement>>,
    is_live: bool,
    due: Date,
    today: Date,
) -> Cell {
    let statement = own.and_then(|own| own.get(&month)).copied();
    let is_owed = own.and_then(|own| own.keys().next()).is_some_and(|first| *first <= month);
    let records = statement.and_then(|statement| statement.records);
    let closed_on = statement.and_then(|statement| statement.closed_on);
    let is_late = closed_on.is_some_and(|day| day > due);
    let reported = match records {
        Some(0) => Reported::Zero,
        Some(_) if is_late => Reported::Late,
        Some(_) => Reported::OnTime,
        None if !is_live => Reported::NoDataYet,
        None if !is_owed => Reported::NotOwed,
        None if today <= due => Reported::NotDue,
        None => Reported::Missing,
    };
    let is_late_zero = is_late && reported == Reported::Zero;
    Cell { month, reported, due, closed_on, records, is_late_zero, rewritten: None }
}

#[derive(FromRow)]
struct Row {
    country: String,
    period: String,
    record_count: Option<i64>,
    closed_at_us: Option<i64>,
}

/// What each state said of its months, void statements left out.
async fn statements(
    connection: &mut AnyConnection,
    feed: &str,
) -> Result<BTreeMap<String, BTreeMap<Month, Statement>>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT country, period, record_count, closed_at_us \
         FROM reporting_period \
         WHERE void = 0 AND feed = $1",
    )
    .bind(feed)
    .fetch_all(connection)
    .await?;
    let mut statements: BTreeMap<String, BTreeMap<Month, Statement>> = BTreeMap::new();
    for row in rows {
        let Ok(month) = row.period.parse() else { continue };
        let closed = row.closed_at_us.filter(|at| *at > 0);
        let closed = closed.and_then(|at| Timestamp::from_microsecond(at).ok());
        let statement = Statement {
            records: row.record_count.and_then(|count| u64::try_from(count).ok()),
            closed_on: closed.map(calendar_day),
        };
        statements.entry(row.country).or_default().insert(month, statement);
    }
    Ok(statements)
}

/// States with a node from which records of the feed came that count.
async fn live(connection: &mut AnyConnection, feed: &str) -> Result<BTreeSet<String>, Error> {
    let followed = cursor::all(connection).await?;
    let mut live = BTreeSet::new();
    for node in node::all(connection).await? {
        let Some(alpha2) = country::alpha2_of(&node.country) else { continue };
        let has_come = |one: &&cursor::FeedStatus| {
            one.node_id == node.id && one.feed == feed && one.cursor > 0
        };
        if followed.iter().find(has_come).is_none() {
            continue;
        }
        let levels = source::in_force(connection, &node.id).await?;
        let is_live = |entity: &Entity| {
            entity.feed() == feed && levels.get(entity).is_some_and(|level| *level == Level::Live)
        };
        if Entity::ALL.iter().any(is_live) {
            live.insert(alpha2.to_owned());
        }
    }
    Ok(live)
}
