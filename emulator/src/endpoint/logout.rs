//! `/oidc/logout` and `/end_session`: the end of a session, asked for by the application (OIDC RP-Initiated Logout 1.0).
//!
//! Scalekit's SDKs and documentation use the first address, its discovery document names the second.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use url::Url;

use crate::{
    claims::HintClaims,
    cookie,
    environment::Environment,
    page,
    params::{self, Params},
};

/// Why nobody is signed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoutError {
    #[error("The request came as something else than a form.")]
    NotAForm,
    #[error("The parameter {0} came more than once.")]
    Repeated(String),
    #[error("The id_token_hint is not an ID token of this environment.")]
    Hint,
    #[error("The client_id does not belong to the id_token_hint.")]
    Client,
    #[error("The post_logout_redirect_uri {0} is not registered. It must equal a registered one exactly.")]
    Redirect(String),
}

impl IntoResponse for LogoutError {
    fn into_response(self) -> Response {
        page::message::bad_request("You are not signed out", &self.to_string()).into_response()
    }
}

/// The usual way: a navigation with parameters in the query.
pub(crate) async fn get(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, LogoutError> {
    answer(
        &environment,
        &headers,
        &Params::parse(query.unwrap_or_default().as_bytes()),
    )
}

/// Section 2 demands that a form works as well.
pub(crate) async fn post(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, LogoutError> {
    if !params::is_form(&headers) {
        return Err(LogoutError::NotAForm);
    }
    answer(&environment, &headers, &Params::parse(&body))
}

fn answer(environment: &Environment, headers: &HeaderMap, params: &Params) -> Result<Response, LogoutError> {
    if let Some(name) = params.repeated() {
        return Err(LogoutError::Repeated(name.to_owned()));
    }
    let now = environment.now();
    let mut state = environment.state();

    // Everything is checked before anything ends. An expired hint is good: people sign out late.
    let hint = params
        .get("id_token_hint")
        .map(|token| {
            let claims = state.keys.verify::<HintClaims>(token);
            claims
                .filter(|claims| claims.iss == environment.issuer)
                .ok_or(LogoutError::Hint)
        })
        .transpose()?;
    let client_id = params.get("client_id");
    if client_id
        .is_some_and(|id| id != environment.client.id || hint.as_ref().is_some_and(|hint| hint.azp != id))
    {
        return Err(LogoutError::Client);
    }
    let destination = params.get("post_logout_redirect_uri");
    // There is one application here, so its list counts even if neither hint nor client id names it.
    if let Some(uri) = destination.filter(|uri| !environment.client.may_return_after_logout_to(uri)) {
        return Err(LogoutError::Redirect(uri.to_owned()));
    }

    let browser_session = cookie::read(headers, cookie::SESSION).and_then(|cookie| {
        state
            .sessions
            .of_cookie(&cookie, now)
            .map(|(id, session)| (id, session.person_id.clone()))
    });
    if let Some(hint) = &hint {
        state.sessions.end(&hint.sid);
    }
    // The browser may have a later session of the same person; somebody else's is left alone.
    if let Some((id, person_id)) = browser_session
        && hint.as_ref().is_none_or(|hint| hint.sub == person_id)
    {
        state.sessions.end(&id);
    }
    let still_signed_in = cookie::read(headers, cookie::SESSION)
        .is_some_and(|cookie| state.sessions.of_cookie(&cookie, now).is_some());
    drop(state);

    let mut response = match destination {
        Some(uri) => (
            StatusCode::FOUND,
            [(header::LOCATION, with_state(uri, params.get("state")))],
        )
            .into_response(),
        None => page::message::signed_out().into_response(),
    };
    if !still_signed_in && let Some(value) = cookie::clear(cookie::SESSION) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// The address as it was registered, with the state added if there is one.
fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let Ok(mut url) = Url::parse(uri) else {
        return uri.to_owned();
    };
    url.query_pairs_mut().append_pair("state", state);
    url.into()
}
