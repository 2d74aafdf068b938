//! `/auth/initiate`: begins a sign-in that was initiated elsewhere. Seen only when that fails.

use leptos::prelude::*;

use crate::{pages::problem::outcome_view, sign_in::initiate_sign_in};

/// Begins a sign-in while it renders; the response is a redirect to the provider or to the sign-in page, or the page of
/// what went wrong.
#[component]
pub fn InitiatePage() -> impl IntoView {
    outcome_view(initiate_sign_in)
}
