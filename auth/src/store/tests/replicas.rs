//! A store that is opened twice, as several replicas do (promise 9), is one store.

use super::*;

pub(super) async fn replicas_see_each_others_rows(bench: Bench) {
    let (one, other) = (bench.open().await, bench.open().await);
    one.insert(KEY, &row()).await.unwrap();
    assert_eq!(other.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(other.find(Index::User, &[[1; 32]]).await.unwrap(), [(KEY, row())]);
    assert_eq!(
        other.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        one.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Conflict
    );
    assert!(one.delete(KEY).await.unwrap());
    assert_eq!(other.load(KEY).await.unwrap(), None);
    assert_eq!(
        other.update(KEY, version(2), &next_row()).await.unwrap(),
        Written::Gone
    );
}

pub(super) async fn a_lease_holds_against_other_replicas(bench: Bench) {
    let (one, other) = (bench.open().await, bench.open().await);
    one.insert(KEY, &row()).await.unwrap();
    let hour = Duration::from_hours(1);
    assert_eq!(one.lease(KEY, 1, hour).await.unwrap(), Leased::Yes(Fence(1)));
    assert_eq!(other.lease(KEY, 1, hour).await.unwrap(), Leased::Held);
    one.release(KEY, Fence(1)).await.unwrap();
    assert_eq!(other.lease(KEY, 1, hour).await.unwrap(), Leased::Yes(Fence(2)));
}

pub(super) async fn rows_survive_a_restart_of_the_replica(bench: Bench) {
    let before = bench.open().await;
    before.insert(KEY, &row()).await.unwrap();
    assert_eq!(
        before.lease(KEY, 1, Duration::from_hours(1)).await.unwrap(),
        Leased::Yes(Fence(1))
    );
    drop(before);
    let after = bench.open().await;
    assert_eq!(after.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(
        after.lease(KEY, 1, Duration::from_hours(1)).await.unwrap(),
        Leased::Held
    );
}
