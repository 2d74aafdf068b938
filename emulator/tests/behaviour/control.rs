//! Control: who may use it, and what it does.

use std::time::Duration;

use emulator::{Emulator, Endpoint, Fault, StartError};
use reqwest::{StatusCode, header};
use serde_json::json;

use crate::application::{Application, json as body};

#[tokio::test]
async fn a_web_page_cannot_reach_it() {
    let app = Application::start().await;
    let ask = |name: header::HeaderName, value: &str| app.get("/_emulator").header(name, value).send();
    for (name, value) in [
        (header::HOST, "evil.test"),
        (header::HOST, "localhost.evil.test"),
        (header::HOST, "192.168.0.1:3300"),
        (header::ORIGIN, "http://evil.test"),
        (header::ORIGIN, "http://127.0.0.1:1"),
        (header::ORIGIN, "null"),
    ] {
        assert_eq!(
            ask(name.clone(), value).await.unwrap().status(),
            StatusCode::FORBIDDEN,
            "{name}: {value}"
        );
    }
    assert_eq!(
        ask(header::ORIGIN, app.issuer()).await.unwrap().status(),
        StatusCode::OK
    );
    assert_eq!(
        ask(header::HOST, "localhost:3300").await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn http_and_in_process_control_are_the_same() {
    let app = Application::start().await;
    let post = |path: &str, value: serde_json::Value| {
        let request = app
            .client()
            .post(app.url(path))
            .header(header::CONTENT_TYPE, "application/json");
        request.body(value.to_string()).send()
    };
    let set = post("/_emulator/lifetimes", json!({ "access_token_seconds": 60 }))
        .await
        .unwrap();
    assert_eq!(body(set).await["access_token_seconds"], 60);
    assert_eq!(app.tokens_for("ada@acme.example").await["expires_in"], 59);
    let moved = post("/_emulator/clock", json!({ "advance_seconds": 90 }))
        .await
        .unwrap();
    assert_eq!(body(moved).await["offset_seconds"], 90);
    assert_eq!(
        body(app.get("/_emulator/sessions").send().await.unwrap())
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let ended = app
        .client()
        .post(app.url("/_emulator/sessions/end"))
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert!(app.control().sessions().is_empty());
    let requests = body(app.get("/_emulator/requests").send().await.unwrap()).await;
    assert_eq!(
        requests,
        json!({
            "endpoints": { "token": 1 },
            "grants": { "authorization_code": 1 },
            "faults": {},
            "most_concurrent_refreshes": 0,
        })
    );
}

#[tokio::test]
async fn rotating_the_keys_replaces_the_published_one() {
    let app = Application::start().await;
    let before = body(app.get("/keys").send().await.unwrap()).await;
    let kid = app.control().rotate_keys().unwrap();
    let after = body(app.get("/keys").send().await.unwrap()).await;
    assert_ne!(before["keys"][0]["kid"], after["keys"][0]["kid"]);
    assert_eq!(after["keys"].as_array().unwrap().len(), 1);
    let tokens = app.tokens_for("ada@acme.example").await;
    let header = jsonwebtoken::decode_header(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(header.kid.unwrap(), kid);
}

#[tokio::test]
async fn an_endpoint_misbehaves_until_it_is_told_to_stop() {
    let app = Application::start().await;
    let fault = json!({ "fault": "status", "value": 503 }).to_string();
    let put = app.client().put(app.url("/_emulator/faults/keys"));
    let put = put
        .header(header::CONTENT_TYPE, "application/json")
        .body(fault)
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        app.get("/keys").send().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );

    app.control().set_fault(Endpoint::Keys, Some(Fault::Reset));
    let reset = app.get("/keys").send().await.unwrap_err();
    assert!(reset.is_request(), "{reset}");
    app.control().set_fault(Endpoint::Keys, Some(Fault::Hang));
    let hang = app
        .get("/keys")
        .timeout(Duration::from_millis(100))
        .send()
        .await
        .unwrap_err();
    assert!(hang.is_timeout());
    app.control().set_fault(Endpoint::Keys, Some(Fault::Garbage));
    assert_eq!(
        app.get("/keys").send().await.unwrap().headers()["content-type"],
        "text/html; charset=utf-8"
    );
    app.control()
        .set_fault(Endpoint::Keys, Some(Fault::Delay(Duration::from_millis(1))));
    assert!(body(app.get("/keys").send().await.unwrap()).await["keys"].is_array());
    app.control().clear_faults();
    assert_eq!(app.get("/keys").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(app.control().requests().to(Endpoint::Keys), 6);
}

#[tokio::test]
async fn shutting_down_does_not_wait_for_a_request_that_hangs() {
    let emulator = Emulator::builder().start().await.unwrap();
    emulator.control().set_fault(Endpoint::Token, Some(Fault::Hang));
    let address = format!("{}/oauth/token", emulator.issuer());
    let hanging = tokio::spawn(crate::browser::http(false).post(&address).send());
    while emulator.control().requests().to(Endpoint::Token) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_secs(1), emulator.shutdown())
        .await
        .unwrap();
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn it_does_not_start_where_others_could_reach_it_or_where_somebody_listens() {
    let open = Emulator::builder().listen(([0, 0, 0, 0], 0).into()).start().await;
    assert!(matches!(open, Err(StartError::NotLoopback(_))));
    let first = Emulator::builder().start().await.unwrap();
    let taken = first.issuer().strip_prefix("http://").unwrap().parse().unwrap();
    assert!(matches!(
        Emulator::builder().listen(taken).start().await,
        Err(StartError::Taken(_))
    ));
    let relative = Emulator::builder().redirect_uri("/auth/callback").start().await;
    assert!(matches!(relative, Err(StartError::RedirectUri(_))));
}
