//! The people of the organization: looking for them, inviting, roles, removing.

use auth::management::{Listing, Member, MemberStatus, MembersQuery, Role, brings_no_more};
use leptos::prelude::*;
use url::form_urlencoded;

use crate::{
    context::{here, in_organization},
    moment::Moment,
    organization::sections::Members,
    permission::Permission,
    routes,
    ui::{confirm::Confirm, gate::Can, time::Time},
    viewer::viewer,
};

pub(super) fn view(members: Members) -> AnyView {
    let Members {
        listing,
        query,
        roles,
    } = members;
    let roles_of_invitation = roles.clone();
    view! {
        <div class="toolbar">
            <Search text=query.text.clone()/>
            <Can permission=Permission::UsersInvite>
                <Invite roles=roles_of_invitation/>
            </Can>
        </div>
        <People listing=listing.clone() roles searched=query.text.clone()/>
        <Pages listing query/>
    }
    .into_any()
}

#[component]
fn Search(text: String) -> impl IntoView {
    view! {
        <form class="search" method="get" action=routes::MEMBERS role="search">
            <label class="unseen" for="members-query">"Search members"</label>
            <input id="members-query" type="search" name="query" value=text placeholder="Name or address"
                minlength="3" maxlength="100"/>
            <button class="button is-quiet" type="submit">"Search"</button>
        </form>
    }
}

#[component]
fn Invite(roles: Vec<Role>) -> impl IntoView {
    let preferred = roles
        .iter()
        .find(|role| role.default_member)
        .map(|role| role.name.clone());
    view! {
        <details class="more is-menu">
            <summary class="button is-primary">"Invite …"</summary>
            <form class="stack" method="post" action=in_organization(routes::INVITE_MEMBER) data-live>
                <input type="hidden" name="next" value=here().to_string()/>
                <div class="field">
                    <label for="invite-email">"E-mail address"</label>
                    <input id="invite-email" name="email" type="email" required maxlength="254" autocomplete="off"
                        placeholder="new.colleague@company.example"/>
                </div>
                <div class="field">
                    <label for="invite-role">"Role"</label>
                    <RoleChoice id="invite-role".to_owned() roles chosen=preferred/>
                </div>
                <div><button class="button is-primary" type="submit">"Send invitation"</button></div>
            </form>
        </details>
    }
}

#[component]
fn RoleChoice(id: String, roles: Vec<Role>, chosen: Option<String>) -> impl IntoView {
    // What would be refused is not offered.
    let own = viewer().map(|viewer| viewer.permissions).unwrap_or_default();
    let offered: Vec<_> = roles
        .iter()
        .filter(|role| chosen.as_ref() == Some(&role.name) || brings_no_more(&roles, &role.name, &own))
        .cloned()
        .collect();
    let options: Vec<_> = offered
        .into_iter()
        .map(|role| {
            let is_chosen = chosen.as_ref() == Some(&role.name);
            let label = role.label().to_owned();
            view! { <option value=role.name selected=is_chosen>{label}</option> }
        })
        .collect();
    view! { <select id=id name="role" required>{options}</select> }
}

