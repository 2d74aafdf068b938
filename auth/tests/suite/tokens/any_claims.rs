//! Tokens of any content (property test): claims and headers of every type and size, merged over the honest ones or in
//! their place. Nothing panics, and whoever is signed in has tokens that say what they must.

use std::cell::Cell;

use auth::{
    client::ExchangeError,
    session::SignedIn,
    sign_in::{Failure, SignInError},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use misbehaving_provider::{CLIENT_ID, Issued, MisbehavingProvider, SUBJECT, Token};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::{Map, Value, json};
use url::Url;

use crate::relying_party::RelyingParty;

const CLAIMS: [&str; 20] = [
    "iss",
    "aud",
    "azp",
    "nonce",
    "sub",
    "exp",
    "iat",
    "nbf",
    "at_hash",
    "c_hash",
    "auth_time",
    "acr",
    "amr",
    "name",
    "email",
    "email_verified",
    "address",
    "updated_at",
    "roles",
    "permissions",
];
const HEADERS: [&str; 12] = [
    "alg", "kid", "typ", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c", "enc", "zip",
];

/// How one token differs from the honest one.
#[derive(Debug, Clone)]
enum Bend {
    Claims(Vec<(String, Value)>),
    Payload(Value),
    Header(Vec<(String, Value)>),
    WholeHeader(Value),
}

impl Bend {
    fn apply(&self, token: Token) -> Token {
        match self {
            Self::Claims(claims) => claims
                .iter()
                .fold(token, |token, (name, value)| token.claim(name, value.clone())),
            Self::Payload(payload) => token.raw_payload(payload.to_string()),
            Self::Header(header) => header
                .iter()
                .fold(token, |token, (name, value)| token.header(name, value.clone())),
            Self::WholeHeader(header) => token.raw_header(header.to_string()),
        }
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    let numbers = [
        json!(0),
        json!(-1),
        json!(4_102_444_800_i64),
        json!(1e300),
        json!(-1e300),
        json!(i64::MIN),
        json!(u64::MAX),
    ];
    let texts = [
        CLIENT_ID,
        SUBJECT,
        "",
        "RS256",
        "none",
        "JWT",
        "at+jwt",
        "2999-12-31T23:59:59Z",
        "\0",
        "e30.e30.e30",
    ];
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => select(numbers.to_vec()),
        3 => select(texts.to_vec()).prop_map(Value::from),
        2 => any::<String>().prop_map(Value::from),
        1 => (0_usize..50_000).prop_map(|length| Value::from("x".repeat(length))),
        // Deeper than any parser goes.
        1 => (0_usize..200).prop_map(|depth| (0..depth).fold(Value::Null, |inner, _| json!([inner]))),
    ]
}

fn members(
    names: &'static [&'static str],
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Vec<(String, Value)>> {
    let name = prop_oneof![4 => select(names).prop_map(str::to_owned), 1 => any::<String>()];
    vec((name, value), 0..4)
}

fn value(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            members(names, inner).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn bend() -> impl Strategy<Value = Bend> {
    prop_oneof![
        4 => members(&CLAIMS, value(&CLAIMS)).prop_map(Bend::Claims),
        1 => value(&CLAIMS).prop_map(Bend::Payload),
        2 => members(&HEADERS, value(&HEADERS)).prop_map(Bend::Header),
        1 => value(&HEADERS).prop_map(Bend::WholeHeader),
    ]
}

/// A part of a token, read by nobody's library but serde's.
fn part(token: &str, position: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(position)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn ends_in_the_future(claims: &Map<String, Value>, now: f64) -> bool {
    claims
        .get("exp")
        .and_then(Value::as_f64)
        .is_some_and(|end| end > now - 31.0)
}

fn has_an_honest_header(token: &str) -> bool {
    part(token, 0)
        .is_some_and(|header| header.get("alg") == Some(&json!("RS256")) && !header.contains_key("crit"))
}

fn is_good_id_token(token: &str, issuer: &str, nonce: &str, now: f64) -> bool {
    part(token, 1).is_some_and(|claims| {
        has_an_honest_header(token)
            && claims.get("iss") == Some(&json!(issuer))
            && [json!(CLIENT_ID), json!([CLIENT_ID])]
                .iter()
                .any(|us| claims.get("aud") == Some(us))
            && claims.get("nonce") == Some(&json!(nonce))
            && claims.get("sub") == Some(&json!(SUBJECT))
            && ends_in_the_future(&claims, now)
    })
}

/// One that is opaque is good, too.
fn is_good_access_token(token: &str, issuer: &str, now: f64) -> bool {
    let is_jwt = token.split('.').count() == 3 && part(token, 0).is_some();
    let is_for_us = |audience: &Value| match audience {
        Value::Array(several) => several.contains(&json!(CLIENT_ID)),
        one => *one == json!(CLIENT_ID),
    };
    !is_jwt
        || part(token, 1).is_some_and(|claims| {
            has_an_honest_header(token)
                && claims.get("iss") == Some(&json!(issuer))
                && claims.get("aud").is_some_and(is_for_us)
                && claims.get("sub").is_none_or(|sub| *sub == json!(SUBJECT))
                && ends_in_the_future(&claims, now)
        })
}

/// A sign-in with its nonce.
async fn sign_in(
    party: &RelyingParty,
    provider: &MisbehavingProvider,
) -> (String, Result<SignedIn, Failure>) {
    let browser = party.browser();
    let url = party.begin(&browser, "").await.unwrap();
    let address = Url::parse(&url).unwrap();
    let nonce = address.query_pairs().find(|(name, _)| name == "nonce");
    let nonce = nonce.unwrap().1.into_owned();
    let outcome = party.finish(&browser, &provider.authorize(&url)).await;
    let signed_in = party.who(&browser).await;
    match (outcome, signed_in) {
        (Ok(_), Some(signed_in)) => (nonce, Ok(signed_in)),
        (Err(failure), None) => (nonce, Err(failure)),
        (outcome, signed_in) => panic!("{outcome:?}, but {signed_in:?}"),
    }
}

/// Rules: property-claims
#[test]
fn whatever_a_token_says_nothing_panics_and_nobody_is_signed_in_by_mistake() {
    let config = Config {
        cases: 96,
        max_shrink_iters: 100,
        // The same cases on every machine; what they find deserves a test of its own, not a file of seeds.
        rng_seed: RngSeed::Fixed(0x746f_6b65_6e73),
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (provider, party) = runtime.block_on(async {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await;
        (provider, party)
    });
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let verdict = TestRunner::new(config).run(&(any::<bool>(), bend()), |(is_id_token, bend)| {
        provider.honest();
        if is_id_token {
            provider.id_token(move |token| bend.apply(token));
        } else {
            provider.access_token(move |token| bend.apply(token));
        }
        let (nonce, outcome) = runtime.block_on(sign_in(&party, &provider));
        let Some(Issued {
            access_token,
            id_token,
            ..
        }) = provider.issued().pop()
        else {
            return Err(TestCaseError::fail("the provider has issued nothing"));
        };
        match outcome {
            Ok(signed_in) => {
                accepted.set(accepted.get() + 1);
                #[expect(clippy::cast_precision_loss, reason = "seconds fit")]
                let now = signed_in.origin.signed_in_at.unix_timestamp() as f64;
                prop_assert!(
                    is_good_id_token(&id_token, provider.issuer(), &nonce, now),
                    "{id_token}"
                );
                prop_assert!(
                    is_good_access_token(&access_token, provider.issuer(), now),
                    "{access_token}"
                );
            }
            Err(failure) => {
                refused.set(refused.get() + 1);
                // What a panic would look like from here, on either side.
                let is_broken = matches!(
                    *failure.error,
                    SignInError::BrokenOff(_) | SignInError::Exchange(ExchangeError::Unreachable(_))
                );
                prop_assert!(!is_broken, "{failure:?}");
            }
        }
        Ok(())
    });
    if let Err(error) = verdict {
        panic!("{error}");
    }
    assert!(
        accepted.get() > 10 && refused.get() > 10,
        "{} accepted, {} refused",
        accepted.get(),
        refused.get()
    );
}
