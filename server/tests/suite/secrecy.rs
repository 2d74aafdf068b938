//! What comes from outside is not repeated, and what is secret is not told: neither in pages nor in the log (promise 1,
//! W14, W15).

use misbehaving_provider::{CLIENT_SECRET, Endpoint, Fault, MisbehavingProvider};

use crate::{test_app::TestApp, test_browser::parameter, test_log::Log};

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
