//! `/auth/login`: starts a sign-in. Seen only when that fails, or when another site leads somebody here who is signed in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_url;

use crate::{
    context,
    pages::problem::outcome_view,
    routes,
    sign_in::begin_sign_in,
    ui::chrome::Chrome,
    viewer::{Viewer, viewer},
};

/// Begins a sign-in while it renders; the response is a redirect to the provider, or the page of what went wrong.
///
/// Somebody who is signed in and comes from another site is asked first: where the provider need not ask, a link there
/// would put them into another of their organizations unnoticed.
#[component]
pub fn StartPage() -> impl IntoView {
    match viewer() {
        Some(viewer) if context::comes_from_another_site() => view! { <Question viewer/> }.into_any(),
        _ => outcome_view(begin_sign_in).into_any(),
    }
}

#[component]
fn Question(viewer: Viewer) -> impl IntoView {
    let here = format!("{}?{}", routes::START, use_url().get_untracked().search());
    view! {
        <Title text="Sign in again"/>
        <Chrome layout="centred">
            <section class="card stack">
                <h1>"Sign in again?"</h1>
                <p>
                    "A link on another site leads here. You are signed in as "<strong>{viewer.name}</strong>
                    "; if you go on, another sign-in takes the place of this one, perhaps in another organization."
                </p>
                <div class="button-row">
                    <a class="button is-primary" href=routes::DASHBOARD>"Stay signed in"</a>
                    <a class="button" href=here>"Sign in again"</a>
                </div>
            </section>
        </Chrome>
    }
}
