//! Leases, on which promise 12 rests. A lease that is over is one of no duration: nothing is waited for.

use super::*;

const LONG: Duration = Duration::from_hours(1);

async fn leased(store: &dyn RowStore, duration: Duration) -> Fence {
    match store.lease(KEY, 1, duration).await.unwrap() {
        Leased::Yes(fence) => fence,
        other => panic!("{other:?}"),
    }
}

async fn taken_over(store: &dyn RowStore, abandoned: Fence, duration: Duration) -> Fence {
    match store.take_over(KEY, 1, abandoned, duration).await.unwrap() {
        Leased::Yes(fence) => fence,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_lease_goes_to_one_at_a_time(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.insert(OTHER_KEY, &row()).await.unwrap();
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Yes(Fence(1)));
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Held);
    assert_eq!(
        store.lease(OTHER_KEY, 1, LONG).await.unwrap(),
        Leased::Yes(Fence(1))
    );
}

pub(super) async fn a_lease_needs_the_version_that_was_read(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.update(KEY, version(1), &next_row()).await.unwrap();
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Changed);
    assert_eq!(store.lease(KEY, 3, LONG).await.unwrap(), Leased::Changed);
    assert_eq!(store.lease(KEY, 2, LONG).await.unwrap(), Leased::Yes(Fence(1)));
    assert_eq!(
        store.lease(KEY, 1, LONG).await.unwrap(),
        Leased::Changed,
        "even while it is held"
    );
}

pub(super) async fn an_ended_session_has_no_lease(bench: Bench) {
    let store = bench.open().await;
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Gone);
    store.insert(KEY, &row()).await.unwrap();
    let fence = leased(&*store, LONG).await;
    store.delete(KEY).await.unwrap();
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Gone);
    assert_eq!(
        store.update(KEY, under(fence), &next_row()).await.unwrap(),
        Written::Gone
    );
    store.release(KEY, fence).await.unwrap();
    assert!(!store.delete_unchanged(KEY, under(fence)).await.unwrap());
    assert!(store.insert(KEY, &row()).await.unwrap(), "nothing is left of it");
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Yes(Fence(1)));
}

pub(super) async fn a_lease_that_is_over_goes_to_the_next_under_a_higher_fence(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let first = leased(&*store, Duration::ZERO).await;
    let second = taken_over(&*store, first, Duration::ZERO).await;
    let third = taken_over(&*store, second, LONG).await;
    assert!(first < second && second < third);
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Held);
    for fence in [first, second, third] {
        let again = store.take_over(KEY, 1, fence, LONG).await.unwrap();
        assert_eq!(again, Leased::Held, "nor to whoever would take it over");
    }
}

/// Its holder may live, and be about to write: it is told to whoever asks, who decides how long to wait for that.
pub(super) async fn a_lease_that_was_never_given_back_is_taken_over_on_purpose_only(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let first = leased(&*store, Duration::ZERO).await;
    assert_eq!(store.lease(KEY, 1, LONG).await.unwrap(), Leased::Abandoned(first));
    let stranger = store.take_over(KEY, 1, Fence(first.0 + 1), LONG).await.unwrap();
    assert_eq!(stranger, Leased::Abandoned(first));
    assert_eq!(
        store.update(KEY, under(first), &next_row()).await.unwrap(),
        Written::Yes,
        "until then its holder can write"
    );
    assert_eq!(
        store.take_over(KEY, 1, first, LONG).await.unwrap(),
        Leased::Changed
    );
    assert_eq!(
        store.lease(KEY, 2, LONG).await.unwrap(),
        Leased::Yes(Fence(first.0 + 1)),
        "and has given it back by that"
    );
}

pub(super) async fn a_lease_that_was_given_back_late_is_free(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let first = leased(&*store, Duration::ZERO).await;
    store.release(KEY, first).await.unwrap();
    let second = leased(&*store, Duration::ZERO).await;
    store.release(KEY, second).await.unwrap();
    assert!(taken_over(&*store, first, LONG).await > second);
}

pub(super) async fn whoever_lost_the_lease_can_neither_write_nor_release_nor_delete(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let lost = leased(&*store, Duration::ZERO).await;
    let present = taken_over(&*store, lost, LONG).await;
    assert_eq!(
        store.update(KEY, under(lost), &next_row()).await.unwrap(),
        Written::Conflict
    );
    assert!(!store.delete_unchanged(KEY, under(lost)).await.unwrap());
    store.release(KEY, lost).await.unwrap();
    assert_eq!(
        store.lease(KEY, 1, LONG).await.unwrap(),
        Leased::Held,
        "it was not theirs to give back"
    );
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(
        store.update(KEY, under(present), &next_row()).await.unwrap(),
        Written::Yes
    );
}

pub(super) async fn a_released_lease_is_free_at_once(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let first = leased(&*store, LONG).await;
    store.release(KEY, first).await.unwrap();
    assert!(leased(&*store, LONG).await > first);
}

pub(super) async fn an_update_under_the_lease_gives_it_back(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let fence = leased(&*store, LONG).await;
    assert_eq!(
        store.update(KEY, under(fence), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        store.lease(KEY, 2, LONG).await.unwrap(),
        Leased::Yes(Fence(fence.0 + 1))
    );
}

pub(super) async fn an_update_without_the_lease_leaves_it_to_its_holder(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let fence = leased(&*store, LONG).await;
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(store.lease(KEY, 2, LONG).await.unwrap(), Leased::Held);
    let holder = Expected {
        version: 2,
        fence: Some(fence),
    };
    let third = Row {
        version: 3,
        ..next_row()
    };
    assert_eq!(
        store.update(KEY, under(fence), &third).await.unwrap(),
        Written::Conflict
    );
    assert_eq!(store.update(KEY, holder, &third).await.unwrap(), Written::Yes);
}

pub(super) async fn a_delete_under_the_lease_needs_the_lease(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let fence = leased(&*store, LONG).await;
    assert!(
        !store
            .delete_unchanged(KEY, under(Fence(fence.0 + 1)))
            .await
            .unwrap()
    );
    assert!(store.delete_unchanged(KEY, under(fence)).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), None);
}

pub(super) async fn a_lease_leaves_the_row_as_it_is(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let fence = leased(&*store, LONG).await;
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    store.touch(KEY, 1_500, 2_500).await.unwrap();
    assert_eq!(
        store.lease(KEY, 1, LONG).await.unwrap(),
        Leased::Held,
        "a touch is no write"
    );
    store.release(KEY, fence).await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap().unwrap().version, 1);
}
