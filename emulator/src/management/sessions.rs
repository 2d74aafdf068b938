//! People's sessions with this environment: list, look at, revoke.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use super::{Answer, Paged, Shared, error::ApiError, timestamp};
use crate::{
    environment::Environment,
    store::session::{ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session},
};

/// `GET /users/{id}/sessions`
pub(super) async fn list(
    State(environment): Shared,
    Path(user): Path<String>,
    Query(paging): Paged,
) -> Answer {
    let now = environment.now();
    let state = environment.state();
    if state.directory.by_id(&user).is_none() {
        return Err(ApiError::not_found("user not found"));
    }
    let mut sessions: Vec<_> = state
        .sessions
        .list(now)
        .filter(|(_, session)| session.person_id == user)
        .collect();
    sessions.sort_by_key(|(_, session)| std::cmp::Reverse(session.authenticated_at));
    let shown = sessions
        .into_iter()
        .map(|(id, session)| json_of(&environment, id, session, "active"));
    Ok(paging.slice(shown.collect())?.json("sessions"))
}

/// `GET /sessions/{id}`
pub(super) async fn get(State(environment): Shared, Path(id): Path<String>) -> Answer {
    let state = environment.state();
    let session = state.sessions.alive(&id, environment.now()).ok_or_else(missing)?;
    Ok(Json(json_of(&environment, &id, session, "active")))
}

/// `POST /sessions/{id}/revoke`: its refresh tokens stop working, its access tokens stay good until they end.
pub(super) async fn revoke(State(environment): Shared, Path(id): Path<String>) -> Answer {
    let mut state = environment.state();
    let session = state.sessions.alive(&id, environment.now()).ok_or_else(missing)?;
    let shown = json_of(&environment, &id, session, "revoked");
    state.sessions.end(&id);
    Ok(Json(json!({ "revoked_session": shown })))
}

/// `POST /users/{id}/sessions/revoke`
pub(super) async fn revoke_all(State(environment): Shared, Path(user): Path<String>) -> Answer {
    let now = environment.now();
    let mut state = environment.state();
    if state.directory.by_id(&user).is_none() {
        return Err(ApiError::not_found("user not found"));
    }
    let revoked: Vec<(String, Value)> = state
        .sessions
        .list(now)
        .filter(|(_, session)| session.person_id == user)
        .map(|(id, session)| (id.to_owned(), json_of(&environment, id, session, "revoked")))
        .collect();
    for (id, _) in &revoked {
        state.sessions.end(id);
    }
    let shown: Vec<_> = revoked.into_iter().map(|(_, shown)| shown).collect();
    Ok(Json(
        json!({ "total_revoked": shown.len(), "revoked_sessions": shown }),
    ))
}

fn json_of(environment: &Environment, id: &str, session: &Session, status: &str) -> Value {
    let started = session.authenticated_at.unix_timestamp();
    let active = session.last_active.unix_timestamp();
    json!({
        "session_id": id,
        "user_id": session.person_id,
        "organization_id": session.organization_id,
        "status": status,
        "created_at": timestamp(started),
        "updated_at": timestamp(active),
        "last_active_at": timestamp(active),
        "absolute_expires_at": timestamp(started + ABSOLUTE_LIFETIME.whole_seconds()),
        "idle_expires_at": timestamp(active + IDLE_LIFETIME.whole_seconds()),
        "authenticated_organizations": [session.organization_id],
        "authenticated_clients": [
            { "client_id": environment.client.id, "organization_id": session.organization_id },
        ],
        // Everybody comes from this machine.
        "device": { "user_agent": session.user_agent, "ip": "127.0.0.1" },
    })
}

fn missing() -> ApiError {
    ApiError::not_found("session not found")
}
