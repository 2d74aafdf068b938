//! Refresh tokens: they rotate, forgive a little, and notice replays.

use std::time::Duration;

use emulator::Role;
use reqwest::StatusCode;

use crate::application::{Application, claims, error, json};

#[tokio::test]
async fn a_refresh_brings_a_new_set_of_tokens() {
    let app = Application::start().await;
    let first = app.tokens_for("ada@acme.example").await;
    app.control().advance_clock(Duration::from_mins(4));
    let second = json(app.refresh(&first).await).await;
    for token in ["access_token", "id_token", "refresh_token"] {
        assert_ne!(first[token], second[token], "{token}");
    }
    let id = claims(&second["id_token"]);
    assert!(id["nonce"].is_null() && id["c_hash"].is_null() && id["at_hash"].is_string());
    assert_eq!(id["sub"], claims(&first["id_token"])["sub"]);
}

#[tokio::test]
async fn within_the_grace_period_a_used_refresh_token_still_works() {
    let app = Application::start().await;
    let first = app.tokens_for("ada@acme.example").await;
    let second = json(app.refresh(&first).await).await;
    app.control().advance_clock(Duration::from_secs(25));
    assert_eq!(app.refresh(&first).await.status(), StatusCode::OK);
    assert_eq!(app.refresh(&second).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn after_the_grace_period_a_replay_ends_the_family() {
    let app = Application::start().await;
    let first = app.tokens_for("ada@acme.example").await;
    let second = json(app.refresh(&first).await).await;
    app.control().advance_clock(Duration::from_secs(31));
    assert_eq!(error(app.refresh(&first).await).await, "invalid_grant");
    assert_eq!(error(app.refresh(&second).await).await, "invalid_grant");
}

#[tokio::test]
async fn using_a_token_again_does_not_stretch_the_grace_period() {
    let app = Application::start().await;
    let first = app.tokens_for("ada@acme.example").await;
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::BAD_REQUEST] {
        assert_eq!(app.refresh(&first).await.status(), expected);
        app.control().advance_clock(Duration::from_secs(20));
    }
}

#[tokio::test]
async fn without_grace_the_second_use_is_a_replay() {
    let app = Application::start().await;
    app.control().set_refresh_grace(Duration::ZERO);
    let tokens = app.tokens_for("ada@acme.example").await;
    assert_eq!(app.refresh(&tokens).await.status(), StatusCode::OK);
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
}

#[tokio::test]
async fn roles_and_permissions_are_those_of_the_moment() {
    let app = Application::start().await;
    let first = app.tokens_for("max@acme.example").await;
    assert!(
        app.control()
            .set_role("max@acme.example", emulator::organizations()[0].id, Role::Admin)
    );
    let second = claims(&json(app.refresh(&first).await).await["access_token"]);
    assert_eq!(second["roles"][0], "admin");
    assert_eq!(second["permissions"][0], "organization:settings");
}

#[tokio::test]
async fn an_ended_or_idle_session_is_not_refreshed() {
    let app = Application::start().await;
    let tokens = app.tokens_for("ada@acme.example").await;
    let sid = claims(&tokens["access_token"])["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(app.control().end_session(&sid) && !app.control().end_session(&sid));
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");

    let tokens = app.tokens_for("ada@acme.example").await;
    app.control().advance_clock(Duration::from_hours(8 * 24));
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
}

#[tokio::test]
async fn the_next_refresh_can_be_refused_on_request() {
    let app = Application::start().await;
    let tokens = app.tokens_for("ada@acme.example").await;
    app.control().refuse_next_refresh();
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
    assert_eq!(app.refresh(&tokens).await.status(), StatusCode::OK);
    assert_eq!(app.control().requests().with_grant("refresh_token"), 2);
}

#[tokio::test]
async fn every_use_after_the_first_is_on_record() {
    let app = Application::start().await;
    let first = app.tokens_for("ada@acme.example").await;
    let second = json(app.refresh(&first).await).await;
    app.refresh(&second).await;
    assert_eq!(
        app.control().replays(),
        emulator::Replays::default(),
        "each was used once"
    );

    app.control().advance_clock(Duration::from_secs(20));
    app.refresh(&first).await;
    app.control().advance_clock(Duration::from_secs(20));
    app.refresh(&first).await;
    let replays = app.control().replays();
    assert_eq!((replays.forgiven(), replays.refused()), (1, 1));
    let seen: Vec<_> = replays
        .iter()
        .map(|replay| (replay.forgiven, replay.after().whole_seconds(), replay.unanswered))
        .collect();
    assert_eq!(seen, [(true, 20, false), (false, 40, false)]);

    let answer = app.get("/_emulator/refresh/replays").send().await.unwrap();
    let shown = json(answer).await;
    assert_eq!((&shown["forgiven"], &shown["refused"]), (&1.into(), &1.into()));
    assert_eq!(shown["replays"][1]["sid"], claims(&first["access_token"])["sid"]);
    assert!(shown["replays"][1]["after_milliseconds"].as_u64().unwrap() >= 40_000);
    assert!(!shown.to_string().contains("rt_"), "no token is in it");
}
