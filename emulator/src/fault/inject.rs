//! The middleware in front of every endpoint: counts the request, and does what the endpoint was told to do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, FromRequest as _, Request, State, rejection::BytesRejection},
    http::{StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use super::{Endpoint, Fault, Misbehaviour};
use crate::{environment::Environment, params::Params, wire::Peer};

/// Whether an answer got past the faults to somebody who was still waiting for it. An extension of the request.
#[derive(Clone, Default)]
pub(crate) struct Delivery(Arc<AtomicBool>);

impl Delivery {
    fn succeeded(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has, by now.
    pub(crate) fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts the request and does what the endpoint was told to do.
pub(crate) async fn inject(
    State(environment): State<Arc<Environment>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::of(request.uri().path()) else {
        return next.run(request).await;
    };
    let mut refresh = None;
    if endpoint == Endpoint::Token {
        let (read, token) = match refresh_token(request).await {
            Ok(read) => read,
            Err(rejection) => return rejection.into_response(),
        };
        request = read;
        refresh = token.and_then(|token| UnderWay::begin(&environment, &token));
    }
    let delivery = Delivery::default();
    request.extensions_mut().insert(delivery.clone());
    let fault = {
        let mut state = environment.state();
        let fault = state.faults.get_mut(&endpoint).and_then(Misbehaviour::hit);
        state.requests.count(endpoint, fault);
        fault
    };
    let response = match fault {
        None => next.run(request).await,
        Some(Fault::Status(status)) => bare(status),
        Some(Fault::Delay(by)) => {
            wait(&environment, by).await;
            next.run(request).await
        }
        Some(Fault::Reset) => broken_off(&peer),
        Some(Fault::Hang) => {
            wait(&environment, Duration::MAX).await;
            broken_off(&peer)
        }
        Some(Fault::Garbage) => {
            Html("<!doctype html><title>Hello</title><p>This is not what you asked for.").into_response()
        }
        Some(Fault::Late(by)) => {
            let response = next.run(request).await;
            wait(&environment, by).await;
            response
        }
        Some(Fault::Lost) => {
            next.run(request).await;
            return broken_off(&peer);
        }
        Some(Fault::Masked(status)) => {
            next.run(request).await;
            return bare(status);
        }
    };
    // Whoever hangs up has this function end before it comes here.
    delivery.succeeded();
    drop(refresh);
    response
}

/// The request, and the refresh token that it brings.
async fn refresh_token(request: Request) -> Result<(Request, Option<String>), BytesRejection> {
    let (parts, body) = request.into_parts();
    let read = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(read, &()).await?;
    let token = Params::parse(&bytes).get("refresh_token").map(str::to_owned);
    Ok((Request::from_parts(parts, Body::from(bytes)), token))
}

/// A refresh of a session that has arrived and is not answered; it is over when this is dropped, as it is too when the
/// application hangs up.
struct UnderWay {
    environment: Arc<Environment>,
    session_id: String,
}

impl UnderWay {
    /// `None` if nobody knows the token.
    fn begin(environment: &Arc<Environment>, token: &str) -> Option<Self> {
        let now = environment.now();
        let mut state = environment.state();
        let token = state.grants.refresh_tokens.get(token, now)?;
        let session_id = token.grant.session_id.clone();
        let number = state.refreshes.begin(&session_id);
        state.requests.saw_concurrent_refreshes(number);
        drop(state);
        Some(Self {
            environment: Arc::clone(environment),
            session_id,
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.environment.state().refreshes.end(&self.session_id);
    }
}

fn bare(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::RETRY_AFTER, "1")]).into_response()
}

fn broken_off(peer: &Peer) -> Response {
    peer.reset();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Waits, but no longer than the environment lives.
async fn wait(environment: &Environment, duration: Duration) {
    let mut stopping = environment.stopping.subscribe();
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}
