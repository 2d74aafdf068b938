//! The registered application: its credentials and the addresses that may be redirected to.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use crate::params::Params;

/// An application that signs people in here.
pub(crate) struct Client {
    pub(crate) id: String,
    secret: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

/// Why a request was not accepted as the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClientAuthError {
    /// No credentials, or wrong ones.
    #[error("invalid client_id / client_secret")]
    Invalid {
        /// They came in the `Authorization` header, so the answer names the scheme (RFC 6749 section 5.2).
        basic: bool,
    },
    /// RFC 6749 section 2.3: one method a request.
    #[error("client credentials must be sent either in the Authorization header or in the form, not in both")]
    TwoMethods,
}

impl Client {
    pub(crate) fn new(
        id: &str,
        secret: &str,
        redirect_uris: Vec<String>,
        post_logout_redirect_uris: Vec<String>,
    ) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            redirect_uris,
            post_logout_redirect_uris,
        }
    }

    /// Exact comparison: scheme, case, port and trailing slash count.
    pub(crate) fn may_redirect_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|allowed| allowed == uri)
    }

    /// Exact comparison as well.
    pub(crate) fn may_return_after_logout_to(&self, uri: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|allowed| allowed == uri)
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    pub(crate) fn post_logout_redirect_uris(&self) -> &[String] {
        &self.post_logout_redirect_uris
    }

    /// Accepts `client_secret_basic` and `client_secret_post`. A `Bearer` header is ignored: Scalekit's own SDKs send
    /// one along with the form.
    pub(crate) fn authenticate(&self, headers: &HeaderMap, params: &Params) -> Result<(), ClientAuthError> {
        let (id, secret, basic) = match basic_credentials(headers)? {
            Some(_) if params.get("client_secret").is_some() => return Err(ClientAuthError::TwoMethods),
            Some((id, secret)) => {
                if params.get("client_id").is_some_and(|other| other != id) {
                    return Err(ClientAuthError::Invalid { basic: true });
                }
                (id, secret, true)
            }
            None => (
                params.owned("client_id").unwrap_or_default(),
                params.owned("client_secret").unwrap_or_default(),
                false,
            ),
        };
        let known = verify_slices_are_equal(self.id.as_bytes(), id.as_bytes()).is_ok();
        let proven = verify_slices_are_equal(self.secret.as_bytes(), secret.as_bytes()).is_ok();
        if known && proven {
            Ok(())
        } else {
            Err(ClientAuthError::Invalid { basic })
        }
    }
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined and encoded as base64.
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, ClientAuthError> {
    let Some(value) = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(None);
    };
    let Some((scheme, encoded)) = value.split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| {
            pair.split_once(':')
                .map(|(id, secret)| (form_decode(id), form_decode(secret)))
        })
        .map(Some)
        .ok_or(ClientAuthError::Invalid { basic: true })
}

/// Decodes one form-encoded value. A client that skips the encoding may send `&` or `=` as they are; they stay part of
/// the value.
fn form_decode(value: &str) -> String {
    let escaped = value.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The origin of a redirect URI without a slash, or its scheme where it has no origin (`myapp://callback`).
pub(crate) fn origin(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let origin = url.origin();
    Some(if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        format!("{}:", url.scheme())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client() -> Client {
        Client::new("skc_1", "a b&c=d:e%", Vec::new(), Vec::new())
    }

    fn basic(pair: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let none = Params::default();
        assert_eq!(
            client().authenticate(&basic("skc_1:a+b%26c%3Dd%3Ae%25"), &none),
            Ok(())
        );
        assert_eq!(
            client().authenticate(&basic("skc_1:a+b&c=d%3Ae%25"), &none),
            Ok(())
        );
        assert_eq!(
            client().authenticate(&basic("skc_1:wrong"), &none),
            Err(ClientAuthError::Invalid { basic: true })
        );
    }

    #[test]
    fn two_methods_at_once_are_refused_and_a_bearer_header_is_ignored() {
        let params = Params::parse(b"client_id=skc_1&client_secret=a+b%26c%3Dd%3Ae%25");
        assert_eq!(
            client().authenticate(&basic("skc_1:x"), &params),
            Err(ClientAuthError::TwoMethods)
        );
        let bearer = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"))]);
        assert_eq!(client().authenticate(&bearer, &params), Ok(()));
    }

    #[test]
    fn the_origin_of_an_address_has_no_slash() {
        assert_eq!(
            origin("http://localhost:3000/auth/callback").as_deref(),
            Some("http://localhost:3000")
        );
        assert_eq!(origin("myapp://callback").as_deref(), Some("myapp:"));
        assert_eq!(origin("/relative"), None);
    }
}