#[component]
fn People(listing: Listing<Member>, roles: Vec<Role>, searched: String) -> impl IntoView {
    if listing.items.is_empty() {
        let text = if searched.is_empty() {
            "Nobody is in yet. Invite the first."
        } else {
            "Nobody was found. Try another part of the name or address."
        };
        return view! { <p class="empty">{text}</p> }.into_any();
    }
    let rows: Vec<_> = listing
        .items
        .into_iter()
        .map(|member| view! { <MemberRow member roles=roles.clone()/> })
        .collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

#[component]
fn MemberRow(member: Member, roles: Vec<Role>) -> impl IntoView {
    let is_self = viewer().is_some_and(|viewer| viewer.subject == member.id);
    let role_names: Vec<_> = member.roles.iter().map(|role| role.label().to_owned()).collect();
    let status = match member.status {
        MemberStatus::Active => None,
        MemberStatus::Inactive => Some("Inactive"),
        MemberStatus::PendingInvite => Some("Invited"),
        MemberStatus::InviteExpired => Some("Invitation expired"),
        MemberStatus::Unknown => Some("Unknown"),
    };
    let is_invited = matches!(
        member.status,
        MemberStatus::PendingInvite | MemberStatus::InviteExpired
    );
    let seen = match member.last_sign_in_at {
        Some(at) => view! { " · last signed in "<Time moment=Moment::from(at)/> }.into_any(),
        None => ().into_any(),
    };
    let actions = if is_self {
        view! { <span class="badge">"You"</span> }.into_any()
    } else {
        view! { <Actions member=member.clone() roles is_invited/> }.into_any()
    };
    view! {
        <li class="row">
            <span class="avatar is-small" aria-hidden="true">{initial(&member.name)}</span>
            <div class="row-text">
                <p class="row-title">
                    {member.name}
                    {status.map(|status| view! { " "<span class="badge is-off">{status}</span> })}
                </p>
                <p class="row-detail">{member.email}</p>
                <p class="row-detail">{role_names.join(", ")}{seen}</p>
            </div>
            <div class="row-actions">{actions}</div>
        </li>
    }
}

#[component]
fn Actions(member: Member, roles: Vec<Role>, is_invited: bool) -> impl IntoView {
    let next = here().to_string();
    let current = member.roles.first().map(|role| role.name.clone());
    let select_id = format!("role-of-{}", member.id);
    let label_id = select_id.clone();
    let (change_next, resend_next, remove_next) = (next.clone(), next.clone(), next);
    let (change_id, resend_id, remove_id) = (member.id.clone(), member.id.clone(), member.id);
    let (name, of, whose) = (member.name.clone(), member.name.clone(), member.name.clone());
    let invited = member.name;
    let question = format!("Remove {of} from the organization? Their sessions in it end.");
    view! {
        <Can permission=Permission::UsersRoleChange>
            <form class="inline-form" method="post" action=in_organization(routes::CHANGE_ROLE) data-live>
                <input type="hidden" name="member" value=change_id/>
                <input type="hidden" name="next" value=change_next/>
                <label class="unseen" for=label_id>"Role of "{name}</label>
                <RoleChoice id=select_id roles chosen=current/>
                <button class="button is-quiet" type="submit">"Change"<span class="unseen">" the role of "{whose}</span></button>
            </form>
        </Can>
        {is_invited.then(|| view! {
            <Can permission=Permission::UsersInvite>
                <form method="post" action=in_organization(routes::RESEND_INVITATION) data-live>
                    <input type="hidden" name="member" value=resend_id/>
                    <input type="hidden" name="next" value=resend_next/>
                    <button class="button is-quiet" type="submit">"Resend"<span class="unseen">" the invitation of "{invited}</span></button>
                </form>
            </Can>
        })}
        <Can permission=Permission::UsersDelete>
            <Confirm label="Remove …" of question>
                <form method="post" action=in_organization(routes::REMOVE_MEMBER) data-live>
                    <input type="hidden" name="member" value=remove_id/>
                    <input type="hidden" name="next" value=remove_next/>
                    <button class="button is-danger" type="submit">"Remove"</button>
                </form>
            </Confirm>
        </Can>
    }
}

/// How many there are, and the pages before and after this one.
#[component]
fn Pages(listing: Listing<Member>, query: MembersQuery) -> impl IntoView {
    let page = |token: String| {
        let mut address = form_urlencoded::Serializer::new(String::new());
        if !query.text.is_empty() {
            address.append_pair("query", &query.text);
        }
        format!(
            "{}?{}",
            routes::MEMBERS,
            address.append_pair("page_token", &token).finish()
        )
    };
    let total = match listing.total {
        1 => "1 member".to_owned(),
        total => format!("{total} members"),
    };
    let previous = listing.previous.map(&page);
    let next = listing.next.map(&page);
    let all = (!query.text.is_empty()).then(|| view! { <a href=routes::MEMBERS>"Show everybody"</a> });
    view! {
        <nav class="pages" aria-label="Pages of members">
            <span>{total}</span>
            {all}
            {previous.map(|address| view! { <a class="button is-quiet" href=address rel="prev">"Previous"</a> })}
            {next.map(|address| view! { <a class="button is-quiet" href=address rel="next">"Next"</a> })}
        </nav>
    }
}

fn initial(name: &str) -> String {
    name.chars().take(1).flat_map(char::to_uppercase).collect()
}
