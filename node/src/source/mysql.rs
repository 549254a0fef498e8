//! MySQL and MariaDB servers.
//!
//! Owns the session's settings and the decoding by column type. The session
//! runs with `ANSI_QUOTES` and `PIPES_AS_CONCAT`, so that a mapping writes
//! aliases in double quotes and joins text with `||` as on the other servers;
//! text in a mapping stands in single quotes. Times are read in UTC.

use std::str::FromStr as _;

use jiff::tz::TimeZone;
use rmd_standard::Cell;
use rust_decimal::Decimal;
use sqlx::mysql::{
    MySql, MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlTypeInfo, MySqlValueRef,
};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Decode, Executor as _, Row as _,
    SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
};

use super::decode::{self, RowBuilder, Unreadable};
use super::{Error, Field, Limits, Rows, Server};

pub(super) fn options(url: &str, password: Option<&str>) -> Result<MySqlConnectOptions, Error> {
    let url = match url.strip_prefix("mariadb:") {
        Some(rest) => format!("mysql:{rest}"),
        None => url.to_owned(),
    };
    let mut options = MySqlConnectOptions::from_str(&url)
        .map_err(|error| Error::Address { reason: super::reason(&error) })?
        .disable_statement_logging();
    if let Some(password) = password {
        options = options.password(password);
    }
    Ok(options)
}

pub(super) async fn set_up(
    mut open: MySqlConnection,
    limits: &Limits,
) -> Result<(MySqlConnection, Server), sqlx::Error> {
    let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut open).await?;
    let mariadb = version.contains("MariaDB");
    let time_limit = if mariadb {
        format!("max_statement_time = {}", limits.statement.as_secs_f64())
    } else {
        format!("max_execution_time = {}", limits.statement.as_millis())
    };
    for setting in [
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')".to_owned(),
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned(),
        // Its default of 1 024 bytes cuts lists silently.
        "SET SESSION group_concat_max_len = 1048576".to_owned(),
        format!("SET SESSION {time_limit}"),
    ] {
        open.execute(sqlx::raw_sql(AssertSqlSafe(setting))).await?;
    }
    let kind = if mariadb { "mariadb" } else { "mysql" };
    Ok((open, Server { kind, version }))
}

pub(super) async fn describe(
    open: &mut MySqlConnection,
    sql: AssertSqlSafe<String>,
) -> Result<Vec<Field>, sqlx::Error> {
    let statement = open.prepare(sql.into_sql_str()).await?;
    Ok(decode::fields(statement.columns()))
}

/// How a column of a given type is read; decided once a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decoder {
    Signed,
    Unsigned,
    Bits,
    Float4,
    Float8,
    Numeric,
    Text,
    Date,
    Time,
    Datetime,
    Timestamp,
    Bytes,
}

/// Appends a row; `decoders` is filled at the first one.
pub(super) fn decode(
    row: &MySqlRow,
    decoders: &mut Vec<Decoder>,
    zone: &TimeZone,
    rows: &mut Rows,
) -> Result<(), Error> {
    if rows.fields.is_empty() {
        rows.fields = decode::fields(row.columns());
        *decoders = row
            .columns()
            .iter()
            .map(|column| {
                decoder(column.type_info()).ok_or_else(|| Error::Type {
                    column: column.name().to_owned(),
                    type_name: column.type_info().name().to_owned(),
                })
            })
            .collect::<Result<_, _>>()?;
    }
    let mut builder = RowBuilder::new(decoders.len(), rows);
    for (index, decoder) in decoders.iter().enumerate() {
        let given = match decoder {
            Decoder::Text => row.try_get_raw(index).ok().filter(|value| !value.is_null()),
            _ => None,
        };
        match given.and_then(|value| read::<&[u8]>(value).ok()) {
            Some(bytes) => builder.push_text(bytes),
            None => builder.push(cell(row, index, *decoder, zone)),
        }
    }
    builder.finish(rows);
    Ok(())
}

fn decoder(info: &MySqlTypeInfo) -> Option<Decoder> {
    // A text column with a `_bin` collation has the name of a binary one, so the
    // question whether it is text comes first.
    if <str as sqlx::Type<MySql>>::compatible(info) {
        return Some(Decoder::Text);
    }
    Some(match info.name() {
        // TINYINT(1) goes by the name of BOOLEAN and may well hold codes from 0 to 9.
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Decoder::Signed,
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED"
        | "BIGINT UNSIGNED" | "YEAR" => Decoder::Unsigned,
        "BIT" => Decoder::Bits,
        "FLOAT" => Decoder::Float4,
        "DOUBLE" => Decoder::Float8,
        "DECIMAL" => Decoder::Numeric,
        "JSON" | "ENUM" | "SET" => Decoder::Text,
        "DATE" => Decoder::Date,
        "TIME" => Decoder::Time,
        "DATETIME" => Decoder::Datetime,
        "TIMESTAMP" => Decoder::Timestamp,
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "NULL" => {
            Decoder::Bytes
        }
        _ => return None,
    })
}

fn cell(
    row: &MySqlRow,
    index: usize,
    decoder: Decoder,
    zone: &TimeZone,
) -> Result<Cell, Unreadable> {
    let value = row.try_get_raw(index)?;
    // The driver gives '0000-00-00' as null: the server's own word for no date.
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let result = match decoder {
        Decoder::Signed => read::<i64>(value).map(Cell::Integer),
        Decoder::Unsigned => read::<u64>(value).map(decode::unsigned),
        Decoder::Bits => read::<&[u8]>(value).map(bits),
        // Through text: 0.1 stored in 32 bits means 0.1, not 0.10000000149.
        Decoder::Float4 => read::<f32>(value)
            .map(|number| Cell::Real(number.to_string().parse().unwrap_or(f64::from(number)))),
        Decoder::Float8 => read::<f64>(value).map(Cell::Real),
        Decoder::Numeric => read::<Decimal>(value).map(Cell::Decimal),
        Decoder::Text => return decode::text(read::<&[u8]>(value)?),
        Decoder::Date => read::<time::Date>(value).map(decode::day),
        Decoder::Time => read::<time::Time>(value).map(decode::time_of_day),
        Decoder::Datetime => read::<time::PrimitiveDateTime>(value).map(decode::local),
        Decoder::Timestamp => {
            return Ok(decode::instant(read::<time::OffsetDateTime>(value)?, zone)?);
        }
        Decoder::Bytes => read::<&[u8]>(value).map(decode::bytes),
    };
    Ok(result?)
}

/// BIT(n) travels as its bytes, the highest first.
fn bits(bytes: &[u8]) -> Cell {
    if bytes.len() > 8 {
        return decode::bytes(bytes);
    }
    decode::unsigned(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

fn read<'r, T: Decode<'r, MySql>>(value: MySqlValueRef<'r>) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(value)
}
