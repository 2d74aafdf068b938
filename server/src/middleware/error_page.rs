//! Gives every bare error a page, or JSON for scripts, so that nobody ever faces an empty window (promise 20).

use std::any::Any;

use app::{
    context::Principal,
    problem::{Problem, ProblemKind},
};
use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use tower_http::catch_panic::ResponseForPanic;

use super::{
    guard::{is_repeatable, json_is_wanted},
    reference::Reference,
};
use crate::{routes::page, state::AppState};

/// Fills in the body of errors that have none: from the router, the limits, the CSRF layer, a panic.
pub async fn error_page(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let json_wanted = json_is_wanted(request.headers(), request.uri().path());
    let is_repeatable = is_repeatable(&request);
    let mut blank = Request::new(Body::empty());
    blank.extensions_mut().clone_from(request.extensions());
    let reference = request
        .extensions()
        .get()
        .cloned()
        .unwrap_or(Reference(String::new()));

    let response = next.run(request).await;
    let status = response.status();
    let is_bare = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !is_bare {
        return response;
    }
    if let Some(principal) = response.extensions().get::<Principal>() {
        blank.extensions_mut().insert(principal.clone());
    }
    let problem = Problem {
        status: status.as_u16(),
        is_repeatable,
        ..Problem::new(kind(status), reference.0)
    };
    problem.log(status.canonical_reason().unwrap_or("no success"));
    let mut answer = if json_wanted {
        let body = json!({ "error": problem.kind.row().title, "reference": problem.reference });
        let mut answer = Json(body).into_response();
        if let Some(seconds) = problem.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    } else {
        page::problem(&state, problem, blank).await
    };
    *answer.status_mut() = status;
    for (name, value) in response.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

fn kind(status: StatusCode) -> ProblemKind {
    match status {
        StatusCode::NOT_FOUND => ProblemKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::MethodNotAllowed,
        StatusCode::FORBIDDEN => ProblemKind::CrossSite,
        StatusCode::SERVICE_UNAVAILABLE => ProblemKind::TooSlow,
        status if status.is_client_error() => ProblemKind::BadRequest,
        _ => ProblemKind::Unexpected,
    }
}

/// A redirect is its `Location`; whatever was rendered on the way there is nobody's business.
pub async fn no_redirect_body(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_redirection() && response.headers().contains_key(header::LOCATION) {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    } else {
        // Leptos sends forms of its own back to where they came from, also with an error.
        response.headers_mut().remove(header::LOCATION);
    }
    response
}

/// A panic becomes a bare 500. What it said goes to the log, not to the browser.
#[derive(Debug, Clone, Copy)]
pub struct BareError;

impl ResponseForPanic for BareError {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        tracing::error!(panic.message = message, "a request handler panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
