//! Sign-ins in progress: several at once, too many, too late, in the wrong browser, only guessed at.

use crate::test_app::TestApp;

const ADA: &str = "ada@acme.example";

/// Rules: w16, transaction-second-tab, transaction-success-removes
#[tokio::test]
async fn w16_two_tabs_sign_in_without_disturbing_each_other() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let first = app
        .approved_callback(&mut browser, "/auth/login?next=/dashboard?tab=1", ADA)
        .await;
    let second = app
        .approved_callback(&mut browser, "/auth/login?next=/dashboard?tab=2", ADA)
        .await;
    assert_eq!(browser.sign_ins_in_progress(), 2);
    assert_eq!(browser.get(&second).await.location(), "/dashboard?tab=2");
    assert_eq!(browser.get(&first).await.location(), "/dashboard?tab=1");
    assert_eq!(browser.sign_ins_in_progress(), 0);
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

/// Rules: w16, transaction-replay-signed-in
#[tokio::test]
async fn w16_reloading_the_callback_leaves_a_signed_in_person_signed_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", ADA).await;
    browser.get(&callback).await;
    let session = browser.session().map(str::to_owned);
    assert_eq!(browser.get(&callback).await.location(), "/dashboard");
    assert_eq!(browser.session().map(str::to_owned), session);
}

/// Rules: transaction-replay-signed-out, rfc6749-10.12-state-used
#[tokio::test]
async fn a_replayed_callback_signs_nobody_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", ADA).await;
    browser.get(&callback).await;
    browser.post("/logout").await;
    browser
        .get(&callback)
        .await
        .assert_problem(400, "This sign-in cannot be finished here");
    assert_eq!(browser.session(), None);
}

/// Rules: transaction-other-browser, rfc6749-10.12-state-other-browser, rfc9700-4.7
#[tokio::test]
async fn a_callback_in_another_browser_signs_nobody_in() {
    let app = TestApp::start().await;
    let callback = app
        .approved_callback(&mut app.browser(), "/auth/login", ADA)
        .await;
    let mut other = app.browser();
    other.get("/auth/login").await;
    other
        .get(&callback)
        .await
        .assert_problem(400, "This sign-in cannot be finished here");
    assert_eq!(other.session(), None);
    assert_eq!(other.sign_ins_in_progress(), 1, "its own sign-in is untouched");
}

/// Rules: transaction-expiry, rfc6749-10.12-state-expired
#[tokio::test]
async fn a_sign_in_must_be_finished_within_ten_minutes() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", ADA).await;
    app.clock.advance(time::Duration::minutes(10));
    browser
        .get(&callback)
        .await
        .assert_problem(400, "That took a little too long");
    assert_eq!(browser.session(), None);
}

/// Rules: transaction-eviction
#[tokio::test]
async fn at_most_five_sign_ins_are_kept_and_the_oldest_goes_first() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let mut callbacks = Vec::new();
    for _ in 0..6 {
        callbacks.push(app.approved_callback(&mut browser, "/auth/login", ADA).await);
        app.clock.advance(time::Duration::seconds(1));
    }
    assert_eq!(browser.sign_ins_in_progress(), 5);
    browser
        .get(&callbacks[0])
        .await
        .assert_problem(400, "This sign-in cannot be finished here");
    assert_eq!(browser.get(&callbacks[1]).await.location(), "/dashboard");
}

/// Rules: transaction-garbage
#[tokio::test]
async fn unreadable_sign_in_cookies_are_cleared_away() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for number in 0..20 {
        browser
            .cookies
            .insert(format!("scalekit_signin_{number}"), "garbage".into());
    }
    browser.get("/auth/login").await;
    assert_eq!(browser.sign_ins_in_progress(), 1);
}

/// Rules: transaction-prefetch
#[tokio::test]
async fn a_prefetch_starts_nothing() {
    let app = TestApp::start().await;
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let mut browser = app.browser();
        let answer = browser
            .request(reqwest::Method::GET, "/auth/login", &[(name, value)])
            .await;
        assert_eq!(answer.status, 425, "browsers would keep a success for later");
        assert_eq!(browser.sign_ins_in_progress(), 0);
    }
}
