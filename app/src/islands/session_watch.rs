//! Keeps an open page honest about the session (promise 18).

use leptos::{html, prelude::*};

/// Invisible. Reloads the page when the browser brings it back from its back/forward cache, and when somebody signs
/// out, or in to another session or organization, in another tab, so that the server decides anew what may be shown.
/// Also begins what works on all of the page: live forms and copying.
#[cfg(feature = "ssr")]
#[component]
pub fn SessionWatch(
    /// Whether somebody was signed in when the page was rendered.
    signed_in: bool,
    /// Whether this page is where signing out ends, so that other tabs should learn of it.
    signed_out: bool,
    /// What the session is called: open pages of another one are out of date.
    session: Option<String>,
) -> impl IntoView {
    view! {
        <Watching>
            <div hidden data-signed-in=signed_in data-signed-out=signed_out data-session=session></div>
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
        copy, live,
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
            let own = part(root, "[data-session]").and_then(|it| it.get_attribute("data-session"));
            if let Some(session) = own.clone() {
                tell(Word::Session(session));
            }
            listen(move |word| match word {
                Word::SignedOut => reload(),
                // Somebody has signed in again, perhaps as somebody else: nothing of the old session is to stay.
                Word::Session(session) if own.as_ref() != Some(&session) => reload(),
                _ => {}
            });
        }
        let body = document().body()?;
        live::begin(&body);
        copy::begin(&body);
        // Tests, and styles that need to know, see that the islands are alive: this is the last one in the document.
        document()
            .document_element()?
            .set_attribute("data-hydrated", "")
            .ok()
    }
}
