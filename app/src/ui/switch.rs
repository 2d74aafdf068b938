//! Something that is on or off, and the button that changes it.

use leptos::prelude::*;

use crate::context::in_organization;

/// A form with one button: a switch that shows how it is, and asks for the opposite.
#[component]
pub fn Switch(
    /// What it switches.
    label: String,
    /// Whether it is on.
    on: bool,
    /// The server function that it asks.
    action: &'static str,
    /// The name and value of the form field that says which one.
    which: (&'static str, String),
    /// The page to come back to.
    next: String,
) -> impl IntoView {
    let (name, value) = which;
    view! {
        <form class="switch" method="post" action=in_organization(action) data-live>
            <input type="hidden" name=name value=value/>
            <input type="hidden" name="enabled" value=(!on).to_string()/>
            <input type="hidden" name="next" value=next/>
            <button class="switch-button" type="submit" role="switch" aria-checked=on.to_string() aria-label=label></button>
        </form>
    }
}
