//! Permission-aware views (promise 17).

use leptos::prelude::*;

use crate::{permission::Permission, viewer::viewer};

/// Shows its children only to people with `permission`. A convenience for the eye: the guard decides.
#[component]
pub fn Can(
    /// What the person must be allowed to do.
    permission: Permission,
    /// What they then see.
    children: ChildrenFn,
) -> impl IntoView {
    let allowed = viewer().is_some_and(|viewer| viewer.may(permission));
    view! { <Show when=move || allowed>{children()}</Show> }
}
