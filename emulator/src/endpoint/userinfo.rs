//! `/userinfo`: who an access token stands for (OIDC Core 5.3).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::introspect::active_grant;
use crate::{claims::PersonClaims, environment::Environment};

/// Why nobody is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UserInfoError {
    #[error("access token missing")]
    Missing,
    #[error("access token invalid")]
    Invalid,
}

impl IntoResponse for UserInfoError {
    fn into_response(self) -> Response {
        // RFC 6750 section 3.1: a request without a token is not told what would be wrong with one.
        let challenge = match self {
            Self::Missing => "Bearer",
            Self::Invalid => "Bearer error=\"invalid_token\"",
        };
        (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
            self.to_string(),
        )
            .into_response()
    }
}

#[derive(Serialize)]
struct UserInfo<'a> {
    sub: &'a str,
    oid: &'a str,
    #[serde(flatten)]
    person: PersonClaims<'a>,
}

/// `GET` and `POST`, with the token in the `Authorization` header.
pub(crate) async fn userinfo(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
) -> Result<Response, UserInfoError> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(UserInfoError::Missing)?;
    let now = environment.now();
    let state = environment.state();
    let (grant, _) = active_grant(&state, &environment.issuer, token, now).ok_or(UserInfoError::Invalid)?;
    let person = state
        .directory
        .by_id(&grant.person_id)
        .ok_or(UserInfoError::Invalid)?;
    let info = UserInfo {
        sub: &person.id,
        oid: &grant.organization_id,
        person: PersonClaims::new(person, &grant.scope),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(info)).into_response())
}
