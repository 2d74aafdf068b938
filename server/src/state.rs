//! What every request may use: built once at start.

use std::sync::Arc;

use app::context::Services;
use auth::{
    client::Client,
    clock::{Surroundings, Throttle},
    config::Settings,
    http::{HttpClient, HttpError},
    management::Management,
    refresh::Sessions,
    store::{RowStore, StoreError},
    vault::SessionVault,
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;

/// The server's state. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    /// What pages and server functions use.
    pub services: Services,
    /// What Leptos needs.
    pub leptos: LeptosOptions,
    /// How many proxies in front of the server are believed about where a request comes from.
    pub trusted_proxies: usize,
    strange_cookies: Arc<Throttle>,
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
        let sessions = Sessions::new(vault, Arc::new(client.clone()), surroundings.clone());
        let services = Services {
            management: Management::new(client.clone()),
            client,
            sessions,
            secrets: settings.session.secrets.clone(),
            surroundings,
            session_lifetime: time::Duration::try_from(settings.session.absolute_timeout)
                .unwrap_or(time::Duration::MAX),
            emulated,
        };
        Self {
            services,
            leptos,
            trusted_proxies: settings.trusted_proxies,
            strange_cookies: Arc::default(),
        }
    }
}

impl AppState {
    /// Tells the log, at most once a second, of a session cookie that cannot be one of ours. It counts as none.
    pub(crate) fn tell_strange_cookie(&self) {
        if self.strange_cookies.lets_pass(self.services.surroundings.now()) {
            tracing::info!("a session cookie is malformed; treated as absent");
        }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
