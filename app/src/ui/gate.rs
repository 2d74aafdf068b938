//! Views for those whom they concern (promise 17). A convenience for the eye: the guard decides.

use leptos::prelude::*;

use crate::{
    permission::Permission,
    viewer::{Viewer, viewer},
};

fn shown(is_shown: impl FnOnce(&Viewer) -> bool, children: Children) -> Option<AnyView> {
    viewer().as_ref().is_some_and(is_shown).then(children)
}

/// Shows its children to people with `permission`.
#[component]
pub fn Can(
    /// What the person must be allowed to do.
    permission: Permission,
    /// What they then see.
    children: Children,
) -> impl IntoView {
    shown(|viewer| viewer.may(permission), children)
}

/// Shows its children to people with a role. Roles are the provider's: what somebody may do is for permissions to say.
#[component]
pub fn HasRole(
    /// The role's name in tokens.
    role: &'static str,
    /// What they then see.
    children: Children,
) -> impl IntoView {
    shown(|viewer| viewer.has_role(role), children)
}

/// Shows its children to whoever is signed in.
#[component]
pub fn SignedIn(
    /// What they see.
    children: Children,
) -> impl IntoView {
    shown(|_| true, children)
}

/// Shows its children while nobody is signed in.
#[component]
pub fn SignedOut(
    /// What they see.
    children: Children,
) -> impl IntoView {
    viewer().is_none().then(children)
}
