//! A provider that fails in the middle of a sign-in: the page says so, nobody else waits, and it heals.

use std::time::Duration;

use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};

use crate::{
    test_app::{Setup, TestApp, asked},
    test_log::Log,
};

const BREAK: &str = "Sign-in is taking a break";

/// Rules: fault-token-hang, fault-recovery, fault-code-once
#[tokio::test]
async fn a_token_endpoint_that_hangs_holds_up_nobody_else() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let mut stuck = app.browser();
    let callback = app
        .callback_from(&provider, &mut stuck, "/auth/login?next=/dashboard?tab=1")
        .await;
    provider.fault_once(Endpoint::Token, Fault::hang());
    let waiting = tokio::spawn(async move { stuck.get(&callback).await });
    asked(&provider, Endpoint::Token).await;

    let mut other = app.browser();
    assert_eq!(
        app.sign_in_at(&provider, &mut other).await.location(),
        "/dashboard"
    );
    assert_eq!(other.get("/dashboard").await.status, 200);
    assert!(
        !waiting.is_finished(),
        "the other was served while this one waits"
    );

    let answer = waiting.await.unwrap();
    answer.assert_problem(503, BREAK);
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(
        answer.header("refresh"),
        "",
        "the code may be used up: the same address cannot succeed"
    );
    assert!(
        answer
            .body
            .contains(r#"href="/login?next=%2Fdashboard%3Ftab%3D1""#),
        "{}",
        answer.body
    );
    assert_eq!(
        provider.requests(Endpoint::Token).len(),
        2,
        "one for each of them"
    );
}

/// Rules: rfc6749-5.2-429, rfc6749-5.2-5xx
#[tokio::test]
async fn a_provider_that_asks_for_patience_is_given_it() {
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    let cases = [
        (429, "7", "7"),
        (503, "100000", "300"),
        (500, "Fri, 31 Dec 2027 23:59:59 GMT", "10"),
        (502, "0", "1"),
    ];
    for (status, asked, told) in cases {
        let fault = Fault::status(status).header("retry-after", asked);
        provider.fault_once(Endpoint::Token, fault);
        let answer = app.sign_in_at(&provider, &mut app.browser()).await;
        answer.assert_problem(503, BREAK);
        assert_eq!(answer.header("retry-after"), told, "{asked}");
    }
}

/// Rules: rfc6749-5.2-invalid-client, transaction-error-page
#[tokio::test]
async fn a_provider_that_does_not_accept_this_application_alarms_its_operator() {
    let (log, _guard) = Log::of_everything();
    let provider = MisbehavingProvider::start().await;
    let app = TestApp::at(&provider).await;
    for (status, error) in [(401, "invalid_client"), (400, "unauthorized_client")] {
        provider.fault_once(Endpoint::Token, Fault::error(status, error));
        let mut browser = app.browser();
        let answer = app.sign_in_at(&provider, &mut browser).await;
        answer.assert_problem(502, "Sign-in is not set up correctly");
        assert_eq!((browser.session(), answer.header("retry-after")), (None, ""));

        let lines = log.our_lines();
        let reference = answer.header("x-request-id");
        let alarms: Vec<_> = lines
            .lines()
            .filter(|line| line.contains(" ERROR ") && line.contains(reference))
            .collect();
        assert_eq!(alarms.len(), 1, "{error} is told once: {lines}");
        for told in [
            "misconfigured",
            "the provider refused this application's credentials",
        ] {
            assert!(alarms[0].contains(told), "{error}: {alarms:?}");
        }
    }
}

/// Rules: fault-start, fault-login, fault-recovery
#[tokio::test]
async fn the_start_of_a_sign_in_tries_again_by_itself_until_the_provider_is_there() {
    let provider = MisbehavingProvider::builder().down().start().await;
    let app = Setup::at(&provider).start().await;
    let mut browser = app.browser();
    let answer = browser.get("/auth/login?next=/dashboard").await;
    answer.assert_problem(503, BREAK);
    assert_eq!(
        (answer.header("retry-after"), answer.header("refresh")),
        ("10", "10")
    );
    assert!(answer.body.contains("tries again by itself"));

    provider.come_up();
    app.state.services.client.discovered().await.unwrap();
    assert_eq!(browser.get("/auth/login?next=/dashboard").await.status, 303);
}

/// A replica that has just started may get the callback of a sign-in that another one began.
///
/// Rules: fault-callback
#[tokio::test]
async fn a_callback_before_the_provider_is_known_uses_nothing_up() {
    let provider = MisbehavingProvider::start().await;
    let first = TestApp::at(&provider).await;
    let mut browser = first.browser();
    let callback = first.callback_from(&provider, &mut browser, "/auth/login").await;
    provider.go_down().await;
    let second = Setup {
        public_origin: Some(format!("http://localhost:{}", first.address.port())),
        ..Setup::at(&provider)
    };
    let second = second.start().await;
    let mut browser = browser.moved_to(second.address);
    let answer = browser.get(&callback).await;
    answer.assert_problem(503, BREAK);
    assert_eq!(answer.header("refresh"), "10");
    assert_eq!(browser.sign_ins_in_progress(), 1);

    provider.come_up();
    second.state.services.client.discovered().await.unwrap();
    assert_eq!(browser.get(&callback).await.location(), "/dashboard");
}

/// Rules: fault-discovery-hang
#[tokio::test]
async fn discovery_that_hangs_holds_up_no_request() {
    let provider = MisbehavingProvider::start().await;
    provider.fault(Endpoint::Discovery, Fault::hang());
    let app = Setup {
        patience: Duration::from_mins(1),
        ..Setup::at(&provider)
    };
    let app = app.start().await;
    asked(&provider, Endpoint::Discovery).await;
    let mut browser = app.browser();
    for (path, status) in [
        ("/healthz", 200),
        ("/", 200),
        ("/login", 200),
        ("/readyz", 503),
        ("/auth/login", 503),
    ] {
        assert_eq!(browser.get(path).await.status, status, "{path}");
    }
}
