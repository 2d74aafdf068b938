//! The way into Leptos: rendering a page, a file of `public/`, or a problem.

use app::{
    context,
    problem::{Problem, ProblemKind},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use leptos::IntoView;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::{middleware::reference::Reference, router::document, state::AppState};

/// What each request provides to pages and server functions.
pub(crate) fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let services = state.services.clone();
    move || context::provide(&services)
}

/// The document as Leptos wants it.
pub(crate) fn shell(state: &AppState) -> impl Fn() -> AnyDocument + Clone + Send + Sync + 'static {
    let options = state.leptos.clone();
    move || leptos::prelude::IntoAny::into_any(document(options.clone()).into_view())
}

/// A rendered document of any shape.
pub(crate) type AnyDocument = leptos::prelude::AnyView;

/// Renders the page that `request` asks for.
pub async fn render(state: &AppState, request: Request) -> Response {
    leptos_axum::render_app_async_with_context(context(state), shell(state))(request).await
}

/// Renders `problem` in place of what `request` asked for. Nothing of the request is shown; its extensions say who is
/// signed in.
pub async fn problem(state: &AppState, problem: Problem, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    parts.method = Method::GET;
    parts.extensions.insert(problem);
    render(state, Request::from_parts(parts, Body::empty())).await
}

/// A file of `public/`, or the page that says there is none.
pub async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response(); // error_page finds the words.
    }
    let mut probe = Request::new(Body::empty());
    *probe.method_mut() = request.method().clone();
    *probe.uri_mut() = request.uri().clone();
    *probe.headers_mut() = request.headers().clone();
    let files = ServeDir::new(&*state.leptos.site_root).append_index_html_on_directories(false);
    match files.oneshot(probe).await {
        Ok(mut file) if file.status().is_success() || file.status() == StatusCode::NOT_MODIFIED => {
            file.headers_mut().insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=3600"),
            );
            file.map(Body::new)
        }
        // Not through Leptos' own router: it might see a page where ours, and so the guard, saw none.
        _ => {
            let reference = request
                .extensions()
                .get::<Reference>()
                .map_or_else(String::new, |found| found.0.clone());
            let not_found = Problem::new(ProblemKind::NotFound, reference);
            not_found.log("there is no such page");
            problem(&state, not_found, request).await
        }
    }
}
