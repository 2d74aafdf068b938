//! What becomes of a session when its tokens are renewed (promise 15).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use time::macros::datetime;

use super::{fixture::somebody, *};

const SIGN_IN: OffsetDateTime = datetime!(2030-01-01 12:00 UTC);
const RENEWED_AT: OffsetDateTime = datetime!(2030-01-01 12:04 UTC);

/// New tokens for another five minutes, without an ID token.
fn renewal() -> Renewal {
    Renewal {
        access_token: AccessToken::new("second-access-token"),
        refresh_token: Some(RefreshToken::new("second-refresh-token")),
        id_token: None,
        claims: None,
        access_claims: Claims::new(),
        roles: None,
        permissions: None,
        expires_at: RENEWED_AT + Duration::minutes(5),
    }
}

/// The same with an ID token that says `claims`.
fn renewal_that_says(claims: Value) -> Renewal {
    Renewal {
        id_token: Some(IdToken::new("second-id-token")),
        claims: claims.as_object().cloned(),
        ..renewal()
    }
}

fn renewed(renewal: Renewal) -> SignedIn {
    somebody(SIGN_IN).renewed(renewal, RENEWED_AT)
}

/// The response need not have said how long the token lives: the token does.
///
/// Rules: w1
#[test]
fn renewed_tokens_end_when_the_new_access_token_does() {
    let tokens = renewed(renewal()).tokens;
    assert_eq!(tokens.expires_at, datetime!(2030-01-01 12:09 UTC));
    assert_eq!(tokens.expires_in, 300);
    assert_eq!(tokens.received_at(), RENEWED_AT);
    assert!(!tokens.are_over(datetime!(2030-01-01 12:08:59 UTC)));
    assert!(tokens.are_over(datetime!(2030-01-01 12:09 UTC)));
}

/// Rules: w2
#[test]
fn tokens_are_due_in_their_last_minute_or_their_last_quarter() {
    for (lifetime, due_before) in [
        (3600, 60),
        (300, 60),
        (240, 60),
        (120, 30),
        (5, 1),
        (1, 0),
        (0, 0),
    ] {
        let mut tokens = somebody(SIGN_IN).tokens;
        tokens.expires_in = lifetime;
        let due_at = tokens.expires_at - tokens.due_at();
        assert_eq!(due_at.whole_seconds(), due_before, "of {lifetime} s");
        assert!(tokens.are_due(tokens.due_at()) && !tokens.are_due(tokens.due_at() - Duration::SECOND));
    }
}

/// Whatever is stored.
#[test]
fn absurd_lifetimes_do_no_harm() {
    for lifetime in [i64::MIN, -1, i64::MAX] {
        let mut tokens = somebody(SIGN_IN).tokens;
        tokens.expires_in = lifetime;
        let due_at = tokens.due_at();
        assert!(due_at <= tokens.expires_at && due_at >= tokens.expires_at - Duration::MINUTE);
        tokens.received_at();
    }
}

#[test]
fn every_token_is_the_new_one_and_one_that_did_not_come_stays() {
    let session = renewed(renewal_that_says(json!({ "sub": "usr_ada" })));
    let tokens = &session.tokens;
    assert_eq!(tokens.access_token.expose(), "second-access-token");
    let refresh_token = tokens.refresh_token.as_ref().unwrap();
    assert_eq!(refresh_token.expose(), "second-refresh-token");
    assert_eq!(tokens.renewals, 1);

    let again = Renewal {
        refresh_token: None,
        ..renewal()
    };
    let tokens = session.renewed(again, RENEWED_AT).tokens;
    let refresh_token = tokens.refresh_token.as_ref().unwrap();
    assert_eq!(refresh_token.expose(), "second-refresh-token");
    assert_eq!(tokens.renewals, 2);
}

/// Rules: w9
#[test]
fn a_new_id_token_replaces_the_old_one_which_stays_when_there_is_none() {
    let session = renewed(renewal_that_says(json!({ "sub": "usr_ada" })));
    assert_eq!(session.tokens.id_token.expose(), "second-id-token");
    let session = session.renewed(renewal(), RENEWED_AT);
    assert_eq!(session.tokens.id_token.expose(), "second-id-token");
    let session = somebody(SIGN_IN).renewed(renewal(), RENEWED_AT);
    assert_eq!(session.tokens.id_token.expose(), "first-id-token");
}

