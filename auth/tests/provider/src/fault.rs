//! Endpoints that answer wrongly, late or not at all.

use std::{
    collections::{HashMap, VecDeque},
    future,
    time::Duration,
};

use axum::body::{Body, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::{
    answer::{Answer, JSON},
    endpoint::Endpoint,
    partial_body::PartialBody,
};

const HUGE: usize = 10 * 1024 * 1024;

/// What an endpoint does to its answer, or instead of answering.
///
/// Where the honest answer, or a part of it, is sent, the work is done: the code is used up, the refresh token
/// rotated. Otherwise it is not, unless the fault comes [`after_work`](Self::after_work).
#[derive(Debug, Clone)]
#[must_use = "a fault does nothing until an endpoint has it"]
pub struct Fault {
    kind: Kind,
    status: Option<StatusCode>,
    headers: HeaderMap,
    delay: Duration,
    works_first: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    /// The honest answer.
    Honest,
    /// The honest answer with this body, or nothing of it but this body.
    Body(Bytes),
    Truncated,
    Stalled,
    Huge,
    Hang,
    Reset,
}

/// The connection is to be reset instead of answering.
#[derive(Debug)]
pub(crate) struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for Reset {}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            status: None,
            headers: HeaderMap::new(),
            delay: Duration::ZERO,
            works_first: false,
        }
    }

    /// Answers honestly.
    pub(crate) fn none() -> Self {
        Self::new(Kind::Honest)
    }

    /// Answers honestly, but not before this time has passed.
    pub fn delay(by: Duration) -> Self {
        Self::none().delayed(by)
    }

    /// Takes the request and never answers. Other requests are answered.
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    /// Reads the request and resets the connection (TCP RST).
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Answers with this status and an empty body.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Body(Bytes::new())).with_status(status)
    }

    /// Answers with this status and an OAuth error (RFC 6749 §5.2), such as `invalid_grant`.
    pub fn error(status: u16, error: &str) -> Self {
        Self::body(json!({ "error": error }).to_string())
            .with_status(status)
            .header("content-type", JSON)
    }

    /// Redirects, keeping method and body (307): whoever follows sends its secrets along.
    pub fn redirect(to: &str) -> Self {
        Self::status(307).header("location", to)
    }

    /// Answers 200 with a web page.
    pub fn html() -> Self {
        Self::body("<!doctype html><title>Hello</title><p>This is not what you asked for.")
            .header("content-type", "text/html; charset=utf-8")
    }

    /// Answers 200 with this body, labelled as JSON.
    pub fn body(body: impl Into<String>) -> Self {
        Self::new(Kind::Body(Bytes::from(body.into()))).header("content-type", JSON)
    }

    /// Answers honestly under this content type.
    pub fn content_type(content_type: &str) -> Self {
        Self::none().header("content-type", content_type)
    }

    /// Sends the first half of the honest answer, with the length of the whole, and closes the connection.
    pub fn truncated() -> Self {
        Self::new(Kind::Truncated)
    }

    /// Sends the first half of the honest answer, and the second never.
    pub fn stalled() -> Self {
        Self::new(Kind::Stalled)
    }

    /// Answers honestly, but the JSON object has one more member, of ten megabytes.
    pub fn huge() -> Self {
        Self::new(Kind::Huge)
    }

    /// Answers with this status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(StatusCode::from_u16(status).unwrap());
        self
    }

    /// Answers with this header, in place of another of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Does all this not before this time has passed.
    pub fn delayed(mut self, by: Duration) -> Self {
        self.delay = by;
        self
    }

    /// Does its work nonetheless, and only then goes wrong: the code is used up although no answer arrives.
    pub fn after_work(mut self) -> Self {
        self.works_first = true;
        self
    }

    /// Plays this fault around `work`, the honest answer.
    pub(crate) async fn play(self, work: impl FnOnce() -> Answer) -> Result<Response<Body>, Reset> {
        let is_of_use = !matches!(self.kind, Kind::Body(_) | Kind::Hang | Kind::Reset);
        let mut answer = if is_of_use || self.works_first {
            work()
        } else {
            Answer::empty(200)
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if let Some(status) = self.status {
            answer.status = status;
        }
        let body = match self.kind {
            Kind::Honest => answer.body.clone().into(),
            Kind::Body(body) => {
                (answer.status, answer.headers) = (self.status.unwrap_or(StatusCode::OK), HeaderMap::new());
                body.into()
            }
            Kind::Truncated => Body::new(PartialBody::broken_off(first_half(&mut answer))),
            Kind::Stalled => Body::new(PartialBody::stalled(first_half(&mut answer))),
            Kind::Huge => huge(&answer.body).into(),
            Kind::Hang => future::pending().await,
            Kind::Reset => return Err(Reset),
        };
        answer.headers.extend(self.headers);
        Ok(answer.into_response(body))
    }
}

/// Half of the body, with the length of the whole announced.
fn first_half(answer: &mut Answer) -> Bytes {
    let whole = answer.body.len();
    answer.headers.insert(header::CONTENT_LENGTH, whole.into());
    answer.body.slice(..whole / 2)
}

fn huge(honest: &[u8]) -> Vec<u8> {
    let start = honest
        .strip_suffix(b"}")
        .expect("the honest answer is a JSON object");
    let mut body = [start, br#","padding":""#].concat();
    body.resize(body.len() + HUGE, b'x');
    body.extend(br#""}"#);
    body
}

/// The faults that are set.
#[derive(Default)]
pub(crate) struct Faults {
    /// For the next requests only, each with how many of them.
    next: HashMap<Endpoint, VecDeque<(usize, Fault)>>,
    standing: HashMap<Endpoint, Fault>,
}

impl Faults {
    pub(crate) fn set(&mut self, endpoint: Endpoint, fault: Fault) {
        self.standing.insert(endpoint, fault);
    }

    pub(crate) fn queue(&mut self, endpoint: Endpoint, times: usize, fault: Fault) {
        self.next.entry(endpoint).or_default().push_back((times, fault));
    }

    pub(crate) fn clear(&mut self, endpoint: Endpoint) {
        self.next.remove(&endpoint);
        self.standing.remove(&endpoint);
    }

    pub(crate) fn next(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let queue = self.next.entry(endpoint).or_default();
        queue.retain(|(times, _)| *times > 0);
        match queue.front_mut() {
            Some((times, fault)) => {
                *times -= 1;
                Some(fault.clone())
            }
            None => self.standing.get(&endpoint).cloned(),
        }
    }
}
