//! The security headers of every response, and the nonce of its content security policy (promise 19).

use app::{context::CspNonce, routes};
use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{
            CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use url::Url;

use crate::state::AppState;

const FIXED: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Forms without scripts are answered with a redirect to the page they came from, which needs the referrer.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];
const EMBEDDER_POLICY: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");
const REQUIRE_CORP: HeaderValue = HeaderValue::from_static("require-corp");
/// Two years, as browsers' preload lists ask.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Sets the headers on the way out; the nonce goes in on the way in, for the page to use.
pub async fn security_headers(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = state.services.surroundings.random_token();
    let has_portal = shows_portal(request.uri().path());
    let policy = content_security_policy(&state, &nonce, has_portal);
    request.extensions_mut().insert(CspNonce(nonce));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    // Scalekit's portal does not say that it may be embedded under such a policy.
    if !has_portal {
        headers.insert(EMBEDDER_POLICY, REQUIRE_CORP);
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if state.services.client.settings().is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Whether the page at `path` may show Scalekit's admin portal in a frame. No other page has a frame at all.
fn shows_portal(path: &str) -> bool {
    matches!(path, routes::SETTINGS | routes::SINGLE_SIGN_ON)
}

fn content_security_policy(state: &AppState, nonce: &str, has_portal: bool) -> String {
    // `form-action` holds for every redirect that follows a form. Ours lead to the provider and from there to identity
    // providers that only it knows, hence any https origin.
    let issuer = &state.services.client.settings().issuer;
    let provider = Url::parse(issuer)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    // `cargo leptos watch` tells the page to reload through a socket of its own.
    let reload = match std::env::var_os("LEPTOS_WATCH") {
        Some(_) => format!(" ws://localhost:{0} ws://127.0.0.1:{0}", state.leptos.reload_port),
        None => String::new(),
    };
    let frames = if has_portal { provider.as_str() } else { "'none'" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'{reload}; frame-src {frames}; base-uri 'none'; form-action 'self' https: {provider}; frame-ancestors 'none'"
    )
}
