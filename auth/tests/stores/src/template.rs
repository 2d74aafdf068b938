//! The data folder that a new PostgreSQL begins with. Making one takes half a second, copying it a tenth: every version
//! of PostgreSQL has one among the temporary files, from which each test takes its own.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    folder::Folder,
    postgres::Installation,
    program::{self, bound_to_us},
};

/// Where the data of the server in `folder` is.
pub(crate) fn data(folder: &Folder) -> PathBuf {
    folder.path().join("data")
}

/// Gives the server in `folder` its data.
pub(crate) fn copy(installation: &Installation, folder: &Folder) {
    let template = template(installation);
    give(folder.path(), installation);
    let copy = program::find("cp").expect("every system has cp");
    program::output(
        bound_to_us(&copy, installation.user())
            .arg("-R")
            .arg(template)
            .arg(data(folder)),
    );
}

fn template(installation: &Installation) -> PathBuf {
    let version = program::output(installation.command("postgres").arg("--version"));
    // "postgres (PostgreSQL) 15.18 (Debian …)"
    let version = String::from_utf8_lossy(&version);
    let version = version
        .split_whitespace()
        .nth(2)
        .expect("PostgreSQL tells its version");
    // Others cannot read ours, nor we theirs.
    let owner = program::output(Command::new("id").arg("-u"));
    let owner = String::from_utf8_lossy(&owner);
    let name = format!("disposable-postgres-{version}-{}", owner.trim());
    let place = std::env::temp_dir().join(&name);
    let finished = place.join("data");
    let lock = std::env::temp_dir().join(format!("{name}.lock"));

    let lock = File::create(lock).expect("a file can be made among the temporary files");
    lock.lock().expect("the file can be locked");
    if !finished.is_dir() {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir(&place).expect("a folder can be made among the temporary files");
        give(&place, installation);
        let unfinished = place.join("unfinished");
        program::output(
            installation
                .command("initdb")
                .args([
                    "--no-sync",
                    "--auth",
                    "trust",
                    "--username",
                    "postgres",
                    "--no-instructions",
                ])
                // The smallest, of which there is one: less to copy.
                .args([
                    "--encoding",
                    "UTF8",
                    "--locale",
                    "C",
                    "--wal-segsize",
                    "1",
                    "--pgdata",
                ])
                .arg(&unfinished),
        );
        drop_templates(installation, &unfinished);
        fs::rename(unfinished, &finished).expect("a folder can be renamed in its place");
    }
    finished
}

/// Removes what new databases are made from. No test makes any, and it is two thirds of what is to be copied.
fn drop_templates(installation: &Installation, data: &Path) {
    let mut single = installation.command("postgres");
    // Without a server: reads a statement a line.
    single.args(["--single", "-j", "-D"]).arg(data).arg("postgres");
    let (reader, mut writer) = io::pipe().expect("a pipe can be made");
    let statements = b"UPDATE pg_database SET datistemplate = false;\n\nDROP DATABASE template0;\n\nDROP DATABASE template1;\n\n";
    writer.write_all(statements).expect("they fit into a pipe");
    drop(writer);
    program::output(single.stdin(reader));
}

/// Lets whoever runs PostgreSQL write to `folder`.
fn give(folder: &Path, installation: &Installation) {
    if let Some(user) = installation.user() {
        program::output(Command::new("chown").arg(user).arg(folder));
    }
}
