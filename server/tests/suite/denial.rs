//! Somebody who may not: which permission is missing, which there are, and whom to ask, on a page and as JSON.

use std::time::Duration;

use app::routes;
use emulator::{Endpoint, Fault};
use serde_json::json;

use crate::test_app::{Setup, TestApp};

const ADA: &str = "ada@acme.example";
const AYESHA: &str = "ayesha@acme.example";
const MAX: &str = "max@acme.example";
const TITLE: &str = "You may not open this page";

#[tokio::test]
async fn the_page_says_what_is_missing_what_there_is_and_whom_to_ask() {
    let app = TestApp::start().await;
    let answer = app.signed_in(MAX).await.get(routes::SETTINGS).await;
    answer.assert_problem(403, TITLE);
    for said in [
        "<code>organization:settings</code>",
        "lets you administer the organization",
        "workspace_data:read",
        "Ada Admin",
        r#"href="mailto:ada@acme.example""#,
        r#"href="/dashboard""#,
    ] {
        assert!(answer.body.contains(said), "{said} is not in {}", answer.body);
    }
    assert!(
        !answer.body.contains("benoit@acme.example"),
        "nobody is named who cannot help"
    );
}

#[tokio::test]
async fn the_json_says_the_same() {
    let app = TestApp::start().await;
    let answer = app.signed_in(MAX).await.fetch(routes::SETTINGS).await;
    let said = answer.json();
    assert_eq!(answer.status, 403);
    assert_eq!(said["error"], "forbidden");
    assert_eq!(said["reference"], answer.header("x-request-id"));
    assert_eq!(said["missing"], json!(["organization:settings"]));
    assert_eq!(said["granted"], json!(["workspace_data:read"]));
    let ada = json!({ "name": "Ada Admin", "email": ADA });
    let administrators = said["administrators"].as_array().unwrap();
    assert!(administrators.contains(&ada), "{said}");
    assert_eq!(said.as_object().unwrap().len(), 5, "and nothing else: {said}");
}

#[tokio::test]
async fn who_has_one_of_two_permissions_hears_of_the_other_alone() {
    let app = TestApp::start().await;
    let mut ayesha = app.signed_in(AYESHA).await;
    let answer = ayesha.fetch(routes::SINGLE_SIGN_ON).await;
    let said = answer.json();
    assert_eq!(answer.status, 403);
    assert_eq!(said["missing"], json!(["sk_org_sso_read"]));
    // She is a manager, and so is Freya: neither can grant it.
    assert_eq!(
        said["administrators"],
        json!([{ "name": "Ada Admin", "email": ADA }])
    );
    let page = ayesha.get(routes::SINGLE_SIGN_ON).await;
    page.assert_problem(403, TITLE);
    assert!(page.body.contains("lets you see single sign-on"), "{}", page.body);
}

#[tokio::test]
async fn an_action_is_refused_in_the_same_words_and_does_nothing() {
    let app = TestApp::start().await;
    let mut ayesha = app.signed_in(AYESHA).await;
    let before = app.control().people();
    let form = format!("member={}", app.id_of(MAX));
    let answer = ayesha.call(routes::REMOVE_MEMBER, &form).await;
    let said = answer.json();
    assert_eq!(answer.status, 403);
    assert_eq!(said["missing"], json!(["sk_org_users_delete"]));
    let page = ayesha.send_form(routes::REMOVE_MEMBER, &form).await;
    page.assert_problem(403, TITLE);
    assert!(page.body.contains("lets you remove members"), "{}", page.body);
    assert_eq!(app.control().people(), before);
}

/// Whom to ask is nice to know; that one may not is certain without the management API.
#[tokio::test]
async fn a_refusal_needs_no_management_api() {
    let setup = Setup {
        patience: Duration::from_secs(1),
        ..Setup::default()
    };
    let mut app = setup.start().await;
    let mut max = app.signed_in(MAX).await;
    for fault in [
        Fault::Status(500),
        Fault::Status(403),
        Fault::Status(401),
        Fault::Garbage,
        Fault::Reset,
        Fault::Hang,
    ] {
        app.control().set_fault(Endpoint::Roles, Some(fault));
        let answer = max.fetch(routes::SETTINGS).await;
        let said = answer.json();
        assert_eq!(answer.status, 403, "{fault:?}");
        assert_eq!(said["missing"], json!(["organization:settings"]), "{fault:?}");
        assert_eq!(said["granted"], json!(["workspace_data:read"]), "{fault:?}");
        assert_eq!(said["administrators"], json!([]), "{fault:?}");
    }
    app.emulator.take().unwrap().shutdown().await;
    let page = max.get(routes::SETTINGS).await;
    page.assert_problem(403, TITLE);
    assert!(
        page.body.contains("organization:settings") && !page.body.contains("mailto:"),
        "{}",
        page.body
    );
}
