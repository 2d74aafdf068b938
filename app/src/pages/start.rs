//! `/auth/login`: starts a sign-in. Seen only when that fails.

use leptos::prelude::*;

use crate::{pages::problem::outcome_view, sign_in::begin_sign_in};

/// Begins a sign-in while it renders; the response is a redirect to the provider, or the page of what went wrong.
#[component]
pub fn StartPage() -> impl IntoView {
    outcome_view(begin_sign_in)
}
