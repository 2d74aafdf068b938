//! `/dashboard`: who you are, what you may do, and how long your session lives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    claim::Claim,
    islands::{countdown::Countdown, token_actions::TokenActions},
    permission::Permission,
    routes,
    ui::{
        card::Card,
        chrome::Chrome,
        claims::ClaimsTable,
        gate::Can,
        icon::{Glyph, Icon},
        notice::PageNotice,
        time::Time,
    },
    viewer::{Viewer, viewer},
};

/// The dashboard. The guard lets only signed-in people come here.
#[component]
pub fn DashboardPage() -> impl IntoView {
    viewer().map(|viewer| view! { <Dashboard viewer/> })
}

#[component]
fn Dashboard(viewer: Viewer) -> impl IntoView {
    view! {
        <Title text="Dashboard"/>
        <Chrome>
            <div class="page-head">
                <p class="eyebrow">"Dashboard"</p>
                <h1>"Welcome, "{viewer.first_name().to_owned()}</h1>
                <p class="lead">"Signed in since "<Time moment=viewer.signed_in_at.clone()/></p>
            </div>
            <PageNotice/>
            <div class="grid">
                <Profile viewer=viewer.clone()/>
                <Organization viewer=viewer.clone()/>
                <SessionHealth viewer=viewer.clone()/>
                <Permissions permissions=viewer.permissions/>
                <Claims claims=viewer.claims/>
            </div>
        </Chrome>
    }
}

#[component]
fn Profile(viewer: Viewer) -> impl IntoView {
    view! {
        <Card glyph=Glyph::Person title="Profile" fresh=true>
            <div class="profile">
                <span class="avatar" aria-hidden="true">{viewer.initials()}</span>
                <div>
                    <p class="profile-name">{viewer.name.clone()}</p>
                    <p class="profile-email">{viewer.email.clone().unwrap_or_else(|| "No e-mail address".to_owned())}</p>
                </div>
            </div>
            <dl class="facts">
                <div><dt>"Subject"</dt><dd class="is-mono">{viewer.subject}</dd></div>
            </dl>
        </Card>
    }
}

#[component]
fn Organization(viewer: Viewer) -> impl IntoView {
    let organization = match viewer.organization_id {
        Some(id) => view! { <dd class="is-mono">{id}</dd> }.into_any(),
        None => view! { <dd>"None"</dd> }.into_any(),
    };
    let roles = if viewer.roles.is_empty() {
        view! { <dd>"No role"</dd> }.into_any()
    } else {
        let badges: Vec<_> = viewer
            .roles
            .into_iter()
            .map(|role| view! { <li class="badge">{role}</li> })
            .collect();
        view! { <dd><ul class="badges">{badges}</ul></dd> }.into_any()
    };
    view! {
        <Card glyph=Glyph::Building title="Organization" fresh=true>
            <dl class="facts">
                <div><dt>"Organization ID"</dt>{organization}</div>
                <div><dt>"Roles"</dt>{roles}</div>
            </dl>
            <Can permission=Permission::OrganizationSettings>
                <p class="notice">
                    "You administer this organization. "<a href=routes::SETTINGS>"Open its settings"</a>
                </p>
            </Can>
            <p class="card-more"><a href=routes::ORGANIZATIONS>"Your organizations"</a></p>
        </Card>
    }
}

#[component]
fn SessionHealth(viewer: Viewer) -> impl IntoView {
    view! {
        <Card glyph=Glyph::Clock title="Session">
            <dl class="facts">
                <AccessToken viewer=viewer.clone()/>
                <SessionSpan viewer/>
            </dl>
            <TokenActions next=routes::DASHBOARD/>
        </Card>
    }
}

/// How long the access token lives, and what then.
#[component]
fn AccessToken(viewer: Viewer) -> impl IntoView {
    let renewed = match viewer.renewals {
        0 => "Not renewed so far. ".to_owned(),
        1 => "Renewed once. ".to_owned(),
        times => format!("Renewed {times} times. "),
    };
    let next = match viewer.renews_at {
        Some(at) => view! { "The first click after "<Time moment=at/>" renews it." }.into_any(),
        None => view! { "It cannot be renewed: there is no refresh token." }.into_any(),
    };
    view! {
        <div id="access-token" data-fresh>
            <dt>"Access token ends in"</dt>
            <dd>
                <Countdown left=viewer.access_token_ends.unix - viewer.now.unix whole=viewer.access_token_lifetime/>
                <small>{renewed}{next}</small>
            </dd>
        </div>
    }
}

/// How long the session lives: until its nearer end.
#[component]
fn SessionSpan(viewer: Viewer) -> impl IntoView {
    let remaining = viewer.remaining;
    let latest = view! { <Time moment=viewer.session_ends.clone()/> };
    let (whole, explanation) = if remaining.idle_seconds < remaining.absolute_seconds {
        // The page that shows it has just put the end off as far as it goes.
        let explanation = view! { "If nothing happens until then. At the latest on "{latest}"." }.into_any();
        (remaining.idle_seconds, explanation)
    } else {
        let lifetime = viewer.session_ends.unix - viewer.signed_in_at.unix;
        (
            lifetime,
            view! { "However busy you are, on "{latest}"." }.into_any(),
        )
    };
    view! {
        <div>
            <dt>"Session ends in"</dt>
            <dd>
                <Countdown left=remaining.idle_seconds whole of_session=true/>
                <small>{explanation}</small>
            </dd>
        </div>
    }
}

#[component]
fn Permissions(permissions: Vec<String>) -> impl IntoView {
    let list = if permissions.is_empty() {
        view! { <p class="empty">"No permissions. An administrator of your organization can grant them."</p> }
            .into_any()
    } else {
        let items: Vec<_> = permissions
            .into_iter()
            .map(|permission| view! { <li><Icon glyph=Glyph::Tick/><code>{permission}</code></li> })
            .collect();
        view! { <ul class="permissions">{items}</ul> }.into_any()
    };
    view! {
        <Card glyph=Glyph::Key title="Permissions" fresh=true>{list}</Card>
    }
}

#[component]
fn Claims(claims: Vec<Claim>) -> impl IntoView {
    view! {
        <Card glyph=Glyph::List title="Claims about you" place="is-full" fresh=true>
            <ClaimsTable claims caption="What the identity provider says about you"/>
            <p class="card-more"><a href=routes::SESSIONS>"Take the tokens apart"</a></p>
        </Card>
    }
}
