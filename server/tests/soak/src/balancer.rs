//! The way from a browser to the servers: each request to the other one, as a load balancer does it that knows nothing of
//! sessions. What never reached a server, or was on its way to one that we killed, is sent to the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use emulator::Control;
use reqwest::{Method, StatusCode, header, redirect};
use time::OffsetDateTime;

use crate::{Failure, replica::Replica, timeline::Timeline};

/// Longer than the server lets any request take.
const PATIENCE: Duration = Duration::from_secs(40);

/// Enough of an error in JSON.
const TELLING: usize = 500;

/// What a browser asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// Goes to a page.
    Page(&'a str),
    /// Has a script of a page ask something.
    Script(&'a str),
    /// Presses the button that signs out.
    SignOut,
}

impl Ask<'_> {
    fn path(self) -> Box<str> {
        match self {
            Self::Page(path) | Self::Script(path) => path.into(),
            Self::SignOut => "/logout".into(),
        }
    }
}

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// Where it leads.
    pub(crate) location: String,
    /// Its number in the server's log.
    pub(crate) reference: String,
    /// The cookies that it sets; empty values are those it removes.
    pub(crate) cookies: Vec<(String, String)>,
    /// What a script would read in the answer of a server in trouble.
    pub(crate) said: String,
    /// What was asked for.
    pub(crate) path: Box<str>,
    /// Which server answered.
    pub(crate) replica: &'static str,
    /// When it was asked.
    pub(crate) sent: OffsetDateTime,
    /// When the last byte was here.
    pub(crate) answered: OffsetDateTime,
}

/// What an answer says about the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is alive.
    Alive,
    /// There is none (any more).
    Over,
    /// It may be alive, but its token could not be renewed.
    Unavailable,
    /// Nothing that any server should answer.
    Strange,
}

impl Answer {
    /// What it says about the session.
    pub(crate) fn meaning(&self) -> Meaning {
        match self.status {
            StatusCode::OK => Meaning::Alive,
            StatusCode::UNAUTHORIZED => Meaning::Over,
            StatusCode::SEE_OTHER if self.location.starts_with("/login?") => Meaning::Over,
            StatusCode::SERVICE_UNAVAILABLE => Meaning::Unavailable,
            _ => Meaning::Strange,
        }
    }
}

/// Sends requests to the servers in turn.
pub(crate) struct Balancer {
    replicas: [Arc<Replica>; 2],
    turn: AtomicUsize,
    client: reqwest::Client,
    /// `localhost:PORT`: what people type, whatever port a server listens on.
    host: String,
    timeline: Arc<Timeline>,
    control: Control,
}

impl Balancer {
    pub(crate) fn new(
        replicas: [Arc<Replica>; 2],
        host: String,
        timeline: Arc<Timeline>,
        control: Control,
    ) -> Result<Self, Failure> {
        Ok(Self {
            replicas,
            turn: AtomicUsize::new(0),
            client: client()?,
            host,
            timeline,
            control,
        })
    }

    /// Asks one of the servers with these cookies. The error says why nobody answered.
    pub(crate) async fn send(&self, ask: Ask<'_>, cookies: &str) -> Result<Answer, String> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut replicas = self.replicas.iter().cycle().skip(turn % 2).take(2);
        loop {
            let Some(replica) = replicas.next() else {
                return Err(format!("no server could be reached for {}", ask.path()));
            };
            let sent = self.control.now();
            match self.send_to(replica, ask, cookies, sent).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_connect() => {}
                Err(_) if self.timeline.was_killed(replica.name, sent) => {}
                Err(error) => {
                    let (name, path) = (replica.name, ask.path());
                    return Err(format!(
                        "server {name} broke off, though it lives, at {path}: {error:?}"
                    ));
                }
            }
        }
    }

    async fn send_to(
        &self,
        replica: &Replica,
        ask: Ask<'_>,
        cookies: &str,
        sent: OffsetDateTime,
    ) -> Result<Answer, reqwest::Error> {
        let path = ask.path();
        let url = format!("http://{}{path}", replica.address);
        let request = match ask {
            Ask::Page(_) => self
                .client
                .request(Method::GET, url)
                .header(header::ACCEPT, "text/html")
                .header("sec-fetch-mode", "navigate")
                .header("sec-fetch-dest", "document"),
            Ask::Script(_) => self
                .client
                .request(Method::POST, url)
                .header(header::ACCEPT, "application/json")
                .header("sec-fetch-mode", "cors"),
            Ask::SignOut => self
                .client
                .request(Method::POST, url)
                .header(header::ACCEPT, "text/html")
                .header("sec-fetch-mode", "navigate"),
        };
        let mut response = request
            .header(header::HOST, &self.host)
            .header(header::ORIGIN, format!("http://{}", self.host))
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies)
            .send()
            .await?;
        let is_telling = response.status().is_server_error() && matches!(ask, Ask::Script(_));
        let mut said = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if is_telling && said.len() < TELLING {
                said.extend_from_slice(&chunk);
            }
        }
        let text = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        Ok(Answer {
            status: response.status(),
            location: text(header::LOCATION),
            reference: text(header::HeaderName::from_static("x-request-id")),
            cookies: response
                .headers()
                .get_all(header::SET_COOKIE)
                .iter()
                .filter_map(|cookie| pair(cookie.to_str().ok()?))
                .collect(),
            said: String::from_utf8_lossy(&said).into_owned(),
            path,
            replica: replica.name,
            sent,
            answered: self.control.now(),
        })
    }
}

/// Name and value of a `Set-Cookie`; no value if it is to be removed.
fn pair(set_cookie: &str) -> Option<(String, String)> {
    let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
    let (name, value) = pair.split_once('=')?;
    let removed = attributes.to_ascii_lowercase().contains("max-age=0");
    let value = if removed { "" } else { value };
    Some((name.to_owned(), value.to_owned()))
}

/// A client that shows every redirect and keeps no cookies.
#[expect(
    clippy::disallowed_methods,
    reason = "the browsers' client; there is no `auth` here to ask for one"
)]
pub(crate) fn client() -> Result<reqwest::Client, Failure> {
    Ok(reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()?)
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn a_cookie_that_is_removed_has_no_value() {
        let owned = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(pair("a=b; Path=/; HttpOnly"), owned("a", "b"));
        assert_eq!(pair("a=b; Max-Age=0"), owned("a", ""));
        assert_eq!(pair("a="), owned("a", ""));
        assert_eq!(pair("nonsense"), None);
    }
}
