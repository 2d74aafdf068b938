//! `server --check`: is everything in place, before traffic is sent here?

use std::{io::Write as _, time::Duration};

use auth::clock::Surroundings;

use crate::{cli::Exit, configuration::Configuration, serve::advice, state::AppState};

/// Discovery makes a few attempts in this time.
const PATIENCE: Duration = Duration::from_secs(12);

/// Opens the store and reaches the provider; says what works and what does not.
pub async fn check(configuration: Configuration) -> Result<(), Exit> {
    let Configuration {
        settings,
        leptos,
        emulator: _running,
        emulated,
    } = configuration;
    let mut out = std::io::stdout();
    let _ = writeln!(out, "ok: the configuration is complete");
    if !std::path::Path::new(&*leptos.site_root)
        .join(&*leptos.site_pkg_dir)
        .is_dir()
    {
        return Err(Exit::CheckFailed(format!(
            "the site's files are not in {}; build with `cargo leptos build --release` or set LEPTOS_SITE_ROOT",
            leptos.site_root
        )));
    }
    let _ = writeln!(out, "ok: the site's files are in {}", leptos.site_root);

    let issuer = settings.provider.issuer.clone();
    let state = AppState::build(&settings, leptos, emulated, Surroundings::system())
        .await
        .map_err(|error| Exit::CheckFailed(advice(&error)))?;
    state
        .services
        .sessions
        .vault()
        .ping()
        .await
        .map_err(|error| Exit::CheckFailed(error.to_string()))?;
    let _ = writeln!(out, "ok: the session store answers");

    match tokio::time::timeout(PATIENCE, state.services.client.discovered()).await {
        Ok(Ok(_)) => {
            let _ = writeln!(out, "ok: the provider {issuer} is discovered");
            Ok(())
        }
        _ => Err(Exit::CheckFailed(format!(
            "the provider {issuer} cannot be discovered; check SCALEKIT_ENV_URL and that this machine may reach it \
             (the log above has the details)"
        ))),
    }
}
