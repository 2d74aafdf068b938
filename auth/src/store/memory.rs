//! Sessions in this process's memory: for tests, and for a single server that may forget.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Expected, Fence, Index, Leased, Row, RowKey, RowStore, StoreError, Written};

/// Rows in a map.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<RowKey, Entry>>);

#[derive(Debug)]
struct Entry {
    row: Row,
    fence: Fence,
    leased_until: Option<Instant>,
}

impl Entry {
    fn is(&self, expected: Expected) -> bool {
        self.row.version == expected.version && expected.fence.is_none_or(|fence| fence == self.fence)
    }
}

impl MemoryStore {
    fn entries(&self) -> MutexGuard<'_, HashMap<RowKey, Entry>> {
        // No method leaves the map half-changed, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease_from(&self, key: RowKey, version: i64, abandoned: Option<Fence>, duration: Duration) -> Leased {
        let now = Instant::now();
        match self.entries().get_mut(&key) {
            None => Leased::Gone,
            Some(entry) if entry.row.version != version => Leased::Changed,
            Some(entry) => match entry.leased_until {
                Some(end) if now < end => Leased::Held,
                Some(_) if abandoned != Some(entry.fence) => Leased::Abandoned(entry.fence),
                _ => {
                    entry.fence = Fence(entry.fence.0 + 1);
                    entry.leased_until = Some(now + duration);
                    Leased::Yes(entry.fence)
                }
            },
        }
    }
}

#[async_trait]
impl RowStore for MemoryStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        let mut entries = self.entries();
        if entries.contains_key(&key) {
            return Ok(false);
        }
        let entry = Entry {
            row: row.clone(),
            fence: Fence(0),
            leased_until: None,
        };
        entries.insert(key, entry);
        Ok(true)
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        Ok(self.entries().get(&key).map(|entry| entry.row.clone()))
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        let is_sought = |entry: &Entry| index.of(&entry.row).is_some_and(|hash| hashes.contains(&hash));
        let entries = self.entries();
        let found = entries.iter().filter(|(_, entry)| is_sought(entry));
        Ok(found.map(|(key, entry)| (*key, entry.row.clone())).collect())
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        Ok(match self.entries().get_mut(&key) {
            None => Written::Gone,
            Some(entry) if !entry.is(expected) => Written::Conflict,
            Some(entry) => {
                entry.row = Row {
                    last_seen: entry.row.last_seen.max(row.last_seen),
                    idle_end: entry.row.idle_end.max(row.idle_end),
                    absolute_end: entry.row.absolute_end.min(row.absolute_end),
                    ..row.clone()
                };
                if expected.fence.is_some() {
                    entry.leased_until = None;
                }
                Written::Yes
            }
        })
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        if let Some(Entry { row, .. }) = self.entries().get_mut(&key) {
            row.last_seen = row.last_seen.max(last_seen);
            row.idle_end = row.idle_end.max(idle_end);
        }
        Ok(())
    }

    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        Ok(self.lease_from(key, version, None, duration))
    }

    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        Ok(self.lease_from(key, version, Some(abandoned), duration))
    }

    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError> {
        if let Some(entry) = self.entries().get_mut(&key)
            && entry.fence == fence
        {
            entry.leased_until = None;
        }
        Ok(())
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        Ok(self.entries().remove(&key).is_some())
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        let mut entries = self.entries();
        let is_unchanged = entries.get(&key).is_some_and(|entry| entry.is(expected));
        Ok(is_unchanged && entries.remove(&key).is_some())
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|_, entry| !entry.row.is_over(now));
        Ok(u64::try_from(before - entries.len()).unwrap_or(u64::MAX))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
