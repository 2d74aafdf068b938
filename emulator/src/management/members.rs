//! The people of an organization: list, search, invite, change roles, remove, resend an invitation.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Paged, Paging, Shared, error::ApiError, organization_of, timestamp, users::json_of};
use crate::{
    people::{AddressError, MembershipStatus, Person, Role},
    store::State as Memory,
};

const INVITATION_LIFETIME: i64 = 30 * 86_400;

/// `GET /organizations/{id}/users`
pub(super) async fn list(
    State(environment): Shared,
    Path(org): Path<String>,
    Query(paging): Paged,
) -> Answer {
    organization_of(&org)?;
    answer(&environment.state(), &org, &paging, |_| true)
}

/// `GET /organizations/{id}/users:search?query=`: in names and addresses.
pub(super) async fn search(
    State(environment): Shared,
    Path(org): Path<String>,
    Query(paging): Paged,
) -> Answer {
    organization_of(&org)?;
    let wanted = paging.query.trim().to_lowercase();
    if !(3..=100).contains(&wanted.chars().count()) {
        return Err(ApiError::invalid(
            "query",
            "query must be at least 3 characters and no more than 100 characters",
        ));
    }
    answer(&environment.state(), &org, &paging, |person| {
        person.email.contains(&wanted) || person.name().to_lowercase().contains(&wanted)
    })
}

fn answer(state: &Memory, org: &str, paging: &Paging, is_wanted: impl Fn(&Person) -> bool) -> Answer {
    let members = state.directory.members(org).map(|(person, _)| person);
    let users = members.filter(|person| is_wanted(person));
    let users = users.map(|person| json_of(state, person, Some(org)));
    Ok(paging.slice(users.collect())?.json("users"))
}

#[derive(Deserialize)]
pub(super) struct NewUser {
    email: String,
    membership: Option<NewMembership>,
    user_profile: Option<Profile>,
}

#[derive(Deserialize)]
pub(super) struct NewMembership {
    #[serde(default)]
    roles: Vec<RoleName>,
}

#[derive(Deserialize)]
struct RoleName {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    given_name: Option<String>,
    family_name: Option<String>,
}

/// `POST /organizations/{id}/users`: invites.
pub(super) async fn create(
    State(environment): Shared,
    Path(org): Path<String>,
    body: Result<Json<NewUser>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(new) = body?;
    let organization = organization_of(&org)?;
    let role = match new.membership {
        Some(membership) if !membership.roles.is_empty() => role_of(&membership.roles)?,
        _ => Role::Member,
    };
    let name = new.user_profile.and_then(|profile| {
        let given_name = profile.given_name.filter(|name| !name.trim().is_empty())?;
        Some((given_name, profile.family_name.unwrap_or_default()))
    });
    let now = environment.now().unix_timestamp();
    let mut state = environment.state();
    let invited = state.directory.invite(&new.email, name, organization, role, now);
    let person = invited.map_err(|error| match error {
        AddressError::Member => ApiError::conflict("user is already a member of the organization"),
        _ => ApiError::invalid("email", "value must be a valid email address"),
    })?;
    let body = json!({ "user": json_of(&state, &person, Some(&org)) });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `PATCH /memberships/organizations/{org}/users/{id}`: other roles.
pub(super) async fn update(
    State(environment): Shared,
    Path((org, user)): Path<(String, String)>,
    body: Result<Json<NewMembership>, JsonRejection>,
) -> Answer {
    let Json(update) = body?;
    organization_of(&org)?;
    let role = role_of(&update.roles)?;
    let mut state = environment.state();
    let membership = state.directory.membership_mut(&user, &org).ok_or_else(missing)?;
    membership.role = role;
    let person = state.directory.by_id(&user).ok_or_else(missing)?;
    Ok(Json(json!({ "user": json_of(&state, person, Some(&org)) })))
}

/// `DELETE /memberships/organizations/{org}/users/{id}`. Their sessions in it end with their next refresh.
pub(super) async fn remove(State(environment): Shared, Path((org, user)): Path<(String, String)>) -> Answer {
    organization_of(&org)?;
    if environment.state().directory.remove_member(&user, &org) {
        Ok(Json(json!({})))
    } else {
        Err(missing())
    }
}

/// `PATCH /invites/organizations/{org}/users/{id}/resend`
pub(super) async fn resend(State(environment): Shared, Path((org, user)): Path<(String, String)>) -> Answer {
    organization_of(&org)?;
    let now = environment.now().unix_timestamp();
    let mut state = environment.state();
    let membership = state.directory.membership_mut(&user, &org).ok_or_else(missing)?;
    if membership.status != MembershipStatus::PendingInvite {
        return Err(ApiError::invalid(
            "id",
            "the invitation has been accepted already",
        ));
    }
    membership.resent = membership.resent.saturating_add(1);
    membership.since = now;
    Ok(Json(json!({
        "invite": {
            "organization_id": org,
            "user_id": user,
            "status": "pending_invite",
            "resent_count": membership.resent,
            "expires_at": timestamp(now + INVITATION_LIFETIME),
        }
    })))
}

/// Somebody has one role in an organization here.
fn role_of(roles: &[RoleName]) -> Result<Role, ApiError> {
    let [role] = roles else {
        return Err(ApiError::invalid("roles", "exactly one role is needed"));
    };
    Role::named(&role.name).ok_or_else(|| ApiError::invalid("roles", "there is no such role"))
}

fn missing() -> ApiError {
    ApiError::not_found("user is not a member of the organization")
}
