//! Where sessions live: encrypted (promise 8), with writes that are conditional (promise 9) and lifetimes enforced
//! here on the server (promise 10).
//!
//! [`SessionVault`] is what tower-sessions talks to. It seals records and hands [`Row`]s to a [`RowStore`], which knows
//! nothing of their content: memory, SQLite, or your own.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::digest;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use crate::{
    clock::Surroundings,
    config::SessionSettings,
    seal::{Purpose, Secrets},
    session::Facets,
};

pub mod memory;
pub mod sqlite;

/// Where in a record's data its version travels between load and save. Not stored.
const VERSION_KEY: &str = "scalekit_version";
/// `last_seen` is written at most this often (promise 10).
const TOUCH_INTERVAL: time::Duration = time::Duration::minutes(1);
const SWEEP_INTERVAL: Duration = Duration::from_mins(5);

/// A row's key: a hash of the cookie value, which a stolen database cannot turn back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowKey(pub [u8; 32]);

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, ..] = self.0;
        write!(f, "RowKey({first:02x}{second:02x}{third:02x}…)")
    }
}

/// A stored session. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Counts writes, from 1.
    pub version: i64,
    /// The record, sealed with the secrets and the cookie value.
    pub record: Vec<u8>,
    /// What the person's other sessions may show of this one, sealed with the secrets alone.
    pub summary: Vec<u8>,
    /// Keyed hash of issuer and subject.
    pub user: Option<[u8; 32]>,
    /// Keyed hash of issuer and the provider's session id (`sid`).
    pub provider_session: Option<[u8; 32]>,
    /// When a request last used the session.
    pub last_seen: i64,
    /// When it ends if no request uses it until then.
    pub idle_end: i64,
    /// When it ends whatever happens.
    pub absolute_end: i64,
}

impl Row {
    /// Whether the session is over at `now`.
    pub fn is_over(&self, now: i64) -> bool {
        now >= self.idle_end.min(self.absolute_end)
    }
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is stored.
    Yes,
    /// Somebody wrote a newer version in between: nothing was stored.
    Conflict,
    /// The session was ended in between: nothing was stored, and it stays ended.
    Gone,
}

/// The store does not answer, or what it holds makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("session store: {0}")]
pub struct StoreError(pub String);

/// Keeps rows. Implementations are shared by any number of replicas, so each method is atomic on its own.
#[async_trait]
pub trait RowStore: fmt::Debug + Send + Sync + 'static {
    /// Adds a row; `false` if the key is taken.
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError>;
    /// The row, if it exists. May return a row that is over.
    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError>;
    /// Replaces the row if it still exists at version `read`. `absolute_end` may only come closer.
    async fn update(&self, key: RowKey, read: i64, row: &Row) -> Result<Written, StoreError>;
    /// Moves `last_seen` and `idle_end` forward if the row still exists; the version stays.
    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError>;
    /// Removes the row if it exists.
    async fn delete(&self, key: RowKey) -> Result<(), StoreError>;
    /// Removes all rows that are over at `now` and says how many.
    async fn delete_over(&self, now: i64) -> Result<u64, StoreError>;
    /// Answers if the store works.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// `SESSION_STORE_URL`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `memory:`; sessions end with the process.
    Memory,
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
}

/// What is wrong with a store URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreUrlError(pub &'static str);

impl StoreUrl {
    /// Reads `memory:` or `sqlite:PATH`.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", ":memory:")) => Err(StoreUrlError("must be memory: for sessions in memory")),
            Some(("sqlite", path)) => match path.strip_prefix("//").unwrap_or(path) {
                "" => Err(StoreUrlError(
                    "names no file; it looks like sqlite:/var/lib/app/sessions.db",
                )),
                path => Ok(Self::Sqlite(path.into())),
            },
            _ => Err(StoreUrlError("must be memory: or sqlite:PATH")),
        }
    }

    /// Opens the store.
    pub async fn open(&self) -> Result<Arc<dyn RowStore>, StoreError> {
        Ok(match self {
            Self::Memory => Arc::new(memory::MemoryStore::default()),
            Self::Sqlite(path) => Arc::new(sqlite::SqliteStore::open(path).await?),
        })
    }
}

/// Seals session records into rows and opens them again.
#[derive(Debug, Clone)]
pub struct SessionVault {
    rows: Arc<dyn RowStore>,
    secrets: Secrets,
    idle_timeout: time::Duration,
    surroundings: Surroundings,
}

impl SessionVault {
    /// A vault over `rows`.
    pub fn new(rows: Arc<dyn RowStore>, settings: &SessionSettings, surroundings: Surroundings) -> Self {
        Self {
            rows,
            secrets: settings.secrets.clone(),
            idle_timeout: time::Duration::try_from(settings.idle_timeout).unwrap_or(time::Duration::MAX),
            surroundings,
        }
    }

