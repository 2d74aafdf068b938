//! Each fault does what it says.

use std::time::{Duration, Instant};

use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::application::{Application, VERIFIER, text};

/// Long enough for whatever happens at once.
const A_MOMENT: Duration = Duration::from_millis(200);

/// Long enough for another request to be answered, even on a busy machine.
const A_WHILE: Duration = Duration::from_secs(1);

/// A request for the discovery document, on a connection of its own.
async fn ask(provider: &MisbehavingProvider) -> TcpStream {
    let mut connection = TcpStream::connect(provider.address()).await.unwrap();
    let request = "GET /.well-known/openid-configuration HTTP/1.1\r\nhost: localhost\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

#[tokio::test]
async fn a_reset_closes_the_connection_without_a_byte() {
    let provider = MisbehavingProvider::start().await;
    provider.fault(Endpoint::Discovery, Fault::reset());
    let mut answer = Vec::new();
    let error = ask(&provider).await.read_to_end(&mut answer).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
    assert_eq!(provider.requests(Endpoint::Discovery).len(), 1);
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_brings() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let honest = application
        .get(Endpoint::Discovery)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    provider.fault(Endpoint::Discovery, Fault::truncated());
    let mut answer = String::new();
    ask(&provider).await.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("content-length: {}", honest.len())),
        "{head}"
    );
    assert_eq!(body, &honest[..honest.len() / 2]);
    let answer = application.get(Endpoint::Discovery).await.unwrap();
    assert!(answer.text().await.is_err());
}

#[tokio::test]
async fn a_stalled_answer_never_ends_and_a_hanging_one_never_begins() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.fault(Endpoint::Discovery, Fault::stalled());
    let stalled = application.get(Endpoint::Discovery).await.unwrap();
    assert!(timeout(A_MOMENT, stalled.text()).await.is_err());

    provider.fault(Endpoint::Discovery, Fault::hang());
    assert!(
        timeout(A_MOMENT, application.get(Endpoint::Discovery))
            .await
            .is_err()
    );
    assert_eq!(application.get(Endpoint::Keys).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_delay_delays_one_request_and_no_other() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.fault_once(Endpoint::Discovery, Fault::delay(A_WHILE));
    let started = Instant::now();
    let delayed = application.get(Endpoint::Discovery);
    let prompt = async {
        while provider.requests(Endpoint::Discovery).is_empty() {
            tokio::task::yield_now().await;
        }
        application.get(Endpoint::Discovery).await.unwrap();
        started.elapsed()
    };
    let (delayed, prompt) = tokio::join!(delayed, prompt);
    assert_eq!(delayed.unwrap().status(), 200);
    assert!(prompt < A_WHILE && started.elapsed() >= A_WHILE);
}

#[tokio::test]
async fn statuses_redirects_pages_and_errors_are_sent_as_told() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let to = provider.url(Endpoint::Elsewhere);
    for (fault, status, header, value, body) in [
        (
            Fault::status(429).header("retry-after", "7"),
            429,
            "retry-after",
            "7",
            "",
        ),
        (Fault::redirect(&to), 307, "location", to.as_str(), ""),
        (Fault::redirect(&to).with_status(302), 302, "location", &to, ""),
        (
            Fault::html().with_status(502),
            502,
            "content-type",
            "text/html; charset=utf-8",
            "<!doctype html>",
        ),
        (Fault::body("[]"), 200, "content-type", "application/json", "[]"),
        (
            Fault::error(400, "invalid_grant"),
            400,
            "content-type",
            "application/json",
            r#"{"error":"invalid_grant"}"#,
        ),
        (
            Fault::content_type("text/plain"),
            200,
            "content-type",
            "text/plain",
            r#"{"issuer""#,
        ),
    ] {
        provider.fault(Endpoint::Discovery, fault);
        let answer = application.get(Endpoint::Discovery).await.unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers()[header].to_str().unwrap()
            ),
            (status, value)
        );
        let text = answer.text().await.unwrap();
        assert!(
            text.starts_with(body) && text.is_empty() == body.is_empty(),
            "{text}"
        );
    }
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
}

#[tokio::test]
async fn a_huge_answer_is_honest_otherwise() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.fault(Endpoint::Discovery, Fault::huge());
    let answer = application.get(Endpoint::Discovery).await.unwrap();
    let body = answer.bytes().await.unwrap();
    assert!(body.len() > 10 * 1024 * 1024);
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(text(&document, "issuer"), provider.issuer());
}

#[tokio::test]
async fn faults_for_the_next_requests_come_in_order_and_pass() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.fault(Endpoint::Keys, Fault::status(500));
    provider.fault_times(Endpoint::Keys, 2, Fault::status(503));
    provider.fault_once(Endpoint::Keys, Fault::status(429));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(application.get(Endpoint::Keys).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 429, 500, 500]);
    provider.heal(Endpoint::Keys);
    assert_eq!(application.get(Endpoint::Keys).await.unwrap().status(), 200);
}

#[tokio::test]
async fn work_is_done_before_a_fault_only_if_the_test_says_so() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let code = application.code();
    for (fault, then) in [
        (Fault::error(503, "temporarily_unavailable"), 200),
        (Fault::error(500, "server_error").after_work(), 400),
    ] {
        let code = application.code();
        provider.fault_once(Endpoint::Token, fault);
        assert!(application.exchange(&code, VERIFIER).await.status >= 500);
        assert_eq!(application.exchange(&code, VERIFIER).await.status, then);
    }
    assert_eq!(application.exchange(&code, VERIFIER).await.status, 200);
}
