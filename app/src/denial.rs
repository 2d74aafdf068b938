//! What somebody hears who lacks a permission: which one, which they have, and who can grant it. The page and the JSON
//! say the same.

use std::time::Duration;

use auth::{management::Member, vault::OpenSession};
use serde::Serialize;
use tokio::time::timeout;

use crate::{context::Services, permission::Permission};

/// Nobody waits longer to hear whom to ask.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_ADMINISTRATORS: usize = 5;

/// A refusal, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Denial {
    /// The permissions that are missing.
    pub missing: Vec<&'static str>,
    /// The permissions that the person has.
    pub granted: Vec<String>,
    /// Who can grant what is missing, where the provider says so.
    pub administrators: Vec<Administrator>,
}

/// Somebody to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Administrator {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl Denial {
    /// Explains to the person of `session` that they lack `missing`.
    pub async fn explain(services: &Services, session: &OpenSession, missing: Vec<&'static str>) -> Self {
        let administrators = match (
            services.management.organization(&session.signed_in),
            missing.first(),
        ) {
            (Some(organization), Some(permission)) => {
                let administrators = timeout(PATIENCE, organization.administrators(permission));
                administrators.await.ok().and_then(Result::ok).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Self {
            missing,
            granted: session.signed_in.permissions.clone(),
            administrators: administrators
                .into_iter()
                .take(MOST_ADMINISTRATORS)
                .map(|Member { name, email, .. }| Administrator { name, email })
                .collect(),
        }
    }

    /// What the permission called `name` is for, where this application knows it.
    pub fn purpose(name: &str) -> Option<&'static str> {
        Permission::named(name).map(Permission::purpose)
    }
}
