//! Session cookies that are none of ours, or not any more: treated as absent, told to the log once a second at most.

use crate::{test_app::TestApp, test_log::Log};

const ADA: &str = "ada@acme.example";
const NAME: &str = "scalekit_session";

#[tokio::test]
async fn a_tampered_truncated_foreign_or_ancient_cookie_is_none() {
    let app = TestApp::start().await;
    let ours = app.signed_in(ADA).await.session().unwrap().to_owned();
    let mut tampered = ours.clone();
    let last = tampered.pop().unwrap();
    tampered.push(if last == 'A' { 'Q' } else { 'A' });
    let truncated = &ours[..ours.len() / 2];
    let doubled = ours.repeat(2);
    let foreign = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let ancient = "AAAAAAAAAAAAAAAAAAAAAA";
    let long = "x".repeat(3000);
    for value in [
        &tampered, truncated, &doubled, foreign, ancient, &long, "-1", "%00", "\u{e4}",
    ] {
        let mut browser = app.browser();
        browser.cookies.insert(NAME.to_owned(), value.to_owned());
        let answer = browser.get("/dashboard").await;
        assert_eq!(answer.status, 303, "{value:?}");
        assert!(answer.location().starts_with("/login?reason="), "{value:?}");
        assert_eq!(browser.get("/login").await.status, 200, "{value:?}");
        // It does not stand in the way of a sign-in either.
        assert_eq!(app.sign_in(&mut browser, "/auth/login", ADA).await, "/dashboard");
        assert_eq!(browser.get("/dashboard").await.status, 200, "{value:?}");
    }
}

#[tokio::test]
async fn hundreds_of_them_are_a_line_a_second_and_never_a_failure() {
    let (log, _guard) = Log::filtered("info,tower_sessions=error,tower_sessions_core=error");
    let app = TestApp::start().await;
    let started = std::time::Instant::now();
    let mut browser = app.browser();
    for number in 0..500 {
        browser
            .cookies
            .insert(NAME.to_owned(), format!("garbage-{number}"));
        assert_eq!(browser.get("/dashboard").await.status, 303);
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap() + 2;
    let lines = log.lines_about("a session cookie is malformed");
    assert!((1..=seconds).contains(&lines), "{lines} lines in {seconds} s");
    assert_eq!(log.lines_about("suspicious"), 0);
}
