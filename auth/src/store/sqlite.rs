//! Sessions in a SQLite file: the default, for one machine. They survive a restart.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::Path,
    time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    Row as _, Sqlite, SqlitePool,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{Row, RowKey, RowStore, StoreError, Written};

/// How long a write waits for another one before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite has one writer; more connections only help readers.
const CONNECTIONS: u32 = 4;

/// Rows in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore(SqlitePool);

impl SqliteStore {
    /// Opens the file, making it and its folder (readable by their owner only) if missing.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        make_private_file(path)
            .map_err(|error| StoreError(format!("cannot open {}: {error}", path.display())))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            // Readers and the writer do not wait for each other; NORMAL loses nothing but, on power failure, the last
            // moments' writes.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(include_str!("sqlite.sql")).execute(&pool).await?;
        Ok(Self(pool))
    }
}

fn make_private_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self(crate::error_chain(&error))
    }
}

/// Binds a row's columns in the order of [`Row`]'s fields.
fn bind_row<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    row: &'q Row,
) -> Query<'q, Sqlite, SqliteArguments> {
    query
        .bind(row.version)
        .bind(&row.record)
        .bind(&row.summary)
        .bind(row.user.as_ref().map(<[u8; 32]>::as_slice))
        .bind(row.provider_session.as_ref().map(<[u8; 32]>::as_slice))
        .bind(row.last_seen)
        .bind(row.idle_end)
        .bind(row.absolute_end)
}

#[async_trait]
impl RowStore for SqliteStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO sessions (version, record, summary, user, provider_session,
                                   last_seen, idle_end, absolute_end, key)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        );
        let done = bind_row(insert, row)
            .bind(key.0.as_slice())
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        let row = sqlx::query(
            "SELECT version, record, summary, user, provider_session, last_seen, idle_end, absolute_end
             FROM sessions WHERE key = ?",
        )
        .bind(key.0.as_slice())
        .fetch_optional(&self.0)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let hash = |column| -> Result<Option<[u8; 32]>, StoreError> {
            row.try_get::<Option<Vec<u8>>, _>(column)?
                .map(|bytes| {
                    bytes
                        .try_into()
                        .map_err(|_| StoreError(format!("{column} has a wrong length")))
                })
                .transpose()
        };
        Ok(Some(Row {
            version: row.try_get("version")?,
            record: row.try_get("record")?,
            summary: row.try_get("summary")?,
            user: hash("user")?,
            provider_session: hash("provider_session")?,
            last_seen: row.try_get("last_seen")?,
            idle_end: row.try_get("idle_end")?,
            absolute_end: row.try_get("absolute_end")?,
        }))
    }

    async fn update(&self, key: RowKey, read: i64, row: &Row) -> Result<Written, StoreError> {
        let update = sqlx::query(
            "UPDATE sessions SET version = ?, record = ?, summary = ?, user = ?, provider_session = ?,
                                 last_seen = ?, idle_end = ?, absolute_end = min(absolute_end, ?)
             WHERE key = ? AND version = ?",
        );
        let done = bind_row(update, row)
            .bind(key.0.as_slice())
            .bind(read)
            .execute(&self.0)
            .await?;
        if done.rows_affected() == 1 {
            return Ok(Written::Yes);
        }
        Ok(if self.load(key).await?.is_some() {
            Written::Conflict
        } else {
            Written::Gone
        })
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sessions SET last_seen = max(last_seen, ?), idle_end = max(idle_end, ?) WHERE key = ?",
        )
        .bind(last_seen)
        .bind(idle_end)
        .bind(key.0.as_slice())
        .execute(&self.0)
        .await?;
        Ok(())
    }

    async fn delete(&self, key: RowKey) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE key = ?")
            .bind(key.0.as_slice())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE min(idle_end, absolute_end) <= ?")
            .bind(now)
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM sessions LIMIT 1")
            .execute(&self.0)
            .await?;
        Ok(())
    }
}
