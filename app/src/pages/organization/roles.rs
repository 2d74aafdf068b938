//! What members may be, and what that lets them do.

use auth::management::Role;
use leptos::prelude::*;

pub(super) fn view(roles: Vec<Role>) -> AnyView {
    if roles.is_empty() {
        return view! { <p class="empty">"There are no roles."</p> }.into_any();
    }
    let label = |name: &str| {
        let role = roles.iter().find(|role| role.name == name);
        role.map_or(name, Role::label).to_owned()
    };
    let rows: Vec<_> = roles
        .iter()
        .map(|role| {
            let base = (!role.extends.is_empty()).then(|| label(&role.extends));
            view! { <RoleRow role=role.clone() base/> }
        })
        .collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

#[component]
fn RoleRow(role: Role, base: Option<String>) -> impl IntoView {
    let label = role.label().to_owned();
    let permissions: Vec<_> = role
        .permissions
        .into_iter()
        .map(|permission| view! { <li class="badge is-mono">{permission.name}</li> })
        .collect();
    let inherited =
        base.map(|base| view! { <p class="row-detail">"All that "<strong>{base}</strong>" may, and:"</p> });
    view! {
        <li class="row is-tall">
            <div class="row-text">
                <p class="row-title">
                    {label}" "<code>{role.name}</code>
                    {role.default_member.then(|| view! { " "<span class="badge">"New members"</span> })}
                    {role.is_org_role.then(|| view! { " "<span class="badge">"Own"</span> })}
                </p>
                <p class="row-detail">{role.description}</p>
                {inherited}
                <ul class="badges">{permissions}</ul>
            </div>
        </li>
    }
}
