//! A person's sessions on all their devices: each is listed, and ending one asks for a recent proof of who they are. What
//! is ended is over here at once, and at the provider.

use std::time::Duration;

use app::{notice::Notice, routes};
use auth::devices::Handle;
use emulator::{Endpoint, Fault};
use reqwest::Method;
use serde_json::json;

use crate::{
    test_app::{Setup, TestApp},
    test_browser::Browser,
    test_page::{hidden, rows},
};

const ADA: &str = "ada@acme.example";
const MAX: &str = "max@acme.example";
const ACME: &str = "org_59615193906282635";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                      Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
/// Where somebody proves who they are who was on `/sessions`.
const PROOF: &str = "/auth/login?prompt=login&next=%2Fsessions";

/// Signs `email` in with a browser that calls itself `user_agent`, by a proxy that says that it is at `address`.
async fn signed_in_at(app: &TestApp, email: &str, user_agent: &str, address: &str) -> Browser {
    let mut browser = app.browser();
    let callback = app.approved_callback(&mut browser, "/auth/login", email).await;
    let headers = [("user-agent", user_agent), ("x-forwarded-for", address)];
    let answer = browser.request(Method::GET, &callback, &headers).await;
    assert_eq!(answer.location(), "/dashboard");
    browser
}

/// A browser in which `email` has just proved who they are.
async fn proved(app: &TestApp, email: &str) -> Browser {
    let mut browser = app.browser();
    assert_eq!(app.sign_in(&mut browser, PROOF, email).await, "/sessions");
    browser
}

/// A second session of ours that the provider knows as the same one as `browser`'s: of somebody who signed in twice
/// without signing out there.
async fn twin(app: &TestApp, browser: &Browser) -> Browser {
    let session = app.session(browser).await;
    let vault = app.state.services.sessions.vault();
    let id = vault.begin(&session).await.unwrap();
    let mut twin = browser.clone();
    twin.cookies.insert("scalekit_session".to_owned(), id.to_string());
    twin
}

/// What `browser`'s session is called among its person's.
fn handle(browser: &Browser) -> String {
    let id = browser.session().unwrap().parse().unwrap();
    Handle::of_session(id).as_str().to_owned()
}

/// What the provider calls it.
async fn sid(app: &TestApp, browser: &Browser) -> String {
    let session = app.session(browser).await;
    session.provider_session().unwrap().to_owned()
}

/// The form that ends `browser`'s session.
fn ending(browser: &Browser) -> String {
    format!("session={}&next=%2Fsessions", handle(browser))
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.fetch(routes::DASHBOARD).await.status == 200
}

#[tokio::test]
async fn every_session_is_listed_with_device_address_and_organization_and_ones_own_is_marked() {
    let setup = Setup {
        variables: vec![("TRUSTED_PROXIES", "1".to_owned())],
        ..Setup::default()
    };
    let app = setup.start().await;
    let mut laptop = signed_in_at(&app, ADA, FIREFOX, "203.0.113.9").await;
    let mut phone = signed_in_at(&app, ADA, SAFARI, "2001:db8::7").await;
    signed_in_at(&app, MAX, SAFARI, "198.51.100.1").await;
    let handles = [handle(&laptop), handle(&phone)];
    for (browser, own) in [(&mut laptop, 0), (&mut phone, 1)] {
        let page = browser.get(routes::SESSIONS).await.body;
        assert_eq!(rows(&page).count(), 2, "Ada's, and nobody else's: {page}");
        for (position, (device, address)) in [
            ("Firefox on Windows", "203.0.113.9"),
            ("Safari on iPhone", "2001:db8::7"),
        ]
        .into_iter()
        .enumerate()
        {
            let row = rows(&page).find(|row| row.contains(device)).unwrap();
            for shown in [address, ACME, "Started ", "last seen "] {
                assert!(row.contains(shown), "{shown} is not in {row}");
            }
            let is_own = position == own;
            assert_eq!(row.contains("This one"), is_own, "{row}");
            assert_eq!(row.contains("End this session"), !is_own, "{row}");
            if !is_own {
                assert_eq!(hidden(row, "session"), handles[position]);
            }
        }
        assert!(page.contains("End all others"), "{page}");
    }
}

#[tokio::test]
async fn whoever_has_one_session_only_has_none_to_end() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let page = ada.get(routes::SESSIONS).await.body;
    assert_eq!(rows(&page).count(), 1);
    let own = rows(&page).next().unwrap();
    assert!(own.contains("This one") && own.contains("127.0.0.1"), "{own}");
    assert!(
        !page.contains("End all others") && !page.contains("End this session"),
        "{page}"
    );
}

