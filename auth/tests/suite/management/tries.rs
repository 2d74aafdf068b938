//! How often an operation is tried, and for how long: what may have been done is not done twice (RFC 9110 §9.2.2).

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use auth::{
    http::HttpError,
    management::{Feature, ManagementError},
};
use http::Method;
use misbehaving_provider::{Endpoint, Fault};
use tokio::task::yield_now;

use super::{World, id};
use crate::{
    assert_refused,
    relying_party::{PATIENCE, asked, pass},
};

/// Rules: management-get-retried
#[tokio::test]
async fn what_only_reads_is_tried_three_times() {
    for fault in [Fault::status(503), Fault::reset(), Fault::truncated()] {
        let case = format!("{fault:?}");
        let world = World::patient().await;
        world.provider.fault_times(Endpoint::Management, 2, fault.clone());
        world.read().await.expect(&case);
        assert_eq!((world.calls(), world.token_requests()), (3, 1), "{case}");
        world.provider.fault(Endpoint::Management, fault);
        assert_refused!(world.read().await, ManagementError::Unavailable(Some(_)), case);
        assert_eq!(world.calls(), 6, "{case}");
    }
}

/// Rules: management-write-once
#[tokio::test]
async fn what_changes_something_is_tried_once() {
    let feature = Feature {
        name: "sso".to_owned(),
        enabled: true,
    };
    for fault in [
        Fault::status(500),
        Fault::status(503),
        Fault::status(503).header("retry-after", "1"),
        Fault::reset(),
        Fault::truncated(),
        Fault::huge(),
    ] {
        let case = format!("{fault:?}");
        let world = World::patient().await;
        let organization = &world.organization;
        world.provider.fault(Endpoint::Management, fault);
        assert!(organization.add_domain("acme.example").await.is_err(), "{case}");
        assert!(organization.set_feature(&feature).await.is_err(), "{case}");
        assert!(organization.portal_link().await.is_err(), "{case}");
        assert!(organization.remove_domain(&id("dom_1")).await.is_err(), "{case}");
        let calls = world.provider.requests(Endpoint::Management).into_iter();
        let methods: Vec<_> = calls.map(|call| call.method).collect();
        assert_eq!(
            methods,
            [Method::POST, Method::PATCH, Method::PUT, Method::DELETE],
            "{case}"
        );
    }
}

/// Rules: management-429
#[tokio::test]
async fn what_was_too_much_was_not_done_and_is_asked_for_again() {
    let world = World::patient().await;
    let twice = || {
        let busy = Fault::status(429);
        world.provider.fault_times(Endpoint::Management, 2, busy);
    };
    twice();
    world.read().await.unwrap();
    assert_eq!(world.calls(), 3);
    twice();
    world.write().await.unwrap();
    assert_eq!(world.calls(), 6);
}

/// Rules: management-429
#[tokio::test]
async fn an_api_that_stays_too_busy_is_asked_three_times() {
    let world = World::patient().await;
    world.provider.fault(Endpoint::Management, Fault::status(429));
    assert_refused!(world.write().await, ManagementError::Busy { retry_after: None });
    assert_eq!(world.calls(), 3);
}

/// Rules: management-429
#[tokio::test]
async fn the_pause_that_a_busy_api_asks_for_is_made() {
    let world = World::patient().await;
    let busy = Fault::status(429).header("retry-after", "1");
    world.provider.fault_once(Endpoint::Management, busy);
    let began = Instant::now();
    world.write().await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(world.calls(), 2);
}

/// Rules: management-429
#[tokio::test]
async fn an_api_that_asks_for_a_long_pause_is_not_waited_for() {
    let world = World::patient().await;
    for seconds in [3, 3600, u32::MAX] {
        world.provider.forget_requests();
        let busy = Fault::status(429).header("retry-after", &seconds.to_string());
        world.provider.fault(Endpoint::Management, busy);
        for outcome in [world.read().await, world.write().await] {
            assert_refused!(
                outcome,
                ManagementError::Busy { retry_after: Some(told) } if *told == seconds,
                seconds
            );
        }
        assert_eq!(world.calls(), 2, "{seconds}");
    }
}

/// Rules: management-write-once, fault-connect
#[tokio::test]
async fn what_was_never_sent_is_sent_again() {
    let world = World::patient().await;
    world.write().await.unwrap();
    world.goes_down().await;
    let comes_back = async {
        // Less than the first pause, and more than a connection takes to be refused.
        tokio::time::sleep(Duration::from_millis(30)).await;
        world.provider.come_up();
    };
    let (outcome, ()) = tokio::join!(world.write(), comes_back);
    outcome.unwrap();
    assert_eq!(world.calls(), 2);
}

/// Rules: management-write-once, fault-connect
#[tokio::test]
async fn a_provider_that_accepts_no_connection_is_told_as_such() {
    let world = World::patient().await;
    world.read().await.unwrap();
    world.goes_down().await;
    for outcome in [world.read().await, world.write().await] {
        assert_refused!(
            outcome,
            ManagementError::Unavailable(Some(HttpError::Transport(error))) if error.is_connect()
        );
    }
}

/// Rules: management-budget
#[tokio::test]
async fn an_api_that_hangs_is_given_up_in_time() {
    for fault in [Fault::hang(), Fault::stalled()] {
        let case = format!("{fault:?}");
        let world = World::start().await;
        world.provider.fault(Endpoint::Management, fault);
        let (reading, writing) = tokio::join!(world.read(), world.write());
        for outcome in [reading, writing] {
            assert_refused!(
                outcome,
                ManagementError::Unavailable(Some(HttpError::Timeout)),
                case
            );
        }
        assert_eq!(world.calls(), 2, "{case}: once each");
    }
}

/// Rules: management-budget
#[tokio::test]
async fn an_operation_has_five_seconds() {
    let world = World::patient().await;
    world.read().await.unwrap();
    world.provider.fault(Endpoint::Management, Fault::hang());
    let mut waits = pin!(world.read());
    tokio::select! {
        biased;
        outcome = &mut waits => panic!("it does not hang: {outcome:?}"),
        () = asked(&world.provider, Endpoint::Management, 2) => {}
    }
    pass(Duration::from_secs(4)).await;
    tokio::select! {
        biased;
        outcome = &mut waits => panic!("given up too early: {outcome:?}"),
        () = yield_now() => {}
    }
    pass(Duration::from_secs(1)).await;
    assert_refused!(
        waits.await,
        ManagementError::Unavailable(Some(HttpError::Timeout))
    );
}

/// Rules: management-budget
#[tokio::test]
async fn the_token_and_all_tries_share_the_time_of_one_operation() {
    let most_of_it = PATIENCE * 6 / 10;
    let slow = |fault: Fault| fault.delayed(most_of_it);
    for (case, token, api) in [
        (
            "two tries",
            Fault::delay(Duration::ZERO),
            slow(Fault::status(503)),
        ),
        (
            "token and call",
            Fault::delay(most_of_it),
            Fault::delay(most_of_it),
        ),
    ] {
        let world = World::start().await;
        world.provider.fault(Endpoint::Token, token);
        world.provider.fault(Endpoint::Management, api);
        assert_refused!(
            world.read().await,
            ManagementError::Unavailable(Some(HttpError::Timeout)),
            case
        );
        assert!(world.calls() <= 2, "{case}");
    }
}
