//! From environment variables to everything the server needs, with the defaults of development where they apply.

use std::{
    env, fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use auth::{
    clock::Surroundings,
    config::{ConfigurationError, Defaults, EmulatorDefaults, ISSUER_VARIABLES, Mistake, Settings},
    seal::Secrets,
};
use emulator::{Emulator, StartError};
use leptos::config::LeptosOptions;

use crate::cli::Exit;

/// Debug builds are for development: the emulator stands in for Scalekit and a session key is made and kept. A release
/// build assumes nothing.
pub const DEVELOPMENT: bool = cfg!(debug_assertions);

const DEFAULT_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 3000);
const OUTPUT_NAME: &str = "scalekit";
const DEVELOPMENT_DATA_DIRECTORY: &str = ".data";

/// All that the server needs to start.
#[derive(Debug)]
pub struct Configuration {
    /// What `auth` needs.
    pub settings: Settings,
    /// What Leptos needs: where to listen, where the site's files are.
    pub leptos: LeptosOptions,
    /// The emulator, if this process runs it.
    pub emulator: Option<Emulator>,
    /// Whether the provider is the emulator, wherever it runs.
    pub emulated: bool,
}

impl Configuration {
    /// Reads the environment (and `.env` in development), and starts the emulator if development needs one.
    pub async fn load() -> Result<Self, Exit> {
        if DEVELOPMENT {
            // Absent is fine; malformed is not.
            if let Err(error) = dotenvy::dotenv()
                && !error.not_found()
            {
                return Err(mistake(".env", &format!("cannot be read: {error}")));
            }
        }
        let (leptos, mut mistakes) = leptos_options();
        let data_directory = data_directory();
        let is_named = ISSUER_VARIABLES.iter().any(|name| variable(name).is_some());
        let emulator = if DEVELOPMENT && !is_named {
            Some(emulator_at(leptos.site_addr.port()).await?)
        } else {
            None
        };
        let redirect_uri =
            DEVELOPMENT.then(|| format!("http://localhost:{}/auth/callback", leptos.site_addr.port()));
        let session_secrets = if DEVELOPMENT && variable("SESSION_SECRETS").is_none() {
            Some(kept_secret(&data_directory).map_err(|error| {
                Exit::CannotServe(format!(
                    "cannot keep a session key in {}: {error}",
                    data_directory.display()
                ))
            })?)
        } else {
            None
        };
        let defaults = Defaults {
            emulator: emulator.as_ref().map(|(issuer, _)| EmulatorDefaults {
                issuer: issuer.clone(),
                client_id: emulator::CLIENT_ID.to_owned(),
                client_secret: emulator::CLIENT_SECRET.to_owned(),
            }),
            session_secrets,
            redirect_uri,
            data_directory,
        };
        match Settings::read(variable, &defaults) {
            Ok(settings) if mistakes.is_empty() => Ok(Self {
                emulated: settings.provider.client_id == emulator::CLIENT_ID,
                settings,
                leptos,
                emulator: emulator.and_then(|(_, emulator)| emulator),
            }),
            Ok(_) => Err(ConfigurationError(mistakes).into()),
            Err(ConfigurationError(more)) => {
                mistakes.extend(more);
                Err(ConfigurationError(mistakes).into())
            }
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn mistake(variable: &'static str, advice: &str) -> Exit {
    ConfigurationError(vec![Mistake {
        variable,
        advice: advice.to_owned(),
    }])
    .into()
}

fn leptos_options() -> (LeptosOptions, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let site_addr = match variable("LEPTOS_SITE_ADDR").map(|text| text.parse::<SocketAddr>()) {
        None => DEFAULT_ADDRESS.into(),
        Some(Ok(address)) => address,
        Some(Err(_)) => {
            let advice = "must be an address and a port, such as 0.0.0.0:3000".to_owned();
            mistakes.push(Mistake {
                variable: "LEPTOS_SITE_ADDR",
                advice,
            });
            DEFAULT_ADDRESS.into()
        }
    };
    let reload_port = variable("LEPTOS_RELOAD_PORT")
        .and_then(|text| text.parse().ok())
        .unwrap_or(3001);
    let options = LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(site_root().to_string_lossy().into_owned())
        .site_addr(site_addr)
        .reload_port(reload_port)
        .build();
    (options, mistakes)
}

/// Where the site's files are: `LEPTOS_SITE_ROOT`, or `site` beside the binary (as deployed), or beside its folder (as
/// built).
fn site_root() -> PathBuf {
    if let Some(root) = variable("LEPTOS_SITE_ROOT") {
        return root.into();
    }
    let folder = env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_path_buf))
        .unwrap_or_default();
    [folder.join("site"), folder.join("../site")]
        .into_iter()
        .find(|root| root.is_dir())
        .unwrap_or_else(|| "target/site".into())
}

/// Where files that outlive the process go: the project's `.data` in development; otherwise what systemd assigned, or
/// the user's own place for state (XDG Base Directory).
fn data_directory() -> PathBuf {
    if DEVELOPMENT {
        return DEVELOPMENT_DATA_DIRECTORY.into();
    }
    let named = |name, below: &str| variable(name).map(|path| PathBuf::from(path).join(below));
    named("STATE_DIRECTORY", "")
        .or_else(|| named("XDG_STATE_HOME", "scalekit-leptos"))
        .or_else(|| named("HOME", ".local/state/scalekit-leptos"))
        .unwrap_or_else(|| DEVELOPMENT_DATA_DIRECTORY.into())
}

/// The session key of development: made once, kept for its owner only, so that a restart keeps people signed in.
fn kept_secret(directory: &Path) -> io::Result<String> {
    let path = directory.join("session-secret");
    match fs::read_to_string(&path) {
        Ok(secret) => return Ok(secret.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::create_dir_all(directory)?;
    let secret = Secrets::generate(&Surroundings::system());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(secret.as_bytes())?;
    Ok(secret)
}

/// The emulator at its usual address: ours, or, if the address is taken, the one that `cargo xtask dev` keeps running
/// through our restarts.
async fn emulator_at(app_port: u16) -> Result<(String, Option<Emulator>), Exit> {
    let address: SocketAddr = emulator::DEFAULT_ADDR
        .parse()
        .map_err(|error| Exit::CannotServe(format!("the emulator's address is malformed: {error}")))?;
    let emulator = Emulator::builder()
        .listen(address)
        .redirect_uri(format!("http://localhost:{app_port}/auth/callback"))
        .start()
        .await;
    match emulator {
        Ok(emulator) => Ok((emulator.issuer().to_owned(), Some(emulator))),
        Err(StartError::Taken(_)) => Ok((format!("http://{address}"), None)),
        Err(error) => Err(Exit::CannotServe(format!("the emulator cannot start: {error}"))),
    }
}
