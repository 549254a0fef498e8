//! Whether what is written reaches the slot of a record type.
//!
//! Owns the questions to the catalogues. As long as the fingerprint stays the same
//! and nobody else has moved the slot, everything that was written between two
//! looks at it is in the slot, or was.

use rmd_standard::Cell;
use sha2::{Digest as _, Sha256};

use super::super::{Bind, Error, Session, Statement};
use super::{Logged, publication, slot_stem};

/// How the slot of a record type and its tables stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogStanding {
    /// Changes whenever changes may have been missed, but for a slot that was moved.
    pub(crate) fingerprint: String,
    /// Up to where the slot was let go; none without a slot that can be used.
    pub(crate) confirmed: Option<u64>,
    /// Where the log ends.
    pub(crate) written: u64,
    /// What is wrong: for a table by its place, or for all.
    pub(crate) reasons: Vec<(Option<usize>, Reason)>,
    /// The numbers of the tables, in the order of the question; 0 = not found.
    pub(crate) tables: Vec<u32>,
}

/// Why changes may not reach the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// There is none of that name.
    NoSlot,
    /// The server gave it up, for the room or otherwise.
    Lost,
    /// The account has not the attribute REPLICATION.
    NoRight,
    /// Not a plain, logged table that the account sees.
    NoTable,
    /// The publication has not this table, or not all of it.
    Unpublished,
    /// Old rows do not hold the noted column.
    NoIdentity,
}

/// What a snapshot sees, by numbers of transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    next: u32,
    running: Vec<u32>,
}

impl Snapshot {
    /// From the server's own `xmin:xmax:running`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':').skip(1);
        // Numbers of transactions travel without their upper half.
        let low = |part: &str| u32::try_from(part.parse::<u64>().ok()? & 0xffff_ffff).ok();
        let next = low(parts.next()?)?;
        let running = parts.next()?.split(',').filter(|part| !part.is_empty());
        Some(Self { next, running: running.map(low).collect::<Option<_>>()? })
    }

    /// Whether a transaction that has committed is part of it.
    pub(crate) fn sees(&self, xid: u32) -> bool {
        let behind = self.next.wrapping_sub(xid);
        (1..=u32::MAX / 2).contains(&behind) && !self.running.contains(&xid)
    }
}

impl Session {
    /// What the open snapshot sees.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let text = self.word("SELECT CAST(pg_current_snapshot() AS text) AS seen").await?;
        Snapshot::parse(&text).ok_or_else(|| Error::Query {
            reason: format!("the snapshot `{text}` cannot be read"),
            code: String::new(),
            slow: false,
        })
    }

    /// How the slot of a record type stands. In the open snapshot.
    pub(crate) async fn log_standing(
        &mut self,
        record: &str,
        logged: &[&Logged],
    ) -> Result<LogStanding, Error> {
        let mut statement = Statement::new(self.kind());
        statement.push(SLOT_FROM).bind(Bind::Text(slot_stem(record)), None).push(SLOT_WHERE);
        let server = self.cells(&statement).await?;
        let number = |place: usize| match server.get(place) {
            Some(Cell::Integer(number)) => Some(number.cast_unsigned()),
            _ => None,
        };
        let mut reasons = Vec::new();
        let mut told = vec![word(&server, 4)];
        let is_lost = word(&server, 2) == "lost" || !word(&server, 3).is_empty();
        match (number(1), word(&server, 5) == "true") {
            (_, false) => reasons.push((None, Reason::NoRight)),
            (None, _) => reasons.push((None, Reason::NoSlot)),
            _ if is_lost => reasons.push((None, Reason::Lost)),
            _ => {}
        }
        let mut tables = Vec::new();
        for (index, of) in logged.iter().enumerate() {
            let mut statement = Statement::new(self.kind());
            statement.push(TABLE_IDENTITY).bind(Bind::Text(of.column()), None);
            statement.push(TABLE_PUBLISHED).bind(Bind::Text(publication(record)), None);
            statement.push(TABLE_FROM).bind(Bind::Text(of.table.clone()), None).push(")");
            let table = self.cells(&statement).await?;
            let found = match table.first() {
                Some(Cell::Integer(id)) => u32::try_from(*id).unwrap_or(0),
                _ => 0,
            };
            let reason = if found == 0 || word(&table, 1) != "true" {
                Some(Reason::NoTable)
            } else if word(&table, 2) != "true" {
                Some(Reason::NoIdentity)
            } else if word(&table, 3).is_empty() {
                Some(Reason::Unpublished)
            } else {
                None
            };
            reasons.extend(reason.map(|reason| (Some(index), reason)));
            told.push(format!("{found} {}", word(&table, 3)));
            tables.push(found);
        }
        let hash = Sha256::digest(told.join("\n").as_bytes());
        Ok(LogStanding {
            fingerprint: hex::encode(&hash[..8]),
            confirmed: number(1).filter(|_| !is_lost),
            written: number(0).unwrap_or(0),
            reasons,
            tables,
        })
    }

    /// The cells of the one row of a query; none if there is no row.
    pub(super) async fn cells(&mut self, statement: &Statement) -> Result<Vec<Cell>, Error> {
        let mut rows = self.fetch(statement, 1).await?.rows;
        Ok(rows.pop().map(|row| row.cells).unwrap_or_default())
    }
}

