//! Copying what a page shows. Never a token: none is on any page.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// A button that copies `text`. Hidden until the browser has brought the page to life (`style/components/inspector.css`).
#[cfg(feature = "ssr")]
#[component]
pub fn CopyButton(
    /// What is copied.
    text: String,
    /// What that is, for those who do not see it.
    of: String,
) -> impl IntoView {
    view! {
        <button class="copy" type="button" data-copy=text aria-label=format!("Copy {of}")>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d="M9 9h11v11H9zM5 15H4V4h11v1"/>
            </svg>
        </button>
    }
}

#[cfg(feature = "hydrate")]
pub(super) use browser::begin;

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Element, Event};

    use crate::islands::markup::on;

    /// How long a button says that it has copied.
    const TOLD: Duration = Duration::from_secs(2);

    /// Has the page's copy buttons copy, also those that come later.
    pub(in crate::islands) fn begin(body: &Element) {
        on(body, "click", |event: Event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let button = target.and_then(|target| target.closest("[data-copy]").ok().flatten());
            if let Some(button) = button
                && let Some(text) = button.get_attribute("data-copy")
            {
                spawn_local(copy(button, text));
            }
        });
    }

    async fn copy(button: Element, text: String) {
        let clipboard = window().navigator().clipboard();
        let outcome = JsFuture::from(clipboard.write_text(&text)).await;
        let (state, words) = match outcome {
            Ok(_) => ("done", "Copied"),
            Err(_) => ("failed", "Not copied: the browser does not allow it"),
        };
        let _ = button.set_attribute("data-state", state);
        let said = document().get_element_by_id("said");
        let say = move |words| {
            said.as_ref()
                .inspect(|said| said.set_text_content(words))
                .is_some()
        };
        say(Some(words));
        set_timeout(
            move || {
                say(None);
                let _ = button.remove_attribute("data-state");
            },
            TOLD,
        );
    }
}
