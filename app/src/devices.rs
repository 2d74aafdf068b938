//! The server functions that end a person's other sessions. The guard has seen to it that the sign-in is recent.

#![expect(missing_docs, reason = "`#[server]` makes a struct for the arguments")]

use leptos::prelude::*;

use crate::{done::Done, problem::Problem};

/// Ends the session called `session`, one of the person's own.
#[server(prefix = "/sessions", endpoint = "end")]
pub async fn end_session(session: String, next: Option<String>) -> Result<Done, Problem> {
    use crate::notice::Notice;

    let which = auth::devices::Which::One(&session);
    end(
        crate::routes::END_SESSION,
        which,
        Notice::SessionEnded,
        next.as_deref(),
    )
    .await
}

/// Ends all sessions of the person but this one.
#[server(prefix = "/sessions", endpoint = "end-others")]
pub async fn end_other_sessions(next: Option<String>) -> Result<Done, Problem> {
    use crate::notice::Notice;

    let which = auth::devices::Which::Others;
    end(
        crate::routes::END_OTHERS,
        which,
        Notice::OthersEnded,
        next.as_deref(),
    )
    .await
}

#[cfg(feature = "ssr")]
async fn end(
    path: &'static str,
    which: auth::devices::Which<'_>,
    done: crate::notice::Notice,
    next: Option<&str>,
) -> Result<Done, Problem> {
    use crate::{context::Request, notice::Notice, problem::ProblemKind};

    let request = Request::current()?;
    let session = request.allowed(path)?;
    let own = request.session.ok_or_else(|| request.not_signed_in())?;
    let services = &request.services;
    let ended = auth::devices::end(
        &services.sessions,
        &services.management,
        own,
        &session.signed_in,
        which,
    );
    let ended = ended.await.map_err(|error| {
        let problem = Problem::new(ProblemKind::StoreUnavailable, request.reference.0.as_str());
        problem.log(&auth::error_chain(&error));
        crate::context::set_status(&problem);
        problem
    })?;
    let notice = match (ended.here, ended.left_at_provider) {
        (0, _) => Notice::NothingToEnd,
        (_, 0) => done,
        _ => Notice::EndedHereOnly,
    };
    Ok(Done::with(notice, next))
}
