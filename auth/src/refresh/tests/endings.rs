//! Who ends a session: the person, the provider by `invalid_grant`, time. Nobody and nothing else (promises 9 and 14).

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tower_sessions::SessionStore as _;

use super::{
    bench::{Bench, SCALEKIT, STRICT},
    family::Family,
    provider::Fault,
};
use crate::{
    client::RefreshError,
    refresh::RefreshFault,
    session::Ending,
    store::{Expected, Row, RowStore as _},
    vault::row_key,
};

/// Long enough for an exchange to begin, too short for it to end.
const MEANWHILE: Duration = Duration::from_millis(50);

/// Rules: w7
#[tokio::test(start_paused = true)]
async fn the_provider_s_verdict_ends_the_session() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_due().await;
    bench.family(Family::revoke);
    assert_eq!(replica.request(bench.id).await.ending(), Ending::Revoked);
    assert!(bench.stored().await.is_none());
    assert_eq!(replica.request(bench.id).await.ending(), Ending::Unknown);
    assert_eq!(bench.exchanges(), 1);
}

/// Whoever looked for the session once more would only learn that it is gone, and not why.
#[tokio::test(start_paused = true)]
async fn the_provider_s_verdict_is_told_although_the_tokens_end_before_it_comes() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_it_lives_for(time::Duration::SECOND).await;
    bench.family(Family::revoke);
    bench.provider().slows_down(Duration::from_secs(1));
    assert_eq!(replica.request(bench.id).await.ending(), Ending::Revoked);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_about_tokens_that_were_replaced_meanwhile_ends_nothing() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_over().await;
    // Slower than anything that keeps to its time: the lease is over when the question arrives.
    bench.provider().slows_down(Duration::from_mins(1));
    assert!(timeout(MEANWHILE, first.request(bench.id)).await.is_err());
    bench.provider().slows_down(Duration::ZERO);
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 1);

    sleep(Duration::from_mins(1)).await;
    first.sessions.settled().await;
    assert_eq!(bench.family(|family| family.reuses.len()), 1, "it was refused");
    assert_eq!(bench.stored_serial().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_about_tokens_that_another_process_is_renewing_ends_nothing() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    let provider = bench.provider();
    bench.until_over().await;
    provider.slows_down(Duration::from_mins(1));
    assert!(timeout(MEANWHILE, first.request(bench.id)).await.is_err());
    sleep(Duration::from_secs(45)).await;

    // The second question overtakes the first, and its answer is long under way.
    provider.slows_down(Duration::from_secs(1));
    let id = bench.id;
    let taken_over = tokio::spawn(async move { second.request(id).await });
    while bench.exchanges() < 2 {
        sleep(MEANWHILE).await;
    }
    provider.slows_down(Duration::from_secs(9));
    sleep(Duration::from_secs(2)).await;
    provider.slows_down(Duration::ZERO);
    assert_eq!(bench.serial(&taken_over.await.unwrap().open()), 1);
    assert_eq!(
        bench.family(|family| family.reuses.len()),
        1,
        "the first was refused"
    );
}

/// It is no verdict then, but the tokens that were refused are not new ones either.
#[tokio::test(start_paused = true)]
async fn who_is_refused_while_another_process_is_renewing_has_renewed_nothing() {
    let bench = Bench::at(STRICT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_due().await;
    bench.family(Family::revoke);
    // Slower than anything that keeps to its time: the second takes over the lease after 18 s.
    bench.provider().slows_down(Duration::from_millis(9500));
    let (first, _) = tokio::join!(
        first.sessions.renew_now(bench.id),
        timeout(MEANWHILE, second.sessions.renew_now(bench.id))
    );
    let fault = first.unwrap().fault();
    assert!(matches!(*fault, RefreshFault::NotInTime), "{fault}");
    assert_eq!(bench.exchanges(), 2);
    assert!(bench.stored().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_verdict_stands_although_something_else_was_written() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.family(Family::revoke);
    let request = replica.request(bench.id);
    let (ending, ()) = tokio::join!(request, async {
        sleep(MEANWHILE).await;
        write_a_member(&bench).await;
    });
    assert_eq!(ending.ending(), Ending::Revoked);
    assert!(bench.stored().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_the_application_writes_during_an_exchange_stays() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    let (session, ()) = tokio::join!(replica.request(bench.id), async {
        sleep(MEANWHILE).await;
        write_a_member(&bench).await;
    });
    assert_eq!(bench.serial(&session.open()), 1);
    let record = bench.replica().sessions.vault().load(&bench.id).await.unwrap();
    assert_eq!(record.unwrap().data["cart"], "full");
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_application_writes_just_before_an_exchange_does_not_stand_in_for_it() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    // It is written between the moment when the session is read and the moment when the lease is asked for.
    replica.link.delays(Duration::from_millis(200));
    let (session, ()) = tokio::join!(replica.request(bench.id), async {
        sleep(Duration::from_millis(500)).await;
        write_a_member(&bench).await;
    });
    assert_eq!(bench.serial(&session.open()), 1);
    assert_eq!(bench.exchanges(), 1);
}

/// The application writes something of its own.
async fn write_a_member(bench: &Bench) {
    let vault = bench.replica().sessions.vault().clone();
    let mut record = vault.load(&bench.id).await.unwrap().unwrap();
    record.data.insert("cart".to_owned(), "full".into());
    vault.save(&record).await.unwrap();
}

/// Rules: w7
#[tokio::test(start_paused = true)]
async fn wrong_credentials_of_ours_sign_nobody_out() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().fails(Fault::ClientRefused);
    let fault = replica.request(bench.id).await.fault();
    assert!(
        matches!(*fault, RefreshFault::Provider(RefreshError::ClientRefused)),
        "{fault}"
    );
    assert!(fault.needs_an_operator());
    assert_eq!(bench.stored_serial().await, 0);
}

#[tokio::test(start_paused = true)]
async fn who_signs_out_during_an_exchange_stays_signed_out() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_due().await;
    let request = replica.request(bench.id);
    let (request, ()) = tokio::join!(request, async {
        sleep(MEANWHILE).await;
        assert!(bench.replica().sessions.vault().end(bench.id).await.unwrap());
    });
    assert_eq!(request.ending(), Ending::Unknown);
    replica.sessions.settled().await;
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.family(|family| family.given_back.clone()), [1]);
}

