//! As much of a browser as the server can tell: cookies, no redirects followed, the headers of a navigation.

use std::{collections::BTreeMap, net::SocketAddr};

use reqwest::{
    Method,
    header::{HeaderMap, HeaderValue},
    redirect,
};
use serde_json::Value;

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    client: reqwest::Client,
    address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it sends in the place of its cookies, if anything: bytes that no browser would.
    pub(crate) cookie_header: Option<HeaderValue>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test's browser, not the server's client"
    )]
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            address,
            cookies: BTreeMap::new(),
            cookie_header: None,
        }
    }

    /// The same browser, led to another replica by the load balancer.
    pub(crate) fn moved_to(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// Navigates to `path`.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, &[]).await
    }

    /// Submits an empty form on one of our own pages.
    pub(crate) async fn post(&mut self, path: &str) -> Answer {
        self.request(Method::POST, path, &[("sec-fetch-site", "same-origin")])
            .await
    }

    /// Sends a request with `headers` over those of a navigation.
    pub(crate) async fn request(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, String::new(), headers).await.unwrap()
    }

    /// Asks for `path` as a script does.
    pub(crate) async fn fetch(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, &[("accept", "application/json")])
            .await
    }

    /// Calls a server function with `form`, as a script of our own pages does.
    pub(crate) async fn call(&mut self, path: &str, form: &str) -> Answer {
        let headers = [
            ("accept", "application/json"),
            ("content-type", FORM),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.submit(path, form, &headers).await
    }

    /// Sends `form`, filled in on one of our own pages, without a script.
    pub(crate) async fn send_form(&mut self, path: &str, form: &str) -> Answer {
        let headers = [("content-type", FORM), ("sec-fetch-site", "same-origin")];
        self.submit(path, form, &headers).await
    }

    /// Posts `body`.
    pub(crate) async fn submit(&mut self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, body.to_owned(), headers)
            .await
            .unwrap()
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let mut all = BTreeMap::from([
            ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("user-agent", "TestBrowser/1.0"),
        ]);
        all.extend(headers.iter().copied());
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.address))
            .body(body);
        for (name, value) in all {
            request = request.header(name, value);
        }
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if let Some(cookies) = &self.cookie_header {
            request = request.header("cookie", cookies.clone());
        } else if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.remember(cookie.to_str().unwrap());
        }
        Ok(Answer {
            status,
            headers,
            // Leptos marks the places of text with empty comments, which nobody sees.
            body: response.text().await?.replace("<!>", ""),
        })
    }

    /// Sends `path` byte for byte, as no HTTP client would, and gives back the whole answer.
    pub(crate) async fn get_raw(&mut self, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let mut connection = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\ncookie: {}\r\nconnection: close\r\n\r\n",
            cookies.join("; ")
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn remember(&mut self, set_cookie: &str) {
        let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.to_ascii_lowercase().contains("max-age=0") || value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The session cookie's value, if there is one.
    pub(crate) fn session(&self) -> Option<&str> {
        self.cookies.get("scalekit_session").map(String::as_str)
    }

    /// How many sign-ins are in progress.
    pub(crate) fn sign_ins_in_progress(&self) -> usize {
        self.cookies
            .keys()
            .filter(|name| name.contains("scalekit_signin_"))
            .count()
    }
}

impl Answer {
    /// A header's value; empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What it says to a script.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// Where the answer redirects to.
    pub(crate) fn location(&self) -> String {
        let location = self.header("location");
        assert!(
            !location.is_empty(),
            "{} has no Location: {}",
            self.status,
            self.body
        );
        location.to_owned()
    }

    /// Asserts that the answer is the page of a problem, with its reference.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, title: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(
            self.body.contains(&format!("<h1>{title}</h1>")),
            "{title:?} is not in {}",
            self.body
        );
        let reference = self.header("x-request-id");
        assert!(
            !reference.is_empty() && self.body.contains(reference),
            "no reference in {}",
            self.body
        );
    }
}

/// The value of `name` in a URL's query.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(candidate, _)| candidate == name)
        .map(|(_, value)| value.into_owned())
}

/// `url` with the value of `name` replaced.
pub(crate) fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let (base, query) = url.split_once('?').unwrap();
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (candidate, old) in url::form_urlencoded::parse(query.as_bytes()) {
        pairs.append_pair(&candidate, if candidate == name { value } else { &old });
    }
    format!("{base}?{}", pairs.finish())
}