/// Rules: w8
#[test]
fn roles_and_permissions_are_those_of_the_new_tokens() {
    let session = renewed(Renewal {
        roles: Some(vec!["admin".to_owned()]),
        permissions: Some(vec!["organization:settings".to_owned()]),
        ..renewal()
    });
    assert_eq!(session.roles, ["admin"]);
    assert!(session.has_permission("organization:settings"));

    let session = session.renewed(
        Renewal {
            roles: Some(Vec::new()),
            permissions: Some(Vec::new()),
            ..renewal()
        },
        RENEWED_AT,
    );
    assert!(
        session.roles.is_empty() && session.permissions.is_empty(),
        "taken away"
    );
}

/// Nobody reads more, and the record is to stay small.
#[test]
fn no_more_than_32_changes_are_remembered() {
    let claims = (0..100).map(|number| (format!("claim_{number}"), json!(number)));
    let session = renewed(Renewal {
        access_claims: claims.collect(),
        ..renewal()
    });
    assert_eq!(session.tokens.last_renewal.unwrap().changes.len(), 32);
}

#[test]
fn roles_and_permissions_stay_when_the_new_tokens_do_not_speak_of_them() {
    let session = renewed(renewal());
    assert_eq!(session.roles, ["member"]);
}

/// Rules: w8
#[test]
fn claims_are_those_of_the_new_id_token() {
    let session = renewed(renewal_that_says(json!({
        "sub": "usr_ada",
        "name": "Ada King",
        "email": "ada@king.example",
        "oid": "org_king",
        "title": "Countess",
    })));
    assert_eq!(session.user.name.as_deref(), Some("Ada King"));
    assert_eq!(session.user.email.as_deref(), Some("ada@king.example"));
    assert_eq!(session.organization_id(), Some("org_king"));
    assert_eq!(session.user.claims["title"], "Countess");
    assert!(
        !session.user.claims.contains_key("iss"),
        "what it says no more is gone"
    );
}

#[test]
fn nobody_loses_name_address_or_organization_to_an_id_token_that_is_silent_about_them() {
    let session = renewed(renewal_that_says(json!({ "sub": "usr_ada" })));
    assert_eq!(session.user.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(session.user.email.as_deref(), Some("ada@acme.example"));
    assert_eq!(session.organization_id(), Some("org_acme"));
    assert_eq!(session.user.claims["sid"], "ses_ada");
}

#[test]
fn an_address_alone_is_no_new_name() {
    let session = renewed(renewal_that_says(
        json!({ "sub": "usr_ada", "email": "ada@king.example" }),
    ));
    assert_eq!(session.user.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(session.user.email.as_deref(), Some("ada@king.example"));
}

/// Else back-channel logout of the new session would not find it.
#[test]
fn a_new_session_at_the_provider_is_found_by_its_new_name() {
    let session = renewed(renewal_that_says(
        json!({ "iss": "https://provider.example", "sub": "usr_ada", "sid": "ses_second" }),
    ));
    let record = serde_json::to_value(&session).unwrap();
    let facets = Facets::of(|name| record.get(name));
    assert_eq!(facets.provider_session, Some("ses_second"));
    assert_eq!(facets.issuer, Some("https://provider.example"));
}

#[test]
fn a_session_begins_and_ends_when_it_did_however_often_it_is_renewed() {
    let session = renewed(renewal_that_says(json!({ "sub": "usr_ada", "nonce": "another" })));
    assert_eq!(session.origin, somebody(SIGN_IN).origin);
}

#[test]
fn a_session_without_id_token_at_the_renewal_keeps_who_it_is() {
    assert_eq!(renewed(renewal()).user, somebody(SIGN_IN).user);
}

/// It cannot be read, which does not mean that it says nothing.
#[test]
fn an_access_token_that_is_opaque_from_now_on_takes_no_claims_away() {
    let mut session = somebody(SIGN_IN);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"roles":["member"]}"#);
    session.tokens.access_token = AccessToken::new(format!("e30.{claims}.signature"));
    let changes = |renewal| {
        let renewed = session.renewed(renewal, RENEWED_AT);
        renewed.tokens.last_renewal.unwrap().changes
    };
    let access_claims = json!({ "roles": ["admin"] }).as_object().cloned().unwrap();
    let readable = changes(Renewal {
        access_claims,
        ..renewal()
    });
    assert_eq!(readable.len(), 1, "{readable:?}");
    let opaque = changes(renewal());
    assert!(opaque.is_empty(), "{opaque:?}");
}
