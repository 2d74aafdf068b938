//! Errors that are nobody's sign-in: each has a page, a status and a reference.

use reqwest::Method;

use crate::test_app::TestApp;

/// Stands in what is refused, and in no page of ours.
const MARK: &str = "kilroywashere";

#[tokio::test]
async fn an_unknown_address_has_a_page_of_its_own() {
    let app = TestApp::start().await;
    app.browser()
        .get("/nowhere")
        .await
        .assert_problem(404, "There is no page here");
    app.browser()
        .get("/%3Cscript%3E")
        .await
        .assert_problem(404, "There is no page here");
    let long = format!("/{}", "a".repeat(300));
    let answer = app.browser().get(&long).await;
    answer.assert_problem(404, "There is no page here");
    assert_eq!(answer.header("cache-control"), "no-store");
    app.browser()
        .get("/pkg/nothing.js")
        .await
        .assert_problem(404, "There is no page here");
}

#[tokio::test]
async fn a_wrong_method_is_told_as_such() {
    let app = TestApp::start().await;
    let answer = app.browser().post("/dashboard").await;
    assert_eq!(answer.status, 303, "nobody learns what the dashboard can do");
    let answer = app.browser().post("/login").await;
    answer.assert_problem(405, "This page cannot be used that way");
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn an_error_page_knows_who_is_signed_in() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("ada@acme.example").await;
    for answer in [browser.post("/dashboard").await, browser.get("/nowhere").await] {
        assert!(answer.status >= 400);
        assert!(
            answer.body.contains("Ada Admin") && answer.body.contains("Sign out"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn scripts_get_errors_as_json() {
    let app = TestApp::start().await;
    let answer = app
        .browser()
        .request(Method::POST, "/login", &[("accept", "application/json")])
        .await;
    assert_eq!(answer.status, 405);
    assert!(answer.header("content-type").starts_with("application/json"));
    assert!(answer.body.contains(answer.header("x-request-id")));
}

/// Rules: core-3.1.2.1-hints-malformed, w15
#[tokio::test]
async fn malformed_hints_are_refused_and_not_repeated() {
    let app = TestApp::start().await;
    for query in [
        format!("prompt={MARK}"),
        format!("login_hint={MARK}&login_hint={MARK}"),
        format!("organization_id={MARK}%00"),
        format!("connection_id={MARK}{}", "x".repeat(256)),
        format!("next=/{MARK}&next=/{MARK}"),
        format!("next=//{MARK}&prompt={MARK}"),
        format!("{MARK}={MARK}&prompt={MARK}"),
    ] {
        let mut browser = app.browser();
        let answer = browser.get(&format!("/auth/login?{query}")).await;
        answer.assert_problem(400, "That request is incomplete");
        assert!(!answer.body.contains(MARK), "{query}: {}", answer.body);
        assert!(!format!("{:?}", answer.headers).contains(MARK), "{query}");
        assert_eq!(browser.sign_ins_in_progress(), 0, "{query}");
    }
}

#[tokio::test]
async fn a_server_function_that_is_not_understood_says_so_with_a_reference() {
    let app = TestApp::start().await;
    for (endpoint, body) in [
        ("begin-sign-in", ""),
        ("begin-sign-in", "query=%FF%FE&query=b"),
        ("exchange-code", "other=1"),
        ("exchange-code", "query=code%3Da"),
    ] {
        let headers = [
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        let path = format!("/api/{endpoint}");
        let answer = app.browser().submit(&path, body, &headers).await;
        assert!(
            answer.body.contains("BadRequest"),
            "{endpoint} {body}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(answer.header("x-request-id")),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_head_request_starts_and_finishes_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let callback = app
        .approved_callback(&mut browser, "/auth/login", "ada@acme.example")
        .await;
    for path in ["/auth/login", &callback, "/logout"] {
        let typed = [("sec-fetch-site", "none")];
        let answer = browser.request(Method::HEAD, path, &typed).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET"), "{path}");
    }
    assert_eq!(browser.sign_ins_in_progress(), 1);
    assert_eq!(browser.get(&callback).await.location(), "/dashboard");
}

#[tokio::test]
async fn a_request_number_from_outside_is_not_adopted() {
    let app = TestApp::start().await;
    let answer = app
        .browser()
        .request(Method::GET, "/nowhere", &[("x-request-id", "evil")])
        .await;
    assert_ne!(answer.header("x-request-id"), "evil");
    assert!(!answer.body.contains("evil"));
}

#[tokio::test]
async fn public_files_are_served() {
    let app = TestApp::start().await;
    let icon = app.browser().get("/favicon.svg").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
    let head = app.browser().request(Method::HEAD, "/favicon.svg", &[]).await;
    assert_eq!(head.status, 200);
    app.browser()
        .get("/..%2f..%2fCargo.toml")
        .await
        .assert_problem(404, "There is no page here");
}
