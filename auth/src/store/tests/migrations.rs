//! Tables that older versions made are brought up to date, once, however many replicas start.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

use super::*;

/// Replicas that were started all at the same time.
async fn started_at_once(bench: &Bench) -> Vec<Arc<dyn RowStore>> {
    let mut replicas = JoinSet::new();
    for _ in 0..32 {
        let url = bench.url();
        replicas.spawn(async move { url.open().await.unwrap() });
    }
    replicas.join_all().await
}

pub(super) async fn replicas_may_start_at_the_same_time(bench: Bench) {
    let replicas = started_at_once(&bench).await;
    replicas[0].insert(KEY, &row()).await.unwrap();
    for replica in &replicas {
        assert_eq!(replica.load(KEY).await.unwrap(), Some(row()));
    }
    let later = bench.open().await;
    assert_eq!(later.load(KEY).await.unwrap(), Some(row()), "and once more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_may_find_an_older_sqlite_file_at_the_same_time() {
    let bench = Bench::Sqlite(Folder::new());
    bench.open().await.insert(KEY, &row()).await.unwrap();
    let Bench::Sqlite(folder) = &bench else {
        unreachable!("a file")
    };
    sqlx::raw_sql(
        "DROP INDEX sessions_by_organization;
         ALTER TABLE sessions DROP COLUMN organization;
         ALTER TABLE sessions DROP COLUMN fence;
         ALTER TABLE sessions DROP COLUMN lease_end;
         DELETE FROM _sqlx_migrations WHERE version > 1",
    )
    .execute(&mut file(folder).await)
    .await
    .unwrap();
    for replica in started_at_once(&bench).await {
        assert!(replica.load(KEY).await.unwrap().is_some());
    }
}

async fn file(folder: &Folder) -> SqliteConnection {
    let file = folder.0.join("sessions.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    SqliteConnection::connect(&url).await.unwrap()
}

#[tokio::test]
async fn a_sqlite_file_from_before_leases_keeps_its_sessions() {
    let folder = Folder::new();
    let mut connection = file(&folder).await;
    sqlx::raw_sql(include_str!("../../../migrations/sqlite/0001_sessions.sql"))
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!(
        "INSERT INTO sessions VALUES (x'{key}', 1, x'00ff', x'01', x'{user}', NULL, 1000, 2000, 10000)",
        key = "0a".repeat(32),
        user = "01".repeat(32),
    )))
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();

    let bench = Bench::Sqlite(folder);
    let store = bench.open().await;
    let old = Row {
        record: vec![0x00, 0xff],
        summary: vec![0x01],
        provider_session: None,
        organization: None,
        ..row()
    };
    assert_eq!(store.load(KEY).await.unwrap(), Some(old.clone()));
    assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), [(KEY, old)]);
    let leased = store.lease(KEY, 1, Duration::from_hours(1)).await.unwrap();
    assert_eq!(leased, Leased::Yes(Fence(1)));
    assert_eq!(
        store.update(KEY, under(Fence(1)), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        store.find(Index::Organization, &[[3; 32]]).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn an_older_replica_starts_on_tables_that_a_newer_one_has_updated() {
    let newer = "(version, description, success, checksum, execution_time) VALUES (99, 'newer', true, '', 0)";
    let bench = Bench::Sqlite(Folder::new());
    bench.open().await;
    let Bench::Sqlite(folder) = &bench else {
        unreachable!("a file")
    };
    sqlx::raw_sql(AssertSqlSafe(format!("INSERT INTO _sqlx_migrations {newer}")))
        .execute(&mut file(folder).await)
        .await
        .unwrap();
    bench.open().await.ping().await.unwrap();

    let Some(bench) = Bench::postgres() else { return };
    bench.open().await;
    let Bench::Postgres(server) = &bench else {
        unreachable!("a server")
    };
    server.sql(&format!("INSERT INTO scalekit_migrations {newer}"));
    bench.open().await.ping().await.unwrap();
}

#[tokio::test]
async fn postgres_may_hold_other_tables_and_other_migrations() {
    let Some(bench) = Bench::postgres() else { return };
    let StoreUrl::Postgres(url) = bench.url() else {
        unreachable!("a server")
    };
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE sessions (id INTEGER);
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, something_else TEXT);
         ALTER ROLE postgres SET default_transaction_isolation = 'serializable'",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    races::of_many_updates_of_one_version_one_is_stored(bench).await;
}
