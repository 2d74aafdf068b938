//! Somebody who is signed in through a provider that misbehaves when it is told to, and a clock that both share.

use std::time::Duration;

use misbehaving_provider::MisbehavingProvider;
use tower_sessions::{SessionStore as _, session::Id};

use crate::{test_app::TestApp, test_browser::Browser};

/// The provider's access tokens live for five minutes; in the last of them they are renewed.
pub(crate) const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);
/// Longer than any pause after a failure.
pub(crate) const PAUSE: Duration = Duration::from_secs(40);

/// A server, its provider, and somebody who is signed in.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) provider: MisbehavingProvider,
    pub(crate) browser: Browser,
    seconds: i64,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::at(MisbehavingProvider::start().await).await
    }

    pub(crate) async fn at(provider: MisbehavingProvider) -> Self {
        let app = TestApp::at(&provider).await;
        let mut browser = app.browser();
        assert_eq!(app.sign_in_at(&provider, &mut browser).await.status, 303);
        Self {
            app,
            provider,
            browser,
            seconds: 0,
        }
    }

    /// Lets time pass, here and at the provider.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.app.pass(time);
        self.seconds += i64::try_from(time.as_secs()).unwrap();
        self.provider.set_clock_ahead(self.seconds);
    }

    /// The provider is well again, and whatever pause there was is over.
    pub(crate) fn recover(&mut self) {
        self.provider.honest();
        self.pass(PAUSE);
    }

    pub(crate) async fn dashboard(&mut self) -> u16 {
        self.browser.get("/dashboard").await.status
    }

    /// All that is stored of the session, unsealed.
    pub(crate) async fn record(&self) -> String {
        let id: Id = self.browser.session().unwrap().parse().unwrap();
        let vault = self.app.state.services.sessions.vault();
        let record = vault.load(&id).await.unwrap().unwrap();
        serde_json::to_string(&record.data).unwrap()
    }

    /// The refresh tokens that the provider has given, oldest first.
    pub(crate) fn refresh_tokens(&self) -> Vec<String> {
        let issued = self.provider.issued().into_iter();
        issued.map(|issued| issued.refresh_token.unwrap()).collect()
    }
}
