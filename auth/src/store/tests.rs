//! One suite for every store: the behaviour that promises 8 to 11 rest on.

use std::collections::HashMap;

use serde_json::json;
use tower_sessions::Session;

use super::*;
use crate::clock::{MovableClock, SystemEntropy};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A folder for one test's database, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("sessions-{}", Id::default().to_string().replace('-', "_"));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Bench {
    clock: MovableClock,
    vault: SessionVault,
}

impl Bench {
    fn over(rows: Arc<dyn RowStore>, secrets: &str) -> Self {
        let clock = MovableClock::default();
        let settings = SessionSettings {
            store: StoreUrl::Memory,
            secrets: Secrets::parse(secrets).unwrap(),
            idle_timeout: Duration::from_hours(1),
            absolute_timeout: Duration::from_hours(24),
        };
        let surroundings = Surroundings::new(clock.clone(), SystemEntropy);
        Self {
            vault: SessionVault::new(rows, &settings, surroundings),
            clock,
        }
    }

    async fn signed_in(&self) -> Record {
        let mut record = Record {
            id: Id::default(),
            data: HashMap::from([(
                "scalekit_user".to_owned(),
                json!({ "email": "ada@acme.example", "claims": { "iss": "https://i", "sub": "usr_1", "sid": "ses_1" } }),
            )]),
            expiry_date: self.vault.surroundings.now() + time::Duration::hours(24),
        };
        self.vault.create(&mut record).await.unwrap();
        record
    }
}

async fn a_saved_session_is_loaded_again(bench: Bench) {
    let record = bench.signed_in().await;
    let loaded = bench.vault.load(&record.id).await.unwrap().unwrap();
    assert_eq!(loaded.data, record.data);
    assert!(bench.vault.load(&Id::default()).await.unwrap().is_none());
}

async fn a_signed_out_session_cannot_come_back(bench: Bench) {
    let record = bench.signed_in().await;
    let read_before = bench.vault.load(&record.id).await.unwrap().unwrap();
    bench.vault.delete(&record.id).await.unwrap();
    assert!(bench.vault.save(&read_before).await.is_err());
    assert!(bench.vault.load(&record.id).await.unwrap().is_none());
}

async fn the_older_of_two_writers_loses_and_learns_of_it(bench: Bench) {
    let id = bench.signed_in().await.id;
    let mut first = bench.vault.load(&id).await.unwrap().unwrap();
    let mut second = first.clone();
    first.data.insert("written_by".into(), json!("first"));
    second.data.insert("written_by".into(), json!("second"));
    bench.vault.save(&first).await.unwrap();
    assert!(bench.vault.save(&second).await.is_err());
    assert_eq!(
        bench.vault.load(&id).await.unwrap().unwrap().data["written_by"],
        "first"
    );
}

async fn a_session_ends_when_idle_and_activity_prolongs_it(bench: Bench) {
    let id = bench.signed_in().await.id;
    bench.clock.advance(time::Duration::minutes(50));
    assert!(bench.vault.load(&id).await.unwrap().is_some());
    bench.clock.advance(time::Duration::minutes(50));
    assert!(
        bench.vault.load(&id).await.unwrap().is_some(),
        "the request 50 minutes ago prolonged it"
    );
    bench.clock.advance(time::Duration::minutes(61));
    assert!(bench.vault.load(&id).await.unwrap().is_none());
}

async fn a_session_ends_at_its_absolute_end_however_busy(bench: Bench) {
    let id = bench.signed_in().await.id;
    for _ in 0..47 {
        bench.clock.advance(time::Duration::minutes(30));
        assert!(bench.vault.load(&id).await.unwrap().is_some());
    }
    bench.clock.advance(time::Duration::minutes(30));
    assert!(bench.vault.load(&id).await.unwrap().is_none());
}

async fn last_seen_is_touched_at_most_once_a_minute(bench: Bench) {
    let id = bench.signed_in().await.id;
    let seen = async || {
        bench
            .vault
            .rows
            .load(row_key(&id))
            .await
            .unwrap()
            .unwrap()
            .last_seen
    };
    let start = seen().await;
    bench.clock.advance(time::Duration::seconds(30));
    bench.vault.load(&id).await.unwrap();
    assert_eq!(seen().await, start);
    bench.clock.advance(time::Duration::seconds(31));
    bench.vault.load(&id).await.unwrap();
    assert!(seen().await >= start + 61);
}

async fn sweeping_removes_only_what_is_over(bench: Bench) {
    bench.signed_in().await;
    bench.clock.advance(time::Duration::minutes(59));
    let alive = bench.signed_in().await;
    bench.clock.advance(time::Duration::minutes(2));
    let now = bench.vault.surroundings.now().unix_timestamp();
    assert_eq!(bench.vault.rows.delete_over(now).await.unwrap(), 1);
    assert!(bench.vault.load(&alive.id).await.unwrap().is_some());
}

