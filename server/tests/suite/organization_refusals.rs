//! What administrators try in vain: each refusal has its words, and for scripts its status.

use app::{notice::Notice, routes};
use emulator::Endpoint;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use crate::{
    organization::{page, page_after},
    test_app::TestApp,
    test_browser::Browser,
    test_page::{row, section},
};

const ADA: &str = "ada@acme.example";
const MAX: &str = "max@acme.example";
const OLGA: &str = "olga@globex.example";
/// Globex', which is not set up yet.
const UNFINISHED_CONNECTION: &str = "conn_61022755036856460";

/// By a script and by a form: what has not been done is told with its status, and in its words.
async fn assert_refused(browser: &mut Browser, function: &str, form: &str, notice: Notice) {
    let answer = browser.call(function, form).await;
    assert_eq!(answer.status, notice.status(), "{function} {form}");
    assert_eq!(
        answer.json(),
        json!({ "success": false, "error": notice.text() }),
        "{function} {form}"
    );
    page_after(browser, function, form, routes::PROFILE, notice).await;
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_own_words() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let (own, max) = (app.id_of(ADA), app.id_of(MAX));
    let own = format!("member={own}");
    let own_role = format!("{own}&role=member");
    let max = format!("member={max}");
    let no_such_role = format!("{max}&role=owner");
    let before = app.control().people();
    #[rustfmt::skip]
    let refusals = [
        (routes::RESEND_INVITATION, "member=usr_1", Notice::NotThere),
        (routes::CHANGE_ROLE, "member=usr_1&role=member", Notice::NotThere),
        (routes::REMOVE_MEMBER, "member=usr_1", Notice::NotThere),
        (routes::SWITCH_CONNECTION, "connection=conn_1&enabled=true", Notice::NotThere),
        (routes::SWITCH_DIRECTORY, "directory=dir_1&enabled=true", Notice::NotThere),
        (routes::REMOVE_DOMAIN, "domain=dom_1", Notice::NotThere),
        (routes::INVITE_MEMBER, "email=max%40acme.example&role=member", Notice::AlreadyThere),
        (routes::ADD_DOMAIN, "domain=acme.example", Notice::AlreadyThere),
        (routes::ADD_DOMAIN, "domain=globex.example", Notice::AlreadyThere),
        (routes::SAVE_PROFILE, "display_name=A&slug=globex&external_id=&logo_url=", Notice::AlreadyThere),
        (routes::CHANGE_ROLE, own_role.as_str(), Notice::NotYourself),
        (routes::REMOVE_MEMBER, own.as_str(), Notice::NotYourself),
        (routes::INVITE_MEMBER, "email=nobody&role=member", Notice::NotAccepted),
        (routes::INVITE_MEMBER, "email=new%40acme.example&role=owner", Notice::NotAccepted),
        (routes::RESEND_INVITATION, max.as_str(), Notice::NotAccepted),
        (routes::CHANGE_ROLE, no_such_role.as_str(), Notice::NotAccepted),
        (routes::SAVE_PROFILE, "display_name=&slug=&external_id=&logo_url=", Notice::NotAccepted),
        (routes::SAVE_PROFILE, "display_name=A&slug=A+b&external_id=&logo_url=", Notice::NotAccepted),
        (routes::SAVE_PROFILE, "display_name=A&slug=&external_id=&logo_url=http://a.example", Notice::NotAccepted),
        (routes::SET_FEATURE, "name=telepathy&enabled=true", Notice::NotAccepted),
        (routes::ADD_DOMAIN, "domain=acme", Notice::NotAccepted),
        (routes::ADD_DOMAIN, "domain=gmail.com", Notice::NotAccepted),
        (routes::SET_SESSION_POLICY, "source=custom&absolute_minutes=43201&idle_minutes=", Notice::NotAccepted),
        (routes::SET_SESSION_POLICY, "source=custom&absolute_minutes=60&idle_minutes=60", Notice::NotAccepted),
        (routes::SET_SESSION_POLICY, "source=custom&absolute_minutes=", Notice::NotAccepted),
        (routes::SET_SESSION_POLICY, "source=everlasting", Notice::NotAccepted),
    ];
    for (function, form, notice) in refusals {
        assert_refused(&mut ada, function, form, notice).await;
    }
    assert_eq!(app.control().people(), before, "nothing has changed");
}

#[tokio::test]
async fn a_connection_that_is_not_set_up_stays_off() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    let on = format!("connection={UNFINISHED_CONNECTION}&enabled=true");
    assert_refused(&mut olga, routes::SWITCH_CONNECTION, &on, Notice::NotAccepted).await;
    let body = page(&mut olga, routes::SINGLE_SIGN_ON).await;
    let connection = row(section(&body, routes::SINGLE_SIGN_ON), UNFINISHED_CONNECTION);
    assert!(
        connection.contains("Being set up") && !connection.contains("aria-checked"),
        "{connection}"
    );
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_not_even_asked_for() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let asked = || {
        let requests = app.control().requests();
        [
            Endpoint::Members,
            Endpoint::Connections,
            Endpoint::Directories,
            Endpoint::Domains,
            Endpoint::Organization,
        ]
        .map(|endpoint| requests.to(endpoint))
    };
    let before = asked();
    let long = "a".repeat(129);
    for id in [
        "",
        "..",
        "usr_1/../x",
        "usr_1?x=1",
        "usr_1:enable",
        "usr 1",
        "usr_ä",
        &long,
    ] {
        let id: String = byte_serialize(id.as_bytes()).collect();
        for (function, form) in [
            (routes::RESEND_INVITATION, format!("member={id}")),
            (routes::CHANGE_ROLE, format!("member={id}&role=member")),
            (routes::REMOVE_MEMBER, format!("member={id}")),
            (
                routes::SWITCH_CONNECTION,
                format!("connection={id}&enabled=false"),
            ),
            (routes::SWITCH_DIRECTORY, format!("directory={id}&enabled=false")),
            (routes::REMOVE_DOMAIN, format!("domain={id}")),
        ] {
            let answer = ada.call(function, &form).await;
            assert_eq!(answer.status, 404, "{function} {form}");
            assert_eq!(
                answer.json()["error"],
                Notice::NotThere.text(),
                "{function} {form}"
            );
        }
    }
    assert_eq!(asked(), before);
}

#[tokio::test]
async fn a_form_that_is_not_understood_is_a_bad_request() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (function, form) in [
        (routes::SAVE_PROFILE, "display_name=A"),
        (routes::SET_FEATURE, "name=sso"),
        (routes::SET_FEATURE, "name=sso&enabled=perhaps"),
        (routes::INVITE_MEMBER, ""),
        (routes::SET_SESSION_POLICY, "source=custom&absolute_minutes=-5"),
        (
            routes::SET_SESSION_POLICY,
            "source=custom&absolute_minutes=99999999999",
        ),
    ] {
        let answer = ada.call(function, form).await;
        assert_eq!(answer.status, 400, "{function} {form}");
        assert_eq!(answer.json()["kind"], "BadRequest", "{function} {form}");
    }
}

#[tokio::test]
async fn a_form_leads_nowhere_but_to_a_page_of_ours() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for next in ["", "https://evil.example", "//evil.example", "/\\evil.example"] {
        let next: String = byte_serialize(next.as_bytes()).collect();
        let form = format!("name=sso&enabled=true&next={next}");
        let answer = ada.send_form(routes::SET_FEATURE, &form).await;
        let home = Notice::FeatureSwitched.after(routes::DASHBOARD);
        assert_eq!((answer.status, answer.location()), (303, home), "{next}");
    }
}
