//! Many at once, from two replicas: exactly one wins (promise 9), and the end of a session wins over everybody.

use tokio::task::JoinSet;

use super::*;

const MANY: u8 = 32;
const ALL_BUT_ONE: usize = MANY as usize - 1;

/// Two replicas, between which the racers are divided.
type Replicas = [Arc<dyn RowStore>; 2];

async fn replicas(bench: &Bench) -> Replicas {
    [bench.open().await, bench.open().await]
}

/// A race is lost by chance, and the first ones are slowed by connecting, so each is run for several sessions.
fn keys() -> impl Iterator<Item = RowKey> {
    (0..10).map(|number| RowKey([number; 32]))
}

/// What everybody got who did `work` at the same time, each with a number of their own.
async fn at_once<T, F>(replicas: &Replicas, work: impl Fn(Arc<dyn RowStore>, u8) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut racers = JoinSet::new();
    for number in 0..MANY {
        let replica = &replicas[usize::from(number % 2)];
        racers.spawn(work(Arc::clone(replica), number));
    }
    racers.join_all().await
}

fn count<T>(all: &[T], wanted: impl Fn(&T) -> bool) -> usize {
    all.iter().filter(|one| wanted(one)).count()
}

pub(super) async fn of_many_updates_of_one_version_one_is_stored(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    for key in keys() {
        store.insert(key, &row()).await.unwrap();
        let written = at_once(&replicas, move |store, number| async move {
            let row = Row {
                record: vec![number],
                ..next_row()
            };
            (store.update(key, version(1), &row).await.unwrap(), row)
        })
        .await;
        assert_eq!(count(&written, |(written, _)| *written == Written::Yes), 1);
        assert_eq!(
            count(&written, |(written, _)| *written == Written::Conflict),
            ALL_BUT_ONE
        );
        let winner = written.into_iter().find(|(written, _)| *written == Written::Yes);
        assert_eq!(store.load(key).await.unwrap(), winner.map(|(_, row)| row));
    }
}

pub(super) async fn of_many_wishes_for_a_lease_one_is_granted(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    for key in keys() {
        store.insert(key, &row()).await.unwrap();
        let leased = at_once(&replicas, move |store, _| async move {
            store.lease(key, 1, Duration::from_hours(1)).await.unwrap()
        })
        .await;
        assert_eq!(count(&leased, |leased| *leased == Leased::Yes(Fence(1))), 1);
        assert_eq!(count(&leased, |leased| *leased == Leased::Held), ALL_BUT_ONE);
    }
}

pub(super) async fn of_many_who_take_over_a_lease_one_gets_it(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    for key in keys() {
        store.insert(key, &row()).await.unwrap();
        let vanished = store.lease(key, 1, Duration::ZERO).await.unwrap();
        assert_eq!(vanished, Leased::Yes(Fence(1)));
        let leased = at_once(&replicas, move |store, _| async move {
            let hour = Duration::from_hours(1);
            store.take_over(key, 1, Fence(1), hour).await.unwrap()
        })
        .await;
        assert_eq!(count(&leased, |leased| *leased == Leased::Yes(Fence(2))), 1);
        assert_eq!(count(&leased, |leased| *leased == Leased::Held), ALL_BUT_ONE);
    }
}

pub(super) async fn of_many_inserts_of_a_key_one_is_stored(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    let everybody: Vec<[u8; 32]> = (0..MANY).map(|number| [number; 32]).collect();
    for key in keys() {
        let inserted = at_once(&replicas, move |store, number| async move {
            let row = Row {
                user: Some([number; 32]),
                ..row()
            };
            (store.insert(key, &row).await.unwrap(), row)
        })
        .await;
        assert_eq!(count(&inserted, |(inserted, _)| *inserted), 1);
        let winner = inserted.into_iter().find(|(inserted, _)| *inserted);
        assert_eq!(store.load(key).await.unwrap(), winner.map(|(_, row)| row));
        assert_eq!(store.find(Index::User, &everybody).await.unwrap().len(), 1);
        store.delete(key).await.unwrap();
    }
}

pub(super) async fn what_a_delete_removed_stays_removed_however_many_write(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    for key in keys() {
        store.insert(key, &row()).await.unwrap();
        let deleted = at_once(&replicas, move |store, number| async move {
            match number % 4 {
                0 => drop(store.update(key, version(1), &next_row()).await.unwrap()),
                1 => store.touch(key, 1_500, 2_500).await.unwrap(),
                2 => drop(store.lease(key, 1, Duration::ZERO).await.unwrap()),
                _ => return store.delete(key).await.unwrap(),
            }
            false
        })
        .await;
        assert_eq!(count(&deleted, |deleted| *deleted), 1);
        assert_eq!(store.load(key).await.unwrap(), None);
        assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), []);
    }
}

pub(super) async fn either_the_update_or_the_delete_of_a_version_happens(bench: Bench) {
    let replicas = replicas(&bench).await;
    let [store, _] = &replicas;
    for key in keys() {
        store.insert(key, &row()).await.unwrap();
        let happened = at_once(&replicas, move |store, number| async move {
            if number % 2 == 0 {
                store.update(key, version(1), &next_row()).await.unwrap() == Written::Yes
            } else {
                store.delete_unchanged(key, version(1)).await.unwrap()
            }
        })
        .await;
        assert_eq!(count(&happened, |happened| *happened), 1);
        if let Some(left) = store.load(key).await.unwrap() {
            assert_eq!(left, next_row());
        }
    }
}
