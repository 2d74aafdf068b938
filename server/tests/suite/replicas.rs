//! Two replicas behind a load balancer: one exchange, whoever asks and however often, and a sign-out that stays one.

use std::{sync::Arc, time::Duration};

use auth::session::Ending;
use disposable_stores::{Postgres, Redis, or_skip};
use emulator::{Endpoint, Fault};
use tokio::task::JoinSet;

use crate::test_app::{Setup, TestApp};

const ADA: &str = "ada@acme.example";
/// Access tokens live for five minutes; in the last of them they are renewed.
const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);
const REQUESTS: usize = 500;

async fn start(store: String) -> TestApp {
    let setup = Setup {
        store,
        ..Setup::default()
    };
    let app = setup.start().await;
    // Strict: a refresh token that is used twice takes the session with it.
    control(&app).set_refresh_grace(Duration::ZERO);
    app
}

fn control(app: &TestApp) -> emulator::Control {
    app.emulator.as_ref().unwrap().control().clone()
}

/// As many requests at once as a browser with many tabs never makes, spread over `replicas`.
async fn many_requests_make_one_exchange(app: &TestApp, replicas: &[&TestApp]) {
    let browser = app.signed_in(ADA).await;
    app.pass(NEARLY_OVER);
    let asked_before = control(app).requests().to(Endpoint::Token);
    let mut requests = JoinSet::new();
    for replica in replicas.iter().cycle().take(REQUESTS) {
        let mut browser = browser.clone().moved_to(replica.address);
        requests.spawn(async move { browser.get("/dashboard").await.status });
    }
    let statuses = requests.join_all().await;
    assert_eq!(statuses, vec![200; REQUESTS]);
    assert_eq!(control(app).requests().to(Endpoint::Token) - asked_before, 1);
}

/// Rules: w6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w6_five_hundred_requests_make_one_exchange_on_sqlite() {
    let file = std::env::temp_dir().join(format!("replicas-{}.db", std::process::id()));
    let app = start(format!("sqlite:{}", file.display())).await;
    many_requests_make_one_exchange(&app, &[&app]).await;
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
}

/// Rules: w6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w6_five_hundred_requests_to_two_replicas_make_one_exchange_on_postgres() {
    let Some(postgres) = or_skip(Postgres::start()) else {
        return;
    };
    let app = start(postgres.url()).await;
    let other = app.replica().await;
    many_requests_make_one_exchange(&app, &[&app, &other]).await;
}

/// Rules: w6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w6_five_hundred_requests_to_two_replicas_make_one_exchange_on_redis() {
    let Some(redis) = or_skip(Redis::start()) else {
        return;
    };
    let app = start(redis.url()).await;
    let other = app.replica().await;
    many_requests_make_one_exchange(&app, &[&app, &other]).await;
}

/// The provider is slow; in the meantime the person signs out at the other replica.
///
/// Rules: refresh-fault-sign-out, rfc9700-4.14-revoked-at-logout
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_during_a_refresh_on_another_replica_stays_one() {
    let Some(redis) = or_skip(Redis::start()) else {
        return;
    };
    let app = start(redis.url()).await;
    let other = app.replica().await;
    for _ in 0..20 {
        let browser = app.signed_in(ADA).await;
        let id = browser.session().unwrap().parse().unwrap();
        app.pass(NEARLY_OVER);
        let slow = Fault::Delay(Duration::from_millis(30));
        control(&app).set_fault(Endpoint::Token, Some(slow));
        let asked_before = control(&app).requests().to(Endpoint::Token);
        let mut refreshing = browser.clone();
        let request = tokio::spawn(async move { refreshing.get("/dashboard").await });
        while control(&app).requests().to(Endpoint::Token) == asked_before {
            tokio::task::yield_now().await;
        }
        let mut leaving = browser.clone().moved_to(other.address);
        assert_eq!(leaving.post("/logout").await.status, 303);

        let answer = request.await.unwrap();
        assert_eq!(answer.location(), "/login?reason=expired&next=%2Fdashboard");
        for replica in [&app, &other] {
            let sessions = &replica.state.services.sessions;
            sessions.settled().await;
            assert_eq!(sessions.open(id).await.unwrap().unwrap_err(), Ending::Unknown);
            let mut left_behind = browser.clone().moved_to(replica.address);
            assert_eq!(left_behind.get("/dashboard").await.status, 303);
        }
        control(&app).clear_faults();
    }
    assert!(control(&app).requests().to(Endpoint::Revoke) >= 20);
}

/// Requests, refreshes and one sign-out, all at once: whatever the order, it stays one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_among_many_requests_stays_one() {
    let app = Arc::new(start("memory:".to_owned()).await);
    for _ in 0..20 {
        let browser = app.signed_in(ADA).await;
        app.pass(NEARLY_OVER);
        let mut crowd = JoinSet::new();
        for number in 0..12 {
            let mut browser = browser.clone();
            crowd.spawn(async move {
                match number {
                    6 => browser.post("/logout").await,
                    5 | 7 => browser.post("/sessions/refresh-token").await,
                    _ => browser.get("/dashboard").await,
                }
            });
        }
        crowd.join_all().await;
        let mut left_behind = browser.clone();
        assert_eq!(left_behind.get("/dashboard").await.status, 303);
    }
}
