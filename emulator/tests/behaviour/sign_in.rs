//! The authorization endpoint and the hosted pages.

use std::time::Duration;

use emulator::people;
use reqwest::StatusCode;

use crate::application::{Application, CALLBACK, answer, claims, json};

fn id_of(email: &str) -> &'static str {
    &people().iter().find(|person| person.email == email).unwrap().id
}

#[tokio::test]
async fn a_ready_made_person_signs_in_with_one_click() {
    let app = Application::start().await;
    let browser = app.browser();
    let page = browser.open(&app.authorization_url(&[])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Ada Admin") && page.says("Max Member") && page.says("Olga Orgs"));
    assert!(
        page.policy.contains("form-action 'self' http://app.test"),
        "{}",
        page.policy
    );

    let back = browser
        .submit(&page, "person", &[("person", id_of("ada@acme.example"))])
        .await;
    assert!(back.address.starts_with(CALLBACK));
    assert_eq!(answer(&back.address)["state"], "st&te");
    let tokens = json(app.redeem(&answer(&back.address)["code"]).send().await.unwrap()).await;
    let id = claims(&tokens["id_token"]);
    assert_eq!(
        (&id["email"], &id["nonce"]),
        (&"ada@acme.example".into(), &"n0nce".into())
    );
    assert_eq!(claims(&tokens["access_token"])["roles"][0], "admin");
}

#[tokio::test]
async fn a_test_address_signs_in_with_the_code() {
    let app = Application::start().await;
    let browser = app.browser();
    let page = browser
        .open(&app.authorization_url(&[("login_hint", "\"><b>@x")]))
        .await;
    assert!(page.says(r#"name="email""#) && page.says("&quot;&gt;&lt;b&gt;@x"));
    let page = browser
        .submit(&page, "email", &[("email", "grace.hopper+sktest@example.com")])
        .await;
    assert!(page.says(r#"data-scope="pin-input" data-part="input""#));
    let back = browser.submit(&page, "code", &[("code", "424 242")]).await;
    let tokens = json(app.redeem(&answer(&back.address)["code"]).send().await.unwrap()).await;
    let id = claims(&tokens["id_token"]);
    assert_eq!(
        (&id["name"], &id["family_name"]),
        (&"Grace Hopper".into(), &"Hopper".into())
    );
}

#[tokio::test]
async fn a_wrong_code_says_so_and_the_fifth_starts_over() {
    let app = Application::start().await;
    let browser = app.browser();
    let page = browser.open(&app.authorization_url(&[])).await;
    let page = browser
        .submit(&page, "email", &[("email", "max@acme.example")])
        .await;
    for _ in 0..4 {
        let again = browser.submit(&page, "code", &[("code", "000000")]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.says(r#"role="alert""#) && again.says("not right"));
    }
    assert!(
        browser
            .submit(&page, "code", &[("code", "000000")])
            .await
            .says("five times")
    );
    assert_eq!(
        browser.submit(&page, "code", &[("code", "424242")]).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn an_address_nobody_has_is_answered_with_what_can_be_used() {
    let app = Application::start().await;
    let browser = app.browser();
    let page = browser.open(&app.authorization_url(&[])).await;
    let again = browser
        .submit(&page, "email", &[("email", "nobody@example.com")])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("+sktest") && again.says(r#"value="nobody@example.com""#));
}

#[tokio::test]
async fn whoever_is_in_two_organizations_chooses_one() {
    let app = Application::start().await;
    let browser = app.browser();
    let olga = [("person", id_of("olga@globex.example"))];
    let page = browser.open(&app.authorization_url(&[])).await;
    let page = browser.submit(&page, "person", &olga).await;
    assert!(page.says("Choose an organization") && page.says("Acme Corp") && page.says("Globex"));
    let acme = emulator::organizations()[0].id;
    let back = browser
        .submit(&page, "organization", &[("organization", acme)])
        .await;
    let first = json(app.redeem(&answer(&back.address)["code"]).send().await.unwrap()).await;
    assert_eq!(claims(&first["access_token"])["oid"], acme);
    assert_eq!(claims(&first["access_token"])["roles"][0], "member");

    // `select_account` shows the chooser again; with an organization it jumps there, in the same session.
    let page = browser
        .open(&app.authorization_url(&[("prompt", "select_account")]))
        .await;
    assert!(page.says("Choose an organization"));
    let globex = emulator::organizations()[1].id;
    let switch = app.authorization_url(&[("prompt", "select_account"), ("organization_id", globex)]);
    let back = browser.open(&switch).await;
    let second = json(app.redeem(&answer(&back.address)["code"]).send().await.unwrap()).await;
    let (first, second) = (claims(&first["access_token"]), claims(&second["access_token"]));
    assert_eq!(
        (&second["oid"], &second["roles"][0]),
        (&globex.into(), &"admin".into())
    );
    assert_eq!(first["sid"], second["sid"]);
}

#[tokio::test]
async fn a_named_organization_skips_the_chooser_and_keeps_strangers_out() {
    let app = Application::start().await;
    let globex = emulator::organizations()[1].id;
    let url = app.authorization_url(&[("organization_id", globex)]);
    let browser = app.browser();
    let page = browser.open(&url).await;
    assert!(page.says("Sign in to Globex") && !page.says("Ada Admin"));
    let back = browser
        .submit(&page, "person", &[("person", id_of("olga@globex.example"))])
        .await;
    assert!(answer(&back.address).contains_key("code"));

    let browser = app.browser();
    let page = browser.open(&url).await;
    let back = browser
        .submit(&page, "person", &[("person", id_of("ada@acme.example"))])
        .await;
    assert_eq!(answer(&back.address)["error"], "access_denied");
    let back = browser
        .open(&app.authorization_url(&[("organization_id", "org_1")]))
        .await;
    assert_eq!(answer(&back.address)["error"], "invalid_organization_id");
}

#[tokio::test]
async fn a_connection_is_the_organizations_single_sign_on() {
    let app = Application::start().await;
    let acme = &emulator::organizations()[0];
    let url = app.authorization_url(&[("connection_id", acme.connection_id)]);
    assert!(app.browser().open(&url).await.says("Acme Corp single sign-on"));
    let callback = app.control().approve(&url, "max@acme.example").unwrap();
    let tokens = json(app.redeem(&answer(&callback)["code"]).send().await.unwrap()).await;
    assert_eq!(claims(&tokens["id_token"])["amr"][0], acme.connection_id);
    let back = app
        .browser()
        .open(&app.authorization_url(&[("connection_id", "conn_1")]))
        .await;
    assert_eq!(answer(&back.address)["error"], "invalid_connection_id");
}

#[tokio::test]
async fn a_person_who_declines_is_reported_with_the_state() {
    let app = Application::start().await;
    let browser = app.browser();
    let page = browser.open(&app.authorization_url(&[])).await;
    assert!(page.says("Deny access"));
    let back = browser.submit(&page, "deny", &[]).await;
    let answer = answer(&back.address);
    assert_eq!(
        (answer["error"].as_str(), answer["state"].as_str()),
        ("access_denied", "st&te")
    );
}

#[tokio::test]
async fn a_signed_in_person_is_sent_straight_back_unless_the_prompt_says_otherwise() {
    let app = Application::start().await;
    let browser = app.browser();
    let nobody = browser.open(&app.authorization_url(&[("prompt", "none")])).await;
    assert_eq!(answer(&nobody.address)["error"], "login_required");

    let page = browser.open(&app.authorization_url(&[])).await;
    browser
        .submit(&page, "person", &[("person", id_of("max@acme.example"))])
        .await;
    for prompt in ["", "none"] {
        let back = browser.open(&app.authorization_url(&[("prompt", prompt)])).await;
        assert!(answer(&back.address).contains_key("code"), "{prompt}");
    }
    assert!(
        browser
            .open(&app.authorization_url(&[("prompt", "login")]))
            .await
            .says("Sign in")
    );
    assert!(
        browser
            .open(&app.authorization_url(&[("prompt", "create")]))
            .await
            .says("Create your account")
    );
    app.control().advance_clock(Duration::from_secs(61));
    assert!(
        browser
            .open(&app.authorization_url(&[("max_age", "60")]))
            .await
            .says("Sign in")
    );
    app.control().end_all_sessions();
    assert!(browser.open(&app.authorization_url(&[])).await.says("Sign in"));
}

#[tokio::test]
async fn a_wrong_client_or_redirect_uri_gets_a_page_and_no_redirect() {
    let app = Application::start().await;
    for change in [
        ("client_id", "skc_other"),
        ("client_id", ""),
        ("redirect_uri", "http://app.test/auth/callback/"),
        ("redirect_uri", "http://evil.test/"),
        ("redirect_uri", ""),
    ] {
        let page = app.browser().open(&app.authorization_url(&[change])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.says("This sign-in cannot start"));
    }
    let twice = format!(
        "{}&redirect_uri=http%3A%2F%2Fevil.test",
        app.authorization_url(&[])
    );
    assert_eq!(app.browser().open(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_other_mistake_goes_back_to_the_application_with_the_state() {
    let app = Application::start().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", ""), "invalid_request"),
        (("scope", "email"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("provider", "myspace"), "invalid_request"),
        (("request", "x"), "request_not_supported"),
    ] {
        let back = app.browser().open(&app.authorization_url(&[change])).await;
        let answer = answer(&back.address);
        assert_eq!(answer["error"], error, "{change:?}");
        assert_eq!(answer["state"], "st&te", "{change:?}");
    }
    let twice = format!("{}&nonce=other", app.authorization_url(&[]));
    assert_eq!(
        answer(&app.browser().open(&twice).await.address)["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn a_sign_in_can_be_continued_only_in_the_browser_that_started_it() {
    let app = Application::start().await;
    let page = app.browser().open(&app.authorization_url(&[])).await;
    let other = app
        .browser()
        .submit(&page, "person", &[("person", id_of("ada@acme.example"))])
        .await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert_eq!(
        app.browser().open(&app.url("/sign-in/unknown")).await.status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn a_second_click_ends_up_where_the_first_did_and_back_shows_a_finished_page() {
    let app = Application::start().await;
    let browser = app.browser();
    let ada = [("person", id_of("ada@acme.example"))];
    let page = browser.open(&app.authorization_url(&[])).await;
    let first = browser.submit(&page, "person", &ada).await;
    let second = browser.submit(&page, "person", &ada).await;
    assert_eq!(first.address, second.address);
    assert!(browser.open(&page.address).await.says("This sign-in is finished"));
}
