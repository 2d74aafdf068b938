//! Single sign-on connections, and the admin portal in which they are set up.

use auth::management::{Connection, ConnectionStatus};
use leptos::prelude::*;

use super::profile::on_off;
use crate::{
    context::{Services, here, in_organization},
    permission::Permission,
    routes,
    ui::{gate::Can, switch::Switch},
    viewer::viewer,
};

pub(super) fn view(connections: Vec<Connection>) -> AnyView {
    let list = if connections.is_empty() {
        view! { <p class="empty">"None is set up. The admin portal guides through it."</p> }.into_any()
    } else {
        let rows: Vec<_> = connections
            .into_iter()
            .map(|connection| view! { <ConnectionRow connection/> })
            .collect();
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    view! {
        {list}
        <Can permission=Permission::SsoManage>
            <Can permission=Permission::ScimManage>
                <Portal/>
            </Can>
        </Can>
    }
    .into_any()
}

#[component]
fn ConnectionRow(connection: Connection) -> impl IntoView {
    let status = match connection.status {
        ConnectionStatus::Draft => "Draft",
        ConnectionStatus::InProgress => "Being set up",
        ConnectionStatus::Completed => "Set up",
        ConnectionStatus::Unknown => "Unknown",
    };
    let name = format!("{} ({})", title_case(&connection.provider), connection.protocol);
    let may = viewer().is_some_and(|viewer| viewer.may(Permission::SsoManage));
    // What is not set up cannot be used; what is in use can always be stopped.
    let can_switch = may && (connection.status == ConnectionStatus::Completed || connection.enabled);
    let state = if can_switch {
        let which = ("connection", connection.id.clone());
        let label = format!("Sign in through {name}");
        view! {
            <Switch label on=connection.enabled action=routes::SWITCH_CONNECTION which next=here().to_string()/>
        }
        .into_any()
    } else {
        on_off(connection.enabled).into_any()
    };
    view! {
        <li class="row">
            <div class="row-text">
                <p class="row-title">{name}" "<span class="badge">{status}</span></p>
                <p class="row-detail is-mono">{connection.id}</p>
                <p class="row-detail">{connection.domains.join(", ")}</p>
            </div>
            <div class="row-actions">{state}</div>
        </li>
    }
}

/// A fresh link each time, in a frame on this page or, without scripts, in a window of its own.
#[component]
fn Portal() -> impl IntoView {
    let services = use_context::<Services>();
    let origin = services.and_then(|services| {
        let issuer = url::Url::parse(&services.client.settings().issuer).ok()?;
        Some(issuer.origin().ascii_serialization())
    });
    view! {
        <form class="portal-form" method="post" action=in_organization(routes::OPEN_PORTAL) target="_blank" data-live>
            <input type="hidden" name="next" value=here().to_string()/>
            <button class="button" type="submit">"Open the admin portal"</button>
            <small>"Scalekit guides through single sign-on and directory sync. Each link works once, for a minute."</small>
        </form>
        <dialog class="portal" aria-label="Admin portal" data-origin=origin>
            <form class="portal-close" method="dialog"><button class="button is-quiet" type="submit">"Close"</button></form>
            <div class="portal-frame"></div>
        </dialog>
    }
}

/// `OKTA` is Okta.
pub(super) fn title_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter();
    first.chain(letters.flat_map(char::to_lowercase)).collect()
}
