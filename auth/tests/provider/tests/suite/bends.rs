//! What it says can be bent, and be honest again.

use misbehaving_provider::{CLIENT_ID, CLIENT_SECRET, Endpoint, Fault, MisbehavingProvider, Signature};
use serde_json::{Value, json};

use crate::application::{Application, parameter, parts, text};

#[tokio::test]
async fn documents_lose_gain_and_repeat_members() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.discovery(|document| document.set("issuer", "https://other.example").remove("jwks_uri"));
    provider.token_response(|response| response.remove("id_token").set("expires_in", -1));
    provider.userinfo(|claims| claims.duplicate("sub", "mallory"));

    let document = application.get_json(Endpoint::Discovery).await;
    assert_eq!(text(&document, "issuer"), "https://other.example");
    assert!(document.get("jwks_uri").is_none());
    let tokens = application.sign_in().await;
    assert_eq!(
        (tokens.get("id_token"), &tokens["expires_in"]),
        (None, &json!(-1))
    );
    let claims = application.userinfo(text(&tokens, "access_token")).await;
    let claims = claims.text().await.unwrap();
    assert!(claims.contains(r#""sub":"usr_ada""#) && claims.contains(r#""sub":"mallory""#));

    provider.honest();
    let document = application.get_json(Endpoint::Discovery).await;
    assert_eq!(text(&document, "issuer"), provider.issuer());
    assert!(application.sign_in().await.get("id_token").is_some());
}

#[tokio::test]
async fn bends_of_one_thing_add_up_in_order() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.id_token(|token| token.claim("aud", "someone-else").without("sub"));
    provider.id_token(|token| {
        token
            .claim("sub", "usr_2")
            .header("kid", "x")
            .duplicate_header("kid", "y")
    });
    let tokens = application.sign_in().await;
    let (header, payload) = parts(text(&tokens, "id_token"));
    assert_eq!(header, r#"{"alg":"RS256","kid":"x","typ":"JWT","kid":"y"}"#);
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(
        (text(&payload, "aud"), text(&payload, "sub")),
        ("someone-else", "usr_2")
    );
}

#[tokio::test]
async fn an_id_token_goes_with_the_access_token_as_bent() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    // Core, appendix A.3.
    provider.access_token(|token| token.raw("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"));
    let tokens = application.sign_in().await;
    let claims = application.verify(text(&tokens, "id_token")).await.unwrap();
    assert_eq!(text(&claims, "at_hash"), "77QmUPtjPfzWtF2AnpK9RQ");
}

#[tokio::test]
async fn dishonest_signatures_do_not_verify_and_say_what_they_were_told_to() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    for (signature, algorithm) in [
        (Signature::Unpublished, "RS256"),
        (Signature::Broken, "RS256"),
        (Signature::None, "none"),
        (Signature::Hs256(CLIENT_SECRET.into()), "HS256"),
        (Signature::Hs256WithPublicKey, "HS256"),
        (Signature::Rs384, "RS384"),
        (Signature::Rs512, "RS512"),
        (Signature::Ps256, "PS256"),
        (Signature::Es256, "ES256"),
    ] {
        provider.honest();
        provider.id_token(move |token| token.signed(signature.clone()));
        let tokens = application.sign_in().await;
        let token = text(&tokens, "id_token");
        let (header, _) = parts(token);
        assert!(header.contains(&format!(r#""alg":"{algorithm}""#)), "{header}");
        assert_eq!(application.verify(token).await, None, "{algorithm}");
    }
    provider.honest();
    provider.id_token(|token| token.header("alg", "RS256").signed(Signature::None));
    let tokens = application.sign_in().await;
    let token = text(&tokens, "id_token");
    assert!(token.ends_with('.') && parts(token).0.contains("RS256"));
}

#[tokio::test]
async fn whatever_a_test_wants_is_signed() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let token = provider.token(json!({
        "iss": provider.issuer(),
        "aud": CLIENT_ID,
        "sub": "usr_2",
        "exp": provider.now() + 60,
    }));
    let claims = application.verify(&provider.sign(token.clone())).await.unwrap();
    assert_eq!(text(&claims, "sub"), "usr_2");
    let strange = provider.sign(token.signed(Signature::Unpublished).header("typ", "logout+jwt"));
    assert!(parts(&strange).0.contains("logout+jwt"));
    assert_eq!(application.verify(&strange).await, None);
}

#[tokio::test]
async fn the_management_api_says_what_the_test_wants() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.management(|answer| {
        answer
            .remove("organization")
            .set("domains", json!([{ "id": "dom_1" }]))
    });
    let tokens = application
        .post(Endpoint::Token, &[("grant_type", "client_credentials")])
        .await;
    let token = text(&tokens.json, "access_token");
    let answer = application.manage("/organizations/org_acme/domains", token).await;
    assert_eq!(answer.json["domains"][0]["id"], "dom_1");
    assert!(answer.json.get("organization").is_none());
    provider.fault_once(Endpoint::Management, Fault::error(409, "exists"));
    let answer = application.manage("/organizations/org_acme/domains", token).await;
    assert_eq!((answer.status, text(&answer.json, "error")), (409, "exists"));
}

#[tokio::test]
async fn userinfo_can_be_signed() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.signed_userinfo(|token| token.claim("exp", 4_000_000_000_i64));
    let tokens = application.sign_in().await;
    let answer = application.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(answer.headers()["content-type"], "application/jwt");
    let claims = application.verify(&answer.text().await.unwrap()).await.unwrap();
    assert_eq!(text(&claims, "name"), "Ada Admin");
}

#[tokio::test]
async fn the_browser_brings_back_what_the_test_wants() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let refused = provider.refuse(&application.authorization_url(), "access_denied");
    assert_eq!(parameter(&refused, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&refused, "state").as_deref(), Some("st&te"));

    provider.authorization_response(|query| {
        query
            .set("iss", "https://other.example")
            .repeat("state")
            .remove("code")
    });
    let callback = provider.authorize(&application.authorization_url());
    assert_eq!(
        parameter(&callback, "iss").as_deref(),
        Some("https://other.example")
    );
    assert_eq!(callback.matches("state=st%26te").count(), 2);
    assert_eq!(parameter(&callback, "code"), None);
}

#[tokio::test]
async fn its_times_are_its_own() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let honest = application.sign_in().await;
    provider.set_clock_ahead(-3600);
    let late = application.sign_in().await;
    let [honest, late] = [&honest, &late].map(|tokens| {
        let payload: Value = serde_json::from_str(&parts(text(tokens, "id_token")).1).unwrap();
        payload["iat"].as_i64().unwrap()
    });
    assert!((3590..=3600).contains(&(honest - late)), "{}", honest - late);
}
