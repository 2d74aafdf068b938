//! `/sessions`: your tokens, taken apart, and your devices. No token is on the page: only what it says.

mod devices;
mod renewal;
mod token;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    islands::token_actions::TokenActions,
    load::{Loaded, SessionsData},
    routes,
    ui::{chrome::Chrome, notice::PageNotice},
    viewer::{Viewer, viewer},
};
use devices::devices;
use renewal::{last_renewal_card, refresh_token_card};
use token::{Kind, token_card};

/// The token inspector. The guard lets only signed-in people come here.
#[component]
pub fn SessionsPage() -> impl IntoView {
    match (viewer(), use_context::<Loaded>()) {
        (Some(viewer), Some(Loaded::Sessions(data))) => Some(view! { <Sessions viewer data=*data/> }),
        _ => None,
    }
}

#[component]
fn Sessions(viewer: Viewer, data: SessionsData) -> impl IntoView {
    let now = data.now;
    view! {
        <Title text="Sessions"/>
        <Chrome>
            <div class="page-head">
                <p class="eyebrow">"Sessions"</p>
                <h1>"Tokens and devices"</h1>
                <p class="lead">
                    "What your tokens say, and whether each rule they must keep is kept. The tokens themselves stay on the \
                     server."
                </p>
            </div>
            <PageNotice/>
            <div class="inspector-actions">
                <TokenActions next=routes::SESSIONS is_main=true/>
            </div>
            <div class="grid">
                {token_card(Kind::Access, data.tokens.access_token, viewer.clone(), now)}
                {token_card(Kind::Id, data.tokens.id_token, viewer.clone(), now)}
                {last_renewal_card(viewer.last_renewal.clone())}
                {refresh_token_card(viewer, now)}
                {devices(data.devices, data.is_recent, now)}
            </div>
        </Chrome>
    }
}
