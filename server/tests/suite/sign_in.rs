//! Signing in, and everything that must not sign anybody in.

use crate::{
    test_app::{Setup, TestApp},
    test_browser::{parameter, with_parameter},
};

const ADA: &str = "ada@acme.example";
const MAX: &str = "max@acme.example";

/// Rules: oidcc-client-test, oidcc-client-test-idtoken-sig-rs256, oidcc-client-test-scope-userinfo-claims
/// Rules: core-3.1.3.7-3-list
#[tokio::test]
async fn a_person_signs_in_and_sees_who_they_are() {
    let app = TestApp::start().await;
    let dashboard = app.signed_in(ADA).await.get("/dashboard").await;
    assert_eq!(dashboard.status, 200);
    for shown in ["Ada Admin", ADA, "organization:settings", "admin", "org_"] {
        assert!(dashboard.body.contains(shown), "{shown} is not on the dashboard");
    }
}

/// Rules: w3, w4, oidcc-client-test-nonce, core-3.1.2.1-request, rfc7636-4.1, rfc7636-4.2, rfc9700-2.1.2
/// Rules: transaction-unique
#[tokio::test]
async fn w3_and_w4_every_sign_in_has_its_own_pkce_challenge_state_and_nonce() {
    let app = TestApp::start().await;
    let first = app.browser().get("/auth/login").await;
    let second = app.browser().get("/auth/login").await;
    assert_eq!(first.status, 303);
    for name in ["code_challenge", "state", "nonce"] {
        let values = [&first, &second].map(|answer| parameter(&answer.location(), name).unwrap());
        assert_eq!(values[0].len(), 43, "{name} carries 256 bits");
        assert_ne!(values[0], values[1], "{name} is not repeated");
    }
    assert_eq!(
        parameter(&first.location(), "code_challenge_method").as_deref(),
        Some("S256")
    );
    assert_eq!(
        parameter(&first.location(), "response_type").as_deref(),
        Some("code")
    );
    assert_eq!(
        parameter(&first.location(), "scope").as_deref(),
        Some("openid profile email offline_access")
    );
}

/// Rules: w3, rfc7636-4.5, rfc9700-2.1.1, rfc6749-5.2-invalid-grant
#[tokio::test]
async fn w3_a_code_for_another_pkce_challenge_signs_nobody_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let url = browser.get("/auth/login").await.location();
    let stolen = with_parameter(
        &url,
        "code_challenge",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    let answer = browser.get(&app.approve(&stolen, ADA)).await;
    answer.assert_problem(400, "That sign-in is no longer valid");
    assert_eq!(browser.session(), None);
}

/// Rules: w4, oidcc-client-test-nonce-invalid, core-3.1.3.7-11
#[tokio::test]
async fn w4_an_id_token_with_another_nonce_signs_nobody_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let url = browser.get("/auth/login").await.location();
    let answer = browser
        .get(&app.approve(&with_parameter(&url, "nonce", "replayed"), ADA))
        .await;
    answer.assert_problem(502, "The sign-in could not be verified");
    assert_eq!(browser.session(), None);
}

/// Rules: core-3.1.2.1-hints
#[tokio::test]
async fn every_hint_reaches_the_provider() {
    let app = TestApp::start().await;
    let query = "organization_id=org_1&connection_id=conn_1&login_hint=a%40b.example&domain_hint=b.example\
                 &provider=google&prompt=select_account";
    let url = app
        .browser()
        .get(&format!("/auth/login?{query}"))
        .await
        .location();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        assert_eq!(parameter(&url, &name).as_deref(), Some(&*value), "{name}");
    }
    assert_eq!(parameter(&url, "domain").as_deref(), Some("b.example"));
}

/// Rules: w11, next-kept
#[tokio::test]
async fn w11_a_deep_link_is_where_the_person_lands() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let login = browser.get("/dashboard?tab=claims").await.location();
    assert_eq!(login, "/login?reason=required&next=%2Fdashboard%3Ftab%3Dclaims");
    let page = browser.get(&login).await;
    assert!(
        page.body.contains("/auth/login?next=%2Fdashboard%3Ftab%3Dclaims"),
        "{}",
        page.body
    );
    let start = "/auth/login?next=%2Fdashboard%3Ftab%3Dclaims";
    assert_eq!(
        app.sign_in(&mut browser, start, ADA).await,
        "/dashboard?tab=claims"
    );
}

