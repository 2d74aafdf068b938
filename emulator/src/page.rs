//! The hosted pages: plain HTML and one style sheet, no script, nothing from elsewhere.

pub(crate) mod code;
pub(crate) mod identify;
pub(crate) mod message;
pub(crate) mod organization;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use crate::{client, endpoint::authorize::AuthorizationRequest};

/// A complete page.
pub(crate) struct Page {
    status: StatusCode,
    title: String,
    content: Markup,
    /// An origin that forms may lead to by redirect, besides this one.
    form_destination: Option<String>,
}

impl Page {
    /// A page of a sign-in under way. `problem` is what was wrong with the form that led here.
    pub(crate) fn step(
        title: impl Into<String>,
        request: &AuthorizationRequest,
        problem: Option<&str>,
        content: Markup,
    ) -> Self {
        Self {
            status: if problem.is_some() {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            },
            title: title.into(),
            content,
            form_destination: client::origin(&request.redirect_uri),
        }
    }

    /// A page that says something and leads nowhere.
    pub(crate) fn message(status: StatusCode, title: &str, text: &str) -> Self {
        message::page(status, title, text)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let body = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Scalekit emulator" }
                    link rel="stylesheet" href="/style.css";
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                }
                body {
                    header.notice {
                        p { strong { "Emulator" } " — not a real Scalekit environment" }
                    }
                    main { div.card { (self.content) } }
                    footer.imprint { p { "Everything here is made up and forgotten when the emulator stops." } }
                }
            }
        };
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.extend(HEADERS);
        // Chromium checks `form-action` against every redirect that follows a form, so the way back is on the list.
        let forms = self.form_destination.unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {forms}; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// `/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), ASSET_CACHING],
        include_str!("page/style.css"),
    )
}

/// `/icon.svg`
pub(crate) async fn icon() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "image/svg+xml"), ASSET_CACHING],
        include_str!("page/icon.svg"),
    )
}

/// Short, because the next version of the emulator answers at the same address.
const ASSET_CACHING: (HeaderName, &str) = (header::CACHE_CONTROL, "max-age=60");

/// The mark above the title.
fn mark() -> Markup {
    html! { img.mark src="/icon.svg" width="40" height="40" alt=""; }
}

/// "to continue to localhost:3000": the person should see where this leads.
fn destination(request: &AuthorizationRequest) -> Markup {
    let origin = client::origin(&request.redirect_uri).unwrap_or_default();
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    html! { "to continue to " strong.destination { (host) } }
}

/// What was wrong, below the field.
fn problem(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.problem #problem role="alert" { (text) } } }
}

/// The way out that every step has.
fn deny(id: &str) -> Markup {
    html! {
        form.deny method="post" action={ "/sign-in/" (id) "/deny" } {
            button.quiet type="submit" { "Deny access" }
        }
    }
}
