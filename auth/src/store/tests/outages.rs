//! Stores that go away, come back, or say nothing: an error within seconds, never a wait without end, and no restart.

use std::{net::TcpListener, time::Instant};

use sqlx::{Connection as _, PgConnection};

use super::*;

/// An operation may take five; a test sees more on a busy machine.
const SECONDS: Duration = Duration::from_secs(10);

impl Bench {
    fn stop(&self) {
        match self {
            Self::Postgres(server) => server.stop(),
            Self::Redis(server) => server.stop(),
            Self::Memory(_) | Self::Sqlite(_) => unreachable!("no server"),
        }
    }

    fn start_again(&self) {
        match self {
            Self::Postgres(server) => server.start_again(),
            Self::Redis(server) => server.start_again(),
            Self::Memory(_) | Self::Sqlite(_) => unreachable!("no server"),
        }
    }
}

/// The error of something that must fail soon.
async fn fails_soon<T: fmt::Debug>(work: impl Future<Output = Result<T, StoreError>>) -> StoreError {
    let start = Instant::now();
    let error = work.await.expect_err("the store is not there");
    assert!(start.elapsed() < SECONDS, "{:?}", start.elapsed());
    error
}

pub(super) async fn a_store_that_went_away_is_an_error_and_used_again_when_it_is_back(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    bench.stop();
    let next = next_row();
    tokio::join!(
        fails_soon(store.load(KEY)),
        fails_soon(store.update(KEY, version(1), &next)),
        fails_soon(store.ping()),
    );
    bench.start_again();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        store.find(Index::User, &[[1; 32]]).await.unwrap(),
        [(KEY, next_row())]
    );
}

pub(super) async fn a_store_that_restarted_unnoticed_is_used_at_once(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    bench.stop();
    bench.start_again();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
}

pub(super) async fn a_store_that_is_not_there_is_named_at_start(bench: Bench) {
    bench.stop();
    let (StoreUrl::Postgres(url) | StoreUrl::Redis(url)) = bench.url() else {
        unreachable!("a server")
    };
    let error = fails_soon(bench.url().open()).await;
    assert!(error.0.contains(url.place()), "{error}");
    assert!(error.0.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_store_that_never_answers_is_named_at_start() {
    // The system accepts connections; nobody reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = silent.local_addr().unwrap();
    let opened = async |url: String| fails_soon(StoreUrl::parse(&url).unwrap().open()).await;
    let (postgres, redis) = tokio::join!(
        opened(format!("postgres://ada:hunter2@{place}/app")),
        opened(format!("redis://ada:hunter2@{place}/0")),
    );
    for error in [postgres, redis] {
        assert!(error.0.contains(&place.to_string()), "{error}");
        assert!(!error.0.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_frozen_redis_is_an_error_and_used_again_when_it_thaws() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    store.insert(KEY, &row()).await.unwrap();
    server.freeze();
    fails_soon(store.load(KEY)).await;
    server.thaw();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
}

#[tokio::test]
async fn postgres_is_waited_for_no_longer_than_an_operation_may_take() {
    let Some(bench) = Bench::postgres() else { return };
    let StoreUrl::Postgres(url) = bench.url() else {
        unreachable!("a server")
    };
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let mut blocker = PgConnection::connect(url.expose()).await.unwrap();
    let mut transaction = blocker.begin().await.unwrap();
    sqlx::query("SELECT key FROM scalekit_sessions FOR UPDATE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    fails_soon(store.update(KEY, version(1), &next_row())).await;
    // Nor does what was given up happen later.
    transaction.rollback().await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_postgres_usable() {
    let Some(bench) = Bench::postgres() else { return };
    let StoreUrl::Postgres(url) = bench.url() else {
        unreachable!("a server")
    };
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let mut blocker = PgConnection::connect(url.expose()).await.unwrap();
    let mut transaction = blocker.begin().await.unwrap();
    sqlx::query("SELECT key FROM scalekit_sessions FOR UPDATE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    // More of them than there are connections.
    for _ in 0..20 {
        let row = next_row();
        let update = store.update(KEY, version(1), &row);
        let given_up = tokio::time::timeout(Duration::from_millis(20), update).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    transaction.rollback().await.unwrap();
}
