//! A server as a process of its own: started, killed without warning, started again at the same address.

use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::Failure;

/// How long a server may take until it can sign people in. A debug build on a machine that is busy with the other one.
const START_PATIENCE: Duration = Duration::from_mins(1);
/// A server that listens already may not answer yet.
const GLANCE: Duration = Duration::from_secs(2);

/// What a server is started with.
pub(crate) struct Launch {
    /// The binary.
    pub(crate) program: PathBuf,
    /// Its configuration, where it listens included.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Where its log goes.
    pub(crate) log: PathBuf,
}

/// One of the servers. It ends when this is dropped, and when the soak ends, however that comes about.
pub(crate) struct Replica {
    /// How it is called in messages.
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    launch: Launch,
    child: Mutex<Option<Child>>,
}

impl Replica {
    pub(crate) fn new(name: &'static str, address: SocketAddr, launch: Launch) -> Self {
        Self {
            name,
            address,
            launch,
            child: Mutex::new(None),
        }
    }

    /// Starts it, and returns when it can sign people in, with how long that took.
    pub(crate) async fn start(&self, client: &reqwest::Client) -> Result<Duration, Failure> {
        let begun = Instant::now();
        *self.child() = Some(self.spawn().map_err(|error| self.failure(&error.to_string()))?);
        while begun.elapsed() < START_PATIENCE {
            let ready = client.get(format!("http://{}/readyz", self.address));
            let answer = ready.timeout(GLANCE).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(begun.elapsed());
            }
            let ended = self
                .child()
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(self.failure(&format!("it ended with {status}")));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(self.failure(&format!("it was not ready within {START_PATIENCE:?}")))
    }

    /// Ends it as a power cut would, and returns when it is gone.
    pub(crate) fn kill(&self) -> Result<(), Failure> {
        match self.child().take() {
            Some(child) => end(child).map_err(|error| self.failure(&error.to_string())),
            None => Ok(()),
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.launch.log)?;
        // The kernel ends it with us even if we are killed ourselves; where there is no such thing, being dropped has
        // to do. Not in a thread that ends before the soak does: the kernel would take that for our end.
        let bound = ["/usr/bin/setpriv", "/bin/setpriv"]
            .into_iter()
            .find(|program| std::path::Path::new(program).is_file());
        let mut command = match bound {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command
                    .args(["--pdeathsig", "KILL", "--"])
                    .arg(&self.launch.program);
                command
            }
            None => Command::new(&self.launch.program),
        };
        // What is set for the person who runs the soak is not for the servers, nor is the `.env` of the project.
        let foreign = std::env::vars_os().map(|(name, _)| name).filter(|name| {
            let name = name.to_string_lossy();
            ["SCALEKIT_", "SESSION_", "LEPTOS_", "RUST_LOG"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        });
        for name in foreign {
            command.env_remove(name);
        }
        command
            .current_dir(std::env::temp_dir())
            .envs(self.launch.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(log.try_clone()?)
            .stdout(log)
            .spawn()
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failure(&self, why: &str) -> Failure {
        Failure::Server {
            name: self.name,
            why: why.to_owned(),
            log: self.launch.log.clone(),
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(child) = self.child().take() {
            // It may have ended by itself.
            let _ = end(child);
        }
    }
}

/// Ends a process, and waits for the moment that takes.
fn end(mut child: Child) -> std::io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}
