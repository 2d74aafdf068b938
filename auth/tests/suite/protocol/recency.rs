//! When a person last proved who they are: OpenID Connect Core §2 (`auth_time`) and §3.1.2.1 (`prompt`). What cannot be
//! undone is only done for somebody who did so within ten minutes.

use auth::{
    clock::{Clock as _, SystemClock},
    refresh::Current,
    session::SignedIn,
};
use misbehaving_provider::MisbehavingProvider;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::relying_party::RelyingParty;

/// Somebody who has signed in with this query of `/auth/login`, at a provider whose ID tokens have this `auth_time`.
async fn signed_in(query: &str, auth_time: Option<Value>) -> (RelyingParty, SignedIn) {
    let provider = MisbehavingProvider::start().await;
    if let Some(auth_time) = auth_time {
        provider.id_token(move |token| token.claim("auth_time", auth_time.clone()));
    }
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let url = party.begin(&browser, query).await.unwrap();
    party.finish(&browser, &provider.authorize(&url)).await.unwrap();
    let signed_in = party.who(&browser).await.unwrap();
    (party, signed_in)
}

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

/// Rules: recency-auth-time
#[tokio::test]
async fn a_person_proved_who_they_are_when_auth_time_says() {
    for (auth_time, expected) in [
        (json!(1_700_000_000), 1_700_000_000),
        (json!(1_700_000_000.9), 1_700_000_000),
        (json!(0), 0),
    ] {
        // Also where the provider was asked for another proof: it knows best what it did.
        for query in ["", "prompt=login"] {
            let (_, signed_in) = signed_in(query, Some(auth_time.clone())).await;
            let authenticated_at = signed_in.origin.authenticated_at;
            assert_eq!(authenticated_at, Some(moment(expected)), "{query}: {auth_time}");
        }
    }
}

/// Somebody who has signed in with this query, at a provider that names the session and says that it began then.
async fn in_session(query: &str, began: OffsetDateTime) -> (RelyingParty, SignedIn) {
    let provider = MisbehavingProvider::start().await;
    provider.id_token(|token| token.claim("sid", "ses_1"));
    let began = began.format(&Rfc3339).unwrap();
    provider.management(move |answer| answer.set("created_at", json!(began)));
    let party = RelyingParty::of(&provider).await;
    let browser = party.browser();
    let url = party.begin(&browser, query).await.unwrap();
    party.finish(&browser, &provider.authorize(&url)).await.unwrap();
    let signed_in = party.who(&browser).await.unwrap();
    (party, signed_in)
}

/// Rules: recency-prompt
#[tokio::test]
async fn a_session_that_began_after_the_person_was_asked_is_a_proof() {
    let began = SystemClock.now() + Duration::seconds(5);
    let (party, signed_in) = in_session("prompt=login", began).await;
    let proved = signed_in.origin.authenticated_at.unwrap();
    assert_eq!(proved.unix_timestamp(), began.unix_timestamp());
    assert!(signed_in.is_recent(party.clock.now()));
}

/// Rules: recency-prompt, recency-unknown
#[tokio::test]
async fn a_question_that_the_browser_kept_to_itself_is_no_proof() {
    let before = SystemClock.now() - Duration::seconds(5);
    let (_, signed_in) = in_session("prompt=login", before).await;
    assert_eq!(signed_in.origin.authenticated_at, None);
    // Nobody was asked.
    let (_, signed_in) = in_session("", SystemClock.now() + Duration::seconds(5)).await;
    assert_eq!(signed_in.origin.authenticated_at, None);
    // Nobody says when the session began.
    let (_, signed_in) = self::signed_in("prompt=login", None).await;
    assert_eq!(signed_in.origin.authenticated_at, None);
}

/// Rules: recency-unknown
#[tokio::test]
async fn a_sign_in_alone_proves_nothing() {
    for query in [
        "",
        "prompt=select_account",
        "prompt=consent",
        "prompt=create",
        "prompt=none",
        "login_hint=login",
    ] {
        let (party, signed_in) = signed_in(query, None).await;
        assert_eq!(signed_in.origin.authenticated_at, None, "{query}");
        assert!(!signed_in.is_recent(party.clock.now()), "{query}");
    }
}

/// Rules: recency-unknown, recency-prompt
#[tokio::test]
async fn an_auth_time_that_is_no_date_says_nothing() {
    for absurd in [json!("2023-11-14T22:13:20Z"), Value::Null] {
        for query in ["", "prompt=login"] {
            let (_, signed_in) = signed_in(query, Some(absurd.clone())).await;
            assert_eq!(signed_in.origin.authenticated_at, None, "{query}: {absurd}");
        }
    }
}

/// Rules: recency-ten-minutes
#[tokio::test]
async fn a_proof_is_recent_for_ten_minutes() {
    let now = SystemClock.now().unix_timestamp();
    let (party, signed_in) = signed_in("", Some(json!(now))).await;
    for (seconds, is_recent) in [(590, true), (20, false), (86_400, false)] {
        party.clock.advance(Duration::seconds(seconds));
        assert_eq!(
            signed_in.is_recent(party.clock.now()),
            is_recent,
            "{seconds} seconds later"
        );
    }
}

/// Rules: recency-ten-minutes
#[tokio::test]
async fn a_proof_of_the_future_is_none() {
    let now = SystemClock.now().unix_timestamp();
    let (party, near) = signed_in("", Some(json!(now + 20))).await;
    assert!(near.is_recent(party.clock.now()), "within the clock difference");
    let (party, far) = signed_in("", Some(json!(now + 3600))).await;
    assert!(!far.is_recent(party.clock.now()));
}

/// Rules: recency-unknown, recency-prompt
#[tokio::test]
async fn a_renewal_of_the_tokens_is_no_proof() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    for query in ["", "prompt=login"] {
        let browser = party.browser();
        let url = party.begin(&browser, query).await.unwrap();
        party.finish(&browser, &provider.authorize(&url)).await.unwrap();
        let before = party.who(&browser).await.unwrap();
        party.clock.advance(Duration::seconds(20));
        let Current::Open(renewed) = party.renew(&browser).await else {
            panic!("not renewed");
        };
        let renewed = &renewed.signed_in;
        assert_ne!(renewed.tokens.access_token, before.tokens.access_token);
        assert_eq!(renewed.origin, before.origin, "{query}");
    }
}
