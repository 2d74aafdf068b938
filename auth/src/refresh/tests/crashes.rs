//! Whoever holds the lease may die, or be cut off and come too late (promises 12 and 13).

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{
    bench::{Bench, SCALEKIT, STRICT},
    provider::Fault,
    world::Replica,
};

const HOUR: Duration = Duration::from_hours(1);
/// An exchange is over, whatever came of it, and nothing else has happened.
const A_SECOND: Duration = Duration::from_secs(1);

/// `replica` trades the refresh token, but cannot store what it gets.
async fn trade_without_storing(bench: &Bench, replica: &Replica) {
    let request = timeout(Duration::from_millis(50), replica.sessions.renew_now(bench.id));
    assert!(request.await.is_err(), "the exchange is under way");
    replica.link.goes_down(HOUR);
    sleep(A_SECOND).await;
    assert_eq!((bench.exchanges(), bench.stored_serial().await), (1, 0));
}

/// Rules: w6, refresh-fault-crash
#[tokio::test(start_paused = true)]
async fn when_a_process_dies_with_the_answer_another_asks_again_within_the_grace() {
    let bench = Bench::at(SCALEKIT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    first.process.crash();
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 2);
    let reuses = bench.family(|family| family.reuses.clone());
    assert!(
        matches!(*reuses, [(0, after)] if after < SCALEKIT.grace),
        "{reuses:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_given_back_is_free_at_once() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    bench.fail_once(&first, Fault::ServerError).await;
    let asked = Instant::now();
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 1);
    assert!(asked.elapsed() < A_SECOND);
}

/// Rules: w6
#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_overwrites_nothing_and_carries_on_with_the_newer_tokens() {
    let bench = Bench::at(SCALEKIT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 2);

    first.link.comes_back();
    first.sessions.settled().await;
    assert_eq!(bench.stored_serial().await, 2);
    assert_eq!(bench.serial(&first.request(bench.id).await.open()), 2);
    assert_eq!(bench.exchanges(), 2);
}

/// The newest tokens are then in the hands of a process whose lease is lost.
#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_stores_its_tokens_if_the_other_process_has_none() {
    let bench = Bench::at(SCALEKIT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    bench.provider().fails(Fault::Unreachable);
    second.request(bench.id).await.fault();
    assert_eq!(bench.exchanges(), 2);

    first.link.comes_back();
    first.sessions.settled().await;
    assert_eq!(bench.stored_serial().await, 1);
    sleep(SCALEKIT.grace).await;
    bench.provider().recovers();
    assert_eq!(
        bench.serial(&second.sessions.renew_now(bench.id).await.unwrap().open()),
        2
    );
}

/// Every process loses the store at once, and all come back at once: the one with the new tokens goes first.
///
/// Rules: w6
#[tokio::test(start_paused = true)]
async fn after_an_outage_longer_than_the_lease_the_new_tokens_are_not_asked_for_again() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    sleep(Duration::from_mins(1)).await;
    // Just when the first process has failed again and pauses.
    first.link.comes_back();
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 1);
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_whose_grant_took_too_long_to_arrive_is_not_used() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    replica.link.delays(Duration::from_secs(3));
    replica.request(bench.id).await.fault();
    assert_eq!(bench.exchanges(), 0);

    replica.link.delays(Duration::ZERO);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);
}
