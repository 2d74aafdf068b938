//! What the organization is called, and its features.

use auth::management::{Feature, Profile};
use leptos::prelude::*;

use crate::{
    context::{here, in_organization},
    moment::Moment,
    organization::sections::Loaded,
    permission::Permission,
    routes,
    ui::{gate::Can, switch::Switch, time::Time},
    viewer::viewer,
};

/// What the page is called, once that is known.
pub(super) fn name(loaded: &Loaded<Profile>) -> Option<String> {
    match loaded {
        Loaded::Ready(profile) => Some(profile.display_name.clone()).filter(|name| !name.is_empty()),
        _ => None,
    }
}

pub(super) fn view(profile: Profile) -> AnyView {
    let next = here().to_string();
    let organization_id = viewer().and_then(|viewer| viewer.organization_id);
    let Profile {
        display_name,
        slug,
        external_id,
        region,
        logo_url,
        features,
        created_at,
    } = profile;
    let fact = |name: &'static str, value: String| {
        let value = if value.is_empty() {
            view! { <dd class="empty">"None"</dd> }.into_any()
        } else {
            view! { <dd class="is-mono">{value}</dd> }.into_any()
        };
        view! { <div><dt>{name}</dt>{value}</div> }
    };
    let form_next = next.clone();
    view! {
        <dl class="facts is-inline">
            {fact("Name", display_name.clone())}
            {fact("Organization ID", organization_id.unwrap_or_default())}
            {fact("Slug", slug.clone())}
            {fact("External ID", external_id.clone())}
            {fact("Region", region)}
            {created_at.map(|at| view! { <div><dt>"Created"</dt><dd><Time moment=Moment::from(at)/></dd></div> })}
        </dl>
        <Can permission=Permission::SettingsManage>
            <details class="more">
                <summary>"Edit the profile"</summary>
                <form class="stack fields" method="post" action=in_organization(routes::SAVE_PROFILE) data-live>
                    <input type="hidden" name="next" value=form_next/>
                    <div class="field">
                        <label for="profile-name">"Name"</label>
                        <input id="profile-name" name="display_name" value=display_name required maxlength="100"/>
                    </div>
                    <div class="field">
                        <label for="profile-slug">"Slug"</label>
                        <input id="profile-slug" name="slug" value=slug maxlength="63" pattern="[a-z0-9\\-]+"
                            title="Lower-case letters, digits and hyphens" class="is-mono"/>
                    </div>
                    <div class="field">
                        <label for="profile-external">"External ID"</label>
                        <input id="profile-external" name="external_id" value=external_id maxlength="100" class="is-mono"/>
                    </div>
                    <div class="field">
                        <label for="profile-logo">"Logo (https address)"</label>
                        <input id="profile-logo" name="logo_url" type="url" value=logo_url maxlength="500"
                            pattern="https://.+" title="An address that begins with https://"/>
                    </div>
                    <div><button class="button is-primary" type="submit">"Save"</button></div>
                </form>
            </details>
        </Can>
        <h3 class="card-heading">"Features"</h3>
        <Features features next/>
    }
    .into_any()
}

#[component]
fn Features(features: Vec<Feature>, next: String) -> impl IntoView {
    if features.is_empty() {
        return view! { <p class="empty">"There is nothing to switch on or off."</p> }.into_any();
    }
    let may = viewer().is_some_and(|viewer| viewer.may(Permission::SettingsManage));
    let rows: Vec<_> = features
        .into_iter()
        .map(|Feature { name, enabled }| {
            let label = label(&name);
            let state = if may {
                let which = ("name", name);
                view! {
                    <Switch label=label.clone() on=enabled action=routes::SET_FEATURE which next=next.clone()/>
                }
                .into_any()
            } else {
                on_off(enabled).into_any()
            };
            view! {
                <li class="row">
                    <div class="row-text"><p class="row-title">{label}</p></div>
                    <div class="row-actions">{state}</div>
                </li>
            }
        })
        .collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

/// Whether something is on, for those who may not change it.
pub(super) fn on_off(on: bool) -> impl IntoView {
    let (class, word) = if on {
        ("badge is-good", "On")
    } else {
        ("badge is-off", "Off")
    };
    view! { <span class=class>{word}</span> }
}

fn label(name: &str) -> String {
    match name {
        "sso" => "Single sign-on".to_owned(),
        "dir_sync" | "directory_sync" => "Directory sync".to_owned(),
        "domain_verification" => "Domain verification".to_owned(),
        "session_policy" => "Session policy".to_owned(),
        other => other.replace('_', " "),
    }
}
