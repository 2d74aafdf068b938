//! The management API that fails: the section it was asked for says so and the others go on, actions say what became of
//! them, and no page breaks.

use std::time::{Duration, Instant};

use app::{notice::Notice, routes};
use emulator::{Endpoint, Fault};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    organization::page,
    test_app::{Setup, TestApp},
    test_page::{row, section, sections},
};

const ADA: &str = "ada@acme.example";
const AYESHA: &str = "ayesha@acme.example";
const MAX: &str = "max@acme.example";
const OLGA: &str = "olga@globex.example";
/// All sections, however long they take.
const ALL: &str = "/organization/settings?wait";
const CONNECTION: &str = "conn_59615210314400908";

const PASSING: &str = "Scalekit does not answer right now. Nothing is lost.";
const NOT_LET_IN: &str = "Scalekit does not let this application see this.";
const NOT_OFFERED: &str = "Your identity provider does not offer this.";

/// Asserts that of all sections those of `broken`, and no others, say `words` in place of what they have.
#[track_caller]
fn assert_broken(page: &str, broken: &[&str], words: &str) {
    for path in sections() {
        let section = section(page, path);
        if broken.contains(&path) {
            assert!(
                section.contains(words),
                "{path} does not say {words:?}: {section}"
            );
        } else {
            let is_fine = !section.contains("state-icon") && !section.contains("data-pending");
            assert!(is_fine, "{path} is broken too: {section}");
        }
    }
}

/// A server that waits no longer than a second for the provider.
async fn impatient() -> TestApp {
    let setup = Setup {
        patience: Duration::from_secs(1),
        ..Setup::default()
    };
    setup.start().await
}

#[tokio::test]
async fn w21_however_many_pages_are_shown_one_token_is_asked_for_and_no_key_set() {
    let app = TestApp::start().await;
    let control = app.control();
    control.set_management_rate(u32::MAX);
    let mut people = Vec::new();
    for email in [ADA, AYESHA, MAX, OLGA] {
        people.push(app.signed_in(email).await);
    }
    let before = control.requests();
    assert_eq!(before.with_grant("client_credentials"), 0);

    // All at once, before there is a token.
    let mut visits = JoinSet::new();
    for browser in &people {
        for path in [ALL, routes::MEMBERS, routes::ORGANIZATIONS] {
            let mut browser = browser.clone();
            visits.spawn(async move { browser.get(path).await.status });
        }
    }
    let statuses = visits.join_all().await;
    let shown = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((statuses.len(), shown), (12, 10), "Max may open one of them");
    // And one after the other.
    for browser in &mut people {
        for path in [routes::DASHBOARD, routes::SESSIONS, ALL, routes::ORGANIZATIONS] {
            browser.get(path).await;
        }
    }

    let after = control.requests();
    assert_eq!(after.with_grant("client_credentials"), 1);
    for endpoint in [Endpoint::Keys, Endpoint::Discovery] {
        assert_eq!(after.to(endpoint), before.to(endpoint), "{endpoint:?}");
    }
    assert!(after.to(Endpoint::Roles) >= 10, "the API was asked all the same");
}

#[tokio::test]
async fn a_token_that_is_accepted_no_longer_is_replaced_and_nobody_notices() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    page(&mut ada, routes::DOMAINS).await;
    app.control().rotate_keys();
    let answer = ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    assert_eq!(
        answer.json(),
        json!({ "success": true, "message": Notice::DomainAdded.text() })
    );
    assert_eq!(app.control().requests().with_grant("client_credentials"), 2);
    let body = page(&mut ada, routes::DOMAINS).await;
    row(section(&body, routes::DOMAINS), "labs.example");
    assert_eq!(app.control().requests().with_grant("client_credentials"), 2);
}

