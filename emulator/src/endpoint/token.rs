//! `/oauth/token`: codes, refresh tokens and client credentials become tokens (RFC 6749 sections 4.1.3, 4.4 and 6).

mod issue;

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use issue::{Occasion, Tokens};
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    claims::code_challenge,
    client::ClientAuthError,
    environment::Environment,
    fault::Delivery,
    keys::KeyError,
    params::{self, Params},
    store::{
        State as Memory,
        grant::{FirstUse, Grant, Scope},
        refreshes::Replay,
    },
};

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the body must be application/x-www-form-urlencoded")]
    NotAForm,
    #[error("the parameter {0} came more than once")]
    Repeated(String),
    #[error("{0} missing")]
    Missing(&'static str),
    #[error("grant_type \"{0}\" is not supported")]
    UnsupportedGrant(String),
    #[error(transparent)]
    Client(#[from] ClientAuthError),
    #[error("{0}")]
    Grant(&'static str),
    #[error("the scope goes beyond what was granted")]
    Scope,
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl TokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAForm
            | Self::Repeated(_)
            | Self::Missing(_)
            | Self::Client(ClientAuthError::TwoMethods) => "invalid_request",
            Self::UnsupportedGrant(_) => "unsupported_grant_type",
            Self::Client(ClientAuthError::Invalid { .. }) => "invalid_client",
            Self::Grant(_) => "invalid_grant",
            Self::Scope => "invalid_scope",
            Self::Key(_) => "server_error",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Client(ClientAuthError::Invalid { .. }) => StatusCode::UNAUTHORIZED,
            Self::Key(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code(), "error_description": self.to_string() });
        let mut response = (self.status(), Json(body)).into_response();
        if self == Self::Client(ClientAuthError::Invalid { basic: true }) {
            let scheme = HeaderValue::from_static("Basic realm=\"Scalekit emulator\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        with_token_headers(response)
    }
}

/// The headers of a recorded answer of a real environment.
pub(crate) fn with_token_headers(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 4] = [
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store, must-revalidate"),
        ),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        // Without effect over plain HTTP (RFC 6797 section 8.1); here because clients may look.
        (
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("()"),
        ),
    ];
    response.headers_mut().extend(HEADERS);
    response
}

/// The token that an authenticated application asks about in a form: what introspection (RFC 7662 section 2.1) and
/// revocation (RFC 7009 section 2.1) have in common.
pub(super) fn presented(
    environment: &Environment,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<String, TokenError> {
    if !params::is_form(headers) {
        return Err(TokenError::NotAForm);
    }
    let params = Params::parse(body);
    environment.client.authenticate(headers, &params)?;
    let token = params.get("token").ok_or(TokenError::Missing("token"))?;
    Ok(token.to_owned())
}

/// `POST /oauth/token`.
pub(crate) async fn post(
    State(environment): State<Arc<Environment>>,
    Extension(answer): Extension<Delivery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenError> {
    if !params::is_form(&headers) {
        return Err(TokenError::NotAForm);
    }
    let params = Params::parse(&body);
    if let Some(name) = params.repeated() {
        return Err(TokenError::Repeated(name.to_owned()));
    }
    let grant_type = params
        .get("grant_type")
        .ok_or(TokenError::Missing("grant_type"))?;
    environment.state().requests.count_grant(match grant_type {
        "authorization_code" => "authorization_code",
        "refresh_token" => "refresh_token",
        "client_credentials" => "client_credentials",
        _ => "unsupported",
    });
    environment.client.authenticate(&headers, &params)?;
    let tokens = match grant_type {
        "authorization_code" => exchange(&environment, &params)?,
        "refresh_token" => refresh(&environment, &params, answer)?,
        "client_credentials" => issue::client_tokens(&environment, params.get("scope"))?,
        other => return Err(TokenError::UnsupportedGrant(other.to_owned())),
    };
    Ok(with_token_headers(Json(tokens).into_response()))
}

/// A code, for the first and only time.
fn exchange(environment: &Environment, params: &Params) -> Result<Tokens, TokenError> {
    let name = params.get("code").ok_or(TokenError::Missing("code"))?;
    let now = environment.now();
    let mut state = environment.state();
    let code = state
        .grants
        .codes
        .get_mut(name, now)
        .ok_or(TokenError::Grant("invalid code"))?;
    if code.used {
        // RFC 6749 section 4.1.2: whoever comes second may have stolen it, and so may whoever came first.
        code.grant.revoke();
        return Err(TokenError::Grant("the code was used before"));
    }
    if params.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(TokenError::Grant("redirect_uri does not correspond"));
    }
    match (&code.challenge, params.get("code_verifier")) {
        (None, None) => {}
        (Some(_), None) => return Err(TokenError::Grant("code_verifier required")),
        (None, Some(_)) => return Err(TokenError::Grant("code_verifier unexpectedly provided")),
        (Some(challenge), Some(verifier)) if code_challenge(verifier) == *challenge => {}
        (Some(_), Some(_)) => return Err(TokenError::Grant("invalid code_verifier")),
    }
    code.used = true;
    let grant = Arc::clone(&code.grant);
    let nonce = code.nonce.clone();
    let prepared = issue::prepare(&mut state, &grant, &grant.scope, now)
        .ok_or(TokenError::Grant("the session has ended"))?;
    drop(state);
    issue::user_tokens(environment, prepared, Occasion::Exchange { code: name, nonce })
}

/// A refresh token, which is replaced by a new one each time.
fn refresh(environment: &Environment, params: &Params, answer: Delivery) -> Result<Tokens, TokenError> {
    const INVALID: TokenError = TokenError::Grant("invalid refresh_token");
    let name = params
        .get("refresh_token")
        .ok_or(TokenError::Missing("refresh_token"))?;
    let now = environment.now();
    let mut state = environment.state();
    if std::mem::take(&mut state.settings.refuse_next_refresh) {
        return Err(INVALID);
    }
    let grace = state.settings.refresh_grace;
    let token = state.grants.refresh_tokens.get(name, now).ok_or(INVALID)?;
    let grant = Arc::clone(&token.grant);
    if let Some(first) = token.first_use.clone() {
        let forgiven = now - first.at < grace;
        state.refreshes.replayed(Replay {
            sid: grant.session_id.clone(),
            first_used_at: first.at,
            used_at: now,
            forgiven,
            unanswered: !first.answer.is_done(),
        });
        if !forgiven {
            // Somebody else may have the successor, so the whole family ends (RFC 9700 section 4.14.2).
            grant.revoke();
            return Err(INVALID);
        }
    }
    let scope = match params.get("scope") {
        Some(text) => Scope::parse(text),
        None => grant.scope.clone(),
    };
    if !scope.is_within(&grant.scope) {
        return Err(TokenError::Scope);
    }
    if !usable(&state, &grant, now) {
        return Err(INVALID);
    }
    // Within the grace period the first use counts, or a client could stretch it for ever.
    if let Some(token) = state.grants.refresh_tokens.get_mut(name, now) {
        token.first_use.get_or_insert(FirstUse { at: now, answer });
    }
    state.sessions.touch(&grant.session_id, now);
    let prepared = issue::prepare(&mut state, &grant, &scope, now).ok_or(INVALID)?;
    drop(state);
    issue::user_tokens(environment, prepared, Occasion::Refresh)
}

/// Whether a grant still stands: not revoked, its session alive.
pub(crate) fn usable(state: &Memory, grant: &Grant, now: OffsetDateTime) -> bool {
    !grant.is_revoked() && state.sessions.alive(&grant.session_id, now).is_some()
}
