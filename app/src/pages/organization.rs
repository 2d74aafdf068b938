//! `/organization/settings`: administers the organization of the session. All sections on one page, and each on a page of
//! its own below it.

mod directories;
mod domains;
mod members;
mod profile;
mod roles;
mod section;
mod session_policy;
mod single_sign_on;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    context::path_of_page,
    load::Loaded,
    organization::sections::{self, Sections},
    routes,
    ui::{chrome::Chrome, notice::PageNotice},
};
use section::{ALL, Section, section_view};

/// The settings. The guard lets only those come here who may.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Some(Loaded::Settings(sections)) = use_context::<Loaded>() else {
        return ().into_any();
    };
    let path = path_of_page().unwrap_or_default();
    match sections {
        Some(sections) => view! { <Settings sections=*sections path/> }.into_any(),
        None => view! {
            <Title text="Organization"/>
            <Chrome>
                <h1>"No organization"</h1>
                <p class="lead">
                    "You are signed in to no organization, so there is nothing to administer. "
                    <a href=routes::ORGANIZATIONS>"Choose one"</a>
                </p>
            </Chrome>
        }
        .into_any(),
    }
}

#[component]
fn Settings(sections: Sections, path: String) -> impl IntoView {
    let name = sections.profile.as_ref().and_then(profile::name);
    let name = name.unwrap_or_else(|| "Your organization".to_owned());
    let only = ALL.iter().find(|section| section.path == path);
    let head = match only {
        Some(section) => view! {
            <p class="eyebrow"><a href=routes::SETTINGS>"Organization"</a></p>
            <h1>{section.title}</h1>
        }
        .into_any(),
        None => view! {
            <p class="eyebrow">"Organization"</p>
            <h1 data-title-of=section::PROFILE.id>{name}</h1>
            <p class="lead">"What its administrators decide: people, roles, sign-in, policies."</p>
            <nav class="section-links" aria-label="Sections">
                <ul>
                    {ALL.iter().map(|section| view! {
                        <li><a href=format!("#{}", section.id)>{section.title}</a></li>
                    }).collect_view()}
                </ul>
            </nav>
        }
        .into_any(),
    };
    let title = only.map_or("Organization", |section| section.title);
    let pending = ALL.iter().any(|section| is_pending(&sections, section));
    view! {
        <Title text=title/>
        <Chrome>
            <div class="page-head">{head}</div>
            <PageNotice/>
            {pending.then(|| view! {
                <noscript>
                    <p class="notice">
                        "Some sections take their time. "<a href=format!("{}?wait", routes::SETTINGS)>"Show all of them"</a>
                    </p>
                </noscript>
            })}
            <div class="settings">
                {sections.profile.map(|loaded| section_view(&section::PROFILE, profile::name(&loaded), loaded, profile::view))}
                {sections.members.map(|loaded| section_view(&section::MEMBERS, None, loaded, members::view))}
                {sections.roles.map(|loaded| section_view(&section::ROLES, None, loaded, roles::view))}
                {sections.connections.map(|loaded| section_view(&section::SINGLE_SIGN_ON, None, loaded, single_sign_on::view))}
                {sections.directories.map(|loaded| section_view(&section::DIRECTORIES, None, loaded, directories::view))}
                {sections.domains.map(|loaded| section_view(&section::DOMAINS, None, loaded, domains::view))}
                {sections.policy.map(|loaded| section_view(&section::SESSION_POLICY, None, loaded, session_policy::view))}
            </div>
        </Chrome>
    }
}

fn is_pending(sections: &Sections, section: &Section) -> bool {
    fn pending<T>(loaded: Option<&sections::Loaded<T>>) -> bool {
        matches!(loaded, Some(sections::Loaded::Pending))
    }
    match section.path {
        routes::PROFILE => pending(sections.profile.as_ref()),
        routes::MEMBERS => pending(sections.members.as_ref()),
        routes::ROLES => pending(sections.roles.as_ref()),
        routes::SINGLE_SIGN_ON => pending(sections.connections.as_ref()),
        routes::DIRECTORIES => pending(sections.directories.as_ref()),
        routes::DOMAINS => pending(sections.domains.as_ref()),
        _ => pending(sections.policy.as_ref()),
    }
}
