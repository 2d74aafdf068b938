//! `POST /sessions/validate-token`, `/sessions/refresh-token` and `/sessions/stay`: for scripts, for forms, and for curl.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    test_app::TestApp,
    test_browser::{Answer, Browser},
};

const ADA: &str = "ada@acme.example";
/// Access tokens live for five minutes; in the last of them they are renewed.
const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);
const FUNCTIONS: [&str; 3] = [
    "/sessions/validate-token",
    "/sessions/refresh-token",
    "/sessions/stay",
];

fn json_of(answer: &Answer) -> Value {
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("eyJ"), "no token leaves: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// As a script of our own pages asks.
async fn call(browser: &mut Browser, path: &str) -> Answer {
    let headers = [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-site", "same-origin"),
    ];
    browser.request(Method::POST, path, &headers).await
}

#[tokio::test]
async fn a_good_token_is_called_good_and_its_claims_are_told() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let answer = call(&mut browser, "/sessions/validate-token").await;
    assert_eq!(answer.status, 200);
    let body = json_of(&answer);
    assert_eq!(body["valid"], true);
    assert_eq!(body["message"], "Token is valid");
    assert_eq!(body["email"], ADA);
    assert_eq!(body["name"], "Ada Admin");
    assert_eq!(body["userId"], body["claims"]["sub"]);
    assert!(body["claims"]["exp"].is_number() && body.get("error").is_none());
}

#[tokio::test]
async fn a_token_that_cannot_be_verified_is_called_bad_and_why() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    // Replaced keys: what they signed is worth nothing any more.
    app.emulator.as_ref().unwrap().control().rotate_keys();
    let id = browser.session().unwrap().parse().unwrap();
    let answer = {
        // The keys that signed it are still known here; a fresh replica knows only the new ones.
        let replica = app.replica().await;
        let session = app.state.services.sessions.open(id).await.unwrap().unwrap();
        let id = replica
            .state
            .services
            .sessions
            .vault()
            .begin(&session.signed_in)
            .await;
        browser
            .cookies
            .insert("scalekit_session".to_owned(), id.unwrap().to_string());
        let mut browser = browser.moved_to(replica.address);
        call(&mut browser, "/sessions/validate-token").await
    };
    assert_eq!(answer.status, 200);
    let body = json_of(&answer);
    assert_eq!(body["valid"], false);
    let error = body["error"].as_str().unwrap();
    assert!(error.starts_with("Token validation failed: "), "{error}");
    assert_eq!(body.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn new_tokens_are_had_for_the_asking_and_never_shown() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(Duration::from_mins(1));
    let answer = call(&mut browser, "/sessions/refresh-token").await;
    let body = json_of(&answer);
    assert_eq!(answer.status, 200);
    assert_eq!(body["success"], true);
    assert_eq!(body["message"], "Tokens refreshed successfully");
    assert_eq!(
        body["expiresAt"].as_str().unwrap().len(),
        "2026-11-24T01:02:03Z".len()
    );
    assert_eq!(body.as_object().unwrap().len(), 3, "W14: and nothing else");
    assert_eq!(app.refreshes(), 1);
}

#[tokio::test]
async fn tokens_that_are_due_are_renewed_once_whichever_function_is_asked() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    for path in FUNCTIONS {
        let before = app.refreshes();
        app.pass(NEARLY_OVER);
        let answer = call(&mut browser, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(json_of(&answer).get("error").is_none(), "{path}: {}", answer.body);
        assert_eq!(app.refreshes() - before, 1, "{path}");
    }
}

