//! Directories: where people and groups are synchronized from (SCIM).

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use super::{
    Answer, Paged, Shared,
    error::ApiError,
    organization_of, split_switch,
    tenant::{Directory, Tenants},
    timestamp,
};

/// `GET /organizations/{org}/directories`
pub(super) async fn list(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let state = environment.state();
    let tenant = state.tenants.get(&org).ok_or_else(missing)?;
    let directories: Vec<_> = tenant.directories.iter().map(|it| json_of(&org, it)).collect();
    Ok(Json(json!({ "directories": directories })))
}

/// `GET /organizations/{org}/directories/{id}`
pub(super) async fn get(
    State(environment): Shared,
    Path((org, directory)): Path<(String, String)>,
) -> Answer {
    let state = environment.state();
    let directory = find(&state.tenants, &org, &directory)?;
    Ok(Json(json!({ "directory": json_of(&org, directory) })))
}

/// `PATCH /organizations/{org}/directories/{id}:enable` and `:disable`
pub(super) async fn switch(
    State(environment): Shared,
    Path((org, segment)): Path<(String, String)>,
) -> Answer {
    let (id, enable) = split_switch(&segment)?;
    let mut state = environment.state();
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    let directory = tenant.directories.iter_mut().find(|it| it.id == id);
    let directory = directory.ok_or_else(missing)?;
    directory.enabled = enable;
    Ok(Json(json!({ "enabled": directory.enabled, "error_message": "" })))
}

/// `GET /organizations/{org}/directories/{id}/users`
pub(super) async fn users(
    State(environment): Shared,
    Path((org, directory)): Path<(String, String)>,
    Query(paging): Paged,
) -> Answer {
    let state = environment.state();
    let directory = find(&state.tenants, &org, &directory)?;
    let users = directory
        .users
        .iter()
        .zip(1..)
        .map(|((given_name, family_name), number): (_, u32)| {
            json!({
                "id": format!("diruser_{number:06}"),
                "email": format!("{}@acme.example", given_name.to_lowercase()),
                "given_name": given_name,
                "family_name": family_name,
                "updated_at": timestamp(directory.last_synced_at),
            })
        });
    let page = paging.slice(users.collect())?;
    Ok(page.json("users"))
}

/// `GET /organizations/{org}/directories/{id}/groups`
pub(super) async fn groups(
    State(environment): Shared,
    Path((org, directory)): Path<(String, String)>,
    Query(paging): Paged,
) -> Answer {
    let state = environment.state();
    let directory = find(&state.tenants, &org, &directory)?;
    let groups = directory
        .groups
        .iter()
        .zip(1..)
        .map(|((name, users), number): (_, u32)| {
            json!({
                "id": format!("dirgroup_{number:06}"),
                "display_name": name,
                "total_users": users,
                "updated_at": timestamp(directory.last_synced_at),
            })
        });
    let page = paging.slice(groups.collect())?;
    Ok(page.json("groups"))
}

fn find<'a>(tenants: &'a Tenants, org: &str, id: &str) -> Result<&'a Directory, ApiError> {
    let tenant = tenants.get(org).ok_or_else(missing)?;
    tenant
        .directories
        .iter()
        .find(|it| it.id == id)
        .ok_or_else(missing)
}

fn json_of(org: &str, directory: &Directory) -> Value {
    json!({
        "id": directory.id,
        "name": directory.name,
        "organization_id": org,
        "directory_type": "SCIM",
        "directory_provider": directory.provider,
        "status": "COMPLETED",
        "enabled": directory.enabled,
        "last_synced_at": timestamp(directory.last_synced_at),
        "total_users": directory.users.len(),
        "total_groups": directory.groups.len(),
    })
}

fn missing() -> ApiError {
    ApiError::not_found("directory not found")
}
