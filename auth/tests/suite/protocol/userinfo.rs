//! `UserInfo`: OpenID Connect Core §5.3.

use std::sync::Arc;

use auth::{
    client::{ExchangeError, HeaderError, JwtError, UserInfoMismatch},
    session::SignedIn,
    sign_in::SignInError,
};
use misbehaving_provider::{Document, Endpoint, Fault, MisbehavingProvider, Signature, Token};
use serde_json::{Value, json};

use crate::{
    assert_refused,
    bent::announce,
    relying_party::{PATIENCE, RelyingParty},
};

/// A provider whose ID tokens say who somebody is, and nothing else about them.
async fn taciturn_provider() -> MisbehavingProvider {
    let provider = MisbehavingProvider::start().await;
    provider.id_token(|token| token.without("name").without("email"));
    provider
}

/// What becomes of a sign-in with this `UserInfo`, which is asked for.
async fn signed_in_with(
    userinfo: impl Fn(Document) -> Document + Send + Sync + 'static,
) -> Result<SignedIn, Arc<SignInError>> {
    let provider = taciturn_provider().await;
    provider.userinfo(userinfo);
    let outcome = RelyingParty::of(&provider).await.sign_in(&provider).await;
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 1);
    outcome
}

/// The same with signed `UserInfo`.
async fn signed_in_with_signed(
    userinfo: impl Fn(Token) -> Token + Send + Sync + 'static,
) -> Result<SignedIn, Arc<SignInError>> {
    let provider = taciturn_provider().await;
    provider.signed_userinfo(userinfo);
    // Making a key may take longer than the impatient wait.
    let party = RelyingParty::of(&provider).await.patient().await;
    party.sign_in(&provider).await
}

/// Rules: core-5.3-not-asked
#[tokio::test]
async fn userinfo_is_not_asked_when_the_id_token_says_everything() {
    let provider = MisbehavingProvider::start().await;
    let party = RelyingParty::of(&provider).await;
    party.sign_in(&provider).await.unwrap();
    provider.id_token(|token| token.without("name").claim("given_name", "Ada"));
    party.sign_in(&provider).await.unwrap();
    provider.id_token(|token| token.without("given_name").claim("family_name", "Admin"));
    party.sign_in(&provider).await.unwrap();
    assert!(provider.requests(Endpoint::UserInfo).is_empty());
}

/// Rules: core-5.3-not-asked
#[tokio::test]
async fn userinfo_is_not_asked_for_what_no_scope_asks_for() {
    let provider = taciturn_provider().await;
    for (scopes, asked) in [("openid", 0), ("openid email", 1), ("openid profile", 2)] {
        let party = RelyingParty::configured(&provider, &[("SCALEKIT_SCOPES", scopes)]).await;
        party.sign_in(&provider).await.unwrap();
        assert_eq!(provider.requests(Endpoint::UserInfo).len(), asked, "{scopes}");
    }
}

/// Rules: core-5.3-not-asked
#[tokio::test]
async fn a_provider_without_userinfo_signs_people_in() {
    let provider = taciturn_provider().await;
    provider.discovery(|document| document.remove("userinfo_endpoint"));
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!((signed_in.user.name, signed_in.user.email), (None, None));
}

/// Rules: core-5.3-asked, oidcc-client-test-scope-userinfo-claims
#[tokio::test]
async fn userinfo_is_asked_for_a_name_or_an_address_that_the_id_token_lacks() {
    for (name, value) in [
        ("name", None),
        ("name", Some(" ")),
        ("email", None),
        ("email", Some("")),
    ] {
        let provider = MisbehavingProvider::start().await;
        provider.id_token(move |token| match value {
            None => token.without(name),
            Some(value) => token.claim(name, value),
        });
        provider.userinfo(|claims| claims.set("nickname", "ada"));
        let signed_in = RelyingParty::of(&provider)
            .await
            .sign_in(&provider)
            .await
            .unwrap();
        assert_eq!(signed_in.user.claims["nickname"], "ada", "{name}");
        if value.is_none() {
            assert_eq!(signed_in.user.name.as_deref(), Some("Ada Admin"), "{name}");
            assert_eq!(
                signed_in.user.email.as_deref(),
                Some("ada@acme.example"),
                "{name}"
            );
        }
    }
}