#[tokio::test]
async fn ending_a_session_asks_for_a_proof_that_is_recent() {
    let app = TestApp::start().await;
    let mut laptop = app.signed_in(ADA).await;
    let mut phone = app.signed_in(ADA).await;
    let page = format!("http://localhost:{}/sessions", app.address.port());
    let form = ending(&phone);
    for (function, form) in [
        (routes::END_SESSION, form.as_str()),
        (routes::END_OTHERS, "next=%2Fsessions"),
    ] {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("referer", page.as_str()),
        ];
        let answer = laptop.submit(function, form, &headers).await;
        assert_eq!(
            (answer.status, answer.location().as_str(), answer.body.as_str()),
            (303, PROOF, "")
        );
        let mut headers = headers.to_vec();
        headers.push(("accept", "application/json"));
        let answer = laptop.submit(function, form, &headers).await;
        assert_eq!(answer.status, 403, "{function}");
        assert_eq!(
            answer.json(),
            json!({ "error": "recent_sign_in_required", "location": PROOF }),
            "{function}"
        );
        // Where nobody says from which page, or another site does.
        for elsewhere in ["https://evil.example/sessions", "nonsense"] {
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("referer", elsewhere),
                ("accept", "application/json"),
            ];
            let answer = laptop.submit(function, form, &headers).await;
            assert_eq!(
                answer.json()["location"],
                "/auth/login?prompt=login&next=%2Fdashboard",
                "{elsewhere}"
            );
        }
    }
    assert!(is_signed_in(&mut phone).await);
}

#[tokio::test]
async fn a_session_that_is_ended_is_over_here_at_once_and_at_the_provider() {
    let app = TestApp::start().await;
    let mut laptop = app.signed_in(ADA).await;
    let mut phone = app.signed_in(ADA).await;
    let (mine, theirs) = (sid(&app, &laptop).await, sid(&app, &phone).await);
    assert_eq!(app.sign_in(&mut laptop, PROOF, ADA).await, "/sessions");
    let answer = laptop.call(routes::END_SESSION, &ending(&phone)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "success": true, "message": Notice::SessionEnded.text() })
    );

    let next = phone.get(routes::DASHBOARD).await;
    assert!(next.location().starts_with("/login?reason="), "{next:?}");
    assert!(next.body.is_empty());
    assert_eq!(phone.fetch(routes::SESSIONS).await.status, 401);
    assert_eq!(phone.call(routes::REFRESH_TOKEN, "").await.status, 401);
    let left = app.control().sessions_of(ADA);
    assert!(!left.contains(&theirs), "the provider knows it still");
    assert!(left.contains(&mine), "that one was not to end");
    let page = laptop.get(routes::SESSIONS).await.body;
    assert_eq!(rows(&page).count(), 1, "{page}");
}

#[tokio::test]
async fn a_form_ends_a_session_and_leads_back_to_the_list() {
    let app = TestApp::start().await;
    let mut phone = app.signed_in(ADA).await;
    let mut laptop = proved(&app, ADA).await;
    let form = ending(&phone);
    let answer = laptop.send_form(routes::END_SESSION, &form).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location(), Notice::SessionEnded.after(routes::SESSIONS));
    let page = laptop.get(&answer.location()).await.body;
    assert!(page.contains(Notice::SessionEnded.text()), "{page}");
    assert!(!is_signed_in(&mut phone).await);
    let again = laptop.send_form(routes::END_SESSION, &form).await;
    assert_eq!(again.location(), Notice::NothingToEnd.after(routes::SESSIONS));
}

#[tokio::test]
async fn all_others_are_ended_and_nobody_elses() {
    let app = TestApp::start().await;
    let mut others = [
        app.signed_in(ADA).await,
        app.signed_in(ADA).await,
        app.signed_in(ADA).await,
    ];
    let mut max = app.signed_in(MAX).await;
    let mut laptop = proved(&app, ADA).await;
    let answer = laptop.call(routes::END_OTHERS, "").await;
    assert_eq!(answer.json()["message"], Notice::OthersEnded.text());
    for other in &mut others {
        assert!(!is_signed_in(other).await);
    }
    assert!(is_signed_in(&mut laptop).await && is_signed_in(&mut max).await);
    assert_eq!(app.control().sessions_of(ADA), [sid(&app, &laptop).await]);
    assert_eq!(app.control().sessions_of(MAX).len(), 1);

    let answer = laptop.call(routes::END_OTHERS, "").await;
    assert_eq!(answer.status, 404, "there are no others any more");
    assert_eq!(
        answer.json(),
        json!({ "success": false, "error": Notice::NothingToEnd.text() })
    );
}

#[tokio::test]
async fn nobody_elses_session_can_be_ended_nor_ones_own() {
    let app = TestApp::start().await;
    let mut max = app.signed_in(MAX).await;
    let mut ada = proved(&app, ADA).await;
    let (others, own) = (ending(&max), ending(&ada));
    let cookie = format!("session={}", max.session().unwrap());
    let at_provider = format!("session={}", sid(&app, &max).await);
    for form in [
        "session=",
        "session=%00",
        "session=000000000000000000000000",
        &others,
        &own,
        &cookie,
        &at_provider,
    ] {
        let answer = ada.call(routes::END_SESSION, form).await;
        assert_eq!(answer.status, 404, "{form}: {}", answer.body);
        assert_eq!(answer.json()["error"], Notice::NothingToEnd.text(), "{form}");
    }
    assert!(is_signed_in(&mut ada).await && is_signed_in(&mut max).await);
    assert_eq!(app.control().sessions_of(MAX).len(), 1);
}

