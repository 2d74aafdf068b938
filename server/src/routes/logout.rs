//! `/logout`: ends the session here, then at the provider.

use app::{
    problem::{Problem, ProblemKind},
    routes,
};
use auth::session::SessionCookie;
use axum::{
    Extension,
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};
use tower_cookies::{Cookie, Cookies};
use tower_sessions::{
    Session,
    cookie::{SameSite, time::Duration},
};

use super::page;
use crate::{middleware::reference::Reference, state::AppState};

/// Marks a browser that has just signed out, so that coming back from the provider to `/` ends at the page that says so.
fn signed_out_cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-scalekit_signed_out"
    } else {
        "scalekit_signed_out"
    }
}
const SIGNED_OUT_COOKIE_LIFETIME: Duration = Duration::minutes(2);

/// `POST /logout`, from the button. The CSRF layer has refused other sites already.
pub async fn post(
    State(state): State<AppState>,
    session: Session,
    Extension(session_cookie): Extension<SessionCookie>,
    cookies: Cookies,
    Extension(reference): Extension<Reference>,
    request: Request,
) -> Response {
    let services = &state.services;
    match auth::logout::sign_out(
        &services.client,
        &services.sessions,
        session.id(),
        &session_cookie,
    )
    .await
    {
        Ok(provider) => {
            cookies.add(signed_out_cookie(state.services.client.settings().is_https()));
            let target = provider.as_ref().map_or(routes::SIGNED_OUT, |url| url.as_str());
            Redirect::to(target).into_response()
        }
        Err(error) => {
            // The record may still be there, so nobody is told that they are signed out.
            let problem = Problem::new(ProblemKind::StoreUnavailable, reference.0);
            problem.log(&auth::error_chain(&error));
            page::problem(&state, problem, request).await
        }
    }
}

/// `GET /logout`: signs out when the person typed the address or came from one of our own pages. From anywhere else it
/// asks first: a link or an image on another site must not sign anybody out (W13).
pub async fn get(
    state: State<AppState>,
    session: Session,
    session_cookie: Extension<SessionCookie>,
    cookies: Cookies,
    reference: Extension<Reference>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let header = |name| headers.get(name).map(http::HeaderValue::as_bytes);
    let is_deliberate = matches!(header("sec-fetch-site"), Some(b"none" | b"same-origin"))
        && header("sec-fetch-mode") == Some(b"navigate")
        && header("sec-fetch-dest") == Some(b"document");
    if is_deliberate {
        post(state, session, session_cookie, cookies, reference, request).await
    } else {
        page::render(&state, request).await
    }
}

/// Whether the browser has just signed out; forgets it.
pub fn take_signed_out(cookies: &Cookies, https: bool) -> bool {
    let is_set = cookies.get(signed_out_cookie_name(https)).is_some();
    if is_set {
        cookies.remove(signed_out_cookie(https));
    }
    is_set
}

fn signed_out_cookie(https: bool) -> Cookie<'static> {
    Cookie::build((signed_out_cookie_name(https), "1"))
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(SIGNED_OUT_COOKIE_LIFETIME)
        .build()
}
