//! Who may see what, decided before anything renders.

use http::{HeaderMap, header::ACCEPT};
use time::OffsetDateTime;

use crate::session::SignedIn;

/// What a route demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Open to all.
    Anyone,
    /// Somebody must be signed in.
    SignedIn,
    /// Somebody must be signed in, and have proved recently who they are.
    RecentSignIn,
    /// Somebody must be signed in and have all these permissions.
    Permissions(Vec<&'static str>),
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("sign in first")]
    NotSignedIn,
    /// The person signed in too long ago for this.
    #[error("the sign-in is not recent")]
    NotRecent,
    /// The person lacks these permissions.
    #[error("the permissions {} are missing", .0.join(", "))]
    Forbidden(Vec<&'static str>),
}

impl Access {
    /// Lets `who` pass at `now`, or says why not.
    pub fn check(&self, who: Option<&SignedIn>, now: OffsetDateTime) -> Result<(), Refusal> {
        match (self, who) {
            (Self::Anyone, _) | (Self::SignedIn, Some(_)) => Ok(()),
            (_, None) => Err(Refusal::NotSignedIn),
            (Self::RecentSignIn, Some(who)) if who.is_recent(now) => Ok(()),
            (Self::RecentSignIn, Some(_)) => Err(Refusal::NotRecent),
            (Self::Permissions(demanded), Some(who)) => {
                let missing = demanded.iter().copied();
                let missing: Vec<_> = missing.filter(|name| !who.has_permission(name)).collect();
                if missing.is_empty() {
                    Ok(())
                } else {
                    Err(Refusal::Forbidden(missing))
                }
            }
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
    use crate::session::fixture;

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

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn nobody_passes_only_where_anyone_may() {
        assert_eq!(Access::Anyone.check(None, NOW), Ok(()));
        for access in [
            Access::SignedIn,
            Access::RecentSignIn,
            Access::Permissions(vec!["a:b"]),
            Access::Permissions(Vec::new()),
        ] {
            assert_eq!(access.check(None, NOW), Err(Refusal::NotSignedIn), "{access:?}");
        }
    }

    #[test]
    fn all_permissions_are_needed_and_those_that_are_missing_are_named() {
        let mut who = fixture::somebody(NOW);
        who.permissions = vec!["a:b".to_owned(), "c:d".to_owned()];
        let check = |demanded: &[&'static str]| Access::Permissions(demanded.to_vec()).check(Some(&who), NOW);
        assert_eq!(check(&["a:b", "c:d"]), Ok(()));
        assert_eq!(
            check(&["a:b", "e:f", "g:h"]),
            Err(Refusal::Forbidden(vec!["e:f", "g:h"]))
        );
        assert_eq!(check(&["a:"]), Err(Refusal::Forbidden(vec!["a:"])));
    }

    #[test]
    fn a_proof_counts_for_ten_minutes_and_a_sign_in_without_one_does_not() {
        let mut who = fixture::somebody(NOW);
        let mut check = |age: Option<i64>| {
            who.origin.authenticated_at = age.map(|minutes| NOW - time::Duration::minutes(minutes));
            Access::RecentSignIn.check(Some(&who), NOW)
        };
        assert_eq!(check(Some(0)), Ok(()));
        assert_eq!(check(Some(10)), Ok(()));
        assert_eq!(check(Some(11)), Err(Refusal::NotRecent));
        assert_eq!(
            check(Some(-5)),
            Err(Refusal::NotRecent),
            "a date that lies ahead proves nothing"
        );
        assert_eq!(check(None), Err(Refusal::NotRecent));
    }
}
