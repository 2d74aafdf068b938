//! What comes from outside is not repeated, and what is secret is not told: neither in pages nor in the log (promise 1,
//! W14, W15).

use std::{
    io,
    sync::{Arc, Mutex},
};

use misbehaving_provider::{CLIENT_SECRET, Endpoint, Fault, MisbehavingProvider};
use tracing_subscriber::fmt::MakeWriter;

use crate::{test_app::TestApp, test_browser::parameter};

const MARK: &str = "kilroy-was-here";

/// The log of everything, down to what the libraries trace.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of_everything() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

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
    let ours = our_lines(&log.text());
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
    let ours = our_lines(&log.text());
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
    let ours = our_lines(&log.text());
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

/// Without the lines of libraries below HTTP, whose trace level shows bytes and which nobody switches on in production.
fn our_lines(log: &str) -> String {
    log.lines()
        .filter(|line| {
            !["hyper", "reqwest", "h2", "mio", "tower_http"]
                .iter()
                .any(|name| line.contains(&format!(" {name}")))
        })
        .collect::<Vec<_>>()
        .join("\n")
}
