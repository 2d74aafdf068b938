//! The page of everything that can go wrong (promise 20).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_url;
use tracing::Instrument as _;

use crate::{
    denial::Denial,
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
                {use_context::<Denial>().map(|denial| view! { <Explanation denial/> })}
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

/// Which permission is missing, which the person has, and whom to ask.
#[component]
fn Explanation(denial: Denial) -> impl IntoView {
    let missing: Vec<_> = denial
        .missing
        .into_iter()
        .map(|name| {
            let purpose = Denial::purpose(name).map(|purpose| format!("lets you {purpose}"));
            view! { <li><code>{name}</code>{purpose.map(|purpose| view! { <small>{purpose}</small> })}</li> }
        })
        .collect();
    let granted: Vec<_> = denial
        .granted
        .into_iter()
        .map(|name| view! { <li class="badge is-mono">{name}</li> })
        .collect();
    let granted = if granted.is_empty() {
        view! { <dd class="empty">"None"</dd> }.into_any()
    } else {
        view! { <dd><ul class="badges">{granted}</ul></dd> }.into_any()
    };
    let administrators: Vec<_> = denial
        .administrators
        .into_iter()
        .map(|administrator| {
            let address = format!("mailto:{}", administrator.email);
            view! { <li>{administrator.name}" "<a href=address>{administrator.email}</a></li> }
        })
        .collect();
    let administrators = (!administrators.is_empty()).then(|| {
        view! { <div><dt>"Who can grant it"</dt><dd><ul class="plain-list">{administrators}</ul></dd></div> }
    });
    view! {
        <dl class="facts denial">
            <div><dt>"Missing"</dt><dd><ul class="plain-list">{missing}</ul></dd></div>
            <div><dt>"You have"</dt>{granted}</div>
            {administrators}
        </dl>
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
