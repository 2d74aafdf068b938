//! What the provider was asked, for tests to look at.

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, header, request::Parts};

use crate::parameters::Parameters;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The query's parameters.
    pub query: Parameters,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's parameters, if it is a form.
    pub form: Parameters,
    /// The body.
    pub body: Bytes,
}

/// How an application proved who it is (RFC 6749 §2.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// It did not.
    None,
    /// `client_secret_basic`, decoded.
    Basic {
        /// The `client_id`.
        id: String,
        /// The secret.
        secret: String,
    },
    /// `client_secret_post`.
    Form {
        /// The `client_id`.
        id: String,
        /// The secret.
        secret: String,
    },
    /// In two ways at once, which is forbidden, or in one that cannot be read.
    Wrong,
}

impl Received {
    pub(crate) fn new(head: Parts, body: Bytes) -> Self {
        let is_form = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: Parameters::parse(head.uri.query().unwrap_or_default().as_bytes()),
            headers: head.headers,
            form: if is_form {
                Parameters::parse(&body)
            } else {
                Parameters::default()
            },
            body,
        }
    }

    /// A header's value; empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// How the application proved who it is.
    pub fn client_authentication(&self) -> ClientAuthentication {
        let basic = self.header("authorization").strip_prefix("Basic ");
        match (basic, self.form.get("client_secret")) {
            (None, None) => ClientAuthentication::None,
            (Some(basic), None) => decode(basic).unwrap_or(ClientAuthentication::Wrong),
            (None, Some(secret)) => ClientAuthentication::Form {
                id: self.form.get("client_id").unwrap_or_default().to_owned(),
                secret: secret.to_owned(),
            },
            (Some(_), Some(_)) => ClientAuthentication::Wrong,
        }
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
fn decode(basic: &str) -> Option<ClientAuthentication> {
    let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let [id, secret] = [id, secret].map(|half| {
        let form = Parameters::parse(format!("half={half}").as_bytes());
        form.get("half").unwrap_or_default().to_owned()
    });
    Some(ClientAuthentication::Basic { id, secret })
}
