//! A server under test: the real router on a free port, with the emulator as provider and a clock that tests move.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use auth::{
    clock::{MovableClock, Surroundings, SystemEntropy},
    config::{Defaults, Settings},
    http::HttpClient,
    session::SignedIn,
    store::RowStore,
};
use axum::{ServiceExt, extract::Request};
use emulator::{Control, Emulator};
use leptos::config::LeptosOptions;
use misbehaving_provider::{Endpoint, MisbehavingProvider};
use server::{router::router, state::AppState};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::test_browser::{Answer, Browser};

const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A running server and its provider.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) emulator: Option<Emulator>,
    pub(crate) clock: MovableClock,
    pub(crate) state: AppState,
    store: String,
    origin: String,
    server: JoinHandle<()>,
}

/// How the server under test differs from the usual.
pub(crate) struct Setup {
    pub(crate) store: String,
    /// A store of the test's own, instead of the one that `store` names.
    pub(crate) rows: Option<Arc<dyn RowStore>>,
    /// Where people reach the server: its own address unless set.
    pub(crate) public_origin: Option<String>,
    /// The longest that any call to the provider may take.
    pub(crate) patience: Duration,
    /// Where the provider is: a fresh emulator unless set.
    pub(crate) issuer: Option<String>,
    /// Client ID and secret: the emulator's unless set.
    pub(crate) client: (&'static str, &'static str),
    /// The clock that it shares with other replicas.
    pub(crate) clock: MovableClock,
    /// Further variables of its environment, or others in the place of the usual.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            store: "memory:".to_owned(),
            rows: None,
            public_origin: None,
            patience: Duration::MAX,
            issuer: None,
            client: (emulator::CLIENT_ID, emulator::CLIENT_SECRET),
            clock: MovableClock::default(),
            variables: Vec::new(),
        }
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Setup::default().start().await
    }

    /// With a provider that misbehaves, once it is discovered.
    pub(crate) async fn at(provider: &MisbehavingProvider) -> Self {
        let app = Setup::at(provider).start().await;
        app.state.services.client.discovered().await.unwrap();
        app
    }

    /// A browser that knows nothing yet.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which `email` is signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let landed = self.sign_in(&mut browser, "/auth/login", email).await;
        assert_eq!(landed, "/dashboard");
        browser
    }

    /// Signs in and says where the person lands.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, start: &str, email: &str) -> String {
        let callback = self.approved_callback(browser, start, email).await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location()
    }

    /// Starts a sign-in and does what the person does at the provider; the path and query that the browser is sent
    /// back to.
    pub(crate) async fn approved_callback(&self, browser: &mut Browser, start: &str, email: &str) -> String {
        let authorization_url = browser.get(start).await.location();
        self.approve(&authorization_url, email)
    }

    /// What `email`'s approval of `authorization_url` sends the browser back to.
    pub(crate) fn approve(&self, authorization_url: &str, email: &str) -> String {
        let callback = self
            .emulator
            .as_ref()
            .unwrap()
            .control()
            .approve(authorization_url, email)
            .unwrap();
        path_and_query(&callback)
    }

    /// Starts a sign-in in `browser` and brings it back from `provider`; the answer to that.
    pub(crate) async fn sign_in_at(&self, provider: &MisbehavingProvider, browser: &mut Browser) -> Answer {
        let callback = self.callback_from(provider, browser, "/auth/login").await;
        browser.get(&callback).await
    }

    /// Starts a sign-in; the path and query that `provider` sends the browser back to.
    pub(crate) async fn callback_from(
        &self,
        provider: &MisbehavingProvider,
        browser: &mut Browser,
        start: &str,
    ) -> String {
        let authorization_url = browser.get(start).await.location();
        path_and_query(&provider.authorize(&authorization_url))
    }

    /// Another process of the same application: its own server, over the same store and with the same provider.
    pub(crate) async fn replica(&self) -> Self {
        let emulator = self.emulator.as_ref().unwrap();
        let setup = Setup {
            store: self.store.clone(),
            public_origin: Some(self.origin.clone()),
            issuer: Some(emulator.issuer().to_owned()),
            clock: self.clock.clone(),
            ..Setup::default()
        };
        let replica = setup.start().await;
        replica.state.services.client.discovered().await.unwrap();
        replica
    }

    /// Lets time pass, here and at the provider.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time::Duration::try_from(time).unwrap());
        if let Some(emulator) = &self.emulator {
            emulator.control().advance_clock(time);
        }
    }

    /// How often the provider was asked to refresh tokens.
    pub(crate) fn refreshes(&self) -> u64 {
        self.control().requests().with_grant("refresh_token")
    }

    /// The means to look into the emulator, and to make it misbehave.
    pub(crate) fn control(&self) -> Control {
        self.emulator.as_ref().unwrap().control()
    }

    /// What the provider calls the person with the address `email`: `usr_…`.
    pub(crate) fn id_of(&self, email: &str) -> String {
        let people = self.control().people();
        let person = people.iter().find(|person| person.email == email);
        person.unwrap().id.to_string()
    }

    /// The session that `browser` is in, tokens and all.
    pub(crate) async fn session(&self, browser: &Browser) -> SignedIn {
        let id = browser.session().unwrap().parse().unwrap();
        let session = self.state.services.sessions.open(id).await.unwrap().unwrap();
        session.signed_in.clone()
    }

    /// Stops serving; sessions in a file survive.
    pub(crate) async fn stop(self) -> Option<Emulator> {
        self.server.abort();
        let _ = self.server.await;
        self.emulator
    }
}

