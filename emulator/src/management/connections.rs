//! Single sign-on connections.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Shared,
    error::ApiError,
    organization_of, split_switch,
    tenant::{Connection, Tenant},
};

#[derive(Deserialize)]
pub(super) struct Filter {
    organization_id: Option<String>,
}

/// `GET /connections?organization_id=`
pub(super) async fn list(State(environment): Shared, Query(filter): Query<Filter>) -> Answer {
    if let Some(org) = &filter.organization_id {
        organization_of(org)?;
    }
    let state = environment.state();
    let wanted = |tenant: &&Tenant| {
        filter
            .organization_id
            .as_deref()
            .is_none_or(|org| tenant.id == org)
    };
    let connections: Vec<_> = state
        .tenants
        .all()
        .filter(wanted)
        .flat_map(|tenant| {
            tenant
                .connections
                .iter()
                .map(|connection| json_of(tenant, connection))
        })
        .collect();
    Ok(Json(json!({ "connections": connections })))
}

/// `GET /organizations/{org}/connections/{id}`
pub(super) async fn get(
    State(environment): Shared,
    Path((org, connection)): Path<(String, String)>,
) -> Answer {
    let state = environment.state();
    let tenant = state.tenants.get(&org).ok_or_else(missing)?;
    let found = tenant.connections.iter().find(|it| it.id == connection);
    Ok(Json(
        json!({ "connection": json_of(tenant, found.ok_or_else(missing)?) }),
    ))
}

/// `PATCH /organizations/{org}/connections/{id}:enable` and `:disable`
pub(super) async fn switch(
    State(environment): Shared,
    Path((org, segment)): Path<(String, String)>,
) -> Answer {
    let (id, enable) = split_switch(&segment)?;
    let mut state = environment.state();
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    let connection = tenant.connections.iter_mut().find(|it| it.id == id);
    let connection = connection.ok_or_else(missing)?;
    // One that is not set up would lock its people out.
    if enable && connection.status != "COMPLETED" {
        return Err(ApiError::invalid("id", "the connection is not completed yet"));
    }
    connection.enabled = enable;
    Ok(Json(
        json!({ "enabled": connection.enabled, "error_message": "" }),
    ))
}

fn json_of(tenant: &Tenant, connection: &Connection) -> Value {
    json!({
        "id": connection.id,
        "organization_id": tenant.id,
        "organization_name": tenant.display_name,
        "provider": connection.provider,
        "type": connection.kind,
        "status": connection.status,
        "enabled": connection.enabled,
        "domains": connection.domains,
    })
}

fn missing() -> ApiError {
    ApiError::not_found("connection not found")
}
