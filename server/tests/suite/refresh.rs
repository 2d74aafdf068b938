//! Tokens are renewed before a page renders, and the page shows what the new ones say (promises 12 to 15).

use std::time::Duration;

use emulator::Role;
use reqwest::Method;

use crate::test_app::TestApp;

const ADA: &str = "ada@acme.example";
const MAX: &str = "max@acme.example";
/// Access tokens live for five minutes; in the last of them they are renewed.
const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);

/// Rules: w1
#[tokio::test]
async fn w1_the_end_of_the_new_token_is_its_own_and_not_an_hour() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    assert_eq!(browser.get("/dashboard").await.status, 200);
    assert_eq!(app.refreshes(), 1);
    // The new one lives for five minutes again, so another is due after that, and none before.
    app.pass(Duration::from_mins(3));
    browser.get("/dashboard").await;
    assert_eq!(app.refreshes(), 1);
    app.pass(Duration::from_mins(1) + Duration::from_secs(10));
    browser.get("/dashboard").await;
    assert_eq!(app.refreshes(), 2);
}

/// Rules: w2
#[tokio::test]
async fn w2_tokens_that_live_for_seconds_are_not_renewed_by_every_request() {
    let app = TestApp::start().await;
    let control = app.emulator.as_ref().unwrap().control();
    control.set_access_token_lifetime(Duration::from_secs(20));
    let mut browser = app.signed_in(ADA).await;
    for _ in 0..5 {
        assert_eq!(browser.get("/dashboard").await.status, 200);
    }
    assert_eq!(app.refreshes(), 0);
    app.pass(Duration::from_secs(16));
    for _ in 0..5 {
        assert_eq!(browser.get("/dashboard").await.status, 200);
    }
    assert_eq!(app.refreshes(), 1, "in the last quarter, once");
}

#[tokio::test]
async fn pages_work_long_after_the_first_token_has_ended() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    for _ in 0..40 {
        app.pass(Duration::from_mins(30));
        assert_eq!(browser.get("/dashboard").await.status, 200);
    }
    assert_eq!(app.refreshes(), 40);
}

/// Rules: w7
#[tokio::test]
async fn w7_a_session_that_the_provider_has_ended_ends_here_at_the_next_refresh() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.emulator.as_ref().unwrap().control().end_all_sessions();
    assert_eq!(
        browser.get("/dashboard").await.status,
        200,
        "the access token is good until it ends"
    );
    app.pass(NEARLY_OVER);
    let answer = browser.get("/dashboard?tab=2").await;
    assert_eq!(
        answer.location(),
        "/login?reason=ended&next=%2Fdashboard%3Ftab%3D2"
    );
    assert_eq!(answer.body, "");
    let login = browser.get(&answer.location()).await;
    assert!(
        login
            .body
            .contains("Your identity provider has ended your session")
    );
    assert_eq!(app.refreshes(), 1, "nobody asks again");
}

/// Rules: w8
#[tokio::test]
async fn w8_the_page_that_refreshes_shows_the_new_roles_and_permissions_already() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(MAX).await;
    let before = browser.get("/dashboard").await;
    assert!(!before.body.contains("organization:settings"));
    let control = app.emulator.as_ref().unwrap().control();
    assert!(control.set_role(MAX, emulator::organizations()[0].id, Role::Admin));
    assert!(
        !browser
            .get("/dashboard")
            .await
            .body
            .contains("organization:settings")
    );
    app.pass(NEARLY_OVER);
    let after = browser.get("/dashboard").await;
    assert!(after.body.contains("organization:settings"), "{}", after.body);
}

/// Rules: w9
#[tokio::test]
async fn w9_signing_out_hints_with_the_id_token_of_the_last_refresh() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let stored = async || {
        let id = browser.session().unwrap().parse().unwrap();
        let session = app.state.services.sessions.open(id).await.unwrap().unwrap();
        session.signed_in.tokens.id_token.expose().to_owned()
    };
    let first = stored().await;
    app.pass(NEARLY_OVER);
    browser.clone().get("/dashboard").await;
    let second = stored().await;
    assert_ne!(first, second);
    let logout = browser.post("/logout").await.location();
    assert_eq!(
        crate::test_browser::parameter(&logout, "id_token_hint"),
        Some(second)
    );
}

#[tokio::test]
async fn signing_in_and_out_files_and_unknown_addresses_renew_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    for path in [
        "/",
        "/login",
        "/favicon.svg",
        "/no-such-page",
        "/healthz",
        "/readyz",
    ] {
        browser.get(path).await;
    }
    browser.clone().get("/auth/login").await;
    browser.post("/logout").await;
    assert_eq!(app.refreshes(), 0);
}

#[tokio::test]
async fn scripts_get_renewed_tokens_behind_them_too() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    let answer = browser
        .request(Method::GET, "/dashboard", &[("accept", "application/json")])
        .await;
    assert_eq!((answer.status, app.refreshes()), (200, 1));
}

#[tokio::test]
async fn a_session_without_a_refresh_token_ends_with_its_access_token() {
    let setup = crate::test_app::Setup {
        variables: vec![("SCALEKIT_SCOPES", "openid profile email".to_owned())],
        ..Default::default()
    };
    let app = setup.start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    let answer = browser.get("/dashboard").await;
    assert_eq!(answer.status, 200);
    // So that the page can say so in time.
    assert!(answer.body.contains(r#"data-absolute="50""#), "{}", answer.body);
    app.pass(Duration::from_mins(1));
    assert_eq!(
        browser.get("/dashboard").await.location(),
        "/login?reason=expired&next=%2Fdashboard"
    );
}

/// Promise 13.
///
/// Rules: refresh-fault-browser
#[tokio::test]
async fn a_refresh_is_finished_and_stored_although_the_browser_has_gone() {
    let app = TestApp::start().await;
    let control = app.emulator.as_ref().unwrap().control();
    control.set_refresh_grace(Duration::ZERO);
    let browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    control.set_fault(
        emulator::Endpoint::Token,
        Some(emulator::Fault::Delay(Duration::from_millis(200))),
    );
    let mut impatient = browser.clone();
    let request = tokio::spawn(async move { impatient.get("/dashboard").await });
    while control.requests().to(emulator::Endpoint::Token) < 2 {
        tokio::task::yield_now().await;
    }
    request.abort();
    app.state.services.sessions.settled().await;
    control.clear_faults();

    assert_eq!(app.refreshes(), 1);
    let mut patient = browser;
    assert_eq!(patient.get("/dashboard").await.status, 200);
    assert_eq!(app.refreshes(), 1, "what it brought has been stored");
}
