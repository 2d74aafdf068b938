//! The refresh token, as far as it may be told, and what the last renewal changed.

use auth::session::{ClaimChange, LastRenewal, TokenKind};
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::{
    claim::plain,
    moment::Moment,
    ui::{card::Card, icon::Glyph, time::Time},
    viewer::Viewer,
};

/// The refresh token's card.
pub(super) fn refresh_token_card(viewer: Viewer, now: OffsetDateTime) -> impl IntoView {
    let content = match viewer.renews_at {
        Some(at) => {
            let issued = viewer.tokens_received.relative(now);
            let times = match viewer.renewals {
                0 => "Not so far".to_owned(),
                1 => "Once".to_owned(),
                times => format!("{times} times"),
            };
            view! {
                <dl class="facts">
                    <div><dt>"State"</dt><dd><span class="badge is-good">"Present"</span></dd></div>
                    <div>
                        <dt>"Issued"</dt>
                        <dd><Time moment=viewer.tokens_received/><small>{issued}</small></dd>
                    </div>
                    <div><dt>"Rotated"</dt><dd>{times}</dd></div>
                    <div>
                        <dt>"Next automatic refresh"</dt>
                        <dd>"With the first request after "<Time moment=at/></dd>
                    </div>
                </dl>
            }
            .into_any()
        }
        None => view! {
            <p class="empty">
                "There is none. Ask for the scope "<code>"offline_access"</code>" ("<code>"SCALEKIT_SCOPES"</code>") to have \
                 sessions that outlive their access token."
            </p>
        }
        .into_any(),
    };
    view! {
        <Card glyph=Glyph::Sync title="Refresh token" fresh=true>
            <p class="card-about">"What buys the next tokens. It is used once, and nobody sees it."</p>
            {content}
        </Card>
    }
}

/// The card of the last renewal.
pub(super) fn last_renewal_card(last_renewal: Option<LastRenewal>) -> impl IntoView {
    let content = match last_renewal {
        None => view! { <p class="empty">"The tokens are those of your sign-in."</p> }.into_any(),
        Some(LastRenewal { at, changes }) if changes.is_empty() => view! {
            <p><Time moment=Moment::from(at)/></p>
            <p class="empty">"Nothing changed but the tokens' own dates and numbers."</p>
        }
        .into_any(),
        Some(LastRenewal { at, changes }) => {
            let rows: Vec<_> = changes
                .into_iter()
                .map(|change| view! { <Change change/> })
                .collect();
            view! {
                <p><Time moment=Moment::from(at)/></p>
                <ul class="changes">{rows}</ul>
            }
            .into_any()
        }
    };
    view! {
        <Card glyph=Glyph::Clock title="Last renewal" fresh=true>
            <p class="card-about">"What the newest tokens say that the ones before did not."</p>
            {content}
        </Card>
    }
}

#[component]
fn Change(change: ClaimChange) -> impl IntoView {
    let token = match change.token {
        TokenKind::Access => "access token",
        TokenKind::Id => "ID token",
    };
    let before = change.before.as_ref().map(plain);
    let after = change.after.as_ref().map(plain);
    view! {
        <li class="change">
            <p><code>{change.claim}</code><small>{token}</small></p>
            {before.map(|before| view! { <p class="change-before"><span class="unseen">"before: "</span><del>{before}</del></p> })}
            {after.map(|after| view! { <p class="change-after"><span class="unseen">"now: "</span><ins>{after}</ins></p> })}
        </li>
    }
}
