//! Gives the browser a session that another request of its own has begun. Outside of tower-sessions, which knows the
//! request's own session only and removes the cookie of one that is gone.

use auth::session::{HandOver, cookie_name};
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

/// Puts the cookie of the session that was handed over in place of any other of its name.
pub async fn hand_over(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let hand_over = HandOver::default();
    request.extensions_mut().insert(hand_over.clone());
    let mut response = next.run(request).await;
    let Some((id, ends_at)) = hand_over.taken() else {
        return response;
    };
    let https = state.services.client.settings().is_https();
    let name = cookie_name(https);
    let lifetime = ends_at - state.services.surroundings.now();
    let cookie = Cookie::build((name, id.to_string()))
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(lifetime.whole_seconds()))
        .build();

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
