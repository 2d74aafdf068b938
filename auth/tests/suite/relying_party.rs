//! An application under test: the client with its transactions and sessions, and browsers that use it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth::{
    client::Client,
    clock::{MovableClock, Surroundings, SystemEntropy},
    config::{Defaults, Settings},
    http::HttpClient,
    local_path::LocalPath,
    logout::sign_out,
    refresh::{Current, Sessions},
    session::{CookieChange, SessionCookie, SignedIn},
    sign_in::{self, Failure, Initiated, SignInError},
    transaction::Transactions,
    vault::SessionVault,
};
use misbehaving_provider::{CLIENT_ID, CLIENT_SECRET, Endpoint, MisbehavingProvider};
use tower_cookies::Cookies;
use tower_sessions::session::Id;

const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The longest that a call to the provider takes in these tests: one that hangs is noticed soon.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// The application.
pub(crate) struct RelyingParty {
    pub(crate) client: Client,
    pub(crate) clock: MovableClock,
    surroundings: Surroundings,
    settings: Settings,
    pub(crate) sessions: Sessions,
}

/// One browser: what it keeps between two requests.
pub(crate) struct Browser {
    pub(crate) cookies: Cookies,
    pub(crate) session: Mutex<Option<Id>>,
}

impl Browser {
    pub(crate) fn session(&self) -> Option<Id> {
        *self.session.lock().unwrap()
    }

    /// The same browser, which hears nothing of what is answered to this one from now on.
    pub(crate) fn unaware(&self) -> Self {
        let cookies = Cookies::default();
        for cookie in self.cookies.list() {
            cookies.add(cookie.into_owned());
        }
        Self {
            cookies,
            session: Mutex::new(self.session()),
        }
    }
}

impl RelyingParty {
    /// An application that has discovered `provider`.
    pub(crate) async fn of(provider: &MisbehavingProvider) -> Self {
        Self::configured(provider, &[]).await
    }

    /// The same with further variables in its environment.
    pub(crate) async fn configured(provider: &MisbehavingProvider, variables: &[(&str, &str)]) -> Self {
        let party = Self::undiscovered(provider.issuer(), variables).await;
        tokio::time::timeout(Duration::from_secs(5), party.client.discovered())
            .await
            .expect("the provider can be discovered")
            .unwrap();
        party
    }

    /// An application that has not heard from its provider yet.
    pub(crate) async fn undiscovered(issuer: &str, variables: &[(&str, &str)]) -> Self {
        let variables: Vec<_> = [
            ("SCALEKIT_ENV_URL", issuer),
            ("SCALEKIT_CLIENT_ID", CLIENT_ID),
            ("SCALEKIT_CLIENT_SECRET", CLIENT_SECRET),
            ("SCALEKIT_REDIRECT_URI", "https://app.example/auth/callback"),
            ("SESSION_STORE_URL", "memory:"),
            ("SESSION_SECRETS", SECRET),
        ]
        .into_iter()
        .chain(variables.iter().copied())
        .collect();
        let lookup = |name: &str| {
            let last = variables.iter().rfind(|(variable, _)| *variable == name);
            last.map(|(_, value)| (*value).to_owned())
        };
        let defaults = Defaults {
            emulator: None,
            session_secrets: None,
            redirect_uri: None,
            data_directory: "".into(),
        };
        let settings = Settings::read(lookup, &defaults).unwrap();
        let clock = MovableClock::default();
        let surroundings = Surroundings::new(clock.clone(), SystemEntropy);
        let http = HttpClient::new().unwrap().impatient(PATIENCE);
        let rows = settings.session.store.open().await.unwrap();
        let client = Client::start(settings.provider.clone(), http, surroundings.clone());
        let vault = SessionVault::new(rows, &settings.session, surroundings.clone());
        Self {
            sessions: Sessions::new(vault, Arc::new(client.clone()), surroundings.clone()),
            client,
            clock,
            surroundings,
            settings,
        }
    }