/// Rules: w11, next-loop, rfc9700-2.1
#[tokio::test]
async fn w11_a_deep_link_to_another_site_lands_on_the_dashboard() {
    let app = TestApp::start().await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "/\\evil.example",
        "/login",
    ] {
        let start = format!("/auth/login?{}", serde_urlencoded(&[("next", next)]));
        assert_eq!(
            app.sign_in(&mut app.browser(), &start, ADA).await,
            "/dashboard",
            "{next}"
        );
    }
}

fn serde_urlencoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Rules: w12
#[tokio::test]
async fn w12_the_session_id_changes_at_sign_in_and_the_old_one_is_worthless() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(MAX).await;
    let old = browser.clone();
    app.sign_in(&mut browser, "/auth/login?prompt=login", ADA).await;
    assert_ne!(browser.session(), old.session());
    assert!(browser.get("/dashboard").await.body.contains("Ada Admin"));
    assert_eq!(
        old.clone().get("/dashboard").await.status,
        303,
        "the old cookie opens nothing"
    );
}

/// Rules: w12
#[tokio::test]
async fn w12_a_planted_session_id_is_not_adopted() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    browser.cookies.insert("scalekit_session".into(), planted.into());
    app.sign_in(&mut browser, "/auth/login", ADA).await;
    assert_ne!(browser.session(), Some(planted));
}

/// Where the provider need not ask, the link would put the person into another organization unnoticed.
///
/// Rules: sign-in-from-elsewhere
#[tokio::test]
async fn a_link_on_another_site_starts_no_sign_in_over_an_open_session() {
    let switch =
        "/auth/login?prompt=select_account&organization_id=org_61022748190511244&next=%2F%22%3E%3Cb%3E";
    let app = TestApp::start().await;
    let mut browser = app.signed_in("olga@globex.example").await;
    for site in ["cross-site", "same-site"] {
        let answer = browser
            .request(reqwest::Method::GET, switch, &[("sec-fetch-site", site)])
            .await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Sign in again?"), "{site}");
        assert!(answer.body.contains(&switch.replace('&', "&amp;")), "the way on");
        assert!(!answer.headers.contains_key("set-cookie"), "{site}");
    }
    for site in ["none", "same-origin"] {
        let answer = browser
            .request(reqwest::Method::GET, switch, &[("sec-fetch-site", site)])
            .await;
        assert_eq!(answer.status, 303, "{site}");
    }
    // Nobody's session is at stake.
    let answer = app
        .browser()
        .request(reqwest::Method::GET, switch, &[("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!(answer.status, 303);
}

/// Rules: w14
#[tokio::test]
async fn w14_no_page_contains_a_token() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    for path in ["/dashboard", "/logout", "/login", "/nowhere"] {
        let answer = browser
            .request(reqwest::Method::GET, path, &[("sec-fetch-site", "cross-site")])
            .await;
        let everything = format!("{:?}{}", answer.headers, answer.body);
        assert!(!everything.contains("eyJ"), "{path} contains a JWT");
        assert!(!everything.contains("rt_"), "{path} contains a refresh token");
    }
}

/// Rules: rfc6749-3.1-state-duplicated, rfc6749-4.1.2-code-missing, rfc6749-10.12-state-missing
/// Rules: rfc6749-10.12-state-unknown, rfc6749-10.12-state-used, transaction-failure-removes
#[tokio::test]
async fn a_callback_with_missing_wrong_or_repeated_parameters_signs_nobody_in() {
    let app = TestApp::start().await;
    let unfinished = "This sign-in cannot be finished here";
    let incomplete = "That request is incomplete";
    let mut browser = app.browser();
    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
    let cases = [
        (String::new(), incomplete),
        ("?code=abc".to_owned(), incomplete),
        ("?code=abc&state=wrong".to_owned(), unfinished),
        ("?code=abc&state=".to_owned(), unfinished),
        (format!("?code=abc&state={state}&state={state}"), incomplete),
        (format!("?state={state}"), incomplete),
        (format!("?code=abc&state={state}"), unfinished), // Used up by the case before.
    ];
    for (query, title) in cases {
        let answer = browser.get(&format!("/auth/callback{query}")).await;
        answer.assert_problem(400, title);
        assert_eq!(browser.session(), None, "{query}");
    }
}

/// Rules: rfc6749-5.2-invalid-grant
#[tokio::test]
async fn a_made_up_code_signs_nobody_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
    let answer = browser
        .get(&format!("/auth/callback?code=made-up&state={state}"))
        .await;
    answer.assert_problem(400, "That sign-in is no longer valid");
    assert_eq!(browser.session(), None);
}

/// Rules: rfc6749-4.1.2.1-denied, rfc6749-4.1.2.1-uses-up, transaction-failure-removes, w15
#[tokio::test]
async fn denying_access_is_told_as_such_and_uses_the_sign_in_up() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
    let denied = format!("/auth/callback?error=access_denied&error_description=%3Cscript%3E&state={state}");
    let answer = browser.get(&denied).await;
    answer.assert_problem(403, "Access was denied");
    assert!(
        !answer.body.contains("&lt;script"),
        "nothing of the request is repeated"
    );
    assert_eq!(browser.session(), None);
    assert_eq!(browser.sign_ins_in_progress(), 0);
}

