//! What the vault promises (8 to 11), over every store.

use std::collections::HashMap;

use disposable_stores::{Postgres, Redis, or_skip};
use serde_json::json;
use tower_sessions::{Session, SessionStore as _, session::Record};

use super::*;
use crate::{
    clock::{MovableClock, SystemEntropy},
    session::fixture::somebody,
    store::{StoreUrl, memory::MemoryStore},
};

mod prolonging;
mod sweep;
mod theft;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

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

    /// Somebody who signs in now.
    fn somebody(&self) -> SignedIn {
        somebody(self.vault.surroundings.now())
    }

    async fn begun(&self) -> Id {
        self.vault.begin(&self.somebody()).await.unwrap()
    }

    async fn opened(&self, id: Id) -> Result<OpenSession, Ending> {
        self.vault.open(id).await.unwrap()
    }

    async fn last_seen(&self, id: Id) -> i64 {
        self.row(id).await.last_seen
    }

    async fn row(&self, id: Id) -> Row {
        self.vault.rows.load(row_key(id)).await.unwrap().unwrap()
    }

    /// As an application uses tower-sessions for members of its own.
    fn of_application(&self, id: Id) -> Session {
        Session::new(Some(id), Arc::new(self.vault.clone()), None)
    }
}

async fn a_session_that_began_is_opened_again(bench: Bench) {
    let signed_in = bench.somebody();
    let id = bench.vault.begin(&signed_in).await.unwrap();
    assert_eq!(bench.opened(id).await.unwrap().signed_in, signed_in);
    assert_eq!(bench.opened(Id::default()).await, Err(Ending::Unknown));
}

async fn an_ended_session_cannot_come_back(bench: Bench) {
    let id = bench.begun().await;
    let Leased::Yes(fence) = bench.vault.lease(id, 1, Duration::from_mins(1)).await.unwrap() else {
        panic!("nobody else has it");
    };
    let session = bench.of_application(id);
    session.insert("basket", 1).await.unwrap();

    assert!(bench.vault.end(id).await.unwrap());

    let renewal = bench.vault.replace(id, fence, &bench.somebody()).await;
    assert_eq!(renewal.unwrap(), Written::Gone);
    assert!(session.save().await.is_err());
    assert_eq!(bench.opened(id).await, Err(Ending::Unknown));
    assert!(!bench.vault.end(id).await.unwrap());
}

async fn the_older_of_two_writers_loses_and_learns_of_it(bench: Bench) {
    let id = bench.begun().await;
    let (first, second) = (bench.of_application(id), bench.of_application(id));
    first.insert("written_by", "first").await.unwrap();
    second.insert("written_by", "second").await.unwrap();
    first.save().await.unwrap();
    assert!(second.save().await.is_err());
    let now = bench
        .of_application(id)
        .get::<String>("written_by")
        .await
        .unwrap();
    assert_eq!(now.as_deref(), Some("first"));
}

async fn new_tokens_leave_the_applications_own_members_alone(bench: Bench) {
    let id = bench.begun().await;
    let Leased::Yes(fence) = bench.vault.lease(id, 1, Duration::from_mins(1)).await.unwrap() else {
        panic!("nobody else has it");
    };
    // Written while the exchange is under way: the new tokens must not be lost by it either.
    let session = bench.of_application(id);
    session.insert("basket", "full").await.unwrap();
    session.save().await.unwrap();
    let renewed = SignedIn {
        roles: vec!["newcomer".to_owned()],
        ..bench.somebody()
    };

    let written = bench.vault.replace(id, fence, &renewed).await.unwrap();

    assert_eq!(written, Written::Yes);
    assert_eq!(bench.opened(id).await.unwrap().signed_in.roles, ["newcomer"]);
    let basket = bench.of_application(id).get::<String>("basket").await.unwrap();
    assert_eq!(basket.as_deref(), Some("full"));
}

