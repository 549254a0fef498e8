//! PostgreSQL servers.
//!
//! Owns the session's settings and the decoding by column type. A type that no
//! record can hold is an error that names its column; a value that cannot be
//! read is a fault of its row.

use std::str::FromStr as _;

use jiff::tz::TimeZone;
use rmd_standard::Cell;
use rust_decimal::Decimal;
use sqlx::postgres::{
    PgConnectOptions, PgConnection, PgRow, PgTypeInfo, PgTypeKind, PgValueRef, Postgres,
};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Decode, Executor as _, Row as _,
    SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
};

use super::decode::{self, RowBuilder, Unreadable};
use super::{Error, Field, Limits, Rows, Server};

pub(super) fn options(url: &str, password: Option<&str>) -> Result<PgConnectOptions, Error> {
    let mut options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Address { reason: super::reason(&error) })?
        .application_name("rmd-node")
        .disable_statement_logging();
    if let Some(password) = password {
        options = options.password(password);
    }
    Ok(options)
}

pub(super) async fn set_up(
    mut open: PgConnection,
    limits: &Limits,
    zone: &TimeZone,
) -> Result<(PgConnection, Server), sqlx::Error> {
    let time = limits.statement.as_millis();
    // In the session's zone `now()` and casts to a date mean the ministry's day.
    let zone = zone.iana_name().unwrap_or("UTC").replace('\'', "");
    let settings = format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; \
         SET default_transaction_read_only = on; \
         SET statement_timeout = {time}; \
         SET lock_timeout = {time}; \
         SET idle_in_transaction_session_timeout = {idle}; \
         SET DateStyle = 'ISO, YMD'; \
         SET TimeZone = '{zone}'",
        idle = time * 4,
    );
    open.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await?;
    let version = sqlx::query_scalar("SHOW server_version").fetch_one(&mut open).await?;
    Ok((open, Server { kind: "postgresql", version }))
}

pub(super) async fn describe(
    open: &mut PgConnection,
    sql: AssertSqlSafe<String>,
) -> Result<Vec<Field>, sqlx::Error> {
    let statement = open.prepare(sql.into_sql_str()).await?;
    Ok(decode::fields(statement.columns()))
}

/// How a column of a given type is read; decided once a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decoder {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Jsonb,
    TextArray,
    Uuid,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Bytes,
}

/// Appends a row; `decoders` is filled at the first one.
pub(super) fn decode(
    row: &PgRow,
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
        match (decoder, row.try_get_raw(index)) {
            (Decoder::Text, Ok(value)) if !value.is_null() => {
                builder.push_text(value.as_bytes().unwrap_or_default());
            }
            (decoder, _) => builder.push(cell(row, index, *decoder, zone)),
        }
    }
    builder.finish(rows);
    Ok(())
}

fn decoder(info: &PgTypeInfo) -> Option<Decoder> {
    Some(match info.name() {
        "BOOL" => Decoder::Bool,
        "INT2" => Decoder::Int2,
        "INT4" => Decoder::Int4,
        "INT8" => Decoder::Int8,
        "OID" => Decoder::Oid,
        "FLOAT4" => Decoder::Float4,
        "FLOAT8" => Decoder::Float8,
        "NUMERIC" => Decoder::Numeric,
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" | "JSON" | "\"CHAR\"" | "citext" => {
            Decoder::Text
        }
        "JSONB" => Decoder::Jsonb,
        "TEXT[]" | "VARCHAR[]" | "CHAR[]" => Decoder::TextArray,
        "UUID" => Decoder::Uuid,
        "DATE" => Decoder::Date,
        "TIME" => Decoder::Time,
        "TIMESTAMP" => Decoder::Timestamp,
        "TIMESTAMPTZ" => Decoder::Timestamptz,
        "BYTEA" => Decoder::Bytes,
        _ => match info.kind() {
            PgTypeKind::Enum(_) => Decoder::Text,
            PgTypeKind::Domain(base) => return decoder(base),
            _ => return None,
        },
    })
}

