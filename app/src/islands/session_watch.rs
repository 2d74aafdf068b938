//! Keeps an open page honest about the session (promise 18).

#![expect(missing_docs, reason = "`#[island]` makes a struct for the props")]

use leptos::prelude::*;

/// Where this application's tabs tell each other that somebody signed out.
#[cfg(feature = "hydrate")]
const CHANNEL: &str = "scalekit-session";

/// Invisible. Reloads the page when the browser brings it back from its back/forward cache, and when somebody signs
/// out in another tab, so that the server decides anew what may be shown.
#[island]
pub fn SessionWatch(
    /// Whether somebody was signed in when the page was rendered.
    signed_in: bool,
    /// Whether this page is where signing out ends, so that other tabs should learn of it.
    signed_out: bool,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(signed_in, signed_out));
    #[cfg(not(feature = "hydrate"))]
    let _ = (signed_in, signed_out);
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{ev, prelude::*};
    use wasm_bindgen::{JsCast as _, closure::Closure};
    use web_sys::BroadcastChannel;

    use super::CHANNEL;

    pub(super) fn watch(signed_in: bool, signed_out: bool) {
        let restored = window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                reload();
            }
        });
        // For as long as the page lives.
        std::mem::forget(restored);

        if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
            if signed_out {
                let _ = channel.post_message(&"signed-out".into());
            }
            if signed_in {
                let on_message = Closure::<dyn FnMut()>::new(reload);
                channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
                on_message.forget();
            }
        }
        // Tests, and styles that need to know, see that the islands are alive: this is the last one in the document.
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    }

    fn reload() {
        let _ = window().location().reload();
    }
}
