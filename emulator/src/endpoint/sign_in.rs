//! `/sign-in/{id}`: the hosted pages' steps, from "who are you" to the way back to the application.
//!
//! Every form answers with a redirect to the page (so that reload and Back are harmless) or, when something is wrong
//! with what was typed, with the page and a message.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use time::{Duration, OffsetDateTime};

use crate::{
    SIGN_IN_CODE, cookie,
    endpoint::authorize::{Refusal, grant_code},
    environment::Environment,
    page::{self, Page},
    params::Params,
    people::{AddressError, Organization, Person},
    store::{
        State as Memory,
        sign_in::{MAX_TRIES, SignIn, Step},
    },
};

/// A second click within this time is the same click.
const SECOND_CLICK: Duration = Duration::seconds(10);

/// Why a step cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// The id is not known, or no longer.
    Expired,
    /// The id is known, but this is not the browser that it was made for.
    OtherBrowser,
    /// The person has been sent back already.
    Finished,
    /// The form does not belong to the step, or names something that was not offered.
    OutOfStep,
}

impl IntoResponse for SignInError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::Expired => (
                StatusCode::GONE,
                "This sign-in has expired",
                "It was left open too long, or the emulator was started anew. Go back to the application and sign in \
                 again.",
            ),
            Self::OtherBrowser => (
                StatusCode::FORBIDDEN,
                "This sign-in belongs to another browser",
                "A sign-in can only be finished in the browser that started it. Go back to the application and sign \
                 in from there.",
            ),
            Self::Finished => (
                StatusCode::GONE,
                "This sign-in is finished",
                "You have been sent back to the application. Close this page, or start again from the application.",
            ),
            Self::OutOfStep => (
                StatusCode::CONFLICT,
                "That step is over",
                "The page you used is not the current one. Go back to the application and sign in again.",
            ),
        };
        Page::message(status, title, text).into_response()
    }
}

type Shared = State<Arc<Environment>>;
type Answer = Result<Response, SignInError>;

/// The page of the current step.
pub(crate) async fn show(State(environment): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let mut state = environment.state();
    let sign_in = open(&mut state, &id, &headers, environment.now())?.clone();
    if matches!(sign_in.step, Step::Finished { .. }) {
        return Err(SignInError::Finished);
    }
    Ok(page_for(&state, &id, &sign_in, None).into_response())
}

/// A ready-made person was picked: no code is asked for.
pub(crate) async fn person(
    State(environment): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    let sign_in = open(&mut state, &id, &headers, now)?.clone();
    if let Some(answer) = second_click(&sign_in, now) {
        return answer;
    }
    let person = Params::parse(&body)
        .get("person")
        .and_then(|person| state.directory.by_id(person).cloned())
        .filter(|_| matches!(sign_in.step, Step::Identify))
        .ok_or(SignInError::OutOfStep)?;
    identified(&mut state, &id, &sign_in, person, now)
}

/// An address was typed.
pub(crate) async fn email(
    State(environment): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    let mut sign_in = open(&mut state, &id, &headers, now)?.clone();
    if matches!(sign_in.step, Step::Finished { .. } | Step::Organization { .. }) {
        return Err(SignInError::OutOfStep);
    }
    let typed = Params::parse(&body).owned("email").unwrap_or_default();
    match state.directory.accept_address(&typed) {
        Ok(email) => {
            set_step(&mut state, &id, Step::Code { email, tries: 0 }, now)?;
            Ok(Redirect::to(&format!("/sign-in/{id}")).into_response())
        }
        Err(error) => {
            sign_in.step = Step::Identify;
            // What was typed stays in the field.
            sign_in.request.login_hint = Some(typed);
            Ok(page_for(&state, &id, &sign_in, Some(address_problem(error))).into_response())
        }
    }
}

fn address_problem(error: AddressError) -> &'static str {
    match error {
        AddressError::Malformed => "Enter an e-mail address, such as jane+sktest@example.com.",
        AddressError::Unknown => {
            "Nobody here has this address. Use ada@acme.example, or any address with +sktest before the @."
        }
        AddressError::Full | AddressError::Member => "No more test people fit in. Start the emulator anew.",
    }
}

/// A code was typed.
pub(crate) async fn code(
    State(environment): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    let mut sign_in = open(&mut state, &id, &headers, now)?.clone();
    if let Some(answer) = second_click(&sign_in, now) {
        return answer;
    }
    let Step::Code { email, tries } = sign_in.step.clone() else {
        return Err(SignInError::OutOfStep);
    };
    let typed = Params::parse(&body).owned("code").unwrap_or_default();
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    if digits == SIGN_IN_CODE {
        return match state.directory.enrol(&email, sign_in.request.organization) {
            Ok(person) => identified(&mut state, &id, &sign_in, person, now),
            Err(error) => {
                sign_in.step = Step::Identify;
                set_step(&mut state, &id, Step::Identify, now)?;
                Ok(page_for(&state, &id, &sign_in, Some(address_problem(error))).into_response())
            }
        };
    }

    let tries = tries.saturating_add(1);
    let (step, problem) = if tries < MAX_TRIES {
        (
            Step::Code { email, tries },
            "That code is not right. Check it and try again.",
        )
    } else {
        sign_in.request.login_hint = Some(email);
        (
            Step::Identify,
            "That was the wrong code five times. Continue with your e-mail address to get a new one.",
        )
    };
    set_step(&mut state, &id, step.clone(), now)?;
    sign_in.step = step;
    Ok(page_for(&state, &id, &sign_in, Some(problem)).into_response())
}

