//! `/auth/callback`: where the provider sends people back to. Seen only when signing in failed.

use leptos::prelude::*;

use crate::{pages::problem::outcome_view, sign_in::exchange_code};

/// Finishes a sign-in while it renders; the response is a redirect onwards, or the page of what went wrong.
#[component]
pub fn CallbackPage() -> impl IntoView {
    outcome_view(exchange_code)
}
