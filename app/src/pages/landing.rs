//! `/`: what this is.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    routes,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
};

/// The landing page.
#[component]
pub fn LandingPage() -> impl IntoView {
    view! {
        <Title text="Enterprise sign-in"/>
        <Chrome layout="landing">
            <div class="hero">
                <section class="hero-words">
                    <p class="eyebrow">"Leptos · Axum · OpenID Connect"</p>
                    <h1>"Enterprise "<span class="unbroken">"sign-in"</span>", done properly."</h1>
                    <p class="lead">
                        "A complete Leptos application that signs people in through Scalekit: organizations, \
                         single sign-on, roles and permissions. Every token stays on the server."
                    </p>
                    <p class="hero-actions">
                        <a class="button is-primary is-large" href=routes::LOGIN>
                            "Sign in"
                            <Icon glyph=Glyph::Arrow/>
                        </a>
                    </p>
                </section>
                <Custody/>
            </div>
            <ol class="flow" aria-label="How a sign-in travels">
                <li><span class="flow-step">"1"</span><strong>"Browser"</strong><span>"asks to sign in"</span></li>
                <li><span class="flow-step">"2"</span><strong>"Scalekit"</strong><span>"knows the person"</span></li>
                <li><span class="flow-step">"3"</span><strong>"Server"</strong><span>"trades the code, checks every claim"</span></li>
                <li><span class="flow-step">"4"</span><strong>"Cookie"</strong><span>"is all the browser gets"</span></li>
            </ol>
            <section class="features" aria-label="What you get">
                <Feature glyph=Glyph::Shield title="Tokens out of reach">
                    "Access, refresh and ID tokens are sealed in the session store. Scripts, logs and databases \
                     never see one."
                </Feature>
                <Feature glyph=Glyph::Key title="Permissions that agree">
                    "Declared once, used by the route guard, the server function and the view, so they cannot \
                     drift apart."
                </Feature>
                <Feature glyph=Glyph::Bolt title="Plain pages first">
                    "Real links, real forms, full pages. WebAssembly adds live details; nothing depends on it."
                </Feature>
            </section>
        </Chrome>
    }
}

/// Who holds what after signing in.
#[component]
fn Custody() -> impl IntoView {
    view! {
        <figure class="custody">
            <figcaption>"Who holds what"</figcaption>
            <dl>
                <div class="custody-side">
                    <dt>"Browser"</dt>
                    <dd><code>"scalekit_session"</code><span class="badge">"HttpOnly"</span></dd>
                </div>
                <div class="custody-side is-server">
                    <dt>"Server"</dt>
                    <dd><code>"access_token"</code><span class="badge is-good">"sealed"</span></dd>
                    <dd><code>"refresh_token"</code><span class="badge is-good">"sealed"</span></dd>
                    <dd><code>"id_token"</code><span class="badge is-good">"sealed"</span></dd>
                </div>
            </dl>
        </figure>
    }
}

#[component]
fn Feature(glyph: Glyph, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <article class="feature">
            <span class="feature-icon"><Icon glyph/></span>
            <h2>{title}</h2>
            <p>{children()}</p>
        </article>
    }
}
