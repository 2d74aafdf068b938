//! The HTML document around every page, and the routes inside it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};

use crate::{
    islands::loader::Loader,
    pages::{
        problem::ProblemPage,
        problems::{Gallery, ProblemsPage},
    },
    problem::Problem,
    routes::Pages,
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
