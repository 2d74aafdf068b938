//! Writes are conditional, and time goes one way (promises 9 and 10).

use super::*;

pub(super) async fn an_update_replaces_the_row(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.insert(OTHER_KEY, &row()).await.unwrap();
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(store.load(KEY).await.unwrap(), Some(next_row()));
    assert_eq!(store.load(OTHER_KEY).await.unwrap(), Some(row()));
}

pub(super) async fn an_update_of_another_version_is_a_conflict(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    for read in [0, 2] {
        assert_eq!(
            store.update(KEY, version(read), &next_row()).await.unwrap(),
            Written::Conflict
        );
    }
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
}

pub(super) async fn an_update_of_an_ended_session_does_not_bring_it_back(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.delete(KEY).await.unwrap();
    assert_eq!(
        store.update(KEY, version(1), &next_row()).await.unwrap(),
        Written::Gone
    );
    assert_eq!(store.load(KEY).await.unwrap(), None);
    assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), []);
}

pub(super) async fn an_update_moves_no_end_the_wrong_way(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let wrong = Row {
        last_seen: 999,
        idle_end: 1_999,
        absolute_end: 10_001,
        ..next_row()
    };
    assert_eq!(store.update(KEY, version(1), &wrong).await.unwrap(), Written::Yes);
    assert_eq!(store.load(KEY).await.unwrap(), Some(next_row()));
}

pub(super) async fn an_update_may_bring_the_absolute_end_closer(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    let closer = Row {
        last_seen: 1_001,
        idle_end: 2_001,
        absolute_end: 9_999,
        ..next_row()
    };
    assert_eq!(
        store.update(KEY, version(1), &closer).await.unwrap(),
        Written::Yes
    );
    assert_eq!(store.load(KEY).await.unwrap(), Some(closer));
}

pub(super) async fn a_touch_moves_on_and_leaves_the_version(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.touch(KEY, 1_500, 2_500).await.unwrap();
    let touched = Row {
        last_seen: 1_500,
        idle_end: 2_500,
        ..row()
    };
    assert_eq!(store.load(KEY).await.unwrap(), Some(touched));
}

pub(super) async fn a_touch_of_an_earlier_moment_changes_nothing(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.touch(KEY, 999, 1_999).await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    // One may have moved on without the other: the idle timeout was made shorter in between.
    store.touch(KEY, 1_001, 1_999).await.unwrap();
    let touched = Row {
        last_seen: 1_001,
        ..row()
    };
    assert_eq!(store.load(KEY).await.unwrap(), Some(touched));
}

pub(super) async fn a_touch_does_not_bring_a_session_back(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.delete(KEY).await.unwrap();
    store.touch(KEY, 1_500, 2_500).await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap(), None);
    assert!(store.insert(KEY, &row()).await.unwrap(), "nothing is left of it");
}

pub(super) async fn a_delete_says_whether_there_was_something(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.insert(OTHER_KEY, &row()).await.unwrap();
    assert!(store.delete(KEY).await.unwrap());
    assert!(!store.delete(KEY).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), None);
    assert_eq!(store.load(OTHER_KEY).await.unwrap(), Some(row()));
}

pub(super) async fn a_delete_of_what_was_read_spares_what_changed_since(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.update(KEY, version(1), &next_row()).await.unwrap();
    assert!(!store.delete_unchanged(KEY, version(1)).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), Some(next_row()));
    assert!(store.delete_unchanged(KEY, version(2)).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), None);
    assert!(!store.delete_unchanged(KEY, version(2)).await.unwrap());
}

pub(super) async fn sweeping_removes_exactly_what_is_over(bench: Bench) {
    let store = bench.open().await;
    // Number, idle end, absolute end; at 5000 the first three are over.
    for (number, idle_end, absolute_end) in [
        (1, 4_999, 9_000),
        (2, 5_000, 9_000),
        (3, 9_000, 5_000),
        (4, 5_001, 9_000),
        (5, 9_000, 5_001),
    ] {
        let row = Row {
            idle_end,
            absolute_end,
            ..row()
        };
        store.insert(RowKey([number; 32]), &row).await.unwrap();
    }
    assert_eq!(store.delete_over(5_000).await.unwrap(), 3);
    assert_eq!(store.delete_over(5_000).await.unwrap(), 0);
    for number in 1..=5 {
        let found = store.load(RowKey([number; 32])).await.unwrap();
        assert_eq!(found.is_some(), number > 3, "{number}");
    }
}

pub(super) async fn sweeping_follows_touches_and_updates(bench: Bench) {
    let store = bench.open().await;
    let [touched, updated, shortened] = [1, 2, 3].map(|number| RowKey([number; 32]));
    for key in [touched, updated, shortened] {
        store.insert(key, &row()).await.unwrap();
    }
    store.touch(touched, 1_000, 3_000).await.unwrap();
    let prolonged = Row {
        idle_end: 3_000,
        ..next_row()
    };
    store.update(updated, version(1), &prolonged).await.unwrap();
    let soon_over = Row {
        absolute_end: 1_500,
        ..next_row()
    };
    store.update(shortened, version(1), &soon_over).await.unwrap();
    assert_eq!(store.delete_over(1_500).await.unwrap(), 1);
    assert_eq!(store.delete_over(2_999).await.unwrap(), 0);
    assert_eq!(store.delete_over(3_000).await.unwrap(), 2);
}

pub(super) async fn sweeping_removes_thousands(bench: Bench) {
    const COUNT: u16 = 2_001;
    let store = bench.open().await;
    for number in 0..COUNT {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_be_bytes());
        store.insert(RowKey(key), &row()).await.unwrap();
    }
    store
        .insert(
            KEY,
            &Row {
                idle_end: 2_001,
                ..row()
            },
        )
        .await
        .unwrap();
    assert_eq!(store.delete_over(2_000).await.unwrap(), u64::from(COUNT));
    assert!(store.load(KEY).await.unwrap().is_some());
}
