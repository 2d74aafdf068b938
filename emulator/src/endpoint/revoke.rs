//! `/revoke`: the application gives a token back (RFC 7009).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{
    introspect::active_grant,
    token::{TokenError, presented, with_token_headers},
};
use crate::environment::Environment;

/// `POST /revoke`. An unknown token is as good as a revoked one (section 2.2), so that the answer is always 200.
pub(crate) async fn post(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenError> {
    let token = presented(&environment, &headers, &body)?;
    let token = token.as_str();
    let now = environment.now();
    let state = environment.state();
    // Either kind of token takes the whole grant with it (section 2.1).
    if let Some(token) = state.grants.refresh_tokens.get(token, now) {
        token.grant.revoke();
    } else if let Some((grant, _)) = active_grant(&state, &environment.issuer, token, now) {
        grant.revoke();
    }
    Ok(with_token_headers(().into_response()))
}
