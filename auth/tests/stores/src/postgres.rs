//! PostgreSQL with a database of its own: careless of power failures, as it does not outlive its test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use crate::{
    Absent,
    folder::Folder,
    port,
    program::{self, Program},
    template,
};

/// Where Debian keeps the programs, one folder a version; PATH has none of them.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    program: Mutex<Option<Program>>,
    port: u16,
    installation: Installation,
    folder: Folder,
}

impl Postgres {
    /// Starts one, with an empty database.
    pub fn start() -> Result<Self, Absent> {
        let installation = Installation::find().ok_or(Absent("PostgreSQL"))?;
        let folder = Folder::new();
        template::copy(&installation, &folder);
        loop {
            let port = port::free();
            match run(&installation, &folder, port) {
                Ok(program) => {
                    return Ok(Self {
                        program: Mutex::new(Some(program)),
                        port,
                        installation,
                        folder,
                    });
                }
                Err(said) if said.contains("in use") => {}
                Err(said) => panic!("PostgreSQL does not start: {said}"),
            }
        }
    }

    /// Where the database is, and who may do anything there.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it at once; connections break, and new ones are refused.
    pub fn stop(&self) {
        let mut program = self.program.lock().expect("nobody panicked");
        end(program.take().expect("it runs"));
    }

    /// Starts it where it was, with what it held.
    pub fn start_again(&self) {
        let again = run(&self.installation, &self.folder, self.port);
        let again = again.unwrap_or_else(|said| panic!("PostgreSQL does not start again: {said}"));
        *self.program.lock().expect("nobody panicked") = Some(again);
    }

    /// Everything in its tables, as bytes are: neither compressed nor in hexadecimal.
    pub fn dump(&self) -> Vec<u8> {
        let tables = self.sql(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
             WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        );
        let tables = String::from_utf8(tables).expect("names are text");
        let contents = tables
            .lines()
            .map(|table| self.sql(&format!("COPY {table} TO STDOUT (FORMAT binary)")));
        contents.collect::<Vec<_>>().concat()
    }

    /// Runs SQL and returns what it yields, a line a row. For a test that damages what is stored.
    pub fn sql(&self, sql: &str) -> Vec<u8> {
        let mut psql = Command::new(self.installation.program("psql"));
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set",
            "ON_ERROR_STOP=1",
        ])
        .args(["--dbname", &self.url(), "--command", sql]);
        program::output(&mut psql)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(program) = self.program.get_mut().ok().and_then(Option::take) {
            end(program);
        }
    }
}

fn end(program: Program) {
    program.signal("QUIT"); // "Immediate shutdown", as after a power failure.
    program.wait();
}

fn run(installation: &Installation, folder: &Folder, port: u16) -> Result<Program, String> {
    let mut command = installation.command("postgres");
    command
        .arg("-D")
        .arg(template::data(folder))
        .args(["-p", &port.to_string()]);
    for setting in [
        "listen_addresses=127.0.0.1",
        // Its path could be longer than a socket's may be.
        "unix_socket_directories=",
        // Kills of PostgreSQL lose nothing that way, only the machine's own would. (Commits stay synchronous for that.)
        "fsync=off",
        "full_page_writes=off",
        "autovacuum=off",
        "shared_buffers=4MB",
        "wal_level=minimal",
        "max_wal_senders=0",
        "lc_messages=C",
    ] {
        command.args(["-c", setting]);
    }
    Program::start(command, "ready to accept connections")
}

/// PostgreSQL's programs on this machine, and who runs them.
#[derive(Debug)]
pub(crate) struct Installation {
    programs: PathBuf,
    /// PostgreSQL refuses to run as root.
    user: Option<&'static str>,
}

impl Installation {
    fn find() -> Option<Self> {
        let programs = in_path().or_else(of_debian)?;
        let is_root = program::output(Command::new("id").arg("-u")).trim_ascii() == b"0";
        Some(Self {
            programs,
            user: is_root.then_some("postgres"),
        })
    }

    pub(crate) fn user(&self) -> Option<&'static str> {
        self.user
    }

    /// A command of PostgreSQL's, as somebody who may run it.
    pub(crate) fn command(&self, name: &str) -> Command {
        program::bound_to_us(&self.program(name), self.user)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }
}

fn in_path() -> Option<PathBuf> {
    // What PATH names may be a link to where all of them are.
    program::find("initdb")?
        .canonicalize()
        .ok()?
        .parent()
        .map(Path::to_owned)
}

fn of_debian() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).ok()?.flatten();
    let installed = versions.filter(|version| version.path().join("bin/postgres").is_file());
    let newest = installed.max_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().ok())?;
    Some(newest.path().join("bin"))
}
