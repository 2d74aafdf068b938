//! Who may see what, and how the others are told.

use misbehaving_provider::MisbehavingProvider;
use reqwest::Method;

use crate::{test_app::TestApp, test_browser::parameter};

const ADA: &str = "ada@acme.example";

#[tokio::test]
async fn nobody_sees_a_protected_page_and_its_redirect_has_no_body() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/dashboard").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location(), "/login?reason=required&next=%2Fdashboard");
    assert_eq!(answer.body, "");
}

/// Rules: w17, w28
#[tokio::test]
async fn w17_and_w28_scripts_get_401_json_instead_of_a_redirect() {
    let app = TestApp::start().await;
    for headers in [
        [("accept", "text/plain, application/json")],
        [("sec-fetch-mode", "cors")],
    ] {
        let answer = app.browser().request(Method::GET, "/dashboard", &headers).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, r#"{"error":"not_signed_in","reason":"required"}"#);
    }
}

/// Rules: w28
#[tokio::test]
async fn w28_json_may_stand_anywhere_in_the_list_of_what_is_accepted() {
    let app = TestApp::start().await;
    let mut max = app.signed_in("max@acme.example").await;
    for (accept, is_script) in [
        ("application/json", true),
        ("application/json, text/plain, */*", true),
        ("text/plain,application/json;q=0.9,*/*;q=0.8", true),
        ("text/html, Application/JSON", true),
        ("*/*", false),
        ("text/html,application/xhtml+xml", false),
        ("application/jsonp", false),
        ("text/application/json", false),
    ] {
        let headers = [("accept", accept)];
        for path in ["/dashboard", "/sessions", "/organization/settings/members"] {
            let nobody = app.browser().request(Method::GET, path, &headers).await;
            assert_eq!(
                nobody.status,
                if is_script { 401 } else { 303 },
                "{accept} {path}"
            );
        }
        let refused = max.request(Method::GET, "/organization/settings", &headers).await;
        let is_json = refused.header("content-type") == "application/json";
        assert_eq!((refused.status, is_json), (403, is_script), "{accept}");
    }
}

/// What a proxy that knows people tells the application behind it, and what anybody can write who reaches us without it.
///
/// Rules: rfc9700-4.13
#[tokio::test]
async fn no_header_but_the_session_cookie_signs_anybody_in() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut signed_in = app.browser();
    app.sign_in_at(&provider, &mut signed_in).await;
    assert_eq!(signed_in.get("/dashboard").await.status, 200);
    let [issued] = provider.issued().try_into().unwrap();
    let bearer = format!("Bearer {}", issued.access_token);
    let headers = [
        ("x-forwarded-user", "usr_ada"),
        ("x-forwarded-email", "ada@acme.example"),
        ("x-forwarded-access-token", issued.access_token.as_str()),
        ("x-auth-request-user", "usr_ada"),
        ("x-remote-user", "usr_ada"),
        ("remote-user", "usr_ada"),
        ("x-ssl-client-verify", "SUCCESS"),
        ("x-ssl-client-s-dn", "CN=usr_ada"),
        ("x-scalekit-user-id", "usr_ada"),
        ("x-scalekit-organization-id", "org_acme"),
        ("x-scalekit-id-token", issued.id_token.as_str()),
        ("x-scalekit-session", signed_in.session().unwrap()),
        ("authorization", bearer.as_str()),
    ];
    let each = headers.iter().map(std::slice::from_ref);
    for headers in each.chain([headers.as_slice()]) {
        let answer = app.browser().request(Method::GET, "/dashboard", headers).await;
        assert_eq!(answer.status, 303, "{headers:?}");
        assert_eq!(
            answer.location(),
            "/login?reason=required&next=%2Fdashboard",
            "{headers:?}"
        );
    }
}

/// Where people reach us is configured, not told by whoever asks: a code must not go elsewhere.
///
/// Rules: rfc9700-4.13, rfc9700-2.1
#[tokio::test]
async fn no_header_changes_where_the_provider_sends_people_back_to() {
    let app = TestApp::start().await;
    let honest = app.browser().get("/auth/login").await.location();
    let redirect_uri = parameter(&honest, "redirect_uri").unwrap();
    for header in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/evil"),
        ("forwarded", "host=evil.example;proto=https"),
    ] {
        let answer = app.browser().request(Method::GET, "/auth/login", &[header]).await;
        assert_eq!(answer.status, 303, "{header:?}");
        assert_eq!(
            parameter(&answer.location(), "redirect_uri"),
            Some(redirect_uri.clone()),
            "{header:?}"
        );
    }
}