#[tokio::test]
async fn a_section_that_cannot_be_had_says_why_and_the_others_are_shown() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (fault, words) in [
        (Fault::Status(401), NOT_LET_IN),
        (Fault::Status(403), NOT_LET_IN),
        (Fault::Status(404), NOT_OFFERED),
        (Fault::Status(409), PASSING),
        (Fault::Status(429), PASSING),
        (Fault::Status(500), PASSING),
        (Fault::Status(503), PASSING),
        (Fault::Garbage, PASSING),
        (Fault::Reset, PASSING),
    ] {
        app.control().set_fault(Endpoint::Domains, Some(fault));
        let all = ada.get(ALL).await;
        assert_eq!(all.status, 200, "{fault:?}");
        assert_broken(&all.body, &[routes::DOMAINS], words);
        let own = ada.get(routes::DOMAINS).await;
        assert_eq!(own.status, 200, "{fault:?}");
        assert!(
            section(&own.body, routes::DOMAINS).contains(words),
            "{fault:?}: {}",
            own.body
        );
    }
    app.control().clear_faults();
    assert_broken(&page(&mut ada, ALL).await, &[], "");
}

#[tokio::test]
async fn each_section_fails_for_itself() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let broken: [(Endpoint, &[&str]); 7] = [
        (Endpoint::Organization, &[routes::PROFILE]),
        (Endpoint::Members, &[routes::MEMBERS]),
        // Members are shown with what they may be.
        (Endpoint::Roles, &[routes::MEMBERS, routes::ROLES]),
        (Endpoint::Connections, &[routes::SINGLE_SIGN_ON]),
        (Endpoint::Directories, &[routes::DIRECTORIES]),
        (Endpoint::Domains, &[routes::DOMAINS]),
        (Endpoint::Policy, &[routes::SESSION_POLICY]),
    ];
    for (endpoint, broken) in broken {
        app.control().set_fault(endpoint, Some(Fault::Status(500)));
        assert_broken(&page(&mut ada, ALL).await, broken, PASSING);
        app.control().clear_faults();
    }
}

#[tokio::test]
async fn a_section_that_takes_its_time_comes_later() {
    let app = impatient().await;
    let mut ada = app.signed_in(ADA).await;
    page(&mut ada, ALL).await;
    app.control().set_fault(Endpoint::Connections, Some(Fault::Hang));
    let at_once = page(&mut ada, routes::SETTINGS).await;
    let waiting = section(&at_once, routes::SINGLE_SIGN_ON);
    assert!(
        waiting.contains("data-pending") && waiting.contains("skeleton"),
        "{waiting}"
    );
    assert!(
        waiting.contains(r#"href="/organization/settings/single-sign-on""#),
        "{waiting}"
    );
    assert!(
        at_once.contains(r#"href="/organization/settings?wait""#),
        "{at_once}"
    );
    let after_all = page(&mut ada, ALL).await;
    assert_broken(&after_all, &[routes::SINGLE_SIGN_ON], PASSING);
}

#[tokio::test]
async fn pages_are_there_when_nothing_of_the_provider_is() {
    let mut app = impatient().await;
    let mut ada = app.signed_in(ADA).await;
    app.emulator.take().unwrap().shutdown().await;
    let everything: Vec<_> = sections().collect();
    assert_broken(&page(&mut ada, ALL).await, &everything, PASSING);
    for path in [routes::SESSIONS, routes::ORGANIZATIONS] {
        page(&mut ada, path).await;
    }
    let answer = ada.call(routes::OPEN_PORTAL, "").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], Notice::Unreachable.text());
}

#[tokio::test]
async fn an_action_that_fails_says_so_with_its_status() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (fault, status, notice) in [
        (Fault::Status(401), 502, Notice::NotLetIn),
        (Fault::Status(403), 502, Notice::NotLetIn),
        (Fault::Status(404), 404, Notice::NotThere),
        (Fault::Status(409), 409, Notice::AlreadyThere),
        (Fault::Status(400), 422, Notice::NotAccepted),
        (Fault::Status(422), 422, Notice::NotAccepted),
        (Fault::Status(500), 503, Notice::Unreachable),
        (Fault::Status(503), 503, Notice::Unreachable),
        (Fault::Reset, 503, Notice::Unreachable),
        (Fault::Garbage, 503, Notice::Unreachable),
    ] {
        app.control().set_fault(Endpoint::Connections, Some(fault));
        let off = format!("connection={CONNECTION}&enabled=false");
        let answer = ada.call(routes::SWITCH_CONNECTION, &off).await;
        assert_eq!(answer.status, status, "{fault:?}: {}", answer.body);
        assert_eq!(
            answer.json(),
            json!({ "success": false, "error": notice.text() }),
            "{fault:?}"
        );
        let form = format!("{off}&next=/dashboard");
        let answer = ada.send_form(routes::SWITCH_CONNECTION, &form).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, notice.after("/dashboard")),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_action_that_hangs_is_given_up() {
    let app = impatient().await;
    let mut ada = app.signed_in(ADA).await;
    app.control().set_fault(Endpoint::Domains, Some(Fault::Hang));
    let answer = ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], Notice::Unreachable.text());
}

