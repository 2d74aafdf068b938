//! Seals sessions into rows and opens them again: encrypted (promise 8), with writes that are conditional (promise 9)
//! and lifetimes enforced here on the server (promise 10).
//!
//! Requests of signed-in people use [`SessionVault::open`]. tower-sessions may be used beside it for members of one's
//! own; it goes through the same door ([`SessionStore`]).

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::session::Id;

use crate::{
    clock::{Surroundings, Throttle},
    config::SessionSettings,
    seal::{OpenError, Purpose, Secrets},
    session::{Ending, Facets, Lookup, SignedIn, Summary},
    store::{Expected, Fence, Index, Leased, Row, RowKey, RowStore, StoreError, Written},
};

mod tower;

/// `last_seen` is written at most this often (promise 10).
const TOUCH_INTERVAL: i64 = 60;
const SWEEP_INTERVAL: Duration = Duration::from_mins(5);
/// Sessions are removed this long after their end, which every look-up judges anyway: a replica whose clock is wrong must
/// not remove what the others keep.
const SWEEP_MARGIN: time::Duration = time::Duration::hours(1);

/// A record's members by name. Those of [`SignedIn`] are ours; others may be the application's own.
type Members = HashMap<String, Value>;

/// Seals session records into rows and opens them again. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct SessionVault {
    rows: Arc<dyn RowStore>,
    secrets: Secrets,
    idle_timeout: time::Duration,
    surroundings: Surroundings,
    unreadable: Arc<Throttle>,
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Who is signed in, with what.
    pub signed_in: SignedIn,
    /// When it ends if no request uses it until then.
    pub idle_end: OffsetDateTime,
    /// Counts the record's writes.
    pub(crate) version: i64,
}

/// What one session may show to the person's others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// Its key, by which it can be ended.
    pub key: RowKey,
    /// Device and times.
    pub summary: Summary,
    /// When a request last used it.
    pub last_seen: OffsetDateTime,
}

impl SessionVault {
    /// A vault over `rows`.
    pub fn new(rows: Arc<dyn RowStore>, settings: &SessionSettings, surroundings: Surroundings) -> Self {
        Self {
            rows,
            secrets: settings.secrets.clone(),
            idle_timeout: time::Duration::try_from(settings.idle_timeout).unwrap_or(time::Duration::MAX),
            surroundings,
            unreadable: Arc::default(),
        }
    }

