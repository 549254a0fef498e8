//! Rows of one table on their way into a store.
//!
//! Owns how rows are kept until they are written, and how each store takes many:
//! PostgreSQL by COPY, SQLite by statements of many rows. A column in which no
//! row has a value is not spoken of, because most columns of a lot are such.
//! Rows with keys that may be known go through a table of the session's own on
//! PostgreSQL, and from there in one statement.

use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::{BATCH, Cell, Table, Value, bind, push_placeholders};
use crate::store::{Error, Kind, copying, expect_rows};

/// Fewer rows than these are written by a plain statement on PostgreSQL too,
/// where their keys may be known: a table to begin with would cost more.
const STAGED_MIN: usize = 64;

/// How PostgreSQL's binary COPY begins: signature, no flags, no extension.
const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Rows of one COPY: more are copied one piece after the other, so that of a frame not
/// all is in memory twice.
const PIECE_BYTES: usize = 1 << 20;

/// How it ends.
const COPY_END: [u8; 2] = (-1_i16).to_be_bytes();

/// What values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Integer,
    Bytes,
}

/// A value within [`Rows::data`], or none.
#[derive(Debug, Clone, Copy)]
struct Slot {
    at: u32,
    length: u32,
}

impl Slot {
    /// Far longer than a record.
    const ABSENT: Self = Self { at: 0, length: u32::MAX };

    const fn is_absent(self) -> bool {
        self.length == u32::MAX
    }

    const fn behind(self, bytes: u32) -> Self {
        Self { at: self.at + bytes, length: self.length }
    }
}

/// Rows of one table, to be written together.
#[derive(Debug)]
pub(crate) struct Rows {
    table: &'static Table,
    /// For each column what it holds; none while no row has a value there.
    types: Vec<Option<Type>>,
    slots: Vec<Slot>,
    /// The values one behind the other, numbers as eight bytes, high ones first.
    data: Vec<u8>,
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(table: &'static Table) -> Self {
        let width = table.width();
        Self { table, types: vec![None; width], slots: Vec::new(), data: Vec::new() }
    }

    /// Adds one row, in the order of the table's columns.
    pub(crate) fn push<'a, C: Into<Cell<'a>>>(&mut self, row: impl IntoIterator<Item = C>) {
        let before = self.slots.len();
        for cell in row {
            let column = self.slots.len() - before;
            let slot = self.keep(column, &cell.into());
            self.slots.push(slot);
        }
        let (count, table) = (self.slots.len() - before, self.table.name);
        assert_eq!(count, self.types.len(), "a row of {table} has one value a column");
    }

    /// Whether both are of one table.
    pub(crate) fn is_of_table_of(&self, other: &Self) -> bool {
        self.table.name == other.table.name
    }

    /// Adds rows of the same table behind.
    pub(crate) fn append(&mut self, other: Self) {
        assert!(self.is_of_table_of(&other), "rows of {} are added", self.table.name);
        let shift = small(self.data.len());
        let moved = |slot: Slot| if slot.is_absent() { slot } else { slot.behind(shift) };
        self.slots.extend(other.slots.into_iter().map(moved));
        self.data.extend_from_slice(&other.data);
        for (known, new) in self.types.iter_mut().zip(other.types) {
            *known = known.or(new);
        }
    }

    fn keep(&mut self, column: usize, cell: &Cell<'_>) -> Slot {
        let at = self.data.len();
        let kind = match cell {
            Cell::Absent => return Slot::ABSENT,
            Cell::Text(text) => {
                self.data.extend_from_slice(text.as_bytes());
                Type::Text
            }
            Cell::Integer(number) => {
                self.data.extend_from_slice(&number.to_be_bytes());
                Type::Integer
            }
            Cell::Bytes(bytes) => {
                self.data.extend_from_slice(bytes);
                Type::Bytes
            }
        };
        if let Some(known) = self.types.get_mut(column) {
            let known = known.get_or_insert(kind);
            assert_eq!(*known, kind, "a column of {} holds values of one type", self.table.name);
        }
        Slot { at: small(at), length: small(self.data.len() - at) }
    }

    fn count(&self) -> usize {
        self.slots.len() / self.types.len()
    }

    /// The columns in which some row has a value: place, name and type.
    fn used(&self) -> Vec<(usize, String, Type)> {
        let named = self.table.columns().zip(&self.types).enumerate();
        named.filter_map(|(place, (name, kind))| kind.map(|kind| (place, name, kind))).collect()
    }

    /// Writes rows whose keys are new.
    pub(crate) async fn insert(self, connection: &mut AnyConnection) -> Result<(), Error> {
        match Kind::of(connection) {
            Kind::Postgres => self.copy_into(connection, self.table.name).await,
            Kind::Sqlite => self.state(connection, "").await,
        }
    }

    /// Writes rows; one with a known key replaces it where `guard` holds, as
    /// ` WHERE …`, and the guard must hold for all of them.
    pub(crate) async fn upsert(
        self,
        connection: &mut AnyConnection,
        guard: &'static str,
    ) -> Result<(), Error> {
        let mut clause = format!(" ON CONFLICT ({}) DO UPDATE SET ", self.table.key);
        let mut separator = "";
        for column in self.table.columns().filter(|column| !self.table.is_key(column.as_str())) {
            let _ = write!(clause, "{separator}{column} = excluded.{column}");
            separator = ", ";
        }
        clause.push_str(guard);
        if Kind::of(connection) == Kind::Postgres && self.count() >= STAGED_MIN {
            self.stage(connection, &clause).await
        } else {
            self.state(connection, &clause).await
        }
    }

