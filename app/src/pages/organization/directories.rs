//! Directory sync: status, who and which groups are in it, when it was last read.

use auth::management::{DirectoryGroup, DirectoryUser, Listing};
use leptos::prelude::*;

use super::{profile::on_off, single_sign_on::title_case};
use crate::{
    context::here,
    moment::Moment,
    organization::sections::DirectoryView,
    permission::Permission,
    routes,
    ui::{switch::Switch, time::Time},
    viewer::viewer,
};

pub(super) fn view(directories: Vec<DirectoryView>) -> AnyView {
    if directories.is_empty() {
        return view! { <p class="empty">"No directory is connected."</p> }.into_any();
    }
    let rows: Vec<_> = directories
        .into_iter()
        .map(|directory| view! { <Row directory/> })
        .collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

#[component]
fn Row(directory: DirectoryView) -> impl IntoView {
    let DirectoryView {
        directory,
        users,
        groups,
    } = directory;
    let may = viewer().is_some_and(|viewer| viewer.may(Permission::ScimManage));
    let state = if may {
        let which = ("directory", directory.id.clone());
        let label = format!("Synchronize {}", directory.name);
        view! {
            <Switch label on=directory.enabled action=routes::SWITCH_DIRECTORY which next=here().to_string()/>
        }
        .into_any()
    } else {
        on_off(directory.enabled).into_any()
    };
    let synced = match directory.last_synced_at {
        Some(at) => view! { "Last synchronized "<Time moment=Moment::from(at)/> }.into_any(),
        None => view! { "Not synchronized so far" }.into_any(),
    };
    let counts = format!(
        "{} people, {} groups",
        directory.total_users, directory.total_groups
    );
    view! {
        <li class="row is-tall">
            <div class="row-text">
                <p class="row-title">{directory.name}" "<span class="badge">{title_case(&directory.provider)}</span></p>
                <p class="row-detail">{synced}" · "{counts}</p>
                <div class="previews">
                    {users.map(|users| view! { <Users users/> })}
                    {groups.map(|groups| view! { <Groups groups/> })}
                </div>
            </div>
            <div class="row-actions">{state}</div>
        </li>
    }
}

#[component]
fn Users(users: Listing<DirectoryUser>) -> impl IntoView {
    let rows: Vec<_> = users
        .items
        .into_iter()
        .map(|user| {
            let name = format!("{} {}", user.given_name, user.family_name);
            view! { <li>{name.trim().to_owned()}" "<small>{user.email}</small></li> }
        })
        .collect();
    view! { <details class="more"><summary>"People"</summary><ul class="plain-list">{rows}</ul></details> }
}

#[component]
fn Groups(groups: Listing<DirectoryGroup>) -> impl IntoView {
    let rows: Vec<_> = groups
        .items
        .into_iter()
        .map(|group| view! { <li>{group.display_name}" "<small>{group.total_users}" people"</small></li> })
        .collect();
    view! { <details class="more"><summary>"Groups"</summary><ul class="plain-list">{rows}</ul></details> }
}
