//! The claims of the tokens, in the shape that Scalekit documents.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    people::{Membership, Person},
    store::grant::Scope,
};

/// Identity: for the application that asked, to be read once and kept as a hint for logout.
#[derive(Serialize)]
pub(crate) struct IdClaims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: [&'a str; 1],
    pub(crate) azp: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) oid: &'a str,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<&'a str>,
    pub(crate) at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) c_hash: Option<String>,
    pub(crate) amr: [&'a str; 1],
    #[serde(flatten)]
    pub(crate) person: PersonClaims<'a>,
    pub(crate) sid: &'a str,
    pub(crate) client_id: &'a str,
}

/// What the `email` and `profile` scopes reveal, in the ID token and at `/userinfo`.
#[derive(Default, Serialize)]
pub(crate) struct PersonClaims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

impl<'a> PersonClaims<'a> {
    pub(crate) fn new(person: &'a Person, scope: &Scope) -> Self {
        let mut claims = Self::default();
        if scope.contains("email") {
            claims.email = Some(&person.email);
            claims.email_verified = Some(true);
        }
        if scope.contains("profile") {
            claims.name = Some(person.name());
            claims.given_name = Some(&person.given_name);
            claims.family_name = Some(person.family_name.as_ref()).filter(|name| !name.is_empty());
            claims.locale = Some("en");
        }
        claims
    }
}

/// Authority: who may do what where. It carries no name and no address.
#[derive(Serialize)]
pub(crate) struct AccessClaims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: [&'a str; 1],
    pub(crate) sub: &'a str,
    pub(crate) oid: &'a str,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) jti: &'a str,
    pub(crate) sid: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) roles: [&'static str; 1],
    pub(crate) permissions: &'static [&'static str],
    pub(crate) scope: String,
}

impl AccessClaims<'_> {
    /// The role's name and permissions as claims.
    pub(crate) fn authority(membership: &Membership) -> ([&'static str; 1], &'static [&'static str]) {
        ([membership.role.name()], membership.role.permissions())
    }
}

/// A token for the application itself.
#[derive(Serialize)]
pub(crate) struct ClientClaims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) aud: [&'a str; 1],
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) client_id: &'a str,
    pub(crate) jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<&'a str>,
}

/// What this environment reads back from an ID token that comes as a hint.
#[derive(Clone, Deserialize)]
pub(crate) struct HintClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) sid: String,
    /// Only ID tokens have it: an access token is no hint.
    pub(crate) azp: String,
}

/// The left half of the SHA-256 of a token or code: `at_hash` and `c_hash` (OIDC Core 3.1.3.6 and 3.3.2.11).
pub(crate) fn half_hash(value: &str) -> String {
    let hash = digest(&SHA256, value.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().iter().copied().take(16).collect::<Vec<_>>())
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub(crate) fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_matches_the_example_of_rfc_7636() {
        let challenge = code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_half_hash_has_twenty_two_characters() {
        assert_eq!(half_hash("token").len(), 22);
    }
}