/// An organization was chosen.
pub(crate) async fn organization(
    State(environment): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    let sign_in = open(&mut state, &id, &headers, now)?.clone();
    if let Some(answer) = second_click(&sign_in, now) {
        return answer;
    }
    let Step::Organization { person, session_id } = &sign_in.step else {
        return Err(SignInError::OutOfStep);
    };
    let organization = Params::parse(&body)
        .get("organization")
        .and_then(|organization| person.membership(organization))
        .map(|membership| membership.organization)
        .ok_or(SignInError::OutOfStep)?;
    finish(
        &mut state,
        &id,
        &sign_in,
        person,
        organization,
        session_id.as_deref(),
        now,
    )
}

/// Back to "who are you".
pub(crate) async fn restart(
    State(environment): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    if matches!(open(&mut state, &id, &headers, now)?.step, Step::Finished { .. }) {
        return Err(SignInError::Finished);
    }
    set_step(&mut state, &id, Step::Identify, now)?;
    Ok(Redirect::to(&format!("/sign-in/{id}")).into_response())
}

/// The person does not want to.
pub(crate) async fn deny(State(environment): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    let sign_in = open(&mut state, &id, &headers, now)?.clone();
    if let Some(answer) = second_click(&sign_in, now) {
        return answer;
    }
    send_back(&mut state, &id, sign_in.request.refuse(&Refusal::denied()), now)
}

/// The sign-in with this id, for the browser that it was made for.
fn open<'a>(
    state: &'a mut Memory,
    id: &str,
    headers: &HeaderMap,
    now: OffsetDateTime,
) -> Result<&'a SignIn, SignInError> {
    let sign_in = state.sign_ins.get(id, now).ok_or(SignInError::Expired)?;
    if cookie::read(headers, cookie::BROWSER).is_some_and(|browser| browser == sign_in.browser) {
        Ok(sign_in)
    } else {
        Err(SignInError::OtherBrowser)
    }
}

fn set_step(state: &mut Memory, id: &str, step: Step, now: OffsetDateTime) -> Result<(), SignInError> {
    state.sign_ins.get_mut(id, now).ok_or(SignInError::Expired)?.step = step;
    Ok(())
}

/// The answer to a form that was sent again while the first answer was on its way.
fn second_click(sign_in: &SignIn, now: OffsetDateTime) -> Option<Answer> {
    let Step::Finished { location, at } = &sign_in.step else {
        return None;
    };
    if now - *at < SECOND_CLICK {
        Some(Ok((
            StatusCode::SEE_OTHER,
            [(header::LOCATION, location.clone())],
        )
            .into_response()))
    } else {
        Some(Err(SignInError::Finished))
    }
}

/// The person is known: on to the organization, or straight back.
fn identified(state: &mut Memory, id: &str, sign_in: &SignIn, person: Person, now: OffsetDateTime) -> Answer {
    if let Some(organization) = sign_in.request.organization {
        if person.membership(organization.id).is_none() {
            let refusal = Refusal::not_a_member(Some(organization));
            return send_back(state, id, sign_in.request.refuse(&refusal), now);
        }
        return finish(state, id, sign_in, &person, organization, None, now);
    }
    match person.memberships.as_slice() {
        [only] if !sign_in.request.prompt.select_account => {
            finish(state, id, sign_in, &person, only.organization, None, now)
        }
        _ => {
            set_step(
                state,
                id,
                Step::Organization {
                    person,
                    session_id: None,
                },
                now,
            )?;
            Ok(Redirect::to(&format!("/sign-in/{id}")).into_response())
        }
    }
}

/// Starts the session, or renews the one that was switched from, and sends the browser back with a code.
fn finish(
    state: &mut Memory,
    id: &str,
    sign_in: &SignIn,
    person: &Person,
    organization: &'static Organization,
    session_id: Option<&str>,
    now: OffsetDateTime,
) -> Answer {
    let connection_id = sign_in.request.way.connection_id();
    let known = session_id.filter(|session_id| state.sessions.alive(session_id, now).is_some());
    let session_id = if let Some(session_id) = known {
        state.sessions.enter(session_id, organization.id, now);
        session_id.to_owned()
    } else {
        state.sessions.start(
            &person.id,
            organization.id,
            connection_id,
            &sign_in.user_agent,
            now,
        )
    };
    state
        .directory
        .signed_in(&person.id, organization.id, now.unix_timestamp());
    let cookie = state.sessions.cookie_for(&session_id, now);
    let location = grant_code(state, &sign_in.request, &session_id, now).ok_or(SignInError::Expired)?;
    let mut response = send_back(state, id, location, now)?;
    if let Some(value) = cookie::set(cookie::SESSION, &cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

fn send_back(state: &mut Memory, id: &str, location: String, now: OffsetDateTime) -> Answer {
    set_step(
        state,
        id,
        Step::Finished {
            location: location.clone(),
            at: now,
        },
        now,
    )?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

fn page_for(state: &Memory, id: &str, sign_in: &SignIn, problem: Option<&'static str>) -> Page {
    match &sign_in.step {
        Step::Identify => page::identify::page(id, &sign_in.request, state.directory.offered(), problem),
        Step::Code { email, .. } => page::code::page(id, &sign_in.request, email, problem),
        Step::Organization { person, .. } => page::organization::page(id, &sign_in.request, person),
        Step::Finished { .. } => page::message::bad_request("This sign-in is finished", ""),
    }
}