fn cell(row: &PgRow, index: usize, decoder: Decoder, zone: &TimeZone) -> Result<Cell, Unreadable> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let result = match decoder {
        Decoder::Bool => read::<bool>(value).map(Cell::Bool),
        Decoder::Int2 => read::<i16>(value).map(|number| Cell::Integer(number.into())),
        Decoder::Int4 => read::<i32>(value).map(|number| Cell::Integer(number.into())),
        Decoder::Int8 => read::<i64>(value).map(Cell::Integer),
        Decoder::Oid => {
            read::<sqlx::postgres::types::Oid>(value).map(|number| Cell::Integer(number.0.into()))
        }
        // Through text: 0.1 stored in 32 bits means 0.1, not 0.10000000149.
        Decoder::Float4 => read::<f32>(value)
            .map(|number| Cell::Real(number.to_string().parse().unwrap_or(f64::from(number)))),
        Decoder::Float8 => read::<f64>(value).map(Cell::Real),
        Decoder::Numeric => read::<Decimal>(value).map(Cell::Decimal),
        Decoder::Text => return decode::text(value.as_bytes()?),
        Decoder::Jsonb => jsonb(&value),
        Decoder::TextArray => read::<Vec<Option<String>>>(value)
            .map(|texts| Cell::Text(texts.into_iter().flatten().collect::<Vec<_>>().join(";"))),
        Decoder::Uuid => value.as_bytes().map(uuid),
        // Not by the driver: it has no answer to a day without end.
        Decoder::Date => return Ok(decode::day(day(i32::from_be_bytes(fixed(&value)?).into())?)),
        Decoder::Time => read::<time::Time>(value).map(decode::time_of_day),
        Decoder::Timestamp => return Ok(decode::local(moment(&value)?)),
        Decoder::Timestamptz => {
            return Ok(decode::instant(moment(&value)?.assume_utc(), zone)?);
        }
        Decoder::Bytes => read::<&[u8]>(value).map(decode::bytes),
    };
    Ok(result?)
}

/// 1 January 2000, from which the server counts, as a Julian day.
const EPOCH: i64 = 2_451_545;

const DAY_US: i64 = 86_400_000_000;

/// A value that always has so many bytes.
fn fixed<const BYTES: usize>(value: &PgValueRef<'_>) -> Result<[u8; BYTES], Unreadable> {
    Ok(value.as_bytes()?.try_into()?)
}

/// The day so many days behind the server's epoch; its least and greatest numbers mean
/// "without end".
fn day(days: i64) -> Result<time::Date, Unreadable> {
    let julian = i32::try_from(EPOCH + days).ok();
    let day = julian.and_then(|julian| time::Date::from_julian_day(julian).ok());
    day.ok_or_else(|| "it is infinity, or beyond the years that a record holds".into())
}

fn moment(value: &PgValueRef<'_>) -> Result<time::PrimitiveDateTime, Unreadable> {
    let micros = i64::from_be_bytes(fixed(value)?);
    let (days, rest) = (micros.div_euclid(DAY_US), micros.rem_euclid(DAY_US));
    let time = time::Time::MIDNIGHT + time::Duration::microseconds(rest);
    Ok(time::PrimitiveDateTime::new(day(days)?, time))
}

/// JSONB travels as its text behind one byte of version.
fn jsonb(value: &PgValueRef<'_>) -> Result<Cell, sqlx::error::BoxDynError> {
    let bytes = value.as_bytes()?;
    let text = std::str::from_utf8(bytes.get(1..).unwrap_or_default())?;
    Ok(Cell::Text(text.to_owned()))
}

fn uuid(bytes: &[u8]) -> Cell {
    let digits = hex::encode(bytes);
    if digits.len() != 32 {
        return Cell::Text(digits);
    }
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Cell::Text(groups.join("-"))
}

fn read<'r, T: Decode<'r, Postgres>>(value: PgValueRef<'r>) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(value)
}
