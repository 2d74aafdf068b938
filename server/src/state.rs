//! What every request may use: built once at start.

use std::sync::Arc;

use app::context::Services;
use auth::{
    client::Client,
    clock::Surroundings,
    config::Settings,
    http::{HttpClient, HttpError},
    store::{RowStore, SessionVault, StoreError},
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;

/// The server's state. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    /// What pages and server functions use.
    pub services: Services,
    /// The sessions.
    pub vault: SessionVault,
    /// What Leptos needs.
    pub leptos: LeptosOptions,
}

/// Why the state cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The session store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client cannot be built: the machine's TLS set-up is broken.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl AppState {
    /// Opens the session store and begins to discover the provider.
    pub async fn build(
        settings: &Settings,
        leptos: LeptosOptions,
        emulated: bool,
        surroundings: Surroundings,
    ) -> Result<Self, StateError> {
        let rows = settings.session.store.open().await?;
        Ok(Self::over(
            rows,
            HttpClient::new()?,
            settings,
            leptos,
            emulated,
            surroundings,
        ))
    }

    /// Like [`AppState::build`], over a store that is open already and with an HTTP client of your choice.
    pub fn over(
        rows: Arc<dyn RowStore>,
        http: HttpClient,
        settings: &Settings,
        leptos: LeptosOptions,
        emulated: bool,
        surroundings: Surroundings,
    ) -> Self {
        let vault = SessionVault::new(rows, &settings.session, surroundings.clone());
        let client = Client::start(settings.provider.clone(), http, surroundings.clone());
        let services = Services {
            client,
            secrets: settings.session.secrets.clone(),
            surroundings,
            session_lifetime: time::Duration::try_from(settings.session.absolute_timeout)
                .unwrap_or(time::Duration::MAX),
            emulated,
        };
        Self {
            services,
            vault,
            leptos,
        }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
