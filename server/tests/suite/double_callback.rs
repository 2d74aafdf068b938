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
