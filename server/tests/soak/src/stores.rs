//! The stores that servers can share, each a fresh one that ends with the soak.

use std::{fs, path::PathBuf};

use clap::ValueEnum;
use disposable_stores::{Absent, Postgres, Redis};

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
    /// One by one.
    pub(crate) fn each(self) -> &'static [Kind] {
        match self {
            Self::Postgres => &[Kind::Postgres],
            Self::Redis => &[Kind::Redis],
            Self::Sqlite => &[Kind::Sqlite],
            Self::All => &[Kind::Postgres, Kind::Redis],
        }
    }
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Postgres,
    Redis,
    Sqlite,
}

/// A store that is there until this is dropped.
pub(crate) enum Store {
    Postgres(Box<Postgres>),
    Redis(Redis),
    Sqlite(PathBuf),
}

impl Kind {
    /// In tables and file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Sqlite => "sqlite",
        }
    }

    /// Starts one. It blocks until that has happened.
    pub(crate) fn start(self) -> Result<Store, Absent> {
        Ok(match self {
            Self::Postgres => Store::Postgres(Box::new(Postgres::start()?)),
            Self::Redis => Store::Redis(Redis::start()?),
            Self::Sqlite => {
                let name = format!("soak-{}.db", std::process::id());
                Store::Sqlite(std::env::temp_dir().join(name))
            }
        })
    }
}

impl Store {
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
