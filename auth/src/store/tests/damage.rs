//! What makes no sense in a store is an error: never a panic, and never a session.

use std::fs;

use sqlx::{Connection as _, SqliteConnection};

use super::*;

/// Whatever the store is asked about a damaged row is an error.
async fn is_damaged(store: &dyn RowStore) {
    assert!(store.load(KEY).await.is_err());
    assert!(store.find(Index::ProviderSession, &[[2; 32]]).await.is_err());
}

pub(super) async fn a_hash_of_a_wrong_length_is_an_error(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store
        .insert(
            OTHER_KEY,
            &Row {
                provider_session: None,
                ..row()
            },
        )
        .await
        .unwrap();
    let key = "0a".repeat(32);
    match &bench {
        Bench::Memory(_) => unreachable!("nobody else writes to our memory"),
        Bench::Sqlite(folder) => {
            let url = format!("sqlite:{}", folder.0.join("sessions.db").display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::query("UPDATE sessions SET user = x'0102' WHERE provider_session IS NOT NULL")
                .execute(&mut connection)
                .await
                .unwrap();
        }
        Bench::Postgres(server) => {
            server
                .sql(r#"UPDATE scalekit_sessions SET "user" = '\x0102' WHERE provider_session IS NOT NULL"#);
        }
        Bench::Redis(server) => {
            assert_eq!(
                server.command(&format!("HSET scalekit:session:{key} user 0102")),
                ":0"
            );
        }
    }
    is_damaged(&*store).await;
    assert!(store.load(OTHER_KEY).await.unwrap().is_some());
    assert!(store.delete(KEY).await.unwrap(), "and it can be removed");
}

#[tokio::test]
async fn redis_fields_of_a_wrong_kind_are_errors() {
    for damage in [
        "HSET scalekit:session:KEY idle_end soon",
        "HSET scalekit:session:KEY user XYZ",
        "HDEL scalekit:session:KEY version",
        "HDEL scalekit:session:KEY record",
        "HDEL scalekit:session:KEY absolute_end",
    ] {
        let Some(Bench::Redis(server)) = Bench::redis() else {
            return;
        };
        let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
        store.insert(KEY, &row()).await.unwrap();
        server.command(&damage.replace("KEY", &"0a".repeat(32)));
        is_damaged(&*store).await;
    }
}

#[tokio::test]
async fn redis_keys_of_a_wrong_type_are_errors() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    server.command(&format!("SET scalekit:session:{} text", "0a".repeat(32)));
    server.command(&format!("SET scalekit:user:{} text", "01".repeat(32)));
    assert!(store.load(KEY).await.is_err());
    assert!(store.find(Index::User, &[[1; 32]]).await.is_err());
    assert!(store.update(KEY, version(1), &next_row()).await.is_err());
    assert!(store.touch(KEY, 1, 2).await.is_err());
    assert!(store.lease(KEY, 1, Duration::ZERO).await.is_err());
}

#[tokio::test]
async fn what_redis_forgot_by_itself_is_found_no_more() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    store.insert(KEY, &row()).await.unwrap();
    server.command(&format!("DEL scalekit:session:{}", "0a".repeat(32)));
    assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), []);
    assert_eq!(
        server.command(&format!("EXISTS scalekit:user:{}", "01".repeat(32))),
        ":0"
    );
    assert_eq!(store.delete_over(i64::from(u32::MAX)).await.unwrap(), 0);
    assert_eq!(server.command("EXISTS scalekit:ends"), ":0");
}

#[tokio::test]
async fn redis_forgets_everything_a_day_after_its_end_even_if_nobody_sweeps() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    store.insert(KEY, &row()).await.unwrap();
    store
        .update(
            KEY,
            version(1),
            &Row {
                user: Some([8; 32]),
                ..next_row()
            },
        )
        .await
        .unwrap();
    store
        .insert(
            OTHER_KEY,
            &Row {
                absolute_end: 2_000,
                ..row()
            },
        )
        .await
        .unwrap();
    let lifetime = |key: &str| -> i64 { server.command(&format!("TTL {key}"))[1..].parse().unwrap() };
    let day = 24 * 60 * 60;
    for key in [
        format!("scalekit:session:{}", "0a".repeat(32)),
        format!("scalekit:user:{}", "08".repeat(32)),
        format!("scalekit:organization:{}", "03".repeat(32)),
    ] {
        let lifetime = lifetime(&key);
        assert!(
            (day + 8_990..=day + 9_000).contains(&lifetime),
            "{key}: {lifetime}"
        );
    }
}

#[tokio::test]
async fn a_removed_session_leaves_no_trace_in_redis() {
    let Some(Bench::Redis(server)) = Bench::redis() else {
        return;
    };
    let store = StoreUrl::parse(&server.url()).unwrap().open().await.unwrap();
    store.insert(KEY, &row()).await.unwrap();
    store
        .insert(
            OTHER_KEY,
            &Row {
                user: Some([8; 32]),
                ..row()
            },
        )
        .await
        .unwrap();
    store
        .update(
            KEY,
            version(1),
            &Row {
                user: None,
                ..next_row()
            },
        )
        .await
        .unwrap();
    store.delete(KEY).await.unwrap();
    assert_eq!(store.delete_over(2_000).await.unwrap(), 1);
    assert_eq!(server.command("DBSIZE"), ":0");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_at_start() {
    let folder = Folder::new();
    fs::write(folder.0.join("sessions.db"), "Dear diary, ".repeat(100)).unwrap();
    let bench = Bench::Sqlite(folder);
    let error = bench.url().open().await.unwrap_err();
    assert!(error.0.contains("sessions.db"), "{error}");
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_named_at_start() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("sessions.db")).unwrap();
    let error = Bench::Sqlite(folder).url().open().await.unwrap_err();
    assert!(error.0.contains("sessions.db"), "{error}");
}

#[tokio::test]
async fn a_file_that_must_not_be_written_is_named_at_start() {
    let bench = Bench::Sqlite(Folder::new());
    bench.open().await;
    let Bench::Sqlite(folder) = &bench else {
        unreachable!("a file")
    };
    let file = folder.0.join("sessions.db");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    if fs::OpenOptions::new().append(true).open(&file).is_ok() {
        eprintln!("skipped: root may write to any file");
        return;
    }
    let error = bench.url().open().await.unwrap_err();
    assert!(error.0.contains("sessions.db"), "{error}");
}
