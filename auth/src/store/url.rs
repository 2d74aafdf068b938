//! `SESSION_STORE_URL`: which store, and where. What is wrong with it is said at start, before anything is opened.

use std::{fmt, path::PathBuf, str::FromStr as _, sync::Arc};

use ::redis::IntoConnectionInfo as _;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::{
    RowStore, StoreError, memory::MemoryStore, postgres::PostgresStore, redis::RedisStore,
    sqlite::SqliteStore,
};

/// What PostgreSQL's clients call by these names in a URL, and ours knows. It would print any other, with its value.
const POSTGRES_PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// `SESSION_STORE_URL`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `memory:`; sessions end with the process.
    Memory,
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with libpq's parameters for TLS.
    Postgres(ServerUrl),
    /// `redis://USER:PASSWORD@HOST:PORT/NUMBER`, or `rediss://` for TLS.
    Redis(ServerUrl),
}

/// The URL of a server, whose password is for that server only.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl {
    url: Url,
    place: String,
}

impl ServerUrl {
    /// The URL with everything in it. Every caller is a place where it leaves our hands.
    pub fn expose(&self) -> &str {
        self.url.as_str()
    }

    /// Host, port and database, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({}://[redacted]@{})", self.url.scheme(), self.place)
    }
}

/// What is wrong with a store URL, and what to do. Never quotes it: there may be a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreUrlError(pub &'static str);

impl StoreUrl {
    /// Reads a URL and says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", ":memory:")) => Err(StoreUrlError("must be memory: for sessions in memory")),
            Some(("sqlite", path)) => match path.strip_prefix("//").unwrap_or(path) {
                "" => Err(StoreUrlError(
                    "names no file; it looks like sqlite:/var/lib/app/sessions.db",
                )),
                path => Ok(Self::Sqlite(path.into())),
            },
            Some(("postgres" | "postgresql", _)) => postgres(text).map(Self::Postgres),
            Some(("redis" | "rediss", _)) => redis(text).map(Self::Redis),
            _ => Err(StoreUrlError(
                "must be memory:, sqlite:PATH, postgres://HOST/DATABASE, redis://HOST or rediss://HOST",
            )),
        }
    }

    /// Opens the store, or says within seconds why it cannot.
    pub async fn open(&self) -> Result<Arc<dyn RowStore>, StoreError> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::default()),
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Postgres(url) => Arc::new(PostgresStore::open(url).await?),
            Self::Redis(url) => Arc::new(RedisStore::open(url).await?),
        })
    }
}

fn postgres(text: &str) -> Result<ServerUrl, StoreUrlError> {
    let url = url(text)?;
    let parameter = |name: &str| {
        url.query_pairs()
            .any(|(key, value)| key == name && !value.is_empty())
    };
    if url
        .query_pairs()
        .any(|(key, _)| !POSTGRES_PARAMETERS.contains(&key.as_ref()))
    {
        return Err(StoreUrlError(
            "has a parameter after the question mark that is not known; known are sslmode, sslrootcert, sslcert, \
             sslkey, host, port, dbname, user, password, options and application_name",
        ));
    }
    if !has_host(&url) && !parameter("host") {
        return Err(StoreUrlError(
            "names no host; it looks like postgres://user:password@db.example.com/sessions",
        ));
    }
    if url.path().trim_matches('/').is_empty() && !parameter("dbname") {
        return Err(StoreUrlError(
            "names no database; it looks like postgres://user:password@db.example.com/sessions",
        ));
    }
    let options = PgConnectOptions::from_str(text).map_err(|_| {
        StoreUrlError(
            "has a parameter with a value that PostgreSQL does not know, such as of sslmode or port",
        )
    })?;
    let host = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let place = format!(
        "{host}:{}/{}",
        options.get_port(),
        options.get_database().unwrap_or_default()
    );
    Ok(ServerUrl { url, place })
}

