//! What a page says about what a form on it has just done.

use leptos::prelude::*;

use crate::notice::Notice;

/// The notice that the page's address asks for, if it does.
#[component]
pub fn PageNotice() -> impl IntoView {
    Notice::of_page().map(|notice| {
        let tone = if notice.is_good() { "is-good" } else { "is-bad" };
        view! { <p class=format!("notice {tone}") role="status">{notice.text()}</p> }
    })
}
