//! `/login`: the ways to sign in, and why you are here.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    routes,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
};

/// The sign-in page. All its ways lead to `/auth/login`, which knows the same parameters.
#[component]
pub fn LoginPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let next = query.get("next").filter(|next| !next.is_empty());
    let start = match &next {
        Some(next) => format!("{}?next={}", routes::START, encoded(next)),
        None => routes::START.to_owned(),
    };
    // Fixed texts only: whatever else the address says is not repeated.
    let reason = match query.get("reason").as_deref() {
        Some("expired") => Some("Your session has ended. Sign in again to go on where you were."),
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
    emulated().then(|| {
        view! {
            <p class="hint">
                "This server signs in through the Scalekit emulator. Pick a ready-made person there, or use any \
                 address with "<code>"+sktest"</code>" and the code "<code>"424242"</code>"."
            </p>
        }
    })
}

#[cfg(feature = "ssr")]
fn emulated() -> bool {
    use_context::<crate::context::Services>().is_some_and(|services| services.emulated)
}

/// Pages are rendered by the server only.
#[cfg(not(feature = "ssr"))]
fn emulated() -> bool {
    false
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_target_becomes_one_query_value() {
        assert_eq!(
            encoded("/sessions?tab=a&b#c ä"),
            "%2Fsessions%3Ftab%3Da%26b%23c%20%C3%A4"
        );
    }
}
