//! The server functions that change an organization: always the one of the session (`oid`), whatever the request says.
//!
//! Each states by its path what it demands ([`crate::routes::FUNCTIONS`]). The guard has judged that; [`Administrator`]
//! judges it again, and is the only way to the organization.

#![expect(missing_docs, reason = "`#[server]` makes a struct for the arguments")]

use leptos::prelude::*;

use crate::{done::Done, problem::Problem};
#[cfg(feature = "ssr")]
use crate::{notice::Notice, routes};

#[cfg(feature = "ssr")]
mod administrator;
#[cfg(feature = "ssr")]
pub mod sections;

#[cfg(feature = "ssr")]
use administrator::{Administrator, is_plain};

/// Calls the organization something else.
#[server(prefix = "/organization/settings", endpoint = "save-profile")]
pub async fn save_profile(
    display_name: String,
    slug: String,
    external_id: String,
    logo_url: String,
    next: Option<String>,
) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::SAVE_PROFILE)?;
    if ![&display_name, &slug, &external_id, &logo_url]
        .into_iter()
        .all(is_plain)
    {
        return Ok(administrator.refuse(Notice::NotAccepted, next));
    }
    let change = auth::management::ProfileChange {
        display_name: display_name.trim().to_owned(),
        slug: slug.trim().to_owned(),
        external_id: external_id.trim().to_owned(),
        logo_url: logo_url.trim().to_owned(),
    };
    let outcome = administrator.organization.update_profile(&change).await;
    Ok(administrator.answer(outcome, Notice::ProfileSaved, next))
}

/// Switches the feature called `name` on or off.
#[server(prefix = "/organization/settings", endpoint = "set-feature")]
pub async fn set_feature(name: String, enabled: bool, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::SET_FEATURE)?;
    let feature = auth::management::Feature { name, enabled };
    let outcome = administrator.organization.set_feature(&feature).await;
    Ok(administrator.answer(outcome, Notice::FeatureSwitched, next))
}

/// Invites the owner of an address.
#[server(prefix = "/organization/settings", endpoint = "invite-member")]
pub async fn invite_member(email: String, role: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::INVITE_MEMBER)?;
    if !is_plain(&email) {
        return Ok(administrator.refuse(Notice::NotAccepted, next));
    }
    match administrator.obstacle_to_giving(&role).await {
        Ok(None) => {}
        Ok(Some(obstacle)) => return Ok(administrator.refuse(obstacle, next)),
        Err(error) => return Ok(administrator.answer(Err(error), Notice::MemberInvited, next)),
    }
    let invitation = auth::management::Invitation {
        email: email.trim(),
        role: &role,
        inviter_email: administrator.session.signed_in.user.email.as_deref(),
    };
    let outcome = administrator.organization.invite(&invitation).await;
    Ok(administrator.answer(outcome, Notice::MemberInvited, next))
}

/// Sends the invitation of `member` again.
#[server(prefix = "/organization/settings", endpoint = "resend-invitation")]
pub async fn resend_invitation(member: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::RESEND_INVITATION)?;
    let Some(member) = administrator.id(&member) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    let outcome = administrator.organization.resend_invitation(&member).await;
    Ok(administrator.answer(outcome, Notice::InvitationResent, next))
}

/// Gives `member` the role `role` in place of those they have.
#[server(prefix = "/organization/settings", endpoint = "change-role")]
pub async fn change_role(member: String, role: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::CHANGE_ROLE)?;
    let Some(member) = administrator.id(&member) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    // Whoever takes their own role away cannot give it back.
    if administrator.is(&member) {
        return Ok(administrator.refuse(Notice::NotYourself, next));
    }
    match administrator.obstacle_to_giving(&role).await {
        Ok(None) => {}
        Ok(Some(obstacle)) => return Ok(administrator.refuse(obstacle, next)),
        Err(error) => return Ok(administrator.answer(Err(error), Notice::RoleChanged, next)),
    }
    let outcome = administrator.organization.set_role(&member, &role).await;
    Ok(administrator.answer(outcome, Notice::RoleChanged, next))
}

