//! The roles of an organization, with their own permissions and what they build on.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::json;

use super::{Answer, Shared, organization_of};
use crate::people::Role;

/// `GET /organizations/{org}/roles`
pub(super) async fn list(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let state = environment.state();
    let roles: Vec<_> = Role::ALL
        .into_iter()
        .map(|role| {
            let permissions: Vec<_> = role
                .own_permissions()
                .map(|name| json!({ "name": name, "role_name": role.name() }))
                .collect();
            let dependents = Role::ALL
                .into_iter()
                .filter(|other| other.extends() == Some(role));
            let holders = state
                .directory
                .members(&org)
                .filter(|(_, place)| place.role == role);
            json!({
                "id": format!("role_{}", role.name()),
                "name": role.name(),
                "display_name": role.display_name(),
                "description": role.description(),
                "extends": role.extends().map_or("", Role::name),
                "permissions": permissions,
                "is_org_role": false,
                "default_creator": role == Role::Admin,
                "default_member": role == Role::Member,
                "dependent_roles_count": dependents.count(),
                "users_count": holders.count(),
            })
        })
        .collect();
    Ok(Json(json!({ "roles": roles })))
}
