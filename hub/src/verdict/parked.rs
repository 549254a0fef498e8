//! Records that name another one which never came.
//!
//! Owns the table `parked`. A parked record is applied and shown like any other;
//! the row only says what it waits for. A reference counts as there once the hub
//! accepted a record of that name, also if it was withdrawn since: so the end
//! does not depend on who came first.

use std::collections::{BTreeMap, HashMap, HashSet};

use rmd_standard::{Entity, Finding};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    Error,
    reference::{Reference, Target},
};
use crate::store::{
    self,
    bulk::{self, Value},
    question::Piece,
};

/// The rule of a verdict about a missing reference.
pub(crate) const RULE: &str = "HUB-REFERENCE";

/// Names in one question.
const BATCH: usize = 64;

/// One missing reference of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Parked {
    /// Node that published the record.
    pub(crate) node_id: String,
    /// Type of the record.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) record_key: String,
    /// Path of the field.
    pub(crate) path: String,
    /// What stands there.
    pub(crate) value: String,
    /// State of the record, alpha-2.
    pub(crate) country: String,
    /// Type of the missing record.
    pub(crate) target_entity: String,
    /// State that would have it.
    pub(crate) target_country: String,
    /// Its key.
    pub(crate) target_key: String,
    /// When the revision that names it came, UTC microseconds.
    pub(crate) since_us: i64,
}

/// A record that may wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting<'a> {
    pub(super) node_id: &'a str,
    pub(super) country: &'a str,
    pub(super) entity: Entity,
    pub(super) record_key: &'a str,
    pub(super) since_us: i64,
}

impl Waiting<'_> {
    /// The row of a reference that is missing.
    pub(super) fn row(&self, reference: Reference) -> Parked {
        Parked {
            node_id: self.node_id.to_owned(),
            entity: self.entity.name().to_owned(),
            record_key: self.record_key.to_owned(),
            path: reference.path,
            value: cut(&reference.value),
            country: self.country.to_owned(),
            target_entity: reference.target.entity.name().to_owned(),
            target_country: reference.target.country,
            target_key: reference.target.key,
            since_us: self.since_us,
        }
    }
}

/// A text that was checked to fit into an index fits into a message as well.
fn cut(text: &str) -> String {
    crate::regional::storable_text(text)
}

impl Parked {
    /// What the owner is told.
    pub(super) fn finding(&self) -> super::Found {
        let record = format!("{} {}", self.entity, self.record_key);
        let Self { path, value, target_entity, target_country, .. } = self;
        let en = format!(
            "{record}, {path} {value:?}: no {target_entity} of that name has come from \
             {target_country} yet; publish it, correct the reference, or wait for the other state \
             ({RULE})"
        );
        let fr = format!(
            "{record}, {path} {value:?} : aucun {target_entity} de ce nom n'est encore venu de \
             {target_country} ; publiez-le, corrigez la référence, ou attendez l'autre État ({RULE})"
        );
        let params = [
            ("target_entity", target_entity),
            ("target_country", target_country),
            ("target_key", &self.target_key),
        ];
        super::Found {
            rule: RULE.to_owned(),
            severity: super::Severity::Parked,
            path: path.clone(),
            value: value.clone(),
            en,
            fr,
            params: params.map(|(name, value)| (name, value.clone())).to_vec(),
        }
    }
}

impl From<&Finding> for super::Found {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity.into(),
            path: finding.path.clone(),
            value: finding.value.clone(),
            en: finding.en.clone(),
            fr: finding.fr.clone(),
            params: Vec::new(),
        }
    }
}

/// The targets that are there, as a record of `country` may know.
///
/// Of another state only what stands in the regional view counts: a record in
/// shadow must show nowhere, not even in the verdict of a state that names it.
pub(super) async fn present<'a>(
    connection: &mut AnyConnection,
    country: &str,
    targets: impl Iterator<Item = &'a Target>,
) -> Result<HashSet<&'a Target>, Error> {
    let mut by_key: BTreeMap<Entity, HashMap<&str, &Target>> = BTreeMap::new();
    let mut present = HashSet::new();
    let mut asked = HashSet::new();
    for target in targets.filter(|target| asked.insert(*target)) {
        match target.number() {
            Some(number) => {
                if is_there_by_number(connection, &target.country, &number).await? {
                    present.insert(target);
                }
            }
            None => drop(by_key.entry(target.entity).or_default().insert(&target.key, target)),
        }
    }
    for (entity, named) in by_key {
        let mut keys: Vec<&str> = named.keys().copied().collect();
        keys.sort_unstable();
        let head = "SELECT record_key, country, shadow FROM record";
        for row in bulk::select_of_entity(connection, head, entity.name(), &keys, "").await? {
            let (key, owner): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let is_shadow = row.try_get::<i64, _>(2)? != 0;
            let target = named.get(key.as_str()).filter(|_| !is_shadow || owner == country);
            present.extend(target.copied());
        }
    }
    Ok(present)
}

/// Letters count in either case in the index, and not in the comparison.
pub(crate) const BY_NUMBER: &str = "SELECT record_key FROM lot \
     WHERE LOWER(lot_number) = LOWER($1) AND lot_number = $1 AND country = $2 LIMIT 1";

