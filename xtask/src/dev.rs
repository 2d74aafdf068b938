//! `cargo xtask dev`: the app with live reload, and the offline Scalekit emulator beside it.
//!
//! The emulator is a process of its own, so that it remembers its sessions while the app is rebuilt and restarted.

mod emulator;
mod signals;

use std::{
    env, fs,
    net::{TcpListener, ToSocketAddrs as _},
    process::Child,
    thread,
    time::Duration,
};

use crate::{
    process::{self, Failure, Outcome},
    project, setup,
};
use emulator::Emulator;
use signals::Stop;

/// The long help text.
pub(crate) const ABOUT: &str = "\
Start the app with live reload, and an offline Scalekit to sign in with.

Sets up what is missing, starts the emulator, then runs `cargo leptos watch` until Ctrl-C.
The first build takes about 7 minutes on two cores, later ones seconds.

With SCALEKIT_ENV_URL set (in the environment or in .env), people sign in there, and the
emulator stays off.";

/// What the server calls itself at the emulator; worthless anywhere else.
pub(crate) const CLIENT: [(&str, &str); 2] = [
    ("SCALEKIT_CLIENT_ID", "skc_emulator"),
    ("SCALEKIT_CLIENT_SECRET", "emulator-secret-not-for-production"),
];

/// Each of them says where the real Scalekit environment is.
const ENVIRONMENT_NAMES: [&str; 3] = ["SCALEKIT_ENV_URL", "SCALEKIT_ENVIRONMENT_URL", "SCALEKIT_DOMAIN"];

/// The command itself.
pub(crate) fn run() -> Outcome {
    let site = env::var("LEPTOS_SITE_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    must_be_free(&site)?;
    setup::ensure(setup::FOR_DEVELOPMENT)?;

    let port = site.rsplit(':').next().unwrap_or("3000");
    let mut watch = process::command("cargo");
    watch.args(["leptos", "watch"]);

    let stop = Stop::watch()?;
    let real = real_environment();
    let emulator = if real.is_none() {
        let callback = format!("http://localhost:{port}/auth/callback");
        watch
            .env("SCALEKIT_ENV_URL", format!("http://{}", emulator::ADDRESS))
            .env("SCALEKIT_REDIRECT_URI", &callback)
            .envs(CLIENT);
        Emulator::start(&callback)?
    } else {
        None
    };
    println!("\n{}\n", welcome(port, real.as_deref()));

    let mut child = watch
        .spawn()
        .map_err(|error| Failure::new(format!("`cargo leptos watch` could not be started: {error}")))?;
    let mut passed_on = false;
    let status = loop {
        if let Some(status) = child
            .try_wait()
            .map_err(|error| Failure::new(error.to_string()))?
        {
            break status;
        }
        // The terminal sends Ctrl-C to cargo-leptos as well; a plain `kill` reaches only us and is passed on, once, as
        // the signal on which cargo-leptos stops its server. Killed outright it would leave that behind.
        if stop.reached_only_us() && !passed_on {
            passed_on = true;
            interrupt(&child);
        }
        thread::sleep(Duration::from_millis(100));
    };
    drop(emulator);
    if stop.requested() {
        println!("\nStopped.");
        return Ok(());
    }
    process::judge(&watch, Ok(status))
}

fn must_be_free(address: &str) -> Outcome {
    let taken = address
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .map(TcpListener::bind);
    match taken {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(Failure::new(format!(
            "{address} is taken ({error}): stop what runs there, perhaps another `cargo xtask dev`, then try again."
        ))),
        None => Err(Failure::new(format!(
            "{address} is not an address: write it as 127.0.0.1:3000."
        ))),
    }
}

/// The real Scalekit environment somebody configured, if any.
fn real_environment() -> Option<String> {
    let set = ENVIRONMENT_NAMES
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    set.or_else(|| environment_in(&fs::read_to_string(project::root().join(".env")).ok()?))
}

fn environment_in(dotenv: &str) -> Option<String> {
    dotenv.lines().find_map(|line| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (ENVIRONMENT_NAMES.contains(&name.trim()) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// What people see before the build's output: where to click and who can sign in.
fn welcome(port: &str, real: Option<&str>) -> String {
    let mut lines = vec![
        format!("Open http://localhost:{port} once the build below is done."),
        String::new(),
    ];
    if let Some(real) = real {
        lines.push(format!("People sign in at {real}."));
    } else {
        lines.extend([
            "Sign in as".to_owned(),
            "  Ada Admin <ada@acme.example>, who may change Acme Corp's settings".to_owned(),
            "  or anybody else on the emulator's page".to_owned(),
            "  or any name+sktest@anything.example with the code 424242".to_owned(),
        ]);
    }
    lines.extend([String::new(), "Stop with Ctrl-C.".to_owned()]);
    framed(&lines)
}

fn framed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let edge = "─".repeat(width + 4);
    let body = lines.iter().map(|line| format!("│  {line:<width$}  │"));
    let all = std::iter::once(format!("╭{edge}╮"))
        .chain(body)
        .chain([format!("╰{edge}╯")]);
    all.collect::<Vec<_>>().join("\n")
}

/// Asks a process to end as Ctrl-C would.
fn interrupt(child: &Child) {
    // The standard library can only kill outright; where `kill` is missing, the next Ctrl-C does it.
    let _ = process::command("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status();
}

#[cfg(test)]
mod tests {
    use super::{environment_in, framed};

    #[test]
    fn a_configured_environment_keeps_the_emulator_off() {
        let real = Some("https://acme.scalekit.dev".to_owned());
        assert_eq!(
            environment_in("# x\nexport SCALEKIT_ENV_URL=\"https://acme.scalekit.dev\"\n"),
            real
        );
        assert_eq!(environment_in("SCALEKIT_DOMAIN=https://acme.scalekit.dev"), real);
    }

    #[test]
    fn a_commented_or_empty_setting_is_none() {
        assert_eq!(
            environment_in("#SCALEKIT_ENV_URL=https://a.example\nSCALEKIT_ENV_URL=\nOTHER=1"),
            None
        );
    }

    #[test]
    fn the_frame_fits_its_longest_line() {
        assert_eq!(
            framed(&["a".to_owned(), "héé".to_owned()]),
            "╭───────╮\n│  a    │\n│  héé  │\n╰───────╯"
        );
    }
}
