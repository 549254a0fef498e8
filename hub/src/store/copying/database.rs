//! What sqlx asks of a driver beside its connection.
//!
//! Behind `sqlx::Any` a driver is its connection alone: rows and values are those
//! of `Any`. The types that a driver must name all the same are here. Where no
//! value of one can ever be, the type has none, and the compiler knows it.

use std::{borrow::Cow, str::FromStr, time::Duration};

use sqlx::{
    Arguments, Column, ColumnIndex, ConnectOptions, Database, Either, Encode, FromRow,
    IntoArguments, Row, SqlStr, Statement, Transaction, Type, Value, ValueRef,
    any::{AnyConnectOptions, AnyTypeInfo},
    error::BoxDynError,
};
use sqlx_core::{
    query::Query, query_as::QueryAs, query_scalar::QueryScalar, transaction::TransactionManager,
};

use super::Connection;

/// PostgreSQL with COPY, as a database of sqlx's.
#[derive(Debug)]
pub(crate) struct Copying;

/// Rows, columns, values and statements: those of `Any` take their place.
#[derive(Debug, Clone)]
pub(crate) enum Never {}

/// No arguments but those of `Any` ever come here.
#[derive(Debug, Default)]
pub(crate) struct NoArguments;

/// The options of `Any`.
#[derive(Debug, Clone)]
pub(crate) struct Options(AnyConnectOptions);

impl Database for Copying {
    type Connection = Connection;
    type TransactionManager = Self;
    type Row = Never;
    type QueryResult = ();
    type Column = Never;
    type TypeInfo = AnyTypeInfo;
    type Value = Never;
    type ValueRef<'r> = Never;
    type Arguments = NoArguments;
    type ArgumentBuffer = ();
    type Statement = Never;

    const NAME: &'static str = <sqlx::Postgres as Database>::NAME;
    const URL_SCHEMES: &'static [&'static str] = <sqlx::Postgres as Database>::URL_SCHEMES;
}

impl sqlx::Connection for Connection {
    type Database = Copying;
    type Options = Options;

    fn close(self) -> impl Future<Output = sqlx::Result<()>> + Send + 'static {
        sqlx::Connection::close(self.own)
    }

    fn close_hard(self) -> impl Future<Output = sqlx::Result<()>> + Send + 'static {
        sqlx::Connection::close_hard(self.own)
    }

    fn ping(&mut self) -> impl Future<Output = sqlx::Result<()>> + Send + '_ {
        sqlx::Connection::ping(&mut self.own)
    }

    fn begin(
        &mut self,
    ) -> impl Future<Output = sqlx::Result<Transaction<'_, Copying>>> + Send + '_ {
        Transaction::begin(self, None)
    }

    fn shrink_buffers(&mut self) {
        sqlx::Connection::shrink_buffers(&mut self.own);
    }

    fn flush(&mut self) -> impl Future<Output = sqlx::Result<()>> + Send + '_ {
        sqlx::Connection::flush(&mut self.own)
    }

    fn should_flush(&self) -> bool {
        sqlx::Connection::should_flush(&self.own)
    }
}

type Manager = <sqlx::Postgres as Database>::TransactionManager;

impl TransactionManager for Copying {
    type Database = Self;

    fn begin(
        connection: &mut Connection,
        statement: Option<SqlStr>,
    ) -> impl Future<Output = sqlx::Result<()>> + Send + '_ {
        Manager::begin(&mut connection.own, statement)
    }

    fn commit(connection: &mut Connection) -> impl Future<Output = sqlx::Result<()>> + Send + '_ {
        Manager::commit(&mut connection.own)
    }

    fn rollback(connection: &mut Connection) -> impl Future<Output = sqlx::Result<()>> + Send + '_ {
        Manager::rollback(&mut connection.own)
    }

    fn start_rollback(connection: &mut Connection) {
        Manager::start_rollback(&mut connection.own);
    }

    fn get_transaction_depth(connection: &Connection) -> usize {
        Manager::get_transaction_depth(&connection.own)
    }
}

impl TryFrom<&AnyConnectOptions> for Options {
    type Error = sqlx::Error;

    fn try_from(options: &AnyConnectOptions) -> Result<Self, sqlx::Error> {
        Ok(Self(options.clone()))
    }
}

impl FromStr for Options {
    type Err = sqlx::Error;

    fn from_str(url: &str) -> Result<Self, sqlx::Error> {
        url.parse().map(Self)
    }
}

impl ConnectOptions for Options {
    type Connection = Connection;

    fn from_url(url: &sqlx_core::Url) -> Result<Self, sqlx::Error> {
        AnyConnectOptions::from_url(url).map(Self)
    }

    fn connect(&self) -> impl Future<Output = sqlx::Result<Connection>> + Send + '_ {
        Connection::open(&self.0)
    }

    fn log_statements(self, level: log::LevelFilter) -> Self {
        Self(self.0.log_statements(level))
    }

    fn log_slow_statements(self, level: log::LevelFilter, duration: Duration) -> Self {
        Self(self.0.log_slow_statements(level, duration))
    }
}

impl Arguments for NoArguments {
    type Database = Copying;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T>(&mut self, _: T) -> Result<(), BoxDynError>
    where
        T: Encode<'t, Copying> + Type<Copying>,
    {
        Err("arguments go through sqlx::Any".into())
    }

    fn len(&self) -> usize {
        0
    }
}

impl Row for Never {
    type Database = Copying;

    fn columns(&self) -> &[Self] {
        match *self {}
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, _: I) -> Result<Self, sqlx::Error> {
        match *self {}
    }
}

impl Column for Never {
    type Database = Copying;

    fn ordinal(&self) -> usize {
        match *self {}
    }

    fn name(&self) -> &str {
        match *self {}
    }

    fn type_info(&self) -> &AnyTypeInfo {
        match *self {}
    }
}

impl Value for Never {
    type Database = Copying;

    fn as_ref(&self) -> Self {
        match *self {}
    }

    fn type_info(&self) -> Cow<'_, AnyTypeInfo> {
        match *self {}
    }

    fn is_null(&self) -> bool {
        match *self {}
    }
}

impl ValueRef<'_> for Never {
    type Database = Copying;

    fn to_owned(&self) -> Self {
        match *self {}
    }

    fn type_info(&self) -> Cow<'_, AnyTypeInfo> {
        match *self {}
    }

    fn is_null(&self) -> bool {
        match *self {}
    }
}

impl Statement for Never {
    type Database = Copying;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[AnyTypeInfo], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[Self] {
        match *self {}
    }

    fn query(&self) -> Query<'_, Copying, NoArguments> {
        match *self {}
    }

    fn query_with<A: IntoArguments<Copying>>(&self, _: A) -> Query<'_, Copying, A> {
        match *self {}
    }

    fn query_as<O>(&self) -> QueryAs<'_, Copying, O, NoArguments>
    where
        O: for<'r> FromRow<'r, Self>,
    {
        match *self {}
    }

    fn query_as_with<'s, O, A>(&'s self, _: A) -> QueryAs<'s, Copying, O, A>
    where
        O: for<'r> FromRow<'r, Self>,
        A: IntoArguments<Copying>,
    {
        match *self {}
    }

    fn query_scalar<O>(&self) -> QueryScalar<'_, Copying, O, NoArguments>
    where
        (O,): for<'r> FromRow<'r, Self>,
    {
        match *self {}
    }

    fn query_scalar_with<'s, O, A>(&'s self, _: A) -> QueryScalar<'s, Copying, O, A>
    where
        (O,): for<'r> FromRow<'r, Self>,
        A: IntoArguments<Copying>,
    {
        match *self {}
    }
}
