//! Sessions in PostgreSQL, for any number of replicas. Version 12 or newer, directly or behind a pooler that pools sessions.
//!
//! Every method is one statement, which is atomic by itself at the isolation level that connections are set to; where
//! that statement changes nothing, a second one finds out why. Leases are measured by the database's clock.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{
    Connection as _, Executor as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::Query,
};
use tokio::time::timeout;

use super::{
    Expected, Fence, Index, Leased, Row, RowKey, RowStore, ServerUrl, StoreError, Written,
    columns::{self, Columns},
};

/// Connections of one replica: PostgreSQL allows a hundred in all unless told otherwise.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an operation may take from beginning to end.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the tables may take to be brought up to date: indexes of large tables need their time.
const MIGRATION_TIMEOUT: Duration = Duration::from_mins(2);
/// How many ended sessions are removed at a time: within the time that an operation may take.
const SWEEP: i64 = 1_000;

/// What every connection begins with. PostgreSQL gives up before we do, so that what was given up does not happen later;
/// and a stricter isolation level, which the database may have for other users, would turn lost races into errors.
const BEGIN: &str = "SET statement_timeout = '4s'; SET default_transaction_isolation = 'read committed'";

/// Rows in a table.
#[derive(Debug)]
pub struct PostgresStore(PgPool);

impl PostgresStore {
    /// Connects, and makes or updates the table. Replicas may start at the same time.
    pub async fn open(url: &ServerUrl) -> Result<Self, StoreError> {
        let place = url.place();
        let cannot = |error: String| StoreError(format!("PostgreSQL at {place}: {error}"));
        let options: PgConnectOptions = url
            .expose()
            .parse()
            .map_err(|error| cannot(crate::error_chain(&error)))?;
        let mut connection = timeout(OPERATION_TIMEOUT, PgConnection::connect_with(&options))
            .await
            .map_err(|_| cannot(format!("no answer within {OPERATION_TIMEOUT:?}")))?
            .map_err(|error| cannot(crate::error_chain(&error)))?;
        timeout(MIGRATION_TIMEOUT, migrate(&mut connection))
            .await
            .map_err(|_| {
                cannot(format!(
                    "its tables took longer than {MIGRATION_TIMEOUT:?} to update"
                ))
            })?
            .map_err(|error| cannot(error.0))?;
        drop(connection.close().await); // What it did is done.

        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // One round trip more, for which nobody notices that PostgreSQL was restarted.
            .test_before_acquire(true)
            .after_connect(|connection, _| Box::pin(async { connection.execute(BEGIN).await.map(drop) }))
            .connect_lazy_with(options);
        Ok(Self(pool))
    }

    async fn lease_from(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Option<Fence>,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        let lease = sqlx::query_scalar(
            "UPDATE scalekit_sessions
             SET fence = fence + 1, lease_end = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $1
             WHERE key = $2 AND version = $3
                   AND (lease_end = 0
                        OR (fence = $4 AND lease_end <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint))
             RETURNING fence",
        )
        .bind(columns::milliseconds(duration))
        .bind(key.0.as_slice())
        .bind(version)
        .bind(number(abandoned));
        let look = sqlx::query_as(
            "SELECT version, fence,
                    lease_end <> 0 AND lease_end <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
             FROM scalekit_sessions WHERE key = $1",
        )
        .bind(key.0.as_slice());
        self.with(async |connection| {
            if let Some(fence) = lease.fetch_optional(&mut *connection).await? {
                return Ok(Leased::Yes(Fence(fence)));
            }
            Ok(columns::refused_lease(
                version,
                look.fetch_optional(connection).await?,
            ))
        })
        .await
    }

    /// Does `work` with a connection, in the time that it may take.
    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let operation = async {
            let mut borrowed = Borrowed::from(self.0.acquire().await?);
            let result = work(&mut borrowed.connection).await;
            borrowed.has_answered = true;
            Ok(result?)
        };
        timeout(OPERATION_TIMEOUT, operation)
            .await
            .unwrap_or_else(|_| Err(StoreError(format!("no answer within {OPERATION_TIMEOUT:?}"))))
    }
}

async fn migrate(connection: &mut PgConnection) -> Result<(), StoreError> {
    let mut migrator = columns::migrator(&[(
        "sessions",
        include_str!("../../migrations/postgres/0001_sessions.sql"),
    )]);
    // The database may be the application's own, with migrations of its own.
    migrator.dangerous_set_table_name("scalekit_migrations");
    // Behind a lock of the database: of several replicas, one migrates and the others wait.
    // (`run` is not generic enough to be awaited by whoever is sent from thread to thread; this is what it calls.)
    Ok(migrator.run_direct(None, connection, false).await?)
}

/// A connection out of the pool. Left in the middle of an answer (its request ended, or waited long enough), it is
/// closed: the pool would wait for the rest of the answer first, without end when the network has swallowed it.
struct Borrowed {
    connection: PoolConnection<Postgres>,
    has_answered: bool,
}

impl From<PoolConnection<Postgres>> for Borrowed {
    fn from(connection: PoolConnection<Postgres>) -> Self {
        Self {
            connection,
            has_answered: false,
        }
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !self.has_answered {
            self.connection.close_on_drop();
        }
    }
}