    /// Answers if the store works.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.rows.ping().await
    }

    /// Begins a session under a new id, which nobody can know (promise 7).
    pub async fn begin(&self, signed_in: &SignedIn) -> Result<Id, StoreError> {
        let members = members(signed_in)?;
        loop {
            let id = self.new_id();
            let row = self.seal(id, &members, 1, signed_in.origin.ends_at)?;
            if self.rows.insert(row_key(id), &row).await? {
                return Ok(id);
            }
        }
    }

    /// The session, if it goes on: one look-up (promise 8). Prolongs it, at most once a minute.
    pub async fn open(&self, id: Id) -> Result<Result<OpenSession, Ending>, StoreError> {
        self.opened(id, true).await
    }

    /// The same for our own work: nobody is there, so nothing is prolonged.
    pub(crate) async fn peek(&self, id: Id) -> Result<Result<OpenSession, Ending>, StoreError> {
        self.opened(id, false).await
    }

    async fn opened(&self, id: Id, is_request: bool) -> Result<Result<OpenSession, Ending>, StoreError> {
        let key = row_key(id);
        let Some(row) = self.rows.load(key).await? else {
            return Ok(Err(Ending::Unknown));
        };
        let now = self.surroundings.now();
        if row.is_over(now.unix_timestamp()) {
            return Ok(Err(Ending::Over));
        }
        let opened = self.unseal(id, &row).ok();
        let Some(signed_in) = opened.and_then(|record| serde_json::from_slice::<SignedIn>(&record).ok())
        else {
            self.tell_unreadable(key);
            return Ok(Err(Ending::Unreadable));
        };
        // The row's own end is not sealed, and whoever writes to the database could move it.
        if now >= signed_in.origin.ends_at {
            return Ok(Err(Ending::Over));
        }
        let idle_end = if is_request {
            self.touched(key, &row, now).await
        } else {
            row.idle_end
        };
        Ok(Ok(OpenSession {
            signed_in,
            idle_end: moment(idle_end),
            version: row.version,
        }))
    }

    /// Puts `signed_in` in place of what the session had, under the lease `fence`. Members that are not ours stay.
    ///
    /// [`Written::Conflict`] means that the lease is lost.
    pub(crate) async fn replace(
        &self,
        id: Id,
        fence: Fence,
        signed_in: &SignedIn,
    ) -> Result<Written, StoreError> {
        let key = row_key(id);
        let mut last_read = None;
        loop {
            let Some(row) = self.rows.load(key).await? else {
                return Ok(Written::Gone);
            };
            // The same version twice: it is not another member that was written, but the lease that was lost.
            if last_read.replace(row.version) == Some(row.version) {
                return Ok(Written::Conflict);
            }
            let mut record = match self.unseal(id, &row) {
                Ok(record) => {
                    serde_json::from_slice::<Members>(&record).map_err(|_| StoreError(DAMAGED.to_owned()))?
                }
                Err(OpenError) => return Err(StoreError(DAMAGED.to_owned())),
            };
            record.extend(members(signed_in)?);
            let expected = Expected {
                version: row.version,
                fence: Some(fence),
            };
            // Nobody is there: what was over stays over, and nothing is prolonged.
            if row.is_over(self.surroundings.now().unix_timestamp()) {
                return Ok(Written::Gone);
            }
            let row = Row {
                last_seen: row.last_seen,
                idle_end: row.idle_end,
                ..self.seal(id, &record, row.version + 1, moment(row.absolute_end))?
            };
            match self.rows.update(key, expected, &row).await? {
                Written::Conflict => {}
                outcome => return Ok(outcome),
            }
        }
    }

    /// Gives the caller the sole right to replace the tokens for `duration`, if the session is still at `version`.
    pub(crate) async fn lease(&self, id: Id, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        self.rows.lease(row_key(id), version, duration).await
    }

    /// The same, also if that right was `abandoned`'s.
    pub(crate) async fn take_over(
        &self,
        id: Id,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        self.rows
            .take_over(row_key(id), version, abandoned, duration)
            .await
    }

    /// Gives that right back.
    pub(crate) async fn release(&self, id: Id, fence: Fence) -> Result<(), StoreError> {
        self.rows.release(row_key(id), fence).await
    }

    /// Ends the session; whether there was one.
    pub async fn end(&self, id: Id) -> Result<bool, StoreError> {
        self.rows.delete(row_key(id)).await
    }

    /// Ends a session that was found without its cookie; whether there was one.
    pub(crate) async fn end_found(&self, key: RowKey) -> Result<bool, StoreError> {
        self.rows.delete(key).await
    }

    /// Ends the session if it is still as it was read; whether it did.
    pub(crate) async fn end_unchanged(
        &self,
        id: Id,
        version: i64,
        fence: Option<Fence>,
    ) -> Result<bool, StoreError> {
        self.rows
            .delete_unchanged(row_key(id), Expected { version, fence })
            .await
    }

    /// The sessions at `issuer` that go on and that `lookup` finds, the most recently used first.
    pub async fn find(&self, issuer: &str, lookup: Lookup<'_>) -> Result<Vec<FoundSession>, StoreError> {
        let (index, value) = index_of(issuer, lookup);
        let rows = self
            .rows
            .find(index, &self.secrets.indexes(value.as_bytes()))
            .await?;
        let now = self.surroundings.now().unix_timestamp();
        let mut found: Vec<_> = rows
            .into_iter()
            .filter(|(_, row)| !row.is_over(now))
            .filter_map(|(key, row)| {
                let summary = self
                    .secrets
                    .open(Purpose::SessionSummary, &key.0, &[], &row.summary);
                Some(FoundSession {
                    key,
                    summary: serde_json::from_slice(&summary.ok()?).ok()?,
                    last_seen: moment(row.last_seen),
                })
            })
            .collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.last_seen));
        Ok(found)
    }

    /// Ends the sessions at `issuer` that `lookup` finds, and says how many.
    pub async fn end_all(&self, issuer: &str, lookup: Lookup<'_>) -> Result<usize, StoreError> {
        let (index, value) = index_of(issuer, lookup);
        let rows = self
            .rows
            .find(index, &self.secrets.indexes(value.as_bytes()))
            .await?;
        let mut ended = 0;
        for (key, _) in rows {
            ended += usize::from(self.rows.delete(key).await?);
        }
        Ok(ended)
    }

    /// Removes sessions that are over, every few minutes, for as long as the process lives.
    pub async fn keep_sweeping(self) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            match self
                .rows
                .delete_over((self.surroundings.now() - SWEEP_MARGIN).unix_timestamp())
                .await
            {
                Ok(0) => {}
                Ok(count) => tracing::info!(session.count = count, "expired sessions removed"),
                Err(error) => tracing::warn!(%error, "expired sessions could not be removed"),
            }
        }
    }

    /// 128 random bits. Never from a counter or a time: whoever guesses one has the session.
    fn new_id(&self) -> Id {
        Id(i128::from_le_bytes(self.surroundings.random()))
    }

    /// Prolongs a session that is used, and says until when it lives without further use.
    async fn touched(&self, key: RowKey, row: &Row, now: OffsetDateTime) -> i64 {
        let (seconds, idle_end) = (now.unix_timestamp(), self.idle_end(now));
        // A minute, or less where sessions live for a few minutes only.
        let interval = TOUCH_INTERVAL.min(self.idle_timeout.whole_seconds() / 4);
        if seconds - row.last_seen < interval {
            return row.idle_end;
        }
        // Whoever is signed in may read on even if nothing can be written: the session is merely not prolonged.
        match self.rows.touch(key, seconds, idle_end).await {
            Ok(()) => row.idle_end.max(idle_end),
            Err(error) => {
                tracing::warn!(%error, "a session could not be prolonged");
                row.idle_end
            }
        }
    }

    fn seal(
        &self,
        id: Id,
        members: &Members,
        version: i64,
        absolute_end: OffsetDateTime,
    ) -> Result<Row, StoreError> {
        let key = row_key(id);
        let record = to_json(members)?;
        let facets = Facets::of(|name| members.get(name));
        let now = self.surroundings.now();
        let index = |lookup: Option<Lookup<'_>>| {
            let (_, value) = index_of(facets.issuer?, lookup?);
            Some(self.secrets.index(value.as_bytes()))
        };
        Ok(Row {
            version,
            record: self.secrets.seal(
                Purpose::Session,
                &id.0.to_le_bytes(),
                &context(key, version),
                &record,
                &self.surroundings,
            ),
            summary: self.secrets.seal(
                Purpose::SessionSummary,
                &key.0,
                &[],
                &to_json(&facets.summary)?,
                &self.surroundings,
            ),
            user: index(facets.user.map(Lookup::User)),
            provider_session: index(facets.provider_session.map(Lookup::ProviderSession)),
            organization: index(facets.organization.map(Lookup::Organization)),
            last_seen: now.unix_timestamp(),
            idle_end: self.idle_end(now),
            absolute_end: absolute_end.unix_timestamp(),
        })
    }

    fn unseal(&self, id: Id, row: &Row) -> Result<Vec<u8>, OpenError> {
        let context = context(row_key(id), row.version);
        self.secrets
            .open(Purpose::Session, &id.0.to_le_bytes(), &context, &row.record)
    }

    /// Left in place: on another replica, or once a forgotten secret is back, it may open.
    fn tell_unreadable(&self, key: RowKey) {
        if self.unreadable.lets_pass(self.surroundings.now()) {
            tracing::warn!(session.key = ?key, "a session record does not open; its person must sign in again");
        }
    }

    fn idle_end(&self, now: OffsetDateTime) -> i64 {
        now.saturating_add(self.idle_timeout).unix_timestamp()
    }
}

