//! Starting and stopping an emulator.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    CLIENT_ID, CLIENT_SECRET,
    client::{self, Client},
    control::Control,
    environment::Environment,
    keys::KeyRing,
    router::router,
    store::State,
    wire::{Peer, Wire},
};

/// How long requests under way get when the emulator is shut down.
const PATIENCE: Duration = Duration::from_secs(2);

/// The application of the development server.
const DEFAULT_REDIRECT_URI: &str = "http://localhost:3000/auth/callback";

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Other machines could reach this address.
    #[error("{0} can be reached from other machines; the emulator listens on a loopback address only")]
    NotLoopback(SocketAddr),
    /// Another program listens there.
    #[error("{0} is already in use by another program; stop that program or choose another port")]
    Taken(SocketAddr),
    /// The system refused for another reason.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A redirect URI is not an absolute URL or has a fragment.
    #[error("{0} cannot be a redirect URI: it must be an absolute URL without a fragment")]
    RedirectUri(String),
    /// The cryptographic library could not make a key.
    #[error("no signing key could be made")]
    Key,
}

/// What an emulator is started with.
#[derive(Debug, Clone)]
#[must_use = "call `start` to run it"]
pub struct Builder {
    listen: SocketAddr,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

impl Builder {
    /// Where to listen: a loopback address. The default is `127.0.0.1` and a port that is free.
    pub fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// Registers an address that a sign-in may return to. Compared exactly. Without any it is
    /// `http://localhost:3000/auth/callback`.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers an address that a logout may return to. Compared exactly. Without any they are the origins of the
    /// redirect URIs, with and without a slash, and their `/signed-out`.
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Starts it. It serves until it is dropped or shut down.
    pub async fn start(mut self) -> Result<Emulator, StartError> {
        if !self.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(self.listen));
        }
        if self.redirect_uris.is_empty() {
            self.redirect_uris.push(DEFAULT_REDIRECT_URI.to_owned());
        }
        for uri in self.redirect_uris.iter().chain(&self.post_logout_redirect_uris) {
            if Url::parse(uri).map_or(true, |url| url.fragment().is_some()) {
                return Err(StartError::RedirectUri(uri.clone()));
            }
        }
        if self.post_logout_redirect_uris.is_empty() {
            for origin in self.redirect_uris.iter().filter_map(|uri| client::origin(uri)) {
                let defaults = [
                    origin.clone(),
                    format!("{origin}/"),
                    format!("{origin}/signed-out"),
                ];
                self.post_logout_redirect_uris.extend(defaults);
            }
        }

        let listener = TcpListener::bind(self.listen)
            .await
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => StartError::Taken(self.listen),
                _ => StartError::Listen {
                    address: self.listen,
                    source,
                },
            })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: self.listen,
            source,
        })?;
        let keys = KeyRing::generate().map_err(|_| StartError::Key)?;
        let client = Client::new(
            CLIENT_ID,
            CLIENT_SECRET,
            self.redirect_uris,
            self.post_logout_redirect_uris,
        );
        let environment = Arc::new(Environment::new(
            format!("http://{address}"),
            client,
            State::new(keys),
        ));

        let service = router(Arc::clone(&environment)).into_make_service_with_connect_info::<Peer>();
        let mut stopping = environment.stopping.subscribe();
        let serving = axum::serve(Wire(listener), service).with_graceful_shutdown(async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the emulator stopped serving");
            }
        });
        Ok(Emulator {
            environment,
            task: Some(task),
        })
    }
}

/// A running emulator. It stops when it is dropped.
#[must_use = "it stops when it is dropped"]
pub struct Emulator {
    environment: Arc<Environment>,
    task: Option<JoinHandle<()>>,
}

impl Emulator {
    /// What to start it with.
    pub fn builder() -> Builder {
        Builder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }

    /// Its address and the `iss` of its tokens: `http://127.0.0.1:PORT`, no trailing slash.
    pub fn issuer(&self) -> &str {
        &self.environment.issuer
    }

    /// The means to move its clock and make it misbehave.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.environment))
    }

    /// Stops accepting, lets requests under way finish for two seconds, and returns when it is over.
    pub async fn shutdown(mut self) {
        self.environment.stopping.send_replace(true);
        if let Some(task) = self.task.take() {
            let aborter = task.abort_handle();
            if tokio::time::timeout(PATIENCE, task).await.is_err() {
                aborter.abort();
            }
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.environment.stopping.send_replace(true);
        // Frees the port at once; connections that are open end with their request.
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("issuer", &self.environment.issuer)
            .finish_non_exhaustive()
    }
}