#[tokio::test]
async fn a_provider_that_cannot_be_told_keeps_nobody_signed_in() {
    let app = TestApp::start().await;
    for fault in [Fault::Status(500), Fault::Status(403), Fault::Reset] {
        let mut phone = app.signed_in(ADA).await;
        let mut tablet = app.signed_in(ADA).await;
        let mut laptop = proved(&app, ADA).await;
        app.control().set_fault(Endpoint::Sessions, Some(fault));
        let answer = laptop.call(routes::END_SESSION, &ending(&phone)).await;
        assert_eq!(answer.status, 200, "{fault:?}");
        assert_eq!(
            answer.json(),
            json!({ "success": true, "message": Notice::EndedHereOnly.text() }),
            "{fault:?}"
        );
        assert!(!is_signed_in(&mut phone).await, "{fault:?}");
        let answer = laptop.send_form(routes::END_OTHERS, "next=%2Fsessions").await;
        assert_eq!(
            answer.location(),
            Notice::EndedHereOnly.after(routes::SESSIONS),
            "{fault:?}"
        );
        assert!(!is_signed_in(&mut tablet).await, "{fault:?}");
        let page = laptop.get(&answer.location()).await.body;
        assert!(page.contains(Notice::EndedHereOnly.text()), "{fault:?}: {page}");
        app.control().clear_faults();
    }
}

/// One that the provider has forgotten already is as good as told.
#[tokio::test]
async fn a_session_that_is_over_at_the_provider_is_ended_without_further_ado() {
    let app = TestApp::start().await;
    let mut phone = app.signed_in(ADA).await;
    let mut laptop = proved(&app, ADA).await;
    assert!(app.control().end_session(&sid(&app, &phone).await));
    let answer = laptop.call(routes::END_SESSION, &ending(&phone)).await;
    assert_eq!(answer.json()["message"], Notice::SessionEnded.text());
    assert!(!is_signed_in(&mut phone).await);
}

#[tokio::test]
async fn two_sessions_of_ours_that_are_one_at_the_provider_do_not_end_each_other() {
    let app = TestApp::start().await;
    let mut laptop = proved(&app, ADA).await;
    let mut second_profile = twin(&app, &laptop).await;
    let mut phone = app.signed_in(ADA).await;
    let mut second_phone = twin(&app, &phone).await;
    let (own, shared) = (sid(&app, &laptop).await, sid(&app, &phone).await);

    // One that is one with the one that asks.
    let form = ending(&second_profile);
    let answer = laptop.call(routes::END_SESSION, &form).await;
    assert_eq!(answer.json()["message"], Notice::SessionEnded.text());
    assert!(!is_signed_in(&mut second_profile).await);
    // One of two others.
    let answer = laptop.call(routes::END_SESSION, &ending(&phone)).await;
    assert_eq!(answer.json()["message"], Notice::SessionEnded.text());
    assert!(!is_signed_in(&mut phone).await);
    let alive = app.control().sessions_of(ADA);
    assert!(alive.contains(&own) && alive.contains(&shared), "{alive:?}");

    // Both go on beyond their tokens.
    app.pass(Duration::from_mins(5));
    assert!(is_signed_in(&mut laptop).await && is_signed_in(&mut second_phone).await);

    // The last one takes the provider's session along.
    let answer = laptop.call(routes::END_SESSION, &ending(&second_phone)).await;
    assert_eq!(answer.json()["message"], Notice::SessionEnded.text());
    assert_eq!(app.control().sessions_of(ADA), [own]);
    assert!(is_signed_in(&mut laptop).await);
}

#[tokio::test]
async fn a_proof_counts_for_ten_minutes_whatever_is_renewed_meanwhile() {
    let app = TestApp::start().await;
    let mut laptop = proved(&app, ADA).await;
    app.pass(Duration::from_mins(9));
    let answer = laptop.call(routes::END_OTHERS, "").await;
    assert_eq!(answer.status, 404, "allowed, but there is none to end");
    assert_eq!(app.refreshes(), 1);
    app.pass(Duration::from_mins(2));
    let mut phone = app.signed_in(ADA).await;
    for (function, form) in [
        (routes::END_OTHERS, String::new()),
        (routes::END_SESSION, ending(&phone)),
    ] {
        let answer = laptop.call(function, &form).await;
        assert_eq!(answer.status, 403, "{function}");
        assert_eq!(answer.json()["error"], "recent_sign_in_required");
    }
    assert!(is_signed_in(&mut phone).await);
}

/// A sign-in without a question proves nothing: the provider may have known the browser.
#[tokio::test]
async fn a_sign_in_that_asks_for_no_proof_is_none() {
    let app = TestApp::start().await;
    for start in [
        "/auth/login",
        "/auth/login?prompt=select_account",
        "/auth/login?login_hint=ada%40acme.example",
    ] {
        let mut browser = app.browser();
        app.sign_in(&mut browser, start, ADA).await;
        let answer = browser.call(routes::END_OTHERS, "").await;
        assert_eq!(answer.status, 403, "{start}");
    }
}
