//! What the answers of the management API mean for the person who asked.

use auth::{http::HttpError, management::ManagementError};
use http::StatusCode;
use misbehaving_provider::{Endpoint, Fault};
use serde_json::json;

use super::World;
use crate::assert_refused;

/// As Scalekit writes it (`google.rpc.Status`).
fn refusal_of(field: &str) -> Fault {
    let violation = json!({ "field": field, "description": "<b>ada@acme.example</b>" });
    let detail = json!({
        "@type": "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo",
        "error_code": "INVALID_ARGUMENT",
        "validation_error_info": { "field_violations": [violation] },
    });
    let body = json!({ "code": 3, "message": "invalid argument", "details": [detail] });
    Fault::body(body.to_string()).with_status(400)
}

/// Rules: management-errors
#[tokio::test]
async fn every_refusal_has_its_meaning_and_none_is_asked_for_again() {
    type Is = fn(&ManagementError) -> bool;
    let refusals: [(Fault, Is); 8] = [
        (Fault::status(403), |error| {
            matches!(error, ManagementError::Denied)
        }),
        (Fault::status(404), |error| {
            matches!(error, ManagementError::NotFound)
        }),
        (Fault::status(409), |error| {
            matches!(error, ManagementError::Conflict)
        }),
        (
            refusal_of("domain"),
            |error| matches!(error, ManagementError::Invalid { field: Some(field) } if field == "domain"),
        ),
        (refusal_of("<script>"), |error| {
            matches!(error, ManagementError::Invalid { field: None })
        }),
        (Fault::status(400), |error| {
            matches!(error, ManagementError::Invalid { field: None })
        }),
        (Fault::html().with_status(422), |error| {
            matches!(error, ManagementError::Invalid { field: None })
        }),
        (
            Fault::status(202),
            |error| matches!(error, ManagementError::Malformed(why) if why == "status 202 Accepted"),
        ),
    ];
    let world = World::start().await;
    for (fault, is_right) in refusals {
        let case = format!("{fault:?}");
        world.provider.forget_requests();
        world.provider.fault(Endpoint::Management, fault);
        for outcome in [world.read().await, world.write().await] {
            let error = outcome.expect_err(&case);
            assert!(is_right(&error), "{case}: {error:?}");
            let told = auth::error_chain(&*error);
            assert!(!told.contains("ada@") && !told.contains('<'), "{told}");
        }
        assert_eq!(world.calls(), 2, "{case}");
    }
}

/// Rules: management-errors
#[tokio::test]
async fn only_an_operator_can_help_an_application_that_is_refused_and_a_fault_passes() {
    let world = World::start().await;
    for (status, needs_an_operator, passes) in [
        (401, true, false),
        (403, true, false),
        (404, false, false),
        (409, false, false),
        (400, false, false),
        (500, false, true),
        (202, false, true),
    ] {
        world.provider.fault(Endpoint::Management, Fault::status(status));
        let error = world.write().await.unwrap_err();
        assert_eq!(
            (error.needs_an_operator(), error.passes()),
            (needs_an_operator, passes),
            "{status}"
        );
    }
}

/// Rules: management-errors
#[tokio::test]
async fn an_api_that_cannot_work_now_is_told_with_its_status() {
    let world = World::start().await;
    for status in [500, 502, 503, 504] {
        world.provider.fault(Endpoint::Management, Fault::status(status));
        let expected = StatusCode::from_u16(status).unwrap();
        assert_refused!(
            world.write().await,
            ManagementError::Unavailable(Some(HttpError::Unavailable { status, .. })) if *status == expected,
            status
        );
    }
}

/// Rules: management-unreadable
#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    for fault in [Fault::truncated(), Fault::reset()] {
        let case = format!("{fault:?}");
        let world = World::start().await;
        world.provider.fault(Endpoint::Management, fault);
        assert_refused!(
            world.write().await,
            ManagementError::Unavailable(Some(HttpError::Transport(error))) if !error.is_connect(),
            case
        );
    }
}

