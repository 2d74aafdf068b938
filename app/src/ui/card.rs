//! A surface that groups what belongs together.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A titled card. Its `id` is made from the title.
#[component]
pub fn Card(
    /// Beside the title.
    glyph: Glyph,
    /// What it is about.
    title: &'static str,
    /// A class name of `style/layout.css` that places the card.
    #[prop(default = "")]
    place: &'static str,
    /// Whether new tokens may say something else here: the card is then renewed in place.
    #[prop(default = false)]
    fresh: bool,
    /// What is on it.
    children: Children,
) -> impl IntoView {
    let id = title.to_lowercase().replace(' ', "-");
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section class=format!("card {place}") id=id aria-labelledby=labelled_by data-fresh=fresh>
            <h2 class="card-title" id=title_id><Icon glyph/>{title}</h2>
            {children()}
        </section>
    }
}
