//! `/problems`, in development: every problem page, to be looked at. Promise 20 is kept by eyes as well as by tests.

use app::{
    pages::problems::Gallery,
    problem::{Problem, ProblemKind},
    routes,
};
use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};

use super::page;
use crate::{configuration::DEVELOPMENT, middleware::reference::Reference, state::AppState};

/// The gallery's routes; none outside of development.
pub fn routes() -> Router<AppState> {
    if !DEVELOPMENT {
        return Router::new();
    }
    Router::new()
        .route(routes::PROBLEMS, get(index))
        .route(&format!("{}/{{label}}", routes::PROBLEMS), get(one))
}

async fn index(State(state): State<AppState>, mut request: Request) -> Response {
    request.extensions_mut().insert(Gallery);
    page::render(&state, request).await
}

async fn one(
    State(state): State<AppState>,
    Path(label): Path<String>,
    Extension(reference): Extension<Reference>,
    request: Request,
) -> Response {
    let kind = ProblemKind::from_label(&label).unwrap_or(ProblemKind::NotFound);
    page::problem(&state, Problem::new(kind, reference.0), request).await
}
