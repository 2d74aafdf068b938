//! The page of everything that can go wrong (promise 20).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_url;
use tracing::Instrument as _;

use crate::{
    problem::Problem,
    ui::{
        chrome::Chrome,
        icon::{Glyph, Icon},
    },
};

/// What happened, what to do, and the reference number.
#[component]
pub fn ProblemPage(
    /// What happened.
    problem: Problem,
) -> impl IntoView {
    crate::context::set_status(&problem);

    let row = problem.kind.row();
    let again = problem.is_repeatable && problem.retry_after.is_some();
    view! {
        <Title text=row.title/>
        <Chrome layout="centred">
            <section class="card problem">
                <span class="problem-icon"><Icon glyph=Glyph::Warning/></span>
                <h1>{row.title}</h1>
                <p>{row.text}</p>
                {again.then(|| view! { <p>"This page tries again by itself."</p> })}
                <p><a class="button is-primary" href=problem.way_out()>{row.way_out.label}</a></p>
                <p class="problem-reference">
                    <span>"Error "{problem.status}</span>
                    <span>"Reference "<code>{problem.reference}</code></span>
                </p>
            </section>
        </Chrome>
    }
}

/// Runs a server function with the page's query string while the page renders. Success is a redirect, so only failures
/// are shown.
pub fn outcome_view<Outcome>(server_function: fn(String) -> Outcome) -> impl IntoView
where
    Outcome: Future<Output = Result<(), Problem>> + Send + 'static,
{
    let query = use_url().get_untracked().search().to_owned();
    // A resource runs once, however often the view around it is assembled; as a task of its own, whose log lines belong
    // to the request all the same.
    let outcome = Resource::new_blocking(|| (), move |()| server_function(query.clone()).in_current_span());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match outcome.await {
                    Ok(()) => ().into_any(),
                    Err(problem) => view! { <ProblemPage problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
}
