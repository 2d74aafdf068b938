//! Roles, and the permissions that they bring.

use serde::{Deserialize, Serialize};

/// What a member may do in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the organization.
    Admin,
    /// Looks after its people, and works in it.
    Manager,
    /// Works in it.
    Member,
}

impl Role {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Manager, Self::Member];

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The name as it stands in the `roles` claim.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
        }
    }

    /// The permissions that the role brings, inherited ones included, as they stand in the `permissions` claim.
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &[
                "organization:settings",
                "members:manage",
                "sk_org_settings_read",
                "sk_org_settings_manage",
                "sk_org_users_read",
                "sk_org_users_invite",
                "sk_org_users_delete",
                "sk_org_users_role_change",
                "sk_org_sso_read",
                "sk_org_sso_manage",
                "sk_org_scim_read",
                "sk_org_scim_manage",
                "sk_org_session_policy_read",
                "sk_org_session_policy_manage",
                "workspace_data:read",
                "workspace_data:write",
            ],
            Self::Manager => &[
                "organization:settings",
                "sk_org_settings_read",
                "sk_org_users_read",
                "sk_org_users_invite",
                "workspace_data:read",
            ],
            Self::Member => &["workspace_data:read"],
        }
    }

    /// The role that it builds on.
    pub(crate) fn extends(self) -> Option<Self> {
        match self {
            Self::Admin => Some(Self::Manager),
            Self::Manager => Some(Self::Member),
            Self::Member => None,
        }
    }

    /// The permissions that it has of its own.
    pub(crate) fn own_permissions(self) -> impl Iterator<Item = &'static str> {
        let inherited = self.extends().map_or(&[] as &[_], Self::permissions);
        let own = self.permissions().iter().copied();
        own.filter(move |permission| !inherited.contains(permission))
    }

    /// What people call it.
    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Manager => "Manager",
            Self::Member => "Member",
        }
    }

    /// What it is for.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Admin => "Runs the organization: its profile, people, sign-in and policies",
            Self::Manager => "Sees the organization's settings and invites people",
            Self::Member => "Reads the workspace's data",
        }
    }
}
