//! Only the provider's verdict ends a session (promise 14): a provider that is down, slow or confused, or that does not
//! accept this application, signs nobody out.

use std::time::Duration;

use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};
use reqwest::Method;
use serde_json::json;

use crate::{
    test_app::{Setup, TestApp},
    test_world::{NEARLY_OVER, PAUSE, World},
};

const TITLE: &str = "We cannot confirm your sign-in right now";

/// Rules: w7, refresh-fault-outage, fault-connect
#[tokio::test]
async fn a_provider_that_is_down_for_ten_minutes_costs_nobody_their_session() {
    let mut world = World::start().await;
    world.provider.go_down().await;
    let mut unavailable = 0;
    for second in (0..=600).step_by(10) {
        let answer = world.browser.get("/dashboard?tab=1").await;
        if second < 300 {
            assert_eq!(answer.status, 200, "the token lives, at {second} s");
        } else {
            unavailable += 1;
            answer.assert_problem(503, TITLE);
            assert!(!answer.header("retry-after").is_empty());
            assert_eq!(answer.header("retry-after"), answer.header("refresh"));
        }
        world.pass(Duration::from_secs(10));
    }
    assert_eq!(unavailable, 31);
    let json = world
        .browser
        .request(Method::GET, "/dashboard", &[("accept", "application/json")])
        .await;
    assert_eq!(json.status, 503);
    assert!(
        json.body
            .starts_with(r#"{"error":"renewal_unavailable","reference":""#)
    );
    assert_eq!(json.header("retry-after"), "10");

    world.provider.come_up();
    world.pass(PAUSE);
    assert_eq!(world.dashboard().await, 200, "well again by itself");
}

/// Rules: refresh-fault-token
#[tokio::test]
async fn whatever_the_token_endpoint_does_but_refuse_the_grant_signs_nobody_out() {
    type Make = fn() -> Fault;
    let faults: [(&str, Make); 16] = [
        ("500", || Fault::status(500)),
        ("502", || Fault::status(502)),
        ("503", || Fault::status(503)),
        ("429", || Fault::status(429).header("retry-after", "2")),
        ("404", || Fault::status(404)),
        ("a web page", Fault::html),
        ("JSON that says something twice", || {
            Fault::body(r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#)
        }),
        ("no JSON by its type", || Fault::content_type("text/html")),
        ("truncated JSON", Fault::truncated),
        ("ten megabytes", Fault::huge),
        ("a redirect", || Fault::redirect("http://127.0.0.1:1/")),
        ("a reset", Fault::reset),
        ("silence", Fault::hang),
        ("a body that stalls", Fault::stalled),
        ("invalid_client", || Fault::error(401, "invalid_client")),
        ("invalid_request", || Fault::error(400, "invalid_request")),
    ];
    let mut world = World::start().await;
    // Some of these lose an honest answer, and with it the next refresh token. A provider with a grace period forgives
    // that the old one is used again.
    world.provider.keep_refresh_tokens();
    for (name, fault) in faults {
        world.pass(NEARLY_OVER);
        world.provider.fault(Endpoint::Token, fault());
        assert_eq!(world.dashboard().await, 200, "{name}, while the token lives");
        world.pass(Duration::from_mins(1));
        let answer = world.browser.get("/dashboard").await;
        assert_eq!(answer.status, 503, "{name}, after it: {}", answer.body);
        world.recover();
        assert_eq!(world.dashboard().await, 200, "{name} is over");
    }
}

/// Rules: w7
#[tokio::test]
async fn invalid_grant_is_a_verdict() {
    let mut world = World::start().await;
    world.pass(NEARLY_OVER);
    world
        .provider
        .fault(Endpoint::Token, Fault::error(400, "invalid_grant"));
    assert_eq!(
        world.browser.get("/dashboard").await.location(),
        "/login?reason=ended&next=%2Fdashboard"
    );
}

/// Core §12.2: an ID token of a refresh is of the same person and the same sign-in, or it is nothing.
///
/// Rules: core-12.2-sub, core-12.2-iss, core-12.2-aud, core-12.2-nonce, backchannel-2.4-id-token
#[tokio::test]
async fn new_tokens_that_do_not_pass_verification_are_not_used_and_sign_nobody_out() {
    type Bend = fn(&MisbehavingProvider);
    let bends: [(&str, Bend); 9] = [
        ("another subject", |provider| {
            provider.id_token(|token| token.claim("sub", "usr_other"));
        }),
        ("another issuer", |provider| {
            provider.id_token(|token| token.claim("iss", "https://other.example"));
        }),
        ("another audience", |provider| {
            provider.id_token(|token| token.claim("aud", "skc_other"));
        }),
        ("another nonce", |provider| {
            provider.id_token(|token| token.claim("nonce", "of another sign-in"));
        }),
        ("an ID token that is over", |provider| {
            provider.id_token(|token| token.claim("exp", 1_000_000));
        }),
        ("a logout token", |provider| {
            let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
            provider.id_token(move |token| token.claim("events", event.clone()));
        }),
        ("somebody else's access token", |provider| {
            provider.access_token(|token| token.claim("sub", "usr_other"));
        }),
        ("an access token that is over", |provider| {
            provider.access_token(|token| token.claim("exp", 1_000_000));
        }),
        ("tokens of another type", |provider| {
            provider.token_response(|response| response.set("token_type", "DPoP"));
        }),
    ];
    for (name, bend) in bends {
        let mut world = World::start().await;
        if matches!(name, "another subject" | "somebody else's access token") {
            // Whose refresh token comes with these is anybody's guess: it is not kept, and the old one is used again.
            world.provider.keep_refresh_tokens();
        }
        bend(&world.provider);
        world.pass(NEARLY_OVER);
        assert_eq!(world.dashboard().await, 200, "{name}, while the token lives");
        world.pass(Duration::from_mins(1));
        assert_eq!(world.dashboard().await, 503, "{name}, after it");
        // The provider has rotated the refresh token all the same, and takes none twice: ours is the newest.
        world.recover();
        assert_eq!(world.dashboard().await, 200, "{name} is over");
    }
}

/// Rules: core-12.2-auth-time
#[tokio::test]
async fn a_new_id_token_tells_of_the_same_authentication() {
    let provider = MisbehavingProvider::start().await;
    provider.id_token(|token| token.claim("auth_time", 1_700_000_000));
    let mut world = World::at(provider).await;
    world.pass(NEARLY_OVER);
    world
        .provider
        .id_token(|token| token.claim("auth_time", 1_700_000_001));
    world.browser.get("/dashboard").await;
    world.pass(Duration::from_mins(1));
    assert_eq!(world.dashboard().await, 503);
}

/// The token's own `exp` decides (promise 15).
///
/// Rules: w1
#[tokio::test]
async fn w1_whatever_expires_in_says_the_tokens_own_end_counts() {
    for expires_in in [
        json!(null),
        json!(0),
        json!(-5),
        json!(1e300),
        json!("soon"),
        json!(86_400),
    ] {
        let mut world = World::start().await;
        let told = expires_in.clone();
        world
            .provider
            .token_response(move |response| response.set("expires_in", told.clone()));
        for _ in 0..3 {
            world.pass(NEARLY_OVER);
            let before = world.provider.requests(Endpoint::Token).len();
            assert_eq!(world.dashboard().await, 200, "{expires_in}");
            assert_eq!(world.dashboard().await, 200, "{expires_in}");
            let asked = world.provider.requests(Endpoint::Token).len() - before;
            assert_eq!(asked, 1, "{expires_in}: once when it ends, and not again before");
        }
    }
}

/// Rules: refresh-fault-jwks
#[tokio::test]
async fn a_key_that_is_new_at_a_refresh_is_fetched_once() {
    let mut world = World::start().await;
    world.provider.rotate_keys();
    let before = world.provider.requests(Endpoint::Keys).len();
    world.pass(NEARLY_OVER);
    assert_eq!(world.dashboard().await, 200);
    world.pass(Duration::from_mins(1));
    assert_eq!(world.dashboard().await, 200);
    assert_eq!(world.provider.requests(Endpoint::Keys).len() - before, 1);
}

/// Rules: refresh-fault-jwks
#[tokio::test]
async fn keys_that_cannot_be_fetched_at_a_refresh_sign_nobody_out() {
    let mut world = World::start().await;
    world.provider.rotate_keys();
    world.provider.fault(Endpoint::Keys, Fault::status(503));
    world.pass(NEARLY_OVER);
    assert_eq!(world.dashboard().await, 200);
    world.pass(Duration::from_mins(1));
    assert_eq!(world.dashboard().await, 503);
    world.recover();
    assert_eq!(
        world.dashboard().await,
        200,
        "with the refresh token of the answer that could not be verified"
    );
}

/// Rules: rfc6749-6-no-new-refresh-token, core-12.2-no-id-token
#[tokio::test]
async fn a_provider_that_neither_rotates_nor_repeats_the_id_token_is_served_as_well() {
    let mut world = World::start().await;
    let name = "Ada";
    assert!(world.browser.get("/dashboard").await.body.contains(name));
    world.provider.keep_refresh_tokens();
    world
        .provider
        .token_response(|response| response.remove("refresh_token").remove("id_token"));
    for _ in 0..3 {
        world.pass(NEARLY_OVER);
        let answer = world.browser.get("/dashboard").await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains(name));
    }
    assert_eq!(world.provider.requests(Endpoint::Token).len(), 4);
}

/// The clock is set by hand, or by a time server that went mad.
///
/// Rules: refresh-fault-clock
#[tokio::test]
async fn a_clock_that_jumps_signs_nobody_out() {
    // As far as sessions may idle, and no further: after that they are over, whatever became of the clock.
    for (jump, idle) in [
        (-3600, "1h"),
        (-300, "1h"),
        (300, "1h"),
        (3000, "1h"),
        (3600, "2h"),
    ] {
        let setup = Setup {
            variables: vec![("SESSION_IDLE_TIMEOUT", idle.to_owned())],
            ..Setup::default()
        };
        let app = setup.start().await;
        let mut browser = app.signed_in("ada@acme.example").await;
        app.clock.advance(time::Duration::seconds(jump));
        let answer = browser.get("/dashboard").await;
        assert!(matches!(answer.status, 200 | 503), "{jump} s: {}", answer.status);
        app.clock.advance(time::Duration::seconds(-jump));
        app.pass(PAUSE);
        assert_eq!(browser.get("/dashboard").await.status, 200, "after {jump} s");
    }
}

/// Rules: refresh-fault-clock
#[tokio::test]
async fn the_year_2040_is_a_year_like_any_other() {
    const FOURTEEN_YEARS: Duration = Duration::from_hours(14 * 366 * 24);
    let app = TestApp::start().await;
    app.pass(FOURTEEN_YEARS);
    let mut browser = app.signed_in("ada@acme.example").await;
    app.pass(NEARLY_OVER);
    assert_eq!(browser.get("/dashboard").await.status, 200);
    assert_eq!(app.refreshes(), 1);
}

#[tokio::test]
async fn what_was_posted_is_not_repeated_by_itself() {
    let mut world = World::start().await;
    world.provider.go_down().await;
    world.pass(Duration::from_mins(6));
    let answer = world.browser.post("/sessions/stay").await;
    answer.assert_problem(503, TITLE);
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(answer.header("refresh"), "");
}
