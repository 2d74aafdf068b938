//! The script that fetches the WebAssembly and hands it the islands.
//!
//! Ours rather than Leptos' `HydrationScripts`, whose preload link makes browsers without scripts fetch the module and
//! then warn that nobody used it, and whose markup repeats the CSP nonce in a readable attribute.

use leptos::{nonce::use_nonce, prelude::*};

/// The loader, inline, so that it starts with the first bytes of the page.
#[component]
pub fn Loader(
    /// Where the files are, without their ending: `/pkg/scalekit`.
    module: String,
) -> impl IntoView {
    // Pages are not hydrated as a whole: nothing outside of an island needs to be sent twice.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let script = format!(
        "({})({module:?})",
        include_str!("loader.js").trim_end().trim_end_matches(';')
    );
    view! { <script nonce=use_nonce()>{script}</script> }
}
