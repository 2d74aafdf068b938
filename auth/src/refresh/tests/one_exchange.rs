//! At most one exchange a session, whoever asks and from wherever (promises 12 and 13, W2, W6).

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{
    bench::{Bench, SCALEKIT, STRICT},
    provider::{Fault, Manners},
};
use crate::refresh::RefreshFault;

#[tokio::test(start_paused = true)]
async fn a_session_whose_tokens_do_not_end_soon_costs_no_exchange() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_it_lives_for(time::Duration::seconds(61)).await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 0);
    assert_eq!(bench.exchanges(), 0);
    bench.until_it_lives_for(time::Duration::seconds(60)).await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);
}

/// Rules: w2
#[tokio::test(start_paused = true)]
async fn tokens_that_live_for_seconds_are_not_renewed_by_every_request() {
    let manners = Manners {
        token_life: time::Duration::seconds(5),
        ..STRICT
    };
    let bench = Bench::at(manners).await;
    let replica = bench.replica();
    for _ in 0..100 {
        replica.request(bench.id).await.open();
        sleep(Duration::from_millis(250)).await;
    }
    assert!((5..=7).contains(&bench.exchanges()), "{}", bench.exchanges());
}

/// Rules: w6
#[tokio::test(start_paused = true)]
async fn a_hundred_requests_at_once_share_one_exchange() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_due().await;
    let requests: Vec<_> = (0..100)
        .map(|_| {
            let (replica, id) = (replica.clone(), bench.id);
            tokio::spawn(async move { replica.request(id).await.open() })
        })
        .collect();
    for request in requests {
        assert_eq!(bench.serial(&request.await.unwrap()), 1);
    }
    assert_eq!(bench.exchanges(), 1);
}

/// Rules: w6
#[tokio::test(start_paused = true)]
async fn of_many_processes_one_asks_and_the_others_carry_on_with_what_it_gets() {
    let bench = Bench::at(STRICT).await;
    bench.until_over().await;
    let requests: Vec<_> = (0..10)
        .map(|_| {
            let (replica, id) = (bench.replica(), bench.id);
            tokio::spawn(async move { replica.request(id).await.open() })
        })
        .collect();
    for request in requests {
        assert_eq!(bench.serial(&request.await.unwrap()), 1);
    }
    assert_eq!(bench.exchanges(), 1);
}

/// Its time-outs (`http::Budget::Refresh` and the verification's) are all that it may take.
///
/// Rules: w6
#[tokio::test(start_paused = true)]
async fn another_process_waits_for_even_the_slowest_exchange() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    bench.provider().slows_down(Duration::from_millis(4950));
    let (first, second) = tokio::join!(first.request(bench.id), async {
        sleep(Duration::from_millis(50)).await;
        second.request(bench.id).await
    });
    assert_eq!(
        (bench.serial(&first.open()), bench.serial(&second.open())),
        (1, 1)
    );
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_survives_a_browser_that_goes_away() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    let request = timeout(Duration::from_millis(50), replica.request(bench.id));
    assert!(request.await.is_err(), "the browser goes away first");
    replica.sessions.settled().await;
    assert_eq!(bench.stored_serial().await, 1);
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_stops_the_process_waits_for_the_exchange_under_way() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().slows_down(Duration::from_secs(3));
    let started = Instant::now();
    let request = timeout(Duration::from_millis(50), replica.request(bench.id));
    assert!(request.await.is_err());
    assert_eq!(bench.stored_serial().await, 0);
    replica.sessions.settled().await;
    assert_eq!(bench.stored_serial().await, 1);
    assert!(started.elapsed() < Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_for_a_slow_provider_only_if_it_must() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_due().await;
    bench.provider().slows_down(Duration::from_secs(5));
    let asked = Instant::now();
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 0);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    replica.sessions.settled().await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);

    bench.until_over().await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 2);
    assert_eq!(bench.exchanges(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_tokens_end_while_it_waits_waits_for_the_new_ones() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_it_lives_for(time::Duration::seconds(2)).await;
    bench.provider().slows_down(Duration::from_secs(3));
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);
    assert_eq!(bench.exchanges(), 1);
}

/// Longer than that no request may take.
#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_do_without_new_tokens_waits_for_twenty_seconds() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().slows_down(Duration::from_secs(11));
    let asked = Instant::now();
    let fault = replica.request(bench.id).await.fault();
    assert!(matches!(*fault, RefreshFault::NotInTime), "{fault}");
    assert!(
        (20..=21).contains(&asked.elapsed().as_secs()),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_panics_leaves_nobody_waiting_and_the_next_one_succeeds() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().fails(Fault::Panic);
    let asked = Instant::now();
    let (first, second) = tokio::join!(replica.request(bench.id), replica.request(bench.id));
    for request in [first, second] {
        assert!(matches!(*request.fault(), RefreshFault::BrokenOff));
    }
    assert!(asked.elapsed() < Duration::from_secs(1));

    bench.provider().recovers();
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 1);
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
}
