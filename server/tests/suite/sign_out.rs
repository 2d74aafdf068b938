//! Signing out: here, at the provider, and for good.

use reqwest::Method;

use crate::{test_app::TestApp, test_browser::parameter};

const ADA: &str = "ada@acme.example";

/// Rules: rfc9700-4.12
#[tokio::test]
async fn signing_out_ends_the_session_here_and_leads_to_the_providers_logout() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let before = browser.clone();
    let answer = browser.post("/logout").await;
    assert_eq!(answer.status, 303);
    let provider = answer.location();
    assert!(provider.starts_with(&format!(
        "{}/oidc/logout?",
        app.emulator.as_ref().unwrap().issuer()
    )));
    assert!(parameter(&provider, "id_token_hint").unwrap().starts_with("eyJ"));
    let back = parameter(&provider, "post_logout_redirect_uri").unwrap();
    assert_eq!(back, format!("http://localhost:{}", app.address.port()));

    assert_eq!(browser.session(), None);
    assert_eq!(browser.get("/dashboard").await.status, 303);
    assert_eq!(
        before.clone().get("/dashboard").await.status,
        303,
        "a kept cookie opens nothing any more"
    );
}

/// Rules: w26
#[tokio::test]
async fn w26_signing_out_with_an_access_token_that_is_over_leads_to_the_provider_all_the_same() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.clock.advance(time::Duration::minutes(59));
    let provider = browser.post("/logout").await.location();
    assert!(provider.contains("/oidc/logout?"), "{provider}");
    assert!(parameter(&provider, "id_token_hint").unwrap().starts_with("eyJ"));
}

#[tokio::test]
async fn coming_back_from_the_provider_ends_at_the_signed_out_page_once() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    browser.post("/logout").await;
    assert_eq!(browser.get("/").await.location(), "/signed-out");
    assert!(
        browser
            .get("/signed-out")
            .await
            .body
            .contains("You are signed out")
    );
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn whoever_has_signed_in_again_is_not_told_that_they_are_signed_out() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    assert_eq!(browser.get("/signed-out").await.location(), "/dashboard");
}

#[tokio::test]
async fn signing_out_works_while_the_provider_cannot_be_reached() {
    let mut app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.emulator.take().unwrap().shutdown().await;
    assert_eq!(browser.post("/logout").await.status, 303);
    assert_eq!(browser.get("/dashboard").await.status, 303);
}

#[tokio::test]
async fn signing_out_when_nobody_is_signed_in_says_so_kindly() {
    let app = TestApp::start().await;
    assert_eq!(app.browser().post("/logout").await.location(), "/signed-out");
}

/// Rules: w13
#[tokio::test]
async fn w13_another_site_cannot_sign_anybody_out() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let foreign = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = browser.request(Method::POST, "/logout", &foreign).await;
    answer.assert_problem(403, "That request came from another site");
    for site in ["cross-site", "same-site"] {
        let answer = browser
            .request(Method::GET, "/logout", &[("sec-fetch-site", site)])
            .await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Sign out now"));
    }
    let image = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
    ];
    browser.request(Method::GET, "/logout", &image).await;
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn typing_the_address_signs_out() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let answer = browser
        .request(Method::GET, "/logout", &[("sec-fetch-site", "none")])
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(browser.session(), None);
}
