//! What comes from outside is not repeated, and what is secret is not told: neither in pages nor in the log (promise 1,
//! W14, W15).

use app::routes::{FUNCTIONS, OPEN_FUNCTIONS, PAGES, SESSIONS, SETTINGS};
use misbehaving_provider::{CLIENT_SECRET, Endpoint, Fault, MisbehavingProvider};

use crate::{
    access_table::minimal_form,
    test_app::TestApp,
    test_browser::{Answer, Browser, parameter},
    test_log::Log,
    test_page::has_token,
};

const MARK: &str = "kilroy-was-here";

/// Rules: w15, property-reflection
#[tokio::test]
async fn w15_neither_pages_nor_log_repeat_what_a_request_says() {
    let (log, _guard) = Log::of_everything();
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
    let requests = [
        format!("/auth/callback?error=access_denied&error_description={MARK}&error_uri={MARK}&state={MARK}"),
        format!("/auth/callback?code={MARK}&state={MARK}"),
        format!("/auth/callback?code={MARK}&state={state}"),
        format!("/auth/login?prompt={MARK}"),
        format!("/auth/login?login_hint=%00{MARK}"),
        format!("/login?reason={MARK}&next=//{MARK}"),
        format!("/login?{MARK}={MARK}"),
    ];
    for request in requests {
        let answer = browser.get(&request).await;
        assert!(
            !answer.body.contains(MARK),
            "{request} is repeated: {}",
            answer.body
        );
    }
    let ours = log.our_lines();
    assert!(!ours.is_empty() && !ours.contains(MARK), "{ours}");
    assert!(!ours.contains(&state), "the state is in the log");
}

/// Rules: w15
#[tokio::test]
async fn w15_what_a_provider_says_in_an_error_is_told_to_nobody() {
    let (log, _guard) = Log::of_everything();
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let body = format!(r#"{{"error":"invalid_scope","error_description":"{MARK}","error_uri":"{MARK}"}}"#);
    for fault in [
        Fault::body(body).with_status(400),
        Fault::body(format!("<html>{MARK}")).with_status(400),
        Fault::body(format!(r#"{{"access_token":"{MARK}","token_type":1}}"#)),
    ] {
        provider.fault_once(Endpoint::Token, fault);
        let answer = app.sign_in_at(&provider, &mut app.browser()).await;
        assert_eq!(answer.status, 502);
        assert!(!answer.body.contains(MARK));
    }
    let ours = log.our_lines();
    assert!(
        ours.contains("invalid_scope"),
        "the code is what an operator needs: {ours}"
    );
    assert!(!ours.contains(MARK), "{ours}");
}

/// Rules: w14, rfc9700-4.3, rfc9700-4.2.4
#[tokio::test]
async fn w14_no_token_code_or_secret_is_ever_in_the_log() {
    let (log, _guard) = Log::of_everything();
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut browser = app.browser();
    let callback = app.callback_from(&provider, &mut browser, "/auth/login").await;
    browser.get(&callback).await;
    browser.get("/dashboard").await;
    let session = browser.session().unwrap().to_owned();
    provider.id_token(|token| token.claim("aud", "someone-else"));
    app.sign_in_at(&provider, &mut app.browser()).await;
    let ours = log.our_lines();
    assert!(
        ours.contains("signed in") && ours.contains("ID token is not acceptable"),
        "{ours}"
    );

    let code = parameter(&callback, "code").unwrap();
    let state = parameter(&callback, "state").unwrap();
    let mut secrets = vec![code, state, session, CLIENT_SECRET.to_owned(), "ada@".to_owned()];
    for issued in provider.issued() {
        secrets.extend([issued.access_token, issued.id_token]);
        secrets.extend(issued.refresh_token);
    }
    assert!(secrets.len() > 8, "tokens of two sign-ins");
    for secret in secrets {
        assert!(!ours.contains(&secret), "{secret} is in the log");
    }
}

/// The tokens that `browser`'s session has now.
async fn tokens(app: &TestApp, browser: &Browser) -> [String; 3] {
    let tokens = app.session(browser).await.tokens;
    [
        tokens.access_token.expose().to_owned(),
        tokens.id_token.expose().to_owned(),
        tokens.refresh_token.unwrap().expose().to_owned(),
    ]
}

/// Rules: w14
#[tokio::test]
async fn w14_no_answer_of_any_page_or_function_contains_a_token() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let start = "/auth/login?prompt=login";
    app.sign_in(&mut ada, start, "ada@acme.example").await;
    let mut secrets = tokens(&app, &ada).await.to_vec();
    let mut answers: Vec<(&str, Answer)> = Vec::new();
    for (path, _) in FUNCTIONS {
        answers.push((*path, ada.call(path, minimal_form(path)).await));
        secrets.extend(tokens(&app, &ada).await);
        answers.push((*path, ada.send_form(path, minimal_form(path)).await));
        secrets.extend(tokens(&app, &ada).await);
    }
    for path in OPEN_FUNCTIONS {
        answers.push((*path, ada.call(path, minimal_form(path)).await));
    }
    for (path, _) in PAGES {
        answers.push((*path, ada.get(path).await));
        answers.push((*path, ada.fetch(path).await));
    }
    let all = format!("{SETTINGS}?wait");
    for path in [all.as_str(), SESSIONS, "/nowhere"] {
        answers.push((path, ada.get(path).await));
    }
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() >= 9, "there were new tokens in between");
    for (path, answer) in answers {
        let everything = format!("{:?}{}", answer.headers, answer.body);
        for secret in &secrets {
            assert!(!everything.contains(secret), "{path} contains a token");
        }
        assert!(!has_token(&everything), "{path} contains a token: {everything}");
    }
    assert_eq!(ada.get(SESSIONS).await.status, 200, "signed in to the end");
}
