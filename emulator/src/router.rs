//! Which address leads where, and what every answer has in common.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_http::trace::TraceLayer;

use crate::{
    control,
    endpoint::{authorize, discovery, introspect, logout, revoke, sign_in, token, userinfo},
    environment::Environment,
    fault, management, page,
};

/// No form here is longer.
const BODY_LIMIT_BYTES: usize = 64 * 1024;

/// The whole environment as a service.
pub(crate) fn router(environment: Arc<Environment>) -> Router {
    let protocol = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/keys", get(discovery::keys))
        .route("/oauth/authorize", get(authorize::get).post(authorize::post))
        .route("/oauth/token", post(token::post))
        .route("/oauth/introspect", post(introspect::post))
        .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .route("/revoke", post(revoke::post))
        .route("/oidc/logout", get(logout::get).post(logout::post))
        .route("/end_session", get(logout::get).post(logout::post));
    let hosted = Router::new()
        .route("/sign-in/{id}", get(sign_in::show))
        .route("/sign-in/{id}/person", post(sign_in::person))
        .route("/sign-in/{id}/email", post(sign_in::email))
        .route("/sign-in/{id}/code", post(sign_in::code))
        .route("/sign-in/{id}/organization", post(sign_in::organization))
        .route("/sign-in/{id}/restart", post(sign_in::restart))
        .route("/sign-in/{id}/deny", post(sign_in::deny))
        .route("/style.css", get(page::style))
        .route("/icon.svg", get(page::icon))
        // Browsers ask for it where a page is gone before its own icon was found, and tell the console if there is none.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }));
    let operations = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .nest("/_emulator", control::http::router());

    protocol
        .merge(hosted)
        .merge(management::portal::pages())
        .nest(management::PREFIX, management::router(Arc::clone(&environment)))
        .merge(operations)
        .fallback(|| async { page::message::not_found() })
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&environment), fault::inject))
        .layer(middleware::from_fn(common_headers))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        // Path only: queries and bodies carry codes, tokens and addresses.
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
            tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
        }))
        .with_state(environment)
}

/// The `Allow` header, which the router adds, is the answer to `OPTIONS`; to anything else it is the explanation.
async fn wrong_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed\n").into_response()
    }
}

async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    response
}
