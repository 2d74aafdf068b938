//! The token endpoint and those that look at tokens.

use std::time::Duration;

use emulator::{CLIENT_ID, CLIENT_SECRET};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::StatusCode;
use serde_json::Value;

use crate::application::{Application, CALLBACK, answer, claims, error, json};

#[tokio::test]
async fn a_code_becomes_tokens_that_verify_against_the_published_key() {
    let app = Application::start().await;
    let response = app
        .redeem(&app.code_for("ada@acme.example"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["cache-control"],
        "no-cache, no-store, must-revalidate"
    );
    let tokens = json(response).await;
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&"Bearer".into(), &299.into())
    );
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("rt_"));

    let jwks: JwkSet = serde_json::from_value(json(app.get("/keys").send().await.unwrap()).await).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[app.issuer()]);
    validation.set_audience(&[CLIENT_ID]);
    for token in ["access_token", "id_token"] {
        let token = tokens[token].as_str().unwrap();
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert!(kid.starts_with("snk_"));
        let key = DecodingKey::from_jwk(jwks.find(&kid).unwrap()).unwrap();
        jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
    }
}

#[tokio::test]
async fn the_claims_are_those_that_scalekit_documents() {
    let app = Application::start().await;
    let tokens = app.tokens_for("max@acme.example").await;
    let names = |claims: &Value| claims.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (id, access) = (claims(&tokens["id_token"]), claims(&tokens["access_token"]));
    let mut expected = vec![
        "iss",
        "aud",
        "azp",
        "sub",
        "oid",
        "exp",
        "iat",
        "nonce",
        "at_hash",
        "c_hash",
        "amr",
        "email",
        "email_verified",
        "name",
        "given_name",
        "family_name",
        "locale",
        "sid",
        "client_id",
    ];
    expected.sort_unstable();
    assert_eq!(names(&id), expected);
    let mut expected = vec![
        "iss",
        "aud",
        "sub",
        "oid",
        "exp",
        "iat",
        "nbf",
        "jti",
        "sid",
        "client_id",
        "roles",
        "permissions",
        "scope",
    ];
    expected.sort_unstable();
    assert_eq!(names(&access), expected);
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 1800);
    assert_eq!(
        access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(),
        300
    );
    assert_eq!(access["permissions"], serde_json::json!(["workspace_data:read"]));
    assert_eq!((&id["sid"], &id["aud"]), (&access["sid"], &access["aud"]));
}

#[tokio::test]
async fn a_code_works_once_and_its_second_use_revokes_what_it_gave() {
    let app = Application::start().await;
    let code = app.code_for("ada@acme.example");
    let tokens = json(app.redeem(&code).send().await.unwrap()).await;
    assert_eq!(
        error(app.redeem(&code).send().await.unwrap()).await,
        "invalid_grant"
    );
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_its_request() {
    let app = Application::start().await;
    let code = app.code_for("ada@acme.example");
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
    for rest in [
        [("redirect_uri", CALLBACK), ("code_verifier", "wrong")],
        [("redirect_uri", CALLBACK), ("code_verifier", "")],
        [
            ("redirect_uri", "http://app.test/other"),
            ("code_verifier", crate::application::VERIFIER),
        ],
    ] {
        let response = app.token(&[&grant[..], &rest].concat()).send().await.unwrap();
        assert_eq!(error(response).await, "invalid_grant", "{rest:?}");
    }
    app.control().advance_clock(Duration::from_secs(601));
    assert_eq!(
        error(app.redeem(&code).send().await.unwrap()).await,
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_client_may_use_basic_credentials_and_a_stray_bearer_header_is_ignored() {
    let app = Application::start().await;
    let form = [("grant_type", "client_credentials")];
    let basic = app
        .post("/oauth/token", &form)
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
    assert_eq!(basic.send().await.unwrap().status(), StatusCode::OK);
    let stray = app.token(&form).bearer_auth("management");
    assert_eq!(stray.send().await.unwrap().status(), StatusCode::OK);

    let wrong = app
        .post("/oauth/token", &form)
        .basic_auth(CLIENT_ID, Some("wrong"))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(
        wrong.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    assert_eq!(error(wrong).await, "invalid_client");
}

#[tokio::test]
async fn client_credentials_give_a_day_without_refresh() {
    let app = Application::start().await;
    let tokens = json(
        app.token(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(tokens["expires_in"], 86399);
    assert!(tokens["refresh_token"].is_null() && tokens["id_token"].is_null());
    assert_eq!(claims(&tokens["access_token"])["sub"], CLIENT_ID);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let app = Application::start().await;
    let url = app.authorization_url(&[("scope", "openid")]);
    let callback = app.control().approve(&url, "ada@acme.example").unwrap();
    let tokens = json(app.redeem(&answer(&callback)["code"]).send().await.unwrap()).await;
    assert!(tokens["refresh_token"].is_null());
    assert!(claims(&tokens["id_token"])["email"].is_null());
    assert_eq!(tokens["scope"], "openid");
}

#[tokio::test]
async fn malformed_token_requests_are_refused_as_such() {
    let app = Application::start().await;
    let not_a_form = app
        .client()
        .post(app.url("/oauth/token"))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(not_a_form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let unknown = app.token(&[("grant_type", "password")]).send().await.unwrap();
    assert_eq!(error(unknown).await, "unsupported_grant_type");
    let twice = app.token(&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")]);
    assert_eq!(error(twice.send().await.unwrap()).await, "invalid_request");
    let get = app.get("/oauth/token").send().await.unwrap();
    assert_eq!(
        (get.status(), get.headers()["allow"].to_str().unwrap()),
        (StatusCode::METHOD_NOT_ALLOWED, "POST")
    );
    let long = "x".repeat(70_000);
    let huge = app.token(&[("grant_type", long.as_str())]).send().await.unwrap();
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn userinfo_describes_the_person_until_the_token_ends() {
    let app = Application::start().await;
    let tokens = app.tokens_for("max@acme.example").await;
    let token = tokens["access_token"].as_str().unwrap();
    let info = json(app.get("/userinfo").bearer_auth(token).send().await.unwrap()).await;
    assert_eq!(
        (&info["name"], &info["email"]),
        (&"Max Member".into(), &"max@acme.example".into())
    );
    assert_eq!(
        app.get("/userinfo").send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    app.control().advance_clock(Duration::from_mins(5));
    let late = app.get("/userinfo").bearer_auth(token).send().await.unwrap();
    assert_eq!(late.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_revoked_token_is_inactive_and_so_is_its_family() {
    let app = Application::start().await;
    let tokens = app.tokens_for("max@acme.example").await;
    let form = [("token", tokens["access_token"].as_str().unwrap())];
    let ask = |path| {
        app.post(path, &form)
            .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
            .send()
    };
    assert_eq!(
        json(ask("/oauth/introspect").await.unwrap()).await["active"],
        true
    );
    assert_eq!(ask("/revoke").await.unwrap().status(), StatusCode::OK);
    assert_eq!(
        json(ask("/oauth/introspect").await.unwrap()).await,
        serde_json::json!({ "active": false })
    );
    assert_eq!(error(app.refresh(&tokens).await).await, "invalid_grant");
}

#[tokio::test]
async fn discovery_names_endpoints_that_answer() {
    let app = Application::start().await;
    let document = json(app.get("/.well-known/openid-configuration").send().await.unwrap()).await;
    assert_eq!(document["issuer"], app.issuer());
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let response = app.client().get(value.as_str().unwrap()).send().await.unwrap();
            assert_ne!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
