//! The headers that every answer carries.

use crate::test_app::TestApp;

const ADA: &str = "ada@acme.example";

/// Rules: w18
#[tokio::test]
async fn w18_nothing_dynamic_is_ever_stored() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    for path in [
        "/dashboard",
        "/",
        "/login",
        "/nowhere",
        "/auth/callback",
        "/healthz",
    ] {
        assert_eq!(
            browser.get(path).await.header("cache-control"),
            "no-store",
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_content_security_policy_has_a_fresh_nonce_that_the_page_uses() {
    let app = TestApp::start().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = app.browser().get("/").await;
        let policy = answer.header("content-security-policy").to_owned();
        let nonce = policy
            .split_once("'nonce-")
            .unwrap()
            .1
            .split_once('\'')
            .unwrap()
            .0
            .to_owned();
        for script in answer.body.split("<script").skip(1) {
            assert!(
                script
                    .split('>')
                    .next()
                    .unwrap()
                    .contains(&format!("nonce=\"{nonce}\"")),
                "{script}"
            );
        }
        assert!(
            answer.body.contains("<script"),
            "the page has a script to protect"
        );
        assert!(!answer.body.contains(" style="), "no inline style");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/nowhere",
        "/dashboard",
        "/auth/login",
        "/healthz",
        "/favicon.svg",
        "/pkg/nothing.js",
    ] {
        let answer = app.browser().get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "not on plain HTTP"
        );
        assert_eq!(answer.header("x-request-id").len(), 9, "{path}");
    }
}

/// Scalekit's admin portal is shown in a frame, on the two pages that open it.
#[tokio::test]
async fn no_page_but_those_of_the_admin_portal_may_show_a_frame_and_they_only_the_providers() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    let issuer = app.emulator.as_ref().unwrap().issuer().to_owned();
    let pages = app::routes::PAGES.iter().map(|(path, _)| *path);
    let functions = app::routes::FUNCTIONS.iter().map(|(path, _)| *path);
    for path in pages
        .chain(functions)
        .chain(["/nowhere", "/healthz", "/favicon.svg"])
    {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        let mut directives = policy.split(';').map(str::trim);
        let frames = directives.find_map(|directive| directive.strip_prefix("frame-src "));
        let has_portal = matches!(path, app::routes::SETTINGS | app::routes::SINGLE_SIGN_ON);
        let expected = if has_portal { issuer.as_str() } else { "'none'" };
        assert_eq!(frames, Some(expected), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        let embedder_policy = if has_portal { "" } else { "require-corp" };
        assert_eq!(
            answer.header("cross-origin-embedder-policy"),
            embedder_policy,
            "{path}"
        );
    }
}