/// Waits until `provider` has been asked at `endpoint`.
pub(crate) async fn asked(provider: &MisbehavingProvider, endpoint: Endpoint) {
    while provider.requests(endpoint).is_empty() {
        tokio::task::yield_now().await;
    }
}

fn path_and_query(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

impl Setup {
    /// A server whose provider misbehaves, and which does not wait long for it.
    pub(crate) fn at(provider: &MisbehavingProvider) -> Self {
        Self {
            issuer: Some(provider.issuer().to_owned()),
            client: (
                misbehaving_provider::CLIENT_ID,
                misbehaving_provider::CLIENT_SECRET,
            ),
            patience: Duration::from_secs(1),
            ..Self::default()
        }
    }

    pub(crate) async fn start(self) -> TestApp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let origin = self
            .public_origin
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{}", address.port()));
        let emulator = if self.issuer.is_some() {
            None
        } else {
            let callback = format!("{origin}/auth/callback");
            Some(Emulator::builder().redirect_uri(callback).start().await.unwrap())
        };
        let issuer = self
            .issuer
            .clone()
            .unwrap_or_else(|| emulator.as_ref().unwrap().issuer().to_owned());
        self.serve(listener, &origin, &issuer, emulator).await
    }

    /// Serves again with a provider that is running already, at the address it knows us by.
    pub(crate) async fn start_again(self, address: SocketAddr, emulator: Emulator) -> TestApp {
        let listener = TcpListener::bind(address).await.unwrap();
        let issuer = emulator.issuer().to_owned();
        self.serve(
            listener,
            &format!("http://localhost:{}", address.port()),
            &issuer,
            Some(emulator),
        )
        .await
    }

    async fn serve(
        self,
        listener: TcpListener,
        origin: &str,
        issuer: &str,
        emulator: Option<Emulator>,
    ) -> TestApp {
        let address = listener.local_addr().unwrap();
        // The first of a name counts.
        let mut variables = self.variables;
        variables.extend([
            ("SCALEKIT_ENV_URL", issuer.to_owned()),
            ("SCALEKIT_CLIENT_ID", self.client.0.to_owned()),
            ("SCALEKIT_CLIENT_SECRET", self.client.1.to_owned()),
            ("SCALEKIT_REDIRECT_URI", format!("{origin}/auth/callback")),
            ("SESSION_STORE_URL", self.store.clone()),
            ("SESSION_SECRETS", SECRET.to_owned()),
        ]);
        let defaults = Defaults {
            emulator: None,
            session_secrets: None,
            redirect_uri: None,
            data_directory: PathBuf::new(),
        };
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| value.clone())
        };
        let settings = Settings::read(lookup, &defaults).unwrap();
        let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../public");
        let leptos = LeptosOptions::builder()
            .output_name("scalekit")
            .site_root(site)
            .site_addr(address)
            .build();
        let clock = self.clock;
        let surroundings = Surroundings::new(clock.clone(), SystemEntropy);
        let rows = match self.rows {
            Some(rows) => rows,
            None => settings.session.store.open().await.unwrap(),
        };
        let http = HttpClient::new().unwrap().impatient(self.patience);
        let state = AppState::over(rows, http, &settings, leptos, true, surroundings);
        if emulator.is_some() {
            state.services.client.discovered().await.unwrap();
        }
        let application = router(&state).unwrap();
        let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(application);
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        TestApp {
            address,
            emulator,
            clock,
            state,
            store: self.store,
            origin: origin.to_owned(),
            server,
        }
    }
}
