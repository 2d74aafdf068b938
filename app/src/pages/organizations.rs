//! `/organizations`: the organizations that you are in, which one is active, and switching.

use auth::management::Membership;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    load::Loaded,
    organization::sections::Failure,
    routes,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
    viewer::viewer,
};

/// The organizations. The guard lets only signed-in people come here.
#[component]
pub fn OrganizationsPage() -> impl IntoView {
    let active = viewer().and_then(|viewer| viewer.organization_id);
    let list = match use_context::<Loaded>() {
        Some(Loaded::Organizations(Ok(memberships))) if !memberships.is_empty() => {
            view! { <Memberships memberships active/> }.into_any()
        }
        Some(Loaded::Organizations(Ok(_) | Err(Failure::NotOffered))) => {
            view! { <p class="empty">"Your identity provider names no organizations that you could switch to."</p> }
                .into_any()
        }
        _ => view! {
            <p class="empty">
                "Scalekit does not say right now which organizations you are in. "
                <a href=routes::ORGANIZATIONS>"Try again"</a>
            </p>
        }
        .into_any(),
    };
    view! {
        <Title text="Organizations"/>
        <Chrome>
            <div class="page-head">
                <p class="eyebrow">"Organizations"</p>
                <h1>"Your organizations"</h1>
                <p class="lead">"You work in one at a time. Switching signs you in to another; this one is left on all tabs."</p>
            </div>
            <section class="card" aria-label="Organizations">{list}</section>
        </Chrome>
    }
}

#[component]
fn Memberships(memberships: Vec<Membership>, active: Option<String>) -> impl IntoView {
    let rows: Vec<_> = memberships
        .into_iter()
        .map(|membership| {
            let is_active = active.as_ref() == Some(&membership.organization_id);
            view! { <Place membership is_active/> }
        })
        .collect();
    view! { <ul class="rows">{rows}</ul> }
}

#[component]
fn Place(membership: Membership, is_active: bool) -> impl IntoView {
    let name = if membership.display_name.is_empty() {
        membership.organization_id.clone()
    } else {
        membership.display_name.clone()
    };
    let roles: Vec<_> = membership
        .roles
        .iter()
        .map(|role| role.label().to_owned())
        .collect();
    let action = if is_active {
        view! { <span class="badge is-good">"Active"</span> }.into_any()
    } else {
        // `select_account` with an organization goes straight there; the organization alone would be its single sign-on.
        view! {
            <form method="get" action=routes::START>
                <input type="hidden" name="prompt" value="select_account"/>
                <input type="hidden" name="organization_id" value=membership.organization_id.clone()/>
                <input type="hidden" name="next" value=routes::DASHBOARD/>
                <button class="button" type="submit">"Switch"<span class="unseen">" to "{name.clone()}</span></button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="row">
            <span class="row-icon"><Icon glyph=Glyph::Building/></span>
            <div class="row-text">
                <p class="row-title">{name}</p>
                <p class="row-detail">{roles.join(", ")}" · "<code>{membership.organization_id}</code></p>
            </div>
            <div class="row-actions">{action}</div>
        </li>
    }
}
