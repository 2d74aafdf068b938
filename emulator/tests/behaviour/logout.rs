//! The end of a session at the application's request.

use std::time::Duration;

use emulator::people;
use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use crate::{
    application::{Application, answer, error, json},
    browser::Browser,
};

async fn signed_in(app: &Application) -> (Browser, Value) {
    let browser = app.browser();
    let page = browser.open(&app.authorization_url(&[])).await;
    let back = browser
        .submit(&page, "person", &[("person", &people()[0].id)])
        .await;
    let tokens = json(app.redeem(&answer(&back.address)["code"]).send().await.unwrap()).await;
    (browser, tokens)
}

fn logout_url(app: &Application, path: &str, tokens: &Value, more: &[(&str, &str)]) -> String {
    let mut url = Url::parse(&app.url(path)).unwrap();
    url.query_pairs_mut()
        .append_pair("id_token_hint", tokens["id_token"].as_str().unwrap())
        .extend_pairs(more);
    url.into()
}

#[tokio::test]
async fn logout_ends_the_session_here_and_returns_to_the_application() {
    let app = Application::start().await;
    for path in ["/oidc/logout", "/end_session"] {
        let (browser, tokens) = signed_in(&app).await;
        let more = [("post_logout_redirect_uri", "http://app.test"), ("state", "a b")];
        let back = browser.open(&logout_url(&app, path, &tokens, &more)).await;
        assert_eq!(back.address, "http://app.test/?state=a+b");
        assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
        assert!(browser.open(&app.authorization_url(&[])).await.says("Sign in"));
    }
}

#[tokio::test]
async fn an_expired_hint_is_good_and_one_from_before_a_rotation_too() {
    let app = Application::start().await;
    let (browser, tokens) = signed_in(&app).await;
    app.control().advance_clock(Duration::from_hours(1));
    app.control().rotate_keys().unwrap();
    let more = [("post_logout_redirect_uri", "http://app.test/")];
    let back = browser
        .open(&logout_url(&app, "/oidc/logout", &tokens, &more))
        .await;
    assert_eq!(back.address, "http://app.test/");
    assert!(app.control().sessions().is_empty());
}

#[tokio::test]
async fn an_unregistered_address_gets_a_page_and_the_session_stays() {
    let app = Application::start().await;
    let (browser, tokens) = signed_in(&app).await;
    for uri in [
        "http://evil.test/",
        "http://app.test/else",
        "/",
        "http://app.test//",
    ] {
        let url = logout_url(
            &app,
            "/oidc/logout",
            &tokens,
            &[("post_logout_redirect_uri", uri)],
        );
        let page = browser.open(&url).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(page.says("You are not signed out"));
    }
    assert_eq!(app.control().sessions().len(), 1);
}

#[tokio::test]
async fn a_hint_that_is_no_id_token_is_refused() {
    let app = Application::start().await;
    let (browser, tokens) = signed_in(&app).await;
    for hint in ["x", tokens["access_token"].as_str().unwrap()] {
        let page = browser
            .open(&app.url(&format!("/oidc/logout?id_token_hint={hint}")))
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(app.control().sessions().len(), 1);
}

#[tokio::test]
async fn without_an_address_a_page_says_that_it_is_over() {
    let app = Application::start().await;
    let (browser, tokens) = signed_in(&app).await;
    let page = browser
        .open(&logout_url(&app, "/oidc/logout", &tokens, &[]))
        .await;
    assert!(page.status.is_success() && page.says("You are signed out"));
}
