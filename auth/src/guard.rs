//! Who may see what, decided before anything renders.

use http::{HeaderMap, header::ACCEPT};

use crate::session::SignedIn;

/// What a route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Open to all.
    Anyone,
    /// Somebody must be signed in.
    SignedIn,
    /// Somebody must be signed in and have this permission.
    Permission(&'static str),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("sign in first")]
    NotSignedIn,
    /// The person lacks this permission.
    #[error("the permission {0} is missing")]
    Forbidden(&'static str),
}

impl Access {
    /// Lets `who` pass, or says why not.
    pub fn check(self, who: Option<&SignedIn>) -> Result<(), Refusal> {
        match (self, who) {
            (Self::Anyone, _) | (Self::SignedIn, Some(_)) => Ok(()),
            (Self::SignedIn | Self::Permission(_), None) => Err(Refusal::NotSignedIn),
            (Self::Permission(permission), Some(who)) if who.has_permission(permission) => Ok(()),
            (Self::Permission(permission), Some(_)) => Err(Refusal::Forbidden(permission)),
        }
    }
}

/// Whether a request comes from a script, which wants JSON and a status, rather than from a person's navigation, which
/// wants a page or a redirect.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accepts_json = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            item.split(';')
                .next()
                .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
        });
    let is_no_navigation = headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode.as_bytes() != b"navigate");
    accepts_json || is_no_navigation
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    /// Rules: w17, w28
    #[test]
    fn json_is_wanted_when_it_is_anywhere_in_the_list_or_the_request_is_no_navigation() {
        assert!(wants_json(&headers(&[(
            "accept",
            "text/plain, Application/JSON;q=0.9, */*"
        )])));
        assert!(wants_json(&headers(&[
            ("accept", "*/*"),
            ("sec-fetch-mode", "cors")
        ])));
        assert!(!wants_json(&headers(&[
            ("accept", "text/html, */*"),
            ("sec-fetch-mode", "navigate")
        ])));
        assert!(!wants_json(&headers(&[("accept", "text/html")])));
        assert!(!wants_json(&headers(&[])));
    }

    #[test]
    fn nobody_passes_only_where_anyone_may() {
        assert_eq!(Access::Anyone.check(None), Ok(()));
        assert_eq!(Access::SignedIn.check(None), Err(Refusal::NotSignedIn));
        assert_eq!(Access::Permission("a:b").check(None), Err(Refusal::NotSignedIn));
    }
}
