//! The provider is down: the server starts, says so, and heals by itself.

use emulator::Emulator;

use crate::test_app::{Setup, TestApp};

/// An address where nothing listens, now and for the moment.
fn unused_address() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Rules: fault-start, fault-login, fault-recovery
#[tokio::test]
async fn the_server_starts_without_its_provider_and_recovers_when_it_comes_up() {
    let provider = unused_address();
    let app = Setup {
        issuer: Some(format!("http://{provider}")),
        ..Setup::default()
    }
    .start()
    .await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/healthz").await.status, 200);
    assert_eq!(browser.get("/login").await.status, 200);
    let ready = browser.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.body.contains(r#""provider":false"#)),
        (503, true)
    );
    let answer = browser.get("/auth/login").await;
    answer.assert_problem(503, "Sign-in is taking a break");
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(browser.sign_ins_in_progress(), 0);

    let callback = format!("http://localhost:{}/auth/callback", app.address.port());
    let _emulator = Emulator::builder()
        .listen(provider)
        .redirect_uri(callback)
        .start()
        .await
        .unwrap();
    app.state.services.client.discovered().await.unwrap();
    assert_eq!(browser.get("/readyz").await.status, 200);
    assert_eq!(browser.get("/auth/login").await.status, 303);
}

/// Rules: fault-callback
#[tokio::test]
async fn a_provider_that_goes_away_during_sign_in_is_told_as_such() {
    let mut app = TestApp::start().await;
    let mut browser = app.browser();
    let callback = app
        .approved_callback(&mut browser, "/auth/login", "ada@acme.example")
        .await;
    app.emulator.take().unwrap().shutdown().await;
    browser
        .get(&callback)
        .await
        .assert_problem(503, "Sign-in is taking a break");
    assert_eq!(browser.session(), None);
}

/// Rules: fault-signed-in
#[tokio::test]
async fn whoever_is_signed_in_stays_so_while_the_provider_is_down() {
    let mut app = TestApp::start().await;
    let mut browser = app.signed_in("ada@acme.example").await;
    app.emulator.take().unwrap().shutdown().await;
    assert_eq!(browser.get("/dashboard").await.status, 200);
}
