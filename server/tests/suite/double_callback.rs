//! The same callback several times at once: people double-click, reload, and lose patience.

use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};

use crate::test_app::{TestApp, asked};

/// Rules: fault-code-once, transaction-replay-signed-in
#[tokio::test]
async fn ten_simultaneous_callbacks_are_one_sign_in_and_one_session() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let callback = app
        .callback_from(&provider, &mut browser, "/auth/login?next=/dashboard?tab=1")
        .await;
    let requests = (0..10).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        tokio::spawn(async move {
            let answer = browser.get(&callback).await;
            (answer, browser)
        })
    });
    let requests: Vec<_> = requests.collect();
    let mut sessions = std::collections::BTreeSet::new();
    for request in requests {
        let (answer, mut browser) = request.await.unwrap();
        assert_eq!(
            (answer.status, answer.location().as_str()),
            (303, "/dashboard?tab=1")
        );
        assert!(browser.get("/dashboard").await.body.contains("Ada Admin"));
        sessions.insert(browser.session().unwrap().to_owned());
    }
    assert_eq!(sessions.len(), 1, "everybody has the same session");
    assert_eq!(
        provider.requests(Endpoint::Token).len(),
        1,
        "the code was sent once"
    );
}

/// Rules: fault-code-once
#[tokio::test]
async fn a_browser_that_goes_away_and_asks_again_is_signed_in() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let callback = app.callback_from(&provider, &mut browser, "/auth/login").await;
    let delay = std::time::Duration::from_millis(200);
    provider.fault_once(Endpoint::Token, Fault::delay(delay));
    let impatient = tokio::spawn({
        let (mut browser, callback) = (browser.clone(), callback.clone());
        async move { browser.get(&callback).await }
    });
    asked(&provider, Endpoint::Token).await;
    impatient.abort();
    assert_eq!(browser.get(&callback).await.location(), "/dashboard");
    assert_eq!(browser.get("/dashboard").await.status, 200);
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
    browser.post("/logout").await;
    assert_eq!(
        browser.get("/dashboard").await.status,
        303,
        "the session ends as any other"
    );
}

/// Rules: fault-code-once, transaction-replay-signed-in
#[tokio::test]
async fn a_callback_whose_answer_was_lost_replaces_an_older_session_when_it_is_asked_for_again() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    app.sign_in_at(&provider, &mut browser).await;
    app.clock.advance(time::Duration::minutes(1));
    let old = browser.clone();

    provider.id_token(|token| token.claim("name", "Grace Guest"));
    let callback = app.callback_from(&provider, &mut browser, "/auth/login").await;
    browser.clone().get(&callback).await;
    let again = browser.get(&callback).await;

    assert_eq!(again.location(), "/dashboard");
    let cookies: Vec<_> = again.headers.get_all("set-cookie").iter().collect();
    let sessions = cookies
        .iter()
        .filter(|cookie| cookie.to_str().unwrap().starts_with("scalekit_session="));
    assert_eq!(sessions.count(), 1, "{cookies:?}");
    assert!(browser.get("/dashboard").await.body.contains("Grace Guest"));
    assert_eq!(
        old.clone().get("/dashboard").await.status,
        303,
        "the older session is over"
    );
    assert_eq!(provider.requests(Endpoint::Token).len(), 2);
}

/// Rules: transaction-replay-signed-in
#[tokio::test]
async fn a_callback_that_is_asked_for_again_does_not_overrule_a_later_sign_in() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let first = app.callback_from(&provider, &mut browser, "/auth/login").await;
    browser.clone().get(&first).await;
    app.clock.advance(time::Duration::minutes(1));
    provider.id_token(|token| token.claim("name", "Grace Guest"));
    app.sign_in_at(&provider, &mut browser).await;
    let later = browser.session().unwrap().to_owned();

    assert_eq!(browser.get(&first).await.location(), "/dashboard");
    assert_eq!(browser.session(), Some(&*later));
    assert!(browser.get("/dashboard").await.body.contains("Grace Guest"));
}

/// Rules: fault-code-once
#[tokio::test]
async fn a_code_is_not_sent_again_as_long_as_its_sign_in_could_be_finished() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let callback = app.callback_from(&provider, &mut browser, "/auth/login").await;
    browser.clone().get(&callback).await;
    app.clock.advance(time::Duration::minutes(9));
    assert_eq!(browser.get(&callback).await.location(), "/dashboard");
    assert_eq!(provider.requests(Endpoint::Token).len(), 1);
}
