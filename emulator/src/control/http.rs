//! Control over HTTP, under `/_emulator`: the same operations for test runners in another process.
//!
//! A web page must not be able to use it, whatever its author has the visitor's browser do. So it answers only to a
//! loopback peer, only to a loopback name in `Host` (a page that had its own name point here would send that), and
//! never to a foreign `Origin`.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Control;
use crate::{
    environment::Environment,
    fault::{Endpoint, Misbehaviour, Requests},
    people::{Person, Role},
    store::refreshes::Replays,
    wire::Peer,
};

type Shared = State<Arc<Environment>>;

pub(crate) fn router() -> Router<Arc<Environment>> {
    Router::new()
        .route("/", get(overview))
        .route("/people", get(people))
        .route("/people/role", post(set_role))
        .route("/requests", get(requests))
        .route("/clock", get(clock).post(move_clock))
        .route("/lifetimes", get(lifetimes).post(set_lifetimes))
        .route("/keys/rotate", post(rotate_keys))
        .route("/management/rate", post(set_management_rate))
        .route("/sessions", get(sessions))
        .route("/sessions/end", post(end_sessions))
        .route("/refresh/refuse-next", post(refuse_next_refresh))
        .route("/refresh/replays", get(replays))
        .route("/faults", get(faults).delete(clear_faults))
        .route("/faults/{endpoint}", put(set_fault).delete(clear_fault))
        .layer(middleware::from_fn(only_from_here))
}

/// Lets requests pass that no foreign web page can have made.
async fn only_from_here(ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    if peer.address.ip().to_canonical().is_loopback() && is_own(request.headers()) {
        next.run(request).await
    } else {
        let body = json!({ "error": "forbidden", "error_description": "control is for this machine only" });
        (StatusCode::FORBIDDEN, Json(body)).into_response()
    }
}

fn is_own(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let Ok(here) = Url::parse(&format!("http://{host}")) else {
        return false;
    };
    let name_is_loopback = match here.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    let origin_is_own = headers.get(header::ORIGIN).is_none_or(|origin| {
        origin
            .to_str()
            .is_ok_and(|origin| origin == here.origin().ascii_serialization())
    });
    name_is_loopback && origin_is_own
}

async fn overview(State(environment): Shared) -> Json<Value> {
    Json(json!({
        "issuer": environment.issuer,
        "client_id": environment.client.id,
        "redirect_uris": environment.client.redirect_uris(),
        "post_logout_redirect_uris": environment.client.post_logout_redirect_uris(),
        "operations": {
            "GET /_emulator/people": "who can sign in",
            "POST /_emulator/people/role": { "email": "max@acme.example", "organization_id": "org_…", "role": "admin" },
            "GET /_emulator/requests": "how often each endpoint and grant type was asked for, and by how many at once",
            "GET /_emulator/clock": "the emulator's time",
            "POST /_emulator/clock": { "advance_seconds": 300, "offset_seconds": "or an absolute offset" },
            "GET /_emulator/lifetimes": "the lifetimes in force",
            "POST /_emulator/lifetimes":
                { "access_token_seconds": 300, "id_token_seconds": 1800, "refresh_grace_seconds": 30 },
            "POST /_emulator/keys/rotate": "a new signing key; the old one leaves /keys",
            "POST /_emulator/management/rate": { "requests_per_second": 500 },
            "GET /_emulator/sessions": "the sids of living sessions",
            "POST /_emulator/sessions/end": { "sid": "ses_…, or nothing for all" },
            "POST /_emulator/refresh/refuse-next": "the next refresh gets invalid_grant",
            "GET /_emulator/refresh/replays": "refresh tokens that were used more than once",
            "GET /_emulator/faults": "the faults in force",
            "PUT /_emulator/faults/{discovery|keys|authorize|token|userinfo|revoke|logout|organization|members|roles|\
             connections|directories|domains|policy|portal|users|sessions}": [
                { "fault": "status", "value": 503 },
                { "fault": "delay", "value": 250 },
                { "fault": "reset" },
                { "fault": "hang" },
                { "fault": "garbage" },
                { "fault": "late", "value": 250 },
                { "fault": "lost" },
                { "fault": "masked", "value": 502, "share": 0.25 },
            ],
            "DELETE /_emulator/faults/{endpoint}": "well again",
            "DELETE /_emulator/faults": "all well again",
        },
    }))
}

