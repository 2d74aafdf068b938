//! Decides, before anything renders, who may see what (promise 17): a refused request's answer contains nothing
//! protected.

use std::sync::Arc;

use app::{
    context::Principal,
    denial::Denial,
    load::load,
    problem::{Problem, ProblemKind},
    routes,
};
use auth::{
    guard::{Access, Refusal, wants_json},
    local_path::LocalPath,
    refresh::{Current, RefreshFault},
    session::{Ending, cookie_name},
    store::StoreError,
    vault::OpenSession,
};
use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
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

    if routes::is_function(&path) && request.method() != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }

    let access = Access::from(routes::demand(&path));
    let https = state.services.client.settings().is_https();
    if session.id().is_none() && cookies.get(cookie_name(https)).is_some() {
        state.tell_strange_cookie();
    }
    let visitor = match visitor(&state, &session, &path).await {
        Ok(visitor) => visitor,
        Err(error) if access != Access::Anyone => {
            let problem = Problem::new(ProblemKind::StoreUnavailable, reference.0);
            problem.log(&auth::error_chain(&error));
            return unavailable(&state, problem, request).await;
        }
        // Pages that are open to all stay open.
        Err(error) => {
            tracing::warn!(%error, "the session cannot be read; going on as nobody");
            Visitor::Nobody(None)
        }
    };
    let (principal, ending) = match visitor {
        Visitor::SignedIn(session) => (Some(session), None),
        Visitor::Nobody(ending) => (None, ending),
        // Told to the log where the exchange failed, once for all who waited for it.
        Visitor::Stuck(fault) => {
            let problem = Problem::from_refresh(&fault, &reference, is_repeatable(&request));
            return unavailable(&state, problem, request).await;
        }
    };
    if request.method() == Method::GET
        && let Some(elsewhere) = elsewhere(&path, request.uri().query(), principal.is_some(), &cookies, https)
    {
        return elsewhere;
    }
    let now = state.services.surroundings.now();
    let verdict = access.check(principal.as_deref().map(|session| &session.signed_in), now);
    let principal = Principal(principal);
    request.extensions_mut().insert(principal.clone());
    match verdict {
        Ok(()) => {
            if let Principal(Some(signed_in)) = &principal
                && is_repeatable(&request)
            {
                let query = request.uri().query();
                let loaded = load(&state.services, signed_in, session.id(), &path, query).await;
                if let Some(loaded) = loaded {
                    request.extensions_mut().insert(loaded);
                }
            }
            let mut response = next.run(request).await;
            // For the page that an error without one gets.
            response.extensions_mut().insert(principal);
            response
        }
        Err(Refusal::NotSignedIn) if json_is_wanted(request.headers(), &path) => (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": "not_signed_in", "reason": reason(ending) })),
        )
            .into_response(),
        Err(Refusal::NotSignedIn) => to_login(&state, &request, ending),
        Err(Refusal::NotRecent) => to_proof(&state, &request),
        Err(Refusal::Forbidden(missing)) => forbidden(&state, principal, missing, reference, request).await,
    }
}

/// The answer to somebody who lacks permissions, and hears which ones and whom to ask.
async fn forbidden(
    state: &AppState,
    principal: Principal,
    missing: Vec<&'static str>,
    reference: Reference,
    mut request: Request,
) -> Response {
    let problem = Problem::new(ProblemKind::Forbidden, reference.0);
    problem.log(&missing.join(" "));
    let Principal(Some(session)) = &principal else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let denial = Denial::explain(&state.services, session, missing).await;
    if json_is_wanted(request.headers(), request.uri().path()) {
        let body = json!({
            "error": "forbidden",
            "reference": problem.reference,
            "missing": denial.missing,
            "granted": denial.granted,
            "administrators": denial.administrators,
        });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    }
    request.extensions_mut().insert(denial);
    page::problem(state, problem, request).await
}

/// To where the person proves again who they are, and back to the page that they were on.
fn to_proof(state: &AppState, request: &Request) -> Response {
    let page = page_of_form(state, request).unwrap_or_else(LocalPath::dashboard);
    let location = routes::prove_and_go_to(page.as_str());
    if json_is_wanted(request.headers(), request.uri().path()) {
        let body = json!({ "error": "recent_sign_in_required", "location": location });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    }
    Redirect::to(&location).into_response()
}

/// The page on which a form was sent, which our own pages tell (`Referrer-Policy: same-origin`).
fn page_of_form(state: &AppState, request: &Request) -> Option<LocalPath> {
    let referrer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let origin = state.services.client.settings().public_origin.as_str();
    LocalPath::parse(referrer.strip_prefix(origin)?).ok()
}

/// Who asks.
enum Visitor {
    SignedIn(Arc<OpenSession>),
    /// With how their session ended, if they had one.
    Nobody(Option<Ending>),
    /// Somebody whose tokens have ended and cannot be renewed right now.
    Stuck(Arc<RefreshFault>),
}

/// One look-up; renews tokens that end soon, where the path is one that does.
async fn visitor(state: &AppState, session: &Session, path: &str) -> Result<Visitor, StoreError> {
    let Some(id) = session.id() else {
        return Ok(Visitor::Nobody(None));
    };
    let sessions = &state.services.sessions;
    let current = if routes::renews(path) {
        sessions.current(id).await?
    } else {
        match sessions.open(id).await? {
            Ok(session) => Current::Open(session),
            Err(ending) => Current::Ended(ending),
        }
    };
    // The cookie of a session that is over stays: its removal might reach the browser after the next session's cookie,
    // of a sign-in in another tab, and undo that.
    Ok(match current {
        Current::Open(session) => Visitor::SignedIn(session),
        Current::Ended(ending) => Visitor::Nobody(Some(ending)),
        Current::Stuck(fault) => Visitor::Stuck(fault),
    })
}

/// The answer to a request that cannot be judged right now: nobody is let in, and nobody is signed out.
async fn unavailable(state: &AppState, problem: Problem, request: Request) -> Response {
    if json_is_wanted(request.headers(), request.uri().path()) {
        let body = json!({ "error": problem.kind.row().label, "reference": problem.reference });
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response();
        if let Some(seconds) = problem.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return response;
    }
    page::problem(state, problem, request).await
}

/// Whether the answer is to be JSON. Server functions give nothing else but to a form on a page.
pub(crate) fn json_is_wanted(headers: &HeaderMap, path: &str) -> bool {
    wants_json(headers) || (routes::is_function(path) && !accepts_html(headers))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().windows(9).any(|part| part == b"text/html"))
}

/// Only what can be asked for again by following a link.
pub(crate) fn is_repeatable(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
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
        routes::LANDING | routes::SIGNED_OUT if signed_in => {
            Some(Redirect::to(routes::DASHBOARD).into_response())
        }
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

/// What the sign-in page says about why somebody is there.
fn reason(ending: Option<Ending>) -> &'static str {
    match ending {
        None => "required",
        Some(Ending::Unknown | Ending::Over) => "expired",
        Some(Ending::Revoked) => "ended",
        Some(Ending::Unreadable) => "unreadable",
    }
}

/// To the sign-in page, which leads back here afterwards (W11).
fn to_login(state: &AppState, request: &Request, ending: Option<Ending>) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("reason", reason(ending));
    let next = if is_repeatable(request) {
        let target = request.uri().path_and_query();
        target.and_then(|target| LocalPath::parse(target.as_str()).ok())
    } else {
        page_of_form(state, request)
    };
    if let Some(next) = next {
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
    matches!(
        path,
        routes::START | routes::CALLBACK | routes::INITIATE | routes::LOGOUT
    )
}
