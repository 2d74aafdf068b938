//! PostgreSQL and Redis, whose programs tests start in folders of their own: Debian's packages, where they can be
//! installed. Elsewhere the tests that need them are skipped.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Step, debian};
use crate::process::{self, Outcome};

/// Where Debian keeps PostgreSQL's programs, one folder a version; PATH has none of them.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What Debian's package asks before it makes a database server of its own.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

pub(super) fn ensure() -> Outcome {
    if found().is_none() && !debian::can_install() {
        println!(
            "– PostgreSQL and Redis: not here, so tests with them are skipped. To run them, install both and have \
             `initdb`, `postgres`, `psql` and `redis-server` in PATH."
        );
        return Ok(());
    }
    Step {
        brings: "PostgreSQL and Redis",
        usually: "installing them takes about 1 minute",
    }
    .run(found(), || {
        want_no_database()?;
        debian::install(&["postgresql", "redis-server"])
    })
}

fn found() -> Option<String> {
    let postgres = process::find("initdb").or_else(of_debian)?;
    let redis = process::find("redis-server")?;
    Some(format!("{}, {}", postgres.display(), redis.display()))
}

fn of_debian() -> Option<PathBuf> {
    let mut versions = fs::read_dir(DEBIAN).ok()?.flatten();
    versions.find_map(|version| Some(version.path().join("bin/initdb")).filter(|initdb| initdb.is_file()))
}

/// Keeps the package from making a database and starting it with the machine: tests make their own. Whoever has settled
/// that already is left alone.
fn want_no_database() -> Outcome {
    if Path::new(CLUSTER_SETTINGS).exists() {
        return Ok(());
    }
    let write = format!(
        "mkdir -p \"$(dirname {CLUSTER_SETTINGS})\" && echo create_main_cluster=false > {CLUSTER_SETTINGS}"
    );
    process::quietly(
        debian::privileged("sh").args(["-c", &write]),
        "postgresql-settings",
    )
}
