//! Sessions in this process's memory: for tests, and for a single server that may forget.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Row, RowKey, RowStore, StoreError, Written};

/// Rows in a map.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<RowKey, Row>>);

impl MemoryStore {
    fn rows(&self) -> MutexGuard<'_, HashMap<RowKey, Row>> {
        // No method leaves the map half-changed, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RowStore for MemoryStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        let mut rows = self.rows();
        if rows.contains_key(&key) {
            return Ok(false);
        }
        rows.insert(key, row.clone());
        Ok(true)
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        Ok(self.rows().get(&key).cloned())
    }

    async fn update(&self, key: RowKey, read: i64, row: &Row) -> Result<Written, StoreError> {
        Ok(match self.rows().get_mut(&key) {
            None => Written::Gone,
            Some(current) if current.version != read => Written::Conflict,
            Some(current) => {
                *current = Row {
                    absolute_end: current.absolute_end.min(row.absolute_end),
                    ..row.clone()
                };
                Written::Yes
            }
        })
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        if let Some(row) = self.rows().get_mut(&key) {
            row.last_seen = row.last_seen.max(last_seen);
            row.idle_end = row.idle_end.max(idle_end);
        }
        Ok(())
    }

    async fn delete(&self, key: RowKey) -> Result<(), StoreError> {
        self.rows().remove(&key);
        Ok(())
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let before = rows.len();
        rows.retain(|_, row| !row.is_over(now));
        Ok(u64::try_from(before - rows.len()).unwrap_or(u64::MAX))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
