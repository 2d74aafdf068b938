//! What every request may use: built once at start.

use app::context::Services;
use auth::{
    client::Client,
    clock::Surroundings,
    config::Settings,
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
    Http(#[from] auth::http::HttpError),
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
        Self::over(rows, settings, leptos, emulated, surroundings)
    }

    /// Like [`AppState::build`], over a store that is open already.
    pub fn over(
        rows: std::sync::Arc<dyn RowStore>,
        settings: &Settings,
        leptos: LeptosOptions,
        emulated: bool,
        surroundings: Surroundings,
    ) -> Result<Self, StateError> {
        let vault = SessionVault::new(rows, &settings.session, surroundings.clone());
        let client = Client::start(settings.provider.clone(), surroundings.clone())?;
        let services = Services {
            client,
            secrets: settings.session.secrets.clone(),
            surroundings,
            session_lifetime: time::Duration::try_from(settings.session.absolute_timeout)
                .unwrap_or(time::Duration::MAX),
            emulated,
        };
        Ok(Self {
            services,
            vault,
            leptos,
        })
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
