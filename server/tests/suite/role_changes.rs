//! Another role, and none: tokens say so from the next refresh on, and so do the pages, without a new sign-in.

use std::time::Duration;

use app::{notice::Notice, routes};

use crate::{test_app::TestApp, test_browser::Browser, test_page::section};

const ADA: &str = "ada@acme.example";
const AYESHA: &str = "ayesha@acme.example";
const MAX: &str = "max@acme.example";
/// Access tokens live for five minutes; in the last of them they are renewed.
const NEARLY_OVER: Duration = Duration::from_secs(4 * 60 + 10);

/// Has an administrator do `function` to the member with the address `email`.
async fn administer(app: &TestApp, function: &str, email: &str, more: &str) {
    let mut ada = app.signed_in(ADA).await;
    let form = format!("member={}{more}", app.id_of(email));
    let answer = ada.call(function, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn settings(browser: &mut Browser) -> u16 {
    browser.get(routes::SETTINGS).await.status
}

#[tokio::test]
async fn a_promotion_opens_the_page_with_the_refresh_that_comes_by_itself() {
    let app = TestApp::start().await;
    let mut max = app.signed_in(MAX).await;
    administer(&app, routes::CHANGE_ROLE, MAX, "&role=manager").await;
    assert_eq!(settings(&mut max).await, 403, "his token does not know yet");
    assert_eq!(app.refreshes(), 0);

    let session = max.session().unwrap().to_owned();
    app.pass(NEARLY_OVER);
    let page = max.get("/organization/settings?wait").await;
    assert_eq!(page.status, 200);
    assert!(section(&page.body, routes::MEMBERS).contains("Ada Admin"));
    // A manager sees more than a member, and less than an administrator.
    let forbidden = section(&page.body, routes::SINGLE_SIGN_ON);
    assert!(
        forbidden.contains("You may not see this") && forbidden.contains("sk_org_sso_read"),
        "{forbidden}"
    );
    assert!(!forbidden.contains("conn_"), "{forbidden}");
    assert_eq!(max.session(), Some(session.as_str()), "without a new sign-in");
    assert_eq!(app.refreshes(), 1);
}

#[tokio::test]
async fn a_promotion_opens_the_page_with_a_refresh_on_demand_which_says_what_changed() {
    let app = TestApp::start().await;
    let mut max = app.signed_in(MAX).await;
    administer(&app, routes::CHANGE_ROLE, MAX, "&role=manager").await;
    app.pass(Duration::from_mins(1));
    let form = format!("next={}", routes::SESSIONS);
    let answer = max.send_form(routes::REFRESH_TOKEN, &form).await;
    assert_eq!(answer.location(), Notice::Refreshed.after(routes::SESSIONS));
    let page = max.get(&answer.location()).await.body;
    let (_, card) = page.split_once("id=\"last-renewal\"").unwrap();
    let (card, _) = card.split_once("</section>").unwrap();
    assert!(
        card.contains("<del>[\"member\"]</del>") && card.contains("<ins>[\"manager\"]</ins>"),
        "{card}"
    );
    assert_eq!(settings(&mut max).await, 200);
}

#[tokio::test]
async fn a_demotion_takes_the_page_and_the_actions_away() {
    let app = TestApp::start().await;
    let mut ayesha = app.signed_in(AYESHA).await;
    assert_eq!(settings(&mut ayesha).await, 200);
    administer(&app, routes::CHANGE_ROLE, AYESHA, "&role=member").await;
    app.pass(NEARLY_OVER);
    assert_eq!(settings(&mut ayesha).await, 403);
    let before = app.control().people();
    let invitation = "email=grace%40acme.example&role=admin";
    let answer = ayesha.call(routes::INVITE_MEMBER, invitation).await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (403, Some("forbidden"))
    );
    assert_eq!(app.control().people(), before);
    assert!(
        !ayesha
            .get(routes::DASHBOARD)
            .await
            .body
            .contains("You administer this organization")
    );
}

#[tokio::test]
async fn whoever_is_removed_is_signed_out_with_the_next_refresh() {
    let app = TestApp::start().await;
    let mut max = app.signed_in(MAX).await;
    administer(&app, routes::REMOVE_MEMBER, MAX, "").await;
    assert_eq!(max.get(routes::DASHBOARD).await.status, 200);
    app.pass(NEARLY_OVER);
    let answer = max.get(routes::DASHBOARD).await;
    assert_eq!(answer.location(), "/login?reason=ended&next=%2Fdashboard");
    assert_eq!(max.fetch(routes::SESSIONS).await.status, 401);
}
