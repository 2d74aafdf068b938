//! `GET /healthz` and `GET /readyz`: for load balancers and whoever is on call.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::state::AppState;

/// The process is alive. Says nothing about anything else: a provider that is down must not get us restarted.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// New sign-ins work: the provider is discovered and the session store answers. 503 otherwise.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let provider = state.services.client.provider().is_ok();
    let store = match state.services.sessions.vault().ping().await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the session store does not answer");
            false
        }
    };
    let status = if provider && store {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": provider && store, "provider": provider, "session_store": store })),
    )
}