    #[expect(
        clippy::unused_self,
        reason = "browsers are asked of the application that they visit"
    )]
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            cookies: Cookies::default(),
            session: Mutex::default(),
        }
    }

    /// Starts a sign-in with the query string of `/auth/login`; where the browser is sent.
    pub(crate) async fn begin(&self, browser: &Browser, query: &str) -> Result<String, Failure> {
        let url = sign_in::begin(&self.client, &self.transactions(browser), query).await?;
        Ok(url.into())
    }

    /// Starts a sign-in with the query string of `/auth/initiate`, where a stranger's page has sent the browser.
    pub(crate) async fn initiate(&self, browser: &Browser, query: &str) -> Result<Initiated, Failure> {
        sign_in::initiate(&self.client, &self.transactions(browser), query).await
    }

    /// Brings the browser back from the provider, to `callback`.
    pub(crate) async fn finish(&self, browser: &Browser, callback: &str) -> Result<LocalPath, Failure> {
        let query = callback.split_once('?').map_or("", |(_, query)| query);
        let cookie = SessionCookie::default();
        let callback = sign_in::Callback {
            transactions: &self.transactions(browser),
            session: browser.session(),
            cookie: &cookie,
            user_agent: "TestBrowser/1.0",
            address: None,
            session_lifetime: time::Duration::hours(24),
        };
        let outcome = sign_in::finish(&self.client, &self.sessions, &callback, query).await;
        if let CookieChange::Give(id, _) = cookie.change() {
            *browser.session.lock().unwrap() = Some(id);
        }
        outcome
    }

    /// Signs out in `browser`; where it is sent.
    pub(crate) async fn sign_out(&self, browser: &Browser) -> Option<url::Url> {
        let cookie = SessionCookie::default();
        let outcome = sign_out(&self.client, &self.sessions, browser.session(), &cookie).await;
        if let CookieChange::Forget = cookie.change() {
            *browser.session.lock().unwrap() = None;
        }
        outcome.unwrap()
    }

    /// Renews the tokens of whoever is signed in in `browser`.
    pub(crate) async fn renew(&self, browser: &Browser) -> Current {
        let session = browser.session().expect("somebody is signed in");
        self.sessions.renew_now(session).await.unwrap()
    }

    /// Who is signed in in `browser`.
    pub(crate) async fn who(&self, browser: &Browser) -> Option<SignedIn> {
        let session = self.sessions.vault().open(browser.session()?).await;
        Some(session.unwrap().ok()?.signed_in)
    }

    /// A whole sign-in at `provider` in a browser of its own: the session it leaves, or why there is none.
    ///
    /// Panics if a sign-in that failed has left a session behind all the same.
    pub(crate) async fn sign_in(&self, provider: &MisbehavingProvider) -> Result<SignedIn, Arc<SignInError>> {
        let browser = self.browser();
        let url = self.begin(&browser, "").await.map_err(|failure| failure.error)?;
        let outcome = self.finish(&browser, &provider.authorize(&url)).await;
        let signed_in = self.who(&browser).await;
        match (outcome, signed_in) {
            (Ok(_), Some(signed_in)) => Ok(signed_in),
            (Ok(_), None) => panic!("signed in, but there is no session"),
            (Err(failure), None) => Err(failure.error),
            (Err(failure), Some(_)) => panic!("a session in spite of {failure:?}"),
        }
    }

    fn transactions<'a>(&'a self, browser: &'a Browser) -> Transactions<'a> {
        Transactions {
            cookies: &browser.cookies,
            secrets: &self.settings.session.secrets,
            surroundings: &self.surroundings,
            https: true,
        }
    }
}

/// Asserts that a sign-in was refused for exactly this reason: a token that is refused for another one proves nothing.
/// In a table, the case goes last.
#[macro_export]
macro_rules! assert_refused {
    ($outcome:expr, $reason:pat $(if $guard:expr)? $(, $case:expr)?) => {
        let cases: &[String] = &[$(format!("{}: ", $case))?];
        match $outcome {
            Err(error) => match &*error {
                $reason $(if $guard)? => {}
                other => panic!("{}refused, but for another reason: {other:?}", cases.concat()),
            },
            Ok(_) => panic!("{}accepted", cases.concat()),
        }
    };
}

/// Further verbs.
impl RelyingParty {
    /// The same application with the patience of a real one, which waits for seconds: whoever finishes in a test has
    /// not waited.
    pub(crate) async fn patient(self) -> Self {
        let (settings, http) = (self.settings.provider.clone(), HttpClient::new().unwrap());
        let client = Client::start(settings, http, self.surroundings.clone());
        client.discovered().await.unwrap();
        let vault = self.sessions.vault().clone();
        Self {
            sessions: Sessions::new(vault, Arc::new(client.clone()), self.surroundings.clone()),
            client,
            ..self
        }
    }

    /// A sign-in up to the provider's approval, in a browser of its own: the callback that is to come.
    pub(crate) async fn approved(&self, provider: &MisbehavingProvider) -> (Browser, String) {
        let browser = self.browser();
        let url = self.begin(&browser, "next=/deep?link=1").await.unwrap();
        (browser, provider.authorize(&url))
    }
}

/// The reason of a failure, for [`assert_refused!`].
pub(crate) fn reason<T>(outcome: Result<T, Failure>) -> Result<T, Arc<SignInError>> {
    outcome.map_err(|failure| failure.error)
}

/// Waits until `endpoint` has been asked so many times in all.
pub(crate) async fn asked(provider: &MisbehavingProvider, endpoint: Endpoint, times: usize) {
    let asked = async {
        while provider.requests(endpoint).len() < times {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .unwrap_or_else(|_| panic!("{endpoint:?} has not been asked {times} times"));
}

/// Moves time for whoever sleeps.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
