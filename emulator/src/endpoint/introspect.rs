//! `/oauth/introspect`: whether a token still counts (RFC 7662).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::token::{TokenError, presented, usable, with_token_headers};
use crate::{
    environment::Environment,
    store::{State as Memory, grant::Grant},
};

/// `POST /oauth/introspect`.
pub(crate) async fn post(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenError> {
    let token = presented(&environment, &headers, &body)?;
    let token = token.as_str();
    let now = environment.now();
    let state = environment.state();

    // RFC 7662 section 2.2: about a token that does not count, nothing more is said.
    let answer = if let Some((_, mut claims)) = active_grant(&state, &environment.issuer, token, now) {
        claims.insert("active".to_owned(), true.into());
        claims.insert("token_type".to_owned(), "Bearer".into());
        Value::Object(claims)
    } else if let Some(token) = state.grants.refresh_tokens.get(token, now)
        && token.first_use.is_none()
        && usable(&state, &token.grant, now)
    {
        json!({
            "active": true,
            "token_type": "refresh_token",
            "sub": token.grant.person_id,
            "sid": token.grant.session_id,
            "scope": token.grant.scope.to_string(),
            "client_id": environment.client.id,
        })
    } else {
        json!({ "active": false })
    };
    Ok(with_token_headers(Json(answer).into_response()))
}

/// What an access token stands for, and its claims, if it was issued here for a person, has not expired, and was not
/// revoked.
pub(crate) fn active_grant(
    state: &Memory,
    issuer: &str,
    token: &str,
    now: OffsetDateTime,
) -> Option<(Arc<Grant>, Map<String, Value>)> {
    let claims: Map<String, Value> = state.keys.verify(token)?;
    let alive = claims.get("exp")?.as_i64()? > now.unix_timestamp() && claims.get("iss")? == issuer;
    let grant = state
        .grants
        .access_tokens
        .get(claims.get("jti")?.as_str()?, now)?;
    (alive && usable(state, grant, now)).then(|| (Arc::clone(grant), claims))
}
