//! The frame around every page: brand, navigation, the person, sign-out.

use leptos::prelude::*;

use crate::{
    context::{here, path_of_page},
    islands::{session_end::SessionEnd, session_watch::SessionWatch},
    permission::Permission,
    routes,
    ui::gate::Can,
    viewer::{Viewer, viewer},
};

/// Header, main and footer.
#[component]
pub fn Chrome(
    /// Which layout the main part has: a class name of `style/layout.css`.
    #[prop(default = "page")]
    layout: &'static str,
    /// Whether this page is where signing out ends.
    #[prop(default = false)]
    signed_out: bool,
    /// The page.
    children: Children,
) -> impl IntoView {
    let viewer = viewer();
    let signed_in = viewer.is_some();
    let session = viewer.as_ref().and_then(|viewer| viewer.session.clone());
    let session_end = viewer.as_ref().map(|viewer| {
        let sign_in_again = routes::start_and_go_to(here().as_str());
        view! { <SessionEnd remaining=viewer.remaining sign_in_again/> }
    });
    view! {
        <a class="skip-link" href="#content">"Skip to content"</a>
        <header class="top-bar">
            <div class="top-bar-inner">
                <a class="brand" href=routes::LANDING>
                    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                        <rect width="32" height="32" rx="8"/>
                        <path d="M21.5 11.5c-1-1.7-3-2.7-5.3-2.7-3.1 0-5.4 1.5-5.4 3.8 0 5.3 10.9 2.2 10.9 7.3 0 2.2-2.4 3.5-5.5 3.5-2.6 0-4.8-1-5.9-2.9"/>
                    </svg>
                    <span>"Scalekit "<span class="brand-for">"for Leptos"</span></span>
                </a>
                {match viewer {
                    Some(viewer) => view! { <Account viewer/> }.into_any(),
                    None => view! { <a class="button is-quiet" href=routes::LOGIN>"Sign in"</a> }.into_any(),
                }}
            </div>
        </header>
        <main id="content" class=layout tabindex="-1">{children()}</main>
        <footer class="foot">
            <p>"Sign-in by Scalekit. Tokens stay on the server."</p>
        </footer>
        // What has been done without a word to see; only what comes into a region that is there already is read out.
        <p class="unseen" id="said" aria-live="polite"></p>
        {session_end}
        <SessionWatch signed_in signed_out session/>
    }
}

#[component]
fn Account(viewer: Viewer) -> impl IntoView {
    view! {
        <nav class="account" aria-label="Account">
            <ul class="account-links" id="account-links" data-fresh>
                <Page path=routes::DASHBOARD label="Dashboard"/>
                <Page path=routes::SESSIONS label="Sessions"/>
                <Can permission=Permission::OrganizationSettings>
                    <Page path=routes::SETTINGS label="Organization"/>
                </Can>
            </ul>
            <span class="account-name">
                <span class="avatar is-small" aria-hidden="true">{viewer.initials()}</span>
                <span class="account-text">{viewer.name.clone()}</span>
            </span>
            <form method="post" action=routes::LOGOUT>
                <button class="button is-quiet" type="submit">"Sign out"</button>
            </form>
        </nav>
    }
}

/// A page of the navigation, marked where it, or a page below it, is shown.
#[component]
fn Page(path: &'static str, label: &'static str) -> impl IntoView {
    let current = path_of_page().is_some_and(|shown| shown == path || shown.starts_with(&format!("{path}/")));
    view! { <li><a class="account-link" href=path aria-current=current.then_some("page")>{label}</a></li> }
}
