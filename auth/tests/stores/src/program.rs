//! A server program: started, waited for, signalled, and never left alone.

use std::{
    env,
    ffi::OsStr,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

/// Far longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program.
#[derive(Debug)]
pub(crate) struct Program {
    id: u32,
    keeper: Option<JoinHandle<()>>,
}

impl Program {
    /// Runs `command` until it prints `ready`. If it ends before, the error is what it printed.
    pub(crate) fn start(mut command: Command, ready: &'static str) -> Result<Self, String> {
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        command.stdout(writer.try_clone().expect("a pipe's end can be shared"));
        command.stderr(writer);
        let (sender, receiver) = mpsc::channel();
        // The thread that starts a program counts as its parent, with whose death it dies. So this one starts it and
        // stays; the caller's may be any that comes and goes.
        let keeper = thread::spawn(move || {
            let mut child = command.spawn().expect("a program that was found can be started");
            drop(command); // Holds the pipe open.
            keep(&mut child, BufReader::new(reader), ready, &sender);
        });
        let said = receiver
            .recv_timeout(PATIENCE)
            .expect("the program starts in time");
        said.map(|id| Self {
            id,
            keeper: Some(keeper),
        })
    }

    pub(crate) fn signal(&self, name: &str) {
        // By the shell, which has the command built in.
        let id = self.id.to_string();
        let sent = Command::new("sh")
            .args(["-c", r#"kill -s "$0" "$1""#, name, &id])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "{name} cannot be sent");
    }

    /// Waits until the program has ended, and everything that it started.
    pub(crate) fn wait(mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.join().expect("nothing in there panics");
        }
    }
}

fn keep(child: &mut Child, output: impl BufRead, ready: &str, sender: &mpsc::Sender<Result<u32, String>>) {
    let mut said = String::new();
    let mut is_ready = false;
    // Ends when the last process that holds the other end of the pipe has ended.
    for line in output.lines().map_while(Result::ok) {
        if !is_ready {
            said.push_str(&line);
            said.push('\n');
            if line.contains(ready) {
                is_ready = true;
                let _ = sender.send(Ok(child.id()));
            }
        }
    }
    let _ = child.wait();
    if !is_ready {
        let _ = sender.send(Err(said));
    }
}

/// A command that is killed when we are, and that runs as `user` if one is named.
pub(crate) fn bound_to_us(program: &Path, user: Option<&str>) -> Command {
    let Some(setpriv) = find("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Runs a command to its end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("a program that was found can be started");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Where a program is, if PATH knows it.
pub(crate) fn find(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name.as_ref()))
        .find(|program| program.is_file())
}
