//! Listening, and stopping when asked: whoever is being served is served to the end.

use std::{future::IntoFuture as _, io, io::Write as _, net::SocketAddr, time::Duration};

use auth::clock::Surroundings;
use axum::{ServiceExt, extract::Request};
use tokio::net::TcpListener;

use crate::{
    cli::Exit,
    configuration::Configuration,
    router::router,
    state::{AppState, StateError},
};

/// Longer than any request may take (`router`), shorter than what orchestrators wait before they kill.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(28);

/// Serves until SIGTERM or Ctrl-C.
pub async fn serve(configuration: Configuration) -> Result<(), Exit> {
    let Configuration {
        settings,
        leptos,
        emulator,
        emulated,
    } = configuration;
    let address = leptos.site_addr;
    // Before the session store is opened: a second server by mistake should touch nothing.
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Exit::CannotServe(match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("{address} is taken; stop whatever listens there or set LEPTOS_SITE_ADDR to another address")
            }
            _ => format!("cannot listen on {address}: {error}; set LEPTOS_SITE_ADDR to another address"),
        })
    })?;
    let state = AppState::build(&settings, leptos, emulated, Surroundings::system())
        .await
        .map_err(|error| Exit::CannotServe(advice(&error)))?;
    let application = router(&state).map_err(|error| Exit::CannotServe(error.to_string()))?;
    let (client, sessions) = (state.services.client.clone(), state.services.sessions.clone());
    tokio::spawn(sessions.vault().clone().keep_sweeping());

    let mut terminal = io::stderr();
    let _ = writeln!(
        terminal,
        "Serving {} on http://{address}",
        settings.provider.public_origin
    );
    if let Some(emulator) = &emulator {
        let _ = writeln!(
            terminal,
            "Scalekit emulator on {}; sign in as {}",
            emulator.issuer(),
            people()
        );
    }
    tracing::info!(server.address = %address, server.origin = %settings.provider.public_origin, "serving");

    let (stop, mut stopping) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        told_to_stop().await;
        stop.send_replace(true);
    });
    let mut told = stopping.clone();
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(application);
    let serving = axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = told.wait_for(|told| *told).await;
        })
        .into_future();
    let to_the_end = async {
        let served = serving.await;
        // What was traded and not stored would be lost, and a session with it (promise 13).
        client.settled().await;
        sessions.settled().await;
        served
    };
    let out_of_patience = async {
        let _ = stopping.wait_for(|told| *told).await;
        tokio::time::sleep(SHUTDOWN_PATIENCE).await;
    };
    tokio::select! {
        served = to_the_end => served.map_err(|error| Exit::CannotServe(error.to_string()))?,
        // Somebody holds a connection open without finishing a request.
        () = out_of_patience => tracing::warn!("connections or refreshes were still open when the time to stop was over"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Which variable to look at, where the state cannot be built.
pub(crate) fn advice(error: &StateError) -> String {
    match error {
        StateError::Store(_) => {
            format!("{error}; check SESSION_STORE_URL, and that this machine may reach it")
        }
        StateError::Http(_) => error.to_string(),
    }
}

fn people() -> String {
    emulator::people()
        .iter()
        .map(emulator::Person::name)
        .collect::<Vec<_>>()
        .join(", ")
}

async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
