//! The application's own token: RFC 6749 §4.4.

use std::sync::Arc;

use auth::{
    http::HttpError,
    management::{Management, ManagementError},
};
use http::StatusCode;
use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, ClientAuthentication, Endpoint, Fault, MisbehavingProvider,
};
use serde_json::{Value, json};
use time::Duration;
use tokio::task::JoinSet;

use super::World;
use crate::{assert_refused, relying_party::RelyingParty};

/// How many do something at once.
const CROWD: usize = 20;

/// Many operations at once; all of them succeed.
async fn crowd(world: &World) {
    let mut tasks = JoinSet::new();
    for _ in 0..CROWD {
        // Each request of a browser makes its own way from the session to the organization.
        let organization = world.management.organization(&world.session).unwrap();
        tasks.spawn(async move { organization.profile().await });
    }
    for outcome in tasks.join_all().await {
        assert_eq!(outcome.unwrap().display_name, "Acme");
    }
}

/// Rules: w21, management-one-token
#[tokio::test]
async fn w21_however_many_operations_there_are_a_token_is_asked_for_once() {
    let world = World::patient().await;
    let slow = Fault::delay(std::time::Duration::from_millis(100));
    world.provider.fault(Endpoint::Token, slow);
    crowd(&world).await;
    assert_eq!((world.token_requests(), world.calls()), (1, CROWD));
    crowd(&world).await;
    world.write().await.unwrap();
    assert_eq!((world.token_requests(), world.calls()), (1, 2 * CROWD + 1));
}

/// Rules: management-one-token
#[tokio::test]
async fn the_token_is_the_applications_own_and_nobodys_access_token() {
    let world = World::start().await;
    world.read().await.unwrap();
    let request = world.provider.last_request(Endpoint::Token);
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.query.iter().count(), 0);
    let parameters: Vec<_> = request.form.iter().collect();
    assert_eq!(
        parameters,
        [("grant_type", "client_credentials"), ("client_id", CLIENT_ID)]
    );
    let call = world.provider.last_request(Endpoint::Management);
    assert!(world.last_token().starts_with("client_"));
    for issued in world.provider.issued() {
        assert!(!format!("{call:?}").contains(&issued.access_token));
    }
}

/// Rules: management-one-token, rfc9700-4.3
#[tokio::test]
async fn neither_the_token_nor_the_secret_stands_in_an_address_or_prints_itself() {
    let world = World::start().await;
    world.read().await.unwrap();
    world.write().await.unwrap();
    let token = world.last_token();
    for endpoint in [Endpoint::Token, Endpoint::Management] {
        for request in world.provider.requests(endpoint) {
            let leaked = request
                .query
                .iter()
                .find(|(_, value)| [token.as_str(), CLIENT_SECRET].contains(value));
            assert_eq!(leaked, None, "{endpoint:?}");
        }
    }
    for printed in [
        format!("{:?}", world.management),
        format!("{:?}", world.organization),
    ] {
        assert!(
            !printed.contains(&token) && !printed.contains(CLIENT_SECRET),
            "{printed}"
        );
    }
}

/// Rules: management-credentials, core-9-default, core-9-post
#[tokio::test]
async fn the_application_proves_who_it_is_as_discovery_says() {
    const METHODS: &str = "token_endpoint_auth_methods_supported";
    const OFFERED: [Option<&[&str]>; 4] = [
        None,
        Some(&["client_secret_basic"]),
        Some(&["client_secret_post"]),
        Some(&["client_secret_basic", "client_secret_post"]),
    ];
    for offered in OFFERED {
        let provider = MisbehavingProvider::start().await;
        provider.discovery(move |document| match offered {
            None => document.remove(METHODS),
            Some(methods) => document.set(METHODS, methods),
        });
        let world = World::at(provider).await;
        world.read().await.unwrap();
        let (id, secret) = (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned());
        let takes_a_form = offered.is_some_and(|methods| methods.contains(&"client_secret_post"));
        let expected = if takes_a_form {
            ClientAuthentication::Form { id, secret }
        } else {
            ClientAuthentication::Basic { id, secret }
        };
        let request = world.provider.last_request(Endpoint::Token);
        assert_eq!(request.client_authentication(), expected, "{offered:?}");
    }
}

