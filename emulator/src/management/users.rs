//! People across organizations.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Answer, Shared, error::ApiError, timestamp};
use crate::{
    people::{FOUNDED, Person},
    store::State as Memory,
};

/// `GET /users/{id}`: with all memberships.
pub(super) async fn get(State(environment): Shared, Path(user): Path<String>) -> Answer {
    let state = environment.state();
    let person = state.directory.by_id(&user);
    let person = person.ok_or_else(|| ApiError::not_found("user not found"))?;
    Ok(Json(json!({ "user": json_of(&state, person, None) })))
}

/// As the API shows somebody: with the membership in one organization, or with all.
pub(super) fn json_of(state: &Memory, person: &Person, only: Option<&str>) -> Value {
    let memberships: Vec<_> = person
        .memberships
        .iter()
        .filter(|membership| only.is_none_or(|only| membership.organization.id == only))
        .map(|membership| {
            let tenant = state.tenants.get(membership.organization.id);
            json!({
                "organization_id": membership.organization.id,
                "membership_status": membership.status,
                "roles": [{
                    "id": format!("role_{}", membership.role.name()),
                    "name": membership.role.name(),
                    "display_name": membership.role.display_name(),
                }],
                "permissions": membership.role.permissions(),
                "name": tenant.map(|tenant| &tenant.slug),
                "display_name": tenant.map(|tenant| &tenant.display_name),
                "join_time": timestamp(membership.since),
            })
        })
        .collect();
    json!({
        "id": person.id,
        "email": person.email,
        "external_id": "",
        "create_time": timestamp(FOUNDED),
        "update_time": timestamp(FOUNDED),
        "last_login_time": person.last_sign_in.map(timestamp),
        "metadata": {},
        "memberships": memberships,
        "user_profile": {
            "name": person.name(),
            "given_name": person.given_name,
            "family_name": person.family_name,
        },
    })
}