/// Rules: core-5.3.1-header, oidcc-client-test-userinfo-bearer-header, rfc9700-4.3
#[tokio::test]
async fn the_access_token_goes_to_userinfo_in_the_header_and_never_in_an_address() {
    let provider = taciturn_provider().await;
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    let request = provider.last_request(Endpoint::UserInfo);
    let bearer = format!("Bearer {}", signed_in.tokens.access_token.expose());
    assert_eq!(
        (request.method.as_str(), request.header("authorization")),
        ("GET", bearer.as_str())
    );
    assert_eq!(request.query.iter().count() + request.form.iter().count(), 0);
}

/// Rules: core-5.3.2-sub, oidcc-client-test-userinfo-invalid-sub
#[tokio::test]
async fn userinfo_about_somebody_else_signs_nobody_in() {
    for other in ["usr_max", "USR_ADA", "usr_ada ", ""] {
        let outcome = signed_in_with(move |claims| claims.set("sub", other)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::UserInfo(_)));
    }
}

/// Rules: core-5.3.2-sub
#[tokio::test]
async fn userinfo_about_nobody_is_not_used() {
    let missing = signed_in_with(|claims| claims.remove("sub")).await.unwrap();
    assert_eq!(missing.user.email, None);
    for odd in [json!(null), json!(1), json!(["usr_ada"])] {
        let signed_in = signed_in_with(move |claims| claims.set("sub", odd.clone()))
            .await
            .unwrap();
        assert_eq!(signed_in.user.email, None);
    }
}

/// Rules: core-5.3.2-signed, oidcc-client-test-userinfo-signed
#[tokio::test]
async fn signed_userinfo_is_used() {
    let signed_in = signed_in_with_signed(|token| token).await.unwrap();
    assert_eq!(signed_in.user.email.as_deref(), Some("ada@acme.example"));
    assert_eq!(signed_in.user.claims["aud"], json!(["application-under-test"]));
}

/// Rules: core-5.3.2-signed, oidcc-client-test-userinfo-signed, rfc8725-3.3
#[tokio::test]
async fn signed_userinfo_that_does_not_verify_signs_nobody_in() {
    let secret = || misbehaving_provider::CLIENT_SECRET.as_bytes().to_vec();
    for signature in [
        Signature::Broken,
        Signature::Unpublished,
        Signature::None,
        Signature::Hs256(secret()),
        Signature::Hs256WithPublicKey,
    ] {
        let outcome = signed_in_with_signed(move |token| token.signed(signature.clone())).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::UserInfo(_)));
    }
}

/// Rules: core-5.3.2-signed, rfc8725-3.8, rfc8725-3.9
#[tokio::test]
async fn signed_userinfo_of_another_issuer_or_for_another_audience_signs_nobody_in() {
    for (name, value) in [
        ("iss", Some("https://other.example")),
        ("iss", None),
        ("aud", Some("other")),
        ("aud", None),
        ("sub", Some("usr_max")),
    ] {
        let outcome = signed_in_with_signed(move |token| match value {
            Some(value) => token.claim(name, value),
            None => token.without(name),
        });
        assert_refused!(outcome.await, SignInError::Exchange(ExchangeError::UserInfo(_)));
    }
}

/// Rules: core-5.3.2-signed
#[tokio::test]
async fn a_token_of_another_type_is_no_userinfo() {
    for typ in ["at+jwt", "logout+jwt", "application/at+jwt", ""] {
        let outcome = signed_in_with_signed(move |token| token.header("typ", typ));
        assert_refused!(
            outcome.await,
            SignInError::Exchange(ExchangeError::UserInfo(UserInfoMismatch::Jwt(JwtError::Header(
                HeaderError::Type
            )))),
            typ
        );
    }
}

/// Rules: core-5.3.2-signed
#[tokio::test]
async fn signed_userinfo_is_verified_with_the_keys_that_are_known_by_then() {
    let provider = taciturn_provider().await;
    let party = RelyingParty::of(&provider).await;
    provider.rotate_keys();
    provider.signed_userinfo(|token| token);
    let signed_in = party.sign_in(&provider).await.unwrap();
    assert_eq!(signed_in.user.email.as_deref(), Some("ada@acme.example"));
}

