//! Faults that take the answer away after the work is done, faults that hit a share of the requests, and what the
//! emulator notes of the refreshes that come of it.

use std::time::Duration;

use emulator::{Endpoint, Fault, Replay};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::application::{Application, claims, json as body};

/// A fault of the token endpoint that starts after the code exchange.
async fn refresh_meets(fault: Fault) -> (Application, Value) {
    let app = Application::start().await;
    let tokens = app.tokens_for("ada@acme.example").await;
    app.control().set_fault(Endpoint::Token, Some(fault));
    (app, tokens)
}

async fn replays_after_coming_again(app: &Application, tokens: &Value) -> Vec<Replay> {
    app.control().clear_faults();
    assert_eq!(app.refresh(tokens).await.status(), StatusCode::OK);
    app.control().replays().iter().cloned().collect()
}

#[tokio::test]
async fn a_lost_answer_is_that_of_work_that_was_done() {
    let (app, tokens) = refresh_meets(Fault::Lost).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let lost = app.token(&form).send().await.unwrap_err();
    assert!(lost.is_request(), "{lost}");

    let [replay] = &*replays_after_coming_again(&app, &tokens).await else {
        panic!("the token had been used");
    };
    assert!(replay.forgiven && replay.unanswered);
    assert_eq!(replay.sid, claims(&tokens["access_token"])["sid"]);
    assert_eq!(app.control().requests().faults(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_masked_answer_is_that_of_work_that_was_done() {
    let (app, tokens) = refresh_meets(Fault::Masked(502)).await;
    assert_eq!(app.refresh(&tokens).await.status(), StatusCode::BAD_GATEWAY);
    assert!(replays_after_coming_again(&app, &tokens).await[0].unanswered);
}

#[tokio::test]
async fn a_late_answer_is_lost_to_who_does_not_wait_for_it() {
    let (app, tokens) = refresh_meets(Fault::Late(Duration::from_millis(1))).await;
    assert_eq!(app.refresh(&tokens).await.status(), StatusCode::OK);
    assert!(!replays_after_coming_again(&app, &tokens).await[0].unanswered);

    let (app, tokens) = refresh_meets(Fault::Late(Duration::from_hours(1))).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let hurried = app.token(&form).timeout(Duration::from_millis(100)).send();
    assert!(hurried.await.unwrap_err().is_timeout());
    assert!(replays_after_coming_again(&app, &tokens).await[0].unanswered);
}

#[tokio::test]
async fn a_fault_before_the_work_leaves_the_refresh_token_as_it_was() {
    for fault in [Fault::Status(503), Fault::Garbage] {
        let (app, tokens) = refresh_meets(fault).await;
        app.refresh(&tokens).await;
        assert_eq!(app.control().requests().with_grant("refresh_token"), 0);
        assert!(replays_after_coming_again(&app, &tokens).await.is_empty());
    }
}

#[tokio::test]
async fn a_fault_can_hit_a_share_of_the_requests() {
    let app = Application::start().await;
    let put = app.client().put(app.url("/_emulator/faults/keys"));
    let put = put
        .header(header::CONTENT_TYPE, "application/json")
        .body(json!({ "fault": "status", "value": 429, "share": 0.25 }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), StatusCode::NO_CONTENT);
    let mut refused = Vec::new();
    for number in 1..=8 {
        if app.get("/keys").send().await.unwrap().status() == StatusCode::TOO_MANY_REQUESTS {
            refused.push(number);
        }
    }
    assert_eq!(refused, [4, 8]);
    assert_eq!(app.control().requests().faults(Endpoint::Keys), 2);
    assert_eq!(
        body(app.get("/_emulator/faults").send().await.unwrap()).await,
        json!({ "keys": { "fault": "status", "value": 429, "share": 0.25 } })
    );
}

#[tokio::test]
async fn refreshes_of_one_session_that_overlap_are_counted() {
    let app = Application::start().await;
    let [ada, max] = [
        app.tokens_for("ada@acme.example").await,
        app.tokens_for("max@acme.example").await,
    ];
    app.refresh(&ada).await;
    app.refresh(&ada).await;
    assert_eq!(app.control().requests().most_concurrent_refreshes(), 1);

    // Each waits until the other has arrived, which is what the count is about.
    let fault = Fault::Late(Duration::from_millis(200));
    app.control().set_fault(Endpoint::Token, Some(fault));
    tokio::join!(app.refresh(&ada), app.refresh(&max));
    assert_eq!(
        app.control().requests().most_concurrent_refreshes(),
        1,
        "two sessions"
    );
    tokio::join!(app.refresh(&ada), app.refresh(&ada), app.refresh(&ada));
    assert_eq!(app.control().requests().most_concurrent_refreshes(), 3);
}
