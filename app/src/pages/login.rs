//! `/login`: the ways to sign in, and why you are here.

use auth::local_path::LocalPath;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    context::{Services, query_parameter},
    routes,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
};

/// The sign-in page. All its ways lead to `/auth/login`, which knows the same parameters.
#[component]
pub fn LoginPage() -> impl IntoView {
    // What is no path on this origin is not repeated (W15), here or at the next step.
    let next = query_parameter("next")
        .and_then(|next| LocalPath::parse(&next).ok())
        .map(String::from);
    let start = match &next {
        Some(next) => routes::start_and_go_to(next),
        None => routes::START.to_owned(),
    };
    // Fixed texts only: whatever else the address says is not repeated.
    let reason = match query_parameter("reason").as_deref() {
        Some("expired") => Some("Your session has ended. Sign in again to go on where you were."),
        Some("ended") => Some("Your identity provider has ended your session. Sign in again to go on."),
        Some("unreadable") => {
            Some("Your session could not be opened again after a change on our side. Sign in again to go on.")
        }
        Some("signed-out") => Some("You were signed out. Sign in again to go on."),
        Some("required") => Some("Sign in to open that page."),
        _ if next.is_some() => Some("Sign in to open that page."),
        _ => None,
    };
    view! {
        <Title text="Sign in"/>
        <Chrome layout="centred">
            <div class="card sign-in">
                <h1>"Sign in"</h1>
                {reason.map(|reason| view! { <p class="notice" role="status">{reason}</p> })}
                <a class="button is-primary is-wide" rel="external" href=start>
                    "Continue with Scalekit"
                    <Icon glyph=Glyph::Arrow/>
                </a>
                <p class="divider"><span>"or with your work e-mail"</span></p>
                <form class="stack" method="get" action=routes::START>
                    <Next next=next.clone()/>
                    <div class="field">
                        <label for="login-hint">"Work e-mail"</label>
                        <input id="login-hint" name="login_hint" type="email" autocomplete="username"
                            placeholder="you@company.example" maxlength="254" required/>
                    </div>
                    <button class="button is-wide" type="submit">"Continue with e-mail"</button>
                </form>
                <details class="more">
                    <summary>"I know my organization ID"</summary>
                    <form class="stack" method="get" action=routes::START>
                        <Next next/>
                        <div class="field">
                            <label for="organization-id">"Organization ID"</label>
                            <input id="organization-id" name="organization_id" type="text" class="is-mono"
                                placeholder="org_…" maxlength="100" spellcheck="false" autocomplete="off" required/>
                        </div>
                        <button class="button is-wide" type="submit">"Continue with organization"</button>
                    </form>
                </details>
                <EmulatorHint/>
            </div>
        </Chrome>
    }
}

#[component]
fn Next(next: Option<String>) -> impl IntoView {
    next.map(|next| view! { <input type="hidden" name="next" value=next/> })
}

/// With the emulator as provider, says so: nobody should take it for the real thing.
#[component]
fn EmulatorHint() -> impl IntoView {
    let emulated = use_context::<Services>().is_some_and(|services| services.emulated);
    emulated.then(|| {
        view! {
            <p class="hint">
                "This server signs in through the Scalekit emulator. Pick a ready-made person there, or use any \
                 address with "<code>"+sktest"</code>" and the code "<code>"424242"</code>"."
            </p>
        }
    })
}
