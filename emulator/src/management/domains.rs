//! The domains of an organization's people.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Shared,
    error::ApiError,
    organization_of,
    tenant::{Domain, Tenant},
    timestamp,
};
use crate::random;

const KINDS: [&str; 2] = ["ORGANIZATION_DOMAIN", "ALLOWED_EMAIL_DOMAIN"];
/// Mail providers that anybody has an address of.
const PUBLIC: [&str; 4] = ["gmail.com", "outlook.com", "proton.me", "yahoo.com"];
const MOST: usize = 100;

/// `GET /organizations/{org}/domains`
pub(super) async fn list(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let state = environment.state();
    let tenant = state.tenants.get(&org).ok_or_else(missing)?;
    let domains: Vec<_> = tenant
        .domains
        .iter()
        .map(|domain| json_of(&org, domain))
        .collect();
    Ok(Json(
        json!({ "page_size": domains.len(), "page_number": 1, "domains": domains }),
    ))
}

#[derive(Deserialize)]
pub(super) struct NewDomain {
    domain: String,
    domain_type: Option<String>,
}

/// `POST /organizations/{org}/domains`
pub(super) async fn create(
    State(environment): Shared,
    Path(org): Path<String>,
    body: Result<Json<NewDomain>, JsonRejection>,
) -> Answer {
    let Json(new) = body?;
    organization_of(&org)?;
    let name = new.domain.trim().to_lowercase();
    let kind = new
        .domain_type
        .unwrap_or_else(|| "ORGANIZATION_DOMAIN".to_owned());
    if !is_domain(&name) || !KINDS.contains(&kind.as_str()) {
        return Err(ApiError::invalid("domain", "value must be a valid domain"));
    }
    if PUBLIC.contains(&name.as_str()) {
        return Err(ApiError::invalid("domain", "public domains are not allowed"));
    }
    let now = environment.now().unix_timestamp();
    let mut state = environment.state();
    let is_taken = |tenant: &Tenant| tenant.domains.iter().any(|domain| domain.name == name);
    if state.tenants.all().any(is_taken) {
        return Err(ApiError::conflict("domain already exists"));
    }
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    if tenant.domains.len() >= MOST {
        return Err(ApiError::invalid("domain", "too many domains"));
    }
    let domain = Domain {
        id: random::id("dom_"),
        name,
        kind,
        status: "PENDING",
        created_at: now,
    };
    let shown = json_of(&org, &domain);
    tenant.domains.push(domain);
    Ok(Json(json!({ "domain": shown })))
}

/// `DELETE /organizations/{org}/domains/{id}`
pub(super) async fn remove(
    State(environment): Shared,
    Path((org, domain)): Path<(String, String)>,
) -> Answer {
    let mut state = environment.state();
    let tenant = state.tenants.get_mut(&org).ok_or_else(missing)?;
    let before = tenant.domains.len();
    tenant.domains.retain(|it| it.id != domain);
    if tenant.domains.len() == before {
        return Err(missing());
    }
    Ok(Json(json!({})))
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<_> = text.split('.').collect();
    text.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn json_of(org: &str, domain: &Domain) -> Value {
    json!({
        "id": domain.id,
        "domain": domain.name,
        "organization_id": org,
        "domain_type": domain.kind,
        "verification_status": domain.status,
        "verification_method": "DNS",
        "create_time": timestamp(domain.created_at),
        "update_time": timestamp(domain.created_at),
    })
}

fn missing() -> ApiError {
    ApiError::not_found("domain not found")
}
