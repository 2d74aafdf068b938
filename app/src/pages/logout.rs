//! `GET /logout`: asks before signing out, because a link on another site could have led here.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{routes, ui::chrome::Chrome};

/// The question, with the button that does it.
#[component]
pub fn LogoutPage() -> impl IntoView {
    view! {
        <Title text="Sign out"/>
        <Chrome layout="centred">
            <section class="card stack">
                <h1>"Sign out?"</h1>
                <p>"You will be signed out here and at the identity provider."</p>
                <form class="button-row" method="post" action=routes::LOGOUT>
                    <button class="button is-primary" type="submit">"Sign out now"</button>
                    <a class="button" href=routes::DASHBOARD>"Stay signed in"</a>
                </form>
            </section>
        </Chrome>
    }
}
