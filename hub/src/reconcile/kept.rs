//! What the engine keeps of records and subjects as it judged them last.
//!
//! Owns the tables `judged_record`, `judged_name` and `judged_subject`. The names of a
//! record as it was tell which subjects lose something when it changes; what a lot
//! inherits is read by the lots after it; which rules could not be tested, and on which
//! day the clock comes back, is kept of a subject.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::civil::Date;
use rmd_reconcile::{Subject, SubjectKind, view::Custody};
use rmd_standard::Entity;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{custody, shelf::KeySet};
use crate::store::{
    self,
    bulk::{self, Cell, Columns, Rows, Table},
};

static RECORD: Table = Table {
    name: "judged_record",
    key: "entity, record_key",
    columns: &[Columns::named("entity, record_key, names, custody")],
};

static NAME: Table = Table {
    name: "judged_name",
    key: "name, entity, record_key",
    columns: &[Columns::named("name, entity, record_key")],
};

static SUBJECT: Table = Table {
    name: "judged_subject",
    key: "subject_key, kind",
    columns: &[Columns::named("kind, subject_key, untested, due")],
};

/// A record as it was judged last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// Its names, one a line.
    pub(super) names: String,
    /// What it inherits, where it is a lot; and whether it is in a ring.
    pub(super) custody: Option<(Custody, bool)>,
}

/// Records of one type as they were judged last; those that never were are absent.
pub(super) async fn records(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Kept>, store::Error> {
    let head = "SELECT record_key, names, custody FROM judged_record \
                WHERE entity = $1 AND record_key IN (";
    let rows = bulk::select_in(connection, (head, Some(entity.name())), keys, ")").await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let key: String = row.try_get(0)?;
        let bytes: Option<Vec<u8>> = row.try_get(2)?;
        let custody = bytes.map(|bytes| read(&key, &bytes)).transpose()?;
        found.insert(key, Kept { names: row.try_get(1)?, custody });
    }
    Ok(found)
}

/// What lots inherit, and which of them are in rings; those that were never judged are
/// absent.
pub(super) async fn custody(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<Vec<(Arc<str>, (Custody, bool))>, store::Error> {
    let head = "SELECT record_key, custody FROM judged_record \
                WHERE custody IS NOT NULL AND entity = $1 AND record_key IN (";
    let first = Some(Entity::Lot.name());
    let rows = bulk::select_in(connection, (head, first), keys, ")").await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (key, bytes): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let custody = read(&key, &bytes)?;
        found.push((key.into(), custody));
    }
    Ok(found)
}

/// Lots that stand and were looked at, but not judged: what is before them was not known.
/// Those after a key, in the order of keys, at most so many.
pub(super) async fn unjudged(
    connection: &mut AnyConnection,
    last: &str,
    limit: i64,
) -> Result<KeySet, store::Error> {
    let rows = sqlx::query(
        "SELECT j.record_key
         FROM judged_record j
         JOIN lot l ON l.record_key = j.record_key
         WHERE j.custody IS NULL AND j.entity = 'Lot' AND j.record_key > $1 AND l.void = 0
         ORDER BY j.record_key
         LIMIT $2",
    )
    .bind(last)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let key = |row: &AnyRow| Ok::<_, sqlx::Error>(Arc::from(row.try_get::<String, _>(0)?));
    Ok(rows.iter().map(key).collect::<Result<_, _>>()?)
}

fn read(key: &str, bytes: &[u8]) -> Result<(Custody, bool), store::Error> {
    custody::read(bytes).ok_or_else(|| store::Error::Inconsistent {
        table: "judged_record",
        column: "custody",
        id: key.to_owned(),
    })
}

/// Records of one type that answer to one of these names, or mention it.
pub(super) async fn of_names(
    connection: &mut AnyConnection,
    entity: Entity,
    names: &[&str],
) -> Result<Vec<(String, Arc<str>)>, store::Error> {
    let head = "SELECT name, record_key FROM judged_name WHERE entity = $1 AND name IN (";
    let rows = bulk::select_in(connection, (head, Some(entity.name())), names, ")").await?;
    pairs(&rows)
}

/// The same of all names from one text on up to another.
pub(super) async fn between_names(
    connection: &mut AnyConnection,
    entity: Entity,
    (from, to): (&str, &str),
) -> Result<Vec<(String, Arc<str>)>, store::Error> {
    let rows = sqlx::query(
        "SELECT name, record_key FROM judged_name WHERE entity = $1 AND name >= $2 AND name < $3",
    )
    .bind(entity.name())
    .bind(from)
    .bind(to)
    .fetch_all(connection)
    .await?;
    pairs(&rows)
}

fn pairs(rows: &[AnyRow]) -> Result<Vec<(String, Arc<str>)>, store::Error> {
    let pair = |row: &AnyRow| {
        let key: String = row.try_get(1)?;
        Ok((row.try_get(0)?, Arc::from(key)))
    };
    rows.iter().map(pair).collect()
}