#[tokio::test]
async fn a_session_that_has_ended_says_so() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.clock.advance(time::Duration::minutes(61));
    assert_eq!(
        browser.get("/dashboard").await.location(),
        "/login?reason=expired&next=%2Fdashboard"
    );
    let json = browser
        .request(Method::GET, "/dashboard", &[("accept", "application/json")])
        .await;
    assert_eq!(json.body, r#"{"error":"not_signed_in","reason":"expired"}"#);
}

/// The answer to a request with the old cookie may arrive after the new one: it must not take that away.
#[tokio::test]
async fn a_session_that_has_ended_does_not_take_the_cookie_of_the_next_one_away() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    app.clock.advance(time::Duration::minutes(61));
    let late = browser.get("/dashboard").await;
    assert_eq!(late.header("set-cookie"), "");
}

/// Rules: next-login-page
#[tokio::test]
async fn signed_in_people_go_straight_on() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    assert_eq!(browser.get("/").await.location(), "/dashboard");
    assert_eq!(browser.get("/login").await.location(), "/dashboard");
    assert_eq!(
        browser.get("/login?next=/dashboard?a=1").await.location(),
        "/dashboard?a=1"
    );
    assert_eq!(
        browser.get("/login?next=//evil.example").await.location(),
        "/dashboard"
    );
}

#[tokio::test]
async fn every_path_works_with_a_trailing_slash() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    for path in ["/dashboard/", "/healthz/", "/readyz/"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.browser().get("/login/").await.status, 200);
    assert_eq!(app.browser().get("/signed-out/").await.status, 200);
    assert_eq!(app.browser().get("/auth/login/").await.status, 303);
    assert_eq!(
        app.browser().get("/dashboard/").await.location(),
        "/login?reason=required&next=%2Fdashboard"
    );
}

#[tokio::test]
async fn every_page_says_what_it_demands_and_the_guard_enforces_it() {
    let app = TestApp::start().await;
    let pages = server::router::leptos_routes();
    for page in &pages {
        let is_listed = app::routes::PAGES.iter().any(|(path, _)| *path == page.path());
        assert!(is_listed, "{} is not in app::routes::PAGES", page.path());
    }
    for (path, demand) in app::routes::PAGES {
        let is_refused = app
            .browser()
            .get(path)
            .await
            .header("location")
            .starts_with("/login?reason=required");
        assert_eq!(is_refused, *demand != app::routes::Demand::Nothing, "{path}");
    }
}

#[tokio::test]
async fn server_functions_refuse_other_sites() {
    let app = TestApp::start().await;
    let foreign = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = app
        .browser()
        .request(Method::POST, "/api/exchange-code", &foreign)
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_server_function_that_refuses_has_the_status_of_its_problem() {
    let app = TestApp::start().await;
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
    ];
    let answer = app
        .browser()
        .submit("/api/exchange-code", "query=code%3D1%26state%3D2", &form)
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.contains("SignInUnknown") && answer.body.contains(answer.header("x-request-id")),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn what_needs_a_permission_is_shown_to_those_who_have_it() {
    let app = TestApp::start().await;
    let shown = async |email| {
        app.signed_in(email)
            .await
            .get("/dashboard")
            .await
            .body
            .contains("You administer this organization")
    };
    assert!(shown(ADA).await);
    assert!(!shown("max@acme.example").await);
}

#[tokio::test]
async fn no_spelling_of_a_path_slips_past_the_guard() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in(ADA).await;
    // Clients resolve dots before they send a path; these must arrive as they are.
    for path in [
        "/x/../dashboard",
        "/./dashboard",
        "/%2e/dashboard",
        "/x\\..\\dashboard",
        "/%64ashboard",
        "/dashboard;x",
    ] {
        let answer = browser.get_raw(path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    assert!(
        browser.get_raw("/dashboard").await.starts_with("HTTP/1.1 200 "),
        "the raw request is a good one"
    );
}
