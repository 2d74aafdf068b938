//! What is over is removed in the background, long after its end.

use std::pin::pin;

use tokio::time::timeout;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

impl Bench {
    async fn is_stored(&self, id: Id) -> bool {
        self.vault.rows.load(row_key(id)).await.unwrap().is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn every_five_minutes_what_ended_more_than_an_hour_ago_is_removed() {
    let bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    let older = bench.begun().await;
    bench.clock.advance(time::Duration::minutes(2));
    let newer = bench.begun().await;
    // Nobody used them for an hour, so they ended 61 minutes ago and 59.
    bench.clock.advance(time::Duration::minutes(119));
    let mut sweeping = pin!(bench.vault.clone().keep_sweeping());

    let swept = timeout(Duration::from_secs(299), sweeping.as_mut()).await;
    assert!(swept.is_err() && bench.is_stored(older).await, "not yet");

    let swept = timeout(2 * SECOND, sweeping).await;
    assert!(swept.is_err(), "it never stops");
    assert!(!bench.is_stored(older).await);
    assert!(bench.is_stored(newer).await);
}
