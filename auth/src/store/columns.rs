//! What a stored session is to a database: columns of numbers and bytes, written in an order that only grows.

use std::time::Duration;

use sqlx::{
    SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::{Fence, Leased, Row, RowKey, StoreError};

/// `key`, then the columns of [`Row`] in the order of its fields.
pub(super) type Columns = (
    Vec<u8>,
    i64,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    i64,
    i64,
    i64,
);

/// Reads a row, trusting nothing: whoever can write to the database may have.
pub(super) fn row(columns: Columns) -> Result<(RowKey, Row), StoreError> {
    let (
        key,
        version,
        record,
        summary,
        user,
        provider_session,
        organization,
        last_seen,
        idle_end,
        absolute_end,
    ) = columns;
    let hash = |name, column: Option<Vec<u8>>| column.map(|bytes| hash(name, &bytes)).transpose();
    let row = Row {
        version,
        record,
        summary,
        user: hash("user", user)?,
        provider_session: hash("provider_session", provider_session)?,
        organization: hash("organization", organization)?,
        last_seen,
        idle_end,
        absolute_end,
    };
    Ok((RowKey(self::hash("key", &key)?), row))
}

fn hash(column: &str, bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    let length = bytes.len();
    bytes
        .try_into()
        .map_err(|_| StoreError(format!("column {column} has {length} bytes instead of 32")))
}

/// Why there was no lease for `version`: of the row its version, its fence, and whether its lease is over without having
/// been given back. (One that was given back since was held when it mattered.)
pub(super) fn refused_lease(version: i64, row: Option<(i64, i64, bool)>) -> Leased {
    match row {
        None => Leased::Gone,
        Some((present, ..)) if present != version => Leased::Changed,
        Some((_, fence, true)) => Leased::Abandoned(Fence(fence)),
        Some((_, _, false)) => Leased::Held,
    }
}

/// How long a lease lasts, in the unit that the databases' clocks count in.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    /// Far longer than any lease, and far from the largest number that a clock's reading can be added to.
    const LONGEST: Duration = Duration::from_hours(24 * 365);
    i64::try_from(duration.min(LONGEST).as_millis()).unwrap_or_default()
}

/// Applies the SQL files in their order, each once.
pub(super) fn migrator(files: &[(&'static str, &'static str)]) -> Migrator {
    let numbered = (1..).zip(files);
    let migrations = numbered.map(|(number, (name, sql))| {
        Migration::new(
            number,
            (*name).into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // While replicas are replaced one by one, an older one may start after a newer one has migrated.
    migrator.set_ignore_missing(true);
    migrator
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self(crate::error_chain(&error))
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        Self(format!(
            "its tables cannot be brought up to date: {}",
            crate::error_chain(&error)
        ))
    }
}