/// Rules: w23, rfc6749-4.1.2.1-denied, rfc6749-4.1.2.1-unavailable, rfc6749-4.1.2.1-misconfigured
/// Rules: core-3.1.2.6-interaction, scalekit-error-account, scalekit-error-organization
#[tokio::test]
async fn w23_an_error_without_state_is_told_by_its_own_name() {
    let app = TestApp::start().await;
    let cases = [
        (403, "Access was denied", "access_denied unauthorized"),
        (
            403,
            "Please sign in yourself",
            "login_required interaction_required consent_required account_selection_required user_login_required",
        ),
        (403, "Your account is not active", "user_not_active"),
        (
            403,
            "We do not know that organization",
            "invalid_organization_id invalid_connection_id invalid_connection_selector",
        ),
        (
            403,
            "Single sign-on is not switched on",
            "no_active_connections connection_not_active no_configured_connections",
        ),
        (
            403,
            "We do not know that e-mail domain",
            "domain_not_found invalid_user_domain",
        ),
        (
            503,
            "Sign-in is taking a break",
            "temporarily_unavailable server_error",
        ),
        (
            502,
            "Sign-in is not set up correctly",
            "invalid_request invalid_redirect_uri invalid_client unauthorized_client unsupported_response_type \
             invalid_scope application_not_active request_not_supported anything_else %00%0A",
        ),
    ];
    let cases = cases
        .iter()
        .flat_map(|(status, title, codes)| codes.split(' ').map(move |code| (code, *status, *title)));
    let mut browser = app.browser();
    for (code, status, title) in cases {
        let callback = format!("/auth/callback?error={code}");
        // Without a sign-in anybody may have made it up: the words are the same, the status is no alarm.
        browser.get(&callback).await.assert_problem(400, title);
        let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
        let answer = browser.get(&format!("{callback}&state={state}")).await;
        answer.assert_problem(status, title);
    }
}

/// Rules: oidcc-client-test-signing-key-rotation, oidcc-client-test-signing-key-rotation-just-before-signing
/// Rules: kid-unknown, kid-unknown-throttled, w20
#[tokio::test]
async fn the_exchange_uses_the_code_once_and_a_rotated_signing_key_is_found() {
    let app = TestApp::start().await;
    let control = app.emulator.as_ref().unwrap().control();
    control.rotate_keys();
    app.signed_in(ADA).await;
    // A second rotation within the throttle's interval: refused, because the keys may not be fetched again yet.
    control.rotate_keys();
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", ADA).await;
    browser
        .get(&callback)
        .await
        .assert_problem(502, "The sign-in could not be verified");
    app.clock.advance(time::Duration::seconds(31));
    control.advance_clock(std::time::Duration::from_secs(31));
    app.signed_in(ADA).await;
}

/// Rules: w22, transaction-cookie
#[tokio::test]
async fn w22_behind_tls_every_cookie_is_secure_and_host_bound() {
    let setup = Setup {
        public_origin: Some("https://app.example".to_owned()),
        ..Setup::default()
    };
    let app = setup.start().await;
    let mut browser = app.browser();
    let start = browser.get("/auth/login").await;
    let landed = browser.get(&app.approve(&start.location(), ADA)).await;
    let signed_out = browser.post("/logout").await;
    let cookies: Vec<_> = [&start, &landed, &signed_out]
        .iter()
        .flat_map(|answer| answer.headers.get_all("set-cookie"))
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    assert_eq!(
        cookies.len(),
        5,
        "transaction set and removed, session set and removed, signed-out mark: {cookies:?}"
    );
    for cookie in cookies {
        assert!(cookie.starts_with("__Host-scalekit_"), "{cookie}");
        assert!(
            cookie.contains("; Secure") && cookie.contains("Path=/"),
            "{cookie}"
        );
        let removes = cookie.contains("Max-Age=0");
        assert!(
            removes || (cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax")),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(
        landed
            .header("strict-transport-security")
            .contains("max-age=63072000")
    );
}
