//! Stores that go away, come back, take no writes, or say nothing: an error within seconds, never a wait without end,
//! and no restart.

use std::{net::TcpListener, time::Instant};

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::*;

/// An operation may take five; a test sees more on a busy machine.
const SECONDS: Duration = Duration::from_secs(10);
/// Returns when they are gone, which PostgreSQL 14 and newer wait for.
const DISCONNECT_EVERYBODY: &str = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

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

    /// Makes it one that may be read only, as whoever is left over after a failover.
    fn refuse_writes(&self) {
        match self {
            Self::Postgres(server) => {
                server.sql(&format!(
                    "ALTER ROLE postgres SET default_transaction_read_only = on; {DISCONNECT_EVERYBODY}"
                ));
            }
            Self::Redis(server) => assert_eq!(server.command("REPLICAOF 127.0.0.1 1"), "+OK"),
            Self::Memory(_) | Self::Sqlite(_) => unreachable!("no server"),
        }
    }

    fn accept_writes(&self) {
        match self {
            Self::Postgres(server) => {
                server.sql(&format!(
                    "BEGIN READ WRITE; ALTER ROLE postgres RESET default_transaction_read_only; COMMIT;
                     {DISCONNECT_EVERYBODY}"
                ));
            }
            Self::Redis(server) => assert_eq!(server.command("REPLICAOF NO ONE"), "+OK"),
            Self::Memory(_) | Self::Sqlite(_) => unreachable!("no server"),
        }
    }
}

/// The error of something that must fail soon.
async fn fails_soon<T: fmt::Debug>(work: impl Future<Output = Result<T, StoreError>>) -> StoreError {
    let start = Instant::now();
    let error = work.await.expect_err("the store cannot do it");
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

pub(super) async fn a_store_that_takes_no_writes_is_read_on_and_written_again_when_it_does(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    bench.refuse_writes();
    fails_soon(store.insert(OTHER_KEY, &row())).await;
    fails_soon(store.update(KEY, version(1), &next_row())).await;
    fails_soon(store.touch(KEY, 1_001, 2_001)).await;
    fails_soon(store.lease(KEY, 1, Duration::from_mins(1))).await;
    fails_soon(store.delete(KEY)).await;
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), [(KEY, row())]);
    bench.accept_writes();
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert!(store.insert(OTHER_KEY, &row()).await.unwrap());
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
async fn a_full_redis_begins_nothing_and_finishes_what_was_begun() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    store.insert(KEY, &row()).await.unwrap();
    let leased = store.lease(KEY, 1, Duration::from_mins(1)).await.unwrap();
    let Leased::Yes(fence) = leased else {
        panic!("nobody else has it");
    };
    assert_eq!(server.command("CONFIG SET maxmemory 1"), "+OK");
    fails_soon(store.insert(OTHER_KEY, &row())).await;
    fails_soon(store.touch(KEY, 1_001, 2_001)).await;
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    // The provider gives new tokens once. Storing them removes before it adds, which a full Redis allows; and it breaks
    // off no script that has begun to write.
    assert_eq!(
        store.update(KEY, under(fence), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        store.find(Index::User, &[[1; 32]]).await.unwrap(),
        [(KEY, next_row())]
    );
    // No lease, no exchange: nothing is traded that could not be stored.
    fails_soon(store.lease(KEY, 2, Duration::from_mins(1))).await;
    assert!(store.delete(KEY).await.unwrap(), "signing out works");
    assert_eq!(server.command("CONFIG SET maxmemory 0"), "+OK");
    assert!(store.insert(OTHER_KEY, &row()).await.unwrap());
}

#[tokio::test]
async fn sqlite_is_waited_for_no_longer_than_a_write_may_take_and_is_read_meanwhile() {
    let bench = Bench::Sqlite(Folder::new());
    let StoreUrl::Sqlite(path) = bench.url() else {
        unreachable!("a file")
    };
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let url = format!("sqlite:{}", path.display());
    let mut blocker = SqliteConnection::connect(&url).await.unwrap();
    let transaction = blocker.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let next = next_row();
    let (error, loaded) = tokio::join!(fails_soon(store.update(KEY, version(1), &next)), store.load(KEY),);
    assert!(error.0.contains("locked"), "{error}");
    assert_eq!(loaded.unwrap(), Some(row()));
    // Nor does what was given up happen later.
    transaction.rollback().await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
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