fn redis(text: &str) -> Result<ServerUrl, StoreUrlError> {
    let url = url(text)?;
    if !has_host(&url) {
        return Err(StoreUrlError(
            "names no host; it looks like redis://:password@redis.example.com/0",
        ));
    }
    if url.fragment().is_some() {
        return Err(StoreUrlError(
            "must not end in #insecure or another fragment: who answers is always checked; percent-encode a # in the \
             password as %23",
        ));
    }
    let info = text.into_connection_info().map_err(|_| {
        StoreUrlError(
            "must end in the number of a database or in nothing: redis://:password@redis.example.com/0",
        )
    })?;
    let place = format!("{}/{}", info.addr(), info.redis_settings().db());
    Ok(ServerUrl { url, place })
}

fn url(text: &str) -> Result<Url, StoreUrlError> {
    Url::parse(text).map_err(|_| {
        StoreUrlError(
            "is no URL; percent-encode what is special in its password, such as @ as %40 and / as %2F",
        )
    })
}

fn has_host(url: &Url) -> bool {
    url.host_str().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(text: &str) -> &'static str {
        StoreUrl::parse(text).expect_err(text).0
    }

    fn place(text: &str) -> String {
        match StoreUrl::parse(text) {
            Ok(StoreUrl::Postgres(url) | StoreUrl::Redis(url)) => url.place().to_owned(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn store_urls_are_parsed() {
        assert_eq!(StoreUrl::parse("memory:"), Ok(StoreUrl::Memory));
        assert_eq!(
            StoreUrl::parse("sqlite:a/b.db"),
            Ok(StoreUrl::Sqlite("a/b.db".into()))
        );
        assert_eq!(
            StoreUrl::parse("sqlite:///a/b.db"),
            Ok(StoreUrl::Sqlite("/a/b.db".into()))
        );
        for wrong in [
            "",
            "memory",
            "sqlite:",
            "sqlite::memory:",
            "mysql://db",
            "/a/b.db",
            "redis",
            "postgres",
        ] {
            assert!(StoreUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_servers_place_is_host_port_and_database() {
        for (url, expected) in [
            ("postgres://ada:pw@db.example/app", "db.example:5432/app"),
            (
                "postgresql://db.example:6543/app?sslmode=verify-full",
                "db.example:6543/app",
            ),
            (
                "postgres:///?host=/var/run/postgresql&dbname=app",
                "/var/run/postgresql:5432/app",
            ),
            ("postgres://[::1]/app", "[::1]:5432/app"),
            ("redis://redis.example", "redis.example:6379/0"),
            ("rediss://:pw@redis.example:6380/2", "redis.example:6380/2"),
        ] {
            assert_eq!(place(url), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_do() {
        for (url, words) in [
            ("mysql://db", "must be memory:, sqlite:PATH, postgres://"),
            ("postgres:///app", "names no host"),
            ("postgres:app", "names no host"),
            ("postgres://db.example", "names no database"),
            ("postgres://db.example/", "names no database"),
            (
                "postgres://db.example/app?sslmode=on",
                "a value that PostgreSQL does not know",
            ),
            (
                "postgres://db.example/app?pasword=pw",
                "not known; known are sslmode",
            ),
            ("postgres://ada:p/w@db.example/app", "percent-encode"),
            ("redis://", "names no host"),
            ("redis:///0", "names no host"),
            ("redis://redis.example/sessions", "the number of a database"),
            ("rediss://redis.example#insecure", "who answers is always checked"),
        ] {
            let advice = advice(url);
            assert!(advice.contains(words), "{url}: {advice}");
        }
    }

    #[test]
    fn a_password_is_in_no_debug_output() {
        for url in [
            "postgres://ada:hunter2@db.example/app",
            "postgres://db.example/app?user=ada&password=hunter2",
            "redis://ada:hunter2@redis.example/0",
            "rediss://:hunter2@redis.example",
        ] {
            let url = StoreUrl::parse(url).unwrap();
            let printed = format!("{url:?}");
            assert!(!printed.contains("hunter2"), "{printed}");
            assert!(printed.contains(".example"), "{printed}");
        }
    }
}
