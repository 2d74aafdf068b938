//! Keeps an open page honest about the session (promise 18).

use leptos::{html, prelude::*};

/// Invisible. Reloads the page when the browser brings it back from its back/forward cache, and when somebody signs
/// out in another tab, so that the server decides anew what may be shown.
#[cfg(feature = "ssr")]
#[component]
pub fn SessionWatch(
    /// Whether somebody was signed in when the page was rendered.
    signed_in: bool,
    /// Whether this page is where signing out ends, so that other tabs should learn of it.
    signed_out: bool,
) -> impl IntoView {
    view! {
        <Watching>
            <div hidden data-signed-in=signed_in data-signed-out=signed_out></div>
        </Watching>
    }
    .into_any()
}

/// Brings it to life.
#[island]
pub fn Watching(
    /// What there is to know.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    #[cfg(feature = "hydrate")]
    super::markup::bring_to_life(root, browser::watch);
    view! { <div class="island" node_ref=root>{children()}</div> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{ev, prelude::*};

    use web_sys::Element;

    use crate::islands::{
        markup::part,
        page::reload,
        tabs::{Word, listen, tell},
    };

    pub(super) fn watch(root: &Element) -> Option<()> {
        let restored = window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                reload();
            }
        });
        // For as long as the page lives.
        std::mem::forget(restored);

        if part(root, "[data-signed-out]").is_some() {
            tell(Word::SignedOut);
        }
        if part(root, "[data-signed-in]").is_some() {
            listen(|word| {
                if word == Word::SignedOut {
                    reload();
                }
            });
        }
        // Tests, and styles that need to know, see that the islands are alive: this is the last one in the document.
        document()
            .document_element()?
            .set_attribute("data-hydrated", "")
            .ok()
    }
}
