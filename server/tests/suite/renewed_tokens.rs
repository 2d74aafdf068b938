//! What a renewal leaves in the session: an access token that can be used, and of all refresh tokens the newest alone
//! (RFC 9700 §4.14).

use std::time::Duration;

use misbehaving_provider::{Endpoint, MisbehavingProvider};
use tower_sessions::{SessionStore as _, session::Id};

use crate::{test_app::TestApp, test_browser::Browser};

/// The provider's access tokens live for five minutes; in the last of them they are renewed.
const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);
/// Longer than any pause after a failure.
const PAUSE: Duration = Duration::from_secs(40);

/// A server, its provider, and somebody who is signed in.
struct World {
    app: TestApp,
    provider: MisbehavingProvider,
    browser: Browser,
    seconds: i64,
}

impl World {
    async fn start() -> Self {
        let provider = MisbehavingProvider::start().await;
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
    fn pass(&mut self, time: Duration) {
        self.app.pass(time);
        self.seconds += i64::try_from(time.as_secs()).unwrap();
        self.provider.set_clock_ahead(self.seconds);
    }

    async fn dashboard(&mut self) -> u16 {
        self.browser.get("/dashboard").await.status
    }

    /// All that is stored of the session, unsealed.
    async fn record(&self) -> String {
        let id: Id = self.browser.session().unwrap().parse().unwrap();
        let vault = self.app.state.services.sessions.vault();
        let record = vault.load(&id).await.unwrap().unwrap();
        serde_json::to_string(&record.data).unwrap()
    }

    /// The refresh tokens that the provider has given, oldest first.
    fn refresh_tokens(&self) -> Vec<String> {
        let issued = self.provider.issued().into_iter();
        issued.map(|issued| issued.refresh_token.unwrap()).collect()
    }
}

/// Rules: rfc9700-4.14-newest-only, rfc6749-6-new-refresh-token
#[tokio::test]
async fn only_the_newest_refresh_token_is_kept_and_sent() {
    let mut world = World::start().await;
    for renewals in 1..=3 {
        let newest_before = world.refresh_tokens().pop().unwrap();
        assert!(world.record().await.contains(&newest_before));

        world.pass(NEARLY_OVER);
        assert_eq!(world.dashboard().await, 200);

        let request = world.provider.last_request(Endpoint::Token);
        assert_eq!(request.form.get("refresh_token"), Some(newest_before.as_str()));
        let given = world.refresh_tokens();
        let (newest, older) = given.split_last().unwrap();
        assert_eq!(older.len(), renewals);
        let record = world.record().await;
        assert!(record.contains(newest));
        assert!(!older.iter().any(|old| record.contains(old)), "{renewals}");
    }
}

/// RFC 6749 §A.12: a token has printable characters alone. Others would not even fit into the header that it goes in.
///
/// Rules: refresh-fault-token
#[tokio::test]
async fn an_access_token_that_cannot_be_printed_is_not_used_and_signs_nobody_out() {
    for odd in ["", "line\nbreak", "t\u{f6}ken", "\u{7f}"] {
        let mut world = World::start().await;
        // Without an ID token beside it no hash tells that it is not the provider's own.
        world
            .provider
            .token_response(move |response| response.set("access_token", odd).remove("id_token"));
        world.pass(NEARLY_OVER);
        assert_eq!(world.dashboard().await, 200, "{odd:?}, while the old one lives");
        assert_eq!(world.provider.requests(Endpoint::Token).len(), 2, "{odd:?}");
        world.pass(Duration::from_mins(1));
        assert_eq!(world.dashboard().await, 503, "{odd:?}, after it");

        world.provider.honest();
        world.pass(PAUSE);
        assert_eq!(world.dashboard().await, 200, "{odd:?} is over");
    }
}
