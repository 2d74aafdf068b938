//! Somebody for tests to sign in.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Origin, SignedIn, Tokens, User};
use crate::secret::{AccessToken, IdToken, RefreshToken};

/// Ada of Acme, who signed in at `now`, with tokens for five minutes and a session for a day.
pub(crate) fn somebody(now: OffsetDateTime) -> SignedIn {
    let now = now.replace_nanosecond(0).unwrap();
    let claims = json!({
        "iss": "https://provider.example",
        "sub": "usr_ada",
        "sid": "ses_ada",
        "oid": "org_acme",
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
    });
    SignedIn {
        user: User {
            sub: "usr_ada".to_owned(),
            email: Some("ada@acme.example".to_owned()),
            name: Some("Ada Lovelace".to_owned()),
            given_name: None,
            family_name: None,
            preferred_username: None,
            claims: claims.as_object().cloned().unwrap(),
        },
        tokens: Tokens {
            access_token: AccessToken::new("first-access-token"),
            refresh_token: Some(RefreshToken::new("first-refresh-token")),
            id_token: IdToken::new("first-id-token"),
            expires_at: now + Duration::minutes(5),
            expires_in: 300,
            renewals: 0,
            id_token_renewal: 0,
            last_renewal: None,
        },
        roles: vec!["member".to_owned()],
        permissions: Vec::new(),
        origin: Origin {
            signed_in_at: now,
            ends_at: now + Duration::hours(24),
            user_agent: "TestBrowser/1.0".to_owned(),
            address: None,
            authenticated_at: None,
            nonce: Some("nonce-of-the-sign-in".to_owned()),
        },
    }
}
