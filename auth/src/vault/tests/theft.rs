//! A copy of a store's data opens nothing without the cookies, not even with the secrets (promise 8).

use super::*;

/// All that a thief of the whole store has, searched for what nobody may find in it.
fn assert_closed(copy: &[u8], signed_in: &SignedIn, id: Id) {
    let tokens = &signed_in.tokens;
    let secrets = [
        tokens.access_token.expose(),
        tokens.refresh_token.as_ref().unwrap().expose(),
        tokens.id_token.expose(),
        &signed_in.user.sub,
        signed_in.user.email.as_deref().unwrap(),
        &id.to_string(),
    ];
    assert!(!copy.is_empty());
    for secret in secrets {
        let is_in_it = copy.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_in_it, "{secret} can be read");
    }
    let raw_id = id.0.to_le_bytes();
    assert!(!copy.windows(raw_id.len()).any(|part| part == raw_id));
}

/// With the rows and the secrets: every key that can be derived without the cookie is tried.
async fn assert_secrets_do_not_help(bench: &Bench, id: Id) {
    let (key, row) = (row_key(id), bench.row(id).await);
    let open = |ingredient: &[u8]| {
        let context = context(key, row.version);
        bench
            .vault
            .secrets
            .open(Purpose::Session, ingredient, &context, &row.record)
    };
    for ingredient in [&[][..], &key.0, &key.0[..16], &row.version.to_le_bytes()] {
        assert!(open(ingredient).is_err());
    }
    assert!(open(&id.0.to_le_bytes()).is_ok(), "only the cookie does");
    for purpose in [Purpose::SessionSummary, Purpose::Transaction, Purpose::Index] {
        for ingredient in [&[][..], &key.0] {
            let context = context(key, row.version);
            let opened = bench
                .vault
                .secrets
                .open(purpose, ingredient, &context, &row.record);
            assert!(opened.is_err());
        }
    }
}

#[tokio::test]
async fn a_copy_of_memory_s_rows() {
    let bench = Bench::over(Arc::<MemoryStore>::default(), KEY);
    let id = bench.begun().await;
    let row = bench.row(id).await;
    assert_closed(&[row.record, row.summary].concat(), &bench.somebody(), id);
    assert_secrets_do_not_help(&bench, id).await;
}

#[tokio::test]
async fn a_copy_of_sqlite_s_files() {
    let folder = Folder::new();
    let bench = Bench::over(folder.open().await, KEY);
    let id = bench.begun().await;
    let files = std::fs::read_dir(&folder.0).unwrap();
    let copy: Vec<u8> = files
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert_closed(&copy, &bench.somebody(), id);
    assert_secrets_do_not_help(&bench, id).await;
}

#[tokio::test]
async fn a_copy_of_postgres_tables() {
    let Some(postgres) = or_skip(Postgres::start()) else {
        return;
    };
    let bench = Bench::over(open(&postgres.url()).await, KEY);
    let id = bench.begun().await;
    assert_closed(&postgres.dump(), &bench.somebody(), id);
    assert_secrets_do_not_help(&bench, id).await;
}

#[tokio::test]
async fn a_copy_of_redis_memory() {
    let Some(redis) = or_skip(Redis::start()) else {
        return;
    };
    let bench = Bench::over(open(&redis.url()).await, KEY);
    let id = bench.begun().await;
    assert_closed(&redis.dump(), &bench.somebody(), id);
    assert_secrets_do_not_help(&bench, id).await;
}