async fn people(State(environment): Shared) -> Json<Vec<Person>> {
    Json(Control::new(environment).people())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    email: String,
    organization_id: String,
    role: Role,
}

async fn set_role(State(environment): Shared, Json(change): Json<RoleChange>) -> StatusCode {
    let changed = Control::new(environment).set_role(&change.email, &change.organization_id, change.role);
    if changed {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn requests(State(environment): Shared) -> Json<Requests> {
    Json(Control::new(environment).requests())
}

async fn clock(State(environment): Shared) -> Json<Value> {
    Json(json!({
        "now": environment.now().unix_timestamp(),
        "offset_seconds": environment.clock.offset().whole_seconds(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    offset_seconds: Option<i64>,
    advance_seconds: Option<u32>,
}

async fn move_clock(State(environment): Shared, Json(to): Json<ClockMove>) -> Json<Value> {
    let control = Control::new(Arc::clone(&environment));
    if let Some(offset) = to.offset_seconds {
        control.set_clock_offset(offset);
    }
    if let Some(seconds) = to.advance_seconds {
        control.advance_clock(Duration::from_secs(seconds.into()));
    }
    clock(State(environment)).await
}

async fn lifetimes(State(environment): Shared) -> Json<Value> {
    let state = environment.state();
    Json(json!({
        "access_token_seconds": state.settings.access_token_lifetime.whole_seconds(),
        "id_token_seconds": state.settings.id_token_lifetime.whole_seconds(),
        "refresh_grace_seconds": state.settings.refresh_grace.whole_seconds(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the wire's, and the unit belongs in them"
)]
struct Lifetimes {
    access_token_seconds: Option<u32>,
    id_token_seconds: Option<u32>,
    refresh_grace_seconds: Option<u32>,
}

async fn set_lifetimes(State(environment): Shared, Json(to): Json<Lifetimes>) -> Json<Value> {
    let control = Control::new(Arc::clone(&environment));
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    if let Some(lifetime) = to.access_token_seconds {
        control.set_access_token_lifetime(seconds(lifetime));
    }
    if let Some(lifetime) = to.id_token_seconds {
        control.set_id_token_lifetime(seconds(lifetime));
    }
    if let Some(grace) = to.refresh_grace_seconds {
        control.set_refresh_grace(seconds(grace));
    }
    lifetimes(State(environment)).await
}

async fn rotate_keys(State(environment): Shared) -> Response {
    match Control::new(environment).rotate_keys() {
        Some(kid) => Json(json!({ "kid": kid })).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagementRate {
    requests_per_second: u32,
}

async fn set_management_rate(State(environment): Shared, Json(to): Json<ManagementRate>) -> StatusCode {
    Control::new(environment).set_management_rate(to.requests_per_second);
    StatusCode::NO_CONTENT
}

async fn sessions(State(environment): Shared) -> Json<Vec<String>> {
    Json(Control::new(environment).sessions())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndSessions {
    sid: Option<String>,
}

async fn end_sessions(State(environment): Shared, body: Option<Json<EndSessions>>) -> StatusCode {
    let control = Control::new(environment);
    match body.unwrap_or_default().0.sid {
        Some(sid) if !control.end_session(&sid) => return StatusCode::NOT_FOUND,
        Some(_) => {}
        None => control.end_all_sessions(),
    }
    StatusCode::NO_CONTENT
}

async fn refuse_next_refresh(State(environment): Shared) -> StatusCode {
    Control::new(environment).refuse_next_refresh();
    StatusCode::NO_CONTENT
}

async fn replays(State(environment): Shared) -> Json<Replays> {
    Json(Control::new(environment).replays())
}

async fn faults(State(environment): Shared) -> Json<Value> {
    Json(json!(environment.state().faults))
}

async fn set_fault(
    State(environment): Shared,
    Path(endpoint): Path<Endpoint>,
    Json(misbehaviour): Json<Misbehaviour>,
) -> StatusCode {
    environment.state().faults.insert(endpoint, misbehaviour);
    StatusCode::NO_CONTENT
}

async fn clear_fault(State(environment): Shared, Path(endpoint): Path<Endpoint>) -> StatusCode {
    Control::new(environment).set_fault(endpoint, None);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(environment): Shared) -> StatusCode {
    Control::new(environment).clear_faults();
    StatusCode::NO_CONTENT
}