pub(super) fn word(cells: &[Cell], place: usize) -> String {
    match cells.get(place) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Bool(value)) => value.to_string(),
        _ => String::new(),
    }
}

/// The end of the log, the slot, the server and the right. Columns that some versions
/// lack are asked for by name.
const SLOT_FROM: &str = "SELECT CAST(pg_current_wal_flush_lsn() - '0/0' AS bigint) AS a, \
    CAST(s.confirmed_flush_lsn - '0/0' AS bigint) AS b, to_jsonb(s) ->> 'wal_status' AS c, \
    COALESCE(to_jsonb(s) ->> 'invalidation_reason', CASE WHEN to_jsonb(s) ->> 'conflicting' = 'true' \
    OR s.plugin <> 'pgoutput' THEN 'unusable' END) AS d, \
    concat((SELECT system_identifier FROM pg_control_system()), '.', \
    (SELECT timeline_id FROM pg_control_checkpoint()), '.', s.slot_name) AS e, \
    (SELECT r.rolreplication OR r.rolsuper FROM pg_catalog.pg_roles r \
    WHERE r.rolname = current_user) AS f \
    FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = CAST(";

const SLOT_WHERE: &str = " || (SELECT d.oid FROM pg_catalog.pg_database d \
    WHERE d.datname = current_database()) AS name)";

const TABLE_IDENTITY: &str = "SELECT CAST(c.oid AS bigint) AS a, \
    c.relkind = 'r' AND c.relpersistence = 'p' AS b, \
    EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 \
    AND NOT a.attisdropped AND (c.relreplident = 'f' OR EXISTS (SELECT 1 FROM pg_catalog.pg_index i \
    WHERE i.indrelid = c.oid AND i.indisvalid AND a.attnum = ANY (CAST(i.indkey AS int2[])) AND \
    CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)) \
    AND a.attname = CAST(";

const TABLE_PUBLISHED: &str = " AS name)) AS c, (SELECT concat(pr.oid, '.', pr.xmin) \
    FROM pg_catalog.pg_publication_rel pr JOIN pg_catalog.pg_publication p ON p.oid = pr.prpubid \
    WHERE pr.prrelid = c.oid AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate \
    AND to_jsonb(pr) ->> 'prqual' IS NULL AND to_jsonb(pr) ->> 'prattrs' IS NULL \
    AND p.pubname = CAST(";

const TABLE_FROM: &str = " AS name)) AS d FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(";

#[cfg(test)]
mod tests {
    use super::Snapshot;

    #[test]
    fn a_snapshot_sees_what_committed_before_it_and_nothing_that_runs() {
        let seen = Snapshot::parse("100:110:104,107").unwrap();
        assert!(seen.sees(99) && seen.sees(105) && seen.sees(109));
        assert!(!seen.sees(104) && !seen.sees(107) && !seen.sees(110) && !seen.sees(111));
        // Behind 2^32 transactions the numbers begin again.
        let seen = Snapshot::parse("4294967290:4294967300:4294967298").unwrap();
        assert!(seen.sees(u32::MAX - 7) && seen.sees(3) && !seen.sees(2) && !seen.sees(4));
        assert_eq!(Snapshot::parse("100:x:"), None);
        assert!(Snapshot::parse("100:100:").unwrap().sees(99));
    }
}
