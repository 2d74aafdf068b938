//! Making the tokens: what goes into them is read under the lock, what costs time (the signatures) happens outside it.

use std::sync::Arc;

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::{TokenError, usable};
use crate::{
    claims::{AccessClaims, ClientClaims, IdClaims, PersonClaims, half_hash},
    environment::Environment,
    keys::SigningKey,
    people::{Membership, Person},
    random,
    store::{
        State as Memory,
        grant::{Grant, Scope},
    },
};

/// The answer of the token endpoint, in the order of a real one's.
#[derive(Serialize)]
pub(super) struct Tokens {
    access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds. One less than the lifetime, as a real environment says 299.
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// What the tokens of a person will say.
pub(super) struct Prepared {
    grant: Arc<Grant>,
    scope: Scope,
    person: Person,
    membership: Membership,
    refresh_token: Option<String>,
    token_id: String,
    access_token_lifetime: Duration,
    id_token_lifetime: Duration,
    key: Arc<SigningKey>,
    now: OffsetDateTime,
}

/// What the tokens are issued for.
pub(super) enum Occasion<'a> {
    /// A code: the ID token is bound to it and answers the nonce.
    Exchange { code: &'a str, nonce: Option<String> },
    /// A refresh: neither is repeated.
    Refresh,
}

/// Reads what goes into the tokens as of now: roles and permissions follow the directory at every refresh. `None` if the
/// session has ended or the person left the organization.
pub(super) fn prepare(
    state: &mut Memory,
    grant: &Arc<Grant>,
    scope: &Scope,
    now: OffsetDateTime,
) -> Option<Prepared> {
    if !usable(state, grant, now) {
        return None;
    }
    let person = state.directory.by_id(&grant.person_id)?.clone();
    let membership = *person.membership(&grant.organization_id)?;
    let token_id = random::id("tkn_");
    state
        .grants
        .access_tokens
        .insert(token_id.clone(), Arc::clone(grant), now);
    let refresh_token = grant
        .scope
        .contains("offline_access")
        .then(|| state.grants.issue_refresh_token(Arc::clone(grant), now));
    Some(Prepared {
        grant: Arc::clone(grant),
        scope: scope.clone(),
        person,
        membership,
        refresh_token,
        token_id,
        access_token_lifetime: state.settings.access_token_lifetime,
        id_token_lifetime: state.settings.id_token_lifetime,
        key: state.keys.current(),
        now,
    })
}

/// Signs the tokens of a person.
pub(super) fn user_tokens(
    environment: &Environment,
    prepared: Prepared,
    occasion: Occasion<'_>,
) -> Result<Tokens, TokenError> {
    let Prepared {
        grant,
        scope,
        person,
        membership,
        token_id,
        key,
        now,
        ..
    } = prepared;
    let client_id = environment.client.id.as_str();
    let issued_at = now.unix_timestamp();
    let (roles, permissions) = AccessClaims::authority(&membership);
    let access_token = key.sign(&AccessClaims {
        iss: &environment.issuer,
        aud: [client_id],
        sub: &person.id,
        oid: &grant.organization_id,
        exp: issued_at.saturating_add(prepared.access_token_lifetime.whole_seconds()),
        iat: issued_at,
        nbf: issued_at,
        jti: &token_id,
        sid: &grant.session_id,
        client_id,
        roles,
        permissions,
        scope: scope.to_string(),
    })?;
    let (code, nonce) = match occasion {
        Occasion::Exchange { code, nonce } => (Some(code), nonce),
        Occasion::Refresh => (None, None),
    };
    let id_token = scope
        .contains("openid")
        .then(|| {
            key.sign(&IdClaims {
                iss: &environment.issuer,
                aud: [client_id],
                azp: client_id,
                sub: &person.id,
                oid: &grant.organization_id,
                exp: issued_at.saturating_add(prepared.id_token_lifetime.whole_seconds()),
                iat: issued_at,
                nonce: nonce.as_deref(),
                at_hash: half_hash(&access_token),
                c_hash: code.map(half_hash),
                amr: [&grant.connection_id],
                person: PersonClaims::new(&person, &scope),
                sid: &grant.session_id,
                client_id,
            })
        })
        .transpose()?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer",
        refresh_token: prepared.refresh_token,
        expires_in: expires_in(prepared.access_token_lifetime),
        id_token,
        scope: Some(scope.to_string()),
    })
}

/// Signs a token for the application itself.
pub(super) fn client_tokens(environment: &Environment, scope: Option<&str>) -> Result<Tokens, TokenError> {
    const LIFETIME: Duration = Duration::days(1);
    let now = environment.now().unix_timestamp();
    let key = environment.state().keys.current();
    let client_id = environment.client.id.as_str();
    let access_token = key.sign(&ClientClaims {
        iss: &environment.issuer,
        sub: client_id,
        aud: [client_id],
        exp: now.saturating_add(LIFETIME.whole_seconds()),
        iat: now,
        nbf: now,
        client_id,
        jti: &random::id("tkn_"),
        scope,
    })?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer",
        refresh_token: None,
        expires_in: expires_in(LIFETIME),
        id_token: None,
        scope: scope.map(str::to_owned),
    })
}

fn expires_in(lifetime: Duration) -> i64 {
    lifetime.whole_seconds().saturating_sub(1).max(0)
}
