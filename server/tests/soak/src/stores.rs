//! The stores that servers can share, each a fresh one that ends with the soak.

use std::{fs, path::PathBuf};

use clap::ValueEnum;
use disposable_stores::{Absent, Postgres, Redis, or_skip};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// PostgreSQL
    Postgres,
    /// Redis
    Redis,
    /// A file that two processes on one machine share
    Sqlite,
    /// PostgreSQL, then Redis: those that servers on several machines can share
    All,
}

impl Choice {
    /// Starts them. It blocks until that has happened.
    ///
    /// Who leaves the choice to us gets what the machine has, as in the other tests: all of it where `CI=true`, SQLite
    /// at least.
    pub(crate) fn start(self) -> Result<Vec<Store>, Absent> {
        let postgres = || Ok(Store::Postgres(Box::new(Postgres::start()?)));
        let redis = || Ok(Store::Redis(Redis::start()?));
        Ok(match self {
            Self::Postgres => vec![postgres()?],
            Self::Redis => vec![redis()?],
            Self::Sqlite => vec![Store::sqlite()],
            Self::All => {
                let found = [or_skip(postgres()), or_skip(redis())];
                let mut found: Vec<_> = found.into_iter().flatten().collect();
                if found.is_empty() {
                    found.push(Store::sqlite());
                }
                found
            }
        })
    }
}

/// A store that is there until this is dropped.
pub(crate) enum Store {
    Postgres(Box<Postgres>),
    Redis(Redis),
    Sqlite(PathBuf),
}

impl Store {
    fn sqlite() -> Self {
        let name = format!("soak-{}.db", std::process::id());
        Self::Sqlite(std::env::temp_dir().join(name))
    }

    /// In tables and file names.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Redis(_) => "redis",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// `SESSION_STORE_URL`.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres(store) => store.url(),
            Self::Redis(store) => store.url(),
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Self::Sqlite(file) = self {
            for suffix in ["", "-wal", "-shm"] {
                // Not all of them are there.
                let _ = fs::remove_file(format!("{}{suffix}", file.display()));
            }
        }
    }
}
