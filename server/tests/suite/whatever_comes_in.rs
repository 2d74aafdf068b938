//! Whatever stands in an address or a cookie: nobody is signed in or out by it, nothing of it is repeated, nobody is led
//! astray, and the server neither breaks nor runs in circles. Property tests over the router that people use.

use misbehaving_provider::MisbehavingProvider;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use reqwest::header::HeaderValue;
use tokio::runtime::Runtime;
use url::{Position, Url, form_urlencoded};

use crate::{
    test_app::TestApp,
    test_browser::{Answer, Browser, parameter},
};

const CASES: u32 = 256;
/// From one page of ours to another; more would be a circle.
const MOST_REDIRECTS: usize = 5;
/// Stands in every value: letters only, so that no encoding hides it.
const MARK: &str = "kilroywashere";
const PAGES: [&str; 3] = ["/auth/login", "/auth/callback", "/login"];

/// The parameters that mean something at one of the pages, and one that does not.
fn name() -> impl Strategy<Value = String> {
    let known = select(vec![
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

/// Something hostile, long, empty or merely odd, or a path of ours, with the mark in it.
fn value() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => any::<String>(),
        2 => r"[ -~]{0,80}",
        1 => Just("<script>alert(1)</script>".to_owned()),
        1 => Just("\r\nset-cookie: scalekit_session=planted".to_owned()),
        1 => Just("//evil.example/".to_owned()),
        1 => Just("/\\evil.example/".to_owned()),
        1 => Just("/".to_owned()),
        1 => Just("/dashboard?tab=\"><script>alert(1)</script>".to_owned()),
        1 => Just("x".repeat(5000)),
    ];
    text.prop_map(|text| format!("{text}{MARK}"))
}

/// A query string: pairs, encoded as browsers do it or raw and broken, with repetitions.
fn query() -> impl Strategy<Value = String> {
    let pairs = prop::collection::vec((name(), value()), 0..6).prop_map(encoded);
    let raw = r"[!-~&&[^#]]{0,120}";
    prop_oneof![4 => pairs, 1 => raw]
}

fn encoded(pairs: Vec<(String, String)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
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

/// A `Cookie` header as no browser would send it: all bytes that HTTP lets pass, ASCII or not, with names of ours among
/// them.
fn cookie_header() -> impl Strategy<Value = HeaderValue> {
    let byte = prop_oneof![
        4 => b' '..=b'~',
        2 => 0x80..=0xff_u8,
        1 => select(b"\t;=,\"\\%".to_vec()),
    ];
    let part = prop_oneof![
        3 => prop::collection::vec(byte, 0..40),
        1 => Just(b"scalekit_session=".to_vec()),
        1 => Just(b"scalekit_signin_AAAAAAAAAAAAAAAA=".to_vec()),
        1 => Just(b"scalekit_signed_out=".to_vec()),
        1 => Just(b"; ".to_vec()),
        2 => Just(MARK.as_bytes().to_vec()),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| HeaderValue::from_bytes(&parts.concat()).unwrap())
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

/// A server, its provider, and what both run on, which is dropped last.
struct World {
    app: TestApp,
    provider: MisbehavingProvider,
    runtime: Runtime,
}

impl World {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let provider = runtime.block_on(MisbehavingProvider::start());
        let app = runtime.block_on(TestApp::at(&provider));
        Self {
            app,
            provider,
            runtime,
        }
    }

    /// Tries `case` with many of `cases`.
    fn for_many<S: Strategy>(&self, cases: S, case: impl AsyncFn(S::Value) -> Result<(), TestCaseError>) {
        runner()
            .run(&cases, |values| self.runtime.block_on(case(values)))
            .unwrap();
    }

    /// Goes to `address` and wherever that leads, as a browser does, and judges every answer.
    async fn visit(&self, browser: &mut Browser, address: &str) -> Result<(), TestCaseError> {
        let before = browser.session().map(str::to_owned);
        let provider = Url::parse(self.provider.issuer()).unwrap().origin();
        let mut here = Url::parse(&format!("http://{}{address}", self.app.address)).unwrap();
        for _ in 0..=MOST_REDIRECTS {
            let answer = browser
                .get(&here[Position::BeforePath..Position::AfterQuery])
                .await;
            judge(address, &answer)?;
            let session = browser.session();
            prop_assert!(
                session.is_none() || session == before.as_deref(),
                "{address} signs somebody in"
            );
            let Some(location) = answer.headers.get("location") else {
                return Ok(());
            };
            // What begins with a slash may be another site all the same.
            let target = here.join(location.to_str().unwrap()).unwrap();
            if target.origin() != here.origin() {
                prop_assert!(target.origin() == provider, "{address} leads to {target}");
                return Ok(());
            }
            here = target;
        }
        Err(TestCaseError::fail(format!("{address} leads in circles")))
    }
}

/// `address`, which has a query, with the `state` of a sign-in that `browser` begins now: that is right, everything else
/// is not.
async fn with_state(browser: &mut Browser, address: &str) -> String {
    let state = parameter(&browser.get("/auth/login").await.location(), "state").unwrap();
    format!("{address}&state={state}")
}

/// Judges one answer on the way from `address`.
fn judge(address: &str, answer: &Answer) -> Result<(), TestCaseError> {
    let (status, page) = (answer.status, &answer.body);
    prop_assert!(status < 500 || matches!(status, 502 | 503), "{address}: {status}");
    prop_assert!(
        !without_kept_next(page).contains(MARK),
        "{address} is repeated: {page}"
    );
    prop_assert!(
        !page.contains("<script>alert"),
        "{address} becomes markup: {page}"
    );
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        prop_assert!(
            name == "location" || !value.contains(MARK),
            "{address} is repeated in {name}: {value}"
        );
    }
    for cookie in answer.headers.get_all("set-cookie") {
        prop_assert!(
            !cookie.to_str().unwrap().contains("planted"),
            "{address} sets a cookie"
        );
    }
    let reference = answer.header("x-request-id");
    prop_assert!(
        status < 400 || (!reference.is_empty() && page.contains(reference)),
        "{address}: {status} without a reference"
    );
    Ok(())
}

/// `page` without that which carries a `next` on: a parameter of a link to a page of ours, and the hidden field of a
/// form.
fn without_kept_next(page: &str) -> String {
    let tags = page.split('<').map(|tag| {
        let (start, ends): (_, &[char]) = match tag.split(' ').next() {
            Some("a") if tag.contains(r#"href="/"#) && !tag.contains(r#"href="//"#) => ("next=", &['"', '&']),
            Some("input") if tag.contains(r#"type="hidden""#) && tag.contains(r#"name="next""#) => {
                (r#"value=""#, &['"'])
            }
            _ => return tag.to_owned(),
        };
        match tag.split_once(start) {
            Some((before, rest)) => {
                let (_, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                format!("{before}{start}{after}")
            }
            None => tag.to_owned(),
        }
    });
    tags.collect::<Vec<_>>().join("<")
}

/// Rules: property-callback-query, property-login-query, property-reflection
#[test]
fn no_query_string_breaks_signs_in_or_is_repeated() {
    let world = World::start();
    let cases = (select(PAGES.to_vec()), query(), any::<bool>());
    world.for_many(cases, async |(page, query, has_begun)| {
        let mut browser = world.app.browser();
        let mut address = format!("{page}?{query}");
        if has_begun {
            address = with_state(&mut browser, &address).await;
        }
        world.visit(&mut browser, &address).await
    });
}

/// Rules: property-cookies, property-reflection
#[test]
fn no_cookie_breaks_signs_in_or_is_repeated() {
    let world = World::start();
    let pages = [
        "/auth/login",
        "/auth/callback?code=a&state=b",
        "/login",
        "/dashboard",
        "/",
    ];
    world.for_many((select(pages.to_vec()), cookies()), async |(page, cookies)| {
        let mut browser = world.app.browser();
        browser.cookies.extend(cookies);
        world.visit(&mut browser, page).await
    });
}

/// Rules: property-callback-query, property-login-query, property-cookies, property-reflection
#[test]
fn no_query_string_breaks_signs_in_or_is_repeated_in_company_of_any_cookies() {
    let world = World::start();
    let pages = [&PAGES[..], &["/dashboard", "/"]].concat();
    let cases = (select(pages), query(), cookies(), any::<bool>());
    world.for_many(cases, async |(page, query, cookies, has_begun)| {
        let mut browser = world.app.browser();
        browser.cookies.extend(cookies);
        let mut address = format!("{page}?{query}");
        if has_begun {
            address = with_state(&mut browser, &address).await;
        }
        world.visit(&mut browser, &address).await
    });
}

/// Rules: property-cookies, property-reflection
#[test]
fn no_bytes_in_the_place_of_cookies_break_sign_in_or_are_repeated() {
    let world = World::start();
    let pages = [&PAGES[..], &["/dashboard", "/"]].concat();
    let cases = (select(pages), query(), cookie_header());
    world.for_many(cases, async |(page, query, cookie_header)| {
        let mut browser = world.app.browser();
        browser.cookie_header = Some(cookie_header);
        world.visit(&mut browser, &format!("{page}?{query}")).await
    });
}

/// Rules: property-callback-query, property-login-query, property-reflection, next-login-page, next-property
/// Rules: transaction-replay-signed-in
#[test]
fn whoever_is_signed_in_stays_so_and_stays_here_whatever_the_address_says() {
    let world = World::start();
    let mut ada = world.app.browser();
    let landed = world
        .runtime
        .block_on(world.app.sign_in_at(&world.provider, &mut ada));
    assert_eq!(landed.location(), "/dashboard");
    let next = value().prop_map(|next| encoded(vec![("next".to_owned(), next)]));
    let cases = prop_oneof![
        (Just("/login"), next),
        (select([&PAGES[..], &["/dashboard", "/"]].concat()), query()),
    ];
    world.for_many(cases, async |(page, query)| {
        let mut browser = ada.clone();
        let address = format!("{page}?{query}");
        world.visit(&mut browser, &address).await?;
        prop_assert!(browser.session() == ada.session(), "{address} signs her out");
        let dashboard = browser.get("/dashboard").await;
        prop_assert!(dashboard.status == 200, "{address} ends her session");
        Ok(())
    });
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
        let query = encoded(vec![("next".to_owned(), next.clone())]);
        let page = app.browser().get(&format!("/login?{query}")).await;
        assert_eq!(page.body.contains(MARK), is_kept, "{next}");
        assert!(
            !without_kept_next(&page.body).contains(MARK),
            "in links and hidden fields only: {}",
            page.body
        );
        assert!(!page.body.contains("><script>"), "never as markup: {}", page.body);
    }
}

#[test]
fn what_is_no_next_of_a_link_or_a_form_is_not_overlooked() {
    for kept in [
        r#"<a class="button" href="/auth/login?next=%2Fkilroywashere">"#,
        r#"<a href="/auth/login?prompt=login&amp;next=%2Fkilroywashere" hidden>"#,
        r#"<input name="next" type="hidden" value="/&quot;kilroywashere">"#,
    ] {
        assert!(!without_kept_next(kept).contains(MARK), "{kept}");
    }
    for repeated in [
        r#"<a href="/login?next=a&amp;reason=kilroywashere">"#,
        r#"<a href="//evil.example/?next=kilroywashere">"#,
        r#"<a href="/login?next=a">kilroywashere</a>"#,
        r#"<input type="hidden" name="other" value="kilroywashere">"#,
        r#"<input type="hidden" name="next" value="a" title="kilroywashere">"#,
        "<p>next=kilroywashere</p>",
    ] {
        assert!(without_kept_next(repeated).contains(MARK), "{repeated}");
    }
}