#[tokio::test(start_paused = true)]
async fn who_signs_out_while_another_process_stores_new_tokens_gives_back_the_newest() {
    let bench = Bench::at(STRICT).await;
    let (signs_out, renews) = (bench.replica(), bench.replica());
    bench.until_due().await;
    // The renewal is stored between the moment when the record is read and the moment when it is to be removed.
    signs_out.link.delays(Duration::from_millis(200));
    let (ended, renewed) = tokio::join!(signs_out.sessions.end(bench.id), async {
        sleep(Duration::from_millis(220)).await;
        renews.request(bench.id).await.open()
    });
    assert_eq!(bench.serial(&renewed), 1);
    assert!(ended.unwrap().is_some());
    signs_out.sessions.settled().await;
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.family(|family| family.given_back.clone()), [1]);
}

#[tokio::test(start_paused = true)]
async fn signing_out_is_finished_when_the_browser_goes_away() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    replica.link.delays(MEANWHILE);
    let request = timeout(MEANWHILE * 3, replica.sessions.end(bench.id));
    assert!(request.await.is_err());
    replica.sessions.settled().await;
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.family(|family| family.given_back.clone()), [0]);
}

/// It may open on another replica, or once a forgotten secret is back.
#[tokio::test(start_paused = true)]
async fn signing_out_removes_a_record_that_does_not_open() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    let (rows, key) = (&bench.world.rows, row_key(bench.id));
    let row = rows.load(key).await.unwrap().unwrap();
    let expected = Expected {
        version: row.version,
        fence: None,
    };
    let damaged = Row {
        record: Vec::new(),
        ..row
    };
    rows.update(key, expected, &damaged).await.unwrap();
    assert_eq!(replica.request(bench.id).await.ending(), Ending::Unreadable);

    assert!(replica.sessions.end(bench.id).await.unwrap().is_none());
    assert!(rows.load(key).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn signing_out_removes_a_record_that_the_store_did_not_give() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    replica.link.delays(MEANWHILE);
    // Down when the record is read, and back when it is removed.
    replica.link.goes_down(MEANWHILE * 3 / 2);
    assert!(replica.sessions.end(bench.id).await.unwrap().is_none());
    assert!(bench.stored().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_signs_out_while_new_tokens_wait_for_the_store_stays_signed_out() {
    let bench = Bench::at(STRICT).await;
    let (replica, other) = (bench.replica(), bench.replica());
    bench.until_due().await;
    assert!(timeout(MEANWHILE, replica.request(bench.id)).await.is_err());
    replica.link.goes_down(Duration::from_secs(10));
    sleep(Duration::from_secs(5)).await;
    assert!(other.sessions.vault().end(bench.id).await.unwrap());
    replica.sessions.settled().await;
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.family(|family| family.given_back.clone()), [1]);
}

#[tokio::test(start_paused = true)]
async fn without_a_refresh_token_a_session_lives_as_long_as_its_access_token() {
    let bench = Bench::with(SCALEKIT, |signed_in| signed_in.tokens.refresh_token = None).await;
    let replica = bench.replica();
    bench.until_due().await;
    replica.request(bench.id).await.open();
    let fault = replica.sessions.renew_now(bench.id).await.unwrap().fault();
    assert!(matches!(*fault, RefreshFault::NoRefreshToken));

    bench.until_over().await;
    assert_eq!(replica.request(bench.id).await.ending(), Ending::Over);
    assert!(bench.stored().await.is_none());
    assert_eq!(bench.exchanges(), 0);
}
