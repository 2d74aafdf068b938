//! Gives the browser the session that a sign-in has begun, and takes from it one that is over. Outside of
//! tower-sessions, which reads the cookie and knows of neither: sessions begin and end in one write each, in `auth`.

use auth::session::{CookieChange, SessionCookie, cookie_name};
use axum::{
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{Entry, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};
use tower_cookies::{
    Cookie,
    cookie::{SameSite, time::Duration},
};

use crate::state::AppState;

/// Puts the cookie as it is to be in place of any other of its name.
pub async fn session_cookie(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let session_cookie = SessionCookie::default();
    request.extensions_mut().insert(session_cookie.clone());
    let mut response = next.run(request).await;
    let https = state.services.client.settings().is_https();
    let name = cookie_name(https);
    let cookie = |value: String, lifetime: Duration| {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(https)
            // Not Strict: the cookie would be missing on the navigation that comes back from the provider (promise 7).
            .same_site(SameSite::Lax)
            .max_age(lifetime)
            .build()
    };
    let cookie = match session_cookie.change() {
        CookieChange::None => return response,
        CookieChange::Give(id, ends_at) => {
            let lifetime = ends_at - state.services.surroundings.now();
            cookie(id.to_string(), Duration::seconds(lifetime.whole_seconds()))
        }
        CookieChange::Forget => cookie(String::new(), Duration::ZERO),
    };

    let headers = response.headers_mut();
    let others: Vec<HeaderValue> = match headers.entry(SET_COOKIE) {
        Entry::Occupied(cookies) => {
            let others = cookies.iter().filter(|cookie| !is_named(cookie, name)).cloned();
            let others = others.collect();
            cookies.remove_entry_mult();
            others
        }
        Entry::Vacant(_) => Vec::new(),
    };
    for other in others {
        headers.append(SET_COOKIE, other);
    }
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

fn is_named(cookie: &HeaderValue, name: &str) -> bool {
    cookie
        .as_bytes()
        .strip_prefix(name.as_bytes())
        .is_some_and(|rest| rest.starts_with(b"="))
}