/// 401 is no reason to ask for ever: one new token, then an operator must act.
#[tokio::test]
async fn an_api_that_accepts_no_token_is_asked_twice() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    app.control()
        .set_fault(Endpoint::Domains, Some(Fault::Status(401)));
    ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    let requests = app.control().requests();
    assert_eq!(requests.to(Endpoint::Domains), 2);
    assert_eq!(requests.with_grant("client_credentials"), 2);
}

#[tokio::test]
async fn a_provider_that_gives_us_no_token_of_our_own_is_an_operators_matter() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    app.control().set_fault(Endpoint::Token, Some(Fault::Status(401)));
    let everything: Vec<_> = sections().collect();
    assert_broken(&page(&mut ada, ALL).await, &everything, NOT_LET_IN);
    let answer = ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.json()["error"], Notice::NotLetIn.text());
}

/// RFC 9110 §9.2.2: a request that may have been acted upon is not repeated.
#[tokio::test]
async fn what_may_have_been_done_is_not_asked_for_again() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (number, fault) in [Fault::Lost, Fault::Masked(502)].into_iter().enumerate() {
        app.control().set_fault(Endpoint::Domains, Some(fault));
        let before = app.control().requests().to(Endpoint::Domains);
        let form = format!("domain=labs{number}.example");
        let answer = ada.call(routes::ADD_DOMAIN, &form).await;
        assert_eq!(answer.status, 503, "{fault:?}");
        assert_eq!(answer.json()["error"], Notice::Unreachable.text(), "{fault:?}");
        assert_eq!(
            app.control().requests().to(Endpoint::Domains) - before,
            1,
            "{fault:?}"
        );
        app.control().clear_faults();
        let body = page(&mut ada, routes::DOMAINS).await;
        row(section(&body, routes::DOMAINS), &format!("labs{number}.example"));
    }
}

/// 429 says that nothing was done, so even what changes something is repeated.
#[tokio::test]
async fn what_is_too_busy_is_asked_again_after_the_pause_it_wants() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let control = app.control();
    // Each second request; the first is not one.
    control.set_fault_share(Endpoint::Domains, Fault::Status(429), 0.5);
    page(&mut ada, routes::DOMAINS).await;
    let asked = Instant::now();
    let answer = ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(asked.elapsed() >= Duration::from_secs(1), "it wanted a second");
    assert_eq!(control.requests().faults(Endpoint::Domains), 1);
    let body = page(&mut ada, routes::DOMAINS).await;
    row(section(&body, routes::DOMAINS), "labs.example");
    assert_eq!(control.requests().faults(Endpoint::Domains), 2);
}

#[tokio::test]
async fn an_api_that_stays_too_busy_is_told_as_such_and_when_to_try_again() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    page(&mut ada, routes::DOMAINS).await;
    app.control().set_management_rate(0);
    let before = app.control().requests().to(Endpoint::Domains);
    let answer = ada.call(routes::ADD_DOMAIN, "domain=labs.example").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert_eq!(answer.json()["error"], Notice::TooBusy.text());
    assert_eq!(app.control().requests().to(Endpoint::Domains) - before, 3);
    let everything: Vec<_> = sections().collect();
    assert_broken(&page(&mut ada, ALL).await, &everything, PASSING);

    app.control().set_management_rate(u32::MAX);
    let body = page(&mut ada, routes::DOMAINS).await;
    assert!(!body.contains("labs.example"), "nothing has changed");
}