async fn whoever_has_lost_the_lease_cannot_write(bench: Bench) {
    let id = bench.begun().await;
    let Leased::Yes(late) = bench.vault.lease(id, 1, Duration::ZERO).await.unwrap() else {
        panic!("nobody else has it");
    };
    let taken_over = bench.vault.take_over(id, 1, late, Duration::from_mins(1)).await;
    let Leased::Yes(fence) = taken_over.unwrap() else {
        panic!("the first is over");
    };
    let replace = async |fence| bench.vault.replace(id, fence, &bench.somebody()).await.unwrap();
    assert_eq!(replace(late).await, Written::Conflict);
    assert!(!bench.vault.end_unchanged(id, 1, Some(late)).await.unwrap());
    assert_eq!(replace(fence).await, Written::Yes);
}

async fn a_session_ends_when_idle_and_activity_prolongs_it(bench: Bench) {
    let id = bench.begun().await;
    bench.clock.advance(time::Duration::minutes(50));
    assert!(bench.opened(id).await.is_ok());
    bench.clock.advance(time::Duration::minutes(50));
    let told = bench
        .opened(id)
        .await
        .expect("the request 50 minutes ago prolonged it");
    let stored = bench.row(id).await.idle_end;
    assert_eq!(
        told.idle_end.unix_timestamp(),
        stored,
        "and what is told is what is stored"
    );
    bench.clock.advance(time::Duration::minutes(61));
    assert_eq!(bench.opened(id).await, Err(Ending::Over));
    let find = bench
        .vault
        .find("https://provider.example", Lookup::User("usr_ada"));
    assert_eq!(find.await.unwrap(), [], "nor do the person's others see it");
    let members = bench.vault.load(&id).await.unwrap();
    assert!(members.is_none(), "nor does the application");
}

async fn a_session_ends_at_its_absolute_end_however_busy(bench: Bench) {
    let id = bench.begun().await;
    for _ in 0..47 {
        bench.clock.advance(time::Duration::minutes(30));
        assert!(bench.opened(id).await.is_ok());
    }
    bench.clock.advance(time::Duration::minutes(30));
    assert_eq!(bench.opened(id).await, Err(Ending::Over));
}

async fn writing_again_never_moves_the_absolute_end_away(bench: Bench) {
    let id = bench.begun().await;
    // As a request does it: a session that was loaded knows nothing of its end.
    let session = bench.of_application(id);
    session.insert("changed", true).await.unwrap();
    session.save().await.unwrap();
    for _ in 0..48 {
        bench.clock.advance(time::Duration::minutes(30));
        let _ = bench.opened(id).await;
    }
    assert_eq!(bench.opened(id).await, Err(Ending::Over));
}

async fn last_seen_is_touched_at_most_once_a_minute(bench: Bench) {
    let id = bench.begun().await;
    let start = bench.last_seen(id).await;
    bench.clock.advance(time::Duration::seconds(30));
    bench.opened(id).await.unwrap();
    assert_eq!(bench.last_seen(id).await, start);
    bench.clock.advance(time::Duration::seconds(31));
    bench.opened(id).await.unwrap();
    assert!(bench.last_seen(id).await >= start + 61);
}

async fn a_record_that_does_not_open_is_over_and_says_so(bench: Bench) {
    let id = bench.begun().await;
    let row = bench.row(id).await;
    let (end, half) = (row.record.len() - 1, row.record.len() / 2);
    let changed = |position: usize| {
        let mut record = row.record.clone();
        record[position] ^= 1;
        record
    };
    let records = [
        changed(0),
        changed(1),
        changed(end),
        row.record[..half].to_vec(),
        Vec::new(),
    ];
    let mut version = row.version;
    for record in records {
        let expected = Expected { version, fence: None };
        let damaged = Row {
            record,
            ..row.clone()
        };
        bench
            .vault
            .rows
            .update(row_key(id), expected, &damaged)
            .await
            .unwrap();
        version = row.version;
        assert_eq!(bench.opened(id).await, Err(Ending::Unreadable));
        assert_eq!(
            bench.of_application(id).get::<String>("basket").await.unwrap(),
            None
        );
    }
}

async fn an_older_version_of_a_record_does_not_open_in_place_of_a_newer(bench: Bench) {
    let id = bench.begun().await;
    let old = bench.row(id).await;
    let expected = Expected {
        version: 1,
        fence: None,
    };
    let brought_back = Row { version: 2, ..old };
    bench
        .vault
        .rows
        .update(row_key(id), expected, &brought_back)
        .await
        .unwrap();
    assert_eq!(bench.opened(id).await, Err(Ending::Unreadable));
}

