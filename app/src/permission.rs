//! The permissions this application knows, each declared once (promise 17).

use leptos::prelude::*;

use crate::viewer::viewer;

/// What a person may be allowed to do. A misspelt permission does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Administer the organization.
    OrganizationSettings,
}

impl Permission {
    /// Its name in tokens: `resource:action`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrganizationSettings => "organization:settings",
        }
    }
}

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
