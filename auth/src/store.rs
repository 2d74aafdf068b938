//! Where sessions live, as far as a store is concerned: rows of bytes, whose only writes are conditional (promise 9).
//!
//! A [`RowStore`] knows nothing of what is in a row ([`crate::vault`] seals and opens it), and nothing of tokens
//! ([`crate::refresh`] uses its leases). Memory, SQLite, PostgreSQL and Redis behave alike: one suite runs against all.

use std::{fmt, time::Duration};

use async_trait::async_trait;

mod columns;
pub mod memory;
pub mod postgres;
pub mod redis;
pub mod sqlite;
mod url;

pub use url::{ServerUrl, StoreUrl, StoreUrlError};

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
    /// Keyed hash of issuer and organization.
    pub organization: Option<[u8; 32]>,
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

/// A column under which sessions are found without their cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// All sessions of a person.
    User,
    /// The session that the provider calls by this `sid`.
    ProviderSession,
    /// All sessions of an organization.
    Organization,
}

impl Index {
    /// What `row` is found under.
    pub fn of(self, row: &Row) -> Option<[u8; 32]> {
        match self {
            Self::User => row.user,
            Self::ProviderSession => row.provider_session,
            Self::Organization => row.organization,
        }
    }
}

/// What a writer knows of the row that it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The version that it read.
    pub version: i64,
    /// The lease under which it writes, where it has one.
    pub fence: Option<Fence>,
}

/// Numbers the leases of a row, upwards from 1: whoever holds an older one has lost it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub i64);

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is stored.
    Yes,
    /// Somebody wrote a newer version in between, or took over the lease: nothing was stored.
    Conflict,
    /// The session was ended in between: nothing was stored, and it stays ended.
    Gone,
}

/// What became of the wish for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leased {
    /// It is the caller's until it is over, by the store's own clock.
    Yes(Fence),
    /// Somebody else holds it.
    Held,
    /// Somebody else held it and never gave it back: dead, or about to write as soon as they can. It is still theirs
    /// until somebody takes it over ([`RowStore::take_over`]).
    Abandoned(Fence),
    /// The row is no longer at the version that the caller read: there may be nothing left to do.
    Changed,
    /// The session was ended in between.
    Gone,
}

/// The store does not answer, or what it holds makes no sense.
#[derive(Debug, Clone, thiserror::Error)]
#[error("session store: {0}")]
pub struct StoreError(pub String);

/// Keeps rows. Implementations are shared by any number of replicas, so each method is atomic on its own.
#[async_trait]
pub trait RowStore: fmt::Debug + Send + Sync + 'static {
    /// Adds a row; `false` if the key is taken.
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError>;

    /// The row, if it exists. May return a row that is over.
    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError>;

    /// The rows that are found under one of `hashes`, in no order. Some may be over.
    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError>;

    /// Replaces the row if it still exists as `expected`, and gives back the lease that it was written under.
    ///
    /// `absolute_end` may only come closer, `last_seen` and `idle_end` only move on, whatever `row` says.
    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError>;

    /// Moves `last_seen` and `idle_end` forward if the row still exists; the version stays.
    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError>;

    /// Gives the caller the sole right to replace the row's tokens for `duration`, if the row is still at `version` and
    /// nobody else has that right. Measured by the store's own clock: the replicas' may differ.
    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError>;

    /// The same, also if that right was `abandoned`'s and is over.
    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError>;

    /// Gives the lease back before it is over, if it is still the caller's.
    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError>;

    /// Removes the row if it exists; whether it did.
    async fn delete(&self, key: RowKey) -> Result<bool, StoreError>;

    /// Removes the row if it still exists as `expected`; whether it did.
    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError>;

    /// Removes all rows that are over at `now` and says how many.
    async fn delete_over(&self, now: i64) -> Result<u64, StoreError>;

    /// Answers if the store works.
    async fn ping(&self) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests;