async fn the_summary_of_another_session_does_not_open_in_place_of_its_own(bench: Bench) {
    let (id, other) = (bench.begun().await, bench.begun().await);
    let expected = Expected {
        version: 1,
        fence: None,
    };
    let exchanged = Row {
        summary: bench.row(other).await.summary,
        ..bench.row(id).await
    };
    bench
        .vault
        .rows
        .update(row_key(id), expected, &exchanged)
        .await
        .unwrap();
    let find = bench
        .vault
        .find("https://provider.example", Lookup::User("usr_ada"));
    let found: Vec<_> = find.await.unwrap().iter().map(|found| found.key).collect();
    assert_eq!(found, [row_key(other)]);
}

async fn sessions_are_found_by_person_provider_session_and_organization(bench: Bench) {
    let ada = bench.somebody();
    bench.vault.begin(&ada).await.unwrap();
    bench.clock.advance(time::Duration::minutes(1));
    let latest = bench.vault.begin(&ada).await.unwrap();
    let mut max = bench.somebody();
    for (claim, value) in [("sub", "usr_max"), ("sid", "ses_max"), ("oid", "org_other")] {
        max.user.claims.insert(claim.to_owned(), json!(value));
    }
    bench.vault.begin(&max).await.unwrap();

    let issuer = "https://provider.example";
    let count = async |lookup| bench.vault.find(issuer, lookup).await.unwrap().len();
    let found = bench.vault.find(issuer, Lookup::User("usr_ada")).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].key, row_key(latest), "the most recently used first");
    assert_eq!(found[0].summary.user_agent, ada.origin.user_agent);
    assert_eq!(count(Lookup::ProviderSession("ses_max")).await, 1);
    assert_eq!(count(Lookup::Organization("org_acme")).await, 2);
    assert_eq!(count(Lookup::User("usr_nobody")).await, 0);
    assert_eq!(count(Lookup::User("org_acme")).await, 0, "each in its own column");
    let elsewhere = bench
        .vault
        .find("https://other.example", Lookup::User("usr_ada"))
        .await;
    assert_eq!(
        elsewhere.unwrap(),
        [],
        "the same `sub` of another issuer is somebody else"
    );

    assert_eq!(
        bench
            .vault
            .end_all(issuer, Lookup::User("usr_ada"))
            .await
            .unwrap(),
        2
    );
    assert_eq!(bench.opened(latest).await, Err(Ending::Unknown));
    assert_eq!(
        count(Lookup::Organization("org_other")).await,
        1,
        "nobody else's ended"
    );
}

async fn secrets_are_replaced_without_signing_anybody_out(bench: Bench) {
    let id = bench.begun().await;
    let replaced = Bench::over(Arc::clone(&bench.vault.rows), &format!("{OTHER_KEY},{KEY}"));
    assert!(replaced.opened(id).await.is_ok());
    let find = replaced
        .vault
        .find("https://provider.example", Lookup::User("usr_ada"));
    assert_eq!(
        find.await.unwrap().len(),
        1,
        "found under the hash of the old secret"
    );
    // The next write seals with the new secret, after which the old one is not needed any more.
    let Leased::Yes(fence) = replaced.vault.lease(id, 1, Duration::from_mins(1)).await.unwrap() else {
        panic!("nobody else has it");
    };
    replaced
        .vault
        .replace(id, fence, &bench.somebody())
        .await
        .unwrap();
    let without_the_old = Bench::over(Arc::clone(&bench.vault.rows), OTHER_KEY);
    assert!(without_the_old.opened(id).await.is_ok());
    assert_eq!(bench.opened(id).await, Err(Ending::Unreadable));
    let find = without_the_old
        .vault
        .find("https://provider.example", Lookup::User("usr_ada"));
    assert_eq!(find.await.unwrap().len(), 1);
}

