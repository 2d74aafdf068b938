//! Whatever stands in an address or a cookie: nobody is signed in by it, nothing of it is repeated, and the server
//! neither breaks nor runs in circles. Property tests over the router that people use.

use misbehaving_provider::MisbehavingProvider;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use url::form_urlencoded;

use crate::{
    test_app::TestApp,
    test_browser::{Answer, Browser, parameter},
};

const CASES: u32 = 256;
/// Stands in every value, and never on a page: letters only, so that no encoding hides it.
const MARK: &str = "kilroywashere";
const PAGES: [&str; 3] = ["/auth/login", "/auth/callback", "/login"];

/// The parameters that mean something at one of the pages, and one that does not.
fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "state",
        "code",
        "error",
        "error_description",
        "iss",
        "next",
        "reason",
        "organization_id",
        "connection_id",
        "login_hint",
        "domain_hint",
        "provider",
        "prompt",
        "response",
        "id_token",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

/// Something hostile, long, empty or merely odd, with the mark in it.
fn value() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => any::<String>(),
        2 => r"[ -~]{0,80}",
        1 => Just("<script>alert(1)</script>".to_owned()),
        1 => Just("\r\nset-cookie: scalekit_session=planted".to_owned()),
        1 => Just("//evil.example/".to_owned()),
        1 => Just("x".repeat(5000)),
    ];
    text.prop_map(|text| format!("{text}{MARK}"))
}

/// A query string: pairs, encoded as browsers do it or raw and broken, with repetitions.
fn query() -> impl Strategy<Value = String> {
    let pairs = prop::collection::vec((name(), value()), 0..6).prop_map(|pairs| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    });
    let raw = r"[!-~&&[^#]]{0,120}";
    prop_oneof![4 => pairs, 1 => raw]
}

/// The value of a cookie of ours, or of somebody's.
fn cookies() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        Just("scalekit_session".to_owned()),
        Just("scalekit_signed_out".to_owned()),
        r"scalekit_signin_[A-Za-z0-9_-]{0,20}",
        r"[A-Za-z0-9_-]{1,12}",
    ];
    let value = prop_oneof![
        r"[!#-+--:<-\[\]-~]{0,200}".prop_map(|text| format!("{text}{MARK}")),
        r"[A-Za-z0-9_-]{16,80}",
        Just(String::new()),
    ];
    prop::collection::vec((name, value), 0..12)
}

fn runner() -> TestRunner {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    // The same cases on every machine: a failure can be looked into.
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Follows redirects on our own origin until there is none; the last answer and how many there were.
async fn followed(browser: &mut Browser, path: &str) -> (Answer, usize) {
    let mut answer = browser.get(path).await;
    for steps in 0..5 {
        let location = answer.header("location").to_owned();
        if !location.starts_with('/') {
            return (answer, steps);
        }
        answer = browser.get(&location).await;
    }
    panic!("{path} leads in circles");
}

fn judge(path: &str, answer: &Answer, browser: &Browser, issuer: &str) -> Result<(), TestCaseError> {
    let status = answer.status;
    prop_assert!(status < 500 || matches!(status, 502 | 503), "{path}: {status}");
    if let Some(location) = answer.headers.get("location") {
        let location = location.to_str().unwrap();
        prop_assert!(location.starts_with(issuer), "{path} leads to {location}");
    } else {
        let is_problem = status >= 400;
        prop_assert!(
            !is_problem || !answer.body.contains(MARK),
            "{path} is repeated: {}",
            answer.body
        );
        prop_assert!(
            !answer.body.contains("<script>alert"),
            "{path} becomes markup: {}",
            answer.body
        );
        prop_assert!(
            !is_problem || answer.body.contains(answer.header("x-request-id")),
            "{path}"
        );
    }
    for cookie in answer.headers.get_all("set-cookie") {
        prop_assert!(
            !cookie.to_str().unwrap().contains("planted"),
            "{path} sets a cookie"
        );
    }
    prop_assert!(
        browser
            .session()
            .is_none_or(|session| session.contains(MARK) || session.is_empty()),
        "{path} signs somebody in"
    );
    Ok(())
}

/// Rules: property-callback-query, property-login-query, property-reflection
#[test]
fn no_query_string_breaks_signs_in_or_is_repeated() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let provider = runtime.block_on(MisbehavingProvider::start());
    let app = runtime.block_on(TestApp::at(&provider));
    let case = (prop::sample::select(PAGES.to_vec()), query(), any::<bool>());
    runner()
        .run(&case, |(page, query, has_begun)| {
            runtime.block_on(async {
                let mut browser = app.browser();
                let mut path = format!("{page}?{query}");
                if has_begun {
                    // The state is right, everything else is not.
                    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
                    path = format!("{path}&state={state}");
                }
                let (answer, _) = followed(&mut browser, &path).await;
                judge(&path, &answer, &browser, provider.issuer())
            })
        })
        .unwrap();
}

/// Rules: property-cookies, property-reflection
#[test]
fn no_cookie_breaks_signs_in_or_is_repeated() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let provider = runtime.block_on(MisbehavingProvider::start());
    let app = runtime.block_on(TestApp::at(&provider));
    let pages = [
        "/auth/login",
        "/auth/callback?code=a&state=b",
        "/login",
        "/dashboard",
        "/",
    ];
    let case = (prop::sample::select(pages.to_vec()), cookies());
    runner()
        .run(&case, |(page, cookies)| {
            runtime.block_on(async {
                let mut browser = app.browser();
                browser.cookies.extend(cookies);
                if let Some(planted) = browser.cookies.get_mut("scalekit_session") {
                    planted.push_str(MARK);
                }
                let (answer, _) = followed(&mut browser, page).await;
                judge(page, &answer, &browser, provider.issuer())
            })
        })
        .unwrap();
}

/// The one text that pages carry on is where a person wants to go, once it is known to be a path on this origin.
///
/// Rules: property-reflection, next-login-page
#[tokio::test]
async fn the_sign_in_page_carries_on_local_paths_and_nothing_else() {
    let app = TestApp::start().await;
    for (next, is_kept) in [
        (format!("/{MARK}"), true),
        (format!("//{MARK}"), false),
        (format!("/\"><script>{MARK}"), true),
        (format!("https://{MARK}"), false),
    ] {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("next", &next)
            .finish();
        let page = app.browser().get(&format!("/login?{query}")).await;
        assert_eq!(page.body.contains(MARK), is_kept, "{next}");
        assert!(!page.body.contains("><script>"), "never as markup: {}", page.body);
    }
}
