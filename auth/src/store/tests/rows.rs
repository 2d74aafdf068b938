//! Rows come back as they went in, by their key and by their hashes.

use super::*;

pub(super) async fn a_row_is_loaded_as_it_was_inserted(bench: Bench) {
    let store = bench.open().await;
    let every_byte = Row {
        record: (0..=255).collect(),
        ..row()
    };
    let nothing_but_a_version = Row {
        record: Vec::new(),
        summary: Vec::new(),
        user: None,
        provider_session: None,
        organization: None,
        ..row()
    };
    assert!(store.insert(KEY, &every_byte).await.unwrap());
    assert!(store.insert(OTHER_KEY, &nothing_but_a_version).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), Some(every_byte));
    assert_eq!(store.load(OTHER_KEY).await.unwrap(), Some(nothing_but_a_version));
}

pub(super) async fn what_was_never_inserted_is_not_there(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    assert_eq!(store.load(OTHER_KEY).await.unwrap(), None);
}

pub(super) async fn a_taken_key_is_refused_and_its_row_stays(bench: Bench) {
    let store = bench.open().await;
    let other = Row {
        user: Some([9; 32]),
        ..next_row()
    };
    assert!(store.insert(KEY, &row()).await.unwrap());
    assert!(!store.insert(KEY, &other).await.unwrap());
    assert_eq!(store.load(KEY).await.unwrap(), Some(row()));
    assert_eq!(store.find(Index::User, &[[9; 32]]).await.unwrap(), []);
}

pub(super) async fn rows_are_found_under_each_of_their_hashes_and_under_no_other(bench: Bench) {
    let store = bench.open().await;
    let rows: Vec<(RowKey, Row)> = (1..=3)
        .map(|number| {
            let row = Row {
                user: Some([number; 32]),
                provider_session: Some([number + 10; 32]),
                organization: (number != 3).then_some([20; 32]),
                ..row()
            };
            (RowKey([number; 32]), row)
        })
        .collect();
    for (key, row) in &rows {
        assert!(store.insert(*key, row).await.unwrap());
    }
    let found = async |index, hashes: &[[u8; 32]]| {
        let mut found = store.find(index, hashes).await.unwrap();
        found.sort_by_key(|(RowKey(key), _)| *key);
        found
    };
    assert_eq!(found(Index::User, &[[2; 32]]).await, [rows[1].clone()]);
    assert_eq!(
        found(Index::User, &[[3; 32], [1; 32]]).await,
        [rows[0].clone(), rows[2].clone()]
    );
    assert_eq!(
        found(Index::User, &[[3; 32], [3; 32], [99; 32]]).await,
        [rows[2].clone()]
    );
    assert_eq!(
        found(Index::ProviderSession, &[[11; 32]]).await,
        [rows[0].clone()]
    );
    assert_eq!(found(Index::Organization, &[[20; 32]]).await, rows[..2]);
    // Somebody else's hash, the right hash of another column, and none at all.
    assert_eq!(found(Index::User, &[[99; 32]]).await, []);
    assert_eq!(found(Index::ProviderSession, &[[1; 32]]).await, []);
    assert_eq!(found(Index::Organization, &[]).await, []);
}

pub(super) async fn a_row_is_found_under_the_hashes_of_its_last_update(bench: Bench) {
    let store = bench.open().await;
    let moved = Row {
        user: Some([8; 32]),
        organization: None,
        ..next_row()
    };
    store.insert(KEY, &row()).await.unwrap();
    assert_eq!(store.update(KEY, version(1), &moved).await.unwrap(), Written::Yes);
    assert_eq!(store.find(Index::User, &[[1; 32]]).await.unwrap(), []);
    assert_eq!(store.find(Index::Organization, &[[3; 32]]).await.unwrap(), []);
    assert_eq!(
        store.find(Index::User, &[[8; 32]]).await.unwrap(),
        [(KEY, moved.clone())]
    );
    assert_eq!(
        store.find(Index::ProviderSession, &[[2; 32]]).await.unwrap(),
        [(KEY, moved)]
    );
}

pub(super) async fn a_removed_row_is_found_no_more(bench: Bench) {
    let store = bench.open().await;
    store.insert(KEY, &row()).await.unwrap();
    store.delete(KEY).await.unwrap();
    store.insert(OTHER_KEY, &row()).await.unwrap();
    store.delete_over(2_000).await.unwrap();
    for (index, hash) in [
        (Index::User, [1; 32]),
        (Index::ProviderSession, [2; 32]),
        (Index::Organization, [3; 32]),
    ] {
        assert_eq!(store.find(index, &[hash]).await.unwrap(), []);
    }
}

pub(super) async fn a_large_record_is_stored_whole(bench: Bench) {
    let store = bench.open().await;
    let large = Row {
        record: (0..=255).cycle().take(1 << 20).collect(),
        ..row()
    };
    store.insert(KEY, &large).await.unwrap();
    assert_eq!(store.load(KEY).await.unwrap(), Some(large));
}

pub(super) async fn a_working_store_answers(bench: Bench) {
    bench.open().await.ping().await.unwrap();
}