/// Rules: management-unreadable
#[tokio::test]
async fn an_answer_of_ten_megabytes_is_given_up_at_the_limit() {
    let world = World::patient().await;
    world.provider.fault(Endpoint::Management, Fault::huge());
    for outcome in [world.read().await, world.write().await] {
        assert_refused!(outcome, ManagementError::Unavailable(Some(HttpError::TooLong)));
    }
}

/// Rules: management-unreadable
#[tokio::test]
async fn an_answer_that_makes_no_sense_is_told_by_its_place_and_not_by_its_content() {
    for (body, is_json) in [
        ("", true),
        ("<html>ada@acme.example", false),
        ("[]", true),
        ("null", true),
        ("5", true),
        ("{}", true),
        (r#"{"organization":null}"#, true),
        (r#"{"organization":"ada@acme.example"}"#, true),
        (r#"{"organization":{"display_name":"ada@acme.example"}"#, false),
    ] {
        let world = World::start().await;
        world.provider.fault(Endpoint::Management, Fault::body(body));
        assert_refused!(
            world.read().await,
            ManagementError::Malformed(why) if why.starts_with("line ") && !why.contains("ada"),
            body
        );
        assert_eq!(world.calls(), 1, "{body}");
        // Whoever only wants it done has what they wanted, unless somebody else has answered.
        let written = world.write().await;
        if is_json {
            written.unwrap();
        } else {
            assert_refused!(written, ManagementError::Malformed(why) if why == "not JSON", body);
        }
    }
}

/// Rules: management-unreadable
#[tokio::test]
async fn what_is_new_or_of_another_kind_in_an_answer_takes_nothing_else_away() {
    let world = World::start().await;
    world.provider.management(|answer| {
        let organization = json!({
            "id": "org_acme",
            "display_name": "Acme",
            "slug": null,
            "external_id": 5,
            "settings": { "features": [{ "name": "sso", "enabled": true }, "dir_sync", { "enabled": true }] },
            "create_time": "yesterday",
            "news": [{}],
        });
        answer.set("organization", organization)
    });
    let profile = world.organization.profile().await.unwrap();
    assert_eq!(
        (
            profile.display_name.as_str(),
            profile.slug.as_str(),
            profile.created_at
        ),
        ("Acme", "", None)
    );
    let features: Vec<_> = profile.features.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(features, ["sso"]);
}

/// Rules: management-errors
#[tokio::test]
async fn an_api_that_says_it_did_not_do_it_is_not_taken_for_success() {
    let world = World::start().await;
    let (connection, directory) = (super::id("conn_1"), super::id("dir_1"));
    world
        .organization
        .switch_connection(&connection, true)
        .await
        .unwrap();
    for outcome in [
        world.organization.switch_connection(&connection, false).await,
        world.organization.switch_directory(&directory, false).await,
    ] {
        assert_refused!(
            outcome.map_err(Box::new),
            ManagementError::Invalid { field: None },
            "`enabled` is true"
        );
    }
}

/// Rules: management-redirect
#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let world = World::start().await;
        let away = world.provider.url(Endpoint::Elsewhere);
        let redirect = Fault::redirect(&away).with_status(status);
        world.provider.fault(Endpoint::Management, redirect);
        for outcome in [world.read().await, world.write().await] {
            let begin = format!("status {status} ");
            assert_refused!(
                outcome,
                ManagementError::Malformed(why) if why.starts_with(&begin),
                status
            );
        }
        assert_eq!(world.calls(), 2);
        assert!(world.provider.requests(Endpoint::Elsewhere).is_empty());
    }
}

/// Rules: management-errors
#[tokio::test]
async fn a_session_at_the_provider_that_is_gone_already_is_as_good_as_ended() {
    let world = World::start().await;
    let session = super::id("ses_1");
    world
        .provider
        .fault_once(Endpoint::Management, Fault::status(404));
    world.management.revoke_session(&session).await.unwrap();
    world
        .provider
        .fault_once(Endpoint::Management, Fault::status(403));
    let outcome = world.management.revoke_session(&session).await;
    assert_refused!(outcome.map_err(Box::new), ManagementError::Denied);
}
