//! `/sessions` and the pages beside it: every card has something to say, and no token is on any.

use app::routes;

use crate::{
    test_app::TestApp,
    test_browser::{Answer, Browser},
    test_page::{has_token, text_of},
};

const ADA: &str = "ada@acme.example";

/// The cards of a page: what each is called, and what people read in it below that and below what it is about.
fn cards(page: &str) -> Vec<(String, String)> {
    let sections = page.split("<section").skip(1).filter_map(|section| {
        let (head, rest) = section.split_once('>')?;
        let (content, _) = rest.split_once("</section>")?;
        head.contains("class=\"card").then_some(content)
    });
    let cards = sections.filter_map(|card| {
        let (title, content) = card.split_once("</h2>")?;
        let about = content.split_once("class=\"card-about\"");
        let content = about.map_or(content, |(_, rest)| {
            rest.split_once("</p>").map_or(rest, |(_, after)| after)
        });
        Some((text_of(title), text_of(content)))
    });
    cards.collect()
}

async fn shown(browser: &mut Browser, path: &str) -> Answer {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

#[tokio::test]
async fn w25_no_section_is_about_token_values_and_none_is_empty() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (path, least) in [
        (routes::DASHBOARD, 5),
        (routes::SESSIONS, 5),
        ("/organization/settings?wait", 7),
    ] {
        let page = shown(&mut ada, path).await;
        assert!(
            !page.body.to_lowercase().contains("token value"),
            "{path}: {}",
            page.body
        );
        assert!(!has_token(&page.body), "{path}: {}", page.body);
        let cards = cards(&page.body);
        assert!(cards.len() >= least, "{path}: {cards:?}");
        for (title, content) in cards {
            assert!(!title.is_empty(), "{path} has a card without a title: {content}");
            assert!(!content.is_empty(), "{path} has nothing to say about {title}");
        }
    }
}

#[tokio::test]
async fn the_inspector_shows_every_claim_and_how_each_rule_is_kept() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let session = app.session(&ada).await;
    let page = shown(&mut ada, routes::SESSIONS).await;
    let cards = cards(&page.body);
    let titles: Vec<_> = cards.iter().map(|(title, _)| title.as_str()).collect();
    for title in [
        "Access token",
        "ID token",
        "Last renewal",
        "Refresh token",
        "Your devices",
    ] {
        assert!(titles.contains(&title), "{title} is not among {titles:?}");
    }
    for (name, _) in &session.user.claims {
        let code = format!("<code>{name}</code>");
        assert!(page.body.contains(&code), "{name} is not in {}", page.body);
    }
    let kept = page.body.matches("data-state=\"kept\"").count();
    assert!(kept >= 16, "eight rules a token, at least: {kept}");
    for state in ["broken", "unknown"] {
        let state = format!("data-state=\"{state}\"");
        assert!(!page.body.contains(&state), "{state}: {}", page.body);
    }
    assert!(page.body.contains("The tokens are those of your sign-in."));
}

#[tokio::test]
async fn a_broken_rule_is_shown_as_such() {
    let app = TestApp::start().await;
    let ada = app.signed_in(ADA).await;
    // The keys that signed the tokens are gone; a fresh replica knows only the new ones.
    app.control().rotate_keys();
    let replica = app.replica().await;
    let session = app.session(&ada).await;
    let vault = replica.state.services.sessions.vault();
    let id = vault.begin(&session).await.unwrap();
    let mut elsewhere = ada.clone().moved_to(replica.address);
    elsewhere
        .cookies
        .insert("scalekit_session".to_owned(), id.to_string());
    let page = shown(&mut elsewhere, routes::SESSIONS).await;
    assert_eq!(
        page.body.matches("data-state=\"broken\"").count(),
        2,
        "{}",
        page.body
    );
    assert!(page.body.contains("A rule is broken."), "{}", page.body);
}
