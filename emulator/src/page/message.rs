//! Pages that say something and ask nothing: errors, and the end of a session.

use axum::http::StatusCode;
use maud::html;

use super::{Page, mark};

/// A title and a sentence.
pub(crate) fn page(status: StatusCode, title: &str, text: &str) -> Page {
    let failed = status.is_client_error() || status.is_server_error();
    let content = html! {
        (mark())
        h1 { (title) }
        p.lead.long { (text) }
        @if failed { p.status { "Status " (status.as_u16()) } }
    };
    Page {
        status,
        title: title.to_owned(),
        content,
        form_destination: None,
    }
}

/// A request that is wrong in itself. The browser stays here, because there is no address that can be trusted to
/// receive the message.
pub(crate) fn bad_request(title: &str, text: &str) -> Page {
    page(StatusCode::BAD_REQUEST, title, text)
}

/// After a logout that named no address to go to.
pub(crate) fn signed_out() -> Page {
    page(
        StatusCode::OK,
        "You are signed out",
        "Your session here has ended. You can close this page.",
    )
}

/// Nothing lives at this address.
pub(crate) fn not_found() -> Page {
    page(
        StatusCode::NOT_FOUND,
        "There is no such page",
        "The emulator answers nothing at this address.",
    )
}