/// What one step changes here.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Records with their names as they are now, and what lots inherit.
    pub(super) records: BTreeMap<(Entity, Arc<str>), Kept>,
    /// Records that are gone.
    pub(super) gone: BTreeSet<(Entity, Arc<str>)>,
    /// Names that lead no longer where they led, and those that lead there now.
    pub(super) names_gone: BTreeSet<(String, Entity, Arc<str>)>,
    pub(super) names_new: BTreeSet<(String, Entity, Arc<str>)>,
    /// Subjects that were judged, with what is to be kept of them.
    pub(super) subjects: BTreeMap<Subject, Said>,
    /// Kinds of which every subject was judged.
    pub(super) kinds: Vec<SubjectKind>,
}

/// What is kept of a subject beside its findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// One bit a rule: not testable.
    pub(super) untested: i64,
    /// First day on which the clock alone may change it.
    pub(super) due: Option<Date>,
}

impl Notes {
    /// Writes it all, in place of what was kept of the same; where nothing is kept of
    /// any of it, `is_new` says so.
    pub(super) async fn write(
        &self,
        connection: &mut AnyConnection,
        is_new: bool,
    ) -> Result<(), store::Error> {
        if !is_new {
            self.clear(connection).await?;
        }
        let mut rows = Rows::new(&RECORD);
        for ((entity, key), kept) in &self.records {
            let custody =
                kept.custody.as_ref().map(|(custody, ring)| custody::write(custody, *ring));
            rows.push([
                Cell::required(entity.name()),
                Cell::required(&**key),
                Cell::required(&kept.names),
                custody.map_or(Cell::Absent, |bytes| Cell::Bytes(bytes.into())),
            ]);
        }
        put(connection, rows, is_new).await?;
        let mut rows = Rows::new(&NAME);
        for (name, entity, key) in &self.names_new {
            let (name, key) = (Cell::required(name), Cell::required(&**key));
            rows.push([name, Cell::required(entity.name()), key]);
        }
        rows.insert(connection).await?;
        let mut rows = Rows::new(&SUBJECT);
        for (subject, said) in self.subjects.iter().filter(|(_, said)| **said != Said::default()) {
            rows.push([
                Cell::required(subject.kind.as_str()),
                Cell::required(&subject.key),
                Cell::integer(said.untested),
                Cell::maybe(said.due.map(|day| day.to_string())),
            ]);
        }
        rows.insert(connection).await
    }

    async fn clear(&self, connection: &mut AnyConnection) -> Result<(), store::Error> {
        let mut by_entity = BTreeMap::<Entity, Vec<&str>>::new();
        for (entity, key) in &self.gone {
            by_entity.entry(*entity).or_default().push(key);
        }
        for (entity, keys) in by_entity {
            let head = "DELETE FROM judged_record WHERE entity = $1 AND record_key IN (";
            bulk::delete_in(connection, (head, Some(entity.name())), &keys, ")").await?;
        }
        for (name, entity, key) in &self.names_gone {
            sqlx::query(
                "DELETE FROM judged_name WHERE name = $1 AND entity = $2 AND record_key = $3",
            )
            .bind(name)
            .bind(entity.name())
            .bind(key.as_ref())
            .execute(&mut *connection)
            .await?;
        }
        for kind in &self.kinds {
            sqlx::query("DELETE FROM judged_subject WHERE kind = $1")
                .bind(kind.as_str())
                .execute(&mut *connection)
                .await?;
        }
        let mut by_kind = BTreeMap::<SubjectKind, Vec<&str>>::new();
        for subject in self.subjects.keys() {
            by_kind.entry(subject.kind).or_default().push(&subject.key);
        }
        for (kind, keys) in by_kind {
            let head = "DELETE FROM judged_subject WHERE kind = $1 AND subject_key IN (";
            bulk::delete_in(connection, (head, Some(kind.as_str())), &keys, ")").await?;
        }
        Ok(())
    }
}

async fn put(connection: &mut AnyConnection, rows: Rows, is_new: bool) -> Result<(), store::Error> {
    if is_new { rows.insert(connection).await } else { rows.upsert(connection, "").await }
}

/// Forgets everything: all is about to be judged.
pub(super) async fn forget(connection: &mut AnyConnection) -> Result<(), store::Error> {
    for statement in
        ["DELETE FROM judged_record", "DELETE FROM judged_name", "DELETE FROM judged_subject"]
    {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Subjects whose day has come, by the order of days; at most so many.
pub(super) async fn due(
    connection: &mut AnyConnection,
    day: Date,
    limit: i64,
) -> Result<Vec<Subject>, store::Error> {
    let rows = sqlx::query(
        "SELECT kind, subject_key
         FROM judged_subject
         WHERE due <= $1
         ORDER BY due, subject_key, kind
         LIMIT $2",
    )
    .bind(day.to_string())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        let (kind, key): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let wrong = || store::Error::Inconsistent {
            table: "judged_subject",
            column: "kind",
            id: key.clone(),
        };
        due.push(Subject::new(SubjectKind::of(&kind).ok_or_else(wrong)?, key));
    }
    Ok(due)
}