/// Takes `member` out of the organization.
#[server(prefix = "/organization/settings", endpoint = "remove-member")]
pub async fn remove_member(member: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::REMOVE_MEMBER)?;
    let Some(member) = administrator.id(&member) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    if administrator.is(&member) {
        return Ok(administrator.refuse(Notice::NotYourself, next));
    }
    let outcome = administrator.organization.remove(&member).await;
    Ok(administrator.answer(outcome, Notice::MemberRemoved, next))
}

/// Switches a single sign-on connection on or off.
#[server(prefix = "/organization/settings", endpoint = "switch-connection")]
pub async fn switch_connection(
    connection: String,
    enabled: bool,
    next: Option<String>,
) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::SWITCH_CONNECTION)?;
    let Some(connection) = administrator.id(&connection) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    let outcome = administrator
        .organization
        .switch_connection(&connection, enabled)
        .await;
    Ok(administrator.answer(outcome, Notice::ConnectionSwitched, next))
}

/// Opens the admin portal: a fresh link each time, which works once.
#[server(prefix = "/organization/settings", endpoint = "open-portal")]
pub async fn open_portal(next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::OPEN_PORTAL)?;
    match administrator.organization.portal_link().await {
        Ok(link) => Ok(Done::at(&link.location, Notice::PortalOpened)),
        Err(error) => Ok(administrator.answer(Err(error), Notice::PortalOpened, next)),
    }
}

/// Switches the synchronization of a directory on or off.
#[server(prefix = "/organization/settings", endpoint = "switch-directory")]
pub async fn switch_directory(
    directory: String,
    enabled: bool,
    next: Option<String>,
) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::SWITCH_DIRECTORY)?;
    let Some(directory) = administrator.id(&directory) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    let outcome = administrator
        .organization
        .switch_directory(&directory, enabled)
        .await;
    Ok(administrator.answer(outcome, Notice::DirectorySwitched, next))
}

/// Adds a domain.
#[server(prefix = "/organization/settings", endpoint = "add-domain")]
pub async fn add_domain(domain: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::ADD_DOMAIN)?;
    let outcome = administrator.organization.add_domain(domain.trim()).await;
    Ok(administrator.answer(outcome, Notice::DomainAdded, next))
}

/// Removes the domain with the id `domain`.
#[server(prefix = "/organization/settings", endpoint = "remove-domain")]
pub async fn remove_domain(domain: String, next: Option<String>) -> Result<Done, Problem> {
    let administrator = Administrator::for_path(routes::REMOVE_DOMAIN)?;
    let Some(domain) = administrator.id(&domain) else {
        return Ok(administrator.refuse(Notice::NotThere, next));
    };
    let outcome = administrator.organization.remove_domain(&domain).await;
    Ok(administrator.answer(outcome, Notice::DomainRemoved, next))
}

/// Changes how long people stay signed in at the provider. Without `absolute_minutes` the application's policy holds,
/// without `idle_minutes` only the absolute end does.
#[server(prefix = "/organization/settings", endpoint = "set-session-policy")]
pub async fn set_session_policy(
    source: String,
    absolute_minutes: Option<u32>,
    idle_minutes: Option<u32>,
    next: Option<String>,
) -> Result<Done, Problem> {
    use auth::management::PolicyChange;

    let administrator = Administrator::for_path(routes::SET_SESSION_POLICY)?;
    let change = match (source.as_str(), absolute_minutes) {
        ("application", _) => PolicyChange::Application,
        ("custom", Some(absolute_minutes)) => PolicyChange::Custom {
            absolute_minutes,
            idle_minutes,
        },
        _ => return Ok(administrator.refuse(Notice::NotAccepted, next)),
    };
    let outcome = administrator.organization.set_session_policy(change).await;
    Ok(administrator.answer(outcome, Notice::PolicySaved, next))
}
