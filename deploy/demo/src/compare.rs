//! The independent witness: does the regional view hold what the sources hold?
//!
//! Reads each national database with the queries in `compare/*.sql`, which
//! share nothing with the mappings, and each regional table as it stands, and
//! counts every record, field and child row in which they differ, in both
//! directions. Rows are matched by what names them in the standard, so neither
//! side's internal keys count. National rows that a node holds in quarantine
//! are left out of the reading; a regional row of such a record is a difference.

mod rows;
mod tables;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::states::State;
use rows::{Row, read};
use tables::{TABLES, Table};

/// One thing in which a source and the regional view differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// Regional table.
    pub table: &'static str,
    /// What names the record in the standard; for a child row with its position.
    pub record: String,
    /// Column; empty when the whole row is on one side alone.
    pub column: String,
    /// Value that the source gives; absent if the source has no such row.
    pub source: Option<String>,
    /// Value in the regional view; absent if it has no such row.
    pub regional: Option<String>,
}

/// What the hub itself adds to a row.
const OWN: [&str; 4] = ["rev", "void", "position", "mine_site_key"];

/// What was compared and what differs.
#[derive(Debug, Default, Serialize)]
pub struct Comparison {
    /// Rows of the sources, for each table.
    pub rows: BTreeMap<&'static str, usize>,
    /// Fields compared.
    pub fields: usize,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// National rows that a node refused: entity and national key.
pub type Quarantined = BTreeSet<(String, String)>;

/// Compares every regional table of one state with its source.
pub async fn compare(
    state: &State,
    quarantined: &Quarantined,
    hub_url: &str,
) -> Result<Comparison> {
    let mut comparison = Comparison::default();
    let mut names = Names::default();
    for table in &TABLES {
        let source = names.source_rows(state, table, quarantined).await?;
        let regional = names.regional_rows(state, table, hub_url).await?;
        *comparison.rows.entry(table.name).or_default() += source.len();
        compare_rows(table, &source, &regional, &mut comparison);
    }
    comparison.differences.sort();
    Ok(comparison)
}

/// How the rows of parents are called, so that children can be named after them.
#[derive(Default)]
struct Names {
    /// Parent table and national key to name.
    source: BTreeMap<(&'static str, String), String>,
    /// Parent table and regional key to name.
    regional: BTreeMap<(&'static str, String), String>,
}

type Named = BTreeMap<String, Row>;

impl Names {
    async fn source_rows(
        &mut self,
        state: &State,
        table: &'static Table,
        quarantined: &Quarantined,
    ) -> Result<Named> {
        let Some(query) = tables::witness(state.country, table.name)? else {
            return Ok(Named::new());
        };
        let mut keyed = Vec::new();
        for mut row in read(&state.url, query)
            .await
            .with_context(|| format!("read {} of {}", table.name, state.country))?
        {
            let key = row.remove("_source").flatten().context("find _source in a row")?;
            if !quarantined.contains(&(table.entity.to_owned(), key.clone())) {
                value::of_source(&mut row, state.country)?;
                keyed.push((key, row));
            }
        }
        Ok(name(table, keyed, &mut self.source))
    }

    async fn regional_rows(
        &mut self,
        state: &State,
        table: &'static Table,
        hub_url: &str,
    ) -> Result<Named> {
        let mut keyed = Vec::new();
        for mut row in read(hub_url, &table.regional_query(state.country)?).await? {
            let key = row.remove("record_key").flatten().context("find record_key in a row")?;
            row.retain(|column, _| !OWN.contains(&column.as_str()));
            value::of_region(&mut row);
            keyed.push((key, row));
        }
        Ok(name(table, keyed, &mut self.regional))
    }
}

/// Names records by the standard, and children by their parent and their place
/// among its children, in the order of what they hold: a list of the standard
/// has no order of its own.
fn name(
    table: &'static Table,
    mut keyed: Vec<(String, Row)>,
    parents: &mut BTreeMap<(&'static str, String), String>,
) -> Named {
    let Some(parent) = table.parent else {
        let mut named = Named::new();
        for (key, row) in keyed {
            let name = table.name_of(&row);
            parents.insert((table.name, key), name.clone());
            named.insert(name, row);
        }
        return named;
    };
    for (_, row) in &mut keyed {
        // Absent and NULL are the same, also for the order.
        row.retain(|_, value| value.is_some());
    }
    keyed.sort();
    let mut named = Named::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (key, row) in keyed {
        let place = places.entry(key.clone()).or_default();
        *place += 1;
        let parent = parents.get(&(parent, key.clone())).unwrap_or(&key);
        named.insert(format!("{parent} #{place}"), row);
    }
    named
}

fn compare_rows(table: &Table, source: &Named, regional: &Named, comparison: &mut Comparison) {
    let nothing = Row::new();
    let records: BTreeSet<&String> = source.keys().chain(regional.keys()).collect();
    for record in records {
        let difference =
            |column: &str, source: Option<String>, regional: Option<String>| Difference {
                table: table.name,
                record: record.clone(),
                column: column.to_owned(),
                source,
                regional,
            };
        let (left, right) = (source.get(record), regional.get(record));
        if left.is_none() || right.is_none() {
            let present = |row: Option<&Row>| row.map(|_| "a row".to_owned());
            comparison.differences.push(difference("", present(left), present(right)));
            continue;
        }
        let (left, right) = (left.unwrap_or(&nothing), right.unwrap_or(&nothing));
        let columns: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        comparison.fields += columns.len();
        for column in columns {
            let of = |row: &Row| row.get(column).cloned().flatten();
            if of(left) != of(right) {
                comparison.differences.push(difference(column, of(left), of(right)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::{MariaDb, Postgres};
    use crate::states::{self, Servers};

    // The same rows in other engines must give the same reading, or the
    // witness would blame the network for what an engine does.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_witness_reads_the_same_from_every_engine() {
        let folder = tempfile::tempdir().unwrap();
        let servers = Servers {
            postgres: Postgres::start(folder.path()).await.unwrap(),
            mariadb: MariaDb::start(folder.path()).await.unwrap(),
        };
        let embedded = states::create(folder.path(), None, None).await.unwrap();
        let other = tempfile::tempdir().unwrap();
        let served = states::create(other.path(), None, Some(&servers)).await.unwrap();
        for (embedded, served) in embedded.iter().zip(&served) {
            same_reading(embedded, served).await;
        }
    }

    async fn same_reading(embedded: &State, served: &State) {
        let none = Quarantined::new();
        let (mut left, mut right) = (Names::default(), Names::default());
        for table in &TABLES {
            let left = left.source_rows(embedded, table, &none).await.unwrap();
            let right = right.source_rows(served, table, &none).await.unwrap();
            assert_eq!(left, right, "{} of {}", table.name, embedded.country);
        }
    }
}
