//! Calls this application's server functions from the browser.
//!
//! By hand: the client that Leptos generates for them costs every visitor 18 kB, a fifth of the first load.

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response, UrlSearchParams};

use super::tabs::{Word, tell};
use crate::{routes, tokens::Remaining};

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Nobody is signed in any more.
    SignedOut,
    /// The server, or something that it needs, cannot be reached right now.
    Unreached,
}

/// The members of a server function's answer, and its status.
pub(super) struct Answer(JsValue, u16);

impl Answer {
    /// A member that is a number without fraction.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds of a session are whole and few"
    )]
    fn whole(&self, name: &str) -> Option<i64> {
        self.get(name).as_f64().map(|number| number as i64)
    }

    /// Whether what was asked for is there no more.
    pub(super) fn is_gone(&self) -> bool {
        self.1 == 404
    }

    /// Whether a member is `true`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name).is_truthy()
    }

    /// A member that is text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or_default()
    }
}

/// Calls the server function at `path`, which must succeed.
pub(super) async fn ask(path: &str) -> Result<Answer, NoAnswer> {
    let response = successful(fetch(path, "POST", None).await?)?;
    answer(&response).await
}

/// Sends a form's fields to the server function at `path`. It may say no: the answer tells why.
pub(super) async fn send(path: &str, fields: &UrlSearchParams) -> Result<Answer, NoAnswer> {
    let response = fetch(path, "POST", Some(fields)).await?;
    match response.status() {
        401 => Err(NoAnswer::SignedOut),
        _ => answer(&response).await,
    }
}

async fn answer(response: &Response) -> Result<Answer, NoAnswer> {
    let body = text(response).await?;
    let members = JSON::parse(&body).map_err(unreached)?;
    Ok(Answer(members, response.status()))
}

/// Says to the server that the person is still there, and to all tabs how long the session lives now.
pub(super) async fn stay() -> Result<(), NoAnswer> {
    let answer = ask(routes::STAY).await?;
    let seconds = |name| answer.whole(name).ok_or(NoAnswer::Unreached);
    tell(Word::Alive(Remaining {
        idle_seconds: seconds("idleSeconds")?,
        absolute_seconds: seconds("absoluteSeconds")?,
    }));
    Ok(())
}

/// This page as the server renders it now.
pub(super) async fn this_page() -> Result<String, NoAnswer> {
    page_at(&window().location().href().map_err(unreached)?).await
}

/// The page at `address`, one of ours.
pub(super) async fn page_at(address: &str) -> Result<String, NoAnswer> {
    let response = successful(fetch(address, "GET", None).await?)?;
    // To the sign-in page.
    if response.redirected() {
        return Err(NoAnswer::SignedOut);
    }
    text(&response).await
}

async fn fetch(path: &str, method: &str, fields: Option<&UrlSearchParams>) -> Result<Response, NoAnswer> {
    let request = RequestInit::new();
    request.set_method(method);
    if let Some(fields) = fields {
        request.set_body(fields);
    }
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request));
    Ok(response.await.map_err(unreached)?.unchecked_into())
}

fn successful(response: Response) -> Result<Response, NoAnswer> {
    match response.status() {
        200 => Ok(response),
        401 => Err(NoAnswer::SignedOut),
        _ => Err(NoAnswer::Unreached),
    }
}

async fn text(response: &Response) -> Result<String, NoAnswer> {
    let text = JsFuture::from(response.text().map_err(unreached)?).await;
    text.map_err(unreached)?.as_string().ok_or(NoAnswer::Unreached)
}

fn unreached(_: JsValue) -> NoAnswer {
    NoAnswer::Unreached
}
