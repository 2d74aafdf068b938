//! PostgreSQL and Redis for tests: started on a free port in a folder of their own, gone with the test (promise 11).
//!
//! The programs are those of the machine (Debian's packages `postgresql` and `redis-server`). Where there are none, a
//! test says so and passes, but not where `CI=true`: there it fails.
//!
//! Nothing stays behind. A server dies with the process that started it, however that dies; a folder that a killed test
//! left is removed by the next one.
//!
//! ```
//! use disposable_stores::{Redis, or_skip};
//!
//! let Some(redis) = or_skip(Redis::start()) else { return };
//! // … open a store at `redis.url()`, then see how it bears this:
//! redis.stop();
//! redis.start_again();
//! ```

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test tool: whatever goes wrong must stop the test"
)]

mod folder;
mod port;
mod postgres;
mod program;
mod redis;
mod template;

pub use postgres::Postgres;
pub use redis::Redis;

/// A program that this machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent(&'static str);

impl std::fmt::Display for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "there is no {} here; `cargo xtask setup` installs it where it can",
            self.0
        )
    }
}

impl std::error::Error for Absent {}

/// What was started, or nothing and a word about it: then the test ends here, having proved nothing.
///
/// # Panics
///
/// When `CI=true`: a check that everybody relies on must not pass without having run.
pub fn or_skip<T>(started: Result<T, Absent>) -> Option<T> {
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    started
        .map_err(|absent| {
            let word = skipped(absent, is_ci).unwrap_or_else(|absent| panic!("{absent}"));
            eprintln!("{word}");
        })
        .ok()
}

/// The word about a test that does without what is absent, where it may.
fn skipped(absent: Absent, is_ci: bool) -> Result<String, Absent> {
    if is_ci {
        Err(absent)
    } else {
        Ok(format!("skipped: {absent}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Absent = Absent("Redis");

    #[test]
    fn what_is_absent_is_skipped_with_a_word_about_it() {
        let word = skipped(ABSENT, false).unwrap();
        assert_eq!(word, format!("skipped: {ABSENT}"));
    }

    #[test]
    fn nothing_is_skipped_in_ci() {
        assert_eq!(skipped(ABSENT, true), Err(ABSENT));
    }

    #[test]
    fn what_was_started_is_used() {
        assert_eq!(or_skip(Ok(7)), Some(7));
    }
}