/// Rules: core-5.3.2-unreachable
#[tokio::test]
async fn userinfo_that_is_down_slow_or_unreadable_fails_no_sign_in() {
    // A failure of a moment is worth a second try (GET changes nothing); nothing else is.
    for (fault, tries) in [
        (Fault::status(500), 2),
        (Fault::reset(), 2),
        (Fault::truncated(), 2),
        (Fault::status(429), 1),
        (Fault::status(401), 1),
        (Fault::hang(), 1),
        (Fault::stalled(), 1),
        (Fault::huge(), 1),
        (Fault::html(), 1),
        (Fault::content_type("text/plain"), 1),
        (Fault::body("{"), 1),
        (Fault::body("[]"), 1),
        (Fault::body(r#"{"sub":"usr_ada","email":1}"#), 1),
        (Fault::status(307), 1),
    ] {
        let case = format!("{fault:?}");
        let provider = taciturn_provider().await;
        let party = RelyingParty::of(&provider).await;
        provider.fault(
            Endpoint::UserInfo,
            fault.header("location", &provider.url(Endpoint::Elsewhere)),
        );
        let signed_in = party.sign_in(&provider).await.expect(&case);
        assert_eq!(signed_in.user.email, None, "{case}");
        assert_eq!(provider.requests(Endpoint::UserInfo).len(), tries, "{case}");
        assert!(provider.requests(Endpoint::Elsewhere).is_empty(), "{case}");
    }
}

/// Rules: core-5.3.2-unreachable
#[tokio::test]
async fn userinfo_that_fails_for_a_moment_is_asked_again() {
    for fault in [Fault::status(503), Fault::reset(), Fault::truncated()] {
        let provider = taciturn_provider().await;
        let party = RelyingParty::of(&provider).await;
        provider.fault_once(Endpoint::UserInfo, fault);
        let signed_in = party.sign_in(&provider).await.unwrap();
        assert_eq!(signed_in.user.email.as_deref(), Some("ada@acme.example"));
    }
}

/// Rules: core-5.3.2-unreachable, fault-userinfo-hang
#[tokio::test]
async fn both_tries_at_userinfo_share_one_budget() {
    let provider = taciturn_provider().await;
    let party = RelyingParty::of(&provider).await;
    let more_than_half = PATIENCE * 6 / 10;
    provider.fault_once(Endpoint::UserInfo, Fault::status(503).delayed(more_than_half));
    provider.fault(Endpoint::UserInfo, Fault::delay(more_than_half));
    assert_eq!(party.sign_in(&provider).await.unwrap().user.email, None);
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 2);
}

/// Rules: core-5.3.2-precedence
#[tokio::test]
async fn userinfo_replaces_nothing_that_the_id_token_says() {
    let provider = MisbehavingProvider::start().await;
    provider.id_token(|token| token.without("email"));
    provider.userinfo(|claims| {
        let others = [
            ("name", "Max"),
            ("oid", "org_other"),
            ("iss", "https://other.example"),
            ("sid", "x"),
        ];
        others
            .iter()
            .fold(claims, |claims, (name, value)| claims.set(name, *value))
    });
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!(
        signed_in.user.email.as_deref(),
        Some("ada@acme.example"),
        "it was asked"
    );
    assert_eq!(signed_in.user.name.as_deref(), Some("Ada Admin"));
    assert_eq!(signed_in.organization_id(), Some("org_acme"));
    assert_eq!(signed_in.user.claims["iss"], provider.issuer());
    assert_ne!(signed_in.user.claims["sid"], "x");
}

/// Rules: core-5.3.2-precedence
#[tokio::test]
async fn no_permission_comes_from_userinfo_while_the_access_token_speaks() {
    let rights = |claims: Document| {
        let all = json!(["everything"]);
        claims.set("roles", all.clone()).set("permissions", all)
    };
    let signed_in = signed_in_with(rights).await.unwrap();
    assert_eq!(signed_in.roles, ["admin"]);
    assert_eq!(signed_in.permissions, ["organization:settings"]);
    let provider = taciturn_provider().await;
    provider.userinfo(rights);
    provider.access_token(|token| token.without("roles").without("permissions"));
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert!(signed_in.roles.is_empty() && signed_in.permissions.is_empty());
}

/// Rules: core-5.3.2-precedence, rfc6749-1.4-opaque
#[tokio::test]
async fn where_the_access_token_is_opaque_the_id_token_speaks_and_then_userinfo() {
    let provider = taciturn_provider().await;
    provider.opaque_access_token();
    provider.userinfo(|claims| {
        let from = |what: &str| json!([format!("{what} of UserInfo")]);
        claims
            .set("roles", from("roles"))
            .set("permissions", from("permissions"))
    });
    provider.id_token(|token| token.claim("roles", json!(["roles of the ID token"])));
    let signed_in = RelyingParty::of(&provider)
        .await
        .sign_in(&provider)
        .await
        .unwrap();
    assert_eq!(signed_in.roles, ["roles of the ID token"]);
    assert_eq!(signed_in.permissions, ["permissions of UserInfo"]);
}

/// What another issuer says about the person: Core §5.6.2.
fn of_other_sources(source: Value) -> [(&'static str, Value); 2] {
    let names = json!({ "email": "other", "roles": "other", "permissions": "other" });
    [
        ("_claim_names", names),
        ("_claim_sources", json!({ "other": source })),
    ]
}

/// A sign-in with claims of `source` in the ID token and in `UserInfo`.
async fn signed_in_with_claims_of(provider: &MisbehavingProvider, source: Value) -> SignedIn {
    let members = of_other_sources(source);
    let in_userinfo = members.clone();
    provider.opaque_access_token();
    provider.id_token(move |token| {
        let token = token.without("email").without("name");
        members
            .iter()
            .fold(token, |token, (name, value)| token.claim(name, value.clone()))
    });
    provider.userinfo(move |claims| {
        let claims = claims.remove("email");
        in_userinfo
            .iter()
            .fold(claims, |claims, (name, value)| claims.set(name, value.clone()))
    });
    RelyingParty::of(provider).await.sign_in(provider).await.unwrap()
}

/// Rules: oidcc-client-test-aggregated-claims
#[tokio::test]
async fn aggregated_claims_are_not_taken_for_the_providers_word() {
    let provider = MisbehavingProvider::start().await;
    // {"alg":"none"} and {"email":"max@other.example","roles":["admin"],"permissions":["all"]}
    let jwt = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6Im1heEBvdGhlci5leGFtcGxlIiwicm9sZXMiOlsiYWRtaW4iXSwicGVybWlzc2lvbnMiOls\
               iYWxsIl19.";
    let signed_in = signed_in_with_claims_of(&provider, json!({ "JWT": jwt })).await;
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 1);
    assert_eq!(signed_in.user.email, None);
    assert!(signed_in.roles.is_empty() && signed_in.permissions.is_empty());
}

/// Rules: oidcc-client-test-distributed-claims
#[tokio::test]
async fn no_address_of_a_distributed_claim_is_ever_called() {
    let provider = MisbehavingProvider::start().await;
    let elsewhere = provider.url(Endpoint::Elsewhere);
    let source = json!({ "endpoint": elsewhere, "access_token": "x" });
    let signed_in = signed_in_with_claims_of(&provider, source).await;
    assert_eq!(provider.requests(Endpoint::UserInfo).len(), 1);
    assert!(provider.requests(Endpoint::Elsewhere).is_empty());
    assert_eq!(signed_in.user.email, None);
}

/// Rules: core-5.3.2-signed, oidcc-client-test-userinfo-signed
#[tokio::test]
async fn signed_userinfo_may_have_any_algorithm_that_the_provider_announces() {
    let provider = taciturn_provider().await;
    announce(&provider, &["ES256"]);
    provider.id_token(|token| token.signed(Signature::Es256));
    provider.access_token(|token| token.signed(Signature::Es256));
    provider.signed_userinfo(|token| token.signed(Signature::Es256));
    let party = RelyingParty::of(&provider).await.patient().await;
    let signed_in = party.sign_in(&provider).await.unwrap();
    assert_eq!(signed_in.user.email.as_deref(), Some("ada@acme.example"));
}

/// Rules: core-5.3.2-sub
#[tokio::test]
async fn userinfo_with_repeated_members_is_not_used() {
    for name in ["sub", "email", "name"] {
        let signed_in = signed_in_with(move |claims| claims.duplicate(name, "usr_ada")).await;
        assert_eq!(signed_in.unwrap().user.email, None, "{name}");
    }
}

/// Rules: core-5.3.2-signed
#[tokio::test]
async fn signed_userinfo_that_is_over_or_not_valid_yet_signs_nobody_in() {
    for (name, date) in [("exp", 1_000_000), ("nbf", 32_503_680_000_i64)] {
        let outcome = signed_in_with_signed(move |token| token.claim(name, date)).await;
        assert_refused!(outcome, SignInError::Exchange(ExchangeError::UserInfo(_)));
    }
}

/// Rules: core-5.3.2-unreachable
#[tokio::test]
async fn userinfo_with_another_status_than_200_is_not_used() {
    for status in [201, 206, 401, 403] {
        let provider = taciturn_provider().await;
        let claims = json!({ "sub": "usr_ada", "email": "ada@acme.example", "name": "Ada" }).to_string();
        provider.fault(Endpoint::UserInfo, Fault::body(claims).with_status(status));
        let signed_in = RelyingParty::of(&provider)
            .await
            .sign_in(&provider)
            .await
            .unwrap();
        assert_eq!(signed_in.user.email, None, "{status}");
    }
}
