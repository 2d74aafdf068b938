//! What the server provides to pages and server functions with each request.

use std::sync::Arc;

use auth::{
    client::Client,
    clock::Surroundings,
    seal::Secrets,
    session::{HandOver, SignedIn},
    transaction::Transactions,
};
use axum::http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::ResponseOptions;
use tower_cookies::Cookies;
use tower_sessions::Session;
use url::form_urlencoded;

use crate::{
    pages::problems::Gallery,
    problem::{Problem, ProblemKind},
    viewer::Viewer,
};

/// The parts of the server that server functions work with.
#[derive(Debug, Clone)]
pub struct Services {
    /// This application at the provider.
    pub client: Client,
    /// Keys for transaction cookies.
    pub secrets: Secrets,
    /// Clock and randomness.
    pub surroundings: Surroundings,
    /// How long a session lives at most.
    pub session_lifetime: time::Duration,
    /// Whether the provider is the emulator, so that pages can say whom to sign in as.
    pub emulated: bool,
}

/// The request's reference number, which every log line of the request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(pub String);

/// The nonce of the response's content security policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CspNonce(pub String);

/// Who is signed in, as the session middleware found out. Shared by everything that handles the request.
#[derive(Debug, Clone)]
pub struct Principal(pub Option<Arc<SignedIn>>);

/// Provides everything above to the Leptos side; called by the server for each request before rendering.
pub fn provide(services: &Services) {
    provide_context(services.clone());
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    if let Some(CspNonce(nonce)) = parts.extensions.get() {
        provide_context(Nonce::from_value(nonce.as_str()));
    }
    if let Some(Principal(Some(signed_in))) = parts.extensions.get() {
        provide_context(Viewer::new(signed_in, services.surroundings.now()));
    }
    if let Some(problem) = parts.extensions.get::<Problem>() {
        provide_context(problem.clone());
    }
    if let Some(gallery) = parts.extensions.get::<Gallery>() {
        provide_context(*gallery);
    }
}

/// The request as server functions need it.
#[derive(Debug)]
pub struct Request {
    /// The server's parts.
    pub services: Services,
    /// Its reference number.
    pub reference: Reference,
    /// Its session.
    pub session: Session,
    /// Its cookies.
    pub cookies: Cookies,
    /// The way to a session that another request has begun.
    pub hand_over: HandOver,
    /// Its `User-Agent`.
    pub user_agent: String,
}

impl Request {
    /// The current request. Fails only when a middleware is missing, which a test would notice.
    pub fn current() -> Result<Self, Problem> {
        let missing = || Problem::new(ProblemKind::Unexpected, reference().0);
        let parts = use_context::<Parts>().ok_or_else(missing)?;
        Ok(Self {
            services: use_context().ok_or_else(missing)?,
            reference: reference(),
            session: parts.extensions.get().cloned().ok_or_else(missing)?,
            cookies: parts.extensions.get().cloned().ok_or_else(missing)?,
            hand_over: parts.extensions.get().cloned().ok_or_else(missing)?,
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default(),
        })
    }

    /// The sign-ins that this browser has in progress.
    pub fn transactions(&self) -> Transactions<'_> {
        Transactions {
            cookies: &self.cookies,
            secrets: &self.services.secrets,
            surroundings: &self.services.surroundings,
            https: self.services.client.settings().is_https(),
        }
    }
}

/// The current request's reference number; empty outside of a request.
pub fn reference() -> Reference {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Reference>().cloned())
        .unwrap_or_else(|| Reference(String::new()))
}

/// A parameter of the address that was asked for, decoded once. (The query map of `leptos_router` decodes twice.)
pub fn query_parameter(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    form_urlencoded::parse(parts.uri.query()?.as_bytes())
        .find(|(candidate, _)| candidate == name)
        .map(|(_, value)| value.into_owned())
}

/// Sends the browser elsewhere: with 303 (RFC 9700 §4.12) when a page renders, in the way Leptos' client understands
/// when a script calls the server function. `location` must be a valid header value; URLs and parsed local paths are.
pub fn see_other(location: &str) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else {
        return;
    };
    let Ok(value) = HeaderValue::from_str(location) else {
        return;
    };
    if parts.method == Method::POST {
        leptos_axum::redirect(location);
        return;
    }
    response.set_status(StatusCode::SEE_OTHER);
    response.insert_header(header::LOCATION, value);
}

/// Gives the response the status of `problem`, and says when to try again where that makes sense.
pub fn set_status(problem: &Problem) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    if let Ok(status) = StatusCode::from_u16(problem.status) {
        response.set_status(status);
    }
    if let Some(seconds) = problem.retry_after {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        if problem.is_repeatable {
            // The page tries again by itself, with or without scripts.
            response.insert_header(header::REFRESH, HeaderValue::from(seconds));
        }
    }
}
