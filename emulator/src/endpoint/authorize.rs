//! `/oauth/authorize`: the start of a sign-in (RFC 6749 section 4.1.1, OIDC Core 3.1.2, PKCE).
//!
//! Who is asking and where the answer goes are settled first; until then nothing redirects. Every later objection goes
//! back to the application.

pub(crate) mod request;

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use time::Duration;

pub(crate) use request::{AuthorizationRequest, AuthorizeError, Refusal};

use crate::{
    cookie,
    environment::Environment,
    page,
    params::{self, Params},
    people::Organization,
    random,
    store::{
        State as Memory,
        grant::{Code, Grant},
        session::Session,
        sign_in::{SignIn, Step},
    },
};

/// The usual way: parameters in the query.
pub(crate) async fn get(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, AuthorizeError> {
    answer(
        &environment,
        &headers,
        &Params::parse(query.unwrap_or_default().as_bytes()),
    )
}

/// OIDC Core 3.1.2.1 demands that a form works as well.
pub(crate) async fn post(
    State(environment): State<Arc<Environment>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AuthorizeError> {
    if !params::is_form(&headers) {
        return Err(AuthorizeError::NotAForm);
    }
    answer(&environment, &headers, &Params::parse(&body))
}

fn answer(
    environment: &Environment,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Response, AuthorizeError> {
    let request = AuthorizationRequest::parse(params, &environment.client)?;
    let now = environment.now();
    let mut state = environment.state();

    let session = cookie::read(headers, cookie::SESSION).and_then(|cookie| {
        state
            .sessions
            .of_cookie(&cookie, now)
            .map(|(id, session)| (id, session.clone()))
    });
    let step = match first_step(&state, &request, session, now) {
        Ok(step) => step,
        Err(refusal) => return Err(AuthorizeError::Refused(request.refuse(&refusal))),
    };
    match step {
        FirstStep::Known {
            session_id,
            organization,
        } => {
            state.sessions.enter(&session_id, organization.id, now);
            let location = grant_code(&mut state, &request, &session_id, now)
                .ok_or_else(|| AuthorizeError::Refused(request.refuse(&Refusal::login_required())))?;
            Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
        }
        FirstStep::Show(step) => {
            let known_browser = cookie::read(headers, cookie::BROWSER);
            let browser = known_browser.clone().unwrap_or_else(random::secret);
            let id = state.remember(
                SignIn {
                    request,
                    browser: browser.clone(),
                    user_agent: user_agent(headers),
                    step,
                },
                now,
            );
            drop(state);
            let mut response = Redirect::to(&format!("/sign-in/{id}")).into_response();
            if known_browser.is_none()
                && let Some(value) = cookie::set(cookie::BROWSER, &browser)
            {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(response)
        }
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT);
    name.and_then(|name| name.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// What happens first.
enum FirstStep {
    /// The person is signed in here already and goes straight back.
    Known {
        session_id: String,
        organization: &'static Organization,
    },
    /// A page is shown.
    Show(Step),
}

fn first_step(
    state: &Memory,
    request: &AuthorizationRequest,
    session: Option<(String, Session)>,
    now: time::OffsetDateTime,
) -> Result<FirstStep, Refusal> {
    let prompt = request.prompt;
    // OIDC Core 3.1.2.1: a sign-in older than `max_age` seconds counts for nothing.
    let session = session.filter(|(_, session)| {
        request
            .max_age
            .is_none_or(|age| session.authenticated_at.saturating_add(Duration::seconds(age)) > now)
    });
    let known = session.and_then(|(id, session)| {
        let person = state.directory.by_id(&session.person_id)?.clone();
        Some((id, session, person))
    });
    let Some((session_id, session, person)) = known.filter(|_| !prompt.login && !prompt.create) else {
        return if prompt.none {
            Err(Refusal::login_required())
        } else {
            Ok(FirstStep::Show(Step::Identify))
        };
    };

    // `prompt=select_account` without an organization is the organization switcher; with one it jumps there.
    if prompt.select_account && request.organization.is_none() {
        return Ok(FirstStep::Show(Step::Organization {
            person,
            session_id: Some(session_id),
        }));
    }
    let wanted = request
        .organization
        .map_or(session.organization_id.as_str(), |organization| organization.id);
    match person.membership(wanted) {
        Some(membership) => Ok(FirstStep::Known {
            session_id,
            organization: membership.organization,
        }),
        None if prompt.none => Err(Refusal::not_a_member(request.organization)),
        // Somebody else may be meant.
        None => Ok(FirstStep::Show(Step::Identify)),
    }
}

/// Issues a code for a session and returns where the browser takes it. `None` if the session has ended meanwhile.
pub(crate) fn grant_code(
    state: &mut Memory,
    request: &AuthorizationRequest,
    session_id: &str,
    now: time::OffsetDateTime,
) -> Option<String> {
    let session = state.sessions.alive(session_id, now)?.clone();
    let grant = Grant::new(
        session_id.to_owned(),
        session.person_id,
        session.organization_id,
        session.connection_id,
        request.scope.clone(),
    );
    let code = Code {
        grant: Arc::new(grant),
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        used: false,
    };
    let code = state.grants.issue_code(code, now);
    Some(request.with_answer(&[("code", &code)]))
}

impl IntoResponse for AuthorizeError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
            error => {
                page::message::bad_request("This sign-in cannot start", &error.to_string()).into_response()
            }
        }
    }
}
