//! One suite for every store: the behaviour that promises 8 to 11 rest on.
//!
//! A behaviour is a function in `tests/`; the lists below say on which stores it is tested.

use std::{
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use disposable_stores::or_skip;

use super::{memory::MemoryStore, *};

mod damage;
mod leases;
mod migrations;
mod outages;
mod races;
mod replicas;
mod rows;
mod writes;

/// An empty store of some kind, to be opened as often as one likes.
enum Bench {
    Memory(Arc<MemoryStore>),
    Sqlite(Folder),
    Postgres(disposable_stores::Postgres),
    Redis(disposable_stores::Redis),
}

impl Bench {
    #[expect(clippy::unnecessary_wraps, reason = "as the others, which may be missing")]
    fn memory() -> Option<Self> {
        Some(Self::Memory(Arc::default()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the others, which may be missing")]
    fn sqlite() -> Option<Self> {
        Some(Self::Sqlite(Folder::new()))
    }

    fn postgres() -> Option<Self> {
        or_skip(disposable_stores::Postgres::start()).map(Self::Postgres)
    }

    fn redis() -> Option<Self> {
        or_skip(disposable_stores::Redis::start()).map(Self::Redis)
    }

    fn url(&self) -> StoreUrl {
        let text = match self {
            Self::Memory(_) => "memory:".to_owned(),
            Self::Sqlite(folder) => format!("sqlite:{}", folder.0.join("sessions.db").display()),
            Self::Postgres(server) => server.url(),
            Self::Redis(server) => server.url(),
        };
        StoreUrl::parse(&text).unwrap()
    }

    /// The store as one replica opens it.
    async fn open(&self) -> Arc<dyn RowStore> {
        match self {
            Self::Memory(store) => Arc::clone(store) as Arc<dyn RowStore>,
            _ => self.url().open().await.unwrap(),
        }
    }
}

/// A folder for one test's database, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("sessions-{}-{number}", process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const KEY: RowKey = RowKey([0x0a; 32]);
const OTHER_KEY: RowKey = RowKey([0xb0; 32]);

/// A session in use until 2000 at most, and until 10000 at the very most.
fn row() -> Row {
    Row {
        version: 1,
        record: b"sealed\0\xff\r\n".to_vec(),
        summary: b"a summary".to_vec(),
        user: Some([1; 32]),
        provider_session: Some([2; 32]),
        organization: Some([3; 32]),
        last_seen: 1_000,
        idle_end: 2_000,
        absolute_end: 10_000,
    }
}

/// What a writer puts in the place of [`row`].
fn next_row() -> Row {
    Row {
        version: 2,
        record: b"sealed anew".to_vec(),
        ..row()
    }
}

fn version(version: i64) -> Expected {
    Expected { version, fence: None }
}

fn under(fence: Fence) -> Expected {
    Expected {
        version: 1,
        fence: Some(fence),
    }
}

macro_rules! suite {
    ($store:ident, $($subject:ident: { $($name:ident),+ $(,)? })+) => {
        mod $store {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    if let Some(bench) = super::Bench::$store() {
                        super::$subject::$name(bench).await;
                    }
                }
            )+)+
        }
    };
}

macro_rules! on_all_stores {
    ($($list:tt)+) => {
        suite! { memory, $($list)+ }
        suite! { sqlite, $($list)+ }
        suite! { postgres, $($list)+ }
        suite! { redis, $($list)+ }
    };
}

on_all_stores! {
    rows: {
        a_row_is_loaded_as_it_was_inserted,
        what_was_never_inserted_is_not_there,
        a_taken_key_is_refused_and_its_row_stays,
        rows_are_found_under_each_of_their_hashes_and_under_no_other,
        a_row_is_found_under_the_hashes_of_its_last_update,
        a_removed_row_is_found_no_more,
        a_large_record_is_stored_whole,
        a_working_store_answers,
    }
    writes: {
        an_update_replaces_the_row,
        an_update_of_another_version_is_a_conflict,
        an_update_of_an_ended_session_does_not_bring_it_back,
        an_update_moves_no_end_the_wrong_way,
        an_update_may_bring_the_absolute_end_closer,
        a_touch_moves_on_and_leaves_the_version,
        a_touch_of_an_earlier_moment_changes_nothing,
        a_touch_does_not_bring_a_session_back,
        a_delete_says_whether_there_was_something,
        a_delete_of_what_was_read_spares_what_changed_since,
        sweeping_removes_exactly_what_is_over,
        sweeping_follows_touches_and_updates,
        sweeping_removes_thousands,
    }
    leases: {
        a_lease_goes_to_one_at_a_time,
        a_lease_needs_the_version_that_was_read,
        an_ended_session_has_no_lease,
        a_lease_that_is_over_goes_to_the_next_under_a_higher_fence,
        a_lease_that_was_never_given_back_is_taken_over_on_purpose_only,
        a_lease_that_was_given_back_late_is_free,
        whoever_lost_the_lease_can_neither_write_nor_release_nor_delete,
        a_released_lease_is_free_at_once,
        an_update_under_the_lease_gives_it_back,
        an_update_without_the_lease_leaves_it_to_its_holder,
        a_delete_under_the_lease_needs_the_lease,
        a_lease_leaves_the_row_as_it_is,
    }
    races: {
        of_many_updates_of_one_version_one_is_stored,
        of_many_wishes_for_a_lease_one_is_granted,
        of_many_who_take_over_a_lease_one_gets_it,
        of_many_inserts_of_a_key_one_is_stored,
        what_a_delete_removed_stays_removed_however_many_write,
        either_the_update_or_the_delete_of_a_version_happens,
    }
}

macro_rules! on_shared_stores {
    ($($list:tt)+) => {
        mod shared {
            use super::{Bench, damage, migrations, replicas};
            suite! { sqlite, $($list)+ }
            suite! { postgres, $($list)+ }
            suite! { redis, $($list)+ }
        }
    };
}

on_shared_stores! {
    replicas: {
        replicas_see_each_others_rows,
        a_lease_holds_against_other_replicas,
        rows_survive_a_restart_of_the_replica,
    }
    migrations: {
        replicas_may_start_at_the_same_time,
    }
    damage: {
        a_hash_of_a_wrong_length_is_an_error,
    }
}

macro_rules! on_servers {
    ($($list:tt)+) => {
        mod servers {
            use super::{Bench, outages};
            suite! { postgres, $($list)+ }
            suite! { redis, $($list)+ }
        }
    };
}

on_servers! {
    outages: {
        a_store_that_went_away_is_an_error_and_used_again_when_it_is_back,
        a_store_that_restarted_unnoticed_is_used_at_once,
        a_store_that_takes_no_writes_is_read_on_and_written_again_when_it_does,
        a_store_that_is_not_there_is_named_at_start,
    }
}
