//! The HTML document around every page, and the routes inside it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    context::reference,
    islands::loader::Loader,
    pages::{
        callback::CallbackPage,
        dashboard::DashboardPage,
        initiate::InitiatePage,
        landing::LandingPage,
        login::LoginPage,
        logout::LogoutPage,
        organization::SettingsPage,
        organizations::OrganizationsPage,
        problem::ProblemPage,
        problems::{Gallery, ProblemsPage},
        sessions::SessionsPage,
        signed_out::SignedOutPage,
        start::StartPage,
    },
    problem::{Problem, ProblemKind},
};

/// The document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let module = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=format!("{module}.css")/>
                <AutoReload options=options.clone()/>
                <Loader module/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The page that the request asks for, or the problem that the server met before any page could be asked.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let title = |text: String| format!("{text} · Scalekit for Leptos");
    let page = match use_context::<Problem>() {
        Some(problem) => view! { <ProblemPage problem/> }.into_any(),
        None if use_context::<Gallery>().is_some() => view! { <ProblemsPage/> }.into_any(),
        None => view! { <Pages/> }.into_any(),
    };
    view! {
        <Title formatter=title/>
        {page}
    }
}

/// Asynchronous rendering throughout: the status and the redirect are known before the first byte leaves, and pages
/// need no script to assemble themselves.
#[component]
fn Pages() -> impl IntoView {
    let not_found = || {
        let problem = Problem::new(ProblemKind::NotFound, reference().0);
        view! { <ProblemPage problem/> }
    };
    view! {
        <Router>
            <Routes fallback=not_found>
                <Route path=path!("/") view=LandingPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/auth/login") view=StartPage ssr=SsrMode::Async/>
                <Route path=path!("/auth/callback") view=CallbackPage ssr=SsrMode::Async/>
                <Route path=path!("/auth/initiate") view=InitiatePage ssr=SsrMode::Async/>
                <Route path=path!("/dashboard") view=DashboardPage ssr=SsrMode::Async/>
                <Route path=path!("/sessions") view=SessionsPage ssr=SsrMode::Async/>
                <Route path=path!("/organizations") view=OrganizationsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/profile") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/members") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/roles") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/single-sign-on") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/directories") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/domains") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/organization/settings/session-policy") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/logout") view=LogoutPage ssr=SsrMode::Async/>
                <Route path=path!("/signed-out") view=SignedOutPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
