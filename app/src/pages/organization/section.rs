//! A section of the settings, in each of its states: here, still loading, not for you, not to be had.

use leptos::prelude::*;

use crate::{
    context::{here, path_of_page},
    denial::Denial,
    organization::sections::{Failure, Loaded},
    routes,
    ui::icon::{Glyph, Icon},
};

/// What is the same about a section whatever its state.
#[derive(Debug)]
pub(super) struct Section {
    /// Its own page.
    pub(super) path: &'static str,
    /// Its element.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    glyph: Glyph,
    about: &'static str,
}

pub(super) static PROFILE: Section = Section {
    path: routes::PROFILE,
    id: "profile",
    title: "Profile",
    glyph: Glyph::Building,
    about: "What the organization is called, and what it uses.",
};
pub(super) static MEMBERS: Section = Section {
    path: routes::MEMBERS,
    id: "members",
    title: "Members",
    glyph: Glyph::People,
    about: "Who is in, and as what.",
};
pub(super) static ROLES: Section = Section {
    path: routes::ROLES,
    id: "roles",
    title: "Roles",
    glyph: Glyph::Key,
    about: "What members may be, and what that lets them do.",
};
pub(super) static SINGLE_SIGN_ON: Section = Section {
    path: routes::SINGLE_SIGN_ON,
    id: "single-sign-on",
    title: "Single sign-on",
    glyph: Glyph::Shield,
    about: "How members sign in through the organization's own identity provider.",
};
pub(super) static DIRECTORIES: Section = Section {
    path: routes::DIRECTORIES,
    id: "directories",
    title: "Directory sync",
    glyph: Glyph::Sync,
    about: "Where people and groups are synchronized from.",
};
pub(super) static DOMAINS: Section = Section {
    path: routes::DOMAINS,
    id: "domains",
    title: "Domains",
    glyph: Glyph::Globe,
    about: "Where members have their addresses.",
};
pub(super) static SESSION_POLICY: Section = Section {
    path: routes::SESSION_POLICY,
    id: "session-policy",
    title: "Session policy",
    glyph: Glyph::Clock,
    about: "How long members stay signed in at Scalekit.",
};

/// In the order of the page.
pub(super) static ALL: [&Section; 7] = [
    &PROFILE,
    &MEMBERS,
    &ROLES,
    &SINGLE_SIGN_ON,
    &DIRECTORIES,
    &DOMAINS,
    &SESSION_POLICY,
];

/// A section; `view` shows what has been loaded. The page may be called after it: `title`.
pub(super) fn section_view<T>(
    section: &'static Section,
    title: Option<String>,
    loaded: Loaded<T>,
    view: fn(T) -> AnyView,
) -> impl IntoView {
    let is_pending = matches!(loaded, Loaded::Pending);
    let content = match loaded {
        Loaded::Ready(value) => view(value),
        Loaded::Pending => pending(section),
        Loaded::Forbidden(missing) => forbidden(missing),
        Loaded::Failed(failure) => failed(section, failure),
    };
    // On its own page it stays where it is in a list.
    let address = match path_of_page() {
        Some(path) if path == section.path => here().to_string(),
        _ => section.path.to_owned(),
    };
    let title_id = format!("{}-title", section.id);
    let labelled_by = title_id.clone();
    view! {
        <section class="card section" id=section.id aria-labelledby=labelled_by tabindex="-1"
            data-section=address data-pending=is_pending data-title=title>
            <h2 class="card-title" id=title_id><Icon glyph=section.glyph/>{section.title}</h2>
            <p class="card-about">{section.about}</p>
            {content}
            <p class="outcome" role="status"></p>
        </section>
    }
}

fn pending(section: &'static Section) -> AnyView {
    view! {
        <div class="skeleton" aria-hidden="true"><span></span><span></span><span></span></div>
        <p class="skeleton-note"><a href=section.path>"Show "{section.title.to_lowercase()}</a></p>
    }
    .into_any()
}

fn forbidden(missing: Vec<&'static str>) -> AnyView {
    let missing: Vec<_> = missing
        .into_iter()
        .map(|name| {
            let purpose = Denial::purpose(name).map(|purpose| format!("lets you {purpose}"));
            view! { <li><code>{name}</code>{purpose.map(|purpose| view! { <small>{purpose}</small> })}</li> }
        })
        .collect();
    view! {
        <div class="state">
            <span class="state-icon"><Icon glyph=Glyph::Lock/></span>
            <div>
                <p>"You may not see this. An administrator of your organization can grant what is missing:"</p>
                <ul class="plain-list">{missing}</ul>
            </div>
        </div>
    }
    .into_any()
}

fn failed(section: &'static Section, failure: Failure) -> AnyView {
    let text = match failure {
        Failure::Passing => "Scalekit does not answer right now. Nothing is lost.",
        Failure::NotLetIn => {
            "Scalekit does not let this application see this. Whoever runs it must allow management API access."
        }
        Failure::NotOffered => "Your identity provider does not offer this.",
    };
    let again = (failure == Failure::Passing)
        .then(|| view! { <p><a class="button is-quiet" href=section.path>"Try again"</a></p> });
    view! {
        <div class="state">
            <span class="state-icon is-bad"><Icon glyph=Glyph::Warning/></span>
            <div><p>{text}</p>{again}</div>
        </div>
    }
    .into_any()
}