/// Binds a row's columns in the order of [`Row`]'s fields.
fn bind_row<'q>(query: Query<'q, Postgres, PgArguments>, row: &'q Row) -> Query<'q, Postgres, PgArguments> {
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

async fn version(connection: &mut PgConnection, key: &RowKey) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT version FROM scalekit_sessions WHERE key = $1")
        .bind(key.0.as_slice())
        .fetch_optional(connection)
        .await
}

#[async_trait]
impl RowStore for PostgresStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            r#"INSERT INTO scalekit_sessions (version, record, summary, "user", provider_session, organization,
                                              last_seen, idle_end, absolute_end, key)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (key) DO NOTHING"#,
        );
        let insert = bind_row(insert, row).bind(key.0.as_slice());
        let done = self
            .with(async |connection| insert.execute(connection).await)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        let select = sqlx::query_as(
            r#"SELECT key, version, record, summary, "user", provider_session, organization,
                      last_seen, idle_end, absolute_end
               FROM scalekit_sessions WHERE key = $1"#,
        )
        .bind(key.0.as_slice());
        let found: Option<Columns> = self
            .with(async |connection| select.fetch_optional(connection).await)
            .await?;
        Ok(found.map(columns::row).transpose()?.map(|(_, row)| row))
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        let select = sqlx::query_as(match index {
            Index::User => {
                r#"SELECT key, version, record, summary, "user", provider_session, organization,
                          last_seen, idle_end, absolute_end
                   FROM scalekit_sessions WHERE "user" = ANY($1)"#
            }
            Index::ProviderSession => {
                r#"SELECT key, version, record, summary, "user", provider_session, organization,
                          last_seen, idle_end, absolute_end
                   FROM scalekit_sessions WHERE provider_session = ANY($1)"#
            }
            Index::Organization => {
                r#"SELECT key, version, record, summary, "user", provider_session, organization,
                          last_seen, idle_end, absolute_end
                   FROM scalekit_sessions WHERE organization = ANY($1)"#
            }
        })
        .bind(hashes);
        let found: Vec<Columns> = self
            .with(async |connection| select.fetch_all(connection).await)
            .await?;
        found.into_iter().map(columns::row).collect()
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        let update = sqlx::query(
            r#"UPDATE scalekit_sessions
               SET version = $1, record = $2, summary = $3, "user" = $4, provider_session = $5, organization = $6,
                   last_seen = greatest(last_seen, $7), idle_end = greatest(idle_end, $8),
                   absolute_end = least(absolute_end, $9),
                   lease_end = CASE WHEN $12::bigint IS NULL THEN lease_end ELSE 0 END
               WHERE key = $10 AND version = $11 AND ($12 IS NULL OR fence = $12)"#,
        );
        let update = bind_row(update, row)
            .bind(key.0.as_slice())
            .bind(expected.version)
            .bind(number(expected.fence));
        self.with(async |connection| {
            if update.execute(&mut *connection).await?.rows_affected() == 1 {
                return Ok(Written::Yes);
            }
            Ok(match version(connection, &key).await? {
                Some(_) => Written::Conflict,
                None => Written::Gone,
            })
        })
        .await
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        // Not even a new version of the row where another request was faster.
        let touch = sqlx::query(
            "UPDATE scalekit_sessions
             SET last_seen = greatest(last_seen, $1), idle_end = greatest(idle_end, $2)
             WHERE key = $3 AND (last_seen < $1 OR idle_end < $2)",
        )
        .bind(last_seen)
        .bind(idle_end)
        .bind(key.0.as_slice());
        self.with(async |connection| touch.execute(connection).await)
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
        let release = sqlx::query("UPDATE scalekit_sessions SET lease_end = 0 WHERE key = $1 AND fence = $2")
            .bind(key.0.as_slice())
            .bind(fence.0);
        self.with(async |connection| release.execute(connection).await)
            .await?;
        Ok(())
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM scalekit_sessions WHERE key = $1").bind(key.0.as_slice());
        let done = self
            .with(async |connection| delete.execute(connection).await)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        let delete = sqlx::query(
            "DELETE FROM scalekit_sessions
             WHERE key = $1 AND version = $2 AND ($3::bigint IS NULL OR fence = $3)",
        )
        .bind(key.0.as_slice())
        .bind(expected.version)
        .bind(number(expected.fence));
        let done = self
            .with(async |connection| delete.execute(connection).await)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            // Rows that somebody else is writing, or sweeping, are not waited for: the next sweep finds them.
            let delete = sqlx::query(
                "DELETE FROM scalekit_sessions WHERE key IN
                     (SELECT key FROM scalekit_sessions WHERE least(idle_end, absolute_end) <= $1
                      LIMIT $2 FOR UPDATE SKIP LOCKED)",
            )
            .bind(now)
            .bind(SWEEP);
            let done = self
                .with(async |connection| delete.execute(connection).await)
                .await?;
            count += done.rows_affected();
            if done.rows_affected() < SWEEP.unsigned_abs() {
                return Ok(count);
            }
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let select = sqlx::query("SELECT 1 FROM scalekit_sessions LIMIT 1");
        self.with(async |connection| select.execute(connection).await)
            .await?;
        Ok(())
    }
}
