//! What the suites rely on: a server that answers, keeps what it holds while it is stopped, and leaves nothing behind.

use std::net::TcpStream;

use disposable_stores::{Absent, Postgres, Redis, or_skip};

/// Whether anybody accepts connections where a URL points to.
fn answers(url: &str) -> bool {
    let mut parts = url.split(['/', '@']);
    let address = parts.find(|part| part.starts_with("127.0.0.1:"));
    TcpStream::connect(address.unwrap_or(url)).is_ok()
}

#[test]
fn postgres_keeps_its_tables_while_it_is_stopped() {
    let Some(postgres) = or_skip(Postgres::start()) else {
        return;
    };
    postgres.sql("CREATE TABLE words (word BYTEA); INSERT INTO words VALUES ('\\x0068690a')");
    postgres.stop();
    assert!(!answers(&postgres.url()));
    postgres.start_again();
    assert_eq!(postgres.sql("SELECT word FROM words"), b"\\x0068690a\n");
}

#[test]
fn redis_keeps_its_keys_while_it_is_stopped() {
    let Some(redis) = or_skip(Redis::start()) else {
        return;
    };
    redis.command("SET word hi");
    redis.stop();
    assert!(!answers(&redis.url()));
    redis.start_again();
    assert_eq!(redis.command("STRLEN word"), ":2");
}

#[test]
fn a_dump_shows_bytes_as_they_are() {
    let secret = "lovelace".repeat(500);
    if let Some(postgres) = or_skip(Postgres::start()) {
        postgres.sql(&format!(
            "CREATE TABLE words (word BYTEA); INSERT INTO words VALUES ('{secret}')"
        ));
        assert!(holds(&postgres.dump(), secret.as_bytes()));
    }
    if let Some(redis) = or_skip(Redis::start()) {
        redis.command(&format!("SET word {secret}"));
        assert!(holds(&redis.dump(), secret.as_bytes()));
    }
}

fn holds(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

#[test]
fn each_server_is_a_server_of_its_own() {
    let (Some(one), Some(other)) = (or_skip(Redis::start()), or_skip(Redis::start())) else {
        return;
    };
    one.command("SET word hi");
    assert_eq!(other.command("EXISTS word"), ":0");
}

#[test]
fn nothing_stays_behind() {
    let urls = [
        or_skip(Postgres::start()).map(|postgres| postgres.url()),
        or_skip(Redis::start()).map(|redis| redis.url()),
    ];
    for url in urls.into_iter().flatten() {
        assert!(!answers(&url), "{url}");
    }
}

#[test]
fn what_is_absent_says_how_to_get_it() {
    fn says_how(absent: Absent) -> bool {
        absent.to_string().contains("cargo xtask setup")
    }
    if let Err(absent) = Redis::start() {
        assert!(says_how(absent));
    }
}
