//! One token: how long it lives, whether it keeps each rule, what its header and its claims say.

use auth::{
    claims::Claims,
    client::inspection::{Inspection, Judgement, Rule, Verdict},
};
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::{
    claim::{Claim, plain},
    islands::countdown::Countdown,
    ui::{
        card::Card,
        claims::ClaimsTable,
        icon::{Glyph, Icon},
        time::Time,
    },
    viewer::Viewer,
};

/// Which of a session's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Id,
}

/// A token's card.
pub(super) fn token_card(
    kind: Kind,
    inspection: Inspection,
    viewer: Viewer,
    now: OffsetDateTime,
) -> impl IntoView {
    let (title, caption, about) = match kind {
        Kind::Access => (
            "Access token",
            "Claims of the access token",
            "What this application may do in your name, and what you may do here.",
        ),
        Kind::Id => (
            "ID token",
            "Claims of the ID token",
            "Who you are, told to this application.",
        ),
    };
    let life = view! { <Life kind inspection=inspection.clone() viewer now/> };
    let content = if inspection.judgements.is_empty() {
        view! {
            <p class="notice">"This token is opaque: only the identity provider can read it."</p>
        }
        .into_any()
    } else {
        let is_broken = inspection.is_broken();
        let claims = Claim::all(&inspection.claims, now);
        view! {
            <Header header=inspection.header.clone()/>
            <h3 class="card-heading">"Rules"</h3>
            {is_broken.then(|| view! {
                <p class="notice is-bad">"A rule is broken. What the token says beyond it counts for nothing."</p>
            })}
            <Verdicts inspection/>
            <h3 class="card-heading">"Claims"</h3>
            <ClaimsTable claims caption/>
        }
        .into_any()
    };
    view! {
        <Card glyph=if kind == Kind::Access { Glyph::Key } else { Glyph::Person } title fresh=true>
            <p class="card-about">{about}</p>
            {life}
            {content}
        </Card>
    }
}

/// How much of its life is left, and what then.
#[component]
fn Life(kind: Kind, inspection: Inspection, viewer: Viewer, now: OffsetDateTime) -> impl IntoView {
    let date = |name| inspection.claims.get(name).and_then(auth::claims::Value::as_i64);
    let (end, whole) = match kind {
        Kind::Access => (Some(viewer.access_token_ends.unix), viewer.access_token_lifetime),
        Kind::Id => (
            date("exp"),
            date("exp")
                .zip(date("iat"))
                .map_or(0, |(end, start)| end.saturating_sub(start)),
        ),
    };
    let then = match (kind, viewer.renews_at) {
        (Kind::Access, Some(at)) => {
            view! { "The first request after "<Time moment=at/>" renews it." }.into_any()
        }
        (Kind::Access, None) => view! { "It cannot be renewed: there is no refresh token." }.into_any(),
        (Kind::Id, Some(_)) => {
            view! { "A new one comes with each renewal. It is your hint at sign-out." }.into_any()
        }
        (Kind::Id, None) => view! { "It is kept as your hint at sign-out." }.into_any(),
    };
    end.map(|end| {
        view! {
            <div class="token-life">
                <p class="token-life-label">"Ends in"</p>
                <Countdown left=end.saturating_sub(now.unix_timestamp()) whole/>
                <small>{then}</small>
            </div>
        }
    })
}

#[component]
fn Header(header: Claims) -> impl IntoView {
    let parts: Vec<_> = header
        .iter()
        .map(|(name, value)| {
            let meaning = match name.as_str() {
                "alg" => "Algorithm",
                "kid" => "Key",
                "typ" => "Type",
                _ => "Header",
            };
            view! { <div><dt>{meaning}" "<code>{name.clone()}</code></dt><dd class="is-mono">{plain(value)}</dd></div> }
        })
        .collect();
    view! { <dl class="facts is-inline">{parts}</dl> }
}

#[component]
fn Verdicts(inspection: Inspection) -> impl IntoView {
    let kid = inspection.header.get("kid").map(plain);
    let rows: Vec<_> = inspection
        .judgements
        .iter()
        .map(|Judgement { rule, verdict }| {
            let (state, glyph, word) = match verdict {
                Verdict::Kept => ("kept", Glyph::Tick, "kept"),
                Verdict::Broken => ("broken", Glyph::Cross, "broken"),
                Verdict::NotJudged => ("unknown", Glyph::Clock, "not judged"),
                Verdict::NotConcerned => ("none", Glyph::Tick, "not needed"),
            };
            let (label, meaning) = told(*rule);
            let key = kid
                .clone()
                .filter(|_| *rule == Rule::Key && *verdict == Verdict::Kept);
            view! {
                <li class="verdict" data-state=state>
                    <Icon glyph/>
                    <span class="verdict-rule">{label}<small>{meaning}</small></span>
                    <span class="verdict-word">{word}{key.map(|key| view! { <code>{key}</code> })}</span>
                </li>
            }
        })
        .collect();
    view! { <ul class="verdicts">{rows}</ul> }
}

/// What a rule is called, and what it says.
const fn told(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Form => ("Form", "A signed JWT of the right type"),
        Rule::Algorithm => ("Algorithm", "One that the provider signs with, and never none"),
        Rule::Key => ("Key", "Published by the provider"),
        Rule::Signature => ("Signature", "Verified with that key"),
        Rule::Issuer => ("Issuer", "Made by this environment"),
        Rule::Audience => ("Audience", "Made for this application"),
        Rule::AuthorizedParty => ("Authorized party", "Given to this application"),
        Rule::Expiry => ("Expiry", "Not over, and not from the future"),
        Rule::NotBefore => ("Not before", "Valid already"),
        Rule::Nonce => ("Nonce", "Of the sign-in that this browser began"),
        Rule::AccessTokenHash => ("Access token hash", "Made together with the access token"),
        Rule::Subject => ("Subject", "About the person who is signed in"),
        Rule::Kind => ("Purpose", "No other kind of token in its place"),
    }
}
