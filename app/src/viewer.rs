//! Who looks at the page, as far as pages need to know. No token is in here, so none can be rendered (promise 1, W14).

use auth::vault::OpenSession;
use leptos::prelude::*;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use crate::{
    permission::Permission,
    tokens::{Remaining, latest_end},
};

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// What to call them.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The subject identifier at the provider.
    pub subject: String,
    /// The organization they signed in to.
    pub organization_id: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// What they may do.
    pub permissions: Vec<String>,
    /// The ID token's claims, ready to show.
    pub claims: Vec<Claim>,
    /// When the page was rendered.
    pub now: Moment,
    /// When they signed in.
    pub signed_in_at: Moment,
    /// When the access token ends.
    pub access_token_ends: Moment,
    /// The access token's whole life, in seconds.
    pub access_token_lifetime: i64,
    /// From when on the next request renews the tokens, if they can be renewed.
    pub renews_at: Option<Moment>,
    /// How often the tokens have been renewed.
    pub renewals: u32,
    /// How long the session lives from now on.
    pub remaining: Remaining,
    /// When the session ends at the latest.
    pub session_ends: Moment,
}

/// One claim of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its value as JSON, or as plain text if it is a string.
    pub value: String,
    /// What it means, where the value alone does not say.
    pub meaning: Option<String>,
}

/// A point in time, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub unix: i64,
    /// RFC 3339.
    pub machine: String,
    /// Such as `23 Nov 2026, 18:26 UTC`.
    pub human: String,
}

/// The signed-in person, if anybody is signed in.
pub fn viewer() -> Option<Viewer> {
    use_context::<Viewer>()
}

impl Viewer {
    /// Whether they have `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions
            .iter()
            .any(|granted| granted == permission.name())
    }

    /// Up to two letters for the avatar.
    pub fn initials(&self) -> String {
        let mut words = self
            .name
            .split_whitespace()
            .filter_map(|word| word.chars().next());
        let first = words.next();
        let last = words.next_back();
        first
            .into_iter()
            .chain(last)
            .flat_map(char::to_uppercase)
            .collect()
    }

    /// The first word of the name, for greeting.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

impl Viewer {
    /// What pages may know of `session`, seen at `now`.
    pub fn new(session: &OpenSession, now: OffsetDateTime) -> Self {
        let signed_in = &session.signed_in;
        let user = &signed_in.user;
        Self {
            name: user.name.clone().unwrap_or_else(|| user.sub.clone()),
            email: user.email.clone(),
            subject: user.sub.clone(),
            organization_id: signed_in.organization_id().map(str::to_owned),
            roles: signed_in.roles.clone(),
            permissions: signed_in.permissions.clone(),
            claims: user
                .claims
                .iter()
                .map(|(name, value)| Claim::new(name, value))
                .collect(),
            now: now.into(),
            signed_in_at: signed_in.origin.signed_in_at.into(),
            access_token_ends: signed_in.tokens.expires_at.into(),
            access_token_lifetime: signed_in.tokens.expires_in,
            renews_at: signed_in
                .tokens
                .refresh_token
                .is_some()
                .then(|| signed_in.tokens.due_at().into()),
            renewals: signed_in.tokens.renewals,
            remaining: Remaining::of(session, now),
            session_ends: latest_end(session).into(),
        }
    }
}

impl Claim {
    fn new(name: &str, value: &auth::claims::Value) -> Self {
        let date = matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at")
            .then(|| {
                value
                    .as_i64()
                    .and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok())
            })
            .flatten();
        Self {
            name: name.to_owned(),
            value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            meaning: date.map(|date| Moment::from(date).human),
        }
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        let human = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        let time = time
            .to_offset(time::UtcOffset::UTC)
            .replace_nanosecond(0)
            .unwrap_or(time);
        Self {
            unix: time.unix_timestamp(),
            machine: time.format(&Rfc3339).unwrap_or_default(),
            human: time.format(&human).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_among_the_claims_are_explained() {
        let claim = Claim::new("exp", &1_742_975_822.into());
        assert_eq!(claim.meaning.as_deref(), Some("26 Mar 2025, 07:57 UTC"));
        assert_eq!(claim.value, "1742975822");
        assert_eq!(Claim::new("sub", &"usr_1".into()).value, "usr_1");
        assert_eq!(Claim::new("aud", &vec!["a"].into()).value, r#"["a"]"#);
        assert_eq!(Claim::new("exp", &"soon".into()).meaning, None);
    }
}
