//! Whoever holds the lease may die, or be cut off and come too late (promises 12 and 13).

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{
    bench::{Bench, SCALEKIT, STEADY, STRICT},
    provider::Fault,
    world::Replica,
};
use crate::{refresh::RefreshFault, store::Leased};

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

/// The first process has tokens that it could not store, and comes back while the second, which has taken over its lease,
/// trades the refresh token once more: for five seconds from now on.
async fn overtaken() -> (Bench, Replica, Replica) {
    let bench = Bench::at(SCALEKIT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    bench.provider().slows_down(Duration::from_secs(3));
    let request = timeout(A_SECOND, second.request(bench.id));
    assert!(request.await.is_err(), "the lease is not over yet");
    while bench.exchanges() < 2 {
        sleep(Duration::from_millis(50)).await;
    }
    first.link.comes_back();
    sleep(A_SECOND).await;
    (bench, first, second)
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
    // A provider may end the whole session with any token of it.
    assert!(bench.family(|family| family.given_back.is_empty()));
}

/// Rules: w6
#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_overwrites_nothing_where_refresh_tokens_stay_what_they_are() {
    let bench = Bench::at(STEADY).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    trade_without_storing(&bench, &first).await;
    let newer = second
        .request(bench.id)
        .await
        .open()
        .signed_in
        .tokens
        .access_token
        .clone();
    assert_eq!(bench.exchanges(), 2);

    first.link.comes_back();
    first.sessions.settled().await;
    assert_eq!(bench.stored().await.unwrap().signed_in.tokens.access_token, newer);
}

/// Two processes have new tokens by then, and none is of use.
///
/// Rules: refresh-fault-sign-out
#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_gives_its_tokens_back_if_the_session_ends_meanwhile() {
    let (bench, first, second) = overtaken().await;
    assert!(bench.replica().sessions.vault().end(bench.id).await.unwrap());

    first.sessions.settled().await;
    second.sessions.settled().await;
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.family(|family| family.given_back.clone()), [1, 2]);
}

/// The store is back for a moment: long enough to say that the lease is lost, too short to give another.
#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_does_not_wait_for_another_lease_for_ever() {
    let (bench, first, _second) = overtaken().await;
    first.link.goes_down(HOUR);

    let given_up = timeout(Duration::from_mins(6), first.sessions.settled());
    assert!(given_up.await.is_ok());
    assert_eq!(bench.stored_serial().await, 2);
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

/// The request is answered after twenty seconds, and what it has begun ends with it.
#[tokio::test(start_paused = true)]
async fn a_renewal_does_not_wait_for_ever_for_a_lease_that_is_never_free() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    let version = bench.stored().await.unwrap().version;
    let other = bench.replica();
    let leased = other.sessions.vault().lease(bench.id, version, HOUR).await;
    assert!(matches!(leased, Ok(Leased::Yes(_))), "{leased:?}");

    let fault = replica.request(bench.id).await.fault();
    assert!(matches!(*fault, RefreshFault::NotInTime), "{fault}");
    let given_up = timeout(A_SECOND, replica.sessions.settled());
    assert!(given_up.await.is_ok());
    assert_eq!(bench.exchanges(), 0);
}
