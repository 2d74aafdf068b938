//! The provider's endpoints, at paths of its own: an application that guesses them instead of reading the discovery
//! document is found out.

use crate::{answer::Answer, document::Document, received::Received, state::Provider};
use http::Method;
use serde_json::json;

/// Where a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery §4)
    Discovery,
    /// `/connect/keys` (RFC 7517)
    Keys,
    /// `/connect/authorize`, which only [`authorize`](crate::MisbehavingProvider::authorize) and
    /// [`refuse`](crate::MisbehavingProvider::refuse) reach: no browser comes here.
    Authorization,
    /// `/connect/token` (RFC 6749 §3.2)
    Token,
    /// `/connect/userinfo` (OpenID Connect Core §5.3)
    UserInfo,
    /// `/connect/par` (RFC 9126)
    PushedAuthorization,
    /// `/connect/logout` (RP-Initiated Logout 1.0)
    EndSession,
    /// Whatever lies below `/api/v1`: Scalekit's management API, whose paths everybody knows.
    Management,
    /// Any other path: 404, unless a fault is set. Where a redirect can lead that nobody should follow.
    Elsewhere,
}

impl Endpoint {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Keys => "/connect/keys",
            Self::Authorization => "/connect/authorize",
            Self::Token => "/connect/token",
            Self::UserInfo => "/connect/userinfo",
            Self::PushedAuthorization => "/connect/par",
            Self::EndSession => "/connect/logout",
            Self::Management => "/api/v1",
            Self::Elsewhere => "/elsewhere",
        }
    }

    pub(crate) fn at(path: &str) -> Self {
        [
            Self::Discovery,
            Self::Keys,
            Self::Token,
            Self::UserInfo,
            Self::PushedAuthorization,
            Self::EndSession,
        ]
        .into_iter()
        .find(|endpoint| endpoint.path() == path)
        .or_else(|| path.starts_with("/api/v1/").then_some(Self::Management))
        .unwrap_or(Self::Elsewhere)
    }

    fn takes(self, method: &Method) -> bool {
        match self {
            Self::Discovery | Self::Keys => method == Method::GET,
            Self::Token | Self::PushedAuthorization => method == Method::POST,
            Self::UserInfo | Self::EndSession => method == Method::GET || method == Method::POST,
            Self::Authorization | Self::Management | Self::Elsewhere => true,
        }
    }
}

impl Provider {
    /// What `endpoint` answers when nothing but bends is in the way.
    pub(crate) fn answer(&self, endpoint: Endpoint, request: &Received) -> Answer {
        if !endpoint.takes(&request.method) {
            return Answer::empty(405);
        }
        match endpoint {
            Endpoint::Discovery => Answer::json(200, &self.discovery_document()),
            Endpoint::Keys => Answer::json(200, &self.published_keys()),
            Endpoint::Token => self.answer_token(request),
            Endpoint::UserInfo => self.answer_userinfo(request),
            Endpoint::PushedAuthorization => self.answer_pushed_authorization(request),
            Endpoint::EndSession => Answer::html("<!doctype html><title>Signed out</title>"),
            Endpoint::Management => self.answer_management(request),
            Endpoint::Authorization | Endpoint::Elsewhere => Answer::empty(404),
        }
    }

    fn discovery_document(&self) -> Document {
        let honest = Document::from([
            ("issuer", json!(self.issuer)),
            ("authorization_endpoint", json!(self.url(Endpoint::Authorization))),
            ("token_endpoint", json!(self.url(Endpoint::Token))),
            ("userinfo_endpoint", json!(self.url(Endpoint::UserInfo))),
            ("jwks_uri", json!(self.url(Endpoint::Keys))),
            ("end_session_endpoint", json!(self.url(Endpoint::EndSession))),
            (
                "pushed_authorization_request_endpoint",
                json!(self.url(Endpoint::PushedAuthorization)),
            ),
            (
                "scopes_supported",
                json!(["openid", "profile", "email", "offline_access"]),
            ),
            ("response_types_supported", json!(["code"])),
            (
                "grant_types_supported",
                json!(["authorization_code", "client_credentials", "refresh_token"]),
            ),
            ("subject_types_supported", json!(["public"])),
            ("id_token_signing_alg_values_supported", json!(["RS256"])),
            (
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic"]),
            ),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("authorization_response_iss_parameter_supported", json!(true)),
        ]);
        self.bends().discovery.apply(honest)
    }
}
