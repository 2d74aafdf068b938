//! How long an organization's sessions may live. It can only be stricter than the application.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Shared, error::ApiError, organization_of, tenant::Policy};

/// `GET /organizations/{org}/session-policy`
pub(super) async fn get(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let state = environment.state();
    let tenant = state.tenants.get(&org).ok_or_else(missing)?;
    Ok(Json(json!({ "policy": json_of(&tenant.policy) })))
}

#[derive(Deserialize)]
pub(super) struct Update {
    policy_source: String,
    absolute_session_timeout: Option<u32>,
    absolute_session_timeout_unit: Option<String>,
    idle_session_timeout: Option<u32>,
    idle_session_timeout_unit: Option<String>,
    idle_session_timeout_enabled: Option<bool>,
}

/// `PATCH /organizations/{org}/session-policy`. Units are in capitals here, and in small letters in answers.
pub(super) async fn update(
    State(environment): Shared,
    Path(org): Path<String>,
    body: Result<Json<Update>, JsonRejection>,
) -> Answer {
    let Json(update) = body?;
    organization_of(&org)?;
    let mut state = environment.state();
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    tenant.policy = match update.policy_source.as_str() {
        "APPLICATION" => Policy::APPLICATION,
        "CUSTOM" => custom(&tenant.policy, &update)?,
        _ => return Err(ApiError::invalid("policy_source", "APPLICATION or CUSTOM")),
    };
    Ok(Json(json!({ "policy": json_of(&tenant.policy) })))
}

fn custom(old: &Policy, update: &Update) -> Result<Policy, ApiError> {
    let absolute = minutes(
        update.absolute_session_timeout,
        update.absolute_session_timeout_unit.as_deref(),
    )?;
    let idle = minutes(
        update.idle_session_timeout,
        update.idle_session_timeout_unit.as_deref(),
    )?;
    let policy = Policy {
        is_custom: true,
        absolute_minutes: absolute.unwrap_or(old.absolute_minutes),
        idle_minutes: idle.unwrap_or(old.idle_minutes),
        idle_enabled: update.idle_session_timeout_enabled.unwrap_or(old.idle_enabled),
    };
    if policy.absolute_minutes > Policy::APPLICATION.absolute_minutes {
        let message = "must not be longer than the application's";
        return Err(ApiError::invalid("absolute_session_timeout", message));
    }
    if policy.idle_enabled && policy.idle_minutes >= policy.absolute_minutes {
        let message = "must be shorter than the absolute timeout";
        return Err(ApiError::invalid("idle_session_timeout", message));
    }
    // The access token's life must be shorter still.
    if policy.absolute_minutes < 10 || (policy.idle_enabled && policy.idle_minutes <= 5) {
        let message = "must be longer than the access token lives";
        return Err(ApiError::invalid("idle_session_timeout", message));
    }
    Ok(policy)
}

fn minutes(value: Option<u32>, unit: Option<&str>) -> Result<Option<u32>, ApiError> {
    let Some(value) = value else { return Ok(None) };
    let factor = match unit.unwrap_or("MINUTES") {
        "MINUTES" => 1,
        "HOURS" => 60,
        "DAYS" => 24 * 60,
        _ => return Err(ApiError::invalid("unit", "MINUTES, HOURS or DAYS")),
    };
    Ok(Some(value.saturating_mul(factor)))
}

fn json_of(policy: &Policy) -> Value {
    json!({
        "policy_source": if policy.is_custom { "CUSTOM" } else { "APPLICATION" },
        "absolute_session_timeout": policy.absolute_minutes,
        "absolute_session_timeout_unit": "minutes",
        "idle_session_timeout": policy.idle_minutes,
        "idle_session_timeout_unit": "minutes",
        "idle_session_timeout_enabled": policy.idle_enabled,
    })
}

fn missing() -> ApiError {
    ApiError::not_found("organization not found")
}
