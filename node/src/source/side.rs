//! The side table in which triggers note the keys of changed rows.
//!
//! Owns its name, what stands in it, and whether its triggers are there. A row
//! of it is one change of one row for one record type; writers only add rows, so
//! that two of them never wait for each other. Rows are taken by presence: what
//! was seen is deleted by its own token, and nothing that was added since, in
//! whatever order transactions commit. Refuses to call missing or switched-off
//! triggers "no changes".

mod ddl;
mod names;
mod standing;
mod write;

use rmd_standard::Cell;
use sha2::{Digest as _, Sha256};

pub(super) use ddl::check_type;
pub(crate) use ddl::{InstallError, Script, install, remove};

pub(crate) use write::{Erased, Eraser, run};

use super::{Bind, Error, Kind, Session, Statement};

/// Name of the side table, and first part of every name that goes with it.
pub(crate) const SIDE_TABLE: &str = "rmd_changed";

/// Form of the triggers; raised when their text changes, so that old ones count
/// as missing.
const FORM: &str = "1";

/// One watched table whose changed rows are noted for one record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noting {
    /// Name of the record type.
    pub(crate) record: &'static str,
    /// The table as the mapping names it.
    pub(crate) table: String,
    /// The column whose old and new values are noted.
    pub(crate) key: String,
}

/// One row of the side table as it was seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SideRow {
    /// Number of the row; on PostgreSQL the microsecond in which it was noted.
    token: i64,
    /// The transaction that noted it; 0 where the token alone is unique.
    xact: i64,
    /// The watched table as the mapping names it.
    pub(crate) watched: String,
    /// The noted value; null = anything of the table may have changed, an empty
    /// text = the row has no such value.
    pub(crate) key: Cell,
    /// Whether the noted value can be read.
    pub(crate) is_readable: bool,
}

impl Noting {
    /// What all names of its triggers begin with. It holds a hash of what they
    /// note, so that triggers made for another mapping count as missing.
    fn name(&self) -> String {
        let told = [FORM, self.record, &self.table, &self.key].join("\n");
        let hash = hex::encode(&Sha256::digest(told.as_bytes())[..4]);
        format!("{}{hash}", prefix(self.record))
    }

    /// The triggers without which changes would be missed.
    fn triggers(&self, kind: Kind) -> Vec<String> {
        let name = self.name();
        match kind {
            Kind::Postgres => vec![format!("{name}_row"), format!("{name}_all")],
            Kind::Sqlite | Kind::MySql => {
                ["_ins", "_upd", "_del"].map(|of| format!("{name}{of}")).into()
            }
        }
    }
}

/// What the names of the triggers of a record type begin with.
fn prefix(record: &str) -> String {
    format!("{SIDE_TABLE}_{record}_")
}

impl Session {
    /// The oldest rows noted for a record type, at most `limit`. In the open snapshot:
    /// a row that is seen belongs to a change that is seen.
    pub(crate) async fn noted(
        &mut self,
        record: &str,
        tables: &[&str],
        limit: usize,
    ) -> Result<Vec<SideRow>, Error> {
        let kind = self.kind();
        let mut statement = Statement::new(kind);
        let (xact, key) = match kind {
            Kind::Postgres => ("xact", "row_key"),
            Kind::MySql => ("0", "row_key"),
            // Bytes find no row again: everything is read.
            Kind::Sqlite => ("0", "CASE typeof(row_key) WHEN 'blob' THEN NULL ELSE row_key END"),
        };
        statement.push("SELECT token, ").push(xact).push(" AS xact, watched, ").push(key);
        statement.push(" AS row_key FROM ");
        statement.push(SIDE_TABLE).push(" WHERE record = ").bind(text(record), None);
        let mut before = " AND watched IN (";
        for table in tables {
            statement.push(before).bind(text(table), None);
            before = ", ";
        }
        statement.push(") ORDER BY token LIMIT ").push_number(limit);
        let rows = self.fetch(&statement, limit).await?.rows;
        Ok(rows.into_iter().filter_map(side_row).collect())
    }
}

fn side_row(mut row: super::Row) -> Option<SideRow> {
    let is_readable = !row.faults.iter().any(|(index, _)| *index == 3);
    let key = row.cells.pop()?;
    match row.cells.as_slice() {
        [Cell::Integer(token), Cell::Integer(xact), Cell::Text(watched)] => {
            Some(SideRow { token: *token, xact: *xact, watched: watched.clone(), key, is_readable })
        }
        _ => None,
    }
}

fn text(value: &str) -> Bind {
    Bind::Text(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_of_another_column_have_other_names() {
        let noting = |key: &str| Noting { record: "MineSite", table: "t".into(), key: key.into() };
        assert_eq!(noting("a").name(), noting("a").name());
        assert_ne!(noting("a").name(), noting("b").name());
        let longest = Noting { record: "ProductionDeclaration", ..noting("a") };
        assert!(longest.triggers(Kind::MySql).iter().all(|name| name.len() < 63));
    }
}
