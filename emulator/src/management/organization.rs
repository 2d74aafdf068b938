//! An organization's profile and features.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Answer, Shared,
    error::ApiError,
    organization_of,
    tenant::{FEATURES, Tenant},
};

/// `GET /organizations/{id}`
pub(super) async fn get(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let state = environment.state();
    let tenant = state.tenants.get(&org).ok_or_else(missing)?;
    Ok(Json(json!({ "organization": tenant.json() })))
}

#[derive(Deserialize)]
pub(super) struct Update {
    display_name: Option<String>,
    slug: Option<String>,
    external_id: Option<String>,
    logo_url: Option<String>,
}

/// `PATCH /organizations/{id}`: what is not named stays.
pub(super) async fn update(
    State(environment): Shared,
    Path(org): Path<String>,
    body: Result<Json<Update>, JsonRejection>,
) -> Answer {
    let Json(update) = body?;
    organization_of(&org)?;
    let now = environment.now().unix_timestamp();
    let mut state = environment.state();
    let name = update.display_name.as_deref().map(str::trim);
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > 100) {
        return Err(ApiError::invalid("display_name", "must have 1 to 100 characters"));
    }
    let slug = update.slug.as_deref();
    if slug.is_some_and(|slug| !is_slug(slug)) {
        return Err(ApiError::invalid(
            "slug",
            "must be lower-case letters, digits and hyphens",
        ));
    }
    let is_taken = |tenant: &Tenant| tenant.id != org && slug.is_some_and(|slug| tenant.slug == slug);
    if state.tenants.all().any(is_taken) {
        return Err(ApiError::conflict("slug is taken"));
    }
    let logo_url = update.logo_url.as_deref();
    if logo_url.is_some_and(|url| !url.is_empty() && !url.starts_with("https://")) {
        return Err(ApiError::invalid("logo_url", "must be an https address"));
    }
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    if let Some(name) = name {
        name.clone_into(&mut tenant.display_name);
    }
    if let Some(slug) = slug {
        slug.clone_into(&mut tenant.slug);
    }
    if let Some(external_id) = update.external_id {
        tenant.external_id = external_id;
    }
    if let Some(logo_url) = update.logo_url {
        tenant.logo_url = logo_url;
    }
    tenant.updated_at = now;
    Ok(Json(json!({ "organization": tenant.json() })))
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[derive(Deserialize)]
pub(super) struct Features {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    name: String,
    enabled: bool,
}

/// `PATCH /organizations/{id}/settings`: features on and off.
pub(super) async fn set_features(
    State(environment): Shared,
    Path(org): Path<String>,
    body: Result<Json<Features>, JsonRejection>,
) -> Answer {
    let Json(update) = body?;
    organization_of(&org)?;
    let now = environment.now().unix_timestamp();
    let mut state = environment.state();
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    for feature in update.features {
        // Both names are in use.
        let name = match feature.name.as_str() {
            "directory_sync" => "dir_sync",
            other => other,
        };
        let known = FEATURES.into_iter().find(|known| *known == name);
        let known = known.ok_or_else(|| ApiError::invalid("features", "unknown feature"))?;
        tenant.features.insert(known, feature.enabled);
    }
    tenant.updated_at = now;
    Ok(Json(json!({ "organization": tenant.json() })))
}

fn missing() -> ApiError {
    ApiError::not_found("organization not found")
}
