//! What a renewal of the tokens brought: the claims that say something else than before.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, serde::rfc3339};

use super::SignedIn;
use crate::{
    claims::Claims,
    client::{Renewal, jose},
};

/// Claims that are other ones in every token: they are about the token, not about the person.
const OF_THE_TOKEN: [&str; 7] = ["exp", "iat", "nbf", "jti", "at_hash", "c_hash", "nonce"];
/// Nobody reads more, and the record is to stay small.
const MOST_CHANGES: usize = 32;

/// A renewal, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRenewal {
    /// When.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// What. Nothing, mostly.
    pub changes: Vec<ClaimChange>,
}

/// A claim that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimChange {
    /// In which token.
    pub token: TokenKind,
    /// Its name.
    pub claim: String,
    /// What it said; `None` if it was not there.
    pub before: Option<Value>,
    /// What it says; `None` if it is gone.
    pub after: Option<Value>,
}

/// One of a session's tokens that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
}

impl LastRenewal {
    /// What `renewal` changes for `session`.
    pub(super) fn new(session: &SignedIn, renewal: &Renewal, now: OffsetDateTime) -> Self {
        let old = |token: &str| jose::payload(token).unwrap_or_default();
        let mut changes = Vec::new();
        // An opaque token has no claims, neither before nor after.
        if !renewal.access_claims.is_empty() {
            let before = old(session.tokens.access_token.expose());
            compare(TokenKind::Access, &before, &renewal.access_claims, &mut changes);
        }
        if let Some(id_token) = &renewal.id_token {
            let before = old(session.tokens.id_token.expose());
            compare(TokenKind::Id, &before, &old(id_token.expose()), &mut changes);
        }
        changes.truncate(MOST_CHANGES);
        Self {
            at: now.replace_nanosecond(0).unwrap_or(now),
            changes,
        }
    }
}

fn compare(token: TokenKind, before: &Claims, after: &Claims, changes: &mut Vec<ClaimChange>) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let names = after.keys().chain(gone);
    let telling = names.filter(|name| !OF_THE_TOKEN.contains(&name.as_str()));
    changes.extend(telling.filter_map(|name| {
        let (before, after) = (before.get(name), after.get(name));
        (before != after).then(|| ClaimChange {
            token,
            claim: name.clone(),
            before: before.cloned(),
            after: after.cloned(),
        })
    }));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_new_other_or_gone_is_a_change_and_the_tokens_own_dates_are_none() {
        let before =
            claims(json!({ "exp": 1, "jti": "a", "roles": ["member"], "plan": "free", "oid": "org_1" }));
        let after = claims(json!({ "exp": 2, "jti": "b", "roles": ["admin"], "oid": "org_1", "team": "x" }));
        let mut changes = Vec::new();
        compare(TokenKind::Access, &before, &after, &mut changes);
        let told: Vec<_> = changes
            .into_iter()
            .map(|change| (change.claim, change.before, change.after))
            .collect();
        let expected = [
            (
                "roles".to_owned(),
                Some(json!(["member"])),
                Some(json!(["admin"])),
            ),
            ("team".to_owned(), None, Some(json!("x"))),
            ("plan".to_owned(), Some(json!("free")), None),
        ];
        assert_eq!(told, expected);
    }
}
