//! Misbehaving on request: what an endpoint may be told to do instead of its work, and the count of what was asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::{environment::Environment, wire::Peer};

/// An endpoint that can be made to fail and whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/keys`
    Keys,
    /// `/oauth/authorize`
    Authorize,
    /// `/oauth/token`
    Token,
    /// `/userinfo`
    UserInfo,
    /// `/revoke`
    Revoke,
    /// `/oidc/logout` and `/end_session`
    Logout,
}

impl Endpoint {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/.well-known/openid-configuration" => Self::Discovery,
            "/keys" => Self::Keys,
            "/oauth/authorize" => Self::Authorize,
            "/oauth/token" => Self::Token,
            "/userinfo" => Self::UserInfo,
            "/revoke" => Self::Revoke,
            "/oidc/logout" | "/end_session" => Self::Logout,
            _ => return None,
        })
    }
}

/// What an endpoint does instead of its work. On the wire: `{"fault":"status","value":503}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", content = "value", rename_all = "lowercase")]
pub enum Fault {
    /// Answers with this status and an empty body. A number that is no HTTP status answers 500.
    Status(u16),
    /// Waits, then does its work. Milliseconds on the wire.
    Delay(#[serde(with = "milliseconds")] Duration),
    /// Closes the connection with a reset instead of answering.
    Reset,
    /// Never answers.
    Hang,
    /// Answers 200 with a web page.
    Garbage,
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// The faults that are set.
pub(crate) type Faults = BTreeMap<Endpoint, Fault>;

/// How often the endpoints were asked, for tests to assert on. It holds counts, never values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    endpoints: BTreeMap<Endpoint, u64>,
    grants: BTreeMap<String, u64>,
}

impl Requests {
    /// Requests that an endpoint received, those that a fault answered included.
    pub fn to(&self, endpoint: Endpoint) -> u64 {
        self.endpoints.get(&endpoint).copied().unwrap_or_default()
    }

    /// Token requests with this `grant_type`, refused ones included. Those that a fault answered were never read and
    /// are not among them.
    pub fn with_grant(&self, grant_type: &str) -> u64 {
        self.grants.get(grant_type).copied().unwrap_or_default()
    }

    pub(crate) fn count_grant(&mut self, grant_type: &'static str) {
        *self.grants.entry(grant_type.to_owned()).or_default() += 1;
    }
}

/// Counts the request and does what the endpoint was told to do.
pub(crate) async fn inject(
    State(environment): State<Arc<Environment>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::of(request.uri().path()) else {
        return next.run(request).await;
    };
    let fault = {
        let mut state = environment.state();
        *state.requests.endpoints.entry(endpoint).or_default() += 1;
        state.faults.get(&endpoint).copied()
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::RETRY_AFTER, "1")]).into_response()
        }
        Some(Fault::Delay(by)) => {
            wait(&environment, by).await;
            next.run(request).await
        }
        Some(Fault::Reset) => {
            peer.reset();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Fault::Hang) => {
            wait(&environment, Duration::MAX).await;
            peer.reset();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Fault::Garbage) => {
            Html("<!doctype html><title>Hello</title><p>This is not what you asked for.").into_response()
        }
    }
}

/// Waits, but no longer than the environment lives.
async fn wait(environment: &Environment, duration: Duration) {
    let mut stopping = environment.stopping.subscribe();
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}
