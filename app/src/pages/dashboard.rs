//! `/dashboard`: who you are, what you may do, and how long your session lives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    islands::countdown::Countdown,
    permission::Permission,
    ui::{
        can::Can,
        chrome::Chrome,
        icon::{Glyph, Icon},
        time::Time,
    },
    viewer::{Claim, Viewer, viewer},
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
fn Card(
    glyph: Glyph,
    title: &'static str,
    /// A class name of `style/layout.css` that places the card.
    #[prop(default = "")]
    place: &'static str,
    children: Children,
) -> impl IntoView {
    let id = title.to_lowercase().replace(' ', "-");
    let labelled_by = id.clone();
    view! {
        <section class=format!("card {place}") aria-labelledby=labelled_by>
            <h2 class="card-title" id=id><Icon glyph/>{title}</h2>
            {children()}
        </section>
    }
}

#[component]
fn Profile(viewer: Viewer) -> impl IntoView {
    view! {
        <Card glyph=Glyph::Person title="Profile">
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
        <Card glyph=Glyph::Building title="Organization">
            <dl class="facts">
                <div><dt>"Organization ID"</dt>{organization}</div>
                <div><dt>"Roles"</dt>{roles}</div>
            </dl>
            <Can permission=Permission::OrganizationSettings>
                <p class="notice">"You administer this organization."</p>
            </Can>
        </Card>
    }
}

#[component]
fn SessionHealth(viewer: Viewer) -> impl IntoView {
    let now = viewer.now.unix;
    let session_lifetime = viewer.session_ends.unix - viewer.signed_in_at.unix;
    view! {
        <Card glyph=Glyph::Clock title="Session">
            <dl class="facts">
                <div>
                    <dt>"Access token ends in"</dt>
                    <dd>
                        <Countdown ends_at=viewer.access_token_ends.unix now whole=viewer.access_token_lifetime/>
                        <small><Time moment=viewer.access_token_ends/></small>
                    </dd>
                </div>
                <div>
                    <dt>"Session ends in"</dt>
                    <dd>
                        <Countdown ends_at=viewer.session_ends.unix now whole=session_lifetime/>
                        <small><Time moment=viewer.session_ends/></small>
                    </dd>
                </div>
            </dl>
        </Card>
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
        <Card glyph=Glyph::Key title="Permissions">{list}</Card>
    }
}

#[component]
fn Claims(claims: Vec<Claim>) -> impl IntoView {
    let rows: Vec<_> = claims
        .into_iter()
        .map(|claim| {
            view! {
                <tr>
                    <th scope="row">{claim.name}</th>
                    <td>
                        <code>{claim.value}</code>
                        {claim.meaning.map(|meaning| view! { <small>{meaning}</small> })}
                    </td>
                </tr>
            }
        })
        .collect();
    view! {
        <Card glyph=Glyph::List title="Claims about you" place="is-full">
            <div class="table-frame">
                <table class="claims">
                    <thead><tr><th scope="col">"Claim"</th><th scope="col">"Value"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Card>
    }
}
