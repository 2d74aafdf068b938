//! Completes the cookies whose name promises something: browsers refuse a `__Host-` cookie without `Secure`, even one
//! that only removes it (RFC 6265bis §4.1.3.2), and tower-sessions removes cookies without it.

use axum::{
    extract::Request,
    http::{
        HeaderValue,
        header::{Entry, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};

/// Adds the missing attribute on the way out.
pub async fn host_cookies(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Entry::Occupied(mut cookies) = response.headers_mut().entry(SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            if let Some(complete) = completed(cookie) {
                *cookie = complete;
            }
        }
    }
    response
}

fn completed(cookie: &HeaderValue) -> Option<HeaderValue> {
    let text = cookie.to_str().ok()?;
    let is_secure = text
        .split(';')
        .any(|attribute| attribute.trim().eq_ignore_ascii_case("secure"));
    (text.starts_with("__Host-") && !is_secure)
        .then(|| HeaderValue::from_str(&format!("{text}; Secure")).ok())
        .flatten()
}