#[tokio::test]
async fn a_refresh_that_fails_says_so_and_the_session_goes_on() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let control = app.emulator.as_ref().unwrap().control();
    control.set_fault(emulator::Endpoint::Token, Some(emulator::Fault::Status(503)));
    let answer = call(&mut browser, "/sessions/refresh-token").await;
    let body = json_of(&answer);
    assert_eq!((answer.status, &body["success"]), (200, &json!(false)));
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .contains("does not answer right now")
    );
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_says_what_is_missing() {
    let setup = crate::test_app::Setup {
        variables: vec![("SCALEKIT_SCOPES", "openid profile email".to_owned())],
        ..Default::default()
    };
    let app = setup.start().await;
    let mut browser = app.signed_in(ADA).await;
    let body = json_of(&call(&mut browser, "/sessions/refresh-token").await);
    assert_eq!(body["success"], false);
    assert!(body["error"].as_str().unwrap().contains("offline_access"));
}

/// Rules: w7
#[tokio::test]
async fn w7_a_refresh_that_the_provider_refuses_ends_the_session_with_401() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.emulator.as_ref().unwrap().control().end_all_sessions();
    assert_eq!(call(&mut browser, "/sessions/refresh-token").await.status, 401);
    assert_eq!(browser.get("/dashboard").await.status, 303);
}

#[tokio::test]
async fn staying_says_how_long_the_session_lives_and_prolongs_it() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.pass(Duration::from_mins(50));
    let body = json_of(&call(&mut browser, "/sessions/stay").await);
    let idle = body["idleSeconds"].as_i64().unwrap();
    assert!((3_595..=3_600).contains(&idle), "an hour again: {idle}");
    assert!(body["absoluteSeconds"].as_i64().unwrap() <= 24 * 3600 - 50 * 60);
    app.pass(Duration::from_mins(50));
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

/// Rules: w17
#[tokio::test]
async fn w17_nobody_gets_401_json_a_foreign_origin_403_and_another_method_405() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for path in FUNCTIONS {
        let curl = [("accept", "*/*"), ("sec-fetch-mode", ""), ("sec-fetch-dest", "")];
        let nobody = app.browser().request(Method::POST, path, &curl).await;
        assert_eq!(nobody.status, 401, "{path}");
        assert_eq!(json_of(&nobody)["error"], "not_signed_in");

        let foreign = [("accept", "application/json"), ("origin", "https://evil.example")];
        let answer = ada.request(Method::POST, path, &foreign).await;
        assert_eq!(answer.status, 403, "{path}");
        json_of(&answer);

        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = ada.request(method, path, &[("accept", "*/*")]).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{path}");
            json_of(&answer);
        }
    }
    assert_eq!(app.refreshes(), 0);
}

#[tokio::test]
async fn curl_with_our_origin_is_served() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let origin = format!("http://localhost:{}", app.address.port());
    let headers = [("accept", "*/*"), ("origin", origin.as_str())];
    let answer = ada
        .request(Method::POST, "/sessions/refresh-token", &headers)
        .await;
    assert_eq!(json_of(&answer)["success"], true);
}

#[tokio::test]
async fn a_form_on_a_page_comes_back_to_it_with_a_notice() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    for (path, next, notice) in [
        (
            "/sessions/refresh-token",
            "next=%2Fdashboard",
            "You have new tokens.",
        ),
        (
            "/sessions/validate-token",
            "next=%2Fdashboard%3Ftab%3D1",
            "The access token is valid.",
        ),
    ] {
        let answer = ada.submit(path, next, &form).await;
        assert_eq!((answer.status, answer.body.as_str()), (303, ""));
        let page = ada.get(&answer.location()).await;
        assert!(page.body.contains(notice), "{}", page.body);
    }
    let astray = ada
        .submit("/sessions/refresh-token", "next=%2F%2Fevil.example", &form)
        .await;
    assert_eq!(astray.location(), "/dashboard?notice=refreshed");
}

#[tokio::test]
async fn a_form_of_nobody_leads_to_the_sign_in_page() {
    let app = TestApp::start().await;
    for path in FUNCTIONS {
        let answer = app.browser().post(path).await;
        assert_eq!(
            (answer.status, answer.location().as_str()),
            (303, "/login?reason=required")
        );
    }
}