async fn is_there_by_number(
    connection: &mut AnyConnection,
    country: &str,
    number: &str,
) -> Result<bool, store::Error> {
    let row = sqlx::query(BY_NUMBER).bind(number).bind(country).fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// What these records of a node wait for now, by key.
pub(super) async fn of_records(
    connection: &mut AnyConnection,
    node_id: &str,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Vec<Parked>>, Error> {
    let head = "SELECT node_id, entity, record_key, path, value, country, target_entity, \
                target_country, target_key, since_us FROM parked";
    let mut found: HashMap<String, Vec<Parked>> = HashMap::new();
    for row in bulk::select_of_entity(connection, head, entity.name(), keys, "").await? {
        let parked = Parked::from_row(&row)?;
        if parked.node_id == node_id {
            found.entry(parked.record_key.clone()).or_default().push(parked);
        }
    }
    for rows in found.values_mut() {
        rows.sort_unstable_by(|one, two| one.path.cmp(&two.path));
    }
    Ok(found)
}

/// Replaces what one record waits for.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    node_id: &str,
    entity: Entity,
    record_key: &str,
    now: &[Parked],
) -> Result<(), Error> {
    // How many there were is not asked: mostly none.
    sqlx::query("DELETE FROM parked WHERE node_id = $1 AND entity = $2 AND record_key = $3")
        .bind(node_id)
        .bind(entity.name())
        .bind(record_key)
        .execute(&mut *connection)
        .await?;
    for parked in now {
        let affected = sqlx::query(
            "INSERT INTO parked
                 (node_id, entity, record_key, path, value, country,
                  target_entity, target_country, target_key, since_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&parked.node_id)
        .bind(&parked.entity)
        .bind(&parked.record_key)
        .bind(&parked.path)
        .bind(&parked.value)
        .bind(&parked.country)
        .bind(&parked.target_entity)
        .bind(&parked.target_country)
        .bind(&parked.target_key)
        .bind(parked.since_us)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        store::expect_rows("parked", 1, affected)?;
    }
    Ok(())
}

/// Has every record judged again that waits for one of these names.
pub(super) async fn wake(
    connection: &mut AnyConnection,
    entity: Entity,
    names: &[String],
) -> Result<(), Error> {
    let mut awaited = HashSet::new();
    for names in names.chunks(BATCH) {
        let entity = Value::required(entity.name());
        let mut piece =
            Piece::new("SELECT target_key FROM parked WHERE target_entity = ?", [entity]);
        piece.push_in(" AND target_key IN", names.iter().map(Value::required));
        for row in piece.rows(connection).await? {
            awaited.insert(row.try_get::<String, _>(0)?);
        }
    }
    for name in awaited {
        sqlx::query(
            "INSERT INTO verdict_due (node_id, entity, record_key)
             SELECT DISTINCT node_id, entity, record_key
             FROM parked
             WHERE target_entity = $1 AND target_key = $2
             ON CONFLICT (node_id, entity, record_key) DO NOTHING",
        )
        .bind(entity.name())
        .bind(name)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Has every record judged again that waits for that type of that state.
pub(super) async fn wake_all(
    connection: &mut AnyConnection,
    country: &str,
    entity: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO verdict_due (node_id, entity, record_key)
         SELECT DISTINCT node_id, entity, record_key
         FROM parked
         WHERE target_country = $1 AND target_entity = $2
         ON CONFLICT (node_id, entity, record_key) DO NOTHING",
    )
    .bind(country)
    .bind(entity)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many records of a node wait for records of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Count {
    /// Node that published the records.
    pub(crate) node_id: String,
    /// Their type.
    pub(crate) entity: String,
    /// Type of what is missing.
    pub(crate) target_entity: String,
    /// State that would have it.
    pub(crate) target_country: String,
    /// Records that wait.
    pub(crate) records: i64,
}

/// What waits, counted.
pub(crate) async fn counts(connection: &mut AnyConnection) -> Result<Vec<Count>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, entity, target_entity, target_country,
                COUNT(DISTINCT record_key) AS records
         FROM parked
         GROUP BY node_id, entity, target_entity, target_country
         ORDER BY node_id, entity, target_entity, target_country",
    )
    .fetch_all(connection)
    .await?)
}

/// Records of each node that wait for anything.
pub(crate) async fn of_nodes(
    connection: &mut AnyConnection,
) -> Result<HashMap<String, i64>, store::Error> {
    let rows = sqlx::query(
        "SELECT node_id, COUNT(*)
         FROM (SELECT DISTINCT node_id, entity, record_key FROM parked) waiting
         GROUP BY node_id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What waits, of one node or of all, oldest first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    node_id: Option<&str>,
    limit: u32,
) -> Result<Vec<Parked>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, entity, record_key, path, value, country, target_entity, target_country,
                target_key, since_us
         FROM parked
         WHERE $1 = '' OR node_id = $1
         ORDER BY since_us, node_id, entity, record_key, path
         LIMIT $2",
    )
    .bind(node_id.unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?)
}
