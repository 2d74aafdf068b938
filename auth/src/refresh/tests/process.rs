//! One of several processes that share a store: it may lose the store, find it slow, or die.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::dice::Dice;
use crate::store::{
    Expected, Fence, Index, Leased, Row, RowKey, RowStore, StoreError, Written, memory::MemoryStore,
};

/// A process as the rest of the world sees it: a dead one says nothing more, and hears nothing.
pub(super) struct Process(watch::Sender<bool>);

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_dead() {
            "a dead process"
        } else {
            "a process"
        })
    }
}

impl Process {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(false)))
    }

    /// `kill -9`.
    pub(super) fn crash(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn is_dead(&self) -> bool {
        *self.0.borrow()
    }

    /// Nothing goes on here when the process is dead.
    pub(super) async fn lives_on(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) async fn death(&self) {
        let _ = self.0.subscribe().wait_for(|is_dead| *is_dead).await;
    }
}

/// The way to the store.
#[derive(Debug)]
pub(super) struct Link {
    condition: Mutex<Condition>,
    /// How long one way takes at most, when nothing is the matter.
    pace: Duration,
    dice: Dice,
}

#[derive(Debug, Clone, Copy)]
struct Condition {
    down_until: Instant,
    /// How long each way takes at least.
    delay: Duration,
    slow_until: Instant,
    /// How long one way takes at most until then.
    slow_pace: Duration,
}

impl Link {
    pub(super) fn new(pace: Duration, seed: u64) -> Arc<Self> {
        let now = Instant::now();
        let condition = Condition {
            down_until: now,
            delay: Duration::ZERO,
            slow_until: now,
            slow_pace: pace,
        };
        Arc::new(Self {
            condition: Mutex::new(condition),
            pace,
            dice: Dice::new(seed),
        })
    }

    pub(super) fn is_down(&self) -> bool {
        Instant::now() < self.condition.lock().unwrap().down_until
    }

    pub(super) fn goes_down(&self, time: Duration) {
        self.condition.lock().unwrap().down_until = Instant::now() + time;
    }

    pub(super) fn comes_back(&self) {
        self.goes_down(Duration::ZERO);
    }

    /// From now on each way takes this much longer.
    pub(super) fn delays(&self, delay: Duration) {
        self.condition.lock().unwrap().delay = delay;
    }

    pub(super) fn slows_down(&self, time: Duration, pace: Duration) {
        let mut condition = self.condition.lock().unwrap();
        (condition.slow_until, condition.slow_pace) = (Instant::now() + time, pace);
    }

    async fn travel(&self) {
        let condition = *self.condition.lock().unwrap();
        let is_slow = Instant::now() < condition.slow_until;
        let longest = if is_slow { condition.slow_pace } else { self.pace };
        let time = condition.delay + self.dice.span(longest);
        if !time.is_zero() {
            sleep(time).await;
        }
    }
}

/// The store, as one process sees it from its end of the link.
#[derive(Debug)]
pub(super) struct StoreOfOne {
    pub(super) rows: Arc<MemoryStore>,
    pub(super) process: Arc<Process>,
    pub(super) link: Arc<Link>,
}

impl StoreOfOne {
    /// There and back. What has arrived is done, although whoever asked for it may never hear of that.
    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        self.one_way().await?;
        let answer = work.await;
        self.one_way().await?;
        answer
    }

    async fn one_way(&self) -> Result<(), StoreError> {
        self.link.travel().await;
        self.process.lives_on().await;
        if self.link.is_down() {
            return Err(StoreError("the store is down".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl RowStore for StoreOfOne {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        self.call(self.rows.insert(key, row)).await
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        self.call(self.rows.load(key)).await
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        self.call(self.rows.find(index, hashes)).await
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        self.call(self.rows.update(key, expected, row)).await
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        self.call(self.rows.touch(key, last_seen, idle_end)).await
    }

    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        self.call(self.rows.lease(key, version, duration)).await
    }

    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        self.call(self.rows.take_over(key, version, abandoned, duration))
            .await
    }

    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError> {
        self.call(self.rows.release(key, fence)).await
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        self.call(self.rows.delete(key)).await
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        self.call(self.rows.delete_unchanged(key, expected)).await
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        self.call(self.rows.delete_over(now)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call(self.rows.ping()).await
    }
}