const DAMAGED: &str = "the record does not open";

/// The key of the session with the cookie value `id`.
pub(crate) fn row_key(id: Id) -> RowKey {
    let mut key = [0; 32];
    key.copy_from_slice(digest::digest(&digest::SHA256, &id.0.to_le_bytes()).as_ref());
    RowKey(key)
}

/// Bound to a sealed record, so that whoever can write to the database can neither swap records nor bring back an
/// older version of one.
fn context(key: RowKey, version: i64) -> Vec<u8> {
    [key.0.as_slice(), &version.to_le_bytes()].concat()
}

/// The column that `lookup` looks in, and what it holds before it is hashed.
fn index_of(issuer: &str, lookup: Lookup<'_>) -> (Index, String) {
    match lookup {
        Lookup::User(sub) => (Index::User, format!("user {issuer} {sub}")),
        Lookup::ProviderSession(sid) => (Index::ProviderSession, format!("sid {issuer} {sid}")),
        Lookup::Organization(oid) => (Index::Organization, format!("organization {issuer} {oid}")),
    }
}

fn members(signed_in: &SignedIn) -> Result<Members, StoreError> {
    serde_json::to_value(signed_in)
        .and_then(serde_json::from_value)
        .map_err(|error| StoreError(error.to_string()))
}

fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError(error.to_string()))
}

fn moment(unix: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
