//! Sessions in a SQLite file: the default, for one machine. They survive a restart.
//!
//! Several processes may share the file. Every method is one statement, which SQLite makes atomic by itself; where that
//! statement changes nothing, a second one finds out why. Leases are measured by the machine's clock, as SQLite reads it.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::Path,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{
    Connection as _, QueryBuilder, Sqlite, SqliteConnection, SqlitePool,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{
    Expected, Fence, Index, Leased, Row, RowKey, RowStore, StoreError, Written,
    columns::{self, Columns},
};

/// How long a write waits for another one before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// `SQLITE_BUSY`, as sqlx says it.
const BUSY: &str = "5";
const BUSY_RETRY: Duration = Duration::from_millis(20);
/// SQLite has one writer; more connections only help readers.
const CONNECTIONS: u32 = 4;
/// How many ended sessions are removed at a time: others want to write, too.
const SWEEP: i64 = 1_000;

/// Rows in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore(SqlitePool);

impl SqliteStore {
    /// Opens the file, making it and its folder (readable by their owner only) if missing.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let cannot = |error: &str| StoreError(format!("cannot open {}: {error}", path.display()));
        make_private_file(path).map_err(|error| cannot(&error.to_string()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            // Readers and the writer do not wait for each other; NORMAL loses nothing but, on power failure, the last
            // moments' writes.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = connect(&options)
            .await
            .map_err(|error| cannot(&crate::error_chain(&error)))?;
        migrate(&mut *pool.acquire().await?)
            .await
            .map_err(|error| cannot(&error.0))?;
        Ok(Self(pool))
    }

    async fn lease_from(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Option<Fence>,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        // All rows, not the first: a statement that is left halfway is committed later than its caller believes.
        let fences: Vec<i64> = sqlx::query_scalar(
            "UPDATE sessions
             SET fence = fence + 1, lease_end = CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?1
             WHERE key = ?2 AND version = ?3
                   AND (lease_end = 0
                        OR (fence = ?4 AND lease_end <= CAST(unixepoch('subsec') * 1000 AS INTEGER)))
             RETURNING fence",
        )
        .bind(columns::milliseconds(duration))
        .bind(key.0.as_slice())
        .bind(version)
        .bind(number(abandoned))
        .fetch_all(&self.0)
        .await?;
        if let Some(fence) = fences.first() {
            return Ok(Leased::Yes(Fence(*fence)));
        }
        let row = sqlx::query_as(
            "SELECT version, fence, lease_end <> 0 AND lease_end <= CAST(unixepoch('subsec') * 1000 AS INTEGER)
             FROM sessions WHERE key = ?",
        )
        .bind(key.0.as_slice())
        .fetch_optional(&self.0)
        .await?;
        Ok(columns::refused_lease(version, row))
    }

    async fn version(&self, key: RowKey) -> Result<Option<i64>, StoreError> {
        Ok(sqlx::query_scalar("SELECT version FROM sessions WHERE key = ?")
            .bind(key.0.as_slice())
            .fetch_optional(&self.0)
            .await?)
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

/// Of several processes that find a new file, one turns write-ahead logging on. The others are told that it is locked,
/// at once: unlike statements, this does not wait for its turn (<https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode>).
async fn connect(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let started = Instant::now();
    loop {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.clone())
            .await;
        match pool {
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(BUSY) && started.elapsed() < BUSY_TIMEOUT =>
            {
                tokio::time::sleep(BUSY_RETRY).await;
            }
            outcome => return outcome,
        }
    }
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let migrator = columns::migrator(&[
        (
            "sessions",
            include_str!("../../migrations/sqlite/0001_sessions.sql"),
        ),
        (
            "leases and organizations",
            include_str!("../../migrations/sqlite/0002_leases_and_organizations.sql"),
        ),
    ]);
    // The migrator takes no lock in SQLite. The right to write, taken before it looks, makes others wait their turn.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // `run` is not generic enough to be awaited by whoever is sent from thread to thread; this is what it calls.
    migrator.run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await?)
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
        .bind(row.organization.as_ref().map(<[u8; 32]>::as_slice))
        .bind(row.last_seen)
        .bind(row.idle_end)
        .bind(row.absolute_end)
}

fn number(fence: Option<Fence>) -> Option<i64> {
    fence.map(|Fence(number)| number)
}

#[async_trait]
impl RowStore for SqliteStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO sessions (version, record, summary, user, provider_session, organization,
                                   last_seen, idle_end, absolute_end, key)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        );
        let done = bind_row(insert, row)
            .bind(key.0.as_slice())
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        let found: Option<Columns> = sqlx::query_as(
            "SELECT key, version, record, summary, user, provider_session, organization,
                    last_seen, idle_end, absolute_end
             FROM sessions WHERE key = ?",
        )
        .bind(key.0.as_slice())
        .fetch_optional(&self.0)
        .await?;
        Ok(found.map(columns::row).transpose()?.map(|(_, row)| row))
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT key, version, record, summary, user, provider_session, organization,
                    last_seen, idle_end, absolute_end
             FROM sessions WHERE ",
        );
        query.push(match index {
            Index::User => "user IN (",
            Index::ProviderSession => "provider_session IN (",
            Index::Organization => "organization IN (",
        });
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(hash.as_slice());
        }
        query.push(")");
        let found: Vec<Columns> = query.build_query_as().fetch_all(&self.0).await?;
        found.into_iter().map(columns::row).collect()
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        let update = sqlx::query(
            "UPDATE sessions
             SET version = ?1, record = ?2, summary = ?3, user = ?4, provider_session = ?5, organization = ?6,
                 last_seen = max(last_seen, ?7), idle_end = max(idle_end, ?8), absolute_end = min(absolute_end, ?9),
                 lease_end = CASE WHEN ?12 IS NULL THEN lease_end ELSE 0 END
             WHERE key = ?10 AND version = ?11 AND (?12 IS NULL OR fence = ?12)",
        );
        let done = bind_row(update, row)
            .bind(key.0.as_slice())
            .bind(expected.version)
            .bind(number(expected.fence))
            .execute(&self.0)
            .await?;
        if done.rows_affected() == 1 {
            return Ok(Written::Yes);
        }
        Ok(match self.version(key).await? {
            Some(_) => Written::Conflict,
            None => Written::Gone,
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

    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        self.lease_from(key, version, None, duration).await
    }

    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        self.lease_from(key, version, Some(abandoned), duration).await
    }

    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET lease_end = 0 WHERE key = ? AND fence = ?")
            .bind(key.0.as_slice())
            .bind(fence.0)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE key = ?")
            .bind(key.0.as_slice())
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "DELETE FROM sessions WHERE key = ?1 AND version = ?2 AND (?3 IS NULL OR fence = ?3)",
        )
        .bind(key.0.as_slice())
        .bind(expected.version)
        .bind(number(expected.fence))
        .execute(&self.0)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let done = sqlx::query(
                "DELETE FROM sessions WHERE key IN
                     (SELECT key FROM sessions WHERE min(idle_end, absolute_end) <= ? LIMIT ?)",
            )
            .bind(now)
            .bind(SWEEP)
            .execute(&self.0)
            .await?;
            count += done.rows_affected();
            if done.rows_affected() < SWEEP.unsigned_abs() {
                return Ok(count);
            }
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM sessions LIMIT 1")
            .execute(&self.0)
            .await?;
        Ok(())
    }
}
