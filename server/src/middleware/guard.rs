//! Decides, before anything renders, who may see what (promise 17): a refused request's answer contains nothing
//! protected.

use std::sync::Arc;

use app::{
    context::Principal,
    problem::{Problem, ProblemKind},
    routes,
};
use auth::{
    guard::{Access, Refusal, wants_json},
    local_path::LocalPath,
    session::{SessionError, SignedIn},
};
use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use serde_json::json;
use tower_cookies::Cookies;
use tower_sessions::Session;
use url::form_urlencoded;

use super::reference::Reference;
use crate::{
    routes::{logout, page},
    state::AppState,
};

/// Finds out who is signed in, tells everybody behind it, and lets pass who may.
pub async fn guard(
    State(state): State<AppState>,
    session: Session,
    cookies: Cookies,
    Extension(reference): Extension<Reference>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    if is_speculative(&request) && changes_something(&path) {
        // No success: browsers would keep that for when the person really comes (RFC 8470 §5.2 has the status).
        return StatusCode::TOO_EARLY.into_response();
    }
    // HEAD must change nothing, and these do nothing else (RFC 9110 §9.2.1): link checkers send it.
    if request.method() == Method::HEAD && changes_something(&path) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    }

    let access = Access::from(routes::demand(&path));
    let had_session = session.id().is_some();
    let principal = match principal(&session).await {
        Ok(principal) => principal,
        Err(error) if access != Access::Anyone => {
            let problem = Problem::new(ProblemKind::StoreUnavailable, reference.0);
            problem.log(&auth::error_chain(&error));
            if wants_json(request.headers()) {
                let body = json!({ "error": "session_store_unavailable", "reference": problem.reference });
                return (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response();
            }
            return page::problem(&state, problem, request).await;
        }
        // Pages that are open to all stay open.
        Err(error) => {
            tracing::warn!(%error, "the session cannot be read; going on as nobody");
            None
        }
    };
    let https = state.services.client.settings().is_https();
    if request.method() != Method::HEAD
        && let Some(elsewhere) = elsewhere(&path, request.uri().query(), principal.is_some(), &cookies, https)
    {
        return elsewhere;
    }
    let verdict = access.check(principal.as_deref());
    let principal = Principal(principal);
    request.extensions_mut().insert(principal.clone());
    match verdict {
        Ok(()) => {
            let mut response = next.run(request).await;
            // For the page that an error without one gets.
            response.extensions_mut().insert(principal);
            response
        }
        Err(Refusal::NotSignedIn) if wants_json(request.headers()) => (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": "not_signed_in" })),
        )
            .into_response(),
        Err(Refusal::NotSignedIn) => to_login(&request, had_session),
        Err(Refusal::Forbidden(permission)) => {
            let problem = Problem::new(ProblemKind::Forbidden, reference.0);
            problem.log(permission);
            if wants_json(request.headers()) {
                let body = json!({ "error": "forbidden", "permission": permission });
                return (StatusCode::FORBIDDEN, Json(body)).into_response();
            }
            page::problem(&state, problem, request).await
        }
    }
}

async fn principal(session: &Session) -> Result<Option<Arc<SignedIn>>, SessionError> {
    if session.id().is_none() {
        return Ok(None);
    }
    Ok(SignedIn::load(session).await?.map(Arc::new))
}

/// Where people go instead of a page that is not for them as they are: signed in, or just signed out.
fn elsewhere(
    path: &str,
    query: Option<&str>,
    signed_in: bool,
    cookies: &Cookies,
    https: bool,
) -> Option<Response> {
    match path {
        routes::LANDING if signed_in => Some(Redirect::to(routes::DASHBOARD).into_response()),
        routes::LANDING if logout::take_signed_out(cookies, https) => {
            Some(Redirect::to(routes::SIGNED_OUT).into_response())
        }
        routes::LOGIN if signed_in => {
            let next = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .find(|(name, _)| name == "next")
                .map(|(_, next)| next.into_owned());
            Some(Redirect::to(LocalPath::parse_or_dashboard(next.as_deref()).as_str()).into_response())
        }
        _ => None,
    }
}

/// To the sign-in page, which leads back here afterwards (W11).
fn to_login(request: &Request, had_session: bool) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("reason", if had_session { "expired" } else { "required" });
    // Only what can be asked for again by following a link is worth coming back to.
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(target) = request.uri().path_and_query()
        && let Ok(next) = LocalPath::parse(target.as_str())
    {
        query.append_pair("next", next.as_str());
    }
    Redirect::to(&format!("{}?{}", routes::LOGIN, query.finish())).into_response()
}

/// Whether the browser only guesses that the person will come here (Fetch §2.2.5, `Sec-Purpose`).
fn is_speculative(request: &Request) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        request.headers().get(*name).is_some_and(|value| {
            let purpose = value.as_bytes().to_ascii_lowercase();
            purpose
                .windows(8)
                .any(|window| window == b"prefetch" || window == b"prerende")
        })
    })
}

fn changes_something(path: &str) -> bool {
    matches!(path, routes::START | routes::CALLBACK | routes::LOGOUT)
}