async fn rows_do_not_open_without_the_cookie_even_with_the_secrets(bench: Bench) {
    let record = bench.signed_in().await;
    let key = row_key(&record.id);
    let row = bench.vault.rows.load(key).await.unwrap().unwrap();
    let open = |ingredient: &[u8]| {
        bench.vault.secrets.open(
            Purpose::Session,
            ingredient,
            &context(key, row.version),
            &row.record,
        )
    };
    assert!(open(&[]).is_err());
    assert!(open(&key.0).is_err());
    assert!(open(&record.id.0.to_le_bytes()).is_ok());
}

async fn a_taken_id_is_replaced_rather_than_shared(bench: Bench) {
    let first = bench.signed_in().await;
    let mut second = first.clone();
    second.data.insert("whose".into(), json!("second"));
    bench.vault.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    assert!(
        !bench
            .vault
            .load(&first.id)
            .await
            .unwrap()
            .unwrap()
            .data
            .contains_key("whose")
    );
}

macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod memory_store {$(
            #[tokio::test]
            async fn $name() {
                super::$name(super::Bench::over(std::sync::Arc::<super::memory::MemoryStore>::default(), super::KEY)).await;
            }
        )*}
        mod sqlite_store {$(
            #[tokio::test]
            async fn $name() {
                let folder = super::Folder::new();
                let rows = super::sqlite::SqliteStore::open(&folder.0.join("sessions.db")).await.unwrap();
                super::$name(super::Bench::over(std::sync::Arc::new(rows), super::KEY)).await;
            }
        )*}
    };
}

suite! {
    a_saved_session_is_loaded_again,
    a_signed_out_session_cannot_come_back,
    the_older_of_two_writers_loses_and_learns_of_it,
    a_session_ends_when_idle_and_activity_prolongs_it,
    a_session_ends_at_its_absolute_end_however_busy,
    last_seen_is_touched_at_most_once_a_minute,
    sweeping_removes_only_what_is_over,
    rows_do_not_open_without_the_cookie_even_with_the_secrets,
    a_taken_id_is_replaced_rather_than_shared,
    writing_again_never_moves_the_absolute_end_away,
}

#[tokio::test]
async fn an_old_secret_still_opens_old_sessions_and_a_removed_one_does_not() {
    let rows: Arc<dyn RowStore> = Arc::<memory::MemoryStore>::default();
    let id = Bench::over(Arc::clone(&rows), KEY).signed_in().await.id;
    let rotated = Bench::over(Arc::clone(&rows), &format!("{OTHER_KEY},{KEY}"));
    assert!(rotated.vault.load(&id).await.unwrap().is_some());
    let removed = Bench::over(rows, OTHER_KEY);
    assert!(removed.vault.load(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn sqlite_sessions_survive_a_restart_and_the_file_is_private() {
    let folder = Folder::new();
    let file = folder.0.join("nested/sessions.db");
    let before = Bench::over(Arc::new(sqlite::SqliteStore::open(&file).await.unwrap()), KEY);
    let id = before.signed_in().await.id;
    drop(before);
    let after = Bench::over(Arc::new(sqlite::SqliteStore::open(&file).await.unwrap()), KEY);
    assert!(after.vault.load(&id).await.unwrap().is_some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

async fn writing_again_never_moves_the_absolute_end_away(bench: Bench) {
    let id = bench.signed_in().await.id;
    // As a request does it: a session that was loaded knows nothing of its end.
    let session = Session::new(Some(id), Arc::new(bench.vault.clone()), None);
    session.insert("changed", true).await.unwrap();
    session.save().await.unwrap();
    for _ in 0..48 {
        bench.clock.advance(time::Duration::minutes(30));
        let _ = bench.vault.load(&id).await.unwrap();
    }
    assert!(bench.vault.load(&id).await.unwrap().is_none());
}

#[test]
fn store_urls_are_parsed() {
    assert_eq!(StoreUrl::parse("memory:"), Ok(StoreUrl::Memory));
    assert_eq!(
        StoreUrl::parse("sqlite:a/b.db"),
        Ok(StoreUrl::Sqlite("a/b.db".into()))
    );
    assert_eq!(
        StoreUrl::parse("sqlite:///a/b.db"),
        Ok(StoreUrl::Sqlite("/a/b.db".into()))
    );
    for wrong in [
        "",
        "memory",
        "sqlite:",
        "sqlite::memory:",
        "mysql://db",
        "/a/b.db",
    ] {
        assert!(StoreUrl::parse(wrong).is_err(), "{wrong}");
    }
}
