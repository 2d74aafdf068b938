//! Requests prolong a session, soon enough, and nothing else does (promise 10).

use super::*;

#[tokio::test]
async fn a_session_that_lives_for_a_minute_is_prolonged_more_often_than_once_a_minute() {
    let mut bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    bench.vault.idle_timeout = time::Duration::MINUTE;
    let id = bench.begun().await;
    for _ in 0..4 {
        bench.clock.advance(time::Duration::seconds(30));
        assert!(bench.opened(id).await.is_ok());
    }
    bench.clock.advance(time::Duration::seconds(61));
    assert_eq!(bench.opened(id).await, Err(Ending::Over));
}

#[tokio::test]
async fn our_own_work_prolongs_nothing() {
    let bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    let id = bench.begun().await;
    let before = bench.row(id).await;
    bench.clock.advance(time::Duration::minutes(30));
    let told = bench.vault.peek(id).await.unwrap().unwrap();
    assert_eq!(told.idle_end.unix_timestamp(), before.idle_end);
    assert_eq!(bench.row(id).await, before);
}

#[tokio::test]
async fn new_tokens_prolong_nothing() {
    let bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    let signed_in = bench.somebody();
    let id = bench.vault.begin(&signed_in).await.unwrap();
    let before = bench.row(id).await;
    bench.clock.advance(time::Duration::minutes(30));
    let Leased::Yes(fence) = bench.vault.lease(id, 1, Duration::from_mins(1)).await.unwrap() else {
        panic!("nobody else has it");
    };

    let written = bench.vault.replace(id, fence, &signed_in).await.unwrap();

    assert_eq!(written, Written::Yes);
    let after = bench.row(id).await;
    assert_eq!(after.last_seen, before.last_seen);
    assert_eq!(after.idle_end, before.idle_end);
}