/// Rules: management-token-renewed
#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_ends_or_in_the_last_tenth_of_a_short_life() {
    for (expires_in, kept_for, renewed_after) in [
        (Some(json!(3600)), 3530, 3550),
        (Some(json!(300)), 260, 280),
        // Nobody says how long it lives.
        (None, 260, 280),
        (Some(Value::Null), 260, 280),
        // No token is kept for longer than a day.
        (Some(json!(86_400)), 86_330, 86_350),
        (Some(json!(u64::MAX)), 86_330, 86_350),
    ] {
        let world = World::start().await;
        let told = expires_in.clone();
        world.provider.token_response(move |response| match &told {
            None => response.remove("expires_in"),
            Some(told) => response.set("expires_in", told.clone()),
        });
        let mut tokens = Vec::new();
        for (seconds, requests) in [(0, 1), (kept_for, 1), (renewed_after - kept_for, 2)] {
            world.party.clock.advance(Duration::seconds(seconds));
            world.read().await.unwrap();
            assert_eq!(world.token_requests(), requests, "{expires_in:?}");
            tokens.push(world.last_token());
        }
        assert!(tokens[0] == tokens[1] && tokens[1] != tokens[2], "{expires_in:?}");
    }
}

/// Rules: management-token-renewed
#[tokio::test]
async fn a_token_that_ends_at_once_is_used_once() {
    let world = World::start().await;
    world
        .provider
        .token_response(|response| response.set("expires_in", 0));
    for requests in 1..=3 {
        world.read().await.unwrap();
        assert_eq!((world.token_requests(), world.calls()), (requests, requests));
    }
}

/// Rules: management-token-refused
#[tokio::test]
async fn a_token_that_the_api_refuses_is_replaced_and_the_operation_done_once_more() {
    let world = World::start().await;
    world.read().await.unwrap();
    let first = world.last_token();
    // To the API the day is over; to us it has just begun.
    world.provider.set_clock_ahead(24 * 60 * 60 + 1);
    world.write().await.unwrap();
    assert_eq!((world.token_requests(), world.calls()), (2, 3));
    assert_ne!(world.last_token(), first);
    world.read().await.unwrap();
    assert_eq!((world.token_requests(), world.calls()), (2, 4), "it is kept");
}

/// Rules: management-token-refused, management-one-token
#[tokio::test]
async fn a_token_that_is_refused_to_many_at_once_is_replaced_once() {
    let world = World::patient().await;
    world.read().await.unwrap();
    world.provider.set_clock_ahead(24 * 60 * 60 + 1);
    let slow = Fault::delay(std::time::Duration::from_millis(100));
    world.provider.fault(Endpoint::Token, slow);
    crowd(&world).await;
    assert_eq!(world.token_requests(), 2);
}

/// Rules: management-token-refused
#[tokio::test]
async fn an_api_that_refuses_the_new_token_as_well_is_not_asked_for_ever() {
    let world = World::start().await;
    world.provider.fault(Endpoint::Management, Fault::status(401));
    for (round, outcome) in [world.read().await, world.write().await].into_iter().enumerate() {
        assert_refused!(outcome, ManagementError::Credentials, round);
    }
    // The second operation begins with the token that the first ended with.
    assert_eq!((world.token_requests(), world.calls()), (3, 4));
    world.provider.heal(Endpoint::Management);
    world.write().await.unwrap();
}

/// Rules: management-token-unavailable
#[tokio::test]
async fn an_application_that_gets_no_token_is_an_operators_concern() {
    for fault in [
        Fault::error(401, "invalid_client"),
        Fault::error(400, "unauthorized_client"),
        Fault::error(400, "unsupported_grant_type"),
        Fault::status(403),
        Fault::status(404),
    ] {
        let case = format!("{fault:?}");
        let world = World::start().await;
        world.provider.fault_times(Endpoint::Token, 2, fault);
        for outcome in [world.read().await, world.write().await] {
            assert_refused!(outcome, ManagementError::Credentials, case);
        }
        assert_eq!((world.token_requests(), world.calls()), (2, 0), "{case}");
        world.read().await.unwrap();
    }
}

