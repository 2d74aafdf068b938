//! The management API under `/api/v1`: what an application does on behalf of an organization's administrators.
//!
//! REST over JSON with the shapes of Scalekit's published reference. Every call needs the application's own token
//! (`client_credentials`); an organization's path shows that organization and nothing else.

mod connections;
mod directories;
mod domains;
mod error;
mod members;
mod organization;
mod policy;
pub(crate) mod portal;
pub(crate) mod rate;
mod roles;
mod sessions;
pub(crate) mod tenant;
mod users;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::header,
    middleware::{self, Next},
    response::Response,
    routing::{delete, get, patch, post, put},
};
use error::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{environment::Environment, people};

/// Where it is.
pub(crate) const PREFIX: &str = "/api/v1";

type Shared = State<Arc<Environment>>;
type Answer = Result<Json<Value>, ApiError>;

pub(crate) fn router(environment: Arc<Environment>) -> Router<Arc<Environment>> {
    Router::new()
        .route(
            "/organizations/{org}",
            get(organization::get).patch(organization::update),
        )
        .route("/organizations/{org}/settings", patch(organization::set_features))
        .route("/organizations/{org}/portal_links", put(portal::create_link))
        .route(
            "/organizations/{org}/users",
            get(members::list).post(members::create),
        )
        .route("/organizations/{org}/users:search", get(members::search))
        .route(
            "/memberships/organizations/{org}/users/{user}",
            patch(members::update).delete(members::remove),
        )
        .route(
            "/invites/organizations/{org}/users/{user}/resend",
            patch(members::resend),
        )
        .route("/organizations/{org}/roles", get(roles::list))
        .route("/connections", get(connections::list))
        .route(
            "/organizations/{org}/connections/{connection}",
            get(connections::get).patch(connections::switch),
        )
        .route("/organizations/{org}/directories", get(directories::list))
        .route(
            "/organizations/{org}/directories/{directory}",
            get(directories::get).patch(directories::switch),
        )
        .route(
            "/organizations/{org}/directories/{directory}/users",
            get(directories::users),
        )
        .route(
            "/organizations/{org}/directories/{directory}/groups",
            get(directories::groups),
        )
        .route(
            "/organizations/{org}/domains",
            get(domains::list).post(domains::create),
        )
        .route("/organizations/{org}/domains/{domain}", delete(domains::remove))
        .route(
            "/organizations/{org}/session-policy",
            get(policy::get).patch(policy::update),
        )
        .route("/users/{user}", get(users::get))
        .route("/users/{user}/sessions", get(sessions::list))
        .route("/users/{user}/sessions/revoke", post(sessions::revoke_all))
        .route("/sessions/{session}", get(sessions::get))
        .route("/sessions/{session}/revoke", post(sessions::revoke))
        .fallback(|| async { ApiError::not_found("no such method") })
        .method_not_allowed_fallback(|| async { ApiError::not_found("no such method") })
        .layer(middleware::from_fn_with_state(environment, authorized))
}

#[derive(Clone, Deserialize)]
struct Caller {
    iss: String,
    sub: String,
    exp: i64,
}

/// Lets the application pass, as often as it may ask.
async fn authorized(State(environment): Shared, request: Request, next: Next) -> Result<Response, ApiError> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .ok_or_else(|| ApiError::unauthenticated("Token empty"))?;
    {
        let now = environment.now();
        let mut state = environment.state();
        let rate = state.settings.management_rate;
        if !state.management_rate.allows(now, rate) {
            return Err(ApiError::rate_limited());
        }
        // A person's token names the application as well, but as its audience.
        let is_good = state
            .keys
            .verify_published::<Caller>(&token)
            .is_some_and(|caller| {
                caller.iss == environment.issuer
                    && caller.sub == environment.client.id
                    && caller.exp > now.unix_timestamp()
            });
        if !is_good {
            return Err(ApiError::unauthenticated("Token invalid"));
        }
    }
    Ok(next.run(request).await)
}

/// The organization that a path names.
fn organization_of(id: &str) -> Result<&'static people::Organization, ApiError> {
    people::organization(id).ok_or_else(|| ApiError::not_found("organization not found"))
}

/// `?page_size=10&page_token=…`, and what a search is for.
#[derive(Deserialize)]
struct Paging {
    page_size: Option<usize>,
    page_token: Option<String>,
    #[serde(default)]
    query: String,
}

/// One page of a list, and how to ask for its neighbours.
struct Slice<T> {
    items: Vec<T>,
    total: usize,
    next: String,
    previous: String,
}

impl Slice<Value> {
    /// As the API shows it, with the items under `name`.
    fn json(self, name: &str) -> Json<Value> {
        let mut answer = json!({
            "total_size": self.total,
            "next_page_token": self.next,
            "prev_page_token": self.previous,
        });
        if let Some(answer) = answer.as_object_mut() {
            answer.insert(name.to_owned(), self.items.into());
        }
        Json(answer)
    }
}

impl Paging {
    const DEFAULT: usize = 10;
    const LARGEST: usize = 100;

    /// The page of `all` that was asked for.
    fn slice<T>(&self, all: Vec<T>) -> Result<Slice<T>, ApiError> {
        let size = self.page_size.unwrap_or(Self::DEFAULT).clamp(1, Self::LARGEST);
        let start = match self.page_token.as_deref() {
            None | Some("") => 0,
            Some(token) => token
                .strip_prefix("pt_")
                .and_then(|start| start.parse::<usize>().ok())
                .ok_or_else(|| ApiError::invalid("page_token", "Invalid page token"))?,
        };
        let total = all.len();
        let token = |start: usize| format!("pt_{start}");
        Ok(Slice {
            items: all.into_iter().skip(start).take(size).collect(),
            total,
            next: if start.saturating_add(size) < total {
                token(start + size)
            } else {
                String::new()
            },
            previous: if start > 0 {
                token(start.saturating_sub(size))
            } else {
                String::new()
            },
        })
    }
}

type Paged = Query<Paging>;

/// A path's last segment with the switch in it: `conn_1:enable` is `conn_1`, on.
fn split_switch(segment: &str) -> Result<(&str, bool), ApiError> {
    match segment.split_once(':') {
        Some((id, "enable")) => Ok((id, true)),
        Some((id, "disable")) => Ok((id, false)),
        _ => Err(ApiError::not_found("no such method")),
    }
}

/// RFC 3339 from seconds since 1970.
fn timestamp(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
