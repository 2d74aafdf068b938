//! The emulator as a process of `cargo xtask dev`.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{self, Failure, Outcome},
    project,
};

/// Its own default, too.
pub(super) const ADDRESS: &str = "127.0.0.1:3300";

/// The emulator we started; it ends when this is dropped, however that comes about.
pub(super) struct Emulator(Child);

impl Emulator {
    /// Builds and starts it, unless one already answers.
    pub(super) fn start(callback: &str) -> Outcome<Option<Self>> {
        if answers() {
            println!("✓ emulator: already running on http://{ADDRESS}");
            return Ok(None);
        }
        super::must_be_free(ADDRESS)?;
        println!("▸ emulator: building it takes about 3 minutes the first time, then seconds …");
        // Chosen together with the server, so that what both use is built once, in the server's way.
        let build = [
            "build",
            "--quiet",
            "--package",
            "emulator",
            "--package",
            "server",
            "--bin",
            "emulator",
        ];
        process::aloud(process::command("cargo").args(build))?;

        let log = process::log_file("emulator")?;
        let file = File::create(&log).map_err(|error| process::unwritable(&log, &error))?;
        let errors = file
            .try_clone()
            .map_err(|error| process::unwritable(&log, &error))?;
        let child = process::command(project::built("debug", "emulator"))
            .args(["--listen", ADDRESS, "--redirect-uri", callback])
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| Failure::new(format!("the emulator could not be started: {error}")))?;
        let mut emulator = Self(child);
        emulator.wait_until_ready(&log)?;
        println!(
            "✓ emulator: running on http://{ADDRESS}, log in {}",
            project::shown(&log)
        );
        Ok(Some(emulator))
    }

    fn wait_until_ready(&mut self, log: &Path) -> Outcome {
        // It makes RSA keys first, slowly in a debug build.
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if answers() {
                return Ok(());
            }
            if matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new(format!(
            "the emulator does not answer on {ADDRESS}: its log is {}.",
            project::shown(log)
        )))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It keeps nothing on disk, so that there is nothing to say goodbye to.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether an OpenID provider answers on the emulator's address.
fn answers() -> bool {
    discovery().is_some_and(|answer| answer.contains("\"issuer\""))
}

fn discovery() -> Option<String> {
    let address: SocketAddr = ADDRESS.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(
        stream,
        "GET /.well-known/openid-configuration HTTP/1.0\r\nHost: {ADDRESS}\r\n\r\n"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