/// Rules: management-token-unavailable, management-write-once
#[tokio::test]
async fn a_token_endpoint_that_cannot_work_now_is_told_as_an_api_that_cannot() {
    for (fault, status) in [
        (Fault::status(500), StatusCode::INTERNAL_SERVER_ERROR),
        (Fault::status(503), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let world = World::patient().await;
        world.provider.fault(Endpoint::Token, fault);
        assert_refused!(
            world.write().await,
            ManagementError::Unavailable(Some(HttpError::Unavailable { status: told, .. })) if *told == status
        );
        assert_eq!(world.calls(), 0);
        world.provider.heal(Endpoint::Token);
        world.write().await.unwrap();
    }
    let world = World::patient().await;
    let busy = Fault::status(429).header("retry-after", "3600");
    world.provider.fault(Endpoint::Token, busy);
    assert_refused!(
        world.write().await,
        ManagementError::Busy {
            retry_after: Some(3600)
        }
    );
    assert_eq!((world.token_requests(), world.calls()), (1, 0));
}

/// Rules: management-token-unavailable, management-get-retried
#[tokio::test]
async fn a_token_is_asked_for_three_times_by_what_only_reads() {
    let world = World::patient().await;
    world.provider.fault_times(Endpoint::Token, 2, Fault::status(503));
    world.read().await.unwrap();
    assert_eq!((world.token_requests(), world.calls()), (3, 1));
}

/// Rules: management-token-unavailable, management-budget
#[tokio::test]
async fn a_token_endpoint_that_hangs_is_given_up_in_time_by_everybody_who_waits() {
    let world = World::start().await;
    world.provider.fault(Endpoint::Token, Fault::hang());
    let (first, second, third) = tokio::join!(world.read(), world.write(), world.read());
    for outcome in [first, second, third] {
        assert_refused!(outcome, ManagementError::Unavailable(Some(HttpError::Timeout)));
    }
    assert_eq!(world.calls(), 0);
    world.provider.heal(Endpoint::Token);
    world.read().await.unwrap();
}

/// Else they would ask in turn, for long after everybody has gone.
///
/// Rules: management-token-unavailable, w21
#[tokio::test]
async fn one_request_that_fails_fails_for_all_who_wait_for_it() {
    let world = World::patient().await;
    let slow = Fault::status(503).delayed(std::time::Duration::from_millis(300));
    world.provider.fault(Endpoint::Token, slow);
    let mut tasks = JoinSet::new();
    for _ in 0..CROWD {
        let organization = world.management.organization(&world.session).unwrap();
        tasks.spawn(async move {
            let outcome = organization.add_domain("acme.example").await;
            outcome.map(drop).map_err(Arc::new)
        });
    }
    for outcome in tasks.join_all().await {
        assert_refused!(outcome, ManagementError::Unavailable(_));
    }
    assert_eq!((world.token_requests(), world.calls()), (1, 0));
    world.provider.heal(Endpoint::Token);
    world.write().await.unwrap();
}

/// Rules: management-token-unavailable, rfc6749-5.1-duplicate-members
#[tokio::test]
async fn a_token_response_that_cannot_be_read_brings_no_token() {
    for fault in [
        Fault::html(),
        Fault::status(200),
        Fault::body("[]"),
        Fault::body("{}"),
        Fault::body(r#"{"access_token":""}"#),
        Fault::body(r#"{"access_token":5}"#),
        Fault::body(r#"{"access_token":"a\nb"}"#),
        Fault::body(r#"{"access_token":"a","access_token":"b"}"#),
    ] {
        let case = format!("{fault:?}");
        let world = World::start().await;
        world.provider.fault(Endpoint::Token, fault);
        assert_refused!(
            world.read().await,
            ManagementError::Malformed(why) if why == "token response",
            case
        );
        assert_eq!((world.token_requests(), world.calls()), (1, 0), "{case}");
    }
}

/// Rules: management-redirect
#[tokio::test]
async fn a_redirect_of_the_token_request_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let world = World::start().await;
        let away = world.provider.url(Endpoint::Elsewhere);
        let redirect = Fault::redirect(&away).with_status(status);
        world.provider.fault(Endpoint::Token, redirect);
        assert_refused!(world.read().await, ManagementError::Credentials, status);
        assert_eq!((world.token_requests(), world.calls()), (1, 0));
        assert!(world.provider.requests(Endpoint::Elsewhere).is_empty());
    }
}

/// Rules: management-token-unavailable
#[tokio::test]
async fn nothing_is_asked_before_the_provider_is_discovered() {
    let world = World::start().await;
    let stranger = RelyingParty::undiscovered("http://127.0.0.1:1", &[]).await;
    let management = Management::new(stranger.client.clone());
    let organization = management.organization(&world.session).unwrap();
    let outcome = organization.add_domain("acme.example").await;
    assert_refused!(outcome.map_err(Box::new), ManagementError::Unavailable(None));
}
