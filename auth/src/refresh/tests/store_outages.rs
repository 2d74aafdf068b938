//! New tokens that find the store away: the provider gives them once, so they wait (promise 13).

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{
    bench::{Bench, STRICT},
    provider::Manners,
};

/// Long enough for an exchange to begin, too short for it to end.
const MEANWHILE: Duration = Duration::from_millis(50);

/// Rules: refresh-fault-store
#[tokio::test(start_paused = true)]
async fn tokens_wait_for_the_store_and_are_stored_when_it_is_back() {
    for outage in [1, 10, 60, 240].map(Duration::from_secs) {
        let bench = Bench::at(STRICT).await;
        let replica = bench.replica();
        bench.until_due().await;
        assert!(timeout(MEANWHILE, replica.request(bench.id)).await.is_err());
        replica.link.goes_down(outage);
        sleep(outage).await;
        assert_eq!(bench.stored_serial().await, 0);
        sleep(Duration::from_secs(3)).await;
        assert_eq!(bench.stored_serial().await, 1, "{outage:?}");
        assert_eq!(bench.exchanges(), 1);
    }
}

/// A process that is to stop must come to an end.
#[tokio::test(start_paused = true)]
async fn tokens_wait_for_the_store_for_five_minutes() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_due().await;
    assert!(timeout(MEANWHILE, replica.request(bench.id)).await.is_err());
    replica.link.goes_down(Duration::from_hours(1));
    let given_up = timeout(Duration::from_secs(302), replica.sessions.settled());
    assert!(given_up.await.is_ok());
    replica.link.comes_back();
    assert_eq!(bench.stored_serial().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_said_to_be() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    replica.link.goes_down(Duration::from_secs(10));
    assert!(replica.sessions.current(bench.id).await.is_err());
    assert!(replica.sessions.renew_now(bench.id).await.is_err());
    replica.link.comes_back();
    replica.request(bench.id).await.open();
}

/// They are stored, but who stored them does not know it.
#[tokio::test(start_paused = true)]
async fn tokens_are_not_lost_when_the_store_s_answer_is() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    assert!(timeout(MEANWHILE, replica.request(bench.id)).await.is_err());
    replica.link.delays(Duration::from_secs(1));
    // There and back to read the row, and there with the new one.
    sleep(Duration::from_millis(3500)).await;
    assert_eq!(bench.stored_serial().await, 1);
    replica.link.goes_down(Duration::from_secs(1));
    replica.sessions.settled().await;
    assert_eq!(bench.stored_serial().await, 1);
    replica.link.delays(Duration::ZERO);
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_they_wait_for_the_store_are_not_handed_out() {
    let manners = Manners {
        token_life: time::Duration::seconds(60),
        ..STRICT
    };
    let bench = Bench::at(manners).await;
    let replica = bench.replica();
    bench.until_over().await;
    assert!(timeout(MEANWHILE, replica.request(bench.id)).await.is_err());
    replica.link.goes_down(Duration::from_secs(70));
    sleep(Duration::from_millis(70_001)).await;
    replica.request(bench.id).await.fault();
    assert_eq!(bench.stored_serial().await, 1);
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 2);
}
