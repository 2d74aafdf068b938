//! The admin portal: single-use links, and the page behind them, which an application shows in a frame.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use maud::{DOCTYPE, PreEscaped, html};
use serde_json::json;
use time::Duration;

use super::{Answer, Shared, organization_of, timestamp};
use crate::{client, environment::Environment, page, random};

/// How long a link can be followed.
pub(crate) const LINK_LIFETIME: Duration = Duration::minutes(1);

/// `PUT /organizations/{id}/portal_links`: a new link each time.
pub(super) async fn create_link(State(environment): Shared, Path(org): Path<String>) -> Answer {
    organization_of(&org)?;
    let now = environment.now();
    let secret = random::secret();
    let expires = (now + LINK_LIFETIME).unix_timestamp();
    environment.state().portal_links.insert(secret.clone(), org, now);
    Ok(Json(json!({
        "link": {
            "id": random::id("lnk_"),
            "location": format!("{}/magicLink/{secret}_pc", environment.issuer),
            "expire_time": timestamp(expires),
        }
    })))
}

/// The pages.
pub(crate) fn pages() -> Router<Arc<Environment>> {
    Router::new()
        .route("/magicLink/{link}", get(open))
        .route("/portal.js", get(script))
}

/// `GET /magicLink/{link}`, once.
async fn open(State(environment): Shared, Path(link): Path<String>) -> Response {
    let now = environment.now();
    let mut state = environment.state();
    let secret = link.strip_suffix("_pc").unwrap_or_default();
    let is_good = state.portal_links.get(secret, now).is_some();
    let Some(org) = state.portal_links.remove(secret).filter(|_| is_good) else {
        let text = "Links to the admin portal work once, for a minute. Go back to the application and open the portal \
                    from there.";
        return page::Page::message(StatusCode::GONE, "This link has been used or is too old", text)
            .into_response();
    };
    let name = state.tenants.get(&org).map(|tenant| tenant.display_name.clone());
    drop(state);
    // Whoever shows the portal in a frame is told what happens in it.
    let applications: Vec<_> = environment
        .client
        .redirect_uris()
        .iter()
        .filter_map(|uri| client::origin(uri))
        .collect();
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Admin portal · Scalekit emulator" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                script src="/portal.js" defer data-organization=(org) data-applications=(applications.join(" ")) {
                    (PreEscaped(""))
                }
            }
            body {
                header.notice { p { strong { "Emulator" } " — not a real Scalekit environment" } }
                main {
                    div.card {
                        h1 { "Admin portal" }
                        p.lead { "for " strong.destination { (name.unwrap_or_default()) } }
                        p.lead.long {
                            "A real environment lets administrators set up single sign-on and directory sync here. \
                             These buttons tell the application what it would be told then."
                        }
                        form.fields {
                            button.primary type="button" data-event="ORGANIZATION_SSO_ENABLED" {
                                "Single sign-on was enabled"
                            }
                            button.primary type="button" data-event="ORGANIZATION_DIRECTORY_ENABLED" {
                                "Directory sync was enabled"
                            }
                            button.quiet type="button" data-event="PORTAL_SESSION_EXPIRY" { "The portal's session ends" }
                        }
                    }
                }
            }
        }
    };
    let mut response = body.into_response();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors {}",
        applications.join(" ")
    );
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Scalekit's events of the embedded portal: `{event_type, object, organization_id, message, data}`.
async fn script() -> Response {
    let script = include_str!("portal.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script).into_response()
}
