//! What an organization's administrators administer, besides its people: profile, features, connections, directories,
//! domains, session policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::timestamp;
use crate::people::{FOUNDED, Organization, organizations};

/// All of them, by the organization's id.
pub(crate) struct Tenants(BTreeMap<&'static str, Tenant>);

/// One organization's.
pub(crate) struct Tenant {
    pub(super) id: &'static str,
    pub(super) display_name: String,
    pub(super) slug: String,
    pub(super) external_id: String,
    pub(super) logo_url: String,
    pub(super) features: BTreeMap<&'static str, bool>,
    pub(super) connections: Vec<Connection>,
    pub(super) directories: Vec<Directory>,
    pub(super) domains: Vec<Domain>,
    pub(super) policy: Policy,
    pub(super) updated_at: i64,
}

/// A single sign-on connection.
pub(super) struct Connection {
    pub(super) id: &'static str,
    pub(super) provider: &'static str,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) enabled: bool,
    pub(super) domains: Vec<&'static str>,
}

/// A directory that people and groups are synchronized from.
pub(super) struct Directory {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    pub(super) enabled: bool,
    pub(super) last_synced_at: i64,
    /// Given and family names.
    pub(super) users: &'static [(&'static str, &'static str)],
    /// Names, with how many users each has.
    pub(super) groups: &'static [(&'static str, usize)],
}

/// A domain of the organization's people.
pub(super) struct Domain {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) status: &'static str,
    pub(super) created_at: i64,
}

/// How long sessions may live.
pub(super) struct Policy {
    pub(super) is_custom: bool,
    pub(super) absolute_minutes: u32,
    pub(super) idle_minutes: u32,
    pub(super) idle_enabled: bool,
}

impl Policy {
    /// The application's own: what an organization has that has not said otherwise.
    pub(super) const APPLICATION: Self = Self {
        is_custom: false,
        absolute_minutes: 30 * 24 * 60,
        idle_minutes: 7 * 24 * 60,
        idle_enabled: true,
    };
}

/// The features that can be switched, as the API names them.
pub(super) const FEATURES: [&str; 4] = ["sso", "dir_sync", "domain_verification", "session_policy"];

const ACME_USERS: [(&str, &str); 6] = [
    ("Ayesha", "Rahman"),
    ("Benoît", "Lefèvre"),
    ("Carmen", "Ortega"),
    ("Dmitri", "Volkov"),
    ("Emeka", "Okafor"),
    ("Freya", "Lindqvist"),
];

impl Tenants {
    pub(crate) fn new() -> Self {
        let tenants = organizations()
            .iter()
            .map(|organization| (organization.id, Tenant::new(organization)));
        Self(tenants.collect())
    }

    pub(super) fn get(&self, id: &str) -> Option<&Tenant> {
        self.0.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Tenant> {
        self.0.get_mut(id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Tenant> {
        self.0.values()
    }
}

impl Tenant {
    fn new(organization: &'static Organization) -> Self {
        let is_first = organizations().first() == Some(organization);
        let domain = Domain {
            id: organization.connection_id.replace("conn_", "dom_"),
            name: organization.domain.to_owned(),
            kind: "ORGANIZATION_DOMAIN".to_owned(),
            status: "VERIFIED",
            created_at: FOUNDED,
        };
        Self {
            id: organization.id,
            display_name: organization.name.to_owned(),
            slug: organization
                .domain
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
            external_id: if is_first {
                "tenant_1042".to_owned()
            } else {
                String::new()
            },
            logo_url: String::new(),
            features: FEATURES.into_iter().map(|name| (name, is_first)).collect(),
            connections: vec![Connection {
                id: organization.connection_id,
                provider: if is_first { "OKTA" } else { "GOOGLE" },
                kind: if is_first { "SAML" } else { "OIDC" },
                status: if is_first { "COMPLETED" } else { "IN_PROGRESS" },
                enabled: is_first,
                domains: vec![organization.domain],
            }],
            directories: if is_first {
                vec![Directory {
                    id: "dir_59615277591445642",
                    name: "Okta directory",
                    provider: "OKTA",
                    enabled: true,
                    last_synced_at: FOUNDED + 86_400,
                    users: &ACME_USERS,
                    groups: &[("Engineering", 4), ("Finance", 2), ("Everyone", 6)],
                }]
            } else {
                Vec::new()
            },
            domains: vec![domain],
            policy: Policy::APPLICATION,
            updated_at: FOUNDED,
        }
    }

    /// As the API shows it.
    pub(super) fn json(&self) -> Value {
        let features: Vec<_> = self
            .features
            .iter()
            .map(|(name, enabled)| json!({ "name": name, "enabled": enabled }))
            .collect();
        json!({
            "id": self.id,
            "display_name": self.display_name,
            "region_code": "EU",
            "external_id": self.external_id,
            "slug": self.slug,
            "logo_url": self.logo_url,
            "metadata": {},
            "settings": { "features": features },
            "create_time": timestamp(FOUNDED),
            "update_time": timestamp(self.updated_at),
        })
    }
}