    /// COPY into a table of this shape.
    async fn copy_into(&self, connection: &mut AnyConnection, name: &str) -> Result<(), Error> {
        let used = self.used();
        let target = format!("{name} ({})", names(&used));
        let mut rest = self.slots.as_slice();
        while !rest.is_empty() {
            let (piece, after) = self.binary(&used, rest);
            let count = (rest.len() - after.len()) / self.types.len();
            let affected = copying::copy(connection, &target, piece).await?;
            expect_rows(self.table.name, count as u64, affected)?;
            rest = after;
        }
        Ok(())
    }

    /// Some rows in PostgreSQL's binary format, and those that are left.
    fn binary<'a>(
        &self,
        used: &[(usize, String, Type)],
        rows: &'a [Slot],
    ) -> (Vec<u8>, &'a [Slot]) {
        let width = i16::try_from(used.len()).expect("a table has a few hundred columns at most");
        let mut out = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        out.extend_from_slice(COPY_HEAD);
        let mut rest = rows;
        while let Some((row, after)) = rest.split_at_checked(self.types.len())
            && !row.is_empty()
            && out.len() < PIECE_BYTES
        {
            out.extend_from_slice(&width.to_be_bytes());
            for (place, _, _) in used {
                let slot = row[*place];
                // The length of an absent value is -1, which has the same bits.
                out.extend_from_slice(&slot.length.to_be_bytes());
                out.extend_from_slice(self.bytes(slot));
            }
            rest = after;
        }
        out.extend_from_slice(&COPY_END);
        (out, rest)
    }

    fn bytes(&self, slot: Slot) -> &[u8] {
        if slot.is_absent() {
            return &[];
        }
        let (at, length) = (slot.at as usize, slot.length as usize);
        &self.data[at..at + length]
    }

    /// COPY into a table of the session's own, which is empty again after each
    /// transaction, and one statement from there.
    async fn stage(self, connection: &mut AnyConnection, clause: &str) -> Result<(), Error> {
        let name = self.table.name;
        let known = format!("SELECT to_regclass('pg_temp.{name}_staged') IS NOT NULL");
        let row = sqlx::query(AssertSqlSafe(known)).fetch_one(&mut *connection).await?;
        if !row.try_get::<bool, _>(0)? {
            let make =
                format!("CREATE TEMP TABLE {name}_staged (LIKE {name}) ON COMMIT DELETE ROWS");
            sqlx::query(AssertSqlSafe(make)).execute(&mut *connection).await?;
        }
        self.copy_into(connection, &format!("pg_temp.{name}_staged")).await?;
        let columns = names(&self.used());
        let take = format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM pg_temp.{name}_staged{clause}"
        );
        let affected =
            sqlx::query(AssertSqlSafe(take)).execute(&mut *connection).await?.rows_affected();
        expect_rows(name, self.count() as u64, affected)
    }

    /// Statements of many rows; a full one is cached.
    async fn state(self, connection: &mut AnyConnection, clause: &str) -> Result<(), Error> {
        let used = self.used();
        let columns = names(&used);
        for rows in self.slots.chunks(BATCH * self.types.len()) {
            let count = rows.len() / self.types.len();
            let sql = insert_text(self.table.name, &columns, used.len(), count, clause);
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(count == BATCH);
            let slots = rows
                .chunks_exact(self.types.len())
                .flat_map(|row| used.iter().map(|(place, _, kind)| (row[*place], *kind)));
            for (slot, kind) in slots {
                query = bind(query, self.value(slot, kind)?);
            }
            let affected = query.execute(&mut *connection).await?.rows_affected();
            expect_rows(self.table.name, count as u64, affected)?;
        }
        Ok(())
    }

    /// A value as a statement takes it.
    fn value(&self, slot: Slot, kind: Type) -> Result<Value, Error> {
        let bytes = (!slot.is_absent()).then(|| self.bytes(slot));
        Ok(match kind {
            Type::Text => {
                let text = bytes.map(str::from_utf8).transpose();
                Value::Text(text.map_err(|_| self.wrong())?.map(str::to_owned))
            }
            Type::Integer => {
                let number = bytes.map(<[u8; 8]>::try_from).transpose();
                Value::Integer(number.map_err(|_| self.wrong())?.map(i64::from_be_bytes))
            }
            Type::Bytes => Value::Bytes(bytes.map(<[u8]>::to_vec)),
        })
    }

    /// What was pushed is not what stands here: never, but no reason to end the process.
    fn wrong(&self) -> Error {
        Error::Inconsistent { table: self.table.name, column: "any", id: "a new row".to_owned() }
    }
}

fn small(size: usize) -> u32 {
    u32::try_from(size).expect("the rows of a frame are far below 4 GiB")
}

fn names(used: &[(usize, String, Type)]) -> String {
    used.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn insert_text(name: &str, columns: &str, width: usize, rows: usize, clause: &str) -> String {
    let mut sql = format!("INSERT INTO {name} ({columns}) VALUES ");
    let mut separator = "(";
    for row in 0..rows {
        sql.push_str(separator);
        push_placeholders(&mut sql, row * width + 1, width);
        sql.push(')');
        separator = ", (";
    }
    sql.push_str(clause);
    sql
}
