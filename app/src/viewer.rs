//! Who looks at the page, as far as pages need to know. No token is in here, so none can be rendered (promise 1, W14).

use auth::{devices::Handle, session::LastRenewal, vault::OpenSession};
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::{
    claim::Claim,
    moment::Moment,
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
    /// What their session is called among their others; open pages of another one are out of date.
    pub session: Option<String>,
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
    /// When the tokens were received.
    pub tokens_received: Moment,
    /// What the last renewal changed.
    pub last_renewal: Option<LastRenewal>,
    /// How often the tokens have been renewed.
    pub renewals: u32,
    /// How long the session lives from now on.
    pub remaining: Remaining,
    /// When the session ends at the latest.
    pub session_ends: Moment,
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

    /// Whether they have the role called `role`.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|granted| granted == role)
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
    pub fn new(session: &OpenSession, handle: Option<Handle>, now: OffsetDateTime) -> Self {
        let signed_in = &session.signed_in;
        let user = &signed_in.user;
        Self {
            name: user.name.clone().unwrap_or_else(|| user.sub.clone()),
            email: user.email.clone(),
            subject: user.sub.clone(),
            session: handle.map(|handle| handle.as_str().to_owned()),
            organization_id: signed_in.organization_id().map(str::to_owned),
            roles: signed_in.roles.clone(),
            permissions: signed_in.permissions.clone(),
            claims: user
                .claims
                .iter()
                .map(|(name, value)| Claim::new(name, value, now))
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
            tokens_received: signed_in.tokens.received_at().into(),
            last_renewal: signed_in.tokens.last_renewal.clone(),
            renewals: signed_in.tokens.renewals,
            remaining: Remaining::of(session, now),
            session_ends: latest_end(session).into(),
        }
    }
}
