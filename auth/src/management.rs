//! Scalekit's management API: what an organization's administrators may have done to it.
//!
//! [`Management`] holds this application's own token, kept until it ends and asked for by one request at a time (W21).
//! [`Management::organization`] is the way to an organization: it comes from the session and from nowhere else, so that
//! no request can name another one. Every operation has five seconds, its tries included; what is too busy is asked
//! again after a pause, what may have been done already is not.

mod call;
mod connections;
mod directories;
mod domains;
mod error;
mod id;
mod members;
mod organization;
mod people;
mod roles;
mod session_policy;
mod shapes;

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::{sync::Mutex, time::Instant};

pub use connections::{Connection, ConnectionStatus};
pub use directories::{Directory, DirectoryGroup, DirectoryUser};
pub use domains::{Domain, DomainStatus};
pub use error::ManagementError;
pub use id::{ApiId, MalformedId};
pub use members::{Invitation, Member, MemberStatus, MembersQuery};
pub use organization::{Feature, PortalLink, Profile, ProfileChange};
pub use people::{Membership, ProviderSession};
pub use roles::{Role, RoleName, brings_no_more};
pub use session_policy::{PolicyChange, SessionPolicy};
pub use shapes::Listing;

use crate::{client::Client, secret::AccessToken, session::SignedIn};

/// The management API, as this application. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Management {
    client: Client,
    /// Held while a token is asked for, so that everybody else waits for the outcome of that one request.
    token: Arc<Mutex<LastToken>>,
    administrators: Arc<members::Administrators>,
}

/// What came of asking for a token the last time.
#[derive(Debug, Default)]
struct LastToken {
    token: Option<Token>,
    /// When asking failed, and why.
    failure: Option<(Instant, ManagementError)>,
}

/// This application's own token.
#[derive(Debug, Clone)]
struct Token {
    value: AccessToken,
    renewed_at: OffsetDateTime,
}

/// One organization at the management API: that of the person who asks.
#[derive(Debug, Clone)]
pub struct Organization {
    management: Management,
    id: ApiId,
}

impl Management {
    /// The management API of `client`'s provider.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            token: Arc::default(),
            administrators: Arc::default(),
        }
    }

    /// The organization that `session` is signed in to, from its verified `oid` claim; `None` if it is in none.
    pub fn organization(&self, session: &SignedIn) -> Option<Organization> {
        let id = ApiId::parse(session.organization_id()?).ok()?;
        Some(Organization {
            management: self.clone(),
            id,
        })
    }
}

impl Organization {
    /// `org_…`
    pub fn id(&self) -> &ApiId {
        &self.id
    }
}
