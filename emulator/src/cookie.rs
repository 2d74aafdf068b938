//! The two cookies of the hosted pages: who is signed in here, and which browser started a sign-in.

use axum::http::{HeaderMap, HeaderValue, header};

/// Names the session with this environment.
pub(crate) const SESSION: &str = "scalekit_emulator_session";

/// Names the browser, so that a sign-in can be continued only where it was started.
pub(crate) const BROWSER: &str = "scalekit_emulator_browser";

/// The value of a cookie in a request.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` value. `Lax`, because the browser arrives from the application's origin and must still be known;
/// not `Secure`, because a loopback address has no certificate.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax")).ok()
}

/// A `Set-Cookie` value that removes the cookie.
pub(crate) fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
}
