//! What an honest provider does.

use misbehaving_provider::{
    CLIENT_ID, CLIENT_SECRET, ClientAuthentication, Endpoint, MisbehavingProvider, SUBJECT,
};

use crate::application::{Application, CALLBACK, VERIFIER, authorization_request, parameter, text};

#[tokio::test]
async fn a_sign_in_brings_tokens_that_verify() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let callback = provider.authorize(&application.authorization_url());
    assert!(callback.starts_with(CALLBACK));
    assert_eq!(parameter(&callback, "state").as_deref(), Some("st&te"));
    assert_eq!(parameter(&callback, "iss").as_deref(), Some(provider.issuer()));

    let code = parameter(&callback, "code").unwrap();
    let tokens = application.exchange(&code, VERIFIER).await.json;
    let id = application.verify(text(&tokens, "id_token")).await.unwrap();
    let access = application.verify(text(&tokens, "access_token")).await.unwrap();
    assert_eq!((text(&id, "sub"), text(&access, "sub")), (SUBJECT, SUBJECT));
    assert_eq!(text(&id, "nonce"), "n0nce");
    assert_eq!(id["sid"], access["sid"]);
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 30 * 60);
    assert_eq!(provider.issued()[0].id_token, text(&tokens, "id_token"));
}

#[tokio::test]
async fn a_code_needs_its_verifier_its_address_and_the_right_secret_and_works_once() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    for verifier in ["", "another-verifier-of-at-least-forty-three-letters"] {
        let answer = application.exchange(&application.code(), verifier).await;
        assert_eq!(
            (answer.status, text(&answer.json, "error")),
            (400, "invalid_grant")
        );
    }
    let code = application.code();
    let elsewhere = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://localhost:3000/elsewhere"),
        ("code_verifier", VERIFIER),
    ];
    let answer = application.post(Endpoint::Token, &elsewhere).await;
    assert_eq!(text(&answer.json, "error"), "invalid_grant");

    // Not form-encoded, as RFC 6749 §2.3.1 would have it.
    let answer = application
        .post_as(CLIENT_ID, CLIENT_SECRET, Endpoint::Token, &elsewhere)
        .await;
    assert_eq!(
        (answer.status, text(&answer.json, "error")),
        (401, "invalid_client")
    );

    let code = application.code();
    assert_eq!(application.exchange(&code, VERIFIER).await.status, 200);
    let again = application.exchange(&code, VERIFIER).await;
    assert_eq!((again.status, text(&again.json, "error")), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_token_rotates_and_its_second_use_ends_the_session() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let first = application.sign_in().await;
    let second = application.refresh(text(&first, "refresh_token")).await.json;
    let [before, after] = [&first, &second].map(|tokens| text(tokens, "id_token"));
    let (before, after) = (
        application.verify(before).await.unwrap(),
        application.verify(after).await.unwrap(),
    );
    assert_eq!(before["sid"], after["sid"]);
    assert!(after.get("nonce").is_none(), "Core §12.2");
    for token in [&first, &second].map(|tokens| text(tokens, "refresh_token")) {
        let answer = application.refresh(token).await;
        assert_eq!(
            (answer.status, text(&answer.json, "error")),
            (400, "invalid_grant")
        );
    }
}

#[tokio::test]
async fn requests_are_there_to_be_looked_at() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    application.sign_in().await;
    let asked = provider.last_request(Endpoint::Authorization);
    assert_eq!(asked.query.get("nonce"), Some("n0nce"));
    let exchanged = provider.last_request(Endpoint::Token);
    assert_eq!(exchanged.form.get("code_verifier"), Some(VERIFIER));
    assert_eq!(
        exchanged.client_authentication(),
        ClientAuthentication::Basic {
            id: CLIENT_ID.to_owned(),
            secret: CLIENT_SECRET.to_owned()
        }
    );
    provider.forget_requests();
    assert!(provider.requests(Endpoint::Token).is_empty());
}

#[tokio::test]
async fn userinfo_answers_whoever_has_an_access_token() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    provider.opaque_access_token();
    let tokens = application.sign_in().await;
    let access_token = text(&tokens, "access_token");
    let claims = application
        .userinfo(access_token)
        .await
        .json::<serde_json::Value>()
        .await;
    assert_eq!(text(&claims.unwrap(), "sub"), SUBJECT);
    assert_eq!(application.userinfo("another").await.status(), 401);
    provider.set_clock_ahead(300);
    assert_eq!(application.userinfo(access_token).await.status(), 401);
}

#[tokio::test]
async fn the_management_api_answers_the_application_and_nobody_else() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let tokens = application
        .post(Endpoint::Token, &[("grant_type", "client_credentials")])
        .await;
    assert_eq!((tokens.status, tokens.json.get("id_token")), (200, None));
    let own = text(&tokens.json, "access_token");
    let answer = application
        .manage("/organizations/org_acme?page_size=1", own)
        .await;
    assert_eq!(
        (answer.status, text(&answer.json["organization"], "display_name")),
        (200, "Acme")
    );
    let call = provider.last_request(Endpoint::Management);
    assert_eq!(call.path, "/api/v1/organizations/org_acme");
    assert_eq!(call.query.get("page_size"), Some("1"));

    let persons = application.sign_in().await;
    for token in ["", "another", text(&persons, "access_token")] {
        assert_eq!(application.manage("/users/usr_ada", token).await.status, 401);
    }
    provider.set_clock_ahead(24 * 60 * 60);
    assert_eq!(application.manage("/users/usr_ada", own).await.status, 401);
    assert_eq!(provider.requests(Endpoint::Management).len(), 5);
}

#[tokio::test]
async fn a_pushed_request_is_approved_once() {
    let provider = MisbehavingProvider::start().await;
    let application = Application::of(&provider);
    let pushed = application
        .post(Endpoint::PushedAuthorization, &authorization_request())
        .await;
    assert_eq!(pushed.status, 201);
    let url = format!(
        "{}?client_id={CLIENT_ID}&request_uri={}",
        provider.url(Endpoint::Authorization),
        text(&pushed.json, "request_uri")
    );
    let code = parameter(&provider.authorize(&url), "code").unwrap();
    assert_eq!(application.exchange(&code, VERIFIER).await.status, 200);
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| provider.authorize(&url)));
    assert!(again.is_err());
}

#[tokio::test]
async fn an_issuer_may_have_a_path_or_end_in_a_slash() {
    for path in ["/", "/realms/acme", "/realms/acme/"] {
        let provider = MisbehavingProvider::builder().issuer_path(path).start().await;
        let application = Application::of(&provider);
        let document = application.get_json(Endpoint::Discovery).await;
        assert_eq!(text(&document, "issuer"), provider.issuer());
        assert!(provider.issuer().ends_with(path));
        let tokens = application.sign_in().await;
        assert!(application.verify(text(&tokens, "id_token")).await.is_some());
    }
}