    /// Answers if the store works.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.rows.ping().await
    }

    /// Removes sessions that are over, every few minutes, for as long as the process lives.
    pub async fn keep_sweeping(self) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            match self
                .rows
                .delete_over(self.surroundings.now().unix_timestamp())
                .await
            {
                Ok(0) => {}
                Ok(count) => tracing::info!(session.count = count, "expired sessions removed"),
                Err(error) => tracing::warn!(%error, "expired sessions could not be removed"),
            }
        }
    }

    fn seal(&self, record: &Record, version: i64) -> Result<Row, session_store::Error> {
        let mut data = record.data.clone();
        data.remove(VERSION_KEY);
        let plaintext = serde_json::to_vec(&data).map_err(encode_error)?;
        let facets = Facets::of(&data);
        let summary = serde_json::to_vec(&facets.summary).map_err(encode_error)?;
        let key = row_key(&record.id);
        let context = context(key, version);
        let now = self.surroundings.now();
        Ok(Row {
            version,
            record: self.secrets.seal(
                Purpose::Session,
                &record.id.0.to_le_bytes(),
                &context,
                &plaintext,
                &self.surroundings,
            ),
            summary: self
                .secrets
                .seal(Purpose::SessionSummary, &[], &key.0, &summary, &self.surroundings),
            user: facets
                .user
                .map(|user| self.secrets.index(format!("user {user}").as_bytes())),
            provider_session: facets
                .provider_session
                .map(|sid| self.secrets.index(format!("sid {sid}").as_bytes())),
            last_seen: now.unix_timestamp(),
            idle_end: self.idle_end(now),
            absolute_end: record.expiry_date.unix_timestamp(),
        })
    }

    fn idle_end(&self, now: OffsetDateTime) -> i64 {
        now.saturating_add(self.idle_timeout).unix_timestamp()
    }
}

#[async_trait]
impl SessionStore for SessionVault {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let row = self.seal(record, 1)?;
            if self
                .rows
                .insert(row_key(&record.id), &row)
                .await
                .map_err(backend_error)?
            {
                record.data.insert(VERSION_KEY.to_owned(), 1.into());
                return Ok(());
            }
            record.id = Id::default(); // Taken: as likely as guessing somebody's id, but the contract asks.
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let read = record
            .data
            .get(VERSION_KEY)
            .and_then(serde_json::Value::as_i64)
            .unwrap_or_default();
        let row = self.seal(record, read + 1)?;
        match self
            .rows
            .update(row_key(&record.id), read, &row)
            .await
            .map_err(backend_error)?
        {
            Written::Yes => Ok(()),
            Written::Conflict => Err(backend("the session was changed by another request")),
            Written::Gone => Err(backend("the session has been ended")),
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let key = row_key(id);
        let Some(row) = self.rows.load(key).await.map_err(backend_error)? else {
            return Ok(None);
        };
        let now = self.surroundings.now();
        if row.is_over(now.unix_timestamp()) {
            // Left to the sweep if it fails; over is over.
            if let Err(error) = self.rows.delete(key).await {
                tracing::warn!(%error, "an ended session could not be removed");
            }
            return Ok(None);
        }
        let context = context(key, row.version);
        let Ok(plaintext) = self
            .secrets
            .open(Purpose::Session, &id.0.to_le_bytes(), &context, &row.record)
        else {
            // Sealed with a secret that is no longer configured: nobody can ever open it again.
            tracing::warn!(session.key = ?key, "a session record does not open; its person must sign in again");
            return Ok(None);
        };
        let mut data: std::collections::HashMap<String, serde_json::Value> =
            serde_json::from_slice(&plaintext)
                .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        data.insert(VERSION_KEY.to_owned(), row.version.into());

        if now.unix_timestamp() - row.last_seen >= TOUCH_INTERVAL.whole_seconds() {
            // Whoever is signed in may read on even if nothing can be written: the session is merely not prolonged.
            if let Err(error) = self
                .rows
                .touch(key, now.unix_timestamp(), self.idle_end(now))
                .await
            {
                tracing::warn!(%error, "a session could not be prolonged");
            }
        }
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(row.absolute_end).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.rows.delete(row_key(id)).await.map_err(backend_error)
    }
}

fn row_key(id: &Id) -> RowKey {
    let mut key = [0; 32];
    key.copy_from_slice(digest::digest(&digest::SHA256, &id.0.to_le_bytes()).as_ref());
    RowKey(key)
}

/// Bound to a sealed record, so that whoever can write to the database can neither swap records nor bring back an
/// older version of one.
fn context(key: RowKey, version: i64) -> Vec<u8> {
    [key.0.as_slice(), &version.to_le_bytes()].concat()
}

fn backend(message: &str) -> session_store::Error {
    session_store::Error::Backend(message.to_owned())
}

fn backend_error(error: StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn encode_error(error: serde_json::Error) -> session_store::Error {
    session_store::Error::Encode(error.to_string())
}

#[cfg(test)]
mod tests;
