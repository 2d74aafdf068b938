//! The session store fails: nobody is let in, nobody is told that they are signed out, and it heals.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use auth::store::{
    Expected, Fence, Index, Leased, Row, RowKey, RowStore, StoreError, Written, memory::MemoryStore,
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use reqwest::Method;
use server::router::router;
use tower::ServiceExt as _;

use crate::test_app::{Setup, TestApp};

const ADA: &str = "ada@acme.example";

/// A store that can be switched off.
#[derive(Debug, Default)]
struct FragileStore {
    rows: MemoryStore,
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Works,
    Broken,
    /// It never answers.
    Silent,
}

impl FragileStore {
    async fn works(&self) -> Result<&MemoryStore, StoreError> {
        let state = *self.state.lock().unwrap();
        match state {
            State::Works => Ok(&self.rows),
            State::Broken => Err(StoreError("switched off".to_owned())),
            State::Silent => std::future::pending().await,
        }
    }

    fn set_broken(&self, broken: bool) {
        self.set(if broken { State::Broken } else { State::Works });
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }
}

#[async_trait]
impl RowStore for FragileStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        self.works().await?.insert(key, row).await
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        self.works().await?.load(key).await
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        self.works().await?.find(index, hashes).await
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        self.works().await?.update(key, expected, row).await
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        self.works().await?.touch(key, last_seen, idle_end).await
    }

    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        self.works().await?.lease(key, version, duration).await
    }

    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        self.works()
            .await?
            .take_over(key, version, abandoned, duration)
            .await
    }

    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError> {
        self.works().await?.release(key, fence).await
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        self.works().await?.delete(key).await
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        self.works().await?.delete_unchanged(key, expected).await
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        self.works().await?.delete_over(now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.works().await?.ping().await
    }
}

async fn start() -> (TestApp, Arc<FragileStore>) {
    let store = Arc::new(FragileStore::default());
    let setup = Setup {
        rows: Some(Arc::clone(&store) as Arc<dyn RowStore>),
        ..Setup::default()
    };
    (setup.start().await, store)
}

#[tokio::test]
async fn a_request_that_takes_too_long_ends_with_a_page_that_tries_again() {
    let (app, store) = start().await;
    let browser = app.signed_in(ADA).await;
    let cookie = format!("scalekit_session={}", browser.session().unwrap());
    store.set(State::Silent);
    tokio::time::pause();
    for (method, tries_again) in [("GET", true), ("POST", false)] {
        let request = Request::builder()
            .method(method)
            .uri("/dashboard")
            .header("cookie", &cookie)
            .body(Body::empty())
            .unwrap();
        let answer = router(&app.state).unwrap().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "10");
        assert_eq!(answer.headers().contains_key("refresh"), tries_again);
        let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&page).contains("This takes too long"));
    }
}

#[tokio::test]
async fn a_protected_page_says_so_and_heals() {
    let (app, store) = start().await;
    let mut browser = app.signed_in(ADA).await;
    store.set_broken(true);
    let answer = browser.get("/dashboard").await;
    answer.assert_problem(503, "We cannot look up your session");
    assert_eq!(answer.header("retry-after"), "10");
    let json = browser
        .request(Method::GET, "/dashboard", &[("accept", "application/json")])
        .await;
    assert_eq!(
        (json.status, json.header("content-type")),
        (503, "application/json")
    );
    assert_eq!(
        browser.get("/login").await.status,
        200,
        "what is open to all stays open"
    );
    assert_eq!(browser.get("/readyz").await.status, 503);
    assert_eq!(browser.get("/healthz").await.status, 200);

    store.set_broken(false);
    assert_eq!(
        browser.get("/dashboard").await.status,
        200,
        "nobody was signed out by it"
    );
}

/// Rules: fault-store
#[tokio::test]
async fn a_sign_in_that_cannot_be_stored_is_no_sign_in() {
    let (app, store) = start().await;
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", ADA).await;
    store.set_broken(true);
    browser
        .get(&callback)
        .await
        .assert_problem(503, "We cannot look up your session");
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_sign_out_that_cannot_be_stored_does_not_pretend() {
    let (app, store) = start().await;
    let mut browser = app.signed_in(ADA).await;
    store.set_broken(true);
    browser
        .post("/logout")
        .await
        .assert_problem(503, "We cannot look up your session");
    store.set_broken(false);
    assert_eq!(
        browser.get("/dashboard").await.status,
        200,
        "they still are, and can see it"
    );
}