async fn replicas_change_to_a_new_secret_one_by_one(bench: Bench) {
    let rows = &bench.vault.rows;
    let replica = |secrets: String| Bench::over(Arc::clone(rows), &secrets);
    // Step by step: what each half of the replicas has, while the other half is a step behind.
    let steps = [
        (KEY.to_owned(), format!("{KEY},{OTHER_KEY}")),
        (format!("{KEY},{OTHER_KEY}"), format!("{OTHER_KEY},{KEY}")),
    ];
    for (behind, ahead) in steps {
        let (behind, ahead) = (replica(behind), replica(ahead));
        for (writer, reader) in [(&behind, &ahead), (&ahead, &behind)] {
            let id = writer.begun().await;
            let session = reader.opened(id).await.unwrap();
            let leased = reader
                .vault
                .lease(id, session.version, Duration::from_mins(1))
                .await;
            let Leased::Yes(fence) = leased.unwrap() else {
                panic!("nobody else has it");
            };
            reader.vault.replace(id, fence, &reader.somebody()).await.unwrap();
            assert!(writer.opened(id).await.is_ok());
            let find = writer
                .vault
                .find("https://provider.example", Lookup::User("usr_ada"));
            assert!(find.await.unwrap().iter().any(|found| found.key == row_key(id)));
        }
    }
}

async fn a_taken_id_is_replaced_rather_than_shared(bench: Bench) {
    let mut first = Record {
        id: Id::default(),
        data: HashMap::from([("whose".to_owned(), json!("first"))]),
        expiry_date: bench.vault.surroundings.now() + time::Duration::hours(1),
    };
    bench.vault.create(&mut first).await.unwrap();
    let mut second = first.clone();
    second.data.insert("whose".into(), json!("second"));
    bench.vault.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    let stored = bench.vault.load(&first.id).await.unwrap().unwrap();
    assert_eq!(stored.data["whose"], "first");
}

macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod memory_store {$(
            #[tokio::test]
            async fn $name() {
                super::$name(super::Bench::over(std::sync::Arc::<super::MemoryStore>::default(), super::KEY)).await;
            }
        )*}
        mod sqlite_store {$(
            #[tokio::test]
            async fn $name() {
                let folder = super::Folder::new();
                super::$name(super::Bench::over(folder.open().await, super::KEY)).await;
            }
        )*}
        mod postgres_store {$(
            #[tokio::test]
            async fn $name() {
                let Some(postgres) = super::or_skip(super::Postgres::start()) else { return };
                super::$name(super::Bench::over(super::open(&postgres.url()).await, super::KEY)).await;
            }
        )*}
        mod redis_store {$(
            #[tokio::test]
            async fn $name() {
                let Some(redis) = super::or_skip(super::Redis::start()) else { return };
                super::$name(super::Bench::over(super::open(&redis.url()).await, super::KEY)).await;
            }
        )*}
    };
}

suite! {
    a_session_that_began_is_opened_again,
    an_ended_session_cannot_come_back,
    the_older_of_two_writers_loses_and_learns_of_it,
    new_tokens_leave_the_applications_own_members_alone,
    whoever_has_lost_the_lease_cannot_write,
    a_session_ends_when_idle_and_activity_prolongs_it,
    a_session_ends_at_its_absolute_end_however_busy,
    writing_again_never_moves_the_absolute_end_away,
    last_seen_is_touched_at_most_once_a_minute,
    a_record_that_does_not_open_is_over_and_says_so,
    an_older_version_of_a_record_does_not_open_in_place_of_a_newer,
    the_summary_of_another_session_does_not_open_in_place_of_its_own,
    sessions_are_found_by_person_provider_session_and_organization,
    secrets_are_replaced_without_signing_anybody_out,
    replicas_change_to_a_new_secret_one_by_one,
    a_taken_id_is_replaced_rather_than_shared,
}

async fn open(url: &str) -> Arc<dyn RowStore> {
    StoreUrl::parse(url).unwrap().open().await.unwrap()
}

/// A folder for one test's database, removed afterwards.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("sessions-{}", Id::default().to_string().replace('-', "_"));
        Self(std::env::temp_dir().join(name))
    }

    async fn open(&self) -> Arc<dyn RowStore> {
        open(&format!("sqlite:{}", self.0.join("sessions.db").display())).await
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn the_record_of_a_refreshed_session_is_another_one() {
    let bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    let (first, second) = (bench.begun().await, bench.begun().await);
    assert_ne!(first, second);
    assert_ne!(bench.row(first).await.record, bench.row(second).await.record);
}
