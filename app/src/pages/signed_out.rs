//! `/signed-out`: it worked.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    routes,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
};

/// Where signing out ends.
#[component]
pub fn SignedOutPage() -> impl IntoView {
    view! {
        <Title text="Signed out"/>
        <Chrome layout="centred" signed_out=true>
            <section class="card problem is-good">
                <span class="problem-icon"><Icon glyph=Glyph::Tick/></span>
                <h1>"You are signed out"</h1>
                <p>
                    "Your session here has ended and its tokens are gone. On a shared computer, close the browser \
                     as well: your organization may keep you signed in."
                </p>
                <p><a class="button is-primary" href=routes::LOGIN>"Sign in again"</a></p>
            </section>
        </Chrome>
    }
}
