//! The server functions of signing in.
//!
//! The pages at `/auth/login` and `/auth/callback` call them while they render, so signing in needs no WebAssembly.

#![expect(missing_docs, reason = "`#[server]` makes a struct for the arguments")]

use leptos::prelude::*;

use crate::problem::Problem;

/// Begins a sign-in: answers with a redirect to the provider. `query` is the query string of `/auth/login`.
#[server(endpoint = "begin-sign-in")]
pub async fn begin_sign_in(query: String) -> Result<(), Problem> {
    use crate::context::{Request, see_other};

    let request = Request::current()?;
    let url = auth::sign_in::begin(&request.services.client, &request.transactions(), &query)
        .await
        .map_err(|failure| told(&failure, &request.reference))?;
    see_other(url.as_str());
    Ok(())
}

/// Begins a sign-in that was initiated elsewhere: answers with a redirect to the provider, or to the sign-in page where
/// nobody says who initiated it. `query` is the query string of `/auth/initiate`.
#[server(endpoint = "initiate-sign-in")]
pub async fn initiate_sign_in(query: String) -> Result<(), Problem> {
    use auth::sign_in::Initiated;

    use crate::{
        context::{Request, see_other},
        routes,
    };

    let request = Request::current()?;
    let initiated = auth::sign_in::initiate(&request.services.client, &request.transactions(), &query)
        .await
        .map_err(|failure| told(&failure, &request.reference))?;
    match initiated {
        Initiated::Provider(url) => see_other(url.as_str()),
        Initiated::SignInPage => see_other(routes::LOGIN),
    }
    Ok(())
}

/// Finishes a sign-in: exchanges the authorization code, verifies the tokens, starts the session, and answers with a
/// redirect to where the person wanted to go. `query` is the query string of the authorization response.
#[server(endpoint = "exchange-code")]
pub async fn exchange_code(query: String) -> Result<(), Problem> {
    use crate::context::{Request, see_other};

    let request = Request::current()?;
    let browser = auth::sign_in::Callback {
        transactions: &request.transactions(),
        session: request.session,
        cookie: &request.session_cookie,
        user_agent: &request.user_agent,
        address: request.address,
        session_lifetime: request.services.session_lifetime,
    };
    let services = &request.services;
    let next = auth::sign_in::finish(&services.client, &services.sessions, &browser, &query)
        .await
        .map_err(|failure| told(&failure, &request.reference))?;
    see_other(next.as_str());
    Ok(())
}

/// The problem that `failure` is, with the status it has; server functions would answer 500 to everything.
#[cfg(feature = "ssr")]
fn told(failure: &auth::sign_in::Failure, reference: &crate::context::Reference) -> Problem {
    let problem = Problem::from_sign_in(failure, reference);
    crate::context::set_status(&problem);
    problem
}
