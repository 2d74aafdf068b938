//! What the server provides to pages and server functions with each request.

use std::{fmt, net::IpAddr, sync::Arc};

use auth::{
    client::Client,
    clock::Surroundings,
    devices::Handle,
    guard::{Access, Refusal},
    local_path::LocalPath,
    management::Management,
    refresh::Sessions,
    seal::Secrets,
    session::SessionCookie,
    transaction::Transactions,
    vault::OpenSession,
};
use axum::http::{HeaderValue, Method, StatusCode, header, request::Parts, uri::PathAndQuery};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::ResponseOptions;
use tower_cookies::Cookies;
use tower_sessions::{Session, session::Id};
use url::form_urlencoded;

use crate::{
    denial::Denial,
    load::Loaded,
    notice::Notice,
    pages::problems::Gallery,
    problem::{Problem, ProblemKind},
    routes,
    viewer::{Viewer, viewer},
};

/// The parts of the server that server functions work with.
#[derive(Debug, Clone)]
pub struct Services {
    /// This application at the provider.
    pub client: Client,
    /// Who is signed in, with tokens that are always good.
    pub sessions: Sessions,
    /// What an organization's administrators may have done to it.
    pub management: Management,
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
pub struct Principal(pub Option<Arc<OpenSession>>);

/// Where a request comes from, as the server found out: the peer, or whom a trusted proxy names.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub Option<IpAddr>);

/// Provides everything above to the Leptos side; called by the server for each request before rendering.
pub fn provide(services: &Services) {
    provide_context(services.clone());
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    if let Some(CspNonce(nonce)) = parts.extensions.get() {
        provide_context(Nonce::from_value(nonce.as_str()));
    }
    if let Some(Principal(Some(session))) = parts.extensions.get() {
        let handle = parts
            .extensions
            .get()
            .and_then(Session::id)
            .map(Handle::of_session);
        provide_context(Viewer::new(session, handle, services.surroundings.now()));
    }
    if let Some(denial) = parts.extensions.get::<Denial>() {
        provide_context(denial.clone());
    }
    if let Some(loaded) = parts.extensions.get::<Loaded>() {
        provide_context(loaded.clone());
    }
    if let Some(problem) = parts.extensions.get::<Problem>() {
        provide_context(problem.clone());
    }
    if let Some(gallery) = parts.extensions.get::<Gallery>() {
        provide_context(*gallery);
    }
}

/// The request as server functions need it.
pub struct Request {
    /// The server's parts.
    pub services: Services,
    /// Its reference number.
    pub reference: Reference,
    /// The session that its cookie names, if any.
    pub session: Option<Id>,
    /// Who is signed in, as the guard found out.
    pub principal: Principal,
    /// Its cookies.
    pub cookies: Cookies,
    /// The way to begin and end the browser's session.
    pub session_cookie: SessionCookie,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// Where it comes from, as far as that is known.
    pub address: Option<IpAddr>,
}

/// Without its cookies: whoever has them has the session.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// The current request. Fails only when a middleware is missing, which a test would notice.
    pub fn current() -> Result<Self, Problem> {
        let missing = || Problem::new(ProblemKind::Unexpected, reference().0);
        let parts = use_context::<Parts>().ok_or_else(missing)?;
        Ok(Self {
            services: use_context().ok_or_else(missing)?,
            reference: reference(),
            session: parts.extensions.get().and_then(Session::id),
            principal: parts.extensions.get().cloned().ok_or_else(missing)?,
            cookies: parts.extensions.get().cloned().ok_or_else(missing)?,
            session_cookie: parts.extensions.get().cloned().ok_or_else(missing)?,
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default(),
            address: parts.extensions.get().and_then(|ClientAddress(address)| *address),
        })
    }

    /// The session of the person who asks, if they may do what is done at `path`. The guard has judged that already;
    /// a server function that is reached without it tells nothing and does nothing.
    pub fn allowed(&self, path: &str) -> Result<Arc<OpenSession>, Problem> {
        let Principal(session) = &self.principal;
        let who = session.as_deref().map(|session| &session.signed_in);
        let access = Access::from(routes::demand(path));
        match (access.check(who, self.services.surroundings.now()), session) {
            (Ok(()), Some(session)) if access != Access::Anyone => Ok(Arc::clone(session)),
            (Err(Refusal::NotRecent | Refusal::Forbidden(_)), _) => {
                let problem = Problem::new(ProblemKind::Forbidden, self.reference.0.as_str());
                set_status(&problem);
                Err(problem)
            }
            _ => Err(self.not_signed_in()),
        }
    }

    /// The answer to somebody who is not signed in, or no longer.
    pub fn not_signed_in(&self) -> Problem {
        let problem = Problem::new(ProblemKind::NotSignedIn, self.reference.0.as_str());
        set_status(&problem);
        problem
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

/// Says in a form's address which organization it is meant for.
pub const ORGANIZATION: &str = "organization";

/// The address of the server function `path` in a form about the organization of the session: bound to it, so that a page
/// that was rendered before the person switched changes nothing in the other one.
pub fn in_organization(path: &'static str) -> String {
    match viewer().and_then(|viewer| viewer.organization_id) {
        Some(id) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair(ORGANIZATION, &id)
                .finish();
            format!("{path}?{query}")
        }
        None => path.to_owned(),
    }
}

/// The path that was asked for.
pub fn path_of_page() -> Option<String> {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned())
}

/// The address of the page that is rendered, to come back to. Without what it says about a form that was sent before.
pub fn here() -> LocalPath {
    let parts = use_context::<Parts>();
    let address = parts.as_ref().and_then(|parts| parts.uri.path_and_query());
    // A server function's address, on whose behalf a problem page may be shown, is no page.
    let page = address
        .map(PathAndQuery::as_str)
        .filter(|address| !routes::is_function(address.split('?').next().unwrap_or_default()));
    LocalPath::parse_or_dashboard(page.map(Notice::without).as_deref())
}

/// Whether a link or a form of another site led here, as far as the browser tells (Fetch Metadata, `Sec-Fetch-Site`).
pub fn comes_from_another_site() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let site = parts.headers.get("sec-fetch-site");
        site.is_some_and(|site| !matches!(site.as_bytes(), b"none" | b"same-origin"))
    })
}

/// Whether a form on a page asks, rather than a script.
pub fn is_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT);
        accept.is_some_and(|accept| accept.as_bytes().windows(9).any(|part| part == b"text/html"))
    })
}

/// Sends the browser elsewhere: with 303 (RFC 9700 §4.12) when a page renders or a form asks, in the way Leptos' client understands
/// when a script calls the server function. `location` must be a valid header value; URLs and parsed local paths are.
pub fn see_other(location: &str) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else {
        return;
    };
    let Ok(value) = HeaderValue::from_str(location) else {
        return;
    };
    if parts.method == Method::POST && !is_form() {
        leptos_axum::redirect(location);
        return;
    }
    response.set_status(StatusCode::SEE_OTHER);
    response.insert_header(header::LOCATION, value);
}

/// Gives the response this status.
pub fn set_code(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Says when to try again.
pub fn set_retry_after(seconds: u32) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
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
