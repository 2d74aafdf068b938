//! Calls this application's server functions from the browser.
//!
//! By hand: the client that Leptos generates for them costs every visitor 18 kB, a fifth of the first load.

use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

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

/// The members of a server function's answer.
pub(super) struct Answer(JsValue);

impl Answer {
    /// A member that is a number without fraction.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds of a session are whole and few"
    )]
    fn whole(&self, name: &str) -> Option<i64> {
        self.get(name).as_f64().map(|number| number as i64)
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

/// Calls the server function at `path`.
pub(super) async fn ask(path: &str) -> Result<Answer, NoAnswer> {
    let response = fetch(path, "POST").await?;
    let body = text(&response).await?;
    JSON::parse(&body).map(Answer).map_err(unreached)
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
    let here = window().location().href().map_err(unreached)?;
    let response = fetch(&here, "GET").await?;
    // To the sign-in page.
    if response.redirected() {
        return Err(NoAnswer::SignedOut);
    }
    text(&response).await
}

async fn fetch(path: &str, method: &str) -> Result<Response, NoAnswer> {
    let request = RequestInit::new();
    request.set_method(method);
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request));
    let response: Response = response.await.map_err(unreached)?.unchecked_into();
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
